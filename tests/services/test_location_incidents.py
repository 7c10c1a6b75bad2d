"""Incidents of locations: by the same AlertManager as those of cameras, from real readings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.core.camera import CameraState, SourceType
from backend.core.errors import NotFoundError
from backend.core.locations import AreaRef, CountEntry, CountSource, LineRef
from backend.core.risk import RiskLevel
from backend.core.trust import Trust
from backend.db.alert_store import AlertFilter
from backend.db.cameras import Camera
from backend.db.locations import LocationArea, LocationEntry, LocationRow
from backend.db.places import CountingLineRow
from tests.builders import ManualClock
from tests.database import make_engine
from tests.services.alert_world import OPERATOR, VIEWER, crowding
from tests.services.locations.watch_world import CALM, WatchWorld, make_world


@pytest.fixture
def world(manual_clock: ManualClock, tmp_path: Path) -> Iterator[WatchWorld]:
    """Two cameras before one hall for ten people."""
    engine = make_engine()
    made = make_world(manual_clock, tmp_path, engine)
    made.add_camera(1, count=2)
    made.add_camera(2, count=1)
    yield made
    engine.dispose()


@pytest.fixture
def hall(world: WatchWorld) -> int:
    return world.add_location("Hall", AreaRef(1), AreaRef(2), capacity=10)


def _see(world: WatchWorld, first: float, second: float, *, seconds: int = 15) -> None:
    world.counts = {1: first, 2: second}
    world.play(seconds)


def test_a_location_is_told_of_before_it_is_full_and_when_it_is(
    world: WatchWorld, hall: int
) -> None:
    _see(world, 5, 2)
    assert world.of(hall) == []
    _see(world, 5, 3)
    (alert,) = world.of(hall)
    assert (alert.level, alert.status, alert.origin) == (1, "ACTIVE", "LIVE")
    assert (alert.camera_id, alert.zone_id, alert.place_name) == (None, None, "Hall")
    assert (alert.family, alert.cause) == ("capacity", "people_limit")
    assert world.alerts.deliveries() == [], "caution is shown, not sent"
    _see(world, 6, 5)
    (alert,) = world.of(hall)
    assert (alert.level, alert.peak_count) == (2, 11)
    assert (alert.metrics["count"], alert.metrics["capacity_limit"]) == (11, 10)
    assert alert.metrics["source"] == "CAMERA"
    assert alert.snapshot_path is not None
    (delivery,) = world.alerts.deliveries()
    assert delivery.payload["headline"] == "WARNING (worse) · Hall: too many people"
    body = "\n".join(delivery.payload["lines"])
    for words in (
        "11 people, 110 % of the 10 this place may hold.",
        "People: 11 (11–11), counted by cameras; it may hold 10.",
        "Hold the entrances",
    ):
        assert words in body


def test_it_is_acknowledged_and_clears_by_itself(world: WatchWorld, hall: int) -> None:
    _see(world, 6, 5, seconds=20)
    (alert,) = world.of(hall)
    seen = world.alerts.service.acknowledge(OPERATOR, alert.id, "on my way")
    assert (seen.location_id, seen.camera_id, seen.status) == (hall, None, "ACKNOWLEDGED")
    _see(world, 1, 1, seconds=70)
    (alert,) = world.of(hall)
    assert (alert.status, alert.resolved_by) == ("RESOLVED", None)
    assert world.alerts.kinds(alert.id)[-1] == "cleared"


def test_a_person_may_end_it(world: WatchWorld, hall: int) -> None:
    _see(world, 6, 5, seconds=20)
    (alert,) = world.of(hall)
    ended = world.alerts.service.resolve(OPERATOR, alert.id, "doors are shut")
    assert (ended.status, ended.resolve_note) == ("RESOLVED", "doors are shut")
    world.play(30)
    assert len(world.of(hall)) == 1, "the pause holds"
    world.play(60)
    assert len(world.of(hall)) == 2, "the breach goes on"


def test_everybody_sees_them_and_may_ask_for_one_location(world: WatchWorld, hall: int) -> None:
    bar = world.add_location("Bar", AreaRef(2), capacity=5)
    _see(world, 6, 6, seconds=20)
    for location_id in (hall, bar):
        found = world.alerts.service.page(
            VIEWER, AlertFilter(location_id=location_id), page=1, per_page=9
        )
        assert [alert.location_id for alert in found.items] == [location_id]
    assert world.alerts.service.count_unacknowledged(VIEWER) == 2
    notices = [notice for notice in world.alerts.notices if notice.alert.location_id == hall]
    assert notices
    assert not any(notice.is_private for notice in notices)


def test_cameras_that_are_lost_end_nothing(world: WatchWorld, hall: int) -> None:
    _see(world, 6, 5, seconds=20)
    world.lose(1)
    world.lose(2)
    world.play(120)
    capacity, blindness = world.of(hall)
    assert (capacity.family, capacity.status, capacity.level) == ("capacity", "ACTIVE", 2)
    assert (blindness.family, blindness.trust) == ("blindness", "unknown")
    reading = world.reading(hall)
    assert (reading.trust, reading.risk_level) == (Trust.UNKNOWN, RiskLevel.WARNING)
    assert "blindness" in {cause.name for cause in reading.causes}
    headlines = [delivery.payload["headline"] for delivery in world.alerts.deliveries()]
    assert headlines[-1] == "WARNING · Hall: nobody knows how many people are there"
    _see(world, 1, 1, seconds=70)
    assert {row.status for row in world.of(hall)} == {"RESOLVED"}


def test_a_camera_that_says_it_is_blind_speaks_for_its_locations(
    world: WatchWorld, hall: int
) -> None:
    _see(world, 6, 5, seconds=20)
    world.alerts.show(crowding(RiskLevel.WARNING), camera_id=1, count=6)
    world.lose(1)
    world.lose(2)
    world.play(60)
    assert [row.family for row in world.of(hall)] == ["capacity"]
    (blind,) = [row for row in world.alerts.alerts() if row.family == "blindness"]
    assert blind.camera_id == 1
    world.alerts.service.resolve(OPERATOR, blind.id, "a steward is there")
    world.play(60)
    assert [row.family for row in world.of(hall)] == ["capacity"], "nothing is held any more"
    assert "blindness" not in {cause.name for cause in world.reading(hall).causes}


def test_another_name_or_capacity_leaves_an_incident_to_go_on(world: WatchWorld, hall: int) -> None:
    _see(world, 6, 5, seconds=20)
    world.change(hall, name="Great hall", capacity=9)
    world.play(40)
    (alert,) = world.of(hall)
    assert (alert.status, alert.place_name) == ("ACTIVE", "Hall")
    assert alert.metrics["capacity_limit"] == 9


def test_a_deleted_location_ends_its_incidents_with_the_reason(
    world: WatchWorld, hall: int
) -> None:
    _see(world, 6, 5, seconds=20)
    world.delete(LocationRow, hall)
    world.play(2)
    (alert,) = world.of(hall)
    assert (alert.status, alert.resolve_note) == ("RESOLVED", "The location was deleted.")
    world.play(60)
    assert len(world.of(hall)) == 1


def test_a_location_deleted_while_the_process_was_away_ends_them_too(
    world: WatchWorld, hall: int
) -> None:
    _see(world, 6, 5, seconds=20)
    world.delete(LocationRow, hall)
    after = world.restart()
    after.play(2)
    (alert,) = after.of(hall)
    assert (alert.status, alert.resolve_note) == ("RESOLVED", "The location was deleted.")


def test_a_restart_goes_on_with_what_stood(world: WatchWorld, hall: int) -> None:
    _see(world, 6, 5, seconds=20)
    (before,) = world.of(hall)
    after = world.restart(away_s=30)
    after.play(40)
    (alert,) = after.of(hall)
    assert (alert.id, alert.status) == (before.id, "ACTIVE")
    assert after.alerts.service.acknowledge(OPERATOR, alert.id, "").status == "ACKNOWLEDGED"
    _see(after, 1, 1, seconds=70)
    ended = next(row for row in after.of(hall) if row.id == alert.id)
    assert (ended.status, ended.resolved_by) == ("RESOLVED", None)


def test_what_stood_is_held_until_somebody_can_see_again(world: WatchWorld, hall: int) -> None:
    _see(world, 6, 5, seconds=20)
    world.counts = {}
    after = world.restart(away_s=30)
    after.counts = {}
    after.play(60)
    assert {row.status for row in after.of(hall)} == {"ACTIVE"}
    assert after.reading(hall).risk_level is RiskLevel.WARNING


def test_a_number_that_was_sent_in_opens_at_once(world: WatchWorld) -> None:
    bar = world.add_location("Bar", capacity=10)
    world.play(2)
    world.watch.enter(bar, CountEntry(CountSource.MANUAL, 12, world.clock.now(), "olga"))
    world.play(2)
    (alert,) = world.of(bar)
    assert (alert.level, alert.metrics["source"]) == (2, "MANUAL")
    assert alert.snapshot_path is None
    with pytest.raises(NotFoundError):
        world.alerts.service.picture(VIEWER, alert.id)
    (delivery,) = world.alerts.deliveries()
    assert any("entered by hand" in line for line in delivery.payload["lines"])


def test_a_simulated_crowd_calls_nobody_and_ends_with_its_camera(world: WatchWorld) -> None:
    world.add_camera(3, count=12, source_type=SourceType.SIMULATED)
    stage = world.add_location("Stage", AreaRef(3), capacity=10)
    world.play(20)
    (alert,) = world.of(stage)
    assert (alert.origin, alert.level) == ("SIMULATED", 2)
    assert world.alerts.deliveries() == []
    del world.counts[3]
    world.alerts.status(CameraState.STOPPED, camera_id=3)
    world.play(10)
    (alert,) = world.of(stage)
    assert (alert.status, alert.resolve_note) == ("RESOLVED", "The simulation has ended.")
    world.play(30)
    assert len(world.of(stage)) == 1


def test_a_sample_calls_nobody(world: WatchWorld) -> None:
    court = world.add_location("Sample: food court", capacity=10, is_sample=True)
    world.play()
    world.watch.enter(court, CountEntry(CountSource.MANUAL, 30, world.clock.now()))
    world.play(3)
    (alert,) = world.of(court)
    assert (alert.origin, alert.level) == ("SIMULATED", 2)
    assert world.alerts.deliveries() == []


def test_the_picture_is_of_where_most_people_are(world: WatchWorld, hall: int) -> None:
    _see(world, 4, 7, seconds=20)
    assert {row.level for row in world.of(hall)} == {2}
    assert set(world.alerts.pictured) == {2}


def test_news_that_nobody_could_look_at_are_counted(world: WatchWorld, hall: int) -> None:
    for _ in range(60):
        world.clock.advance(1)
        world.watch.step()
    stats = world.alerts.manager.stats()
    assert (stats.waiting, stats.dropped) == (50, 10)


def test_a_covered_camera_ends_nothing(world: WatchWorld, hall: int) -> None:
    _see(world, 6, 6, seconds=20)
    for second in range(60):
        del world.counts[1]
        world.clock.advance(1)
        # it takes two seconds to be sure that a picture is black
        trust = Trust.OK if second < 2 else Trust.UNKNOWN
        world.alerts.show(CALM, camera_id=1, count=0, trust=trust)
        world.counts = {2: 6}
        world.alerts.show(CALM, camera_id=2, count=6)
        world.watch.step()
        world.alerts.manager.step()
        world.counts[1] = 0
    reading = world.reading(hall)
    assert (reading.count, reading.count_high, reading.trust) == (12, None, Trust.DEGRADED)
    (alert,) = world.of(hall)
    assert (alert.level, alert.status) == (2, "ACTIVE")


def test_a_restart_ends_nothing_while_a_camera_is_late(world: WatchWorld, hall: int) -> None:
    _see(world, 6, 6, seconds=20)
    after = world.restart(away_s=20)
    after.counts = {1: 6}
    after.play(120)
    reading = after.reading(hall)
    assert (reading.count, reading.trust) == (6, Trust.DEGRADED)
    assert reading.trust_reason == (
        "1 of 2 areas has not been seen since the start: who is there is not counted."
    )
    (alert,) = after.of(hall)
    assert (alert.level, alert.status) == (2, "ACTIVE")
    _see(after, 2, 1, seconds=60)
    assert {row.status for row in after.of(hall)} == {"RESOLVED"}


def test_a_restart_ends_nothing_while_lines_are_late(world: WatchWorld) -> None:
    world.add_line(1, 5)
    yard = world.add_location("Yard", lines=[LineRef(1, 5)], capacity=10)
    world.passages[5] = (1, 0, 0)
    world.play(2)
    world.passages[5] = (1, 12, 0)
    world.play(20)
    entry = LocationEntry(
        kind="count", source="MANUAL", count=3, at=world.clock.now(), by="olga", note=""
    )
    world.send_in(yard, entry)
    after = world.restart()
    after.counts = {}
    after.play(120)
    assert after.reading(yard).count == 3
    (alert,) = after.of(yard)
    assert (alert.level, alert.status) == (2, "ACTIVE")


def test_a_deleted_camera_ends_nothing_until_somebody_says_what_the_place_is_now(
    world: WatchWorld, hall: int
) -> None:
    _see(world, 6, 6, seconds=20)
    world.delete(Camera, 2)
    world.alerts.live.forget(2)
    world.counts = {1: 6}
    world.play(120)
    reading = world.reading(hall)
    assert reading.count == 6
    assert "Some of its areas or lines are gone" in reading.trust_reason
    (alert,) = world.of(hall)
    assert (alert.level, alert.status) == (2, "ACTIVE")
    world.change(hall, area_count=1)
    world.play(80)
    assert {row.status for row in world.of(hall)} == {"RESOLVED"}


def test_a_deleted_line_ends_nothing(world: WatchWorld) -> None:
    world.add_line(1, 5)
    yard = world.add_location(
        "Yard", AreaRef(1), lines=[LineRef(1, 5)], capacity=10, cameras_see_all=False
    )
    world.play(2)
    world.passages[5] = (1, 12, 0)
    world.play(20)
    world.delete(CountingLineRow, 5)
    world.passages.clear()
    world.play(120)
    assert world.reading(yard).count == 2
    (alert,) = world.of(yard)
    assert (alert.level, alert.status) == (2, "ACTIVE")


def test_a_few_more_people_counted_by_hand_do_not_end_as_a_place_nobody_sees(
    world: WatchWorld,
) -> None:
    field = world.add_location("Field", capacity=1000)
    for count in (20, 30):
        world.play(5)
        world.watch.enter(field, CountEntry(CountSource.MANUAL, count, world.clock.now()))
    world.play(5)
    (rise,) = world.of(field)
    assert (rise.family, rise.level, rise.status) == ("surge", 1, "ACTIVE")
    world.play(950)
    assert world.reading(field).trust is Trust.UNKNOWN
    (rise,) = world.of(field)
    assert rise.status == "RESOLVED"
    assert world.alerts.deliveries() == []


def test_a_zone_drawn_larger_is_no_rise(world: WatchWorld) -> None:
    world.add_zone(1, 7, count=20)
    yard = world.add_location("Yard", AreaRef(1, 7), capacity=1000)
    world.play(120)
    world.corners[7] = ((0.0, 0.0), (0.9, 0.0), (0.9, 0.9))
    world.zones[1][7] = 90
    world.play(150)
    assert world.reading(yard).count == 90
    assert world.of(yard) == []


@pytest.mark.parametrize("is_first_simulated", [True, False])
def test_an_incident_of_simulated_people_never_becomes_one_of_real_ones(
    world: WatchWorld, is_first_simulated: bool
) -> None:
    world.add_camera(3, count=20, source_type=SourceType.SIMULATED)
    world.counts |= {1: 20}
    first, second = (3, 1) if is_first_simulated else (1, 3)
    stage = world.add_location("Stage", AreaRef(first), capacity=10)
    world.play(15)
    with world.database() as session, session.begin():
        session.query(LocationArea).filter_by(location_id=stage).one().camera_id = second
    world.watch.reload()
    world.play(15)
    before, after = world.of(stage)
    origins = ["SIMULATED", "LIVE"] if is_first_simulated else ["LIVE", "SIMULATED"]
    assert [before.origin, after.origin] == origins
    assert (before.status, after.status) == ("RESOLVED", "ACTIVE")
    assert len(world.alerts.deliveries()) == 1, "of the real one"
