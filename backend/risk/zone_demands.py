"""The limits people gave a zone, compared with what is measured in it."""

from __future__ import annotations

from backend.core.measurements import CrowdMetrics
from backend.core.places import Zone
from backend.core.risk import Cause, RiskLevel
from backend.core.trust import Trust
from backend.risk.demands import Demand, Situation
from backend.risk.params import RiskParams
from backend.risk.zone_profiles import PROFILE_RULES

LIMIT_LEVEL = RiskLevel.WARNING
"""What a zone at its limit demands: the lowest level that is sent out. Never more by itself:
limits are set for comfort and exits, below what hurts."""


def compute_zone_demands(zone: Zone, now: Situation, params: RiskParams) -> list[Demand]:
    """Return the demands of the zone's own limits, whether above them or not.

    Count and peak density are compared at or above their limit. The rule is the same whatever
    its limit, so that a stricter one forgets nothing (`risk.rule_timers`).

    Args:
        zone: Its limits and its profile.
        now: What is measured in it; numbers of trust `unknown` compare with nothing.
        params: Live settings.
    """
    found: list[Demand] = []
    sustain_s = params.sustain_s(LIMIT_LEVEL)
    if zone.count_limit is not None:
        cause = _count_cause(now.metrics, zone.count_limit)
        count = None if now.metrics.trust is Trust.UNKNOWN else now.metrics.count
        found.append(_own_limit("zone_count", cause, count, float(zone.count_limit), sustain_s))
    if zone.density_limit_per_m2 is not None:
        limit = zone.density_limit_per_m2
        rho = now.metrics.peak_density_per_m2
        text = f"Peak density {_number(rho)} people/m², the limit of this zone is {limit:g}."
        cause = Cause("density", LIMIT_LEVEL, rho, limit, "1/m²", text)
        found.append(_own_limit("zone_density", cause, rho, limit, sustain_s))
    blocked = _blocked(zone, now)
    if blocked is not None:
        found.append(blocked)
    return found


def _own_limit(
    key: str, cause: Cause, compared: float | None, limit: float, sustain_s: float
) -> Demand:
    return Demand(key, cause, compared, limit, sustain_s, is_set_by_people=True)


def _count_cause(metrics: CrowdMetrics, limit: int) -> Cause:
    count = round(metrics.count)
    who = f"{count} {'person' if count == 1 else 'people'}"
    if metrics.count_high is None:
        who = f"About {who} or more"
    text = f"{who}, the limit of this zone is {limit}."
    return Cause("people_limit", LIMIT_LEVEL, metrics.count, float(limit), "people", text)


def _blocked(zone: Zone, now: Situation) -> Demand | None:
    """Demand WARNING of a way on which a dense crowd stands still.

    Sustained already: `CrowdMetrics.stagnant` itself asks for 10 s.
    """
    limit = PROFILE_RULES[zone.profile].blocked_from_per_m2
    if limit is None:
        return None
    rho = now.metrics.peak_density_per_m2
    compared = rho if rho is None or now.metrics.stagnant else 0.0
    text = (
        f"Nobody gets on here, {_number(now.metrics.mean_speed_mps, 2)} m/s, "
        f"at {_number(rho)} people/m² (limit {limit:g})."
    )
    cause = Cause("stagnation", RiskLevel.WARNING, rho, limit, "1/m²", text)
    return Demand("blocked_way", cause, compared, limit, 0.0)


def _number(value: float | None, digits: int = 1) -> str:
    return "unknown" if value is None else f"{value:.{digits}f}"
