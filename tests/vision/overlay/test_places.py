"""Zones and counting lines in the picture: where they were drawn, seen on anything."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from backend.core.frame import Image
from backend.vision.overlay import palette
from backend.vision.overlay.canvas import Canvas
from backend.vision.overlay.places import FILL, arrow_tip, draw_lines, draw_zones, inward
from tests import builders

WH = (640, 480)
BLUE, WHITE, BLACK = "#4ea1ff", "#ffffff", "#000000"
MIDDLE = builders.zone(colour=BLUE)


def canvas(*, value: int = 90, wh: tuple[int, int] = WH) -> Canvas:
    return Canvas.over(builders.image(width=wh[0], height=wh[1], value=value), wh)


def has(image: Image, colour: palette.Colour) -> bool:
    return bool((image == np.array(colour, np.uint8)).all(axis=2).any())


def changed(image: Image, *, value: int = 90) -> npt.NDArray[np.bool_]:
    return np.asarray((image != value).any(axis=2))


def test_a_zone_is_tinted_lightly_inside_and_nothing_beside_it_changes() -> None:
    drawn = canvas()
    draw_zones(drawn, [MIDDLE])
    inside = drawn.image[240, 320].astype(float)
    expected = 90 + FILL * (np.array(palette.bgr(BLUE)) - 90.0)
    assert np.allclose(inside, expected, atol=1)
    beside = changed(drawn.image)
    beside[110:370, 150:490] = False
    assert not beside.any()
    assert has(drawn.image[118:123], palette.bgr(BLUE)), "its outline is its own colour"


@pytest.mark.parametrize(
    ("colour", "picture", "edge"),
    [(WHITE, 255, palette.OUTLINE), (BLACK, 0, palette.TEXT), (BLUE, 160, palette.OUTLINE)],
)
def test_strokes_are_seen_on_a_picture_of_their_own_colour(
    colour: str, picture: int, edge: palette.Colour
) -> None:
    zones, lines = canvas(value=picture), canvas(value=picture)
    draw_zones(zones, [builders.zone(colour=colour)])
    draw_lines(lines, [builders.counting_line(colour=colour)])
    for drawn in (zones, lines):
        nearest = np.abs(drawn.image.astype(int) - edge).max(axis=2).min()
        assert nearest < 70, "the edge itself is hair-wide and softened"


def test_of_two_zones_over_each_other_the_later_one_shows() -> None:
    drawn = canvas()
    draw_zones(drawn, [MIDDLE, builders.zone(2, colour=WHITE)])
    assert np.allclose(drawn.image[240, 320], 90 + FILL * 165, atol=1)


@pytest.mark.parametrize(
    ("end", "way"), [((1, 0), (0, 1)), ((0, 1), (-1, 0)), ((-2, 0), (0, -1)), ((0, 0), (0, 0))]
)
def test_in_is_to_the_right_of_who_looks_along_the_line(
    end: tuple[int, int], way: tuple[int, int]
) -> None:
    assert inward(np.array([(0.0, 0.0), end])).tolist() == pytest.approx(way)


def test_the_arrow_points_in() -> None:
    drawn = canvas()
    draw_lines(drawn, [builders.counting_line()])  # from left to right: in is down
    rows = np.flatnonzero(changed(drawn.image)[:, 300:340].any(axis=1))
    ends = np.array([(128.0, 240.0), (512.0, 240.0)])
    assert rows.max() == pytest.approx(arrow_tip(drawn, ends)[1], abs=4)
    assert rows.min() == pytest.approx(240, abs=5)
    turned = canvas()
    draw_lines(turned, [builders.counting_line(start=(0.8, 0.5), end=(0.2, 0.5))])
    rows = np.flatnonzero(changed(turned.image)[:, 300:340].any(axis=1))
    assert rows.max() == pytest.approx(240, abs=5)
    assert rows.min() < 230


@pytest.mark.parametrize("wh", [(1920, 1080), (854, 480), (160, 90), (17, 9)])
def test_places_follow_the_size_of_the_picture(wh: tuple[int, int]) -> None:
    whole = builders.zone(corners=((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)))
    short = builders.counting_line(start=(0.5, 0.5), end=(0.501, 0.5))
    drawn = canvas(wh=wh)
    draw_zones(drawn, [whole, MIDDLE])
    draw_lines(drawn, [builders.counting_line(), short])
    assert drawn.image.shape == (wh[1], wh[0], 3)
    assert changed(drawn.image)[wh[1] // 3, wh[0] // 2]


def test_without_places_nothing_is_drawn() -> None:
    drawn = canvas()
    draw_zones(drawn, [])
    draw_lines(drawn, [])
    assert not changed(drawn.image).any()
