"""Which zones of one picture intersect, so that people there would count twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import shapely
import shapely.errors

from backend.core.calibration import Point

SLIVER: Final = 0.02
"""Share of the smaller zone that two may have in common: nobody draws borders to the pixel."""


@dataclass(frozen=True, slots=True)
class Intersection:
    """Two zones that have ground in common.

    Attributes:
        first, second: Their ids, in the order given.
        share: What they have in common, of the smaller one's size in the picture, in (0, 1].
    """

    first: int
    second: int
    share: float


def find_intersecting(zones: Mapping[int, Sequence[Point]]) -> list[Intersection]:
    """Return every pair of zones that intersect by more than `SLIVER`.

    Args:
        zones: Corners by zone id, shares of one picture; those without three are passed over.

    Example: of two squares that have half of the smaller one in common the share is 0.5.
    """
    shapes = {zone_id: shape for zone_id, corners in zones.items() if (shape := _shape(corners))}
    ids, outlines = list(shapes), list(shapes.values())
    if len(outlines) < 2:
        return []
    found = []
    near = shapely.STRtree(outlines).query(outlines, predicate="intersects")
    for first, second in sorted(zip(*near.tolist(), strict=True)):
        if first >= second:
            continue
        common = shapely.intersection(outlines[first], outlines[second]).area
        share = common / min(outlines[first].area, outlines[second].area)
        if share > SLIVER:
            found.append(Intersection(ids[first], ids[second], min(share, 1.0)))
    return found


def _shape(corners: Sequence[Point]) -> shapely.Geometry | None:
    """Return a zone's outline; None for one that encloses nothing."""
    try:
        shape = shapely.make_valid(shapely.Polygon(corners))
    except (ValueError, shapely.errors.ShapelyError):
        return None
    return shape if shape.area > 0 else None
