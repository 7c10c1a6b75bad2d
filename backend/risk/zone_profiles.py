"""What people do in a zone, and how its numbers are read for it (docs/methods/risk.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from backend.core.places import ZoneProfile
from backend.crowd.stagnation import STAGNANT_DENSITY_PER_M2
from backend.risk.params import RiskParams

DENSEST_SEATS_PER_M2 = 3.2
"""Seats 0.45 m wide in rows 0.70 m deep, about the closest that are built: 1 / (0.45 · 0.70)."""


@dataclass(frozen=True, slots=True)
class ProfileRules:
    """How the numbers of a zone are read.

    The bands from WARNING up are the same for all: what presses people together does not ask
    what they came for.

    Attributes:
        weighs_slowness: Slow people in a dense zone raise its score.
        caution_from_per_m2: Lowest density at which CAUTION may begin, 1/m²; 0 = as set.
        blocked_from_per_m2: Density from which a standstill means that the way is blocked,
            1/m²; None where standing is no sign of that.
    """

    weighs_slowness: bool = True
    caution_from_per_m2: float = 0.0
    blocked_from_per_m2: float | None = None


PROFILE_RULES: Mapping[ZoneProfile, ProfileRules] = MappingProxyType(
    {
        ZoneProfile.STANDING: ProfileRules(),
        ZoneProfile.WALKWAY: ProfileRules(blocked_from_per_m2=STAGNANT_DENSITY_PER_M2),
        ZoneProfile.QUEUE: ProfileRules(weighs_slowness=False),
        ZoneProfile.SEATED: ProfileRules(
            weighs_slowness=False, caution_from_per_m2=DENSEST_SEATS_PER_M2
        ),
    }
)


def profile_params(profile: ZoneProfile, params: RiskParams) -> RiskParams:
    """Return the settings as they hold in a zone of this profile.

    Args:
        profile: What people do there.
        params: Live settings of the installation.

    Example:
        >>> profile_params(ZoneProfile.SEATED, RiskParams()).density_caution
        3.2
        >>> profile_params(ZoneProfile.QUEUE, RiskParams()).density_caution
        2.0
    """
    least = PROFILE_RULES[profile].caution_from_per_m2
    if not params.density_caution < least < params.density_warning:
        return params  # stricter or laxer bands were chosen: they stay in their order
    return replace(params, density_caution=least)
