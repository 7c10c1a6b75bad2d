"""Stored locations: what is in force, what is left when something is gone, how many queries."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event, update

from backend.core.locations import AreaRef, LineRef, Location, Overlap
from backend.db.cameras import Camera
from backend.db.locations import LocationBalance, LocationRow
from backend.db.places import CountingLineRow, ZoneRow
from backend.services.locations.draft import AreaDraft, LocationDraft
from backend.services.locations.stored import load_locations
from tests.builders import EPOCH
from tests.services.camera_world import ADMIN
from tests.services.locations.location_world import LocationWorld

ONE, TWO, LEFT, RIGHT, STAGE = AreaRef(1), AreaRef(2), AreaRef(1, 1), AreaRef(1, 2), AreaRef(2, 4)
SITE = LocationDraft(
    name="Site",
    capacity=500,
    areas=(AreaDraft(LEFT), AreaDraft(RIGHT), AreaDraft(TWO)),
    lines=(LineRef(2, 2, is_reversed=True), LineRef(1, 1)),
    overlaps=((LEFT, STAGE),),
    entry_valid_s=300.0,
)


@pytest.fixture
def site(world: LocationWorld) -> int:
    """A location with two cameras and lines."""
    return world.service.create(ADMIN, SITE).id


def in_force(world: LocationWorld) -> Location:
    with world.database() as session:
        (location,) = load_locations(session)
    return location


def damage(world: LocationWorld, **values: Any) -> None:
    with world.database() as session, session.begin():
        session.execute(update(LocationRow).values(**values))


def test_what_is_stored_is_in_force(world: LocationWorld, site: int) -> None:
    assert in_force(world) == Location(
        location_id=site,
        name="Site",
        capacity=500,
        areas=(LEFT, RIGHT, TWO),
        lines=SITE.lines,
        overlaps=(Overlap((LEFT, STAGE)),),
        entry_valid_s=300.0,
    )


def test_nobody_is_thought_seen_whose_zone_is_gone(world: LocationWorld, site: int) -> None:
    world.delete(ZoneRow, 1)
    left = in_force(world)
    assert (left.areas, left.overlaps) == ((RIGHT, TWO), ())
    assert not left.cameras_see_all, "nobody looks at the left side any more"
    assert left.lines == SITE.lines
    world.delete(Camera, 1)
    left = in_force(world)
    assert (left.areas, left.lines) == ((TWO,), ())
    world.delete(Camera, 2)
    left = in_force(world)
    assert (left.areas, left.lines, left.cameras_see_all) == ((), (), False)


def test_lines_count_together_or_not_at_all(world: LocationWorld, site: int) -> None:
    world.delete(CountingLineRow, 1)
    left = in_force(world)
    assert (left.areas, left.lines) == ((LEFT, RIGHT, TWO), ())
    assert left.cameras_see_all


def test_a_zone_of_an_overlap_alone_goes_without_an_area(world: LocationWorld, site: int) -> None:
    world.delete(ZoneRow, 4)
    left = in_force(world)
    assert (left.areas, left.overlaps) == ((LEFT, RIGHT, TWO), ())
    assert left.cameras_see_all


def test_a_new_camera_with_an_old_number_is_nobodys_area(world: LocationWorld, site: int) -> None:
    world.delete(Camera, 2)
    with world.database() as session, session.begin():
        session.add(
            Camera(id=2, name="New", source_type="rtsp", created_at=EPOCH, updated_at=EPOCH)
        )
    assert in_force(world).areas == (LEFT, RIGHT)
    assert in_force(world).overlaps == ()


@pytest.mark.parametrize("junk", [None, 7, "x", [[1]], [[[1, "x"]]], [[[1, 2, 3]]], {"a": 1}])
def test_damage_never_keeps_a_location_from_being_watched(
    world: LocationWorld, site: int, junk: object, caplog: pytest.LogCaptureFixture
) -> None:
    damage(world, overlaps=[] if junk is None else junk, outline=junk or 3, map_x=1.0, map_y=2.0)
    assert in_force(world).areas == (LEFT, RIGHT, TWO)
    assert in_force(world).overlaps == ()
    view = world.service.get(site)
    assert view.outline == ()
    assert ("location.overlaps_unreadable" in caplog.text) == (junk is not None)


def test_the_balance_goes_with_the_last_line(world: LocationWorld, site: int) -> None:
    with world.database() as session, session.begin():
        session.add(
            LocationBalance(
                location_id=site,
                base=5.0,
                count_in=1,
                count_out=0,
                since=EPOCH,
                unseen_s=0.0,
                written_at=EPOCH,
            )
        )
    world.service.change(ADMIN, site, {"lines": (LineRef(1, 1),)})
    with world.database() as session:
        assert session.get(LocationBalance, site) is not None
    world.service.change(ADMIN, site, {"lines": ()})
    with world.database() as session:
        assert session.get(LocationBalance, site) is None


def test_queries_do_not_grow_with_locations(world: LocationWorld) -> None:
    for number in range(12):
        world.service.create(ADMIN, LocationDraft(name=f"L{number}", areas=(AreaDraft(ONE),)))
    seen: list[str] = []
    with world.database() as session:
        event.listen(
            session.get_bind(), "before_cursor_execute", lambda _c, _k, text, *_: seen.append(text)
        )
        assert len(load_locations(session)) == 12
    assert len(seen) == 6
