"""Recorded runs as arrays: one row a pedestrian, one column a frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backend.core.frame import FloatArray
from tests.reference.trajectories import Trajectory


@dataclass(frozen=True, eq=False)
class DenseTracks:
    """All N pedestrians of a run at all K frames from the first to the last.

    Attributes:
        ids: (N,) int64, ascending.
        frames: (K,) int64, every frame number from first to last.
        times_s: (K,) float64, frame number / frame rate, seconds.
        positions_m: (N, K, 2) float64, metres, NaN where somebody was not recorded.
    """

    ids: npt.NDArray[np.int64]
    frames: npt.NDArray[np.int64]
    times_s: FloatArray
    positions_m: FloatArray


def dense(run: Trajectory) -> DenseTracks:
    """Arrange a run as arrays."""
    ids, row = np.unique(run.ids, return_inverse=True)
    first, last = int(run.frames.min()), int(run.frames.max())
    positions = np.full((ids.size, last - first + 1, 2), np.nan)
    positions[row, run.frames - first] = run.positions_m
    frames = np.arange(first, last + 1)
    return DenseTracks(ids, frames, frames / run.frame_rate_hz, positions)
