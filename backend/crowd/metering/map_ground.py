"""The ground below the cells of a density map: geometry of one map shape, prepared once.

A cell tells how many heads are seen in it. Their owners stand on the ground below the cell (at
head height, `heads_on_ground`), anywhere within it: its people are spread evenly over that
four-sided piece of ground, by sub-points at most 0.4 m apart, so that the Gaussian kernel
(R = 1 m) sees people and no lattice of cells.

**At the border.** A sub-point that is not on walkable ground drops out with its share of the
people; nobody is pulled in. So a cell half of which is monitored counts half its people there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from backend.core.frame import FloatArray
from backend.crowd.calibration.heads_on_ground import HeadBasis, HeadPlane
from backend.crowd.calibration.monitored_ground import MonitoredGround

APART_M = 0.4
"""Greatest distance of two sub-points of a cell, metres; more on very large grounds."""

MAX_POINTS = 20_000
"""Sub-points that a ground is divided into where its cells are coarse."""

MAX_ACROSS = 16
"""Sub-points along one side of a cell."""

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class MapGround:
    """Where the people of every cell stand; immutable.

    Attributes:
        map_hw: Rows and columns of the map.
        cell_wh_px: Width and height of a cell, pixels of the full frame.
        basis: What the way from heads to feet rests on.
        ground_m2: (R, C) float64, read-only, m² of ground below the whole cell; NaN where none
            of it is walkable ground within 0.25 m per pixel.
        inside: (R, C) float64 in [0, 1], read-only, share of a cell's people who stand in the
            monitored area; 0 where nobody does.
        cell: (S,) int64, read-only, cell of each sub-point on walkable ground, row by row.
        points_m: (S, 2) float64, read-only, metres, ground plane.
        part: (S,) float64, read-only, share of its cell's people that stand there.
    """

    map_hw: tuple[int, int]
    cell_wh_px: tuple[float, float]
    basis: HeadBasis
    ground_m2: FloatArray
    inside: FloatArray
    cell: IntArray
    points_m: FloatArray
    part: FloatArray

    @classmethod
    def of(
        cls,
        heads: HeadPlane,
        ground: MonitoredGround,
        *,
        map_hw: tuple[int, int],
        cell_wh_px: tuple[float, float],
    ) -> MapGround:
        """Prepare a map of this shape.

        Args:
            heads: From pixels of heads to the ground below them.
            ground: Monitored and walkable area.
            map_hw: Rows and columns of the map, each at least 1.
            cell_wh_px: Width and height of a cell, pixels of the full frame, > 0.

        Raises:
            ValueError: A shape without cells, or cells without a size.
        """
        if min(map_hw) < 1 or not min(cell_wh_px) > 0:
            raise ValueError(f"a map needs cells of some size, got {map_hw} cells of {cell_wh_px}")
        corners = _corners(heads, map_hw, cell_wh_px)
        candidates = np.flatnonzero(_may_touch(corners, ground))
        apart = max(APART_M, math.sqrt(ground.walkable_area.area / MAX_POINTS))
        cell, points, part = _divide(corners, candidates, apart)
        walkable = np.asarray(shapely.contains_xy(ground.walkable_area, points))
        cell, points, part = cell[walkable], points[walkable], part[walkable]
        monitored = ground.contains(points)
        count = math.prod(map_hw)
        area = np.full(count, np.nan)
        met = np.unique(cell)
        area[met] = _areas(corners[met])
        inside = np.bincount(cell[monitored], part[monitored], count)
        found = cls(
            map_hw=map_hw,
            cell_wh_px=cell_wh_px,
            basis=heads.basis,
            ground_m2=area.reshape(map_hw),
            inside=np.minimum(inside, 1.0).reshape(map_hw),
            cell=cell,
            points_m=points,
            part=part,
        )
        for array in (found.ground_m2, found.inside, cell, points, part):
            array.flags.writeable = False
        return found


def _corners(
    heads: HeadPlane, map_hw: tuple[int, int], cell_wh_px: tuple[float, float]
) -> FloatArray:
    """(R·C, 4, 2) ground below the corners of every cell, in order around it; NaN off."""
    rows, columns = map_hw
    x, y = np.meshgrid(
        cell_wh_px[0] * np.arange(columns + 1.0), cell_wh_px[1] * np.arange(rows + 1.0)
    )
    on_ground = heads.below(np.column_stack([x.ravel(), y.ravel()]))
    grid = on_ground.reshape(rows + 1, columns + 1, 2)
    around = (grid[:-1, :-1], grid[:-1, 1:], grid[1:, 1:], grid[1:, :-1])
    return np.stack(around, axis=2).reshape(-1, 4, 2)


def _may_touch(corners: FloatArray, ground: MonitoredGround) -> npt.NDArray[np.bool_]:
    """Which cells lie near the walkable ground, (R·C,); none of those cut by the horizon."""
    west, south, east, north = ground.walkable_area.bounds
    low, high = corners.min(axis=1), corners.max(axis=1)
    touches = (low <= [east, north]) & (high >= [west, south])
    return np.asarray(touches.all(axis=1))


def _areas(corners: FloatArray) -> FloatArray:
    """(M,) m² of four-sided cells (M, 4, 2)."""
    first, second = corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1]
    return np.abs(first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]) / 2


def _divide(
    corners: FloatArray, cells: IntArray, apart_m: float
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Sub-points of these cells: their cell (S,), place (S, 2) and share of the cell (S,)."""
    quads = corners[cells]
    sides = np.linalg.norm(quads - np.roll(quads, -1, axis=1), axis=2)
    longest = np.stack([sides[:, [0, 2]].max(axis=1), sides[:, [1, 3]].max(axis=1)], axis=1)
    counts = np.clip(np.ceil(longest / apart_m), 1, MAX_ACROSS).astype(np.int64)
    found: list[tuple[IntArray, FloatArray, FloatArray]] = [
        (np.zeros(0, np.int64), np.zeros((0, 2)), np.zeros(0))
    ]
    for across, down in np.unique(counts, axis=0).tolist():
        alike = (counts == (across, down)).all(axis=1)
        u, v = np.meshgrid((np.arange(across) + 0.5) / across, (np.arange(down) + 0.5) / down)
        u, v = u.ravel(), v.ravel()
        weights = np.stack([(1 - u) * (1 - v), u * (1 - v), u * v, (1 - u) * v], axis=1)
        points = np.einsum("sk,mkd->msd", weights, quads[alike]).reshape(-1, 2)
        number = across * down
        found.append((np.repeat(cells[alike], number), points, np.full(len(points), 1.0 / number)))
    cell, point, part = zip(*found, strict=True)
    return np.concatenate(cell), np.concatenate(point), np.concatenate(part)
