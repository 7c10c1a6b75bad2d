"""Spot counts: people count one picture, which says how far the measured number is off."""
