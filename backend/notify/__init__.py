"""Outbox dispatcher and channels."""
