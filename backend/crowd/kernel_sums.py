"""Sums of Gaussian kernels over people: on a grid, at the people themselves, at any points.

``Σ_j m_j w(r_j − r)`` with ``w(d) = exp(−|d|²/R²)/(πR²)``, without any wall correction. What lies
beyond 3 R is left out, so that the work grows with the number of neighbours and not with the
square of the number of people.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from backend.core.frame import FloatArray

CUT_OFF = 3.0
"""In radii. Lost beyond: 1.2e-4 of an even density (points), 4.4e-5 (grid, where the cut is a
square)."""
_AT_ONCE = 50_000
"""Kernel values worked on together: few enough to stay in the processor's cache."""
_HAIR = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """A square grid of nodes on the ground.

    Attributes:
        cell_m: Distance of two nodes, metres.
        x_m: (C,) float64, metres, ascending, read-only.
        y_m: (R,) float64, metres, ascending, read-only.
    """

    cell_m: float
    x_m: FloatArray
    y_m: FloatArray

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.y_m), len(self.x_m)

    def nodes(self) -> FloatArray:
        """(R·C, 2) float64, metres, row by row."""
        x, y = np.meshgrid(self.x_m, self.y_m)
        return np.column_stack([x.ravel(), y.ravel()])


def grid_over(bounds: tuple[float, float, float, float], cell_m: float, *, max_nodes: int) -> Grid:
    """Grid set in the middle of ``bounds`` (least x, y, greatest x, y), metres.

    Nodes are ``cell_m`` apart, or wider where there would be more than ``max_nodes``. They are
    the middles of cells that cover the bounds, so that none lies on a wall along the bounds,
    where rounding would decide whether it counts.

    Example:
        >>> grid_over((0.0, 0.0, 1.2, 0.4), 0.5, max_nodes=100).x_m.round(2)
        array([0.1, 0.6, 1.1])
    """
    west, south, east, north = bounds

    def counts(cell: float) -> tuple[int, int]:
        # A hair less, so that rounding of the bounds does not add a row.
        across, along = (east - west) / cell - _HAIR, (north - south) / cell - _HAIR
        return max(math.ceil(across), 1), max(math.ceil(along), 1)

    cell = cell_m
    while math.prod(counts(cell)) > max_nodes:
        cell *= max(math.sqrt(math.prod(counts(cell)) / max_nodes), 1.01)
    across, along = counts(cell)
    x = np.asarray((west + east) / 2 + cell * (np.arange(across) - (across - 1) / 2))
    y = np.asarray((south + north) / 2 + cell * (np.arange(along) - (along - 1) / 2))
    x.flags.writeable = y.flags.writeable = False
    return Grid(cell, x, y)


def sums_on_grid(
    grid: Grid, people: FloatArray, values: FloatArray, *, radius_m: float
) -> FloatArray:
    """Sums at every node, of K quantities of each person.

    Args:
        grid: The nodes.
        people: (N, 2) float64, metres.
        values: (N, K) float64.
        radius_m: R.

    Returns:
        (K, R, C) float64, unit of the values per m².
    """
    reach = math.ceil(CUT_OFF * radius_m / grid.cell_m)
    rows, columns = grid.shape
    sums = np.zeros((values.shape[1], rows * columns))
    group = max(_AT_ONCE // (2 * reach + 1) ** 2, 1)
    for start in range(0, len(people), group):
        some = people[start : start + group]
        column, across = _nodes_near(some[:, 0], grid.x_m, grid.cell_m, reach, radius_m)
        row, along = _nodes_near(some[:, 1], grid.y_m, grid.cell_m, reach, radius_m)
        node = (row[:, :, None] * columns + column[:, None, :]).ravel()
        patch = along[:, :, None] * across[:, None, :]
        for which, value in enumerate(values[start : start + group].T):
            mass = (patch * value[:, None, None]).ravel()
            sums[which] += np.bincount(node, mass, rows * columns)
    return sums.reshape(-1, rows, columns)


def sums_among(people: FloatArray, mass: FloatArray, *, radius_m: float) -> FloatArray:
    """Sums at the people's own positions, themselves included, (N,) float64, 1/m²; N >= 1."""
    pairs = cKDTree(people).query_pairs(CUT_OFF * radius_m, output_type="ndarray")
    x, y = np.ascontiguousarray(people.T)
    sums = mass * _kernel(np.zeros(1), radius_m)
    for start in range(0, len(pairs), _AT_ONCE):
        one, other = np.ascontiguousarray(pairs[start : start + _AT_ONCE].T)
        kernel = _kernel((x[one] - x[other]) ** 2 + (y[one] - y[other]) ** 2, radius_m)
        sums += np.bincount(one, kernel * mass[other], len(people))
        sums += np.bincount(other, kernel * mass[one], len(people))
    return np.asarray(sums)


def sums_at(
    points: FloatArray, people: FloatArray, mass: FloatArray, *, radius_m: float
) -> FloatArray:
    """Sums at any points ((M, 2), metres), (M,) float64, 1/m²; zeros for N = 0."""
    if len(points) == 0 or len(people) == 0:
        return np.zeros(len(points))
    near = cKDTree(points).sparse_distance_matrix(
        cKDTree(people), CUT_OFF * radius_m, output_type="ndarray"
    )
    kernel = _kernel(near["v"] ** 2, radius_m) * mass[near["j"]]
    return np.asarray(np.bincount(near["i"], kernel, len(points)), dtype=np.float64)


def _nodes_near(
    of: FloatArray, axis: FloatArray, cell_m: float, reach: int, radius_m: float
) -> tuple[npt.NDArray[np.int64], FloatArray]:
    """Indices along one axis around each coordinate, and the kernel's factor there."""
    nearest = np.rint((of - axis[0]) / cell_m).astype(np.int64)
    index = nearest[:, None] + np.arange(-reach, reach + 1)
    distance = (axis[0] + index * cell_m - of[:, None]) / radius_m
    factor = np.exp(-(distance**2)) / (math.sqrt(math.pi) * radius_m)
    on_grid = (index >= 0) & (index < len(axis))
    return np.where(on_grid, index, 0), np.where(on_grid, factor, 0.0)


def _kernel(squared_m2: FloatArray, radius_m: float) -> FloatArray:
    return np.asarray(np.exp(-squared_m2 / radius_m**2) / (math.pi * radius_m**2))
