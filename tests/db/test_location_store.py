"""Locations in three databases: who claims a version, what cascades, what a log is read by."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.db import accounts, location_store
from backend.db.base import SessionFactory
from backend.db.cameras import Camera
from backend.db.location_store import EntryFilter, MinuteCounts
from backend.db.locations import (
    FloorPlan,
    LocationArea,
    LocationBalance,
    LocationEntry,
    LocationLine,
    LocationMinute,
    LocationRow,
)
from backend.db.places import CountingLineRow, ZoneRow
from tests.builders import EPOCH
from tests.databases import ON_EVERY_DATABASE, empty_database

pytestmark = ON_EVERY_DATABASE
OWNERS = accounts.User
"""Imported so that the table cameras refer to is known."""
TABLES = (LocationArea, LocationLine, LocationBalance, LocationMinute, LocationEntry)


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SessionFactory]:
    """Cameras 1 and 2 with a zone and a line each; locations 1 and 2 made of both."""
    with empty_database(request.param, tmp_path) as factory:
        with factory() as session, session.begin():
            for number in (1, 2):
                add_camera(session, number)
            for number in (1, 2):
                add_location(session, number)
        yield factory


def add_camera(session: Session, number: int) -> None:
    name = f"Camera {number}"
    session.add(
        Camera(id=number, name=name, source_type="rtsp", created_at=EPOCH, updated_at=EPOCH)
    )
    session.flush()
    drawn: dict[str, Any] = {"camera_id": number, "position": 0, "colour": "#4ea1ff"}
    session.add(ZoneRow(**drawn, name="Zone", corners=[[0, 0]], profile="standing"))
    ends = {"start_x": 0.0, "start_y": 0.0, "end_x": 1.0, "end_y": 1.0}
    session.add(CountingLineRow(**drawn, **ends, name="Line"))
    session.flush()


def add_location(session: Session, number: int) -> None:
    row = LocationRow(
        name=f"Platz {number} 門",
        entry_valid_s=900.0,
        outline=[[11.5, 48.1 + 1 / 3]],
        overlaps=[[[1, 0], [2, 0]]],
        created_at=EPOCH,
        updated_at=EPOCH,
    )
    session.add(row)
    session.flush()
    session.add_all(
        [
            LocationArea(location_id=row.id, position=1, camera_id=1, zone_id=1),
            LocationArea(location_id=row.id, position=0, camera_id=2),
            LocationLine(location_id=row.id, position=0, camera_id=1, line_id=1),
            LocationLine(location_id=row.id, position=1, camera_id=2, line_id=2),
            LocationBalance(
                location_id=row.id,
                base=1.5,
                count_in=0,
                count_out=0,
                since=EPOCH,
                unseen_s=0.0,
                written_at=EPOCH,
            ),
        ]
    )
    for at in range(3):
        when = EPOCH + timedelta(minutes=at)
        session.add(minute(row.id, at, 10.0 * row.id + at))
        session.add(
            LocationEntry(
                location_id=row.id,
                kind="correction" if at == 1 else "count",
                source="MANUAL",
                count=float(at),
                at=when,
            )
        )


def minute(location_id: int, at: int, mean: float) -> LocationMinute:
    return LocationMinute(
        location_id=location_id,
        at=EPOCH + timedelta(minutes=at),
        count_min=mean - 1,
        count_mean=mean,
        count_max=mean + 1,
        seconds=60,
        source="CAMERA",
        trust="ok",
    )


def owners(session: Session, table: Any) -> set[int]:
    return set(session.scalars(select(table.location_id)))


def test_rows_come_back_in_their_order(database: SessionFactory) -> None:
    with database() as session:
        found = location_store.list_locations(session)
        assert [(rows.row.id, len(rows.areas), len(rows.lines)) for rows in found] == [
            (1, 2, 2),
            (2, 2, 2),
        ]
        assert [area.camera_id for area in found[0].areas] == [2, 1]
        assert found[0].row.outline == [[11.5, 48.1 + 1 / 3]]
        assert found[0].row.name == "Platz 1 門"
        (one,) = location_store.list_locations(session, 2)
        assert one.row.id == 2
        assert location_store.list_locations(session, 99) == []
        assert location_store.count_locations(session) == 2
        assert location_store.names_taken(session, except_id=1) == ["Platz 2 門"]


def test_a_version_is_claimed_once(database: SessionFactory) -> None:
    with database() as first, database() as second:
        row = location_store.find_location(first, 1)
        assert row is not None
        second.expire_all()
        assert location_store.claim_next_version(first, 1, 1)
        assert row.version == 2
        first.commit()
        assert not location_store.claim_next_version(second, 1, 1)
        assert not location_store.claim_next_version(second, 99, 1)


def test_what_a_camera_showed_goes_with_it(database: SessionFactory) -> None:
    with database() as session, session.begin():
        session.delete(session.get_one(Camera, 1))
    with database() as session:
        found = location_store.list_locations(session)
        assert [[area.camera_id for area in rows.areas] for rows in found] == [[2], [2]]
        assert [[line.camera_id for line in rows.lines] for rows in found] == [[2], [2]]


def test_an_area_goes_with_its_zone_and_a_line_with_what_was_drawn(
    database: SessionFactory,
) -> None:
    with database() as session, session.begin():
        session.delete(session.get_one(ZoneRow, 1))
        session.delete(session.get_one(CountingLineRow, 2))
    with database() as session:
        for rows in location_store.list_locations(session):
            assert [area.camera_id for area in rows.areas] == [2]
            assert [line.line_id for line in rows.lines] == [1]


def test_all_of_a_location_goes_with_it_and_nothing_of_another(database: SessionFactory) -> None:
    with database() as session, session.begin():
        session.delete(session.get_one(LocationRow, 1))
    with database() as session:
        assert all(owners(session, table) == {2} for table in TABLES)
    with database() as session, session.begin():
        add_location(session, 3)
        assert owners(session, LocationArea) == {2, 3}, "an id is never given again"


def test_a_location_outlives_its_plan(database: SessionFactory) -> None:
    with database() as session, session.begin():
        plan = FloorPlan(
            name="Plan",
            stored_name="x.png",
            width_px=1,
            height_px=1,
            size_bytes=1,
            created_at=EPOCH,
        )
        session.add(plan)
        session.flush()
        assert location_store.plan_exists(session, plan.id)
        session.get_one(LocationRow, 1).floor_plan_id = plan.id
    with database() as session, session.begin():
        session.delete(session.get_one(FloorPlan, plan.id))
    with database() as session:
        assert session.get_one(LocationRow, 1).floor_plan_id is None
        assert not location_store.plan_exists(session, plan.id)


def test_a_balance_is_forgotten(database: SessionFactory) -> None:
    with database() as session, session.begin():
        location_store.delete_balance(session, 1)
    with database() as session:
        assert owners(session, LocationBalance) == {2}


def test_the_log_is_newest_first(database: SessionFactory) -> None:
    def counts(wanted: EntryFilter, page: int = 1) -> list[float]:
        with database() as session:
            found = location_store.list_entries(session, 1, wanted, page=page, per_page=2)
            return [row.count for row in found.items]

    assert counts(EntryFilter()) == [2.0, 1.0]
    assert counts(EntryFilter(), page=2) == [0.0]
    assert counts(EntryFilter(kind="count")) == [2.0, 0.0]
    first = EPOCH + timedelta(minutes=1)
    assert counts(EntryFilter(since=first, until=EPOCH + timedelta(minutes=2))) == [1.0]


def test_minutes_are_read_by_time(database: SessionFactory) -> None:
    first, last = EPOCH + timedelta(minutes=1), EPOCH + timedelta(minutes=2)
    with database() as session:
        assert location_store.minute_counts(session, 2, since=first, until=last) == [
            MinuteCounts(first, 20.0, 21.0, 22.0, 60)
        ]
        page = location_store.page_of_minutes(
            session, 1, since=first, until=None, page=2, per_page=1
        )
        assert ([row.at for row in page.items], page.total) == ([last], 2)


def test_what_there_is_of_cameras(database: SessionFactory) -> None:
    with database() as session:
        assert [row.id for row in location_store.cameras_of(session, {2, 9})] == [2]
        assert [row.id for row in location_store.zones_of(session, {1})] == [1]
        assert [row.id for row in location_store.lines_of(session, {1, 2})] == [1, 2]
        assert location_store.ids_shown_by(session, 2) == [1, 2]
        assert location_store.ids_shown_by(session, 9) == []
