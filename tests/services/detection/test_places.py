"""So many at once, and a word on when to come back."""

from __future__ import annotations

import pytest

from backend.core.errors import UnavailableError
from backend.services.detection.places import Places


def test_who_finds_no_place_is_told_when_to_come_back() -> None:
    places = Places(2, busy="Come back.", retry_after_s=7)
    with places.take(), places.take():
        with pytest.raises(UnavailableError, match="Come back") as refused, places.take():
            pass
        assert refused.value.retry_after_s == 7


def test_a_place_is_free_again_whatever_happened_in_it() -> None:
    places = Places(1, busy="Come back.", retry_after_s=1)
    with pytest.raises(ZeroDivisionError), places.take():
        raise ZeroDivisionError
    with places.take(wait_s=0.1):
        pass
