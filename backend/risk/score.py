"""The weighted score and its factors (CROWD-SCIENCE section 5)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from backend.core.measurements import CrowdMetrics
from backend.core.risk import RiskParts
from backend.crowd.pressure import CRITICAL_DENSITY_PER_M2, density_gate

SURGE_LIMIT = 0.3
"""Relative change of the count that is a SPIKE, and full scale of the surge factor."""

PRESSURE_LIMIT_PER_S2 = 0.02
"""Onset of crowd turbulence, 1/s² (Helbing, Johansson & Al-Abideen 2007)."""

LIMIT_DENSITY_PER_M2 = 4.0
"""Density that a place filled to its people limit is treated as, 1/m² (docs/methods/risk.md)."""

WEIGHTS = {
    "density": 0.4,
    "surge": 0.3,
    "velocity": 0.3,
    "pressure_boost": 0.6,
    "coherence_boost": 0.4,
}


class Basis(StrEnum):
    """What "how full is it" rests on, best first."""

    PEAK = "peak"
    AREA = "area"
    LIMIT = "limit"


@dataclass(frozen=True, slots=True)
class Crowdedness:
    """How full a place is.

    Attributes:
        density_per_m2: Density, or what a share of the people limit is treated as, 1/m².
        basis: Where it comes from.
    """

    density_per_m2: float
    basis: Basis


def crowdedness(metrics: CrowdMetrics, people_limit: int | None) -> Crowdedness | None:
    """The best available answer to "how full is it".

    Peak local density where calibrated; else the density over the area given by hand; else the
    count against the people limit, where 100 % of the limit is treated as 4 people/m², the
    lower edge of WARNING; else None.

    Args:
        metrics: Measurements of one instant.
        people_limit: People the place may hold, > 0, or None.

    Example:
        >>> crowdedness(CrowdMetrics(50, 45, 55), people_limit=100).density_per_m2
        2.0
    """
    if metrics.peak_density_per_m2 is not None:
        return Crowdedness(metrics.peak_density_per_m2, Basis.PEAK)
    if metrics.density_per_m2 is not None:
        return Crowdedness(metrics.density_per_m2, Basis.AREA)
    if people_limit is not None:
        return Crowdedness(metrics.count / people_limit * LIMIT_DENSITY_PER_M2, Basis.LIMIT)
    return None


def compute_parts(
    metrics: CrowdMetrics, crowd: Crowdedness | None, *, pressure_counts: bool
) -> RiskParts:
    """Factors and weighted score.

    ``weighted = 100 min(0.4 density + 0.3 surge + 0.3 velocity + 0.6 pressure_boost + 0.4
    coherence_boost, 1)``. An undefined factor contributes nothing and is None.

    A share of a people limit says nothing about how close people stand, so the velocity and
    coherence factors, which ask whether it is *tight*, are undefined on that basis.

    Args:
        metrics: Measurements of one instant.
        crowd: How full the place is; None makes every part undefined.
        pressure_counts: Local density has been at least 4 people/m² for 10 s.

    Example:
        >>> seen = CrowdMetrics(450, 430, 470, peak_density_per_m2=4.5, mean_speed_mps=0.05)
        >>> parts = compute_parts(seen, crowdedness(seen, None), pressure_counts=True)
        >>> round(parts.density, 3), parts.velocity, round(parts.weighted, 6)
        (0.75, 1.0, 60.0)
    """
    if crowd is None:
        return RiskParts()
    rho = crowd.density_per_m2
    is_density = crowd.basis is not Basis.LIMIT
    density = min(rho / CRITICAL_DENSITY_PER_M2, 1.0)
    surge = velocity = pressure = disorder = None
    if metrics.surge is not None:
        relative = max(metrics.surge, 0.0) if metrics.surge_significant else 0.0
        surge = min(relative / SURGE_LIMIT, 1.0) * min(1.0, rho / 2.0)
    if metrics.mean_speed_mps is not None and is_density:
        slowness = min(max((0.5 - metrics.mean_speed_mps) / 0.4, 0.0), 1.0)
        velocity = density_gate(rho) * slowness
    if metrics.crowd_pressure_per_s2 is not None and is_density:
        over = min(metrics.crowd_pressure_per_s2 / PRESSURE_LIMIT_PER_S2, 1.0)
        pressure = over if pressure_counts else 0.0
    if metrics.disorder is not None and is_density:
        disorder = metrics.disorder * density_gate(rho)
    parts = RiskParts(density, surge, velocity, pressure, disorder)
    return RiskParts(
        density, surge, velocity, pressure, disorder, min(sum(addends(parts).values()), 100.0)
    )


def addends(parts: RiskParts) -> dict[str, float]:
    """Points each defined factor adds to the weighted score (before it is cut at 100)."""
    factors = {
        "density": parts.density,
        "surge": parts.surge,
        "velocity": parts.velocity,
        "pressure_boost": parts.pressure_boost,
        "coherence_boost": parts.coherence_boost,
    }
    return {
        name: 100.0 * WEIGHTS[name] * factor
        for name, factor in factors.items()
        if factor is not None
    }
