"""Gaussian local density with wall correction (CROWD-SCIENCE section 2).

``ρ(r) = Σ_j w(r_j − r) / ∫_W w(r' − r) dr'`` with ``w(d) = exp(−|d|²/R²)/(πR²)``: each person is
spread over about a square metre, and what the kernel loses behind walls is made up for, so that
an evenly filled place reads its density everywhere, in a corner too.

References:
    Helbing, Johansson & Al-Abideen (2007), Phys. Rev. E 75, 046109, section II, R = 1 m. We add
    the denominator: over open ground it is 1 and the definition is theirs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from backend.core.frame import FloatArray
from backend.crowd.ground_area import Area, polygon_of, positions_of
from backend.crowd.kernel_sums import grid_over, sums_among, sums_at, sums_on_grid
from backend.crowd.wall_correction import WallCorrection

RADIUS_M = 1.0
CELL_M = 0.5
PEAK_MIN_SHARE = 0.4
"""Share of the kernel that must lie on walkable ground where a peak is looked for.

In a right-angled corner it is a quarter, and two people who talk there would read 2.3/m²: most of
that is the correction, not people. Half a metre inside, a corner that really is full reads as
much and keeps 0.58.
"""
MAX_NODES = 201**2
"""Nodes of a density field; where the place is larger the nodes are set wider apart."""


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

    People off the walkable area are left out. Keeps no state from one call to the next; one
    thread at a time may use it. Preparation takes 2 ms for a small place, 0.4 s for the largest.

    Args:
        walkable_area: Ground people can stand on, metres.
        radius_m: R of the kernel.
        cell_m: Distance of the nodes of the field; wider where more than ``MAX_NODES`` would be
            needed.

    Attributes:
        grid: Nodes of the field.
        wall_share: (R, C) float64, share of the kernel around each node that lies on walkable
            ground; NaN off it.
        peak_nodes: (R, C) bool, nodes at which a peak may lie (`may_peak`).
        radius_m: R.

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
        self.grid = grid_over(self._area.bounds, cell_m, max_nodes=MAX_NODES)
        self._walls = WallCorrection(self._area, radius_m)
        nodes = self.grid.nodes()
        share = np.where(self.contains(nodes), self._walls.at(nodes), np.nan)
        self.wall_share = share.reshape(self.grid.shape)
        self.wall_share.flags.writeable = False
        widest = float(np.nanmax(share, initial=0.0))
        # a passage narrower than 0.75 m offers less anywhere: there the best it has
        self._peak_share = min(PEAK_MIN_SHARE, 0.9 * widest)
        self.peak_nodes = self.wall_share >= self._peak_share
        self.peak_nodes.flags.writeable = False

    @property
    def cell_m(self) -> float:
        """Distance of two nodes, metres."""
        return self.grid.cell_m

    @property
    def x_m(self) -> FloatArray:
        """(C,) float64, metres, ground plane: columns of the field."""
        return self.grid.x_m

    @property
    def y_m(self) -> FloatArray:
        """(R,) float64, metres, ground plane: rows of the field."""
        return self.grid.y_m

    def contains(self, points: npt.ArrayLike) -> npt.NDArray[np.bool_]:
        """Which points ((M, 2), metres) lie on walkable ground, its edge included; (M,)."""
        xy = positions_of(points, "points")
        return np.asarray(shapely.intersects_xy(self._area, xy[:, 0], xy[:, 1]))

    def may_peak(self, points: npt.ArrayLike) -> npt.NDArray[np.bool_]:
        """At which points ((M, 2), metres) a peak may lie: enough ground around them; (M,)."""
        xy = positions_of(points, "points")
        return np.asarray(self.contains(xy) & (self._walls.at(xy) >= self._peak_share))

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
        sums = sums_on_grid(self.grid, people, mass[:, None], radius_m=self.radius_m)
        values = sums[0] / self.wall_share
        values.flags.writeable = False
        return DensityField(values, self.grid.x_m, self.grid.y_m, self.grid.cell_m)

    def at(
        self,
        points: npt.ArrayLike,
        positions: npt.ArrayLike,
        weights: npt.ArrayLike | None = None,
    ) -> FloatArray:
        """Density at ``points`` ((M, 2), metres): (M,) float64, 1/m², NaN off walkable ground.

        Given the same array as points and positions it is about three times as fast. Arguments
        and errors as in :meth:`field`.
        """
        where = positions_of(points, "points")
        people, mass = self._people(positions, weights)
        values = np.full(len(where), np.nan)
        inside = self.contains(where)
        at = where[inside]
        if points is positions and len(people) > 0:
            sums = sums_among(people, mass, radius_m=self.radius_m)
        else:
            sums = sums_at(at, people, mass, radius_m=self.radius_m)
        values[inside] = sums / self._walls.at(at)
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
        node and would read 12 % low there. Places where less than `PEAK_MIN_SHARE` of the kernel
        lies on walkable ground are left out. Another person never lowers the peak.

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
        share = self._walls.at(people)
        own = sums_among(people, mass, radius_m=self.radius_m) / share
        own[share < self._peak_share] = 0.0
        best = int(own.argmax())
        value, at = float(own[best]), people[best]
        values = (field or self.field(people, mass)).values_per_m2
        on_grid = np.where(self.peak_nodes, values, 0.0)
        row, column = np.unravel_index(int(on_grid.argmax()), on_grid.shape)
        if on_grid[row, column] > value:
            value = float(on_grid[row, column])
            at = np.array([self.grid.x_m[column], self.grid.y_m[row]])
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
        return sums_on_grid(self.grid, xy[inside], each[inside], radius_m=self.radius_m)

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
        ((20, 20), 0.2809)
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
