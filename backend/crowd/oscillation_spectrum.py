"""Collective oscillation: a crowd that sways as one body (CROWD-SCIENCE section 4)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backend.core.frame import FloatArray
from backend.core.measurements import Handedness
from backend.crowd.red_noise import fit_red_noise

MIN_PERIODS = 4.2
"""Periods that must fit into the window: 0.07 Hz in 60 s, 0.035 Hz in 120 s."""

WINDOWS_S = (60.0, 120.0)
"""Windows looked at, seconds: the short one tells from 0.07 Hz on, the long one from 0.035 Hz."""

MAX_FREQUENCY_HZ = 0.3
"""Faster than that are steps, gusts in the mast and the limits of tracked velocities."""

MIN_STRENGTH = 8.0
"""Peak over background from which an oscillation is believed (docs/methods/oscillation.md)."""

MIN_SHARE = 0.2
"""Share of the mean velocity's variance the oscillation must make up: a step or a single
stop has a broad spectrum of which no frequency holds so much."""

MIN_HALF_AMPLITUDE = 0.5
"""Amplitude in either half of the window relative to the whole: it must have lasted."""

MIN_AMPLITUDE_MPS = 0.05
"""Below this the motion is within what tracking and a swaying mast produce."""

ORBIT_PHASE_DEG = 45.0
"""Phase between the components from which the motion is an orbit and not a line."""

MAX_MISSING = 0.2
"""Share of the window that may lie in gaps."""

BIN_S = 0.5
"""Samples closer than that are averaged."""

_MAX_SPACING_S = 1.0
_NOISE_BAND_HZ = 0.5
_OVERSAMPLING = 6
_POWER_FLOOR = 2.5e-5
"""Square of 5 mm/s: no background is believed to be quieter."""


@dataclass(frozen=True, slots=True)
class Oscillation:
    """An oscillation found in the mean velocity of a place.

    Attributes:
        period_s: Seconds.
        strength: Power of the peak over the red-noise background there, a ratio.
        amplitude_mps: Highest speed of the swaying motion, m/s (half the major axis of the
            velocity's ellipse).
        phase_deg: Phase by which y lags x at the peak, in axes turned so that both are equally
            strong: +90 = circle anticlockwise, −90 = clockwise (seen from above), 0 = line.
        handedness: An orbit's sense seen from above, LINEAR for less than 45 degrees.
    """

    period_s: float
    strength: float
    amplitude_mps: float
    phase_deg: float
    handedness: Handedness


@dataclass(frozen=True, slots=True)
class Spectrum:
    """Spectrum of one window, for plots and tests.

    Attributes:
        frequency_hz: (F,) float64, Hz.
        power: (F,) float64, sum over both components of the squared amplitude, m²/s².
        background: (F,) float64, what red noise would give, m²/s².
    """

    frequency_hz: FloatArray
    power: FloatArray
    background: FloatArray


class _Window:
    """Velocity over one window: detrended, Hann-weighted, ready to be asked at any frequency.

    Works on the stamps as they are (a weighted Fourier sum), so that uneven sampling and gaps
    need no interpolation.
    """

    def __init__(self, times_s: FloatArray, velocity: FloatArray) -> None:
        span_s = float(times_s[-1] - times_s[0] + np.median(np.diff(times_s)))
        self.span_s = span_s
        middle = (times_s[0] + times_s[-1]) / 2
        self._since = times_s - middle
        self._weight = np.cos(np.pi * self._since / span_s) ** 2
        line = np.stack([np.ones_like(self._since), self._since], axis=1)
        root = np.sqrt(self._weight)[:, None]
        fit = np.linalg.lstsq(line * root, velocity * root, rcond=None)[0]
        self._rest: FloatArray = velocity - line @ fit
        grid = np.arange(2, int(_NOISE_BAND_HZ * span_s) + 1) / span_s
        self._noise = fit_red_noise(grid, self.power(grid) + 1e-12)

    def amplitudes(self, frequency_hz: FloatArray) -> npt.NDArray[np.complex128]:
        """(F, 2) complex amplitudes of x and y, m/s."""
        wave = np.exp(-2j * np.pi * frequency_hz[:, None] * self._since)
        return np.asarray((wave * self._weight) @ self._rest * (2.0 / self._weight.sum()))

    def power(self, frequency_hz: FloatArray) -> FloatArray:
        return np.asarray((np.abs(self.amplitudes(frequency_hz)) ** 2).sum(axis=1))

    def background(self, frequency_hz: FloatArray) -> FloatArray:
        return self._noise.at(frequency_hz) + _POWER_FLOOR

    def share(self, power: float) -> float:
        """Share of the variance that an oscillation of this power makes up."""
        variance = (self._weight[:, None] * self._rest**2).sum() / self._weight.sum()
        return 0.5 * power / max(float(variance), 1e-12)

    def lower_half_amplitude(self, frequency_hz: float) -> float:
        """Root of the power at this frequency in the weaker half of the window, m/s."""
        found = []
        for half in (self._since < 0, self._since >= 0):
            phase = 2 * np.pi * frequency_hz * self._since[half]
            wave = np.stack([np.ones_like(phase), np.cos(phase), np.sin(phase)], axis=1)
            fit = np.linalg.lstsq(wave, self._rest[half], rcond=None)[0]
            found.append(float(np.sqrt((fit[1:] ** 2).sum())))
        return min(found)


def detect_oscillation(
    times_s: FloatArray, velocity: FloatArray, *, is_right_handed: bool = True
) -> Oscillation | None:
    """Look for a collective oscillation in the mean velocity of a place.

    In the last 60 s and the last 120 s, each filled to four fifths at least: linear trend
    removed, Hann window, power of both components summed; the local peak that stands highest
    over a red-noise background fitted to the same spectrum, between 4.2 periods in the time there
    is data for and 0.3 Hz. Believed where the peak is 8 times the background, makes up a fifth
    of the variance, is at least 0.05 m/s, and lasts through both halves of the window. Of two
    windows the stronger finding counts.

    Args:
        times_s: (K,) float64, seconds, increasing; even spacing is not needed, but at most 1 s
            apart as a rule and no more than a fifth of a window in gaps.
        velocity: (K, 2) float64, m/s, ground plane: mean over the people of the place; rows
            with NaN are left out.
        is_right_handed: Whether x, y are right-handed seen from above (y to the left of x).
            False turns the handedness round: a ground plane whose y grows towards the camera
            while x grows to the right is left-handed.

    Returns:
        None where nothing is found, or the data do not fill a window.

    Raises:
        ValueError: The shapes do not agree.

    References:
        Gu et al. 2025, Nature 638, 112–119, doi:10.1038/s41586-024-08514-6. The significance
        test is ours.

    Example:
        >>> t = np.arange(0, 120, 0.5)
        >>> orbit = 0.28 * np.stack([np.cos(2 * np.pi * t / 18), np.sin(2 * np.pi * t / 18)], 1)
        >>> found = detect_oscillation(t, orbit)
        >>> round(found.period_s, 1), round(found.amplitude_mps, 2), round(found.phase_deg)
        (18.0, 0.28, 90)
        >>> found.handedness.value
        'anticlockwise'
    """
    if velocity.shape != (times_s.size, 2):
        raise ValueError(f"expected velocity ({times_s.size}, 2), got {velocity.shape}")
    found = [
        _find(window, is_right_handed=is_right_handed) for window in _windows(times_s, velocity)
    ]
    return max((one for one in found if one), key=lambda one: one.strength, default=None)


def mean_velocity_spectrum(times_s: FloatArray, velocity: FloatArray) -> Spectrum | None:
    """Spectrum of the longest window the data fill; arguments as `detect_oscillation`.

    Returns:
        None where no window is filled.
    """
    windows = _windows(times_s, velocity)
    if not windows:
        return None
    grid = np.arange(2 * _OVERSAMPLING, int(_NOISE_BAND_HZ * windows[-1].span_s) * _OVERSAMPLING)
    frequency = grid / (_OVERSAMPLING * windows[-1].span_s)
    return Spectrum(frequency, windows[-1].power(frequency), windows[-1].background(frequency))


def _windows(times_s: FloatArray, velocity: FloatArray) -> list[_Window]:
    """The windows that end with the last sample and are filled well enough."""
    known = np.isfinite(velocity).all(axis=1)
    times, rows = _average(times_s[known], velocity[known])
    windows = []
    for span_s in WINDOWS_S:
        recent = times > times[-1] - span_s + BIN_S / 2 if times.size else np.zeros(0, np.bool_)
        if _is_filled(times[recent], span_s):
            windows.append(_Window(times[recent], rows[recent]))
    return windows


def _average(times_s: FloatArray, velocity: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean stamp and velocity of the samples in every bin of half a second."""
    if times_s.size == 0:
        return times_s, velocity
    cell = np.floor((times_s - times_s[-1]) / BIN_S + 1e-6).astype(np.int64)
    _, index, count = np.unique(cell, return_inverse=True, return_counts=True)
    mean = np.stack(
        [np.bincount(index, row) / count for row in (times_s, velocity[:, 0], velocity[:, 1])]
    )
    return mean[0], mean[1:].T


def _is_filled(times_s: FloatArray, span_s: float) -> bool:
    if times_s.size < 2:
        return False
    step = np.diff(times_s)
    usual = float(np.median(step))
    gaps = np.maximum(step - 1.5 * usual, 0.0).sum() + (span_s - (times_s[-1] - times_s[0]) - usual)
    return usual <= _MAX_SPACING_S + 1e-6 and float(gaps) <= MAX_MISSING * span_s


def _find(window: _Window, *, is_right_handed: bool) -> Oscillation | None:
    """The oscillation of one window, None where it fails any of the tests."""
    lowest = MIN_PERIODS / window.span_s
    step = 1 / (_OVERSAMPLING * window.span_s)
    grid = np.arange(lowest - step, MAX_FREQUENCY_HZ + 2 * step, step)
    power = window.power(grid)
    over = power / window.background(grid)
    is_peak = np.zeros(grid.size, np.bool_)
    is_peak[1:-1] = (power[1:-1] >= power[:-2]) & (power[1:-1] > power[2:])
    best = int(np.where(is_peak, over, 0.0).argmax())
    if not is_peak[best]:
        return None
    frequency = _refine(grid, power, best)
    amplitude = window.amplitudes(np.array([frequency]))[0]
    total = float((np.abs(amplitude) ** 2).sum())
    strength = total / float(window.background(np.array([frequency]))[0])
    forward, backward = _rotary(amplitude)
    lasts = window.lower_half_amplitude(frequency) >= MIN_HALF_AMPLITUDE * math.sqrt(total)
    if (
        strength < MIN_STRENGTH
        or window.share(total) < MIN_SHARE
        or forward + backward < MIN_AMPLITUDE_MPS
        or not lasts
    ):
        return None
    sense = 1.0 if is_right_handed else -1.0
    turn = sense * (forward**2 - backward**2) / (forward**2 + backward**2)
    phase = math.degrees(math.asin(min(max(turn, -1.0), 1.0)))
    return Oscillation(1 / frequency, strength, forward + backward, phase, _handedness(phase))


def _refine(grid: FloatArray, power: FloatArray, best: int) -> float:
    """Vertex of the parabola through a peak and its neighbours (of the log power)."""
    low, mid, high = np.log(power[best - 1 : best + 2] + 1e-300)
    bend = low - 2 * mid + high
    shift = 0.5 * (low - high) / bend if bend < 0 else 0.0
    return float(grid[best] + shift * (grid[1] - grid[0]))


def _rotary(amplitude: npt.NDArray[np.complex128]) -> tuple[float, float]:
    """Amplitudes of the anticlockwise and the clockwise part of ``x + iy``."""
    x, y = amplitude
    return float(abs(x + 1j * y)) / 2, float(abs(x.conjugate() + 1j * y.conjugate())) / 2


def _handedness(phase_deg: float) -> Handedness:
    if abs(phase_deg) < ORBIT_PHASE_DEG:
        return Handedness.LINEAR
    return Handedness.ANTICLOCKWISE if phase_deg > 0 else Handedness.CLOCKWISE
