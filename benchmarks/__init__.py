"""Measurements behind ``make bench``; nothing here is asserted in tests."""
