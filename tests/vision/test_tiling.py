"""Tiles cover the picture."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.vision.tiling import TilingParams, compute_tiles


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
