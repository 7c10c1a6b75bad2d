"""Which points of the picture lie in which of a camera's zones, and how far from their borders."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from backend.core.calibration import Point
from backend.core.frame import FloatArray

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]

GRID = 64
"""Cells along each side of the picture in the look-up table."""

_MARGIN = 1e-9
_WITHIN, _BORDER = 1, 2


class Outlines:
    """Simple polygons in the picture, prepared once, asked with every frame.

    **Membership** is exact (even-odd rule in float64). A look-up table of 64 x 64 cells answers
    for every cell that no border touches; points in the others are compared with the edges.

    **On a border** a point belongs to the side to its right; on a horizontal border, where
    right is neither, to the side below: as if it stood a trifle to the right and, much less,
    down. The same holds at corners. So zones that share a border never both hold a point of
    it, and never neither does: polygons that divide an area divide its points. Two edges are
    shared when their end points are the same numbers; where only one has a corner on the
    border of the other, the two agree to rounding, 1e-16.

    Args:
        polygons: Z polygons of at least 3 corners each, shares of the picture's width and height
            in [0, 1], origin upper left, either way round, not crossing themselves.

    Raises:
        ValueError: Fewer than 3 corners, or a coordinate outside [0, 1].

    Example:
        >>> left = [(0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)]
        >>> right = [(0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0)]
        >>> Outlines([left, right]).contains(np.array([[0.2, 0.5], [0.5, 0.5]])).tolist()
        [[True, False], [False, True]]
    """

    def __init__(self, polygons: Sequence[Sequence[Point]]) -> None:
        rings = [np.asarray(ring, np.float64).reshape(-1, 2) for ring in polygons]
        for ring in rings:
            if len(ring) < 3 or not ((ring >= 0) & (ring <= 1)).all():
                raise ValueError(
                    f"expected 3 corners or more with shares in [0, 1], got {ring.tolist()}"
                )
        self._rings = rings
        self._edges = np.array([len(ring) for ring in rings], np.int64)
        self._first = np.cumsum(self._edges) - self._edges
        nothing = [np.zeros((0, 2))]
        self._starts = np.concatenate(nothing + rings)
        self._ends = np.concatenate(nothing + [np.roll(ring, -1, axis=0) for ring in rings])
        # each edge from its upper end: zones that share it then reckon with the same numbers
        is_rising = (self._ends[:, 1] < self._starts[:, 1])[:, None]
        self._upper = np.where(is_rising, self._ends, self._starts)
        self._lower = np.where(is_rising, self._starts, self._ends)
        self._table = self._classify_cells()

    def __len__(self) -> int:
        """Number of zones."""
        return len(self._rings)

    @property
    def rings(self) -> tuple[FloatArray, ...]:
        """Corners of each zone, (K, 2) float64, shares of the picture."""
        return tuple(self._rings)

    def contains(self, points: FloatArray) -> BoolArray:
        """Which points lie in which zones.

        Args:
            points: (N, 2) float64, shares of the picture; NaN and what lies outside [0, 1) is in
                no zone (see `as_shares` for the picture's own edge).

        Returns:
            (N, Z) bool.
        """
        at = np.asarray(points, np.float64).reshape(-1, 2)
        if len(self) == 0 or len(at) == 0:
            return np.zeros((len(at), len(self)), np.bool_)
        is_seen: BoolArray = np.asarray(((at >= 0) & (at < 1)).all(axis=1))
        cell = (np.where(is_seen[:, None], at, 0.0) * GRID).astype(np.int64)
        found = self._table[cell[:, 1] * GRID + cell[:, 0]]
        found[~is_seen] = 0
        inside = np.asarray(found == _WITHIN)
        rows, zones = pairs_of(found == _BORDER)
        if rows.size:
            inside[rows, zones] = self._crosses_oddly(at[rows], zones)
        return inside

    def distances(self, points: FloatArray, zones: IntArray, scale: FloatArray) -> FloatArray:
        """How far each point is from the border of one zone.

        Args:
            points: (P, 2) float64, shares of the picture.
            zones: (P,) int64, which zone to measure to, by its place in ``polygons``.
            scale: (2,) float64, lengths of the picture's sides.

        Returns:
            (P,) float64 in the unit of ``scale``, >= 0 on either side of the border.
        """
        if zones.size == 0:
            return np.zeros(0)
        pair, edge = self._pairs(zones)
        start = self._upper[edge] * scale
        along = self._lower[edge] * scale - start
        to_point = points[pair] * scale - start
        square = np.maximum((along**2).sum(axis=1), 1e-300)
        share = np.clip((to_point * along).sum(axis=1) / square, 0.0, 1.0)
        apart = ((to_point - share[:, None] * along) ** 2).sum(axis=1)
        begins = np.cumsum(self._edges[zones]) - self._edges[zones]
        return np.asarray(np.sqrt(np.minimum.reduceat(apart, begins)))

    def half_widths(self, scale: FloatArray) -> FloatArray:
        """Area over circumference of each zone: about half the width of a narrow one.

        Args:
            scale: (2,) float64, lengths of the picture's sides.

        Returns:
            (Z,) float64 in the unit of ``scale``; a square of side a gives a/4.
        """
        start, end = self._starts * scale, self._ends * scale
        turned = start[:, 0] * end[:, 1] - start[:, 1] * end[:, 0]
        length = np.hypot(end[:, 0] - start[:, 0], end[:, 1] - start[:, 1])
        zone = np.repeat(np.arange(len(self)), self._edges)
        area = np.abs(np.bincount(zone, turned, len(self))) / 2
        return np.asarray(area / np.maximum(np.bincount(zone, length, len(self)), 1e-300))

    def _crosses_oddly(self, points: FloatArray, zones: IntArray) -> BoolArray:
        """Whether a ray to the right of each point crosses the zone's border an odd number of
        times: the exact answer for these pairs, (P,)."""
        pair, edge = self._pairs(zones)
        level = points[:, 1][pair]
        is_met = (self._upper[:, 1][edge] <= level) & (level < self._lower[:, 1][edge])
        pair, edge = pair[is_met], edge[is_met]
        from_end = points[pair] - self._upper[edge]
        along = self._lower[edge] - self._upper[edge]
        is_left_of = from_end[:, 0] * along[:, 1] - from_end[:, 1] * along[:, 0] < 0
        return np.asarray(np.bincount(pair[is_left_of], minlength=len(zones)) % 2 == 1)

    def _pairs(self, zones: IntArray) -> tuple[IntArray, IntArray]:
        """For all edges of all these zones in turn: place in ``zones``, and edge."""
        counts = self._edges[zones]
        pair = np.repeat(np.arange(zones.size), counts)
        before = np.cumsum(counts) - counts
        return pair, np.arange(pair.size) + np.repeat(self._first[zones] - before, counts)

    def _classify_cells(self) -> npt.NDArray[np.uint8]:
        """(cells, Z): whether each cell lies wholly within, outside, or on the border."""
        zone = np.repeat(np.arange(len(self)), self._edges)
        shape = GRID, GRID + 1, len(self)
        touched, crossed = np.zeros(shape, np.int32), np.zeros(shape, np.int32)
        x, y = self._upper.T
        down = self._lower[:, 1] - y
        slope = (self._lower[:, 0] - x) / np.where(down > 0, down, 1.0)
        left, right = np.minimum(x, self._lower[:, 0]), np.maximum(x, self._lower[:, 0])
        for row in range(GRID):
            top = np.maximum(y, row / GRID - _MARGIN)
            bottom = np.minimum(y + down, (row + 1) / GRID + _MARGIN)
            here = np.flatnonzero(top <= bottom)
            level = down[here] == 0
            at_top = np.clip(x + (top - y) * slope, left, right)[here]
            at_bottom = np.clip(x + (bottom - y) * slope, left, right)[here]
            low = np.where(level, left[here], np.minimum(at_top, at_bottom)) - _MARGIN
            high = np.where(level, right[here], np.maximum(at_top, at_bottom)) + _MARGIN
            first, last = (
                np.clip(np.floor(end * GRID), 0, GRID - 1).astype(np.int64) for end in (low, high)
            )
            np.add.at(touched[row], (first, zone[here]), 1)
            np.add.at(touched[row], (last + 1, zone[here]), -1)
            middle = (row + 0.5) / GRID
            meets = np.flatnonzero((y <= middle) & (middle < y + down))
            reach = x[meets] + (middle - y[meets]) * slope[meets]
            end = np.clip(np.ceil(reach * GRID - 0.5), 0, GRID).astype(np.int64)
            np.add.at(crossed[row], (np.zeros_like(end), zone[meets]), 1)
            np.add.at(crossed[row], (end, zone[meets]), -1)
        is_border = np.cumsum(touched, axis=1)[:, :GRID] > 0
        is_within = np.cumsum(crossed, axis=1)[:, :GRID] % 2 == 1
        table = np.where(is_border, _BORDER, np.where(is_within, _WITHIN, 0)).astype(np.uint8)
        return np.ascontiguousarray(table.reshape(GRID * GRID, len(self)))


def pairs_of(matrix: BoolArray) -> tuple[IntArray, IntArray]:
    """Rows and columns of what is true in (N, Z) bool, row by row.

    As `numpy.nonzero`, in a tenth of the time where little is true.

    Example:
        >>> pairs_of(np.array([[False, True], [True, False]]))
        (array([0, 1]), array([1, 0]))
    """
    rows, columns = np.divmod(np.flatnonzero(matrix), max(matrix.shape[1], 1))
    return rows, columns


EDGE_SHARE = 1e-6
"""How far beyond the picture's edge rounding may put a point that lies on it."""

_LAST = 1.0 - 1e-9


def as_shares(points_px: FloatArray, picture_wh: tuple[int, int]) -> FloatArray:
    """Points of the picture as shares of its sides; the picture's own edge belongs to it.

    Args:
        points_px: (N, 2) float64, pixels; NaN where unknown.
        picture_wh: Width and height, pixels.

    Returns:
        (N, 2) float64. What lies on the right or lower edge (boxes cut off by it end there) is
        put just inside; what lies beyond stays outside.

    Example:
        >>> as_shares(np.array([[640.0, 720.0], [1300.0, 0.0]]), (1280, 720)).round(3).tolist()
        [[0.5, 1.0], [1.016, 0.0]]
    """
    shares = np.asarray(points_px, np.float64).reshape(-1, 2) / np.asarray(picture_wh, np.float64)
    is_on_edge = np.abs(shares - np.clip(shares, 0.0, _LAST)) <= EDGE_SHARE
    return np.asarray(np.where(is_on_edge, np.clip(shares, 0.0, _LAST), shares))


def as_standing_shares(feet_px: FloatArray, picture_wh: tuple[int, int]) -> FloatArray:
    """Where people are taken to stand in the picture: as `as_shares`, but nobody beside it.

    Who is cut off by the picture's edge stands on that edge, whether the box ends there or the
    feet are inferred to be beyond it.

    Args:
        feet_px: (N, 2) float64, foot points, pixels; NaN where unknown.
        picture_wh: Width and height, pixels.

    Returns:
        (N, 2) float64 in [0, 1), or NaN.

    Example:
        >>> as_standing_shares(np.array([[320.0, 900.0]]), (1280, 720)).round(3).tolist()
        [[0.25, 1.0]]
    """
    shares = np.asarray(feet_px, np.float64).reshape(-1, 2) / np.asarray(picture_wh, np.float64)
    return np.asarray(np.clip(shares, 0.0, _LAST))
