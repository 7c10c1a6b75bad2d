"""What zones and lines may be: every wrong value is told at once, with its place and a remedy."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from backend.core.errors import InvalidInputError
from backend.core.places import ZoneProfile
from backend.services.places.checks import MOST_PLACES, check_place, check_places
from backend.services.places.draft import LineDraft, PlaceDraft, PlacesDraft, ZoneDraft
from tests.services.places.test_outline import SQUARE, circle

ZONE = ZoneDraft(name="Gate B", corners=SQUARE)
LINE = LineDraft(name="Door", start=(0.2, 0.2), end=(0.8, 0.2))
NAN, INFINITE = float("nan"), float("inf")


def pointers(*, zones: tuple[ZoneDraft, ...] = (), lines: tuple[LineDraft, ...] = ()) -> list[str]:
    with pytest.raises(InvalidInputError) as caught:
        check_places(PlacesDraft(zones, lines))
    assert all(problem.detail.endswith((".", "#4ea1ff.")) for problem in caught.value.problems)
    return [problem.pointer for problem in caught.value.problems]


def test_sound_places_pass() -> None:
    check_places(PlacesDraft())
    zones = [
        replace(ZONE, name=profile, profile=profile, count_limit=1, density_limit_per_m2=0.01)
        for profile in ZoneProfile
    ]
    edge = replace(LINE, start=(0.0, 0.0), end=(1.0, 1.0), width_m=0.1)
    check_places(PlacesDraft((*zones, replace(ZONE, corners=circle(100))), (edge,)))
    check_place(ZONE, others=["Door"])
    check_place(LINE, others=["Gate B"])


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"name": ""}, "/name"),
        ({"name": "x" * 81}, "/name"),
        ({"name": "a\u200bb"}, "/name"),
        ({"name": "a\x07b"}, "/name"),
        ({"colour": "red"}, "/colour"),
        ({"colour": "#12345"}, "/colour"),
        ({"colour": "#1234567"}, "/colour"),
        ({"colour": "#123456\n"}, "/colour"),
        ({"colour": "#12345g"}, "/colour"),
        ({"profile": "lift"}, "/profile"),
        ({"count_limit": 0}, "/count_limit"),
        ({"count_limit": -5}, "/count_limit"),
        ({"count_limit": 10**7}, "/count_limit"),
        ({"density_limit_per_m2": 0.0}, "/density_limit_per_m2"),
        ({"density_limit_per_m2": -1.0}, "/density_limit_per_m2"),
        ({"density_limit_per_m2": NAN}, "/density_limit_per_m2"),
        ({"density_limit_per_m2": INFINITE}, "/density_limit_per_m2"),
        ({"corners": ()}, "/corners"),
        ({"corners": SQUARE[:2]}, "/corners"),
        ({"corners": circle(101)}, "/corners"),
        ({"corners": (*SQUARE[:3], (NAN, 0.5))}, "/corners/3"),
        ({"corners": (*SQUARE[:3], (0.1, INFINITE))}, "/corners/3"),
        ({"corners": ((-0.01, 0.1), *SQUARE[1:])}, "/corners/0"),
        ({"corners": (SQUARE[0], (1.01, 0.1), *SQUARE[2:])}, "/corners/1"),
        ({"corners": (SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3])}, "/corners/2"),
        ({"corners": ((0.1, 0.1), (0.2, 0.2), (0.3, 0.3))}, "/corners"),
    ],
)
def test_zones_that_cannot_be_meant(changes: dict[str, Any], pointer: str) -> None:
    wrong = replace(ZONE, **changes)
    assert pointers(zones=(wrong,)) == [f"/zones/0{pointer}"]
    with pytest.raises(InvalidInputError) as caught:
        check_place(wrong, others=())
    assert [problem.pointer for problem in caught.value.problems] == [pointer]
    assert str(caught.value) == caught.value.problems[0].detail


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"name": ""}, "/name"),
        ({"colour": ""}, "/colour"),
        ({"width_m": 0.0}, "/width_m"),
        ({"width_m": 1e-300}, "/width_m"),
        ({"width_m": NAN}, "/width_m"),
        ({"width_m": 1e308}, "/width_m"),
        ({"start": (-0.1, 0.5)}, "/start"),
        ({"start": (NAN, 0.5)}, "/start"),
        ({"end": (0.5, 1.5)}, "/end"),
        ({"end": LINE.start}, "/end"),
        ({"end": (LINE.start[0] + 0.003, LINE.start[1])}, "/end"),
    ],
)
def test_lines_that_cannot_be_meant(changes: dict[str, Any], pointer: str) -> None:
    second = replace(replace(LINE, name="B"), **changes)
    assert pointers(lines=(LINE, second)) == [f"/lines/1{pointer}"]


def test_everything_wrong_is_told_at_once() -> None:
    broken = replace(
        ZONE, name="", colour="red", profile="x", count_limit=0, corners=((2.0, 0.0),) * 3
    )
    found = pointers(zones=(ZONE, broken), lines=(replace(LINE, end=LINE.start),))
    assert found == [
        "/zones/1/name",
        "/zones/1/colour",
        "/zones/1/profile",
        "/zones/1/count_limit",
        "/zones/1/corners/0",
        "/zones/1/corners/1",
        "/zones/1/corners/2",
        "/lines/0/end",
    ]


@pytest.mark.parametrize(
    ("first", "second"),
    [("Gate", "Gate"), ("Gate", "gATE"), ("STRASSE", "straße"), ("é", "e\u0301"), ("①", "1")],
)
def test_a_name_stands_once_over_zones_and_lines(first: str, second: str) -> None:
    zones = (replace(ZONE, name=first), replace(ZONE, name=second))
    assert pointers(zones=zones) == ["/zones/1/name"]
    assert pointers(zones=zones[:1], lines=(replace(LINE, name=second),)) == ["/lines/0/name"]
    places: tuple[PlaceDraft, ...] = (replace(ZONE, name=second), replace(LINE, name=second))
    for place in places:
        with pytest.raises(InvalidInputError, match="already"):
            check_place(place, others=[first])


def test_there_is_an_end_to_how_many() -> None:
    zones = tuple(replace(ZONE, name=f"Z{number}") for number in range(MOST_PLACES))
    check_places(PlacesDraft(zones))
    assert pointers(zones=(*zones, ZONE)) == ["/zones"]
    assert pointers(zones=zones, lines=(LINE,)) == ["/lines"]
    many = tuple(replace(ZONE, corners=((NAN, NAN),) * 100) for _ in range(MOST_PLACES))
    with pytest.raises(InvalidInputError) as caught:
        check_places(PlacesDraft(many))
    assert len(caught.value.problems) == 100
    assert str(caught.value).startswith(f"{MOST_PLACES * 100 + MOST_PLACES - 1} values are")
    assert math.isnan(many[0].corners[0][0])
