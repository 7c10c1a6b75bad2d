from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.risk.sustain import MAX_CREDITED_GAP_S, SustainTimer


def _run(stretches: list[tuple[float, float]], *, rate: float, limit: float = 6.0) -> SustainTimer:
    """Play (duration_s, value) stretches, then one frame more of the last value."""
    timer = SustainTimer()
    values = [value for seconds, value in stretches for _ in range(round(seconds * rate))]
    for k, value in enumerate([*values, stretches[-1][1]]):
        timer.update(
            is_above=value >= limit,
            is_held=value >= 0.85 * limit,
            elapsed_s=0 if k == 0 else 1 / rate,
            reset_s=30.0,
        )
    return timer


@given(rate=st.integers(1, 50))
def test_runs_holds_and_resets_the_same_at_any_frame_rate(rate: int) -> None:
    assert _run([(4, 7)], rate=rate).running_s == pytest.approx(4)
    assert _run([(4, 7), (60, 5.5)], rate=rate).running_s == pytest.approx(4)
    assert _run([(4, 7), (29, 1)], rate=rate).running_s == pytest.approx(4)
    assert _run([(4, 7), (31, 1)], rate=rate).running_s == 0
    assert _run([(1, 6.1), (1, 5.9)] * 3, rate=rate).running_s == pytest.approx(3)


def test_time_below_must_be_on_end() -> None:
    assert _run([(4, 7), (20, 1), (1, 5.5), (20, 1)], rate=5).running_s == pytest.approx(4)


def test_one_frame_vouches_for_two_seconds_at_most() -> None:
    timer = SustainTimer()
    timer.update(is_above=True, is_held=True, elapsed_s=0, reset_s=30)
    running = timer.update(is_above=True, is_held=True, elapsed_s=600, reset_s=30)
    assert running == MAX_CREDITED_GAP_S


def test_a_stall_resets_nothing() -> None:
    timer = _run([(4, 7), (1, 1)], rate=5)
    timer.update(is_above=False, is_held=False, elapsed_s=600, reset_s=30)
    assert timer.running_s == pytest.approx(4)
    assert not timer.has_reset
