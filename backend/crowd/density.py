"""Densities of a crowd, 1/m², and the level of service (CROWD-SCIENCE section 2).

Classic and by area are defined here; Voronoi and Gaussian local density have modules of their
own and are imported from here too.
"""

from __future__ import annotations

from bisect import bisect_right

import numpy.typing as npt
import shapely

from backend.core.measurements import LevelOfService
from backend.crowd.density_kernel import (
    DensityField,
    DensityKernel,
    PeakDensity,
    gaussian_density_field,
    local_density,
    peak_local_density,
)
from backend.crowd.ground_area import Area, polygon_of, positions_of
from backend.crowd.voronoi import VoronoiArea, VoronoiCells, voronoi_density

__all__ = [
    "Area",
    "DensityField",
    "DensityKernel",
    "PeakDensity",
    "VoronoiArea",
    "VoronoiCells",
    "classic_density",
    "density_by_area",
    "gaussian_density_field",
    "level_of_service",
    "local_density",
    "peak_local_density",
    "voronoi_density",
]

_WALKWAY_EDGES_PER_M2 = (0.31, 0.43, 0.72, 1.08, 2.17)


def density_by_area(count: float, area_m2: float) -> float:
    """Classic density ``N / |A|`` of a count.

    Args:
        count: Pedestrians in the monitored area, >= 0.
        area_m2: Monitored area in square metres, > 0.

    Returns:
        Density in 1/m²; 0 for nobody.

    Raises:
        ValueError: The area is not positive, or the count is negative.

    Example:
        >>> density_by_area(30, 100)
        0.3
    """
    if not area_m2 > 0:
        raise ValueError(f"area_m2 must be above 0 m², got {area_m2}")
    if not count >= 0:
        raise ValueError(f"count must not be negative, got {count}")
    return count / area_m2


def classic_density(positions: npt.ArrayLike, measurement_area: Area) -> float:
    """Classic density: people strictly inside the measurement area, divided by its area.

    Args:
        positions: (N, 2) float64, metres, ground plane. N = 0 gives 0.
        measurement_area: Metres. Who stands exactly on its edge is outside, so that two areas
            side by side never count somebody twice (PedPy's convention).

    Returns:
        Density, 1/m².

    Raises:
        ValueError: A wrong shape, NaN, or no area.

    References:
        Steffen & Seyfried (2010), Physica A 389:1902-1910, equation 5.

    Example:
        >>> classic_density([(1, 1), (2, 1), (9, 9)], [(0, 0), (4, 0), (4, 2), (0, 2)])
        0.25
    """
    area = polygon_of(measurement_area, "measurement_area")
    xy = positions_of(positions)
    inside = shapely.contains_xy(area, xy[:, 0], xy[:, 1])
    return float(inside.sum() / area.area)


def level_of_service(density_per_m2: float) -> LevelOfService:
    """Fruin's level of service of a walkway.

    A below 0.31 people/m², B below 0.43, C below 0.72, D below 1.08, E below 2.17, else F.

    Args:
        density_per_m2: 1/m², >= 0.

    Raises:
        ValueError: Negative or NaN.

    References:
        Fruin (1971), Pedestrian Planning and Design, walkway standards (areas per person 35, 25,
        15, 10 and 5 square feet, which are 3.25, 2.32, 1.39, 0.93 and 0.46 m²).

    Example:
        >>> level_of_service(0.5).value
        'C'
    """
    if not density_per_m2 >= 0:
        raise ValueError(f"density_per_m2 must not be negative, got {density_per_m2}")
    return tuple(LevelOfService)[bisect_right(_WALKWAY_EDGES_PER_M2, density_per_m2)]
