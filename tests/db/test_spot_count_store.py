"""Spot counts in three databases: order, places, the newest of each, what cascades."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from backend.db import spot_count_store as store
from backend.db.base import SessionFactory
from backend.db.cameras import Camera
from backend.db.spot_counts import SpotCount
from tests.builders import EPOCH
from tests.databases import ON_EVERY_DATABASE, empty_database

pytestmark = ON_EVERY_DATABASE


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SessionFactory]:
    """Cameras 1 and 2 nobody has counted."""
    with empty_database(request.param, tmp_path) as factory:
        with factory() as session, session.begin():
            for camera_id in (1, 2):
                session.add(
                    Camera(
                        id=camera_id,
                        name=f"Camera {camera_id}",
                        source_type="rtsp",
                        created_at=EPOCH,
                        updated_at=EPOCH,
                    )
                )
        yield factory


def count(
    counted: int, *, camera_id: int = 1, zone_id: int | None = None, minute: int = 0
) -> SpotCount:
    return SpotCount(
        camera_id=camera_id,
        zone_id=zone_id,
        zone_name=None if zone_id is None else f"Zone {zone_id} 門",
        at=EPOCH + timedelta(minutes=minute),
        counted=counted,
        measured=counted + 1 / 3,
        measured_low=0.0,
        measured_high=None,
        trust="ok",
        method="blend",
        model="yolo11n",
        by="olga",
        entered_at=EPOCH,
    )


def add(database: SessionFactory, *counts: SpotCount) -> None:
    for one in counts:  # one by one: ids in this order
        with database() as session, session.begin():
            session.add(one)


def test_the_newest_picture_comes_first(database: SessionFactory) -> None:
    add(database, count(1, minute=5), count(2, minute=9), count(3, minute=5), count(4, camera_id=2))
    with database() as session:
        found = store.list_spot_counts(session, 1, zone_id=None, page=1, per_page=2)
        assert [row.counted for row in found.items] == [2, 3]
        assert (found.total, found.pages) == (3, 2)
        rest = store.list_spot_counts(session, 1, zone_id=None, page=2, per_page=2)
        assert [row.counted for row in rest.items] == [1]
        assert (rest.items[0].measured, rest.items[0].measured_high) == (1 + 1 / 3, None)


def test_places_are_kept_apart(database: SessionFactory) -> None:
    add(database, count(1), count(2, zone_id=7), count(3, zone_id=8), count(4, minute=1))
    with database() as session:
        counted = {
            zone_id: [
                row.counted
                for row in store.list_spot_counts(
                    session, 1, zone_id=zone_id, page=1, per_page=9
                ).items
            ]
            for zone_id in (None, store.WHOLE_PICTURE, 7, 9)
        }
        assert counted == {None: [4, 3, 2, 1], store.WHOLE_PICTURE: [4, 1], 7: [2], 9: []}
        newest = store.newest_of_place(session, 1, None, limit=1)
        assert [row.counted for row in newest] == [4]
        assert [row.counted for row in store.newest_of_place(session, 1, 7, limit=5)] == [2]


def test_the_newest_of_every_place(database: SessionFactory) -> None:
    add(
        database,
        *(count(k, minute=k) for k in range(4)),
        *(count(10 + k, zone_id=7, minute=k) for k in range(3)),
        count(20, zone_id=8),
        count(30, camera_id=2, minute=50),
    )
    with database() as session:
        found = store.newest_of_each_place(session, 1, limit=2)
        assert [row.counted for row in found] == [3, 12, 2, 11, 20]
        assert found[1].zone_name == "Zone 7 門"
        assert store.newest_of_each_place(session, 99, limit=2) == []


def test_a_count_is_found_on_its_camera_only(database: SessionFactory) -> None:
    add(database, count(1))
    with database() as session:
        (row,) = store.newest_of_place(session, 1, None, limit=9)
        assert store.find_spot_count(session, 1, row.id) is row
        assert store.find_spot_count(session, 2, row.id) is None
        assert store.find_spot_count(session, 1, row.id + 1) is None


def test_counts_go_with_their_camera_and_no_other(database: SessionFactory) -> None:
    add(database, count(1), count(2, camera_id=2))
    with database() as session, session.begin():
        session.delete(session.get_one(Camera, 1))
    with database() as session:
        assert store.newest_of_each_place(session, 1, limit=9) == []
        assert [row.counted for row in store.newest_of_each_place(session, 2, limit=9)] == [2]
