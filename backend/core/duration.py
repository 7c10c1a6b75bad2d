"""Lengths of time in the words of every page, picture and message."""

from __future__ import annotations


def age_words(age_s: float) -> str:
    """Return "12 s", "3 min 20 s" or "2 h 05 min"."""
    seconds = max(int(age_s), 0)
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60:02d} s"
    return f"{seconds // 3600} h {seconds // 60 % 60:02d} min"
