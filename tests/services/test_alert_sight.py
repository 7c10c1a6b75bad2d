from __future__ import annotations

from dataclasses import replace
from typing import Any

from backend.core.locations import CountSource, LocationReading
from backend.core.places import PlaceReadings
from backend.core.risk import Cause, RiskAssessment, RiskLevel, RiskParts, ZoneRisk
from backend.core.snapshot import Snapshot
from backend.core.trust import Trust
from backend.services.alert_sight import (
    camera_sight,
    location_numbers,
    location_sight,
    zone_numbers,
    zone_sights,
)
from tests import builders
from tests.builders import EPOCH
from tests.services.zone_world import zone_reading


def _risk(*names: str, level: RiskLevel = RiskLevel.WARNING) -> RiskAssessment:
    causes = tuple(Cause(name, level, None, None, "", name) for name in names)
    level = level if names else RiskLevel.SAFE
    return RiskAssessment(level, None, RiskParts(), causes)


def _snapshot(risk: RiskAssessment, zone: RiskAssessment, **values: Any) -> Snapshot:
    drawn = builders.camera_places(builders.zone())
    return builders.snapshot(
        crowd=builders.metrics(count=200.0, density_per_m2=1.5, trust=Trust.DEGRADED),
        risk=risk,
        camera_places=drawn,
        places=PlaceReadings(1, (zone_reading(60, **values),)),
        zone_risks=(ZoneRisk(1, zone), ZoneRisk(2, zone)),
    )


def test_a_camera_is_seen_as_it_was_measured() -> None:
    sight = camera_sight(_snapshot(_risk("density"), _risk()))
    assert (sight.count, sight.density_per_m2, sight.trust) == (200.0, 1.5, Trust.DEGRADED)
    assert sight.risk is sight.alarming
    assert sight.zone is None


def test_a_zone_has_numbers_of_its_own() -> None:
    found = zone_sights(_snapshot(_risk(), _risk("density"), peak_density_per_m2=4.5))
    assert list(found) == [1], "a risk without a reading says nothing"
    assert (found[1].count, found[1].density_per_m2, found[1].trust) == (60, 4.5, Trust.OK)


def test_what_the_whole_camera_says_of_its_counter_is_not_said_again() -> None:
    (sight,) = zone_sights(_snapshot(_risk("saturated"), _risk("saturated", "density"))).values()
    assert [cause.name for cause in sight.alarming.causes] == ["density"]
    assert [cause.name for cause in sight.risk.causes] == ["saturated", "density"]
    (sight,) = zone_sights(_snapshot(_risk("saturated"), _risk("saturated"))).values()
    assert (sight.alarming.level, sight.alarming.causes) == (RiskLevel.SAFE, ())
    (sight,) = zone_sights(_snapshot(_risk(), _risk("saturated"))).values()
    assert sight.alarming.level is RiskLevel.WARNING


def test_a_zone_that_was_dense_says_itself_what_the_camera_says_more_calmly() -> None:
    calmer = _risk("saturated", level=RiskLevel.CAUTION)
    (sight,) = zone_sights(_snapshot(calmer, _risk("saturated"))).values()
    assert sight.alarming.level is RiskLevel.WARNING
    assert [cause.name for cause in sight.alarming.causes] == ["saturated"]
    (sight,) = zone_sights(_snapshot(_risk("saturated"), calmer)).values()
    assert (sight.alarming.level, sight.alarming.causes) == (RiskLevel.SAFE, ())


def test_a_picture_that_says_nothing_says_nothing_of_its_zones() -> None:
    seen = _snapshot(_risk(), _risk())
    frozen = replace(seen.metrics, trust=Trust.UNKNOWN, trust_reason="The picture is frozen.")
    (sight,) = zone_sights(replace(seen, metrics=frozen)).values()
    assert (sight.trust, sight.trust_reason) == (Trust.UNKNOWN, "The picture is frozen.")


def test_a_moved_camera_has_no_density() -> None:
    moved = {"peak_density_per_m2": 4.5, "metres_trust": Trust.UNKNOWN}
    (sight,) = zone_sights(_snapshot(_risk(), _risk(), **moved)).values()
    assert sight.density_per_m2 is None


def test_numbers_of_a_zone_that_is_unseen_are_old() -> None:
    (sight,) = zone_sights(_snapshot(_risk(), _risk())).values()
    numbers, trust = zone_numbers(sight, is_unseen=False, reason="")
    assert (numbers["count"], numbers["trust"], trust) == (60, "ok", "ok")
    numbers, trust = zone_numbers(sight, is_unseen=True, reason="No answer.")
    assert (numbers["count"], numbers["trust"], trust) == (60, "unknown", "unknown")
    assert numbers["trust_reason"] == "No answer."
    assert zone_numbers(None, is_unseen=False, reason="") == ({}, "unknown")


def _reading(**values: Any) -> LocationReading:
    fields = {"count": 11.0, "count_low": 9.0, "count_high": None, "trust": Trust.ESTIMATED}
    return LocationReading(4, EPOCH, source=CountSource.LINE, **(fields | values))


def test_a_location_is_seen_by_its_own_limits() -> None:
    risk = _risk("people_limit")
    sight = location_sight(_reading(peak_density_per_m2=2.5), risk, mono_s=7.0)
    assert (sight.count, sight.density_per_m2, sight.mono_s) == (11, 2.5, 7.0)
    assert sight.alarming is risk
    assert sight.snapshot is sight.recorded is None
    assert location_sight(_reading(count=None), risk, mono_s=7.0).count is None


def test_numbers_of_a_location_name_their_source_and_limit() -> None:
    sight = location_sight(_reading(), _risk(), mono_s=7.0)
    numbers, trust = location_numbers(sight, capacity=10, is_unseen=False, reason="")
    assert (numbers["count"], numbers["count_high"], numbers["source"]) == (11, None, "LINE")
    assert (numbers["capacity_limit"], trust) == (10, "estimated")
    numbers, trust = location_numbers(sight, capacity=10, is_unseen=True, reason="No answer.")
    assert (numbers["trust_reason"], trust) == ("No answer.", "unknown")
    assert location_numbers(None, capacity=10, is_unseen=False, reason="") == ({}, "unknown")
