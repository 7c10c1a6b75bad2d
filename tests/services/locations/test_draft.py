"""Changes of a location before they are checked: what stays, what goes with its map."""

from __future__ import annotations

from dataclasses import replace

from backend.core.locations import AreaRef, MapPosition
from backend.services.locations.draft import AreaDraft, LocationDraft, tidy_draft, with_changes

TRIANGLE = ((0.0, 0.0), (0.1, 0.0), (0.1, 0.1))
OTHER = ((0.2, 0.2), (0.3, 0.2), (0.3, 0.3))
ON_PLAN = LocationDraft(
    name="Hall",
    position=MapPosition(1, 0.5, 0.5),
    outline=TRIANGLE,
    areas=(AreaDraft(AreaRef(1), TRIANGLE), AreaDraft(AreaRef(2, 7), OTHER)),
)


def test_texts_are_tidied_and_outlines_told() -> None:
    given = LocationDraft(
        name="  North \n gate ", description=" x ", areas=(AreaDraft(AreaRef(1)),)
    )
    tidy = tidy_draft(given)
    assert (tidy.name, tidy.description, tidy.areas[0].map_outline) == ("North gate", "x", ())


def test_an_outline_left_out_stays() -> None:
    areas = (AreaDraft(AreaRef(2, 7)), AreaDraft(AreaRef(1), ()), AreaDraft(AreaRef(3)))
    changed = with_changes(ON_PLAN, {"areas": areas})
    assert [area.map_outline for area in changed.areas] == [OTHER, (), ()]
    assert with_changes(ON_PLAN, {"areas": ON_PLAN.areas}) == ON_PLAN
    assert with_changes(ON_PLAN, {}) == ON_PLAN


def test_moving_on_the_same_map_keeps_outlines() -> None:
    moved = MapPosition(1, 0.1, 0.1)
    assert with_changes(ON_PLAN, {"position": moved}) == replace(ON_PLAN, position=moved)


def test_on_another_map_nothing_of_the_old_one_stays() -> None:
    for position in (MapPosition(2, 0.5, 0.5), MapPosition(None, 0.5, 0.5), None):
        changed = with_changes(ON_PLAN, {"position": position})
        assert changed.outline == ()
        assert [area.map_outline for area in changed.areas] == [(), ()]
    redrawn = {
        "position": MapPosition(2, 0.5, 0.5),
        "outline": OTHER,
        "areas": (AreaDraft(AreaRef(1)), AreaDraft(AreaRef(2, 7), TRIANGLE)),
    }
    changed = with_changes(ON_PLAN, redrawn)
    assert changed.outline == OTHER
    assert [area.map_outline for area in changed.areas] == [(), TRIANGLE]
