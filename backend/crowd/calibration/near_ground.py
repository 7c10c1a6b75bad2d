"""The part of the picture in which a pixel does not cover too much ground.

Towards the horizon one pixel covers ever more metres, so a person there can no longer be placed.
The boundary is found in closed coordinates: with u along the horizon and v pixels away from it,
the ground position is ``Q + (P u + R) / v`` and the local map has the columns ``P / v`` and
``-(P u + R) / v²``. Both shrink as v grows, hence for each u there is exactly one v at which a
pixel covers the limit, and everything further from the horizon is near enough.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backend.core.frame import FloatArray
from backend.crowd.calibration.ground_plane import GroundPlane

if TYPE_CHECKING:
    from shapely import Polygon

_SAMPLES = 97
_BISECTIONS = 48
_SIMPLIFY_PX = 0.25
_FLAT_HORIZON_PX = 1e6


def near_ground(plane: GroundPlane, extent_px: FloatArray, *, max_m_per_px: float) -> Polygon:
    """Where in the picture a pixel covers at most ``max_m_per_px`` of ground.

    Args:
        plane: The ground plane.
        extent_px: (K, 2) float64, points that enclose what matters of the picture, pixels.
        max_m_per_px: Metres per pixel, > 0.

    Returns:
        Polygon in pixels, possibly empty, exact to 0.25 px within the extent; its side away
        from the horizon lies beyond the extent.
    """
    from shapely import Polygon, box  # noqa: PLC0415 - heavy

    away, distance = plane.matrix[2, :2], float(np.linalg.norm(plane.matrix[2, :2]))
    if distance * _FLAT_HORIZON_PX < abs(plane.matrix[2, 2]):
        low, high = extent_px.min(axis=0) - 1, extent_px.max(axis=0) + 1
        middle = (low + high)[None] / 2
        fits = plane.metres_per_pixel(middle)[0] <= max_m_per_px
        return box(*low, *high) if fits else Polygon()
    v_axis = away / distance
    u_axis = np.array([-v_axis[1], v_axis[0]])
    origin = -plane.matrix[2, 2] / distance * v_axis
    u, v = (extent_px - origin) @ u_axis, (extent_px - origin) @ v_axis
    samples = np.linspace(u.min() - 1, u.max() + 1, _SAMPLES)
    slope = plane.matrix[:2, :2] @ u_axis / distance
    at_zero = (plane.matrix[:2, :2] @ origin + plane.matrix[:2, 2]) / distance
    edge = _limit_distance(slope, at_zero, samples, limit=max_m_per_px)
    far = max(float(v.max()), float(edge.max())) + 1
    outline = np.concatenate(
        [
            origin + samples[:, None] * u_axis + edge[:, None] * v_axis,
            origin + samples[[-1, 0], None] * u_axis + far * v_axis,
        ]
    )
    return Polygon(outline).simplify(_SIMPLIFY_PX)


def _limit_distance(
    slope: FloatArray, at_zero: FloatArray, u: FloatArray, *, limit: float
) -> FloatArray:
    """Distance from the horizon at which a pixel covers ``limit``, by bisection.

    The square of the largest singular value lies between half of and the whole sum of squares
    of the local map, which gives the bracket.
    """
    along = float(slope @ slope)
    offset = slope[:, None] * u + at_zero[:, None]
    deep = (offset**2).sum(axis=0)
    cross = slope[0] * offset[1] - slope[1] * offset[0]

    def bound(square: float) -> FloatArray:
        result: FloatArray = np.sqrt((along + np.sqrt(along**2 + 4 * square * deep)) / (2 * square))
        return result

    low, high = bound(2 * limit**2), bound(limit**2)
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        total = along / middle**2 + deep / middle**4
        product = cross**2 / middle**6
        largest = (total + np.sqrt(np.maximum(total**2 - 4 * product, 0))) / 2
        too_far = largest > limit**2
        low, high = np.where(too_far, middle, low), np.where(too_far, high, middle)
    return high
