"""The watch of all locations: from what cameras see to readings, incidents and rows."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from backend.core.locations import (
    AreaRef,
    CountEntry,
    CountSource,
    DensityLevel,
    LineRef,
    Overlap,
)
from backend.core.risk import RiskLevel
from backend.core.trust import Trust
from backend.db.locations import LocationEntry, LocationRow
from backend.db.places import ZoneRow
from backend.risk.params import RiskParams
from backend.services.locations.watch import LocationWatch
from tests.builders import ManualClock
from tests.database import make_engine
from tests.services.locations.watch_world import WatchWorld, make_world


@pytest.fixture
def world(manual_clock: ManualClock, tmp_path: Path) -> Iterator[WatchWorld]:
    """Two cameras that see four people each."""
    engine = make_engine()
    made = make_world(manual_clock, tmp_path, engine)
    made.add_camera(1, count=4)
    made.add_camera(2, count=4)
    yield made
    engine.dispose()


def _entry(count: float, at: datetime) -> CountEntry:
    return CountEntry(CountSource.MANUAL, count, at, "olga")


def test_people_of_all_cameras_are_one_number(world: WatchWorld) -> None:
    hall = world.add_location("Hall", AreaRef(1), AreaRef(2))
    assert world.watch.reading(hall) is None
    world.play()
    reading = world.reading(hall)
    assert (reading.count, reading.source, reading.trust) == (8, CountSource.CAMERA, Trust.OK)
    assert reading.occupancy_percent == 80
    assert reading.at == world.clock.now()
    assert world.watch.readings() == (reading,)
    assert [location.name for location in world.watch.locations()] == ["Hall"]


def test_zones_are_counted_by_themselves(world: WatchWorld) -> None:
    world.add_zone(1, 7, count=3)
    world.add_zone(1, 8, count=1)
    bar = world.add_location("Bar", AreaRef(1, 7))
    world.play()
    assert world.reading(bar).count == 3


def test_the_same_ground_is_counted_once(world: WatchWorld) -> None:
    areas = (AreaRef(1), AreaRef(2))
    hall = world.add_location("Hall", *areas, overlaps=[Overlap(areas)])
    world.play()
    assert world.reading(hall).count == 4


def test_a_number_sent_in_raises_what_cameras_count_and_never_lowers_it(
    world: WatchWorld,
) -> None:
    hall = world.add_location("Hall", AreaRef(1), AreaRef(2))
    world.play()
    world.watch.enter(hall, _entry(3, world.clock.now()))
    world.play()
    assert (world.reading(hall).count, world.reading(hall).source) == (8, CountSource.CAMERA)
    world.watch.enter(hall, _entry(9, world.clock.now()))
    world.play()
    assert (world.reading(hall).count, world.reading(hall).source) == (9, CountSource.MANUAL)


def test_lines_count_who_is_inside(world: WatchWorld) -> None:
    world.add_line(1, 5)
    world.add_line(2, 6)
    lines = (LineRef(1, 5), LineRef(2, 6, is_reversed=True))
    hall = world.add_location("Hall", capacity=None, lines=lines)
    world.play()
    world.passages |= {5: (1, 10, 2), 6: (2, 3, 1)}
    world.play()
    reading = world.reading(hall)
    assert (reading.count, reading.source) == (6, CountSource.LINE)
    assert reading.balance is not None
    assert (reading.balance.count_in, reading.balance.count_out) == (11, 5)
    world.watch.correct(hall, 40, at=world.clock.now())
    world.play()
    assert world.reading(hall).count == 40


def test_a_camera_that_is_lost_takes_nobody_away(world: WatchWorld) -> None:
    hall = world.add_location("Hall", AreaRef(1), AreaRef(2))
    world.play(2)
    world.lose(1)
    world.lose(2)
    world.play(5)
    reading = world.reading(hall)
    assert (reading.count, reading.trust) == (8, Trust.UNKNOWN)
    assert "None of the 2 areas is seen now" in reading.trust_reason


def test_a_reading_that_is_not_renewed_is_never_shown_as_live(world: WatchWorld) -> None:
    hall = world.add_location("Hall", AreaRef(1))
    world.play()
    world.clock.advance(2)
    assert world.reading(hall).trust is Trust.OK
    world.clock.advance(10)
    assert world.reading(hall).trust is Trust.UNKNOWN
    assert "12 s" in world.reading(hall).trust_reason


def test_a_bug_costs_one_location_its_round_and_no_other(world: WatchWorld) -> None:
    ill = world.add_location("Ill", AreaRef(1))
    well = world.add_location("Well", AreaRef(2))
    world.play()
    world.watch.enter(ill, _entry(3, datetime(2026, 1, 1)))  # noqa: DTZ001 - that is the bug
    world.counts[1] = world.counts[2] = 6
    world.play()
    assert (world.reading(ill).count, world.reading(well).count) == (4, 6)
    assert world.watch.stats().failures == 1
    world.play(4)
    assert world.reading(ill).trust is Trust.UNKNOWN, "an old number is not shown as live"
    assert world.reading(well).trust is Trust.OK


def test_a_chore_comes_after_the_readings_and_may_fail(world: WatchWorld) -> None:
    hall = world.add_location("Hall", AreaRef(1))
    seen: list[tuple[datetime, float, float | None]] = []

    def ill(_at: datetime, _mono_s: float) -> None:
        raise RuntimeError("ill")

    world.watch.add_chore(ill)
    world.watch.add_chore(lambda at, mono_s: seen.append((at, mono_s, world.reading(hall).count)))
    world.play()
    assert seen == [(world.clock.now(), world.clock.monotonic(), 4)]
    assert world.watch.stats().failures == 1


def test_definitions_that_cannot_be_read_leave_the_old_ones_in_force(world: WatchWorld) -> None:
    hall = world.add_location("Hall", AreaRef(1))
    world.play()
    world.rename_table("locations", "away")
    world.watch.reload()
    world.play(3)
    assert world.reading(hall).count == 4
    assert world.watch.stats().load_failures == 1, "tried again after a pause only"
    world.rename_table("away", "locations")
    bar = world.add_location("Bar", AreaRef(2))
    world.watch.enter(bar, _entry(9, world.clock.now()))
    world.play(6)
    assert world.reading(bar).count == 9, "what was sent in meanwhile has waited"
    assert world.watch.stats().load_failures == 0


def test_what_is_deleted_is_watched_no_longer(world: WatchWorld) -> None:
    world.add_zone(1, 7, count=3)
    hall = world.add_location("Hall", AreaRef(1, 7), AreaRef(2))
    bar = world.add_location("Bar", AreaRef(2))
    world.play()
    assert world.reading(hall).count == 7
    world.delete(ZoneRow, 7)
    world.delete(LocationRow, bar)
    world.play()
    reading = world.reading(hall)
    assert reading.count == 4
    assert reading.count_high is None, "who is elsewhere is seen by nobody now"
    assert world.watch.reading(bar) is None


def test_limits_in_force_are_used_from_the_next_round_on(world: WatchWorld) -> None:
    hall = world.add_location("Hall", AreaRef(1), AreaRef(2), capacity=100)
    world.play(15)
    assert world.reading(hall).risk_level is RiskLevel.SAFE
    world.change(hall, capacity=8)
    world.play(12)
    assert world.reading(hall).risk_level is RiskLevel.WARNING
    (cause,) = world.reading(hall).causes
    assert cause.name == "people_limit"


def test_a_restart_goes_on_where_the_process_ended(world: WatchWorld) -> None:
    world.add_line(1, 5)
    hall = world.add_location("Hall", capacity=None, lines=[LineRef(1, 5)])
    world.play()
    world.passages[5] = (1, 12, 3)
    world.play()
    world.watch.finish()
    after = world.restart(away_s=60)
    after.passages[5] = (1, 0, 0)
    after.play()
    balance = after.reading(hall).balance
    assert balance is not None
    assert (balance.count_in, balance.count_out, balance.count) == (12, 3, 9)
    assert balance.unseen_s == 61, "who passed meanwhile nobody knows"


def test_a_restart_knows_what_was_sent_in(world: WatchWorld) -> None:
    hall = world.add_location("Hall", capacity=20)
    for minutes, count in ((50, 3.0), (10, 11.0), (4, 16.0)):
        at = world.clock.now() - timedelta(minutes=minutes)
        row = LocationEntry(kind="count", source="MANUAL", count=count, at=at)
        world.send_in(hall, row)
    world.play()
    reading = world.reading(hall)
    assert (reading.count, reading.source) == (16, CountSource.MANUAL)
    assert {cause.name for cause in reading.causes} == {"people_limit", "surge"}, (
        "the number before is known too"
    )


def test_a_correction_outlives_a_process_that_ended_at_once(world: WatchWorld) -> None:
    world.add_line(1, 5)
    hall = world.add_location("Hall", capacity=None, lines=[LineRef(1, 5)])
    world.play(2)
    world.watch.finish()
    world.clock.advance(5)
    at = world.clock.now()
    world.send_in(hall, LocationEntry(kind="correction", source="LINE", count=33, was=0, at=at))
    after = world.restart(away_s=10)
    after.passages[5] = (1, 0, 0)
    after.play()
    balance = after.reading(hall).balance
    assert balance is not None
    assert (balance.base, balance.since) == (33, at)


def test_the_thread_watches_until_it_is_stopped(world: WatchWorld) -> None:
    hall = world.add_location("Hall", AreaRef(1))
    was_read = threading.Event()
    world.play()
    world.watch.add_chore(lambda _at, _mono_s: was_read.set())
    world.watch.start()
    world.watch.start()
    assert was_read.wait(5)
    assert world.watch.stats().is_running
    world.watch.stop()
    world.watch.stop()
    assert not world.watch.stats().is_running
    assert world.watch.stats().rounds >= 2
    (minute,) = world.minutes()
    assert (minute.location_id, minute.count_mean) == (hall, 4)


def test_what_was_sent_in_before_a_correction_stays_old_over_a_restart(world: WatchWorld) -> None:
    world.add_line(1, 5)
    hall = world.add_location("Hall", lines=[LineRef(1, 5)])
    world.play(2)
    at = world.clock.now()
    world.send_in(hall, LocationEntry(kind="count", source="API", count=150, at=at, note=""))
    world.watch.enter(hall, CountEntry(CountSource.API, 150, at))
    world.play(5)
    at = world.clock.now()
    world.send_in(hall, LocationEntry(kind="correction", source="LINE", count=0, at=at, note=""))
    world.watch.correct(hall, 0, at=at)
    world.play(70)
    assert world.reading(hall).count == 0
    after = world.restart()
    after.passages = dict(world.passages)
    after.play(5)
    assert (after.reading(hall).count, after.reading(hall).source) == (0, CountSource.LINE)


def test_a_clock_that_is_set_back_hides_no_number(world: WatchWorld) -> None:
    hall = world.add_location("Hall")
    numbers = [(10, world.clock.now()), (20, world.clock.now() + timedelta(seconds=5))]
    for count, at in numbers:
        entry = LocationEntry(kind="count", source="MANUAL", count=count, at=at, note="")
        world.send_in(hall, entry)
        world.watch.enter(hall, CountEntry(CountSource.MANUAL, count, at))
    world.clock.advance(5)
    world.play()
    assert world.reading(hall).count == 20
    world.clock.set_back(3600)
    at = world.clock.now()
    world.send_in(hall, LocationEntry(kind="count", source="MANUAL", count=150, at=at, note=""))
    world.watch.enter(hall, CountEntry(CountSource.MANUAL, 150, at))
    world.play()
    assert world.reading(hall).count == 150
    after = world.restart()
    after.play()
    assert after.reading(hall).count == 150


def test_of_two_numbers_of_one_time_the_later_counts_after_a_restart_too(
    world: WatchWorld,
) -> None:
    hall = world.add_location("Hall")
    at = world.clock.now()
    for count in (40, 30):
        world.send_in(hall, LocationEntry(kind="count", source="API", count=count, at=at, note=""))
        world.watch.enter(hall, CountEntry(CountSource.API, count, at))
    world.play()
    assert world.reading(hall).count == 30
    after = world.restart()
    after.play()
    assert after.reading(hall).count == 30


def test_time_without_lines_is_time_unseen(world: WatchWorld) -> None:
    world.add_line(1, 5)
    hall = world.add_location("Hall", lines=[LineRef(1, 5)])
    world.play(5)
    world.watch.correct(hall, 40, at=world.clock.now())
    world.play(5)
    world.change(hall, line_count=2)
    world.play(300)
    world.change(hall, line_count=1)
    world.play(3)
    reading = world.reading(hall)
    assert (reading.count, reading.count_high, reading.trust) == (40, None, Trust.DEGRADED)
    assert reading.balance is not None
    assert reading.balance.unseen_s >= 300


def test_the_bands_of_density_are_those_of_the_settings(world: WatchWorld) -> None:
    hall = world.add_location("Hall", AreaRef(1), capacity=None)
    world.play()
    assert world.reading(hall).density_level is DensityLevel.HIGH  # 4.6 people/m²
    world.watch.set_params(
        RiskParams(density_caution=1.0, density_warning=3.0, density_critical=4.5)
    )
    world.play()
    assert world.reading(hall).density_level is DensityLevel.CRITICAL
    after = LocationWatch(
        session_factory=world.database,
        clock=world.clock,
        live=world.alerts.live,
        alerts=world.alerts.manager,
        params=RiskParams(density_caution=5.0, density_warning=6.0, density_critical=7.0),
    )
    after.step()
    found = after.reading(hall)
    assert found is not None
    assert found.density_level is DensityLevel.LOW
