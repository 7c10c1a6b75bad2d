"""Counting dense crowds by density maps: networks, counters and head positions."""
