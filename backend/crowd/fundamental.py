"""The fundamental diagram: how fast people walk at a given density (CROWD-SCIENCE section 3)."""

from __future__ import annotations

import math

FREE_SPEED_MPS = 1.34
"""Mean speed of people with room to walk, m/s (Weidmann 1993)."""

GAMMA_PER_M2 = 1.913
"""Shape of Weidmann's curve, 1/m²."""

JAM_DENSITY_PER_M2 = 5.4
"""Density at which Weidmann's curve stands still, 1/m²."""

MAX_RATIO_DENSITY_PER_M2 = 4.0
"""Above this density no speed ratio is given, 1/m²: the curve runs to 0 and a ratio to it means
nothing, while real crowds still move."""


def weidmann_speed(density: float) -> float:
    """Speed people walk at in a crowd of this density, after Weidmann.

    ``v(rho) = 1.34 (1 - exp(-1.913 (1/rho - 1/5.4)))``.

    Args:
        density: 1/m², >= 0.

    Returns:
        m/s; 1.34 at density 0, 0 from 5.4 /m² on.

    Raises:
        ValueError: A negative or undefined density.

    References:
        Weidmann 1993, Transporttechnik der Fussgänger, Schriftenreihe des IVT 90, ETH Zürich
        (Kladek's formula).

    Example:
        >>> [round(weidmann_speed(rho), 3) for rho in (0.0, 1.0, 2.0, 4.0, 6.0)]
        [1.34, 1.058, 0.606, 0.156, 0.0]
    """
    if not density >= 0:
        raise ValueError(f"expected a density of 0 /m² or more, got {density}")
    if density == 0:
        return FREE_SPEED_MPS
    exponent = -GAMMA_PER_M2 * (1 / density - 1 / JAM_DENSITY_PER_M2)
    return max(FREE_SPEED_MPS * -math.expm1(exponent), 0.0)


def speed_ratio(mean_speed_mps: float | None, density_per_m2: float | None) -> float | None:
    """Mean speed over the speed usual at this density.

    Args:
        mean_speed_mps: m/s, None while undefined.
        density_per_m2: 1/m², None while undefined.

    Returns:
        1 = as usual, below 1 slower; None without speed, without anybody (density 0) and above
        4 /m².

    Example:
        >>> round(speed_ratio(0.3, 2.0), 2)
        0.49
        >>> speed_ratio(0.3, 4.1) is None
        True
    """
    if mean_speed_mps is None or density_per_m2 is None:
        return None
    if not 0 < density_per_m2 <= MAX_RATIO_DENSITY_PER_M2:
        return None
    return mean_speed_mps / weidmann_speed(density_per_m2)


def speed_ratio_interval(
    speed_interval: tuple[float, float] | None, density_interval: tuple[float, float | None]
) -> tuple[float | None, float | None]:
    """90 % interval of the speed ratio from those of speed and density.

    The ratio grows with both, so its ends lie at the ends of both: wider than two independent
    errors would make it.

    Args:
        speed_interval: m/s, None = not known.
        density_interval: 1/m²; upper end None when the count is "at least".

    Returns:
        Lower and upper end, each None where it is not known (the upper one above 4 /m²).

    Example:
        >>> low, high = speed_ratio_interval((0.25, 0.35), (1.8, 2.2))
        >>> round(low, 2), round(high, 2)
        (0.37, 0.65)
    """
    if speed_interval is None:
        return None, None
    return (
        speed_ratio(speed_interval[0], density_interval[0]),
        speed_ratio(speed_interval[1], density_interval[1]),
    )
