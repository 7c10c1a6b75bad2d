from __future__ import annotations

import pytest

from backend.crowd.counting import Tally
from backend.crowd.surge import Surge, SurgeWindow, compute_surge, smaller_surge


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


def _spread_out(t: float, *, more: float = 0.0) -> Tally:
    """100 people who spread out from 100 s on, within 15 s; ``more`` come meanwhile.

    Boxes saw 60 of the dense crowd and see everybody in the open; the map sees everybody.
    """
    out = min(max((t - 100) / 15, 0.0), 1.0)
    people = 100 + more * out
    return Tally(60 + (people - 60) * out, people, 1 - out, people)


def test_a_hand_over_back_to_boxes_is_no_surge() -> None:
    window = SurgeWindow()
    for t in range(200):
        found = window.update(_spread_out(t), 15, stream_time_s=t)
        assert found is None or (found.relative, found.is_significant) == (0, False)
    assert found is not None


@pytest.mark.parametrize("more", [60.0, -50.0])
def test_a_real_surge_during_a_hand_over_back_to_boxes_is_one(more: float) -> None:
    window = SurgeWindow()
    for t in range(132):
        found = window.update(_spread_out(t, more=more), 15, stream_time_s=t)
    assert found is not None
    if more > 0:
        assert (found.relative, found.is_significant) == (pytest.approx(0.6), True)
    else:
        # 60 by boxes then, 50 now: what boxes tell alone is no certain drop
        assert (found.relative, found.is_significant) == (pytest.approx(-1 / 6), False)


def test_a_change_told_with_two_signs_is_none() -> None:
    assert not smaller_surge(Surge(0.6, True), Surge(-0.5, True)).is_significant
    assert not smaller_surge(Surge(0.6, True), Surge(0.2, False)).is_significant


def test_while_the_map_fades_what_was_counted_is_kept() -> None:
    """The map is lost at 100 s; the count of 100 goes back to the boxes' 40 within 4 s."""
    window = SurgeWindow()
    for t in range(200):
        share = min(max(1 - (t - 100) / 4, 0.0), 1.0)
        tally = Tally(40, 100 if t < 100 else None, share, 40 + 60 * share)
        found = window.update(tally, 15, stream_time_s=t)
        assert found is None or not found.is_significant
    assert found == Surge(0, False)
