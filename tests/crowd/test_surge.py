from __future__ import annotations

import pytest

from backend.crowd.counting import Tally
from backend.crowd.surge import Surge, SurgeWindow, compute_surge


def _run(profile: list[tuple[float, float]], *, rate: float, margin: float | None) -> Surge | None:
    """Play (duration_s, count) stretches and return the last surge."""
    window = SurgeWindow()
    surge, elapsed = None, 0
    for duration, count in profile:
        for _ in range(round(duration * rate)):
            surge = window.update(count, margin, stream_time_s=elapsed / rate)
            elapsed += 1
    return surge


@pytest.mark.parametrize("rate", [0.2, 1, 10, 25])
def test_compares_medians_at_any_frame_rate(rate: float) -> None:
    surge = _run([(70, 100), (40, 160)], rate=rate, margin=20)
    assert surge == Surge(pytest.approx(0.6), True)


def test_none_until_ninety_seconds_were_seen() -> None:
    assert _run([(89, 50)], rate=5, margin=5) is None
    assert _run([(92, 50)], rate=5, margin=5) == Surge(0.0, False)


def test_one_wild_second_is_no_surge() -> None:
    assert _run([(100, 50), (1, 500), (9, 50)], rate=5, margin=5) == Surge(0.0, False)


@pytest.mark.parametrize(
    ("now", "before", "margin", "expected"),
    [
        (9, 3, 1, False),
        (10, 6, 3, True),
        (30, 20, 12, False),
        (30, 20, None, False),
        (20, 40, 10, True),
    ],
)
def test_significance(now: float, before: float, margin: float | None, expected: bool) -> None:
    assert compute_surge(now, before, margin=margin).is_significant is expected


def test_a_place_that_was_empty_has_a_surge() -> None:
    assert compute_surge(25, 0, margin=6) == Surge(25.0, True)


def test_a_new_segment_starts_afresh() -> None:
    window = SurgeWindow()
    for t in range(100):
        window.update(10, 1, stream_time_s=t)
    window.clear()
    assert window.update(90, 1, stream_time_s=0) is None


def test_a_hand_over_between_counters_is_no_surge_and_growth_behind_it_is() -> None:
    """Boxes see 40 throughout, the map 100 and later 160; the count moves from one to the other."""
    window = SurgeWindow()
    for t in range(100):
        steady = window.update(Tally(40, 100, min(t / 90, 1)), 10, stream_time_s=t)
    assert steady is not None
    assert (steady.relative, steady.is_significant) == (pytest.approx(0), False)
    for t in range(100, 131):
        grown = window.update(Tally(40, 160, 1), 10, stream_time_s=t)
    assert grown is not None
    assert (grown.relative, grown.is_significant) == (pytest.approx(0.6), True)


def test_seconds_the_map_knows_nothing_of_are_left_out_while_it_counts() -> None:
    window = SurgeWindow()
    for t in range(100):
        window.update(Tally(40), 10, stream_time_s=t)
    for t in range(100, 190):
        found = window.update(Tally(40, 100, 1), 10, stream_time_s=t)
        assert found is None or not found.is_significant
    assert found == Surge(0, False)
