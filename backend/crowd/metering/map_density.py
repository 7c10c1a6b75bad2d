"""Gaussian local density of the people a density map counts (CROWD-SCIENCE section 2).

The same sum over a Gaussian kernel as for people one by one, of thousands of weighted sub-points
(`map_ground`) at every beat: their weights are laid on a fine square grid, each on the four
nodes around it in proportion to nearness, and the grid is convolved with the kernel along x and
along y. Laying a point on four nodes h apart spreads it by a variance of h²/6 along each axis on
average, which the kernel convolved with is narrower by.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from scipy.sparse import csr_array

from backend.core.frame import FloatArray
from backend.crowd.density_kernel import DensityField, DensityKernel
from backend.crowd.kernel_sums import CUT_OFF
from backend.crowd.metering.map_ground import MapGround


class MapDensity:
    """Local density made by the cells of one map shape, on the nodes of one kernel.

    Against the exact sum it errs by less than 1 % where a crowd is spread over cells, less than
    2 % for a lonely point.

    Args:
        ground: Where the people of each cell stand.
        kernel: Gives nodes, walls and radius.
    """

    def __init__(self, ground: MapGround, kernel: DensityKernel) -> None:
        self.ground = ground
        self._kernel = kernel
        # an even number, so that the kernel's own nodes are among the fine ones
        self._parts = 2 * math.ceil(kernel.cell_m / kernel.radius_m)
        self._step_m = kernel.cell_m / self._parts
        rows, columns = kernel.grid.shape
        self._fine_hw = rows * self._parts + 1, columns * self._parts + 1
        self._laid = self._lay(ground)
        self._line = self._kernel_line()

    def sums(self, people: FloatArray) -> FloatArray:
        """``Σ_j n_j w(r_j − r)`` at every node, without wall correction.

        Args:
            people: (R·C,) float64, people of each cell of the map, row by row.

        Returns:
            (rows, columns of the kernel's grid) float64, 1/m².
        """
        fine = (self._laid @ people).reshape(self._fine_hw)
        smooth = cv2.sepFilter2D(
            fine, cv2.CV_64F, self._line, self._line, borderType=cv2.BORDER_CONSTANT
        )
        first = self._parts // 2
        return np.asarray(smooth[first :: self._parts, first :: self._parts])

    def field(self, people: FloatArray) -> FloatArray:
        """Local density at every node, 1/m²; NaN off walkable ground. As `sums`."""
        return np.asarray(self.sums(people) / self._kernel.wall_share)

    def _lay(self, ground: MapGround) -> csr_array:
        """(fine nodes, cells): what one person in a cell lays on every fine node."""
        kernel = self._kernel
        corner = np.array([kernel.x_m[0], kernel.y_m[0]]) - kernel.cell_m / 2
        rows, columns = self._fine_hw
        at = np.clip((ground.points_m - corner) / self._step_m, 0, [columns - 1, rows - 1])
        low = np.minimum(at.astype(np.int64), [columns - 2, rows - 2])
        right, down = (at - low).T
        nodes, weights = [], []
        for dx, across in ((0, 1 - right), (1, right)):
            for dy, along in ((0, 1 - down), (1, down)):
                nodes.append((low[:, 1] + dy) * columns + low[:, 0] + dx)
                weights.append(ground.part * across * along)
        place = np.concatenate(nodes), np.tile(ground.cell, 4)
        shape = rows * columns, math.prod(ground.map_hw)
        return csr_array((np.concatenate(weights), place), shape=shape)

    def _kernel_line(self) -> FloatArray:
        radius = self._kernel.radius_m
        reach = math.ceil(CUT_OFF * radius / self._step_m)
        narrowed = math.sqrt(radius**2 - self._step_m**2 / 3)
        away = np.arange(-reach, reach + 1) * self._step_m / narrowed
        return np.asarray(np.exp(-(away**2)) / (math.sqrt(math.pi) * narrowed))


def density_at(field: DensityField, points_m: FloatArray) -> FloatArray:
    """Density between the nodes of a field, linear along x and along y.

    Beside a wall the nodes behind it are left out.

    Args:
        field: NaN off walkable ground.
        points_m: (M, 2) float64, metres, ground plane.

    Returns:
        (M,) float64, 1/m²; NaN where none of the four nodes around lies on walkable ground, and
        more than one node beside the grid.
    """
    rows, columns = field.values_per_m2.shape
    origin = np.array([field.x_m[0], field.y_m[0]])
    at = (np.asarray(points_m, np.float64).reshape(-1, 2) - origin) / field.cell_m
    near = (np.isfinite(at) & (at >= -1) & (at <= [columns, rows])).all(axis=1)
    at = np.clip(np.where(near[:, None], at, 0.0), 0, [columns - 1, rows - 1])
    low = np.floor(at).astype(np.int64)
    high = np.minimum(low + 1, [columns - 1, rows - 1])
    right, down = (at - low).T
    known = np.isfinite(field.values_per_m2)
    values = np.where(known, field.values_per_m2, 0.0)
    total, weight = np.zeros(len(at)), np.zeros(len(at))
    for column, across in ((low[:, 0], 1 - right), (high[:, 0], right)):
        for row, along in ((low[:, 1], 1 - down), (high[:, 1], down)):
            total += across * along * values[row, column]
            weight += across * along * known[row, column]
    found = np.divide(total, weight, out=np.full(len(at), np.nan), where=weight > 1e-9)
    found[~near] = np.nan
    return np.asarray(found)
