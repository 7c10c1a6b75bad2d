"""Pictures of density maps: the picture, and beside it the same with its heat and its count."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests import builders
from tests.vision.overlay.maps import WH, crowd_map, even
from training.draw_maps import describe, draw_map


def test_left_is_the_picture_and_right_the_same_with_its_map() -> None:
    picture = builders.scenery(*WH)
    drawn = draw_map(picture, crowd_map(even(300), heads=[[400, 300]]), name="square")
    assert drawn.shape == (WH[1], 2 * WH[0], 3)
    left, right = drawn[:, : WH[0]], drawn[:, WH[0] :]
    assert np.array_equal(left, picture)
    assert np.abs(right[300:340, 200:240].astype(int) - left[300:340, 200:240]).mean() > 10


def test_large_pictures_are_reduced_and_small_ones_drawn_too() -> None:
    people = np.full((270, 480), 0.01, np.float32)
    found = crowd_map(people, picture_wh=(3840, 2160))
    assert draw_map(builders.image(width=3840, height=2160), found, name="wide").shape == (
        720,
        2560,
        3,
    )
    tiny = crowd_map(np.zeros((3, 4), np.float32), picture_wh=(32, 24))
    assert draw_map(builders.image(width=32, height=24), tiny, name="tiny").shape == (24, 64, 3)


def test_a_map_in_doubt_is_not_drawn_as_heat() -> None:
    picture = builders.image(width=WH[0], height=WH[1], value=60)
    doubted = replace(crowd_map(even(3000)), doubt="The picture is too dark.")
    drawn = draw_map(picture, doubted, name="night")
    assert (drawn[200:300, WH[0] + 100 : WH[0] + 300] == 60).all()
    assert describe(doubted) == "The picture is too dark."


@pytest.mark.parametrize(("people", "ends_in"), [(300.0, "densest"), (30000.0, "validated")])
def test_the_words_hold_count_interval_and_range(people: float, ends_in: str) -> None:
    words = describe(crowd_map(even(people), heads=[[1, 1], [9, 9]]))
    assert words.startswith(f"{people:.0f} people (90 %: ")
    assert "2 heads stand out" in words
    assert words.endswith(ends_in)
