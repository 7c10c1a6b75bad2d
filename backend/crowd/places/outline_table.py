"""What is found out of polygons once, so that points in them are found quickly ever after."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backend.core.frame import FloatArray
from backend.crowd.pairs import pairs_of, ragged

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]

GRID = 128
"""Cells along each side of the picture in the look-up table."""

_MARGIN = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """E edges of Z polygons, each from its upper end, shares of the picture.

    Attributes:
        upper, lower: (E, 2) float64.
        zone: (E,) int64, polygon of each.
        zones: Z.
    """

    upper: FloatArray
    lower: FloatArray
    zone: IntArray
    zones: int


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """What is known of the cells of the look-up table, row by row of the picture.

    Attributes:
        within: (cells, Z) bool, lies wholly within.
        first, count: (cells,) int64, where those whose border touches it begin below, and how
            many there are.
        zones: (B,) int64.
    """

    within: BoolArray
    first: IntArray
    count: IntArray
    zones: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Bands:
    """Edges once for each band of the picture, one cell high, that they lead through.

    Level edges, which no level ray meets, are in none.

    Attributes:
        first, count: (bands x Z,) int64, where those of each band and zone begin below, and how
            many there are.
        upper_x, upper_y, lower_y, along_x, along_y: (E',) float64, shares of the picture.
    """

    first: IntArray
    count: IntArray
    upper_x: FloatArray
    upper_y: FloatArray
    lower_y: FloatArray
    along_x: FloatArray
    along_y: FloatArray


def classify_cells(edges: Edges) -> Cells:
    """Find out of each cell which zones it lies wholly within and whose border touches it."""
    shape = GRID, GRID + 1, edges.zones
    touched, crossed = np.zeros(shape, np.int16), np.zeros(shape, np.int16)
    x, y = edges.upper.T
    down = edges.lower[:, 1] - y
    slope = (edges.lower[:, 0] - x) / np.where(down > 0, down, 1.0)
    left, right = np.minimum(x, edges.lower[:, 0]), np.maximum(x, edges.lower[:, 0])
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
        np.add.at(touched[row], (first, edges.zone[here]), 1)
        np.add.at(touched[row], (last + 1, edges.zone[here]), -1)
        middle = (row + 0.5) / GRID
        meets = np.flatnonzero((y <= middle) & (middle < y + down))
        reach = x[meets] + (middle - y[meets]) * slope[meets]
        end = np.clip(np.ceil(reach * GRID - 0.5), 0, GRID).astype(np.int64)
        np.add.at(crossed[row], (np.zeros_like(end), edges.zone[meets]), 1)
        np.add.at(crossed[row], (end, edges.zone[meets]), -1)
    is_border = np.cumsum(touched[:, :GRID], axis=1, dtype=np.int16) > 0
    is_within = np.cumsum(crossed[:, :GRID], axis=1, dtype=np.int16) % 2 == 1
    cells = GRID * GRID, edges.zones
    cell, zones = pairs_of(is_border.reshape(cells))
    count = np.bincount(cell, minlength=GRID * GRID).astype(np.int64)
    within = np.ascontiguousarray((is_within & ~is_border).reshape(cells))
    return Cells(within, np.cumsum(count) - count, count, zones)


def sort_into_bands(edges: Edges) -> Bands:
    """Sort edges by the band of the picture and the zone they are of."""
    slanting = np.flatnonzero(edges.upper[:, 1] < edges.lower[:, 1])
    first, last = (
        np.minimum((ends[slanting, 1] * GRID).astype(np.int64), GRID - 1)
        for ends in (edges.upper, edges.lower)
    )
    number, band = ragged(first, last - first + 1)
    edge = slanting[number]
    key = band * edges.zones + edges.zone[edge]
    count = np.bincount(key, minlength=GRID * edges.zones).astype(np.int64)
    edge = edge[np.argsort(key, kind="stable")]
    (upper_x, upper_y), (lower_x, lower_y) = edges.upper[edge].T, edges.lower[edge].T
    return Bands(
        np.cumsum(count) - count,
        count,
        upper_x.copy(),
        upper_y.copy(),
        lower_y.copy(),
        lower_x - upper_x,
        lower_y - upper_y,
    )
