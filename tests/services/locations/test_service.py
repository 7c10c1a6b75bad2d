"""Defining locations: versions, ids, permissions, what the watch is told, the trail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from backend.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
)
from backend.core.locations import AreaRef, LineRef, MapPosition
from backend.db.cameras import Camera
from backend.db.locations import LocationArea, LocationLine, LocationRow
from backend.db.places import CountingLineRow, ZoneRow
from backend.services.locations.definitions import AreaRefView, AreaView, LineView, LocationView
from backend.services.locations.draft import AreaDraft, LocationDraft
from tests.services.camera_world import ADMIN, OPERATOR, VIEWER
from tests.services.locations.location_world import (
    LEFT,
    MIDDLE,
    LocationWorld,
    reading,
)

ONE, TWO, THREE = AreaRef(1), AreaRef(2), AreaRef(3)
ZONE_LEFT, ZONE_RIGHT, STAGE = AreaRef(1, 1), AreaRef(1, 2), AreaRef(2, 4)
TRIANGLE = ((0.1, 0.1), (0.2, 0.1), (0.2, 0.2))
HALL = LocationDraft(
    name=" Hall  of\tfame ",
    description="Indoors",
    capacity=300,
    areas=(AreaDraft(ZONE_LEFT), AreaDraft(TWO)),
    lines=(LineRef(1, 1, True),),
    overlaps=((ZONE_LEFT, STAGE),),
)


def pointers(error: InvalidInputError) -> list[str]:
    return [problem.pointer for problem in error.problems]


def area_ids(world: LocationWorld, location_id: int) -> dict[AreaRef, int]:
    with world.database() as session:
        rows = session.scalars(
            select(LocationArea)
            .where(LocationArea.location_id == location_id)
            .order_by(LocationArea.position)
        )
        return {AreaRef(row.camera_id, row.zone_id or 0): row.id for row in rows}


def test_a_location_is_made_and_shown(world: LocationWorld) -> None:
    made = world.service.create(ADMIN, HALL)
    assert made == world.service.get(made.id)
    assert [made] == world.service.visible()
    assert made == LocationView(
        id=1,
        name="Hall of fame",
        description="Indoors",
        capacity=300,
        cameras_see_all=True,
        entry_valid_s=900.0,
        is_sample=False,
        version=1,
        position=None,
        outline=(),
        areas=(AreaView(1, "Camera 1", 1, "Left", ()), AreaView(2, "Camera 2", None, None, ())),
        lines=(LineView(1, "Camera 1", 1, "Door", True),),
        overlaps=((AreaRefView(1, 1), AreaRefView(2, 4)),),
        is_simulated=False,
        problems=(),
        numbers=None,
    )
    assert world.watch.reloads == 1


def test_numbers_are_those_of_now(world: LocationWorld) -> None:
    made = world.service.create(ADMIN, HALL)
    other = world.service.create(ADMIN, LocationDraft(name="Other"))
    world.watch.known = {made.id: reading(made.id, 12.0)}
    shown = {view.id: view.numbers for view in world.service.visible()}
    assert shown[other.id] is None
    numbers = world.service.get(made.id).numbers
    assert numbers == shown[made.id]
    assert numbers is not None
    assert (numbers.current_count, numbers.location_name) == (12.0, "Hall of fame")


def test_it_is_simulated_where_its_cameras_are(world: LocationWorld) -> None:
    drawn = LocationDraft(name="Drawn", areas=(AreaDraft(AreaRef(4)),))
    assert world.service.create(ADMIN, drawn).is_simulated
    assert not world.service.create(ADMIN, LocationDraft(name="By hand")).is_simulated


def test_only_administrators_define(world: LocationWorld) -> None:
    made = world.service.create(ADMIN, HALL)
    service = world.service
    for actor in (OPERATOR, VIEWER):
        refused: list[Callable[[], object]] = [
            lambda: service.create(actor, LocationDraft(name="x")),  # noqa: B023 - called at once
            lambda: service.change(actor, made.id, {"name": "x"}),  # noqa: B023
            lambda: service.remove(actor, made.id),  # noqa: B023
            lambda: service.add_samples(actor),  # noqa: B023
            lambda: service.remove_samples(actor),  # noqa: B023
        ]
        for attempt in refused:
            with pytest.raises(PermissionDeniedError):
                attempt()
    assert service.visible() == [made]
    assert world.watch.reloads == 1


def test_everything_wrong_is_told(world: LocationWorld) -> None:
    world.service.create(ADMIN, HALL)
    bad = LocationDraft(
        name="hall OF fame",
        capacity=0,
        position=MapPosition(77, 0.5, 0.5),
        areas=(AreaDraft(AreaRef(5)), AreaDraft(ONE), AreaDraft(AreaRef(4))),
        overlaps=((ONE, THREE),),
    )
    with pytest.raises(InvalidInputError) as refused:
        world.service.create(ADMIN, bad)
    assert pointers(refused.value) == [
        "/name",
        "/capacity",
        "/position/floor_plan_id",
        "/areas/0/camera_id",
        "/areas/2/camera_id",
        "/overlaps/0/1",
    ]
    assert len(world.service.visible()) == 1


def test_a_change_leaves_the_rest_as_it_is(world: LocationWorld) -> None:
    made = world.service.create(ADMIN, HALL)
    world.clock.advance(60)
    changed = world.service.change(ADMIN, made.id, {"capacity": None}, version=1)
    assert changed == replace(made, capacity=None, version=2)
    assert world.watch.reloads == 2
    (_created, entry) = world.trail()
    assert (entry.action, entry.object_type, entry.object_id) == (
        "location.update",
        "location",
        "1",
    )
    assert entry.before == {"capacity": 300}
    assert entry.after == {"capacity": None}


def test_what_changes_nothing_is_no_version(world: LocationWorld) -> None:
    made = world.service.create(ADMIN, HALL)
    same: dict[str, Any] = {"name": "Hall of  fame ", "areas": HALL.areas, "lines": HALL.lines}
    assert world.service.change(ADMIN, made.id, same | {"overlaps": HALL.overlaps}) == made
    assert world.service.change(ADMIN, made.id, {}) == made
    assert (world.watch.reloads, len(world.trail())) == (1, 1)


def test_of_two_who_change_at_once_one_is_told(world: LocationWorld) -> None:
    made = world.service.create(ADMIN, HALL)
    world.service.change(ADMIN, made.id, {"name": "First"}, version=1)
    with pytest.raises(ConflictError, match="Look at it as it is now"):
        world.service.change(ADMIN, made.id, {"name": "Second"}, version=1)
    assert world.service.get(made.id).name == "First"
    with pytest.raises(NotFoundError):
        world.service.change(ADMIN, 99, {"name": "x"}, version=1)


def test_unchanged_areas_keep_their_ids_and_outlines(world: LocationWorld) -> None:
    plan = world.add_plan()
    on_plan = replace(
        HALL,
        position=MapPosition(plan, 0.5, 0.5),
        outline=TRIANGLE,
        areas=(AreaDraft(ZONE_LEFT, TRIANGLE), AreaDraft(TWO)),
    )
    made = world.service.create(ADMIN, on_plan)
    before = area_ids(world, made.id)
    areas = (AreaDraft(THREE), AreaDraft(TWO, TRIANGLE), AreaDraft(ZONE_LEFT))
    changed = world.service.change(ADMIN, made.id, {"areas": areas})
    assert [area.map_outline for area in changed.areas] == [(), TRIANGLE, TRIANGLE]
    after = area_ids(world, made.id)
    assert list(after) == [THREE, TWO, ZONE_LEFT]
    assert (after[TWO], after[ZONE_LEFT]) == (before[TWO], before[ZONE_LEFT])
    off = world.service.change(ADMIN, made.id, {"position": None})
    assert (off.position, off.outline) == (None, ())
    assert [area.map_outline for area in off.areas] == [(), (), ()]
    assert area_ids(world, made.id) == after


def test_lines_are_turned_and_ordered(world: LocationWorld) -> None:
    made = world.service.create(ADMIN, HALL)
    both = (LineRef(2, 2), LineRef(1, 1, False))
    changed = world.service.change(ADMIN, made.id, {"lines": both})
    assert [(line.line_id, line.is_reversed) for line in changed.lines] == [(2, False), (1, False)]
    with world.database() as session:
        assert len(session.scalars(select(LocationLine)).all()) == 2


def test_what_happens_later_is_a_problem_with_a_remedy(world: LocationWorld) -> None:
    both = replace(HALL, areas=(AreaDraft(ZONE_LEFT), AreaDraft(ZONE_RIGHT), AreaDraft(TWO)))
    made = world.service.create(ADMIN, both)
    world.redraw(2, MIDDLE)
    (told,) = world.service.get(made.id).problems
    assert "“Left” and “Right” on “Camera 1” overlap by 50 %" in told
    renamed = world.service.change(ADMIN, made.id, {"name": "Renamed"})
    assert renamed.problems == (told,), "it keeps nobody from correcting the name"
    with pytest.raises(InvalidInputError, match="would count twice"):
        world.service.change(ADMIN, made.id, {"areas": both.areas})
    world.redraw(2, [[0.6, 0], [1, 0], [1, 1]])
    assert world.service.get(made.id).problems == ()


def test_what_is_gone_is_told_until_somebody_has_chosen_again(world: LocationWorld) -> None:
    made = world.service.create(ADMIN, HALL)
    world.delete(ZoneRow, 1)
    world.delete(CountingLineRow, 1)
    left = world.service.get(made.id)
    assert [area.camera_id for area in left.areas] == [2]
    assert (left.lines, left.overlaps) == ((), ())
    assert left.cameras_see_all, "as people said; in force it is not"
    areas, lines, overlap = left.problems
    assert areas.startswith("1 of its 2 areas are gone")
    assert lines.startswith("1 of its 1 counting lines are gone")
    assert "what is seen twice is not known" in overlap
    world.service.change(ADMIN, made.id, {"name": "Renamed"})
    assert len(world.service.get(made.id).problems) == 2, "overlaps that are gone are forgotten"
    chosen = world.service.change(ADMIN, made.id, {"areas": (AreaDraft(TWO),), "lines": ()})
    assert chosen.problems == ()
    assert chosen.version == 3


def test_a_camera_that_goes_takes_its_areas_along(world: LocationWorld) -> None:
    made = world.service.create(ADMIN, LocationDraft(name="One", areas=(AreaDraft(ONE),)))
    world.delete(Camera, 1)
    left = world.service.get(made.id)
    assert left.areas == ()
    assert left.problems[0].startswith("1 of its 1 areas are gone")


def test_a_deleted_location_is_gone_with_all_it_has(world: LocationWorld) -> None:
    made = world.service.create(ADMIN, HALL)
    world.service.remove(ADMIN, made.id)
    assert world.service.visible() == []
    with pytest.raises(NotFoundError):
        world.service.get(made.id)
    with pytest.raises(NotFoundError):
        world.service.remove(ADMIN, made.id)
    with world.database() as session:
        for table in (LocationRow, LocationArea, LocationLine):
            assert session.scalars(select(table)).all() == []
    assert world.service.create(ADMIN, HALL).id == made.id + 1
    assert world.watch.reloads == 3
    assert [entry.action for entry in world.trail()] == [
        "location.create",
        "location.delete",
        "location.create",
    ]
    removed = world.trail()[1].before
    assert removed is not None
    assert (removed["name"], len(removed["areas"])) == ("Hall of fame", 2)


def test_there_is_a_most(world: LocationWorld) -> None:
    with world.database() as session, session.begin():
        session.add_all(
            LocationRow(
                name=f"L{number}",
                entry_valid_s=900.0,
                created_at=world.clock.now(),
                updated_at=world.clock.now(),
            )
            for number in range(500)
        )
    with pytest.raises(ConflictError, match="as many as there can be"):
        world.service.create(ADMIN, HALL)


def test_samples_come_and_go_and_touch_nothing_else(world: LocationWorld) -> None:
    own = world.service.create(ADMIN, replace(HALL, name="sample: food COURT"))
    samples = world.service.add_samples(ADMIN)
    assert [sample.name for sample in samples] == ["Sample: main stage", "Sample: north gate"]
    assert all(sample.is_sample and sample.position and sample.capacity for sample in samples)
    stage = samples[0]
    assert [(area.camera_id, area.zone_id) for area in stage.areas] == [(4, None)]
    assert (stage.is_simulated, stage.problems) == (True, ())
    assert world.service.change(ADMIN, stage.id, {"capacity": 7}).is_sample, "tried out"
    mine = world.service.change(ADMIN, stage.id, {"name": "Mine now"})
    assert not mine.is_sample
    again = world.service.add_samples(ADMIN)
    assert len(again) == 2, "its name is free"
    assert world.service.add_samples(ADMIN) == again
    reloads = world.watch.reloads
    world.service.remove_samples(ADMIN)
    assert {view.id for view in world.service.visible()} == {own.id, mine.id}
    assert world.watch.reloads == reloads + 1


def test_without_a_simulated_camera_samples_are_for_typing(world: LocationWorld) -> None:
    world.delete(Camera, 4)
    samples = world.service.add_samples(ADMIN)
    assert [sample.name for sample in samples] == ["Sample: food court", "Sample: north gate"]
    assert not any(sample.areas for sample in samples)


def test_redrawing_by_less_than_a_sliver_is_no_problem(world: LocationWorld) -> None:
    both = LocationDraft(name="x", areas=(AreaDraft(ZONE_LEFT), AreaDraft(ZONE_RIGHT)))
    made = world.service.create(ADMIN, both)
    world.redraw(1, [[x * 1.015, y] for x, y in LEFT])
    assert world.service.get(made.id).problems == ()
