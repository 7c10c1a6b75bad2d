"""Zones and lines in three databases: who claims a version, which ids there are, what cascades."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.db import place_store
from backend.db.base import SessionFactory
from backend.db.cameras import Camera
from backend.db.places import CountingLineRow, PlaceSet, ZoneRow
from tests.builders import EPOCH
from tests.databases import ON_EVERY_DATABASE, empty_database

pytestmark = ON_EVERY_DATABASE


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SessionFactory]:
    """Cameras 1 and 2 without places."""
    with empty_database(request.param, tmp_path) as factory:
        with factory() as session, session.begin():
            session.add_all([camera(1), camera(2)])
        yield factory


def camera(camera_id: int) -> Camera:
    return Camera(
        id=camera_id,
        name=f"Camera {camera_id}",
        source_type="rtsp",
        created_at=EPOCH,
        updated_at=EPOCH,
    )


def zone(camera_id: int, position: int, name: str = "Gate 門") -> ZoneRow:
    return ZoneRow(
        camera_id=camera_id,
        position=position,
        name=name,
        corners=[[0.1, 1 / 3], [0.5, 0.0], [1.0, 1.0]],
        profile="queue",
        colour="#4ea1ff",
        density_limit_per_m2=3.3,
    )


def line(camera_id: int, position: int) -> CountingLineRow:
    return CountingLineRow(
        camera_id=camera_id,
        position=position,
        name="Door",
        start_x=1 / 7,
        start_y=0.0,
        end_x=1.0,
        end_y=2 / 3,
        colour="#ffb454",
    )


def claim(database: SessionFactory, camera_id: int, version: int) -> bool:
    with database() as session:
        is_won = place_store.claim_next_version(session, camera_id, version)
        if is_won:
            session.commit()
        return is_won


def test_a_version_is_claimed_once(database: SessionFactory) -> None:
    with database() as session:
        assert place_store.find_set(session, 1) is None
    assert claim(database, 1, 0)
    assert not claim(database, 1, 0)
    assert claim(database, 1, 1)
    assert not claim(database, 1, 1)
    assert not claim(database, 1, 7)
    assert not claim(database, 2, 3), "it never had any"
    assert not claim(database, 99, 0), "there is no such camera"
    with database() as session:
        found = place_store.find_set(session, 1)
        assert found is not None
        assert found.version == 2
        assert place_store.find_set(session, 2) is None


def test_another_source_is_noted_once_as_a_change_until_somebody_confirms(
    database: SessionFactory,
) -> None:
    claim(database, 1, 0)
    with database() as session, session.begin():
        place_store.note_confirmed(session, 1, at=EPOCH, background=b"landmarks")
        assert not place_store.note_source_changed(
            session, 1, at=EPOCH, only_without_background=True
        ), "landmarks tell by themselves"
        assert place_store.note_source_changed(session, 1, at=EPOCH)
        assert not place_store.note_source_changed(session, 1, at=EPOCH)
        assert not place_store.note_source_changed(session, 2, at=EPOCH), "it never had any"
        doubted = place_store.find_set(session, 1)
        assert doubted is not None
        assert (doubted.version, doubted.source_changed_at) == (2, EPOCH)
        assert not place_store.add_background(session, 1, 2, b"of another source")
    with database() as session, session.begin():
        place_store.note_confirmed(session, 1, at=EPOCH, background=None)
        assert not place_store.add_background(session, 1, 1, b"of an earlier version")
        assert place_store.add_background(session, 1, 2, b"new")
        assert not place_store.add_background(session, 1, 2, b"newer")
        sure = place_store.find_set(session, 1)
        assert sure is not None
        assert (sure.source_changed_at, sure.background, sure.confirmed_at) == (
            None,
            b"new",
            EPOCH,
        )


def test_rows_come_back_in_their_order(database: SessionFactory) -> None:
    with database() as session, session.begin():
        session.add_all([zone(1, 1, "B"), zone(1, 0, "A"), zone(2, 0), line(1, 1), line(1, 0)])
    with database() as session:
        assert [row.name for row in place_store.list_zones(session, 1)] == ["A", "B"]
        assert [row.position for row in place_store.list_lines(session, 1)] == [0, 1]
        (found,) = place_store.list_zones(session, 2)
        assert (found.name, found.corners[0]) == ("Gate 門", [0.1, 1 / 3])
        assert (found.count_limit, found.density_limit_per_m2) == (None, 3.3)
        assert place_store.list_lines(session, 1)[0].end_y == 2 / 3
        assert place_store.list_lines(session, 2) == []


def test_ids_are_never_given_again(database: SessionFactory) -> None:
    seen: set[int] = set()
    for _ in range(3):
        with database() as session, session.begin():
            rows = [zone(1, 0), line(1, 0)]
            session.add_all(rows)
            session.flush()
            assert rows[0].id not in seen
            seen.add(rows[0].id)
            for row in rows:
                session.delete(row)
    with database() as session, session.begin():
        session.add(zone(2, 0))
        session.flush()
        seen.add(_only_zone(session).id)
        session.delete(session.get_one(Camera, 2))
    with database() as session, session.begin():
        session.add(zone(1, 0))
        session.flush()
        assert _only_zone(session).id not in seen


def _only_zone(session: Session) -> ZoneRow:
    return session.scalars(select(ZoneRow)).one()


def test_places_go_with_their_camera_and_no_other(database: SessionFactory) -> None:
    for camera_id in (1, 2):
        assert claim(database, camera_id, 0)
        with database() as session, session.begin():
            session.add_all([zone(camera_id, 0), line(camera_id, 0)])
    with database() as session, session.begin():
        session.delete(session.get_one(Camera, 1))
    with database() as session:
        for table in (PlaceSet, ZoneRow, CountingLineRow):
            assert [row.camera_id for row in session.scalars(select(table))] == [2]


@pytest.mark.parametrize("version", [0, 1])
def test_of_many_who_claim_at_once_one_wins(database: SessionFactory, version: int) -> None:
    for earlier in range(version):
        assert claim(database, 1, earlier)
    start = threading.Barrier(4)
    won: list[bool] = []

    def hurry() -> None:
        start.wait(30)
        won.append(claim(database, 1, version))

    threads = [threading.Thread(target=hurry) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(won) == [False, False, False, True]
