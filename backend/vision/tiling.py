"""Cutting a picture into overlapping tiles; `tiled_merge` joins what was found in them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Region = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class TilingParams:
    """How finely a picture is cut.

    Attributes:
        tile_wh: Wanted width and height of a tile before overlap, pixels of the full frame.
        overlap: Share of a tile's side that it shares with its neighbour, in [0, 0.5].
        max_along_long, max_along_short: Tiles along the picture's longer and shorter side at most.
        grid: Columns and rows of exactly that many tiles, whatever the picture's size; None = as
            many as the wanted size asks for.
    """

    tile_wh: tuple[int, int] = (480, 360)
    overlap: float = 0.2
    max_along_long: int = 4
    max_along_short: int = 3
    grid: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        if not 0.0 <= self.overlap <= 0.5:
            raise ValueError(f"overlap must lie between 0 and 0.5, got {self.overlap}")
        if min(*self.tile_wh, self.max_along_long, self.max_along_short) < 1:
            raise ValueError("tile sides and counts must be at least 1")
        if self.grid is not None and min(self.grid) < 1:
            raise ValueError(f"a grid has at least one column and one row, got {self.grid}")

    @classmethod
    def of_grid(cls, columns: int, rows: int) -> TilingParams:
        """Return the tiling into exactly ``columns`` × ``rows`` overlapping tiles."""
        return cls(grid=(columns, rows))


def compute_tiles(picture_wh: tuple[int, int], params: TilingParams) -> tuple[Region, ...]:
    """Return overlapping tiles that cover the picture, row by row.

    Args:
        picture_wh: Width and height of the frame, pixels.
        params: Wanted tile and limits.

    Returns:
        (x0, y0, x1, y1) of every tile; one tile for a picture no larger than about a tile.

    Example:
        1920×1080 in tiles of 480×360 gives 4 columns × 3 rows of 565×415 px with 20 % overlap.
    """
    width, height = picture_wh
    limits = (params.max_along_long, params.max_along_short)
    columns_max, rows_max = limits if width >= height else limits[::-1]
    columns = min(max(1, round(width / params.tile_wh[0])), columns_max)
    rows = min(max(1, round(height / params.tile_wh[1])), rows_max)
    if params.grid is not None:
        columns, rows = params.grid
    spans_x = _spans(width, columns, params.overlap)
    spans_y = _spans(height, rows, params.overlap)
    return tuple((x0, y0, x1, y1) for y0, y1 in spans_y for x0, x1 in spans_x)


def _spans(length: int, count: int, overlap: float) -> tuple[tuple[int, int], ...]:
    """Return ``count`` equal spans covering [0, length) that share ``overlap`` of their length."""
    if count == 1:
        return ((0, length),)
    span = length / (count - (count - 1) * overlap)
    step = (length - span) / (count - 1)
    size = min(length, int(np.ceil(span)))
    starts = [min(round(index * step), length - size) for index in range(count)]
    return tuple((start, start + size) for start in starts)
