"""Tiles cover the picture, and a person on a seam is counted once."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.vision.tiling import TilingParams, compute_cut, compute_tiles, merge_tiles
from tests.builders import boxes


@pytest.mark.parametrize(
    ("wh", "columns", "rows"),
    [((1920, 1080), 4, 3), ((3840, 2160), 4, 3), ((1280, 720), 3, 2), ((1080, 1920), 2, 4),
     ((640, 360), 1, 1)],
)  # fmt: skip
def test_number_of_tiles(wh: tuple[int, int], columns: int, rows: int) -> None:
    tiles = compute_tiles(wh, TilingParams())
    assert len({tile[0] for tile in tiles}) == columns
    assert len({tile[1] for tile in tiles}) == rows


@given(st.integers(1, 4000), st.integers(1, 3000), st.floats(0.0, 0.5))
def test_every_pixel_lies_in_a_tile(width: int, height: int, overlap: float) -> None:
    tiles = compute_tiles((width, height), TilingParams(overlap=overlap))
    across = sorted({(tile[0], tile[2]) for tile in tiles})
    assert across[0][0] == 0 and across[-1][1] == width
    for (_, end), (start, _) in itertools.pairwise(across):
        assert start <= end
    assert all(x1 > x0 and y1 > y0 for x0, y0, x1, y1 in tiles)


def test_cut_boxes_touch_inner_borders_only() -> None:
    found = boxes((0, 0, 30, 30), (60, 10, 100, 50), (10, 10, 40, 40))
    assert compute_cut(found, (0, 0, 100, 100), (200, 100)).tolist() == [False, True, False]


def test_a_person_on_a_seam_is_one_person() -> None:
    whole, part = (80, 10, 110, 90), (80, 10, 100, 90)
    kept = merge_tiles(
        boxes(part, whole),
        np.array([0.9, 0.6], np.float32),
        cut=np.array([True, False]),
        tile=np.array([0, 1]),
        iou=0.5,
    )
    assert kept.tolist() == [1], "the whole box stays although the part was surer"


def test_a_small_person_before_a_large_one_stays() -> None:
    kept = merge_tiles(
        boxes((0, 0, 50, 100), (20, 60, 35, 100)),
        np.array([0.9, 0.6], np.float32),
        cut=np.array([False, False]),
        tile=np.array([0, 1]),
        iou=0.5,
    )
    assert kept.tolist() == [0, 1]


def test_a_grid_is_kept_whatever_the_size_and_turn_of_the_picture() -> None:
    for picture_wh in ((1920, 1080), (720, 1280), (320, 240)):
        tiles = compute_tiles(picture_wh, TilingParams.of_grid(3, 2))
        assert len(tiles) == 6
        assert len({(x0, x1) for x0, _, x1, _ in tiles}) == 3
        assert tiles[0][:2] == (0, 0) and tiles[-1][2:] == picture_wh
    assert compute_tiles((1920, 1080), TilingParams.of_grid(1, 1)) == ((0, 0, 1920, 1080),)


def test_a_grid_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one column"):
        TilingParams.of_grid(0, 2)
