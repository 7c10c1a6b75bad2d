"""How well a mean speed is known."""

from __future__ import annotations

import math

import numpy as np

from backend.core.frame import FloatArray

Z_90 = 1.6449
"""Standard normal quantile of a two-sided 90 % interval."""


def mean_interval(
    speeds: FloatArray,
    *,
    standard_errors: FloatArray | None = None,
    length_spread: float = 0.0,
) -> tuple[float, float] | None:
    """90 % interval of the mean speed of the people in view.

    The people whose speed is known are a sample of those who are there, so the mean is as
    uncertain as its spread between people says (Student's t). That spread contains the error of
    each single speed already; the errors set a floor where people happen to agree better than
    they can be measured, and stand alone for one single person. The calibration's own error is
    shared by all speeds and is added in quadrature.

    Args:
        speeds: (N,) float64, m/s, NaN where undefined.
        standard_errors: (N,) float64, m/s, of each speed, NaN where unknown.
        length_spread: Half width of the 90 % interval of any length, as a share of it.

    Returns:
        Lower (never below 0) and upper end in m/s; None for nobody, and for one person whose
        error is not known.

    References:
        Student 1908, Biometrika 6:1.

    Example:
        >>> low, high = mean_interval(np.array([1.1, 1.3, 1.2, 1.4]))
        >>> round(low, 3), round(high, 3)
        (1.098, 1.402)
        >>> mean_interval(np.array([1.2])) is None
        True
    """
    known = ~np.isnan(speeds)
    count = int(known.sum())
    between = _between_people(speeds[known])
    measured = None
    if standard_errors is not None:
        measured = _of_measurement(standard_errors[known])
    found = [half for half in (between, measured) if half is not None]
    if count == 0 or not found:
        return None
    mean = float(speeds[known].mean())
    half = math.hypot(max(found), mean * length_spread)
    return max(mean - half, 0.0), mean + half


def _between_people(speeds: FloatArray) -> float | None:
    """Half width from the spread between people, None below two."""
    if speeds.size < 2:
        return None
    from scipy.special import stdtrit  # noqa: PLC0415 - heavy

    quantile = float(stdtrit(speeds.size - 1, 0.95))
    return quantile * float(speeds.std(ddof=1)) / math.sqrt(speeds.size)


def _of_measurement(errors: FloatArray) -> float | None:
    """Half width from the errors of the single speeds; the unknown ones are taken as typical."""
    known = errors[~np.isnan(errors)]
    if known.size == 0:
        return None
    return Z_90 * math.sqrt(float((known**2).mean()) / errors.size)
