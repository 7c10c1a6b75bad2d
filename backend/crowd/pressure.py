"""The pressure index (CROWD-SCIENCE section 4)."""

from __future__ import annotations

CRITICAL_DENSITY_PER_M2 = 6.0
TURBULENT_SPREAD_MPS = 0.5


def density_gate(density_per_m2: float) -> float:
    """How far a place is dense enough for disturbed motion to matter: ``clip((rho - 2)/2, 0, 1)``.

    Example:
        >>> density_gate(1.4), density_gate(3.0), density_gate(5.0)
        (0.0, 0.5, 1.0)
    """
    return min(max((density_per_m2 - 2.0) / 2.0, 0.0), 1.0)


def pressure_index(density_per_m2: float | None, speed_spread_mps: float | None) -> float | None:
    """Dimensionless index in [0, 1] of how packed and how disturbed a place is.

    ``0.6 min(rho/6, 1) + 0.4 min(sigma_v / 0.5 m/s, 1) clip((rho - 2)/2, 0, 1)``

    It is an index of CrowdSafe's own (CROWD-SCIENCE section 4), not Helbing's crowd pressure.

    Args:
        density_per_m2: Peak local density, or density by area where only that is known, 1/m².
        speed_spread_mps: Standard deviation of speeds, m/s; None uncalibrated: the second
            addend is then undefined and left out, which makes the index a lower bound above
            2 people/m².

    Returns:
        None without a density.

    Example:
        >>> pressure_index(3.0, 0.25)
        0.4
        >>> pressure_index(3.0, None)
        0.3
    """
    if density_per_m2 is None:
        return None
    packed = 0.6 * min(density_per_m2 / CRITICAL_DENSITY_PER_M2, 1.0)
    if speed_spread_mps is None:
        return packed
    disturbed = min(speed_spread_mps / TURBULENT_SPREAD_MPS, 1.0) * density_gate(density_per_m2)
    return packed + 0.4 * disturbed
