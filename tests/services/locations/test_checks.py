"""What a location may be by itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from backend.core.locations import AreaRef, MapPosition
from backend.services.locations.checks import own_problems
from backend.services.locations.draft import AreaDraft, LocationDraft

EARTH = MapPosition(None, 11.55, 48.13)
PLAN = MapPosition(3, 0.5, 0.5)
STAND = ((11.5500, 48.1300), (11.5502, 48.1300), (11.5502, 48.1301), (11.5500, 48.1301))
GOOD = LocationDraft(name="Hall", position=EARTH, outline=STAND)


def problems(draft: LocationDraft, *, others: tuple[str, ...] = (), has_plan: bool = True) -> Any:
    found = list(own_problems(draft, others=others, has_plan=has_plan))
    assert all(problem.detail for problem in found)
    return [problem.pointer for problem in found]


def test_a_stand_of_a_few_metres_is_a_location() -> None:
    assert problems(GOOD) == []
    assert problems(LocationDraft(name="x" * 80, capacity=1, entry_valid_s=60.0)) == []
    assert problems(LocationDraft(name="門", capacity=1_000_000, entry_valid_s=86_400)) == []


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"name": ""}, "/name"),
        ({"name": "x" * 81}, "/name"),
        ({"name": "a\u200bb"}, "/name"),
        ({"description": "x" * 2001}, "/description"),
        ({"capacity": 0}, "/capacity"),
        ({"capacity": -3}, "/capacity"),
        ({"capacity": 10**400}, "/capacity"),
        ({"entry_valid_s": 59.9}, "/entry_valid_s"),
        ({"entry_valid_s": 86_401}, "/entry_valid_s"),
        ({"entry_valid_s": float("nan")}, "/entry_valid_s"),
        ({"position": replace(EARTH, x=180.5)}, "/position/x"),
        ({"position": replace(EARTH, y=-91)}, "/position/y"),
        ({"position": replace(EARTH, y=float("inf"))}, "/position"),
        ({"position": replace(PLAN, x=1.2), "outline": ()}, "/position/x"),
        ({"position": None}, "/outline"),
        ({"outline": STAND[:2]}, "/outline"),
        ({"outline": STAND * 51}, "/outline"),
        ({"outline": (*STAND[:3], (200.0, 48.0))}, "/outline/3"),
        ({"outline": (*STAND[:3], (float("nan"), 48.0))}, "/outline/3"),
        ({"outline": (STAND[0], STAND[2], STAND[1], STAND[3])}, "/outline/2"),
        ({"outline": (STAND[0], STAND[0], STAND[0])}, "/outline/1"),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, Any], pointer: str) -> None:
    assert problems(replace(GOOD, **changes))[0] == pointer


def test_a_name_is_taken_whatever_its_case() -> None:
    assert problems(GOOD, others=("HALL",)) == ["/name"]
    assert problems(replace(GOOD, name="ﬁre gate"), others=("Fire Gate",)) == ["/name"]
    assert problems(GOOD, others=("Hall 2",)) == []


def test_a_plan_must_be_there() -> None:
    on_plan = replace(GOOD, position=PLAN, outline=((0.1, 0.1), (0.2, 0.1), (0.2, 0.11)))
    assert problems(on_plan) == []
    assert problems(on_plan, has_plan=False) == ["/position/floor_plan_id"]


def test_outlines_of_areas_are_on_the_same_map() -> None:
    drawn = AreaDraft(AreaRef(1), STAND)
    assert problems(replace(GOOD, areas=(drawn,))) == []
    assert problems(replace(GOOD, position=None, outline=(), areas=(drawn,))) == [
        "/areas/0/map_outline"
    ]
    wrong = AreaDraft(AreaRef(2), STAND[:2])
    assert problems(replace(GOOD, areas=(drawn, wrong))) == ["/areas/1/map_outline"]


def test_everything_wrong_is_told_at_once() -> None:
    bad = LocationDraft(name="", capacity=0, entry_valid_s=1, outline=STAND)
    assert problems(bad) == ["/name", "/capacity", "/entry_valid_s", "/outline"]
