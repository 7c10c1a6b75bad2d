"""People who run: the count behind rapid movement (CROWD-SCIENCE section 3)."""

from __future__ import annotations

from backend.core.frame import FloatArray

RAPID_SPEED_MPS = 2.5
"""Faster than any walk, m/s: people run."""

MAX_RAPID_ERROR_MPS = 0.5
"""Standard error above which a speed does not tell a runner from a walker, m/s: the usual walk
of 1.34 m/s then lies less than two and a half standard errors below the limit."""


def count_rapid(speeds_mps: FloatArray, standard_errors_mps: FloatArray | None = None) -> int:
    """Number of people faster than 2.5 m/s.

    A speed known no better than to 0.5 m/s (standard error) is not counted: boxes of a distant
    crowd that jump about would otherwise be a stampede. An unknown error excludes nobody.

    Args:
        speeds_mps: (N,) float64, m/s, NaN where undefined; impossible speeds already removed
            (`backend.crowd.motion.fit_velocities`).
        standard_errors_mps: (N,) float64, m/s, NaN where unknown.

    Returns:
        People, 0 for N = 0.

    Example:
        >>> import numpy as np
        >>> count_rapid(np.array([1.3, 2.6, 4.0, np.nan]))
        2
        >>> count_rapid(np.array([1.3, 2.6, 4.0]), np.array([0.1, 1.4, 0.2]))
        1
    """
    is_rapid = speeds_mps > RAPID_SPEED_MPS
    if standard_errors_mps is not None:
        is_rapid &= ~(standard_errors_mps > MAX_RAPID_ERROR_MPS)
    return int(is_rapid.sum())
