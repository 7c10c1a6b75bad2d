from __future__ import annotations

import pytest

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
