from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.core.frame import FloatArray
from backend.core.measurements import Handedness
from backend.crowd.oscillation import (
    Oscillation,
    OscillationWindow,
    body_velocity,
    detect_oscillation,
)
from backend.crowd.oscillation_spectrum import mean_velocity_spectrum

TIMES_S = np.arange(0, 120, 0.5)


def _sway(
    times_s: FloatArray,
    *,
    period_s: float = 18.0,
    speed: float = 0.28,
    ratio: float = 1.0,
    turn: float = 0.0,
    noise: float = 0.05,
    seed: int = 1,
) -> FloatArray:
    """Elliptic motion; ``ratio`` = minor over major axis, negative = clockwise."""
    phase = 2 * math.pi * times_s / period_s
    own = speed * np.stack([np.cos(phase), ratio * np.sin(phase)], axis=1)
    axes = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    rng = np.random.default_rng(seed)
    return own @ axes + rng.normal(0, noise, (times_s.size, 2))


def _found(times_s: FloatArray, velocity: FloatArray) -> Oscillation:
    found = detect_oscillation(times_s, velocity)
    assert found is not None
    return found


@pytest.mark.parametrize("period_s", [5.0, 12.0, 18.0, 25.0])
def test_period_amplitude_and_sense_of_an_orbit(period_s: float) -> None:
    found = _found(TIMES_S, _sway(TIMES_S, period_s=period_s))
    assert found.period_s == pytest.approx(period_s, rel=0.05)
    assert found.amplitude_mps == pytest.approx(0.28, rel=0.15)
    assert found.handedness is Handedness.ANTICLOCKWISE
    assert found.phase_deg > 75
    assert found.strength > 50


@pytest.mark.parametrize(
    ("ratio", "expected"),
    [
        (1.0, Handedness.ANTICLOCKWISE),
        (-1.0, Handedness.CLOCKWISE),
        (-0.6, Handedness.CLOCKWISE),
        (0.1, Handedness.LINEAR),
        (0.0, Handedness.LINEAR),
    ],
)
@pytest.mark.parametrize("turn", [0.0, 0.9, 2.5])
def test_handedness_whatever_the_axes(ratio: float, expected: Handedness, turn: float) -> None:
    velocity = _sway(TIMES_S, ratio=ratio, turn=turn, noise=0.02)
    assert _found(TIMES_S, velocity).handedness is expected
    left_handed = detect_oscillation(TIMES_S, velocity, is_right_handed=False)
    assert left_handed is not None
    opposite = {
        Handedness.ANTICLOCKWISE: Handedness.CLOCKWISE,
        Handedness.CLOCKWISE: Handedness.ANTICLOCKWISE,
        Handedness.LINEAR: Handedness.LINEAR,
    }
    assert left_handed.handedness is opposite[expected]


@settings(max_examples=12, deadline=None)
@given(
    period_s=st.floats(6, 27),
    turn=st.floats(0, 2 * math.pi),
    start_s=st.floats(0, 1e5),
    drift=st.tuples(st.floats(-1.5, 1.5), st.floats(-1.5, 1.5)),
)
def test_a_steady_walk_turned_axes_and_another_clock_change_nothing(
    period_s: float, turn: float, start_s: float, drift: tuple[float, float]
) -> None:
    plain = _found(TIMES_S, _sway(TIMES_S, period_s=period_s))
    axes = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    moved = _found(TIMES_S + start_s, _sway(TIMES_S, period_s=period_s) @ axes + drift)
    assert moved.period_s == pytest.approx(plain.period_s, rel=1e-3)
    assert moved.phase_deg == pytest.approx(plain.phase_deg, abs=0.5)
    assert moved.strength == pytest.approx(plain.strength, rel=1e-2)


def test_uneven_samples_and_gaps_of_a_fifth() -> None:
    rng = np.random.default_rng(4)
    fine = np.sort(rng.uniform(0, 120, 600))
    kept = fine[(fine < 40) | (fine > 58)]
    found = _found(kept, _sway(kept))
    assert found.period_s == pytest.approx(18.0, rel=0.05)
    assert found.handedness is Handedness.ANTICLOCKWISE


def test_a_slow_stream_of_one_sample_a_second_suffices() -> None:
    times = np.arange(0, 121, 1.0)
    assert _found(times, _sway(times)).period_s == pytest.approx(18.0, rel=0.05)


def test_too_many_gaps_too_few_periods_or_too_little_time_are_unknown() -> None:
    holes = TIMES_S[(TIMES_S < 30) | (TIMES_S > 80)]
    assert detect_oscillation(holes, _sway(holes)) is None
    assert detect_oscillation(TIMES_S, _sway(TIMES_S, period_s=40.0)) is None
    assert detect_oscillation(TIMES_S[:180], _sway(TIMES_S[:180])) is None
    assert detect_oscillation(np.zeros(0), np.zeros((0, 2))) is None
    assert detect_oscillation(TIMES_S, np.full((240, 2), np.nan)) is None


def test_the_short_window_is_enough_for_a_fast_one() -> None:
    short = TIMES_S[:120]
    assert _found(short, _sway(short, period_s=12.0)).period_s == pytest.approx(12.0, rel=0.05)


def _step(times_s: FloatArray, at_s: float) -> FloatArray:
    return np.asarray(1 / (1 + np.exp(-(times_s - at_s))))


@pytest.mark.parametrize(
    "speed",
    [
        lambda t: 0.8 + 0 * t,
        lambda t: 0.8 - 0.6 * t / 120,
        lambda t: 0.8 * (1 - _step(t, 50) + _step(t, 62)),
        lambda t: 0.8 * (1 - _step(t, 50) + _step(t, 80)),
        lambda t: 0.8 - 1.6 * _step(t, 64),
        lambda t: 0.8 * _step(t, 95),
        lambda t: 0.03 * np.sin(2 * np.pi * t / 18),
    ],
    ids=["steady", "slowing", "stop-and-go", "long stop", "turning round", "setting off", "faint"],
)
@pytest.mark.parametrize("seed", range(5))
def test_not_fooled(speed: Callable[[FloatArray], FloatArray], seed: int) -> None:
    along = speed(TIMES_S)
    rng = np.random.default_rng(seed)
    velocity = np.stack([along, 0.3 * along], axis=1) + rng.normal(0, 0.03, (240, 2))
    assert detect_oscillation(TIMES_S, velocity) is None


@pytest.mark.parametrize("memory_s", [0.0, 1.0, 3.0, 10.0])
def test_white_and_red_noise_are_no_oscillation(memory_s: float) -> None:
    rng = np.random.default_rng(11)
    keep = math.exp(-0.5 / memory_s) if memory_s else 0.0
    false_alarms = 0
    for _ in range(100):
        push = rng.normal(0, 0.2 * math.sqrt(1 - keep**2), (240, 2))
        velocity = np.zeros((240, 2))
        for k in range(1, 240):
            velocity[k] = keep * velocity[k - 1] + push[k]
        false_alarms += detect_oscillation(TIMES_S, velocity) is not None
    assert false_alarms <= 1


def test_the_spectrum_peaks_at_the_period_over_its_background() -> None:
    spectrum = mean_velocity_spectrum(TIMES_S, _sway(TIMES_S))
    assert spectrum is not None
    peak = int(spectrum.power.argmax())
    assert 1 / spectrum.frequency_hz[peak] == pytest.approx(18.0, rel=0.05)
    assert spectrum.power[peak] == pytest.approx(2 * 0.28**2, rel=0.1)
    assert np.median(spectrum.power / spectrum.background) < 1
    assert mean_velocity_spectrum(TIMES_S[:20], _sway(TIMES_S[:20])) is None


def test_shapes_must_agree() -> None:
    with pytest.raises(ValueError, match="expected velocity"):
        detect_oscillation(TIMES_S, np.zeros((3, 2)))


def _play(window: OscillationWindow, times_s: FloatArray, velocity: FloatArray) -> list[bool]:
    return [
        window.update(v, total_s=float(t), is_new_segment=k == 0) is not None
        for k, (t, v) in enumerate(zip(times_s, velocity, strict=True))
    ]


@pytest.mark.parametrize("rate_hz", [4.0, 12.5, 30.0])
def test_the_window_finds_the_orbit_of_five_per_square_metre(rate_hz: float) -> None:
    """500 people on a circle of 0.8 m, 18 s a turn, each with noise of their own."""
    times = 1000 + np.arange(0, 130, 1 / rate_hz)
    rng = np.random.default_rng(6)
    mean = _sway(times, noise=0.0) + rng.normal(0, 0.4 / math.sqrt(500), (times.size, 2))
    window = OscillationWindow()
    found = _play(window, times, mean)
    # Four periods are 72 s; the long window may lack a fifth of its 120 s.
    assert not any(found[: int(72 * rate_hz)])
    assert all(found[int(98 * rate_hz) :])
    last = window.update(mean[-1], total_s=float(times[-1]), is_new_segment=False)
    assert last is not None
    assert last.period_s == pytest.approx(18.0, rel=0.05)
    assert last.handedness is Handedness.ANTICLOCKWISE


def test_a_new_segment_starts_afresh() -> None:
    times = np.arange(0, 125, 0.25)
    window = OscillationWindow()
    assert _play(window, times, _sway(times))[-1]
    assert window.update(None, total_s=125.0, is_new_segment=True) is None
    again = [
        window.update(v, total_s=125 + float(t), is_new_segment=False)
        for t, v in zip(times[:200], _sway(times)[:200], strict=True)
    ]
    assert again == [None] * 200


def test_without_a_velocity_it_is_soon_unknown() -> None:
    times = np.arange(0, 125, 0.25)
    window = OscillationWindow()
    _play(window, times, _sway(times))
    later = [window.update(None, total_s=125 + 0.25 * k, is_new_segment=False) for k in range(40)]
    assert later[0] is not None
    assert later[-1] is None


def test_memory_stays_bounded() -> None:
    window = OscillationWindow()
    for k in range(1000):
        window.update(np.zeros(2), total_s=0.4 * k, is_new_segment=False)
    assert len(window) <= 242


def test_a_handful_of_people_is_no_body() -> None:
    velocity = np.tile([0.3, 0.1], (12, 1))
    velocity[0] = np.nan
    found = body_velocity(velocity)
    assert found is not None
    assert found == pytest.approx([0.3, 0.1])
    assert body_velocity(velocity[:10]) is None
    assert body_velocity(np.zeros((0, 2))) is None
