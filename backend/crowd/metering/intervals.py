"""90 % intervals of measured numbers, from the intervals of what they are made of."""

from __future__ import annotations

import math
from typing import TypeAlias

from scipy.special import chdtri

from backend.crowd.pressure import pressure_index

Interval: TypeAlias = tuple[float | None, float | None]
"""Lower and upper end in the number's own unit; None = that end is not known."""

UNKNOWN_INTERVAL: Interval = (None, None)


def widened(value: float, interval: Interval, *, spread: float) -> Interval:
    """Add an error that is a share of the value to an interval, in quadrature.

    Args:
        value: The number, >= 0.
        interval: Its interval without that error.
        spread: Half width of the added 90 % interval, as a share of the value.

    Returns:
        Lower end never below 0; an unknown end stays unknown.

    Example:
        >>> widened(2.0, (1.7, None), spread=0.2)
        (1.5, None)
    """
    low, high = interval
    if low is not None:
        low = max(value - math.hypot(value - low, value * spread), 0.0)
    if high is not None:
        high = value + math.hypot(high - value, value * spread)
    return low, high


def scaled(interval: Interval, factor: float) -> Interval:
    """Multiply both known ends by ``factor`` > 0.

    Example:
        >>> scaled((4.0, None), 0.5)
        (2.0, None)
    """
    low, high = interval
    return (
        None if low is None else low * factor,
        None if high is None else high * factor,
    )


def variance_interval(variance: float, sample_size: int, *, spread: float) -> Interval:
    """Interval of a sample variance: chi-squared, for normal data.

    Args:
        variance: Sample variance, any squared unit.
        sample_size: Values it rests on, at least 2.
        spread: Half width of the 90 % interval of any length, as a share of it; enters twice.

    Returns:
        Both ends known.

    Example:
        >>> low, high = variance_interval(1.0, 11, spread=0.0)
        >>> round(low, 2), round(high, 2)
        (0.55, 2.54)
    """
    free = sample_size - 1
    low = variance * free / float(chdtri(free, 0.05))
    high = variance * free / float(chdtri(free, 0.95))
    return widened(variance, (low, high), spread=2 * spread)


def pressure_index_interval(density: Interval, variance: Interval) -> Interval:
    """Interval of the pressure index, which grows with both density and spread of speeds.

    Args:
        density: 1/m².
        variance: Of speeds, m²/s².
    """

    def end(rho: float | None, square: float | None) -> float | None:
        return None if square is None else pressure_index(rho, math.sqrt(square))

    return end(density[0], variance[0]), end(density[1], variance[1])
