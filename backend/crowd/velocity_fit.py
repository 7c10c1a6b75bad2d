"""Least-squares velocity of a track with its error (CROWD-SCIENCE section 3)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backend.core.frame import FloatArray

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]

MIN_SPAN_S = 0.8
MIN_FRAMES = 3
MAX_SPAN_S = 2.0
_STAMP_TOLERANCE_S = 1e-3

MAX_HUMAN_SPEED_MPS = 12.0
"""No pedestrian is faster, m/s (the fastest sprint measured peaks near 12.3 m/s)."""

JUMP_SIGMAS = 6.0
"""How far, in standard deviations of its other steps, a step may lie beyond the fastest run."""

MAX_CORRELATION = 0.85
"""Highest correlation of successive residuals believed: the error grows at most 3.5 times."""

MIN_CORRECTED_SAMPLES = 8.0
"""The correction of that correlation for short fits goes no further than this many samples."""

MIN_SPARE_SHARE = 0.5
"""Fewest degrees of freedom left by correlation, as a share of those without it."""


@dataclass(frozen=True, slots=True)
class VelocityFit:
    """Velocities of N tracks with their errors, row for row.

    Attributes:
        velocity: (N, 2) float64, position unit per second, NaN where undefined.
        standard_error: (N,) float64, standard error of either component, position unit per
            second; NaN where undefined or where a fit has no sample to spare.
        is_jump: (N,) bool: a velocity could be computed but was refused, because no person moves
            like that (an identity handed to somebody else, a box that leapt).
    """

    velocity: FloatArray
    standard_error: FloatArray
    is_jump: BoolArray

    @property
    def speed(self) -> FloatArray:
        """(N,) float64, length of each velocity, NaN where undefined."""
        return np.asarray(np.hypot(self.velocity[:, 0], self.velocity[:, 1]))

    def without_noise_bias(self) -> VelocityFit:
        """The same headings with the length that the errors add taken off.

        The length of a noisy vector is too long on average: a person who stands still seems to
        drift, one who walks at v seems faster by about ``e²/2v``. ``sqrt(|v|² − e²)`` takes that
        off (0 where the error is the longer one). For speeds of people; what subtracts noise by
        itself, as crowd pressure does, takes the fit as it is.

        Returns:
            A fit with shorter velocities; unchanged where the error is not known.

        References:
            Gudbjartsson & Patz 1995, Magn. Reson. Med. 34:910 (Rician bias and its correction).

        Example:
            >>> fit = VelocityFit(np.array([[0.6, 0.8]]), np.array([0.6]), np.array([False]))
            >>> fit.without_noise_bias().speed.round(3).tolist()
            [0.8]
        """
        length = self.speed
        error = np.nan_to_num(self.standard_error)
        kept = np.sqrt(np.maximum(length**2 - error**2, 0.0))
        share = np.divide(kept, length, out=np.ones_like(length), where=length > 0)
        return VelocityFit(self.velocity * share[:, None], self.standard_error, self.is_jump)


@dataclass(frozen=True, slots=True)
class _Samples:
    """What the fits run over, all (N, K) but the last two (N,)."""

    used: BoolArray
    centred_s: FloatArray
    offset: FloatArray
    square_s2: FloatArray
    total: FloatArray


def velocities(
    times_s: FloatArray,
    positions: FloatArray,
    *,
    min_span_s: float = MIN_SPAN_S,
    min_frames: int = MIN_FRAMES,
    max_span_s: float = MAX_SPAN_S,
) -> FloatArray:
    """Least-squares velocity of every track at the last instant.

    The fit runs over the newest samples of a track that together span at least ``min_span_s``
    *and* number at least ``min_frames`` ("the longer of 0.8 s and 3 frames"). Where that takes
    more than ``max_span_s``, or the track is too young, or it is not seen now, the velocity is
    undefined. Only time stamps enter, so a dropped frame changes no speed.

    Args:
        times_s: (K,) float64, seconds, strictly increasing.
        positions: (N, K, 2) float64, any length unit, NaN where a track was not seen.
        min_span_s: Shortest span of a fit, seconds.
        min_frames: Fewest samples of a fit, at least 2.
        max_span_s: Longest span of a fit, seconds.

    Returns:
        (N, 2) float64, position unit per second, NaN where undefined. (0, 2) for N = 0.

    Raises:
        ValueError: The shapes do not agree.

    References:
        CROWD-SCIENCE section 3; ordinary least squares of x and y over t. `fit_velocities` gives
        the same velocities with their errors.

    Example:
        >>> t = np.arange(0, 1.01, 0.1)
        >>> walk = np.stack([100 + 60 * t, 50 - 20 * t], axis=1)[None]
        >>> velocities(t, walk).round(6).tolist()
        [[60.0, -20.0]]
    """
    _, samples, defined = _window(
        times_s, positions, min_span_s=min_span_s, min_frames=min_frames, max_span_s=max_span_s
    )
    return _slope(samples, defined)


def fit_velocities(
    times_s: FloatArray,
    positions: FloatArray,
    *,
    max_speed: float | None = MAX_HUMAN_SPEED_MPS,
    min_span_s: float = MIN_SPAN_S,
    min_frames: int = MIN_FRAMES,
    max_span_s: float = MAX_SPAN_S,
) -> VelocityFit:
    """Least-squares velocity of every track at the last instant, with its standard error.

    Which samples enter is told at `velocities`. The standard error comes
    from the residuals of the fit, x and y pooled. Successive residuals are alike (a box that
    sits too low does so for several frames), so the error is widened by the correlation of
    neighbouring residuals over all tracks; without that it would shrink with the frame rate.

    With ``max_speed`` a velocity is refused where it is faster, or where one single step is
    longer than ``max_speed`` allows by more than six standard deviations of the other steps: a
    tracker's jump, which a straight line through it would turn into a run.

    Args:
        times_s: (K,) float64, seconds, strictly increasing.
        positions: (N, K, 2) float64, any length unit, NaN where a track was not seen.
        max_speed: Fastest a person can be, position unit per second; None refuses nothing
            (pixels).
        min_span_s: Shortest span of a fit, seconds.
        min_frames: Fewest samples of a fit, at least 2.
        max_span_s: Longest span of a fit, seconds.

    Returns:
        The fit; arrays of length 0 for N = 0.

    Raises:
        ValueError: The shapes do not agree.

    References:
        Ordinary least squares; variance inflation (1 + r)/(1 - r) for first-order correlated
        errors: Bayley & Hammersley 1946, J. R. Stat. Soc. Suppl. 8:184.

    Example:
        >>> t = np.arange(0, 0.81, 0.2)
        >>> x = 1.2 * t + np.array([0.02, -0.03, 0.01, 0.03, -0.03])
        >>> fit = fit_velocities(t, np.stack([x, 0 * t], axis=1)[None])
        >>> fit.velocity.round(3).tolist(), fit.standard_error.round(3).tolist()
        ([[1.18, 0.0]], [0.036])
        >>> x[3:] += 5.0
        >>> fit_velocities(t, np.stack([x, 0 * t], axis=1)[None]).is_jump.tolist()
        [True]
    """
    if positions.ndim != 3 or positions.shape[1:] != (times_s.size, 2):
        raise ValueError(
            f"expected positions (N, {times_s.size}, 2) for {times_s.size} times, "
            f"got {positions.shape}"
        )
    times_s, samples, defined = _window(
        times_s, positions, min_span_s=min_span_s, min_frames=min_frames, max_span_s=max_span_s
    )
    slope = _slope(samples, defined)
    refused = np.zeros(defined.shape, np.bool_)
    if max_speed is not None and times_s.size > 1:
        refused = defined & _is_impossible(times_s, samples, slope, max_speed=max_speed)
    error = _standard_error(samples, slope, defined=defined & ~refused)
    slope[refused] = np.nan
    return VelocityFit(slope, error, refused)


def _window(
    times_s: FloatArray,
    positions: FloatArray,
    *,
    min_span_s: float,
    min_frames: int,
    max_span_s: float,
) -> tuple[FloatArray, _Samples, BoolArray]:
    """Times and samples the fits run over, and which tracks have a fit."""
    if positions.ndim != 3 or positions.shape[1:] != (times_s.size, 2):
        raise ValueError(
            f"expected positions (N, {times_s.size}, 2) for {times_s.size} times, "
            f"got {positions.shape}"
        )
    if positions.shape[0] == 0 or times_s.size < min_frames:
        nobody = np.zeros(positions.shape[0], np.bool_)
        return times_s[-1:], _samples(times_s[-1:], positions[:, -1:], nobody[:, None]), nobody
    first = int(np.searchsorted(times_s, times_s[-1] - max_span_s - _STAMP_TOLERANCE_S))
    times_s, positions = times_s[first:], positions[:, first:]
    seen = ~np.isnan(positions[:, :, 0])
    start, found = _fit_start(times_s, seen, min_span_s=min_span_s, min_frames=min_frames)
    found &= seen[:, -1]
    # Columns that no fit reaches back to are left out: most fits need the newest 0.8 s only.
    first = int(start[found].min()) if found.any() else times_s.size - 1
    used = seen[:, first:] & (np.arange(first, times_s.size) >= start[:, None]) & found[:, None]
    samples = _samples(times_s[first:], positions[:, first:], used)
    return times_s[first:], samples, found & (samples.square_s2 > 0)


def _slope(samples: _Samples, defined: BoolArray) -> FloatArray:
    slope: FloatArray = np.matmul(samples.centred_s[:, None, :], samples.offset)[:, 0]
    slope /= np.where(defined, samples.square_s2, 1.0)[:, None]
    slope[~defined] = np.nan
    return slope


def _samples(times_s: FloatArray, positions: FloatArray, used: BoolArray) -> _Samples:
    weight = used.astype(np.float64)
    total = np.maximum(weight.sum(axis=1), 1.0)
    since = (times_s - times_s[-1])[None, :] * weight
    centred = np.where(used, since - (since.sum(axis=1) / total)[:, None], 0.0)
    # Positions relative to the newest one: large pixel offsets would cost precision.
    offset = np.where(used[:, :, None], positions - positions[:, -1:, :], 0.0)
    return _Samples(used, centred, offset, (centred**2).sum(axis=1), total)


def _standard_error(samples: _Samples, slope: FloatArray, *, defined: BoolArray) -> FloatArray:
    """Standard error of either component, NaN with fewer than three samples.

    A fit over few samples swallows part of a slowly wandering error: the correlation it leaves
    and the degrees of freedom are corrected for that, as far as they can be.
    """
    mean = samples.offset.sum(axis=1) / samples.total[:, None]
    fitted = mean[:, None, :] + samples.centred_s[:, :, None] * slope[:, None, :]
    usable = (samples.used & defined[:, None])[:, :, None]
    residual = np.where(usable, samples.offset - fitted, 0.0)
    square = (residual**2).sum(axis=(1, 2))
    enough = defined & (samples.total > 2)
    neighbours = (residual[:, 1:] * residual[:, :-1]).sum(axis=(1, 2))
    telling = enough & (square > 0)
    widened = _widening(neighbours[telling] / square[telling], samples.total[telling])
    spare = np.maximum(samples.total - 2 * widened, MIN_SPARE_SHARE * (samples.total - 2))
    variance = widened * square / np.where(enough, 2 * spare * samples.square_s2, 1.0)
    return np.where(enough, np.sqrt(variance), np.nan)


def _widening(alike: FloatArray, samples: FloatArray) -> float:
    """How much larger than for independent errors the variance of a slope is, >= 1.

    One track tells little of the correlation, so all are asked together, each with the same say:
    near and far, still and leaping.
    """
    if alike.size == 0:
        return 1.0
    # A straight line through n samples lowers the correlation by about (2 + 4 r)/n.
    each = max(float(samples.mean()), MIN_CORRECTED_SAMPLES)
    corrected = (float(alike.mean()) + 2 / each) / (1 - 4 / each)
    believed = min(max(corrected, 0.0), MAX_CORRELATION)
    return (1 + believed) / (1 - believed)


def _is_impossible(
    times_s: FloatArray, samples: _Samples, slope: FloatArray, *, max_speed: float
) -> BoolArray:
    """Whose velocity, or whose longest single step, no person can have.

    The longest step is held against the velocity and scatter of all the others, which it cannot
    have spoilt.
    """
    columns = np.arange(times_s.size)
    newest = np.maximum.accumulate(np.where(samples.used, columns, -1), axis=1)
    before = newest[:, :-1]
    is_step = samples.used[:, 1:] & (before >= 0)
    before = np.maximum(before, 0)
    row = np.arange(slope.shape[0])
    step = np.where(
        is_step[:, :, None], samples.offset[:, 1:] - samples.offset[row[:, None], before], 0.0
    )
    span_s = np.where(is_step, times_s[None, 1:] - times_s[before], 0.0)
    worst = (np.hypot(step[:, :, 0], step[:, :, 1]) - max_speed * span_s).argmax(axis=1)
    longest, longest_s = step[row, worst], span_s[row, worst]
    other_s = span_s.sum(axis=1) - longest_s
    others = step.sum(axis=1) - longest
    usual = others / np.where(other_s > 0, other_s, 1.0)[:, None]
    astray = step - usual[:, None, :] * span_s[:, :, None]
    square = (astray**2).sum(axis=2)
    leap_square = square[row, worst]
    rest = np.maximum(square.sum(axis=1) - leap_square, 0.0)
    scatter = np.sqrt(rest / np.maximum(is_step.sum(axis=1) - 1, 1))
    leapt = np.sqrt(leap_square) > max_speed * longest_s + JUMP_SIGMAS * scatter
    return np.asarray(leapt | (np.hypot(slope[:, 0], slope[:, 1]) > max_speed))


def _fit_start(
    times_s: FloatArray, seen: BoolArray, *, min_span_s: float, min_frames: int
) -> tuple[IntArray, BoolArray]:
    """Column at which each track's fit begins, and whether there is one."""
    n_times = times_s.size
    old_enough = seen & (times_s <= times_s[-1] - min_span_s + _STAMP_TOLERANCE_S)
    enough = seen & (np.cumsum(seen[:, ::-1], axis=1)[:, ::-1] >= min_frames)
    by_span = n_times - 1 - old_enough[:, ::-1].argmax(axis=1)
    by_count = n_times - 1 - enough[:, ::-1].argmax(axis=1)
    found = old_enough.any(axis=1) & enough.any(axis=1)
    return np.minimum(by_span, by_count).astype(np.int64), found
