"""Areas and positions on the ground plane, checked once at the public door."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import shapely

from backend.core.frame import FloatArray

Area: TypeAlias = Sequence[Sequence[float]] | FloatArray | shapely.Polygon
"""A piece of ground: its corners (x, y) in metres in either sense of rotation, not closed, or a
shapely polygon (with holes where there are pillars and barriers)."""


def polygon_of(area: Area, name: str) -> shapely.Polygon:
    """Polygon of an area, ready for repeated questions (prepared).

    Args:
        area: Corners or polygon, metres.
        name: What the area is, for the message.

    Returns:
        Valid polygon (or multipolygon) of more than 0 m².

    Raises:
        ValueError: No polygon, self-crossing, not finite, or without area.

    Example:
        >>> polygon_of([(0, 0), (4, 0), (4, 2), (0, 2)], "walkable_area").area
        8.0
    """
    if isinstance(area, shapely.Polygon | shapely.MultiPolygon):
        polygon = area
    else:
        corners = np.asarray(area, dtype=np.float64)
        if corners.ndim != 2 or corners.shape[1] != 2 or len(corners) < 3:
            raise ValueError(f"{name} must have at least 3 corners (x, y), got {corners.shape}")
        if not np.isfinite(corners).all():
            raise ValueError(f"{name} has a corner that is not a finite number")
        polygon = shapely.Polygon(corners)
    if not polygon.area > 0:
        raise ValueError(f"{name} must be larger than 0 m², got {polygon.area}")
    if not polygon.is_valid:
        raise ValueError(f"{name} is no simple polygon: {shapely.is_valid_reason(polygon)}")
    shapely.prepare(polygon)
    return polygon


def positions_of(positions: npt.ArrayLike, name: str = "positions") -> FloatArray:
    """Positions as a ``(N, 2) float64`` array in metres; an empty list gives ``(0, 2)``.

    Raises:
        ValueError: Another shape, or a coordinate that is not finite: who cannot be placed must
            be left out (and counted) by the caller, not here in silence.

    Example:
        >>> positions_of([]).shape
        (0, 2)
    """
    array = np.asarray(positions, dtype=np.float64)
    if array.size == 0:
        return np.zeros((0, 2))
    if array.ndim != 2 or array.shape[1] != 2:
        raise ValueError(f"{name} must have shape (N, 2), got {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds NaN or infinity: leave out who cannot be placed")
    return array
