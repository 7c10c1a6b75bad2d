"""Rows of places: written as they were checked, read with suspicion, audited by what differs."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest
from sqlalchemy import update

from backend.core.camera import SourceType
from backend.core.places import CameraPlaces, CountingLine, Zone, ZoneProfile
from backend.db.places import CountingLineRow, ZoneRow
from backend.services.places.draft import PlacesDraft
from backend.services.places.stored import audited_change, load_places
from tests.services.camera_world import ADMIN, SECRET_SOURCE, CameraWorld
from tests.services.places.test_checks import LINE, ZONE
from tests.services.places.test_edits import BEFORE
from tests.services.places.test_outline import SQUARE


@pytest.fixture
def gate_id(cameras: CameraWorld) -> int:
    """A camera with two zones and a line."""
    gate = cameras.cameras.create(
        ADMIN, {"name": "Gate", "source_type": SourceType.RTSP, "source": SECRET_SOURCE}
    )
    draft = PlacesDraft((ZONE, replace(ZONE, name="Stage")), (LINE,))
    cameras.places.replace(ADMIN, gate.id, draft)
    return gate.id


def load(world: CameraWorld, camera_id: int) -> CameraPlaces:
    with world.database() as session:
        return load_places(session, camera_id)


def test_what_is_read_is_what_was_written(cameras: CameraWorld, gate_id: int) -> None:
    whole = ZONE.__class__(
        name="門 ü",
        corners=((0.1, 1 / 3), (2 / 3, 0.0), (1.0, 1.0)),
        profile="queue",
        colour="#012345",
        count_limit=1_000_000,
        density_limit_per_m2=3.7,
    )
    line = replace(LINE, start=(1 / 7, 0.0), end=(1.0, 1 / 9), colour="#abcdef", width_m=2.4)
    cameras.places.replace(ADMIN, gate_id, PlacesDraft((whole,), (line,)))
    assert load(cameras, gate_id) == CameraPlaces(
        2,
        (Zone(3, "門 ü", whole.corners, ZoneProfile.QUEUE, "#012345", 1_000_000, 3.7),),
        (CountingLine(2, "Door", (1 / 7, 0.0), (1.0, 1 / 9), "#abcdef", 2.4),),
    )
    assert load(cameras, 99) == CameraPlaces()


@pytest.mark.parametrize(
    "damage",
    [
        {"corners": [[0.1, 0.1], [0.5, 0.1]]},
        {"corners": [[0.1, 0.1], [0.5, 0.1], [0.5, 2.0]]},
        {"corners": [[0.1, 0.1], [0.5, 0.1], [0.5]]},
        {"corners": [[0.1, 0.1], [0.5, 0.1], [0.5, "x"]]},
        {"corners": [[0.1, 0.1], [0.5, 0.1], 7]},
        {"corners": {"x": 1}},
        {"corners": None},
        {"profile": "lift"},
    ],
)
def test_a_damaged_zone_is_left_out_and_named_in_the_log(
    cameras: CameraWorld, gate_id: int, damage: dict[str, object], caplog: pytest.LogCaptureFixture
) -> None:
    with cameras.database() as session, session.begin():
        session.execute(update(ZoneRow).where(ZoneRow.id == 1).values(**damage))
    with caplog.at_level(logging.ERROR):
        places = load(cameras, gate_id)
    assert [zone.name for zone in places.zones] == ["Stage"]
    assert len(places.lines) == 1
    assert f"zone.unreadable camera={gate_id} zone=1" in caplog.text
    cameras.cameras.start(ADMIN, gate_id)
    assert cameras.engine.running[gate_id].places == places


@pytest.mark.parametrize("damage", [{"end_x": 1.5}, {"end_x": LINE.start[0]}])
def test_a_damaged_line_is_left_out_and_named_in_the_log(
    cameras: CameraWorld, gate_id: int, damage: dict[str, float], caplog: pytest.LogCaptureFixture
) -> None:
    with cameras.database() as session, session.begin():
        session.execute(update(CountingLineRow).values(**damage))
    with caplog.at_level(logging.ERROR):
        assert load(cameras, gate_id).lines == ()
    assert f"line.unreadable camera={gate_id} line=1" in caplog.text


def test_a_damaged_zone_goes_with_the_next_change(cameras: CameraWorld, gate_id: int) -> None:
    with cameras.database() as session, session.begin():
        session.execute(update(ZoneRow).where(ZoneRow.id == 1).values(profile="lift"))
    cameras.places.remove_line(ADMIN, gate_id, 1)
    with cameras.database() as session:
        assert [row.id for row in session.query(ZoneRow)] == [2]


def test_the_audit_trail_tells_what_differs() -> None:
    first, second = BEFORE.zones
    renamed = replace(second, name="Stage left")
    added = Zone(9, "New", SQUARE)
    was, now = audited_change(BEFORE, CameraPlaces(4, (first, renamed, added), ()))
    assert (was["version"], now["version"]) == (3, 4)
    assert [zone["name"] for zone in was["zones"]] == ["Stage"]
    assert [zone["name"] for zone in now["zones"]] == ["Stage left", "New"]
    assert was["zones"][0]["corners"] == [list(corner) for corner in SQUARE]
    assert ([line["line_id"] for line in was["lines"]], now["lines"]) == ([7], [])
    assert "zones_order" not in was


def test_the_audit_trail_tells_another_order() -> None:
    was, now = audited_change(BEFORE, replace(BEFORE, version=4, zones=BEFORE.zones[::-1]))
    assert (was["zones"], now["zones"]) == ([], [])
    assert (was["zones_order"], now["zones_order"]) == ([7, 4], [4, 7])
    assert "lines_order" not in was
