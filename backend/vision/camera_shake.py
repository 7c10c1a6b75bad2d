"""The camera's own motion (wind in the mast), told from what stands still in the picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backend.vision.flow_cells import FlowArray

REST_MEMORY_S = 6.0
"""Time constant over which a cell must have stayed in its place to count as background."""

REST_AFTER_S = 2.0
"""A cell watched for less is not known to be at rest."""

REST_TRAVEL_PX = 4.0
"""Way within that time, reduced pixels, that a cell at rest stays below: a mast that swings by
8 pixels of a full-HD picture to either side."""

MIN_CELLS = 30
MIN_INLIERS = 0.5
MIN_QUADRANTS = 3
"""Background in fewer quarters of the picture may be a group of people who lean one way."""

_ROUNDS = 5
_OUTLIER = 3.0


@dataclass(frozen=True, slots=True)
class CameraMotion:
    """Motion of the whole picture between two frames.

    Attributes:
        velocity: (R, C, 2) float32, what it adds at every cell, reduced pixels per second.
        noise: Standard deviation per axis of the background cells about it, reduced pixels
            per second; None where no background is known.
    """

    velocity: FlowArray
    noise: float | None


class BackgroundMotion:
    """Finds the camera's motion from cells that do not move in the long run.

    A fixed camera on a mast swings about its place, so background is what has no *mean*
    velocity over some seconds, however fast it shakes; a crowd that walks has one, even where
    it fills the picture. To such cells a translation, turn and zoom is fitted robustly, and
    believed only where they agree and lie in three quarters of the picture at least. Otherwise
    the camera is taken to be at rest.

    Where a crowd fills the picture and sways as one by less than that this takes its motion for
    the camera's; it cannot be told apart.
    """

    def __init__(self) -> None:
        self._mean: FlowArray | None = None
        self._watched_s: npt.NDArray[np.float32] | None = None

    def clear(self) -> None:
        """Forget what is at rest (another picture)."""
        self._mean = None
        self._watched_s = None

    def update(
        self, velocity: FlowArray, is_known: npt.NDArray[np.bool_], *, elapsed_s: float
    ) -> CameraMotion:
        """Take the motion of all cells and say what of it is the camera's.

        Args:
            velocity: (R, C, 2) float32, reduced pixels per second.
            is_known: (R, C) bool, cells whose motion could be told.
            elapsed_s: Time over which it was measured, seconds.
        """
        if self._mean is None or self._watched_s is None or self._mean.shape != velocity.shape:
            self._mean = np.zeros_like(velocity)
            self._watched_s = np.zeros(is_known.shape, np.float32)
        at_rest = is_known & (self._watched_s >= REST_AFTER_S)
        way = np.hypot(self._mean[..., 0], self._mean[..., 1])
        at_rest &= way * np.minimum(self._watched_s, REST_MEMORY_S) < REST_TRAVEL_PX
        motion = _fit(velocity, at_rest)
        self._watched_s += np.where(is_known, np.float32(elapsed_s), np.float32(0))
        share = elapsed_s / np.clip(self._watched_s, elapsed_s, REST_MEMORY_S)
        step = np.where(is_known, share, 0.0)[:, :, None]
        self._mean = (self._mean + step * (velocity - self._mean)).astype(np.float32)
        return motion


def _fit(velocity: FlowArray, at_rest: npt.NDArray[np.bool_]) -> CameraMotion:
    """Similarity motion of the cells at rest, by least squares with outliers left out."""
    still = CameraMotion(np.zeros_like(velocity), None)
    rows, columns = np.nonzero(at_rest)
    if rows.size < MIN_CELLS or _quadrants(rows, columns, at_rest.shape) < MIN_QUADRANTS:
        return still
    height, width = at_rest.shape
    x = (columns - (width - 1) / 2).astype(np.float64)
    y = (rows - (height - 1) / 2).astype(np.float64)
    seen = velocity[rows, columns].astype(np.float64)
    turn_zoom = np.zeros(2)
    shift = np.median(seen, axis=0)
    inlier = np.ones(rows.size, np.bool_)
    noise = 0.0
    for _ in range(_ROUNDS):
        rest = seen - shift - _turned(x, y, turn_zoom)
        distance = np.hypot(rest[:, 0], rest[:, 1])
        # The median of the length of two-dimensional noise is 1.177 standard deviations.
        noise = float(np.median(distance)) / 1.177
        inlier = distance <= _OUTLIER * noise + 1e-6
        shift, turn_zoom = _least_squares(x[inlier], y[inlier], seen[inlier])
    if (
        inlier.mean() < MIN_INLIERS
        or _quadrants(rows[inlier], columns[inlier], at_rest.shape) < MIN_QUADRANTS
    ):
        return still
    grid_y, grid_x = np.mgrid[:height, :width].astype(np.float64)
    moved = _turned(grid_x - (width - 1) / 2, grid_y - (height - 1) / 2, turn_zoom) + shift
    return CameraMotion(moved.astype(np.float32), noise)


def _turned(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], turn_zoom: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    turn, zoom = turn_zoom
    return np.stack([zoom * x - turn * y, turn * x + zoom * y], axis=-1)


def _least_squares(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], seen: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Shift, and (turn, zoom) about the centre, closest to the motions seen."""
    x_mean, y_mean, seen_mean = x.mean(), y.mean(), seen.mean(axis=0)
    dx, dy = x - x_mean, y - y_mean
    off = seen - seen_mean
    square = max(float((dx**2 + dy**2).sum()), 1e-9)
    turn = float((dx * off[:, 1] - dy * off[:, 0]).sum()) / square
    zoom = float((dx * off[:, 0] + dy * off[:, 1]).sum()) / square
    turn_zoom = np.array([turn, zoom])
    return seen_mean - _turned(np.array(x_mean), np.array(y_mean), turn_zoom), turn_zoom


def _quadrants(
    rows: npt.NDArray[np.int64], columns: npt.NDArray[np.int64], shape: tuple[int, ...]
) -> int:
    """Number of quarters of the picture with a twentieth of the cells or more."""
    quarter = 2 * (rows >= shape[0] / 2) + (columns >= shape[1] / 2)
    counts = np.bincount(quarter, minlength=4)
    return int((counts >= max(0.05 * rows.size, 3)).sum())
