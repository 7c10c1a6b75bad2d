"""Each change as the places there shall be afterwards: what keeps its id, what is new."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend.core.errors import ConflictError, InvalidInputError, NotFoundError
from backend.core.places import CameraPlaces, CountingLine, Zone
from backend.services.places import edits
from backend.services.places.checks import MOST_PLACES
from backend.services.places.draft import PlacesDraft, places_draft
from tests.services.places.test_checks import LINE, ZONE
from tests.services.places.test_outline import SQUARE

BEFORE = CameraPlaces(
    version=3,
    zones=(Zone(7, "Gate", SQUARE), Zone(4, "Stage", SQUARE, count_limit=50)),
    lines=(CountingLine(7, "Door", (0.2, 0.2), (0.8, 0.2)),),
)
SAME = places_draft(BEFORE)


def pointers_of(draft: PlacesDraft) -> list[str]:
    with pytest.raises(InvalidInputError) as caught:
        edits.replaced(BEFORE, draft, camera_id=1)
    return [problem.pointer for problem in caught.value.problems]


def test_the_same_places_are_no_change() -> None:
    for draft in (SAME, replace(SAME, version=3), replace(SAME, camera_id=1)):
        assert edits.replaced(BEFORE, draft, camera_id=1) == SAME


def test_names_and_colours_are_tidied() -> None:
    zone = replace(ZONE, name="  Gate \t A ", colour="#ABCDEF")
    line = replace(LINE, name=" Way  in", colour="#FFFFFF")
    draft = edits.replaced(BEFORE, PlacesDraft((zone,), (line,)), camera_id=1)
    assert (draft.zones[0].name, draft.zones[0].colour) == ("Gate A", "#abcdef")
    assert (draft.lines[0].name, draft.lines[0].colour) == ("Way in", "#ffffff")


def test_ids_of_a_file_that_are_unknown_here_are_new() -> None:
    zones = (replace(ZONE, place_id=99), replace(SAME.zones[1], name="Renamed"))
    lines = (replace(LINE, place_id=4), replace(LINE, name="Other", place_id=4))
    draft = edits.replaced(BEFORE, PlacesDraft(zones, lines), camera_id=1)
    assert [zone.place_id for zone in draft.zones] == [None, 4]
    assert [line.place_id for line in draft.lines] == [None, None]


def test_in_a_file_of_another_camera_everything_is_new() -> None:
    draft = edits.replaced(BEFORE, replace(SAME, camera_id=2), camera_id=1)
    assert [zone.place_id for zone in draft.zones] == [None, None]
    assert [line.place_id for line in draft.lines] == [None]
    assert pointers_of(replace(SAME, camera_id=2, version=3)) == ["/camera_id"]


def test_ids_of_a_version_must_be_known_and_stand_once() -> None:
    zones = (replace(ZONE, place_id=99), SAME.zones[0], replace(SAME.zones[0], name="Twice"))
    lines = (replace(LINE, place_id=4),)
    found = pointers_of(PlacesDraft(zones, lines, version=3))
    assert found == ["/zones/0/id", "/zones/2/id", "/lines/0/id"]
    assert pointers_of(PlacesDraft(zones[1:])) == ["/zones/1/id"]


def test_another_one_comes_last_and_is_always_new() -> None:
    draft = edits.with_added(BEFORE, replace(ZONE, place_id=7))
    assert [zone.place_id for zone in draft.zones] == [7, 4, None]
    draft = edits.with_added(BEFORE, replace(LINE, name="Way out"))
    assert [line.place_id for line in draft.lines] == [7, None]
    assert draft.zones == SAME.zones
    for taken in (replace(ZONE, name="door"), replace(LINE, name=" STAGE ")):
        with pytest.raises(InvalidInputError, match="already"):
            edits.with_added(BEFORE, taken)


def test_there_is_room_for_so_many() -> None:
    full = tuple(Zone(number, f"Z{number}", SQUARE) for number in range(1, MOST_PLACES))
    one_left = CameraPlaces(1, full)
    assert len(edits.with_added(one_left, ZONE).zones) == MOST_PLACES
    for place in (ZONE, LINE):
        with pytest.raises(ConflictError, match="Delete one first"):
            edits.with_added(replace(one_left, lines=BEFORE.lines), place)


def test_fields_that_are_left_out_stay() -> None:
    draft = edits.with_zone_changed(BEFORE, 4, {"name": "stage"})
    assert draft.zones[1] == replace(SAME.zones[1], name="stage"), "its own name is not taken"
    assert (draft.zones[0], draft.lines) == (SAME.zones[0], SAME.lines)
    assert edits.with_zone_changed(BEFORE, 4, {"count_limit": None}).zones[1].count_limit is None
    draft = edits.with_line_changed(BEFORE, 7, {"width_m": 2.5})
    assert draft.lines == (replace(SAME.lines[0], width_m=2.5),)
    assert draft.zones == SAME.zones
    assert edits.with_zone_changed(BEFORE, 4, {}) == SAME
    listed = [list(corner) for corner in SQUARE]
    assert edits.with_zone_changed(BEFORE, 4, {"corners": listed, "count_limit": 50}) == SAME
    with pytest.raises(InvalidInputError, match="already"):
        edits.with_line_changed(BEFORE, 7, {"name": "Gate"})
    with pytest.raises(InvalidInputError, match="3 to 100 corners"):
        edits.with_zone_changed(BEFORE, 4, {"corners": ()})


def test_a_change_may_say_which_one_it_is_of_and_no_other() -> None:
    assert edits.with_zone_changed(BEFORE, 4, {"place_id": 4}) == SAME
    assert edits.with_line_changed(BEFORE, 7, {"place_id": 7}) == SAME
    for change, own in ((edits.with_zone_changed, 4), (edits.with_line_changed, 7)):
        with pytest.raises(InvalidInputError, match=f"the id {own}") as caught:
            change(BEFORE, own, {"place_id": 99})
        assert [problem.pointer for problem in caught.value.problems] == ["/id"]


def test_one_is_deleted_and_the_others_stay() -> None:
    assert edits.without_zone(BEFORE, 7) == replace(SAME, zones=SAME.zones[1:])
    assert edits.without_line(BEFORE, 7) == replace(SAME, lines=())


def test_what_is_not_there_is_not_found() -> None:
    for find in (edits.find_zone, edits.find_line, edits.without_zone, edits.without_line):
        with pytest.raises(NotFoundError):
            find(BEFORE, 99)
    for change in (edits.with_zone_changed, edits.with_line_changed):
        with pytest.raises(NotFoundError):
            change(BEFORE, 99, {"name": "x"})
    with pytest.raises(NotFoundError):
        edits.find_line(BEFORE, 4)
