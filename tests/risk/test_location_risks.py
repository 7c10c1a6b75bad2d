"""Levels of locations by their own limits, and with those of their areas."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.locations import AreaRef, AreaShare, CountSource, LocationReading
from backend.core.risk import RiskAssessment, RiskLevel
from backend.core.trust import Trust
from backend.crowd.locations.location_meter import LocationMeasurement
from backend.crowd.surge import Surge
from backend.risk.location_risks import LocationRisks, with_risk
from backend.risk.params import RiskParams
from tests import builders
from tests.builders import EPOCH

SAFE, CAUTION, WARNING, CRITICAL = RiskLevel
CAMERA, MANUAL = CountSource.CAMERA, CountSource.MANUAL


def _found(
    count: float | None,
    *,
    surge: Surge | None = None,
    spike: Surge | None = None,
    **changes: Any,
) -> LocationMeasurement:
    fields: dict[str, Any] = {
        "count_low": count,
        "count_high": count,
        "source": CAMERA,
        "trust": Trust.OK,
    }
    return LocationMeasurement(LocationReading(1, EPOCH, count, **(fields | changes)), surge, spike)


class Place:
    """The risks of one place for 300, one step a second."""

    def __init__(self, capacity: int | None = 300) -> None:
        self.risks = LocationRisks(RiskParams())
        self.capacity = capacity
        self.mono_s = 0.0

    def play(self, found: LocationMeasurement, seconds: int = 1) -> RiskAssessment:
        for _ in range(seconds):
            self.mono_s += 1
            risk = self.risks.update(found, capacity=self.capacity, mono_s=self.mono_s)
        return risk


@pytest.mark.parametrize(
    ("count", "seconds", "level"),
    [
        (239.9, 60, SAFE),
        (240, 10, SAFE),
        (240, 11, CAUTION),
        (299, 60, CAUTION),
        (300, 10, SAFE),
        (300, 11, WARNING),
        (3000, 60, WARNING),
    ],
)
def test_a_full_place_is_told_after_its_sustain_time(
    count: float, seconds: int, level: RiskLevel
) -> None:
    risk = Place().play(_found(count), seconds)
    assert risk.level is level
    assert [cause.name for cause in risk.causes] == (["people_limit"] if level else [])
    assert risk.score is None


def test_the_cause_names_people_share_and_capacity() -> None:
    cause = Place().play(_found(312), 11).causes[0]
    assert cause.text == "312 people, 104 % of the 300 this place may hold."
    assert (cause.value, cause.limit, cause.unit) == (104, 100, "%")
    full = Place().play(_found(355.5), 11).causes[0]
    assert full.text.endswith("119 % of the 300 this place may hold.")  # 118.5: as on the page
    nearly = Place().play(_found(299.6), 11).causes[0]
    assert nearly.text == "300 people, 99 % of the 300 this place may hold."
    least = Place().play(_found(312, count_high=None), 11).causes[0]
    assert least.text == "About 312 people or more, 104 % of the 300 this place may hold."


def test_it_is_held_a_little_below_and_lets_go_after_the_reset_time() -> None:
    place = Place()
    place.play(_found(300), 15)
    held = place.play(_found(255), 300)
    assert held.level is WARNING
    assert held.causes[0].text.startswith("Held after: 300 people, 100 %")
    assert place.play(_found(200), 30).level is WARNING
    assert place.play(_found(200), 2).level is SAFE


@pytest.mark.parametrize("trust", [Trust.UNKNOWN, Trust.SATURATED])
def test_nothing_lets_go_while_nobody_knows(trust: Trust) -> None:
    place = Place()
    place.play(_found(300), 15)
    assert place.play(_found(10, trust=trust), 600).level is WARNING
    assert place.play(_found(None, source=None, trust=Trust.UNKNOWN), 600).level is WARNING
    assert place.play(_found(10), 32).level is SAFE


def test_an_old_number_raises_no_alarm_and_at_least_so_many_does() -> None:
    assert Place().play(_found(900, trust=Trust.UNKNOWN), 600).level is SAFE
    full = _found(310, trust=Trust.SATURATED, count_high=None)
    assert Place().play(full, 11).level is WARNING


def test_a_number_sent_in_demands_at_once_and_is_held_when_it_expires() -> None:
    place = Place()
    said: dict[str, Any] = {"source": MANUAL, "trust": Trust.ESTIMATED}
    assert place.play(_found(310, **said)).level is WARNING
    assert place.play(_found(310, source=MANUAL, trust=Trust.UNKNOWN), 600).level is WARNING
    assert place.play(_found(100, **said), 32).level is SAFE


def test_a_capacity_raised_above_the_count_lets_go_at_once() -> None:
    place = Place()
    place.play(_found(310), 20)
    place.capacity = 600
    assert place.play(_found(310)).level is SAFE


@pytest.mark.parametrize("capacity", [None, 0])
def test_without_a_capacity_nothing_is_too_full(capacity: int | None) -> None:
    assert Place(capacity).play(_found(1e6), 60).level is SAFE


def test_a_measured_surge_is_told_after_its_sustain_time() -> None:
    place = Place(None)
    rising = _found(50, surge=Surge(0.62, True))
    assert place.play(rising, 10).level is SAFE
    risk = place.play(rising)
    assert risk.level is CAUTION
    assert risk.causes[0].name == "surge"
    assert risk.causes[0].text == "The count rose by 62 % (limit 30 %)."
    assert place.play(_found(50), 32).level is SAFE


def test_a_spike_of_what_was_sent_in_is_told_at_once() -> None:
    risk = Place(None).play(_found(50, spike=Surge(0.5, True), source=MANUAL))
    assert risk.level is CAUTION
    assert risk.causes[0].text == "The number sent in rose by 50 % (limit 30 %)."


@pytest.mark.parametrize("surge", [None, Surge(0.3, True), Surge(0.9, False), Surge(-0.9, True)])
def test_a_small_uncertain_or_falling_change_raises_nothing(surge: Surge | None) -> None:
    risk = Place(None).play(_found(50, surge=surge, spike=surge), 60)
    assert (risk.level, risk.causes) == (SAFE, ())


def test_a_fall_opens_no_incident() -> None:
    assert Place(None).play(_found(50, surge=Surge(-0.4, True))).notices == ()


def test_the_fuller_place_is_named_before_the_rise() -> None:
    risk = Place().play(_found(310, surge=Surge(0.5, True)), 20)
    assert [(cause.name, cause.level) for cause in risk.causes] == [
        ("people_limit", WARNING),
        ("surge", CAUTION),
    ]


def test_other_settings_hold_from_the_next_step_on() -> None:
    place = Place()
    place.play(_found(300), 5)
    place.risks.set_params(RiskParams(sustain_other_s=2.0))
    assert place.play(_found(300)).level is WARNING


@given(st.floats(0, 1000), st.floats(0, 1000))
def test_more_people_are_never_safer(one: float, other: float) -> None:
    fewer, more = sorted((one, other))
    assert Place().play(_found(fewer), 12).level <= Place().play(_found(more), 12).level


def _share(camera: int, level: RiskLevel | None) -> AreaShare:
    return AreaShare(AreaRef(camera), 1.0, 1.0, Trust.OK, risk_level=level)


@pytest.mark.parametrize(
    ("own", "areas", "level"),
    [
        (SAFE, (), SAFE),
        (WARNING, (None, CAUTION), WARNING),
        (SAFE, (CAUTION, CRITICAL), CRITICAL),
        (SAFE, (None, None), SAFE),
    ],
)
def test_a_location_is_as_dangerous_as_its_worst_area(
    own: RiskLevel, areas: tuple[RiskLevel | None, ...], level: RiskLevel
) -> None:
    shares = tuple(_share(number, found) for number, found in enumerate(areas, 1))
    reading = _found(10, shares=shares).reading
    risk = builders.assessment(level=own)
    found = with_risk(reading, risk)
    assert found.risk_level is level
    assert found.causes == risk.causes
    assert (found.count, found.shares) == (reading.count, reading.shares)


def test_a_count_that_lacks_areas_counted_before_lets_go_of_nothing() -> None:
    place = Place()
    assert place.play(_found(310), 12).level is WARNING
    least = replace(_found(150), is_least=True)
    assert place.play(least, 120).level is WARNING
    assert place.play(_found(150), 40).level is SAFE
