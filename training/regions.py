"""Sums of a density map, and true heads, over the regions of a grid."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from training.datasets.base import HeadArray

Sums = npt.NDArray[np.float64]
"""(rows, columns) float64, people in every region."""


def sum_regions(
    people: npt.NDArray[np.float32],
    picture_wh: tuple[int, int],
    *,
    stride: int,
    grid: int,
) -> Sums:
    """Sum a map over ``grid`` x ``grid`` equal regions of its picture.

    The people of a cell through which a border runs are shared out by area. What the map says of
    the padding beyond the picture goes to the last row and column, so that the regions together
    always give the map's sum.

    Args:
        people: (R, C) float32, people per cell.
        picture_wh: Width and height of the counted picture, pixels.
        stride: Side of a cell, pixels.
        grid: Regions along each side.

    Returns:
        (grid, grid) float64.

    Example:
        A map of 2 x 2 cells ``[[1, 2], [3, 4]]`` of 8 pixels over a picture of 16 x 16: a grid of
        2 gives the same four numbers, a grid of 1 gives 10.
    """
    width, height = picture_wh
    along_rows = _sum_between(people.astype(np.float64), _borders(height / stride, people, 0, grid))
    return _sum_between(along_rows.T, _borders(width / stride, people, 1, grid)).T


def count_heads(heads_px: HeadArray, picture_wh: tuple[int, int], *, grid: int) -> Sums:
    """Count heads in ``grid`` x ``grid`` equal regions; those beyond the border in the nearest.

    Args:
        heads_px: (N, 2), pixels of the picture.
        picture_wh: Its width and height, pixels.
        grid: Regions along each side.

    Returns:
        (grid, grid) float64; sums to N.
    """
    found = np.zeros((grid, grid))
    if len(heads_px):
        place = np.floor(heads_px.astype(np.float64) * grid / np.array(picture_wh, np.float64))
        column, row = np.clip(place.astype(int), 0, grid - 1).T
        np.add.at(found, (row, column), 1.0)
    return found


def pool(sums: Sums, rows: int, columns: int) -> Sums:
    """Join neighbouring regions until ``rows`` x ``columns`` are left; both divide the grid.

    Example:
        An 8 x 8 grid pooled to 1 x 2 gives the left and the right half.
    """
    height, width = sums.shape
    blocks = sums.reshape(rows, height // rows, columns, width // columns)
    pooled: Sums = blocks.sum(axis=(1, 3))
    return pooled


def _borders(
    cells: float, people: npt.NDArray[np.float32], axis: int, grid: int
) -> npt.NDArray[np.float64]:
    borders = np.arange(grid + 1) * cells / grid
    borders[-1] = people.shape[axis]
    return borders


def _sum_between(values: Sums, borders: npt.NDArray[np.float64]) -> Sums:
    """Sum the rows between every two borders; a cut row counts by the share that lies inside."""
    cumulated = np.concatenate([np.zeros((1, values.shape[1])), values.cumsum(axis=0)])
    below = np.minimum(borders.astype(int), len(cumulated) - 2)
    share = (borders - below)[:, None]
    at_borders = cumulated[below] * (1 - share) + cumulated[below + 1] * share
    return np.diff(at_borders, axis=0)
