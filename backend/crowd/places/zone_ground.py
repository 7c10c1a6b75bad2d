"""Where the zones of a camera lie: cells of a density map in them, ground below them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.sparse import csr_array

from backend.core.frame import FloatArray
from backend.crowd.metering.ground_view import GroundView
from backend.crowd.pairs import pairs_of
from backend.crowd.places.outlines import Outlines, as_shares, as_standing_shares
from backend.crowd.places.people import BoolArray, IntArray

ACROSS = 4
"""Sub-points along one side of a cell of the map: a cell counts in sixteenths."""

_AT_ONCE = 8192
"""Points compared with the zones at once."""

MIN_AREA_M2 = 0.01
"""A zone that shows less ground than this shows none."""


@dataclass(frozen=True, slots=True, eq=False)
class ZoneCells:
    """Which cells of a density map each zone holds.

    A cell tells how many heads are seen in it. Calibrated, the feet are looked for below the
    head, as for the monitored area, and those decide; where no ground is below (at and above
    the horizon), and uncalibrated, the place of the head in the picture does. Feet below the
    picture stand on its edge, as those of boxes do.

    Attributes:
        map_hw: Rows and columns of the map.
        cell_wh_px: Width and height of a cell, pixels of the full frame.
        part: (Z, R·C) sparse float64, share of each cell's people who stand in each zone.
        holds_all: (Z,) bool, every person on the map stands in the zone.
    """

    map_hw: tuple[int, int]
    cell_wh_px: tuple[float, float]
    part: csr_array
    holds_all: np.ndarray[tuple[int], np.dtype[np.bool_]]

    @classmethod
    def of(
        cls,
        outlines: Outlines,
        *,
        map_hw: tuple[int, int],
        cell_wh_px: tuple[float, float],
        picture_wh: tuple[int, int],
        view: GroundView | None,
    ) -> ZoneCells:
        """Prepare the cells of maps of one shape.

        Args:
            outlines: The zones.
            map_hw: Rows and columns.
            cell_wh_px: Width and height of a cell, pixels of the full frame.
            picture_wh: Width and height of the full frame, pixels. The last cells may reach
                beyond it: what they hold is seen within.
            view: Where heads stand; None = not known.
        """
        rows, columns = map_hw
        within = (np.arange(ACROSS) + 0.5) / ACROSS
        x, y = np.meshgrid(within, within)
        sub = np.stack([x.ravel(), y.ravel()], axis=1)
        counts = np.zeros((rows * columns, len(outlines)), np.uint8)
        step = max(_AT_ONCE // ACROSS**2, 1)
        for first in range(0, rows * columns, step):
            cell = np.arange(first, min(first + step, rows * columns))
            corner = np.stack([cell % columns, cell // columns], axis=1)
            heads = ((corner[:, None] + sub) * cell_wh_px).reshape(-1, 2)
            feet = _below(np.minimum(heads, picture_wh), view)
            found = outlines.contains(as_standing_shares(feet, picture_wh))
            counts[cell] = found.reshape(cell.size, sub.shape[0], -1).sum(axis=1, dtype=np.uint8)
        return cls(
            map_hw,
            cell_wh_px,
            csr_array(counts.T.astype(np.float64) / ACROSS**2),
            np.asarray((counts == ACROSS**2).all(axis=0)),
        )


def _below(heads_px: FloatArray, view: GroundView | None) -> FloatArray:
    """Foot points below heads, (M, 2) pixels."""
    if view is None:
        return heads_px
    feet = view.plane.to_image(view.heads.below(heads_px))
    is_known: BoolArray = np.asarray(np.isfinite(feet).all(axis=1, keepdims=True))
    return np.where(is_known, feet, heads_px)


@dataclass(frozen=True, slots=True, eq=False)
class ZoneGround:
    """The monitored ground of each zone.

    What is told in metres of a zone is told of the part of it that lies in the monitored area:
    beyond, a pixel covers too much ground to place anybody.

    Attributes:
        view: The calibration it rests on.
        area_m2: (Z,) float64; NaN where a zone shows no monitored ground.
        middle_m: (Z, 2) float64, a place in that part of each zone, metres, ground plane; NaN
            where there is none.
        nodes: Nodes of the kernel's grid in each zone, by their place in the grid laid flat,
            zone after zone.
        first: (Z + 1,) int64, where each zone's nodes begin in that.
    """

    view: GroundView
    area_m2: FloatArray
    middle_m: FloatArray
    nodes: IntArray
    first: IntArray

    @classmethod
    def of(cls, outlines: Outlines, view: GroundView) -> ZoneGround:
        """Prepare the zones for one calibration."""
        shown = [_ground_of(ring, view) for ring in outlines.rings]
        area = np.array([shape.area if shape.area >= MIN_AREA_M2 else np.nan for shape in shown])
        middle = np.full((len(shown), 2), np.nan)
        for row in np.flatnonzero(np.isfinite(area)).tolist():
            middle[row] = shown[row].point_on_surface().coords[0]
        monitored = np.flatnonzero(view.monitored_nodes)
        x, y = np.meshgrid(view.kernel.x_m, view.kernel.y_m)
        at_m = np.stack([x.ravel(), y.ravel()], axis=1)[monitored]
        seen = as_shares(view.plane.to_image(at_m), view.picture_wh)
        zones, nodes = [], []
        for first in range(0, len(seen), _AT_ONCE):
            found, zone = pairs_of(outlines.contains(seen[first : first + _AT_ONCE]))
            zones.append(zone)
            nodes.append(monitored[first + found])
        zone = np.concatenate([np.zeros(0, np.int64), *zones])
        node = np.concatenate([np.zeros(0, np.int64), *nodes])
        order = np.argsort(zone, kind="stable")
        begins = np.searchsorted(zone[order], np.arange(len(outlines) + 1)).astype(np.int64)
        return cls(view, area, middle, node[order], begins)

    def highest(self, values: FloatArray) -> FloatArray:
        """Highest value in each zone.

        Args:
            values: (R, C) float64 at the nodes of the kernel's grid; NaN where undefined.

        Returns:
            (Z,) float64; NaN where a zone has no node with a value.
        """
        found = np.full(len(self.area_m2), np.nan)
        has_some = np.flatnonzero(np.diff(self.first))
        if has_some.size:
            taken = values.ravel()[self.nodes]
            found[has_some] = np.fmax.reduceat(taken, self.first[has_some])
        return found


def line_length_m(start_px: FloatArray, end_px: FloatArray, view: GroundView) -> float | None:
    """Length on the ground of a line drawn in the picture.

    Args:
        start_px, end_px: (2,) float64, pixels.
        view: The calibration.

    Returns:
        Metres; None where an end lies at the horizon or beyond.
    """
    ends = view.plane.to_world(np.stack([start_px, end_px]))
    length = float(np.linalg.norm(ends[1] - ends[0]))
    return length if np.isfinite(length) and length > 0 else None


def _ground_of(ring: FloatArray, view: GroundView) -> shapely.Geometry:
    """Monitored ground of one zone, polygons in metres."""
    drawn = shapely.make_valid(shapely.Polygon(ring * np.array(view.picture_wh, np.float64)))
    shown = drawn.intersection(shapely.Polygon(view.ground.measurement_px))
    pieces = [
        shapely.Polygon(
            _to_world(piece.exterior, view), [_to_world(h, view) for h in piece.interiors]
        )
        for piece in getattr(shown, "geoms", [shown])
        if piece.geom_type == "Polygon" and not piece.is_empty
    ]
    return shapely.MultiPolygon(pieces)


def _to_world(ring: shapely.LinearRing, view: GroundView) -> FloatArray:
    return view.plane.to_world(np.asarray(ring.coords)[:-1])
