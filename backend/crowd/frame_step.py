"""Speed between two frames, as pedestrian dynamics defines it for recorded trajectories."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
import numpy.typing as npt

from backend.core.frame import FloatArray

IntArray = npt.NDArray[np.int64]


class SpeedBorder(StrEnum):
    """What happens near the ends of a track, where the full step does not fit."""

    EXCLUDE = "exclude"
    """No speed there."""
    ADAPTIVE = "adaptive"
    """The step shrinks, the same on both sides; no speed at the very first and last frame."""
    SINGLE_SIDED = "single_sided"
    """The missing side ends at the present position."""


def frame_step_speeds(
    positions: FloatArray,
    *,
    frame_rate_hz: float,
    frame_step: int,
    border: SpeedBorder = SpeedBorder.EXCLUDE,
    direction: tuple[float, float] | None = None,
) -> FloatArray:
    """Speed of every track at every frame from where it was and will be.

    ``v(k) = |x(k + n) - x(k - n)| / (2 n / f)``. Looks into the future, so it serves recordings
    and comparisons; live numbers use `backend.crowd.motion.velocities`.

    Args:
        positions: (N, K, 2) float64, any length unit, one column a frame at a constant rate,
            NaN where a track was not seen.
        frame_rate_hz: Frames per second, > 0.
        frame_step: Frames to each side (n), >= 1.
        border: Treatment of the ends of a track.
        direction: Measure along this direction only (any length); the result is then signed.

    Returns:
        (N, K) float64, position unit per second, NaN where undefined: not seen now or at an end
        of the step. (0, K) for N = 0.

    Raises:
        ValueError: Wrong shape, step, rate, or a direction of no length.

    References:
        Individual speed of PedPy (Schrödter et al., DOI 10.5281/zenodo.7194992); the border
        treatments are its three. Departures: across a gap there is no speed (PedPy takes the
        n-th sample, however long ago), and a direction is always normalised.

    Example:
        >>> walk = np.stack([np.arange(5) * 0.05, np.zeros(5)], axis=1)[None]
        >>> frame_step_speeds(walk, frame_rate_hz=25, frame_step=2).round(6).tolist()
        [[nan, nan, 1.25, nan, nan]]
    """
    if positions.ndim != 3 or positions.shape[2] != 2:
        raise ValueError(f"expected positions (N, K, 2), got {positions.shape}")
    if frame_step < 1 or not frame_rate_hz > 0:
        raise ValueError(
            f"expected frame_step >= 1 and frame_rate_hz > 0, got {frame_step} and {frame_rate_hz}"
        )
    start, end = _step_ends(~np.isnan(positions[:, :, 0]), frame_step, border)
    row = np.arange(positions.shape[0])[:, None]
    defined = end > start
    last = max(positions.shape[1] - 1, 0)
    moved = positions[row, np.clip(end, 0, last)] - positions[row, np.clip(start, 0, last)]
    span_s = np.where(defined, end - start, 1) / frame_rate_hz
    if direction is None:
        length = np.hypot(moved[:, :, 0], moved[:, :, 1])
    else:
        along = np.asarray(direction, np.float64)
        norm = float(np.hypot(along[0], along[1]))
        if not norm > 0:
            raise ValueError(f"expected a direction of some length, got {direction}")
        length = moved @ (along / norm)
    return np.where(defined, length / span_s, np.nan)


def _step_ends(
    seen: npt.NDArray[np.bool_], frame_step: int, border: SpeedBorder
) -> tuple[IntArray, IntArray]:
    """First and last column of the step around each sample; equal where there is no speed."""
    n_times = seen.shape[1]
    now = np.broadcast_to(np.arange(n_times), seen.shape).astype(np.int64)
    first = seen.argmax(axis=1)[:, None]
    last = (n_times - 1 - seen[:, ::-1].argmax(axis=1))[:, None]
    if border is SpeedBorder.ADAPTIVE:
        reach = np.minimum(frame_step, np.minimum(now - first, last - now))
        start, end = now - reach, now + reach
    elif border is SpeedBorder.SINGLE_SIDED:
        start = np.where(now - frame_step >= first, now - frame_step, now)
        end = np.where(now + frame_step <= last, now + frame_step, now)
    else:
        fits = (now - frame_step >= first) & (now + frame_step <= last)
        start = np.where(fits, now - frame_step, now)
        end = np.where(fits, now + frame_step, now)
    return np.where(seen, start, now), np.where(seen, end, now)
