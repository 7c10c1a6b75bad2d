"""The log of minutes: gathered by the second, written once, kept while the database is away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select, text

from backend.core.locations import CountSource, Location, LocationReading
from backend.core.trust import Trust
from backend.db.base import make_session_factory
from backend.db.locations import LocationMinute, LocationRow
from backend.services.locations.minutes import DELETE_BATCH, KEEP_DAYS, MinuteLog
from tests.builders import EPOCH
from tests.database import make_engine

HALL = Location(1, "Hall", capacity=10)


class Minutes:
    """A log, and what it has stored."""

    def __init__(self, engine: Engine) -> None:
        self.open = make_session_factory(engine)
        self.log = MinuteLog(self.open)

    def add_location(self, location_id: int = 1) -> None:
        with self.open() as session, session.begin():
            session.add(
                LocationRow(
                    id=location_id,
                    name=f"Hall {location_id}",
                    entry_valid_s=900,
                    created_at=EPOCH,
                    updated_at=EPOCH,
                )
            )

    def note(
        self,
        second: float,
        count: float | None,
        *,
        source: CountSource = CountSource.CAMERA,
        trust: Trust = Trust.OK,
        location: Location = HALL,
    ) -> None:
        """Take a reading so many seconds after the epoch."""
        at = EPOCH + timedelta(seconds=second)
        self.log.note(
            location,
            LocationReading(location.location_id, at, count, count, count, source, trust),
        )

    def rows(self) -> list[LocationMinute]:
        with self.open() as session:
            return list(session.scalars(select(LocationMinute).order_by(LocationMinute.at)))

    def sql(self, statement: str) -> None:
        with self.open() as session, session.begin():
            session.execute(text(statement))


@pytest.fixture
def minutes() -> Iterator[Minutes]:
    engine = make_engine()
    made = Minutes(engine)
    made.add_location()
    yield made
    engine.dispose()


def test_a_minute_is_what_its_known_seconds_were(minutes: Minutes) -> None:
    minutes.note(0, 4)
    minutes.note(1, 6, source=CountSource.MANUAL, trust=Trust.ESTIMATED)
    minutes.note(2, 8)
    minutes.note(3, 99, trust=Trust.UNKNOWN)
    minutes.note(4, None)
    minutes.note(60, 1)
    assert minutes.log.write()
    (row,) = minutes.rows()
    assert (row.location_id, row.at, row.seconds) == (1, EPOCH, 3)
    assert (row.count_min, row.count_mean, row.count_max) == (4, 6, 8)
    assert (row.source, row.trust, row.capacity) == ("CAMERA", "estimated", 10)


def test_a_minute_in_which_nothing_was_known_has_no_row(minutes: Minutes) -> None:
    minutes.note(0, 99, trust=Trust.UNKNOWN)
    minutes.note(60, 3)
    minutes.log.end_before(EPOCH + timedelta(seconds=119))
    assert minutes.log.write()
    assert minutes.rows() == []
    minutes.log.end_before(EPOCH + timedelta(seconds=120))
    assert minutes.log.write()
    assert [row.at for row in minutes.rows()] == [EPOCH + timedelta(seconds=60)]


def test_two_rounds_in_one_second_are_one_second(minutes: Minutes) -> None:
    for second in (0.0, 0.99, 1.98):
        minutes.note(second, 4)
    assert minutes.log.flush()
    assert [row.seconds for row in minutes.rows()] == [2]


def test_a_minute_in_which_the_process_was_started_again_is_one_row(minutes: Minutes) -> None:
    for second in range(10):
        minutes.note(second, 2)
    assert minutes.log.flush()
    again = MinuteLog(minutes.open)
    minutes.log = again
    for second in range(30, 60):
        minutes.note(second, 6, source=CountSource.MANUAL, trust=Trust.DEGRADED)
    assert again.flush()
    (row,) = minutes.rows()
    assert (row.seconds, row.count_min, row.count_mean, row.count_max) == (40, 2, 5, 6)
    assert (row.source, row.trust) == ("MANUAL", "degraded")


def test_what_the_database_does_not_take_is_tried_again(minutes: Minutes) -> None:
    minutes.sql("ALTER TABLE location_minutes RENAME TO away")
    for minute in range(3):
        minutes.note(60 * minute, 4)
    assert not minutes.log.flush()
    assert (minutes.log.waiting, minutes.log.failures, minutes.log.lost) == (3, 1, 0)
    minutes.sql("ALTER TABLE away RENAME TO location_minutes")
    assert minutes.log.write()
    assert (len(minutes.rows()), minutes.log.waiting) == (3, 0)


def test_minutes_of_a_deleted_location_hold_up_no_other(minutes: Minutes) -> None:
    minutes.note(0, 4)
    minutes.note(0, 4, location=Location(2, "Gone"))
    assert minutes.log.flush()
    assert [row.location_id for row in minutes.rows()] == [1]


def test_old_minutes_go_in_batches(minutes: Minutes) -> None:
    now = EPOCH + timedelta(days=KEEP_DAYS + 30)
    with minutes.open() as session, session.begin():
        session.add_all(
            LocationMinute(
                location_id=1,
                at=at,
                count_min=0,
                count_mean=0,
                count_max=0,
                seconds=60,
                source="CAMERA",
                trust="ok",
            )
            for at in (
                *(EPOCH + timedelta(minutes=number) for number in range(DELETE_BATCH + 5)),
                now - timedelta(days=KEEP_DAYS),
            )
        )
    minutes.log.prune([1], now=now)
    assert len(minutes.rows()) == 6
    minutes.log.prune([1], now=now)
    assert len(minutes.rows()) == 1, "a minute is kept for 90 days"
    later = now + timedelta(seconds=1)
    minutes.log.prune([1], now=later)
    assert len(minutes.rows()) == 1, "once a day only"
    minutes.log.prune([1], now=now + timedelta(days=1))
    assert minutes.rows() == []
