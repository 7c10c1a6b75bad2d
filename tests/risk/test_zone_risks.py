"""Levels of zones: sustained, held, named, by profile, by limits, and never from the unknown."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.core.measurements import CrowdMetrics
from backend.core.places import (
    CameraPlaces,
    LineReading,
    PlaceReadings,
    Zone,
    ZoneProfile,
    ZoneReading,
)
from backend.core.risk import RiskAssessment, RiskLevel
from backend.core.trust import Trust
from backend.risk.calculator import RiskCalculator
from backend.risk.params import RiskParams
from backend.risk.zone_risks import ZoneRisks
from tests import builders

SAFE, CAUTION, WARNING, CRITICAL = RiskLevel


def _reading(count: float = 0.0, *, zone_id: int = 1, **values: Any) -> ZoneReading:
    fields = {"count_low": count, "count_high": count, "trust": Trust.OK} | values
    return ZoneReading(zone_id, count, **fields)


class Picture:
    """The zones of one camera and where its stream stands."""

    def __init__(self, *zones: Zone, params: RiskParams | None = None) -> None:
        self.risks = ZoneRisks(params or RiskParams())
        self.places = builders.camera_places(*zones)
        self.t = 0.0
        self.segment = 0

    def draw(self, *zones: Zone) -> None:
        self.places = builders.camera_places(*zones, version=self.places.version + 1)

    def play(self, *readings: ZoneReading, seconds: float, rate: float = 5) -> RiskAssessment:
        """Return the first zone's risk after so many seconds of the same readings."""
        for _ in range(round(seconds * rate)):
            self.t += 1 / rate
            found = self.risks.update(
                self.places,
                PlaceReadings(self.places.version, (*readings,)),
                stream_time_s=self.t,
                segment=self.segment,
            )
        return found[0].risk


def test_no_zones_have_no_risks() -> None:
    risks = ZoneRisks(RiskParams())
    assert risks.update(CameraPlaces(), PlaceReadings(), stream_time_s=0.0, segment=0) == ()


@pytest.mark.parametrize(
    ("count", "seconds", "level"),
    [(49, 60, SAFE), (50, 9.9, SAFE), (50, 10.4, WARNING), (5000, 60, WARNING)],
)
def test_a_full_zone_is_warned_of_after_its_sustain_time(
    count: float, seconds: float, level: RiskLevel
) -> None:
    found = Picture(builders.zone(count_limit=50)).play(_reading(count), seconds=seconds)
    assert found.level is level
    assert found.score is None, "no density is known"
    assert [cause.name for cause in found.causes] == (["people_limit"] if level else [])


def test_a_limit_holds_a_little_below_and_lets_go_after_the_reset_time() -> None:
    picture = Picture(builders.zone(count_limit=100))
    picture.play(_reading(100), seconds=12)
    held = picture.play(_reading(90), seconds=300)
    assert held.level is WARNING
    assert held.causes[0].text.startswith("Held after: 100 people")
    assert picture.play(_reading(80), seconds=29).level is WARNING
    assert picture.play(_reading(80), seconds=2).level is SAFE


@pytest.mark.parametrize(
    ("rho", "seconds", "level"),
    [(1.9, 60, SAFE), (2.0, 10.4, CAUTION), (4.0, 10.4, WARNING), (6.0, 3.4, CRITICAL)],
)
def test_a_calibrated_zone_goes_by_the_bands(rho: float, seconds: float, level: RiskLevel) -> None:
    found = Picture(builders.zone()).play(_reading(9, peak_density_per_m2=rho), seconds=seconds)
    assert found.level is level
    assert found.score is not None
    if level:
        assert (found.causes[0].name, found.causes[0].value) == ("density", rho)


def test_a_zone_is_as_dangerous_as_a_camera_that_sees_the_same() -> None:
    crush = {
        "peak_density_per_m2": 4.5,
        "mean_speed_mps": 0.05,
        "crowd_pressure_per_s2": 0.04,
    }
    zone = Picture(builders.zone()).play(_reading(90, **crush), seconds=40)
    camera = RiskCalculator(RiskParams(), people_limit=None)
    for k in range(200):
        seen = camera.update(
            CrowdMetrics(90, 90, 90, stagnant=k > 50, **crush), stream_time_s=k / 5, segment=0
        )
    assert (zone.level, zone.score) == (seen.level, seen.score) == (CRITICAL, 100.0)
    assert {cause.name for cause in zone.causes} == {"density", "pressure", "stagnation"}


def test_pressure_in_a_sparse_corner_makes_no_alarm() -> None:
    picture = Picture(builders.zone())
    picture.play(_reading(40, peak_density_per_m2=4.05), seconds=12)
    corner = {"crowd_pressure_per_s2": 0.8, "crowd_pressure_density_per_m2": 1.4}
    found = picture.play(_reading(40, peak_density_per_m2=4.05, **corner), seconds=30)
    assert (found.level, found.parts.pressure_boost) == (WARNING, 0.0)
    assert [cause.name for cause in found.causes] == ["density"]
    middle = corner | {"crowd_pressure_density_per_m2": 4.05}
    found = picture.play(_reading(40, peak_density_per_m2=4.05, **middle), seconds=14)
    assert (found.level, found.causes[0].name) == (CRITICAL, "pressure")


def _crowd_of_the_map(count: float = 80, **values: Any) -> ZoneReading:
    told = {"told_apart_trust": Trust.SATURATED, "map_share": 0.9, "trust": Trust.ESTIMATED}
    return _reading(count, **(told | values))


@pytest.mark.parametrize(
    ("values", "level"),
    [
        ({}, CAUTION),
        ({"count": 1.0}, SAFE),
        ({"map_share": 0.0}, SAFE),
        ({"told_apart_trust": Trust.OK}, SAFE),
        ({"peak_density_per_m2": 0.5}, SAFE),
        ({"peak_density_per_m2": 0.5, "count_high": None}, CAUTION),
        ({"density_per_m2": 0.5}, CAUTION),
        ({"peak_density_per_m2": 0.5, "metres_trust": Trust.UNKNOWN}, CAUTION),
    ],
)
def test_a_crowd_that_boxes_cannot_tell_apart_leaves_caution_where_no_density_rates_it(
    values: dict[str, Any], level: RiskLevel
) -> None:
    found = Picture(builders.zone()).play(_crowd_of_the_map(**values), seconds=1)
    assert found.level is level
    assert [cause.name for cause in found.causes] == (["unrated_crowd"] if level else [])
    if level:
        assert found.causes[0].text.startswith("About 72 people stand too close to be told apart")


def test_the_mean_stands_for_a_peak_that_is_not_known() -> None:
    found = Picture(builders.zone()).play(_reading(9, density_per_m2=4.2), seconds=11)
    assert found.level is WARNING


def test_full_seats_are_safe_and_crowded_ones_are_not() -> None:
    seats = Picture(builders.zone(profile=ZoneProfile.SEATED))
    sitting = _reading(9, peak_density_per_m2=3.1, mean_speed_mps=0.0)
    assert seats.play(sitting, seconds=60).level is SAFE
    assert seats.play(_reading(9, peak_density_per_m2=4.0), seconds=11).level is WARNING


@pytest.mark.parametrize(
    ("profile", "level"),
    [
        (ZoneProfile.STANDING, WARNING),
        (ZoneProfile.WALKWAY, WARNING),
        (ZoneProfile.QUEUE, CAUTION),
        (ZoneProfile.SEATED, CAUTION),
    ],
)
def test_who_queues_or_sits_is_not_slow(profile: ZoneProfile, level: RiskLevel) -> None:
    picture = Picture(builders.zone(profile=profile))
    still = _reading(9, peak_density_per_m2=3.8, mean_speed_mps=0.0)
    assert picture.play(still, seconds=11).level is level


@pytest.mark.parametrize("profile", ZoneProfile)
def test_no_profile_takes_a_hard_floor_away(profile: ZoneProfile) -> None:
    params = RiskParams(
        density_warning=8.0, density_critical=9.0, risk_warning=98, risk_critical=99
    )
    picture = Picture(builders.zone(profile=profile), params=params)
    still = _reading(9, peak_density_per_m2=4.2, mean_speed_mps=0.0)
    found = picture.play(still, seconds=25)
    assert (found.level, found.causes[0].name) == (WARNING, "stagnation")


def test_a_blocked_way_is_warned_of_before_it_is_packed() -> None:
    still = _reading(9, peak_density_per_m2=2.4, mean_speed_mps=0.05)
    assert Picture(builders.zone()).play(still, seconds=25).level is CAUTION
    way = Picture(builders.zone(profile=ZoneProfile.WALKWAY)).play(still, seconds=25)
    assert (way.level, way.causes[0].name) == (WARNING, "stagnation")
    walking = _reading(9, peak_density_per_m2=2.4, mean_speed_mps=0.6)
    way = Picture(builders.zone(profile=ZoneProfile.WALKWAY)).play(walking, seconds=25)
    assert way.level is CAUTION


def test_at_least_so_many_alarm_and_do_not_calm() -> None:
    picture = Picture(builders.zone(count_limit=50))
    many = _reading(60, count_low=52, count_high=None, trust=Trust.SATURATED)
    found = picture.play(many, seconds=11)
    assert (found.level, found.causes[0].name) == (WARNING, "people_limit")
    few = _reading(10, count_low=10, count_high=None, trust=Trust.SATURATED)
    assert picture.play(few, seconds=600).level is WARNING
    assert picture.play(_reading(10), seconds=31).level is SAFE


def test_a_saturated_zone_is_never_below_caution() -> None:
    found = Picture(builders.zone()).play(
        _reading(0, count_high=None, trust=Trust.SATURATED), seconds=1
    )
    assert (found.level, found.causes[0].name) == (CAUTION, "saturated")


def test_unknown_numbers_neither_raise_nor_calm() -> None:
    picture = Picture(builders.zone(count_limit=50))
    unknown = {"trust": Trust.UNKNOWN, "trust_reason": "The picture is frozen."}
    wild = _reading(500, peak_density_per_m2=9.0, **unknown)
    assert picture.play(wild, seconds=60).level is SAFE
    assert picture.play(_reading(60), seconds=9).level is SAFE, "nothing had run meanwhile"
    assert picture.play(_reading(60), seconds=3).level is WARNING
    assert picture.play(_reading(0, **unknown), seconds=600).level is WARNING
    assert picture.play(_reading(0), seconds=31).level is SAFE


def test_a_moved_camera_takes_the_densities_away_and_leaves_the_count() -> None:
    picture = Picture(builders.zone(count_limit=50))
    moved = {"metres_trust": Trust.UNKNOWN, "metres_reason": "The camera was moved."}
    found = picture.play(_reading(60, peak_density_per_m2=9.0, **moved), seconds=30)
    assert (found.level, found.score) == (WARNING, None)
    assert [cause.name for cause in found.causes] == ["people_limit"]
    picture = Picture(builders.zone())
    picture.play(_reading(9, peak_density_per_m2=4.5), seconds=11)
    assert picture.play(_reading(9, **moved), seconds=600).level is WARNING


def test_a_reconnect_runs_and_resets_nothing() -> None:
    picture = Picture(builders.zone(count_limit=50))
    picture.play(_reading(60), seconds=12)
    picture.segment, picture.t = 1, 0.0
    assert picture.play(_reading(60), seconds=1).level is WARNING
    picture.segment, picture.t = 2, 5000.0
    assert picture.play(_reading(0), seconds=20).level is WARNING


def test_readings_seen_again_run_the_time_but_say_nothing_new() -> None:
    picture = Picture(builders.zone(count_limit=50))
    seen = PlaceReadings(1, (_reading(60),))
    first = picture.risks.update(picture.places, seen, stream_time_s=0.0, segment=0)
    for k in range(1, 10):
        passed = PlaceReadings(1, seen.zones, (LineReading(1, k, 0, Trust.OK),))
        again = picture.risks.update(picture.places, passed, stream_time_s=k / 10, segment=0)
        assert again is first
    levels = []
    for k in range(1, 12):
        new = PlaceReadings(1, (_reading(60),))
        (found,) = picture.risks.update(picture.places, new, stream_time_s=float(k), segment=0)
        levels.append(found.risk.level)
    assert levels == [SAFE] * 9 + [WARNING] * 2


def test_a_stricter_limit_never_lets_go() -> None:
    picture = Picture(builders.zone(count_limit=50, density_limit_per_m2=3.0))
    full = _reading(60, peak_density_per_m2=3.5)
    picture.play(full, seconds=12)
    for count_limit, density_limit_per_m2 in ((49, 2.9), (40, 2.0), (51, 3.2)):
        picture.draw(
            builders.zone(count_limit=count_limit, density_limit_per_m2=density_limit_per_m2)
        )
        found = picture.play(full, seconds=0.2)
        assert found.level is WARNING
        assert [(cause.name, cause.limit) for cause in found.causes] == [
            ("density", density_limit_per_m2),
            ("people_limit", count_limit),
        ]


def test_a_limit_that_was_raised_for_an_hour_holds_nothing_when_it_is_back() -> None:
    picture = Picture(builders.zone(count_limit=50))
    picture.play(_reading(60), seconds=12)
    picture.draw(builders.zone(count_limit=100))
    assert picture.play(_reading(60), seconds=3600, rate=1).level is SAFE
    picture.draw(builders.zone(count_limit=50))
    assert picture.play(_reading(45), seconds=600, rate=1).level is SAFE
    picture.draw(builders.zone())
    picture.play(_reading(60), seconds=1)
    picture.draw(builders.zone(count_limit=50))
    assert picture.play(_reading(60), seconds=9).level is SAFE, "a new limit, a new timer"


@pytest.mark.parametrize("profile", ZoneProfile)
def test_another_profile_forgets_no_level(profile: ZoneProfile) -> None:
    picture = Picture(builders.zone(count_limit=50))
    crush = _reading(60, peak_density_per_m2=6.5)
    picture.play(crush, seconds=12)
    picture.draw(builders.zone(count_limit=50, profile=profile))
    found = picture.play(crush, seconds=0.2)
    assert found.level is CRITICAL
    assert [cause.name for cause in found.causes] == ["density", "people_limit"]


def test_another_profile_forgets_no_crowd_behind_a_saturated_counter() -> None:
    picture = Picture(builders.zone())
    picture.play(_reading(10, peak_density_per_m2=2.5), seconds=3)
    picture.draw(builders.zone(profile=ZoneProfile.QUEUE))
    full = _reading(10, count_high=None, trust=Trust.SATURATED)
    assert picture.play(full, seconds=1).level is WARNING


def test_another_profile_reads_the_numbers_its_own_way() -> None:
    still = _reading(9, peak_density_per_m2=2.4, mean_speed_mps=0.0)
    picture = Picture(builders.zone(profile=ZoneProfile.SEATED))
    assert picture.play(still, seconds=40).level is SAFE
    picture.draw(builders.zone(profile=ZoneProfile.WALKWAY))
    found = picture.play(still, seconds=11)
    assert (found.level, found.causes[0].name) == (WARNING, "stagnation")
    assert found.parts.velocity is not None
    picture.draw(builders.zone(profile=ZoneProfile.SEATED))
    found = picture.play(still, seconds=1)
    assert (found.level, found.parts.velocity) == (CAUTION, None), "held, below 3.2 by now"
    assert picture.play(still, seconds=31).level is SAFE


def test_a_limit_that_changes_leaves_the_density_alone() -> None:
    picture = Picture(builders.zone())
    picture.play(_reading(60, peak_density_per_m2=4.5), seconds=12)
    picture.draw(builders.zone(count_limit=500, name="Gate B", colour="#ffffff"))
    assert picture.play(_reading(60, peak_density_per_m2=4.5), seconds=0.2).level is WARNING


def test_a_zone_drawn_anew_begins_anew() -> None:
    picture = Picture(builders.zone(count_limit=50))
    picture.play(_reading(60), seconds=12)
    picture.draw(builders.zone(count_limit=50, corners=((0.0, 0.0), (0.5, 0.0), (0.5, 0.5))))
    assert picture.play(_reading(60), seconds=9).level is SAFE
    assert picture.play(_reading(60), seconds=2).level is WARNING


def test_a_zone_that_comes_back_after_its_deletion_begins_anew() -> None:
    picture = Picture(builders.zone(count_limit=50), builders.zone(2))
    picture.play(_reading(60), seconds=12)
    picture.draw(builders.zone(2))
    picture.play(_reading(0, zone_id=2), seconds=1)
    picture.draw(builders.zone(count_limit=50), builders.zone(2))
    assert picture.play(_reading(60), seconds=5).level is SAFE


def test_zones_do_not_hear_of_each_other() -> None:
    picture = Picture(builders.zone(1, count_limit=50), builders.zone(2, count_limit=50))
    picture.play(_reading(60), _reading(10, zone_id=2), seconds=12)
    found = picture.risks.update(
        picture.places,
        PlaceReadings(1, (_reading(10, zone_id=2), _reading(60), _reading(9, zone_id=77))),
        stream_time_s=picture.t,
        segment=0,
    )
    assert [(risk.zone_id, risk.risk.level) for risk in found] == [(2, SAFE), (1, WARNING)]


def test_settings_change_running_zones() -> None:
    picture = Picture(builders.zone(count_limit=50))
    picture.play(_reading(60), seconds=5)
    picture.risks.set_params(RiskParams(sustain_other_s=4.0))
    assert picture.play(_reading(60), seconds=0.4).level is WARNING
    picture.draw(builders.zone(count_limit=50), builders.zone(2, count_limit=9))
    risk = picture.play(_reading(60, zone_id=2), seconds=5)
    assert risk.level is WARNING, "a zone drawn later goes by them too"


@settings(deadline=None, max_examples=30)
@given(
    counts=st.lists(st.floats(0, 200), min_size=2, max_size=6),
    rate=st.sampled_from([1.0, 4.0, 12.5]),
)
def test_the_frame_rate_does_not_matter(counts: list[float], rate: float) -> None:
    levels = []
    for hz in (2.0, rate):
        picture = Picture(builders.zone(count_limit=100))
        for count in counts:
            found = picture.play(_reading(count), seconds=16, rate=hz)
        levels.append(found.level)
    assert levels[0] is levels[1]


@settings(deadline=None, max_examples=40)
@given(count=st.integers(0, 200), more=st.integers(0, 50), rho=st.floats(0, 7))
def test_a_fuller_zone_is_never_safer(count: int, more: int, rho: float) -> None:
    zone = builders.zone(count_limit=100, density_limit_per_m2=3.0)

    def level(people: int, density: float) -> RiskLevel:
        reading = _reading(people, peak_density_per_m2=density)
        return Picture(zone).play(reading, seconds=12, rate=2).level

    assert level(count + more, rho + more / 20) >= level(count, rho)
