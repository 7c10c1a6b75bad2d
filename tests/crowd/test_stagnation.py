from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from backend.crowd.stagnation import StagnationTimer


def _after(seconds: float, *, rate_hz: float, density: float = 4.0, speed: float = 0.05) -> bool:
    timer = StagnationTimer()
    verdict = timer.update(density, speed, elapsed_s=0.0)
    for _ in range(round(seconds * rate_hz)):
        verdict = timer.update(density, speed, elapsed_s=1 / rate_hz)
    return verdict


@settings(max_examples=40, deadline=None)
@given(st.sampled_from([0.5, 1.0, 2.0, 5.0, 12.5, 25.0, 50.0]))
def test_takes_ten_seconds_at_any_frame_rate(rate_hz: float) -> None:
    assert not _after(8.0, rate_hz=rate_hz)
    assert _after(10.0, rate_hz=rate_hz)


def test_limits() -> None:
    assert _after(11, rate_hz=5, density=2.0, speed=0.199)
    assert not _after(60, rate_hz=5, density=1.99)
    assert not _after(60, rate_hz=5, speed=0.2)


def _run(
    timer: StagnationTimer, seconds: float, density: float | None, speed: float | None
) -> bool:
    verdict = False
    for _ in range(round(seconds * 5)):
        verdict = timer.update(density, speed, elapsed_s=0.2)
    return verdict


def test_a_short_unknown_neither_runs_nor_resets() -> None:
    timer = StagnationTimer()
    _run(timer, 6.2, 4.0, 0.1)
    _run(timer, 2.8, 4.0, None)
    assert not _run(timer, 3.8, 4.0, 0.1)
    assert _run(timer, 0.4, 4.0, 0.1)


def test_a_long_unknown_resets() -> None:
    timer = StagnationTimer()
    assert _run(timer, 11, 4.0, 0.1)
    assert _run(timer, 3.0, None, 0.1)
    assert not _run(timer, 0.2, None, 0.1)
    assert not _run(timer, 9.8, 4.0, 0.1)
    assert _run(timer, 0.4, 4.0, 0.1)


def test_seconds_nobody_saw_do_not_count() -> None:
    timer = StagnationTimer()
    timer.update(4.0, 0.1, elapsed_s=0.0)
    assert not timer.update(4.0, 0.1, elapsed_s=15.0)


def test_a_narrow_miss_holds_a_clear_one_resets() -> None:
    timer = StagnationTimer()
    assert _run(timer, 11, 2.1, 0.19)
    assert _run(timer, 2, 1.8, 0.22)
    assert not _run(timer, 0.2, 2.1, 0.3)
    assert not _run(timer, 9.8, 2.1, 0.19)


def test_nobody_there_resets_and_clear_forgets() -> None:
    timer = StagnationTimer()
    _run(timer, 11, 4.0, 0.1)
    assert not _run(timer, 0.2, 0.0, None)
    _run(timer, 11, 4.0, 0.1)
    timer.clear()
    assert not _run(timer, 0.2, 4.0, 0.1)
