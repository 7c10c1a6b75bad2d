"""Whose feet are hidden behind somebody nearer the camera, without asking each about each."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from backend.core.frame import FloatArray

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]

_CELL_SHARE = 0.5
"""Side of a cell over that of the median box: larger ones give more pairs to look at."""


def feet_hidden(boxes_xyxy: FloatArray, foot_px: FloatArray, suspects: IntArray) -> BoolArray:
    """Whose lower end lies inside a box that ends further down.

    Points and boxes are sorted into a grid with cells half as large as the median box, so that the
    time grows with the number of people at a given density, not with its square.

    Args:
        boxes_xyxy: (N, 4) float64, pixels, finite.
        foot_px: (N, 2) float64, bottom centres of the boxes, pixels.
        suspects: (S,) numbers of the boxes asked about.

    Returns:
        (S,) bool; (0,) for S = 0.

    Example:
        >>> boxes = np.array([[0.0, 0, 10, 20], [2, 10, 12, 40], [50, 0, 60, 20]])
        >>> foot = np.array([[5.0, 20], [7, 40], [55, 20]])
        >>> feet_hidden(boxes, foot, np.array([0, 1, 2])).tolist()
        [True, False, False]
    """
    hidden = np.zeros(suspects.size, dtype=np.bool_)
    if suspects.size == 0:
        return hidden
    x, y = foot_px[suspects].T
    left, top, right, bottom = np.ascontiguousarray(boxes_xyxy.T)
    asked, other = _nearby(boxes_xyxy, foot_px[suspects])
    kept = (bottom[other] > y[asked]) & (top[other] <= y[asked])
    asked, other = asked[kept], other[kept]
    kept = (left[other] <= x[asked]) & (x[asked] <= right[other])
    hidden[asked[kept]] = True
    return hidden


def _nearby(boxes: FloatArray, points: FloatArray) -> tuple[IntArray, IntArray]:
    """Pairs of a point and a box that share a cell: numbers of the points and of the boxes.

    Points are sorted by row and column of the grid; the cells of a box in one row are then one
    run of them.
    """
    size = np.maximum(np.median(boxes[:, 2:] - boxes[:, :2], axis=0) * _CELL_SHARE, 1.0)
    corner = boxes[:, :2].min(axis=0)
    first = np.floor((boxes[:, :2] - corner) / size).astype(np.int64)
    last = np.floor((boxes[:, 2:] - corner) / size).astype(np.int64)
    columns = int(last[:, 0].max()) + 1
    at = np.floor((points - corner) / size).astype(np.int64)
    order = np.argsort(at[:, 1] * columns + at[:, 0], kind="stable")
    sorted_cells = (at[:, 1] * columns + at[:, 0])[order]
    box, below = _enumerate_each(last[:, 1] - first[:, 1] + 1)
    row = (first[box, 1] + below) * columns
    start = np.searchsorted(sorted_cells, row + first[box, 0], side="left")
    stop = np.searchsorted(sorted_cells, row + last[box, 0], side="right")
    run, within = _enumerate_each(stop - start)
    return order[start[run] + within], box[run]


def _enumerate_each(counts: IntArray) -> tuple[IntArray, IntArray]:
    """For counts (2, 3): numbers (0, 0, 1, 1, 1) and positions (0, 1, 0, 1, 2)."""
    number = np.repeat(np.arange(len(counts)), counts)
    return number, np.arange(len(number)) - np.repeat(np.cumsum(counts) - counts, counts)
