from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from backend.core.frame import FloatArray
from backend.crowd.places.outlines import Outlines, as_shares, as_standing_shares

LATTICE = 64
SQUARE = ((0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75))
EVERY_POINT = np.stack(np.meshgrid(*[np.arange(LATTICE) / LATTICE] * 2), -1).reshape(-1, 2)
ASIDE = np.array([2.0**-16, 2.0**-32])
"""A trifle to the right and, much less, down: nearer than any other lattice line."""

steps = st.integers(0, LATTICE)
lattice_points = st.tuples(steps, steps)


@st.composite
def simple_polygons(draw: st.DrawFn) -> tuple[tuple[float, float], ...]:
    """Corners in order around one of them or a point between, either way round."""
    found = draw(st.lists(lattice_points, min_size=3, max_size=9, unique=True))
    corners = np.array(found, np.float64)
    middle = corners.mean(axis=0) if draw(st.booleans()) else corners[0]
    away = corners - middle
    ring = corners[np.argsort(np.arctan2(away[:, 1], away[:, 0]), kind="stable")] / LATTICE
    ring = ring if draw(st.booleans()) else ring[::-1]
    assume(shapely.Polygon(ring).is_valid and shapely.Polygon(ring).area > 0)
    return tuple((x, y) for x, y in ring.tolist())


@given(simple_polygons(), simple_polygons())
@settings(max_examples=60, deadline=None)
def test_agrees_with_shapely_within_without_and_on_every_border_and_corner(
    first: tuple[tuple[float, float], ...], second: tuple[tuple[float, float], ...]
) -> None:
    found = Outlines([first, second]).contains(EVERY_POINT)
    at = EVERY_POINT + ASIDE
    for column, ring in enumerate((first, second)):
        expected = shapely.contains_xy(shapely.Polygon(ring), at[:, 0], at[:, 1])
        np.testing.assert_array_equal(found[:, column], expected)


@given(simple_polygons(), st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_agrees_with_shapely_anywhere(ring: tuple[tuple[float, float], ...], seed: int) -> None:
    at = np.random.default_rng(seed).uniform(-0.1, 1.1, (200, 2))
    polygon = shapely.Polygon(ring)
    far = shapely.distance(polygon.boundary, shapely.points(at)) > 1e-12
    expected = shapely.contains_xy(polygon, at[:, 0], at[:, 1])
    np.testing.assert_array_equal(Outlines([ring]).contains(at)[far, 0], expected[far])


@given(lattice_points, st.lists(st.integers(0, 4 * LATTICE - 1), max_size=6, unique=True))
@settings(max_examples=40, deadline=None)
def test_zones_that_divide_the_picture_divide_its_points(
    middle: tuple[int, int], cuts: list[int]
) -> None:
    """Triangles from one point to pieces of the picture's edge, which meet in their corners."""
    assume(0 < middle[0] < LATTICE and 0 < middle[1] < LATTICE)
    around = sorted({*cuts, 0, LATTICE, 2 * LATTICE, 3 * LATTICE})
    ring = [_on_edge(each) for each in [*around, around[0]]]
    hub = (middle[0] / LATTICE, middle[1] / LATTICE)
    found = Outlines([(hub, a, b) for a, b in pairwise(ring)]).contains(EVERY_POINT)
    assert (found.sum(axis=1) == 1).all()


def _on_edge(step: int) -> tuple[float, float]:
    side, along = divmod(step, LATTICE)
    at = along / LATTICE
    return ((at, 0.0), (1.0, at), (1.0 - at, 1.0), (0.0, 1.0 - at))[side]


@pytest.mark.parametrize(
    ("point", "belongs"),
    [
        ((0.25, 0.5), True),  # left border: the square is to its right
        ((0.75, 0.5), False),
        ((0.5, 0.25), True),  # upper border: the square is below
        ((0.5, 0.75), False),
        ((0.25, 0.25), True),
        ((0.75, 0.25), False),
        ((0.75, 0.75), False),
        ((0.25, 0.75), False),
    ],
)
def test_a_point_on_a_border_belongs_to_the_right_and_then_to_below(
    point: tuple[float, float], belongs: bool
) -> None:
    for ring in (SQUARE, SQUARE[::-1]):
        assert Outlines([ring]).contains(np.array([point])).tolist() == [[belongs]]


def test_squares_that_touch_in_one_corner_share_nothing() -> None:
    touching = ((0.75, 0.75), (1.0, 0.75), (1.0, 1.0), (0.75, 1.0))
    found = Outlines([SQUARE, touching]).contains(np.array([[0.75, 0.75]]))
    assert found.tolist() == [[False, True]]


def test_a_polygon_that_touches_itself_in_a_corner() -> None:
    """Two triangles point at each other."""
    ring = ((0.0, 0.25), (0.5, 0.5), (1.0, 0.25), (1.0, 0.75), (0.5, 0.5), (0.0, 0.75))
    at = np.array([[0.25, 0.5], [0.75, 0.5], [0.5, 0.25], [0.5, 0.75], [0.5, 0.5]])
    found = Outlines([ring]).contains(at)[:, 0]
    assert found.tolist() == [True, True, False, False, True]


def test_beside_the_picture_and_unknown_is_in_no_zone() -> None:
    whole = Outlines([((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))])
    at = np.array([[-0.01, 0.5], [0.5, 1.01], [np.nan, 0.5], [0.0, 0.0], [0.999, 0.999]])
    assert whole.contains(at)[:, 0].tolist() == [False, False, False, True, True]
    assert whole.contains(np.zeros((0, 2))).shape == (0, 1)
    assert Outlines(()).contains(at).shape == (5, 0)


def test_the_edge_of_the_picture_belongs_to_it() -> None:
    """Boxes cut off by the lower edge end there."""
    shares = as_shares(np.array([[1280.0, 720.0], [0.0, 0.0], [640.0, 721.0]]), (1280, 720))
    whole = Outlines([((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))])
    assert whole.contains(shares)[:, 0].tolist() == [True, True, False]


def test_nobody_stands_beside_the_picture() -> None:
    feet = np.array([[640.0, 900.0], [-30.0, 360.0], [1400.0, -5.0], [np.nan, 5.0]])
    shares = as_standing_shares(feet, (1280, 720))
    assert shares[:3].round(6).tolist() == [[0.5, 1.0], [0.0, 0.5], [1.0, 0.0]]
    whole = Outlines([((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))])
    assert whole.contains(shares)[:, 0].tolist() == [True, True, True, False]


@given(simple_polygons(), st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_distances_agree_with_shapely(ring: tuple[tuple[float, float], ...], seed: int) -> None:
    at = np.random.default_rng(seed).uniform(0, 1, (20, 2))
    scale = np.array([1280.0, 720.0])
    zones = np.tile([1, 0], 10)
    found = Outlines([SQUARE, ring]).distances(at, zones, scale)
    rings = [shapely.Polygon(np.array(each) * scale).boundary for each in (SQUARE, ring)]
    expected = [rings[z].distance(shapely.Point(p)) for z, p in zip(zones, at * scale, strict=True)]
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_half_width_of_a_strip_is_about_half_its_width() -> None:
    strip = ((0.0, 0.5), (1.0, 0.5), (1.0, 0.51), (0.0, 0.51))
    scale: FloatArray = np.array([1000.0, 1000.0])
    found = Outlines([strip, SQUARE]).half_widths(scale)
    assert found.tolist() == pytest.approx([10_000 / 2020, 125])


@pytest.mark.parametrize("ring", [SQUARE[:2], (*SQUARE[:3], (0.5, 1.5)), (*SQUARE, (np.nan, 0))])
def test_refuses_what_is_no_polygon_of_the_picture(ring: tuple[tuple[float, float], ...]) -> None:
    with pytest.raises(ValueError, match="3 corners or more"):
        Outlines([ring])
