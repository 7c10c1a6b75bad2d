"""Simple polygons pass; what crosses, touches or repeats is told at the corner where it does."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import LinearRing, Polygon

from backend.core.calibration import Point
from backend.services.places.outline import LEAST_AREA, find_outline_faults

Corners = tuple[Point, ...]

SQUARE: Corners = ((0.1, 0.1), (0.5, 0.1), (0.5, 0.5), (0.1, 0.5))


def circle(corners: int, radius: float = 0.4) -> Corners:
    steps = (2 * math.pi * step / corners for step in range(corners))
    return tuple((0.5 + radius * math.cos(a), 0.5 + radius * math.sin(a)) for a in steps)


def places(corners: Corners) -> list[int | None]:
    return [fault.corner for fault in find_outline_faults(corners)]


@pytest.mark.parametrize(
    "corners",
    [
        SQUARE,
        SQUARE[::-1],
        SQUARE[:3],
        ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)),
        circle(100),
        circle(100, radius=0.012),
        # a corner in the middle of a straight side is needless, no fault
        ((0.1, 0.1), (0.3, 0.1), (0.5, 0.1), (0.5, 0.5), (0.1, 0.5)),
        # a comb: sides near each other that never meet
        ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.8, 0.2), (0.7, 0.9), (0.6, 0.2), (0.5, 0.9)),
    ],
)
def test_simple_polygons_pass(corners: Corners) -> None:
    assert find_outline_faults(corners) == []


@pytest.mark.parametrize(
    ("corners", "expected"),
    [
        # the bow tie: the side after the third corner crosses the first one
        (((0.0, 0.0), (1.0, 1.0), (1.0, 0.0), (0.0, 1.0)), [2]),
        # the last side, back to the first corner, crosses
        (((0.1, 0.5), (0.5, 0.1), (0.5, 0.9), (0.9, 0.5)), [3]),
        # one side through two others
        (((0.1, 0.1), (0.9, 0.1), (0.9, 0.5), (0.1, 0.5), (0.3, 0.9), (0.6, 0.05)), [4]),
        # a corner on another side
        (((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.5, 0.1), (0.1, 0.9)), [3]),
        # a spike that runs back on itself
        (((0.1, 0.1), (0.9, 0.1), (0.5, 0.1), (0.5, 0.5)), [2]),
        # a corner given twice, next to itself and far away, and a closed ring
        (((0.1, 0.1), (0.5, 0.1), (0.5, 0.1), (0.5, 0.5)), [2]),
        (((0.1, 0.1), (0.5, 0.1), (0.5, 0.5), (0.3, 0.3), (0.5, 0.1)), [4]),
        ((*SQUARE, SQUARE[0]), [4]),
        # next to nothing apart is the same for a hand
        (((0.1, 0.1), (0.5, 0.1), (0.50005, 0.10005), (0.5, 0.5)), [2]),
        # all on one line, in order and not
        (((0.1, 0.1), (0.2, 0.2), (0.3, 0.3)), [None]),
        (((0.1, 0.3), (0.3, 0.9), (0.2, 0.6), (0.25, 0.75)), [None]),
        # too small
        (((0.1, 0.1), (0.11, 0.1), (0.11, 0.11), (0.1, 0.11)), [None]),
    ],
)
def test_faults_are_shown_at_their_corner(corners: Corners, expected: list[int | None]) -> None:
    assert places(corners) == expected


def test_sentences_count_corners_from_one_and_say_what_to_do() -> None:
    (crossed,) = find_outline_faults(((0.0, 0.0), (1.0, 1.0), (1.0, 0.0), (0.0, 1.0)))
    assert crossed.detail == (
        "After corner 3 the outline crosses the side from corner 1 to corner 2. "
        "Move one of their corners, or leave it out."
    )
    (touched,) = find_outline_faults(((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.5, 0.1), (0.1, 0.9)))
    assert touched.detail.startswith("Corner 4 lies on the side from corner 1 to corner 2.")
    (again,) = find_outline_faults((*SQUARE, SQUARE[0]))
    assert again.detail == "Corner 5 lies on corner 1. Move it away, or leave it out."
    (small,) = find_outline_faults(((0.1, 0.1), (0.11, 0.1), (0.11, 0.11)))
    assert small.detail.startswith("It covers 0.005 % of the picture; 0.04 % is the least.")


def test_the_least_area_is_enough() -> None:
    side = math.sqrt(LEAST_AREA) * 1.000001
    assert (
        places(((0.5, 0.5), (0.5 + side, 0.5), (0.5 + side, 0.5 + side), (0.5, 0.5 + side))) == []
    )


# Points of a coarse grid meet, overlap and line up all the time.
GRID = st.integers(0, 8).map(lambda step: step / 8)
POLYGONS = st.lists(st.tuples(GRID, GRID), min_size=3, max_size=9, unique=True).map(tuple)
FREE = st.floats(0, 1).map(lambda share: round(share, 3))
FREE_POLYGONS = st.lists(st.tuples(FREE, FREE), min_size=3, max_size=9, unique=True).map(tuple)


@given(POLYGONS | FREE_POLYGONS)
def test_simple_means_what_geometers_mean(corners: Corners) -> None:
    is_good = LinearRing(corners).is_simple and Polygon(corners).area >= LEAST_AREA
    assert (places(corners) == []) == is_good


@given(POLYGONS | FREE_POLYGONS, st.integers(0, 8))
def test_where_one_begins_to_draw_makes_no_difference(corners: Corners, begin: int) -> None:
    turned = (*corners[begin % len(corners) :], *corners[: begin % len(corners)])
    assert (places(corners) == []) == (places(turned) == [])
    assert (places(corners) == []) == (places(corners[::-1]) == [])
