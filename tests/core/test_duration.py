"""Lengths of time in words."""

from __future__ import annotations

import pytest

from backend.core.duration import age_words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-3, "0 s"), (12.9, "12 s"), (200, "3 min 20 s"), (7500, "2 h 05 min")],
)
def test_the_larger_unit_comes_first(seconds: float, words: str) -> None:
    assert age_words(seconds) == words
