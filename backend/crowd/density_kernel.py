"""Gaussian local density with wall correction (CROWD-SCIENCE section 2).

``ρ(r) = Σ_j w(r_j − r) / ∫_W w(r' − r) dr'`` with ``w(d) = exp(−|d|²/R²)/(πR²)``: each person is
spread over about a square metre, and what the kernel loses behind walls is made up for, so that
an evenly filled place reads its density everywhere, in a corner too.

References:
    Helbing, Johansson & Al-Abideen (2007), Phys. Rev. E 75, 046109, section II, R = 1 m. We add
    the denominator: over open ground it is 1 and the definition is theirs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import cKDTree

from backend.core.frame import FloatArray
from backend.crowd.ground_area import Area, polygon_of, positions_of
from backend.crowd.wall_correction import WallCorrection

RADIUS_M = 1.0
CELL_M = 0.5
MAX_NODES = 201**2
"""Nodes of a density field; where the place is larger the nodes are set wider apart."""
CUT_OFF = 3.0
"""In radii. What the kernel has beyond is left out: 1.2e-4 of an even density (points), 4.4e-5
(grid, where the cut is a square)."""
_AT_ONCE = 50_000
"""Kernel values worked on together: few enough to stay in the processor's cache."""


@dataclass(frozen=True, slots=True, eq=False)
class DensityField:
    """Local density at the nodes of a square grid.

    Attributes:
        values_per_m2: (R, C) float64, 1/m², row by row from the smallest y; NaN outside the
            walkable area.
        x_m: (C,) float64, metres, ground plane.
        y_m: (R,) float64, metres, ground plane.
        cell_m: Distance of two nodes, metres: as asked for, or wider (``MAX_NODES``).
    """

    values_per_m2: FloatArray
    x_m: FloatArray
    y_m: FloatArray
    cell_m: float


@dataclass(frozen=True, slots=True)
class PeakDensity:
    """Highest local density.

    Attributes:
        value_per_m2: 1/m²; 0 with nobody on walkable ground.
        at_m: Where, metres on the ground plane; None with nobody on walkable ground.
    """

    value_per_m2: float
    at_m: tuple[float, float] | None


class DensityKernel:
    """Gaussian local density on one walkable area: walls prepared once, then frame after frame.

    People off the walkable area are left out. Immutable after construction, so that threads may
    share it.

    Args:
        walkable_area: Ground people can stand on, metres.
        radius_m: R of the kernel.
        cell_m: Distance of the nodes of the field; wider where more than ``MAX_NODES`` would be
            needed.

    Raises:
        ValueError: No polygon with an area, or a length that is not positive.

    Example:
        >>> kernel = DensityKernel([(0, 0), (20, 0), (20, 20), (0, 20)])
        >>> peak = kernel.peak([(10.0, 10.0)])
        >>> round(peak.value_per_m2, 4), peak.at_m  # 1/π
        (0.3183, (10.0, 10.0))
    """

    def __init__(
        self, walkable_area: Area, *, radius_m: float = RADIUS_M, cell_m: float = CELL_M
    ) -> None:
        if not (radius_m > 0 and cell_m > 0):
            raise ValueError(f"radius_m and cell_m must be above 0 m, got {radius_m}, {cell_m}")
        self._area = polygon_of(walkable_area, "walkable_area")
        self.radius_m = radius_m
        self.cell_m, self.x_m, self.y_m = _grid(self._area.bounds, cell_m)
        self._walls = WallCorrection(self._area, radius_m)
        x, y = np.meshgrid(self.x_m, self.y_m)
        nodes = np.column_stack([x.ravel(), y.ravel()])
        share = np.where(self.contains(nodes), self._walls.at(nodes), np.nan)
        self.wall_share = share.reshape(x.shape)
        for array in (self.x_m, self.y_m, self.wall_share):
            array.flags.writeable = False

    def contains(self, points: npt.ArrayLike) -> npt.NDArray[np.bool_]:
        """Which points ((M, 2), metres) lie on walkable ground, its edge included; (M,)."""
        xy = positions_of(points, "points")
        return np.asarray(shapely.intersects_xy(self._area, xy[:, 0], xy[:, 1]))

    def field(self, positions: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> DensityField:
        """Density at every node.

        Args:
            positions: (N, 2) float64, metres, ground plane. N = 0 gives zeros.
            weights: (N,) people each stands for, 1 by default (1/recall makes up for the
                unseen).

        Returns:
            The field, NaN off the walkable area.

        Raises:
            ValueError: A wrong shape, NaN, or a negative weight.
        """
        people, mass = self._people(positions, weights)
        values = self._grid_sums(people, mass[:, None])[0] / self.wall_share
        values.flags.writeable = False
        return DensityField(values, self.x_m, self.y_m, self.cell_m)

    def at(
        self,
        points: npt.ArrayLike,
        positions: npt.ArrayLike,
        weights: npt.ArrayLike | None = None,
    ) -> FloatArray:
        """Density at ``points`` ((M, 2), metres): (M,) float64, 1/m², NaN off walkable ground.

        Arguments and errors as in :meth:`field`.
        """
        where = positions_of(points, "points")
        people, mass = self._people(positions, weights)
        values = np.full(len(where), np.nan)
        inside = self.contains(where)
        at = where[inside]
        values[inside] = self._sums_at(at, people, mass) / self._walls.at(at)
        return values

    def peak(
        self,
        positions: npt.ArrayLike,
        weights: npt.ArrayLike | None = None,
        *,
        field: DensityField | None = None,
    ) -> PeakDensity:
        """Highest density over the nodes and the people's own positions.

        The people are looked at too because a tight group stands up to 0.35 m from the nearest
        node and would read 12 % low there. Another person never lowers the peak.

        Args:
            positions: As in :meth:`field`.
            weights: As in :meth:`field`.
            field: The field of the same people, if it is at hand; saves computing it again.

        Raises:
            ValueError: As in :meth:`field`.
        """
        people, mass = self._people(positions, weights)
        if len(people) == 0:
            return PeakDensity(0.0, None)
        own = self._sums_among(people, mass) / self._walls.at(people)
        best = int(own.argmax())
        value, at = float(own[best]), people[best]
        on_grid = np.nan_to_num((field or self.field(people, mass)).values_per_m2)
        row, column = np.unravel_index(int(on_grid.argmax()), on_grid.shape)
        if on_grid[row, column] > value:
            value = float(on_grid[row, column])
            at = np.array([self.x_m[column], self.y_m[row]])
        return PeakDensity(value, (float(at[0]), float(at[1])))

    def grid_sums(self, positions: npt.ArrayLike, values: npt.ArrayLike) -> FloatArray:
        """``Σ_j values_j w(r_j − r)`` at every node, without wall correction.

        The quotient of two such sums is a kernel-smoothed mean, a velocity field for example.

        Args:
            positions: (N, 2) float64, metres; who is off walkable ground is left out.
            values: (N, K) float64, K quantities of each person.

        Returns:
            (K, R, C) float64, unit of the values per m²; zeros for N = 0.

        Raises:
            ValueError: A wrong shape or NaN.
        """
        xy = positions_of(positions)
        each = np.asarray(values, dtype=np.float64)
        if each.ndim != 2 or len(each) != len(xy) or not np.isfinite(each).all():
            raise ValueError(f"values must be finite, (N, K) for {len(xy)} people: {each.shape}")
        inside = self.contains(xy)
        return self._grid_sums(xy[inside], each[inside])

    def _people(
        self, positions: npt.ArrayLike, weights: npt.ArrayLike | None
    ) -> tuple[FloatArray, FloatArray]:
        """Who stands on walkable ground, and for how many people each."""
        xy = positions_of(positions)
        mass = np.ones(len(xy)) if weights is None else np.asarray(weights, dtype=np.float64)
        if mass.shape != (len(xy),):
            raise ValueError(f"weights must have shape ({len(xy)},), got {mass.shape}")
        if not (np.isfinite(mass).all() and (mass >= 0).all()):
            raise ValueError("weights must be finite and not negative")
        inside = self.contains(xy)
        return xy[inside], mass[inside]

    def _grid_sums(self, people: FloatArray, values: FloatArray) -> FloatArray:
        """Each person is added to the square of nodes around; groups bound the memory."""
        reach = math.ceil(CUT_OFF * self.radius_m / self.cell_m)
        shape = len(self.y_m), len(self.x_m)
        sums = np.zeros((values.shape[1], shape[0] * shape[1]))
        group = max(_AT_ONCE // (2 * reach + 1) ** 2, 1)
        for start in range(0, len(people), group):
            some = people[start : start + group]
            columns, across = self._nodes_near(some[:, 0], self.x_m, reach)
            rows, along = self._nodes_near(some[:, 1], self.y_m, reach)
            node = (rows[:, :, None] * shape[1] + columns[:, None, :]).ravel()
            patch = along[:, :, None] * across[:, None, :]
            for which, value in enumerate(values[start : start + group].T):
                mass = (patch * value[:, None, None]).ravel()
                sums[which] += np.bincount(node, mass, sums.shape[1])
        return sums.reshape(-1, *shape)

    def _nodes_near(
        self, of: FloatArray, axis: FloatArray, reach: int
    ) -> tuple[npt.NDArray[np.int64], FloatArray]:
        """Indices along one axis around each coordinate, and the kernel's factor there."""
        nearest = np.rint((of - axis[0]) / self.cell_m).astype(np.int64)
        index = nearest[:, None] + np.arange(-reach, reach + 1)
        distance = (axis[0] + index * self.cell_m - of[:, None]) / self.radius_m
        factor = np.exp(-(distance**2)) / (math.sqrt(math.pi) * self.radius_m)
        on_grid = (index >= 0) & (index < len(axis))
        return np.where(on_grid, index, 0), np.where(on_grid, factor, 0.0)

    def _sums_among(self, people: FloatArray, mass: FloatArray) -> FloatArray:
        """Kernel sums at the people's own positions, themselves included; N >= 1."""
        tree = cKDTree(people)
        pairs = tree.query_pairs(CUT_OFF * self.radius_m, output_type="ndarray")
        x, y = np.ascontiguousarray(people.T)
        sums = mass * self._kernel(np.zeros(1))
        for start in range(0, len(pairs), _AT_ONCE):
            one, other = np.ascontiguousarray(pairs[start : start + _AT_ONCE].T)
            kernel = self._kernel((x[one] - x[other]) ** 2 + (y[one] - y[other]) ** 2)
            sums += np.bincount(one, kernel * mass[other], len(people))
            sums += np.bincount(other, kernel * mass[one], len(people))
        return np.asarray(sums)

    def _sums_at(self, points: FloatArray, people: FloatArray, mass: FloatArray) -> FloatArray:
        """Kernel sums at any points."""
        if len(points) == 0 or len(people) == 0:
            return np.zeros(len(points))
        near = cKDTree(points).sparse_distance_matrix(
            cKDTree(people), CUT_OFF * self.radius_m, output_type="ndarray"
        )
        kernel = self._kernel(near["v"] ** 2) * mass[near["j"]]
        return np.asarray(np.bincount(near["i"], kernel, len(points)), dtype=np.float64)

    def _kernel(self, squared_m2: FloatArray) -> FloatArray:
        squared_radius = self.radius_m**2
        return np.asarray(np.exp(-squared_m2 / squared_radius) / (math.pi * squared_radius))


def _grid(
    bounds: tuple[float, float, float, float], cell_m: float
) -> tuple[float, FloatArray, FloatArray]:
    """Node distance and axes of a grid set in the middle of the bounds, at most MAX_NODES."""
    west, south, east, north = bounds

    def counts(cell: float) -> tuple[int, int]:
        return int((east - west) / cell) + 1, int((north - south) / cell) + 1

    cell = cell_m
    while math.prod(counts(cell)) > MAX_NODES:
        cell *= max(math.sqrt(math.prod(counts(cell)) / MAX_NODES), 1.01)
    across, along = counts(cell)
    x = (west + east) / 2 + cell * (np.arange(across) - (across - 1) / 2)
    y = (south + north) / 2 + cell * (np.arange(along) - (along - 1) / 2)
    return cell, np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)


def gaussian_density_field(
    positions: npt.ArrayLike,
    walkable_area: Area,
    *,
    radius_m: float = RADIUS_M,
    cell_m: float = CELL_M,
    weights: npt.ArrayLike | None = None,
) -> DensityField:
    """Gaussian local density at the nodes of a grid.

    Prepares the walls anew at each call; for many frames keep a :class:`DensityKernel`.

    Args:
        positions: (N, 2) float64, metres, ground plane; who is off the walkable area is left
            out. N = 0 gives zeros.
        walkable_area: Ground people can stand on, metres.
        radius_m: R of the kernel.
        cell_m: Distance of the nodes (wider above ``MAX_NODES`` nodes).
        weights: (N,) people each stands for, 1 by default.

    Returns:
        The field in 1/m², NaN off the walkable area.

    Raises:
        ValueError: A wrong shape, NaN, a negative weight or no area.

    References:
        Helbing, Johansson & Al-Abideen (2007), Phys. Rev. E 75, 046109; wall correction ours.

    Example:
        >>> field = gaussian_density_field([(5.0, 5.0)], [(0, 0), (10, 0), (10, 10), (0, 10)])
        >>> field.values_per_m2.shape, round(float(field.values_per_m2.max()), 4)
        ((21, 21), 0.3183)
    """
    kernel = DensityKernel(walkable_area, radius_m=radius_m, cell_m=cell_m)
    return kernel.field(positions, weights)


def local_density(
    positions: npt.ArrayLike,
    at: npt.ArrayLike,
    walkable_area: Area,
    *,
    radius_m: float = RADIUS_M,
    weights: npt.ArrayLike | None = None,
) -> FloatArray:
    """Gaussian local density at the points ``at`` ((M, 2), metres), (M,) float64, 1/m².

    NaN off the walkable area; otherwise as :func:`gaussian_density_field`.

    Example:
        >>> square = [(0, 0), (10, 0), (10, 10), (0, 10)]
        >>> local_density([(5.0, 5.0), (5.0, 6.0)], [(5.0, 5.0)], square).round(3)
        array([0.435])
    """
    return DensityKernel(walkable_area, radius_m=radius_m).at(at, positions, weights)


def peak_local_density(
    positions: npt.ArrayLike,
    walkable_area: Area,
    *,
    radius_m: float = RADIUS_M,
    cell_m: float = CELL_M,
    weights: npt.ArrayLike | None = None,
) -> PeakDensity:
    """Highest Gaussian local density over a grid and the people's own positions.

    Arguments and errors as in :func:`gaussian_density_field`. With nobody on walkable ground the
    peak is 0 and has no place.

    Example:
        >>> peak_local_density([], [(0, 0), (10, 0), (10, 10), (0, 10)])
        PeakDensity(value_per_m2=0.0, at_m=None)
    """
    kernel = DensityKernel(walkable_area, radius_m=radius_m, cell_m=cell_m)
    return kernel.peak(positions, weights)
