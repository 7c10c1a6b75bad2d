"""A person on a seam is one person, wherever the seam runs and however tall the person is."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.vision.tiled_merge import compute_cut_sides, merge_tiles
from backend.vision.tiling import Region, TilingParams, compute_tiles
from tests.builders import boxes

Person = tuple[float, float, float, float]
WH = (200, 100)
LEFT, RIGHT = (0, 0, 120, 100), (80, 0, 200, 100)


def _scores(*values: float) -> npt.NDArray[np.float32]:
    return np.array(values, np.float32)


def test_cut_sides_touch_inner_borders_only() -> None:
    found = boxes((0, 0, 30, 30), (60, 10, 119, 99), (10, 10, 40, 40))
    assert compute_cut_sides(found, LEFT, WH).tolist() == [
        [False] * 4,
        [False, False, True, False],
        [False] * 4,
    ]


def test_the_whole_box_stays_although_the_part_was_surer() -> None:
    found, scores = merge_tiles(
        [(boxes((90, 10, 120, 90)), _scores(0.9)), (boxes((90, 10, 130, 90)), _scores(0.6))],
        [LEFT, RIGHT],
        picture_wh=WH,
        iou=0.7,
    )
    assert found.tolist() == [[90, 10, 130, 90]]
    assert scores == pytest.approx([0.6])


def test_a_person_larger_than_the_overlap_is_put_together() -> None:
    found, scores = merge_tiles(
        [(boxes((50, 10, 120, 90)), _scores(0.7)), (boxes((80, 12, 150, 88)), _scores(0.8))],
        [LEFT, RIGHT],
        picture_wh=WH,
        iou=0.5,
    )
    assert found.tolist() == [[50, 10, 150, 90]]
    assert scores == pytest.approx([0.8])


def test_two_people_on_a_seam_stay_two() -> None:
    left = boxes((50, 0, 120, 40), (50, 50, 120, 95))
    right = boxes((80, 52, 150, 95), (80, 0, 150, 41))
    found, _ = merge_tiles(
        [(left, _scores(0.7, 0.6)), (right, _scores(0.8, 0.5))],
        [LEFT, RIGHT],
        picture_wh=WH,
        iou=0.5,
    )
    assert sorted(found.tolist()) == [[50, 0, 150, 41], [50, 50, 150, 95]]


def test_a_small_person_before_a_large_one_stays() -> None:
    found, _ = merge_tiles(
        [(boxes((10, 0, 60, 100)), _scores(0.9)), (boxes((90, 60, 105, 100)), _scores(0.6))],
        [(0, 0, 120, 100), (10, 0, 200, 100)],
        picture_wh=WH,
        iou=0.5,
    )
    assert len(found) == 2


def test_nobody_anywhere() -> None:
    nobody = (boxes(), _scores())
    found, scores = merge_tiles([nobody, nobody], [LEFT, RIGHT], picture_wh=WH, iou=0.5)
    assert found.shape == (0, 4) and scores.shape == (0,)


def _seen_in(tile: Region, people: list[Person]) -> npt.NDArray[np.float32]:
    """What a perfect network finds in a tile: everybody of whom enough shows."""
    x0, y0, x1, y1 = tile
    clipped = [(max(a, x0), max(b, y0), min(c, x1), min(d, y1)) for a, b, c, d in people]
    return boxes(
        *[
            (a, b, c, d)
            for (a, b, c, d), (_, top, _, bottom) in zip(clipped, people, strict=True)
            if c - a > 2 and d - b > min(0.25 * (bottom - top), (y1 - y0) / 8)
        ]
    )


@given(
    st.sampled_from([(2, 1), (1, 2), (2, 2), (3, 2), (4, 3)]),
    st.lists(st.tuples(st.integers(0, 9), st.floats(0, 1), st.floats(0.1, 0.9)), max_size=10,
             unique_by=lambda person: person[0]),
)  # fmt: skip
def test_everybody_is_counted_once_wherever_the_seams_run(
    grid: tuple[int, int], placed: list[tuple[int, float, float]]
) -> None:
    """People stand in ten separate lanes of a full-HD picture, 100 to 900 px tall."""
    people: list[Person] = []
    for lane, place, size in placed:
        height = 1000 * size
        width = min(height * 0.4, 170)
        left, top = lane * 192 + 10, place * (1080 - height)
        people.append((left, top, left + width, top + height))
    tiles = compute_tiles((1920, 1080), TilingParams.of_grid(*grid))
    seen = [_seen_in(tile, people) for tile in tiles]
    found, _ = merge_tiles(
        [(part, np.full(len(part), 0.8, np.float32)) for part in seen],
        tiles,
        picture_wh=(1920, 1080),
        iou=0.5,
    )
    assert len(found) == len(people)
    expected = boxes(*sorted(people))
    assert np.abs(found[np.argsort(found[:, 0])] - expected).max(initial=0.0) < 140
