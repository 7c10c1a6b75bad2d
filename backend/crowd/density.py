"""Density by area (CROWD-SCIENCE section 2)."""

from __future__ import annotations


def density_by_area(count: float, area_m2: float) -> float:
    """Classic density ``N / |A|``.

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
    if count < 0:
        raise ValueError(f"count must not be negative, got {count}")
    return count / area_m2
