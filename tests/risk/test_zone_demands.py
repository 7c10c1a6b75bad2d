from __future__ import annotations

import pytest

from backend.core.measurements import CrowdMetrics
from backend.core.places import Zone, ZoneProfile
from backend.core.risk import RiskLevel, RiskParts
from backend.core.trust import Trust
from backend.risk.demands import Demand, Situation
from backend.risk.params import RiskParams
from backend.risk.zone_demands import compute_zone_demands
from tests import builders


def _demands(zone: Zone, metrics: CrowdMetrics) -> list[Demand]:
    now = Situation(metrics, None, RiskParts(), people_limit=None, pressure_counts=False)
    return compute_zone_demands(zone, now, RiskParams())


def test_a_zone_without_limits_demands_nothing() -> None:
    assert _demands(builders.zone(), builders.metrics(count=1e6, peak_density_per_m2=9.0)) == []


@pytest.mark.parametrize(("count", "is_above"), [(49.0, False), (50.0, True), (51.0, True)])
def test_the_count_is_compared_at_or_above_its_limit(count: float, is_above: bool) -> None:
    (demand,) = _demands(builders.zone(count_limit=50), builders.metrics(count=count))
    assert (demand.is_above, demand.level, demand.sustain_s) == (is_above, RiskLevel.WARNING, 10.0)
    assert (demand.cause.name, demand.cause.value, demand.cause.limit) == (
        "people_limit",
        count,
        50.0,
    )


@pytest.mark.parametrize(("rho", "is_above"), [(2.9, False), (3.0, True), (None, False)])
def test_the_density_is_compared_at_or_above_its_limit(rho: float | None, is_above: bool) -> None:
    zone = builders.zone(density_limit_per_m2=3.0)
    (demand,) = _demands(zone, builders.metrics(peak_density_per_m2=rho))
    assert (demand.is_above, demand.cause.name, demand.cause.unit) == (is_above, "density", "1/m²")


def test_words_have_number_and_limit() -> None:
    zone = builders.zone(count_limit=1, density_limit_per_m2=2.5)
    count, density = _demands(zone, builders.metrics(count=1.2, peak_density_per_m2=2.6))
    assert count.cause.text == "1 person, the limit of this zone is 1."
    assert density.cause.text == "Peak density 2.6 people/m², the limit of this zone is 2.5."


def test_at_least_so_many_says_so_and_is_above_where_its_lower_end_is() -> None:
    metrics = builders.metrics(count=64.0, count_low=52.0, count_high=None, trust=Trust.SATURATED)
    (demand,) = _demands(builders.zone(count_limit=50), metrics)
    assert demand.is_above
    assert demand.cause.text == "About 64 people or more, the limit of this zone is 50."


def test_an_unknown_count_is_compared_with_nothing() -> None:
    metrics = builders.metrics(count=64.0, trust=Trust.UNKNOWN)
    (demand,) = _demands(builders.zone(count_limit=50), metrics)
    assert (demand.is_above, demand.is_held(0.85)) == (False, True)


def test_a_rule_is_the_same_whatever_its_limit() -> None:
    metrics = builders.metrics(count=64.0, peak_density_per_m2=3.0)
    first = _demands(builders.zone(count_limit=50, density_limit_per_m2=2.0), metrics)
    second = _demands(builders.zone(count_limit=60, density_limit_per_m2=2.5), metrics)
    assert [each.key for each in first] == [each.key for each in second]
    assert all(each.is_set_by_people for each in first)


@pytest.mark.parametrize("profile", ZoneProfile)
def test_only_a_way_is_blocked_by_a_standstill(profile: ZoneProfile) -> None:
    metrics = builders.metrics(peak_density_per_m2=2.4, mean_speed_mps=0.05, stagnant=True)
    found = _demands(builders.zone(profile=profile), metrics)
    assert [demand.cause.name for demand in found if demand.is_above] == (
        ["stagnation"] if profile is ZoneProfile.WALKWAY else []
    )
