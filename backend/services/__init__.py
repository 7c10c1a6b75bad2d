"""Use cases and transactions; no web framework."""
