"""Which points of the picture lie in which of a camera's zones, and how far from their borders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backend.core.calibration import Point
from backend.core.frame import FloatArray
from backend.crowd.pairs import ragged
from backend.crowd.places.outline_table import GRID, Edges, classify_cells, sort_into_bands

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]


class Outlines:
    """Simple polygons in the picture, prepared once, asked with every frame.

    **Membership** is exact (even-odd rule in float64). A look-up table of 128 x 128 cells answers
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
        zone = np.repeat(np.arange(len(rings)), self._edges)
        edges = Edges(self._upper, self._lower, zone, len(rings))
        self._cells, self._bands = classify_cells(edges), sort_into_bands(edges)
        self._scaled: _Scaled | None = None

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
        number = cell[:, 1] * GRID + cell[:, 0]
        inside: BoolArray = self._cells.within[number]
        counts = np.where(is_seen, self._cells.count[number], 0)
        if not is_seen.all():
            inside[~is_seen] = False
        rows, border = ragged(self._cells.first[number], counts)
        if rows.size:
            zones = self._cells.zones[border]
            inside[rows, zones] = self._crosses_oddly(at[rows], zones, cell[rows, 1])
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
        scaled = self._scaled_to(scale)
        counts = self._edges[zones]
        pair, edge = ragged(self._first[zones], counts)
        to_x = (points[:, 0] * scale[0])[pair] - scaled.upper_x[edge]
        to_y = (points[:, 1] * scale[1])[pair] - scaled.upper_y[edge]
        along_x, along_y = scaled.along_x[edge], scaled.along_y[edge]
        share = (to_x * along_x + to_y * along_y) / scaled.square[edge]
        np.clip(share, 0.0, 1.0, out=share)
        apart = (to_x - share * along_x) ** 2 + (to_y - share * along_y) ** 2
        return np.asarray(np.sqrt(np.minimum.reduceat(apart, np.cumsum(counts) - counts)))

    def half_widths(self, scale: FloatArray) -> FloatArray:
        """Area over circumference of each zone: about half the width of a narrow one.

        Args:
            scale: (2,) float64, lengths of the picture's sides.

        Returns:
            (Z,) float64 in the unit of ``scale``; a square of side a gives a/4.
        """
        return self._scaled_to(scale).half_widths

    def _scaled_to(self, scale: FloatArray) -> _Scaled:
        """What lengths are reckoned with; the picture hardly ever changes its size."""
        wh = float(scale[0]), float(scale[1])
        if self._scaled is None or self._scaled.wh != wh:
            upper = self._upper * scale
            along = self._lower * scale - upper
            square = np.maximum((along**2).sum(axis=1), 1e-300)
            self._scaled = _Scaled(
                wh,
                upper_x=upper[:, 0].copy(),
                upper_y=upper[:, 1].copy(),
                along_x=along[:, 0].copy(),
                along_y=along[:, 1].copy(),
                square=square,
                half_widths=self._half_widths(scale),
            )
        return self._scaled

    def _half_widths(self, scale: FloatArray) -> FloatArray:
        start, end = self._starts * scale, self._ends * scale
        turned = start[:, 0] * end[:, 1] - start[:, 1] * end[:, 0]
        length = np.hypot(end[:, 0] - start[:, 0], end[:, 1] - start[:, 1])
        zone = np.repeat(np.arange(len(self)), self._edges)
        area = np.abs(np.bincount(zone, turned, len(self))) / 2
        return np.asarray(area / np.maximum(np.bincount(zone, length, len(self)), 1e-300))

    def _crosses_oddly(self, points: FloatArray, zones: IntArray, bands: IntArray) -> BoolArray:
        """Whether a ray to the right of each point crosses the zone's border an odd number of
        times: the exact answer for these pairs, (P,).

        Only edges of the point's own band of the picture can be met."""
        bands_of = self._bands
        key = bands * len(self) + zones
        pair, at = ragged(bands_of.first[key], bands_of.count[key])
        y, below = points[:, 1][pair], bands_of.upper_y[at]
        is_met = np.flatnonzero((below <= y) & (y < bands_of.lower_y[at]))
        pair, at = pair[is_met], at[is_met]
        from_x = points[:, 0][pair] - bands_of.upper_x[at]
        from_y = y[is_met] - below[is_met]
        is_left_of = from_x * bands_of.along_y[at] - from_y * bands_of.along_x[at] < 0
        return np.asarray(np.bincount(pair[is_left_of], minlength=len(zones)) % 2 == 1)


@dataclass(frozen=True, slots=True, eq=False)
class _Scaled:
    """Edges in the unit of a picture's sides."""

    wh: tuple[float, float]
    upper_x: FloatArray
    upper_y: FloatArray
    along_x: FloatArray
    along_y: FloatArray
    square: FloatArray
    half_widths: FloatArray


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
