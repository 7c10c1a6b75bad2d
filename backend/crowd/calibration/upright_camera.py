"""A camera without roll over level ground: what heights of people tell about it.

With y' = (row - middle) / focal length, tilt t below the horizontal and camera height c, the
feet of a person in row y' are at depth ``c / B``, ``B = y' cos t + sin t``, and a person of
height p standing upright is ``p A B / (c - p B sin t)`` high in the same unit,
``A = cos t - y' sin t``. For small tilts that is a straight line in the row, ``p/c · (y' + t)``;
at 20° the line's horizon is already wrong by a good part of the picture, so the exact relation
is used. Solved for c it gives one camera height per person, and the tilt is the one for which
all people agree on it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backend.core.frame import FloatArray

_MAX_TILT_DEG = 75.0
_GRID = 181
_REFINEMENTS = 40
_GOLDEN = (5**0.5 - 1) / 2


@dataclass(frozen=True, slots=True)
class UprightCamera:
    """Tilt and height of cameras without roll; all fields of one shape (D,) or scalar arrays.

    Attributes:
        focal_px: Focal length, pixels.
        tilt_rad: Line of sight below the horizontal, radians.
        height_m: Above the ground, metres.
    """

    focal_px: FloatArray
    tilt_rad: FloatArray
    height_m: FloatArray

    def matrices(self, picture_wh: tuple[int, int]) -> FloatArray:
        """Homographies from the picture to the ground.

        Args:
            picture_wh: Width and height of the picture, pixels; its middle is the principal
                point.

        Returns:
            (D, 3, 3) float64, pixels to metres, positive below the horizon: origin on the
            ground below the camera, x to the right, y ahead.
        """
        focal, tilt, height = np.broadcast_arrays(self.focal_px, self.tilt_rad, self.height_m)
        cos, sin, nil = np.cos(tilt), np.sin(tilt), np.zeros_like(tilt)
        to_ground = np.stack(
            [height, nil, nil, nil, -height * sin, height * cos, nil, cos, sin], axis=-1
        ).reshape(*tilt.shape, 3, 3)
        middle_x, middle_y = picture_wh[0] / 2, picture_wh[1] / 2
        one = np.ones_like(focal)
        to_ray = np.stack(
            [1 / focal, nil, -middle_x / focal, nil, 1 / focal, -middle_y / focal, nil, nil, one],
            axis=-1,
        ).reshape(*tilt.shape, 3, 3)
        result: FloatArray = to_ground @ to_ray
        return result

    def heights_px(self, rows: FloatArray, *, person_m: float) -> FloatArray:
        """Height in the picture of upright people.

        Args:
            rows: (..., K) float64, rows of the feet relative to the middle of the picture, px.
            person_m: Height of the people, metres.

        Returns:
            (..., K) float64, pixels; NaN above the horizon.
        """
        focal, tilt = np.asarray(self.focal_px)[..., None], np.asarray(self.tilt_rad)[..., None]
        across, away = _factors(rows / focal, tilt)
        behind = np.asarray(self.height_m)[..., None] - person_m * away * np.sin(tilt)
        seen = (away > 0) & (behind > 0)
        heights: FloatArray = focal * person_m * across * away / np.where(seen, behind, np.nan)
        return heights


def focal_from_view(view_deg: FloatArray, picture_wh: tuple[int, int]) -> FloatArray:
    """Focal length in pixels of a horizontal field of view.

    Args:
        view_deg: (D,) float64, degrees, below 180.
        picture_wh: Width and height of the picture, pixels.

    Returns:
        (D,) float64, pixels.

    Example:
        >>> focal_from_view(np.array([90.0]), (1280, 720)).round(6).tolist()
        [640.0]
    """
    focal: FloatArray = picture_wh[0] / 2 / np.tan(np.radians(view_deg) / 2)
    return focal


def fit_upright_camera(
    rows: FloatArray, heights_px: FloatArray, *, focal_px: FloatArray, person_m: float
) -> UprightCamera:
    """Tilt and camera height on which the heights of people agree best.

    The tilt minimises the variance of the logarithm of the camera heights the single people
    give, which is least squares of their relative height errors.

    Args:
        rows: (D, K) float64, rows of the feet relative to the middle of the picture, pixels.
        heights_px: (D, K) float64, heights in the picture, > 0.
        focal_px: (D,) float64, focal length of each of the D cameras, pixels.
        person_m: Mean height of the people, metres.

    Returns:
        The D cameras.

    Example:
        >>> truth = UprightCamera(np.array([1000.0]), np.radians([25.0]), np.array([6.0]))
        >>> rows = np.array([[-200.0, 0.0, 200.0, 400.0]])
        >>> found = fit_upright_camera(
        ...     rows, truth.heights_px(rows, person_m=1.7),
        ...     focal_px=truth.focal_px, person_m=1.7,
        ... )
        >>> np.degrees(found.tilt_rad).round(6).tolist(), found.height_m.round(6).tolist()
        ([25.0], [6.0])
    """
    across, tall = rows / focal_px[:, None], heights_px / focal_px[:, None]
    # All feet must lie below the horizon.
    lowest = np.arctan(-across.min(axis=1)) + 1e-4
    highest = np.maximum(np.radians(_MAX_TILT_DEG), lowest + 1e-3)
    share = np.linspace(0, 1, _GRID)
    tilts = lowest[:, None] + share * (highest - lowest)[:, None]
    costs = np.stack([_cost(tilts[:, i], across, tall, person_m) for i in range(_GRID)], axis=1)
    best = costs.argmin(axis=1)
    pick = np.arange(len(best))
    low = tilts[pick, np.maximum(best - 1, 0)]
    high = tilts[pick, np.minimum(best + 1, _GRID - 1)]
    for _ in range(_REFINEMENTS):
        left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
        is_left = _cost(left, across, tall, person_m) < _cost(right, across, tall, person_m)
        low, high = np.where(is_left, low, left), np.where(is_left, right, high)
    tilt = (low + high) / 2
    height = np.exp(_log_heights(tilt, across, tall, person_m).mean(axis=1))
    return UprightCamera(focal_px, tilt, height)


def _factors(across: FloatArray, tilt: FloatArray) -> tuple[FloatArray, FloatArray]:
    cos, sin = np.cos(tilt), np.sin(tilt)
    return cos - across * sin, across * cos + sin


def _log_heights(
    tilt: FloatArray, across: FloatArray, tall: FloatArray, person_m: float
) -> FloatArray:
    """(D, K) logarithm of the camera height each person gives."""
    upright, away = _factors(across, tilt[:, None])
    height = person_m * away * (upright / tall + np.sin(tilt)[:, None])
    return np.log(np.maximum(height, 1e-9))


def _cost(tilt: FloatArray, across: FloatArray, tall: FloatArray, person_m: float) -> FloatArray:
    cost: FloatArray = _log_heights(tilt, across, tall, person_m).var(axis=1)
    return cost
