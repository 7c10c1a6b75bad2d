from __future__ import annotations

import pytest

from backend.core.places import ZoneProfile
from backend.risk.params import RiskParams
from backend.risk.zone_profiles import PROFILE_RULES, profile_params


def test_every_profile_has_rules() -> None:
    assert set(PROFILE_RULES) == set(ZoneProfile)


@pytest.mark.parametrize("profile", ZoneProfile)
def test_warning_and_critical_are_the_same_for_all(profile: ZoneProfile) -> None:
    found = profile_params(profile, RiskParams())
    assert (found.density_warning, found.density_critical) == (4.0, 6.0)


def test_full_seats_are_no_crowd() -> None:
    assert profile_params(ZoneProfile.SEATED, RiskParams()).density_caution == 3.2
    assert profile_params(ZoneProfile.STANDING, RiskParams()).density_caution == 2.0


@pytest.mark.parametrize(
    ("caution", "warning", "expected"), [(3.5, 4.0, 3.5), (2.0, 3.0, 2.0), (2.0, 3.2, 2.0)]
)
def test_bands_that_were_set_otherwise_stay_in_their_order(
    caution: float, warning: float, expected: float
) -> None:
    params = RiskParams(density_caution=caution, density_warning=warning)
    assert profile_params(ZoneProfile.SEATED, params).density_caution == expected
