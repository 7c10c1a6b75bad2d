"""Texts people type in."""

from __future__ import annotations

import pytest

from backend.core.wording import is_visible


@pytest.mark.parametrize("text", ["", "Gate B", "می\u200cروم", "क्\u200dष", "👨\u200d👩", "北門"])
def test_what_people_write_is_visible(text: str) -> None:
    assert is_visible(text)


@pytest.mark.parametrize("text", ["Gate\nB", "Gate\x00", "\u202eB etaG", "\ud800", "a\u200bb"])
def test_what_hides_or_breaks_text_is_not(text: str) -> None:
    assert not is_visible(text)
