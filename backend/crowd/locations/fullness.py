"""How full a location is, in one word (docs/methods/locations.md)."""

from __future__ import annotations

from bisect import bisect_right

from backend.core.locations import DensityLevel

OCCUPANCY_EDGES = (50.0, 80.0, 100.0)
"""Percent of the capacity at which MEDIUM, HIGH and CRITICAL begin."""

DENSITY_EDGES = (2.0, 4.0, 6.0)
"""Peak local density at which they begin, 1/m²: the bands of CAUTION, WARNING and CRITICAL."""


def compute_occupancy(count: float | None, capacity: int | None) -> float | None:
    """People in percent of the capacity; None without either.

    Example:
        >>> compute_occupancy(150, 200)
        75.0
    """
    if count is None or not capacity:
        return None
    return 100.0 * count / capacity


def density_level(
    occupancy_percent: float | None,
    peak_density_per_m2: float | None,
    density_edges: tuple[float, float, float] = DENSITY_EDGES,
) -> tuple[DensityLevel | None, str]:
    """Say how full a place is, by its capacity and by how densely people stand in it.

    Args:
        occupancy_percent: Of the capacity.
        peak_density_per_m2: Highest of its areas.
        density_edges: Density at which MEDIUM, HIGH and CRITICAL begin, 1/m², increasing.

    Returns:
        The higher of the two and which it was: ``occupancy``, or ``density`` where it is the
        higher or the only one. None and an empty text without either.

    Example:
        >>> density_level(60.0, 4.5)
        (<DensityLevel.HIGH: 2>, 'density')
        >>> density_level(60.0, 2.0)
        (<DensityLevel.MEDIUM: 1>, 'occupancy')
    """
    by_people = _level(occupancy_percent, OCCUPANCY_EDGES)
    by_density = _level(peak_density_per_m2, density_edges)
    if by_density is not None and (by_people is None or by_density > by_people):
        return by_density, "density"
    return by_people, "" if by_people is None else "occupancy"


def _level(value: float | None, edges: tuple[float, float, float]) -> DensityLevel | None:
    return None if value is None else DensityLevel(bisect_right(edges, value))
