"""Which boxes can overlap, without comparing each with each."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from backend.core.frame import FloatArray

IntArray = npt.NDArray[np.int64]


def overlap_candidates(boxes_xyxy: FloatArray) -> tuple[IntArray, IntArray]:
    """Pairs of boxes that share a cell of a grid: all overlapping pairs, and few others.

    The cells are as large as the median box, so a crowd of constant density gives a number of
    pairs that grows with the number of boxes and not with its square.

    Args:
        boxes_xyxy: (N, 4) float64, pixels, finite.

    Returns:
        Two (P,) int64 arrays of indices; a pair may come several times, in either order.

    Example:
        >>> boxes = np.array([[0, 0, 10, 20], [5, 0, 15, 20], [900, 0, 910, 20.0]])
        >>> first, second = overlap_candidates(boxes)
        >>> sorted({tuple(sorted(pair)) for pair in zip(first.tolist(), second.tolist())})
        [(0, 1)]
    """
    if boxes_xyxy.shape[0] < 2:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    sizes = np.sort(boxes_xyxy[:, 2:] - boxes_xyxy[:, :2], axis=0)
    size = np.maximum(sizes[len(sizes) // 2], 1.0)
    first_cell = np.floor(boxes_xyxy[:, :2] / size).astype(np.int64)
    last_cell = np.floor(boxes_xyxy[:, 2:] / size).astype(np.int64)
    spans = np.maximum(last_cell - first_cell, 0) + 1
    cells = spans.prod(axis=1)
    box = np.repeat(np.arange(len(cells)), cells)
    within = np.arange(len(box)) - np.repeat(np.cumsum(cells) - cells, cells)
    column = first_cell[box, 0] + within % spans[box, 0]
    row = first_cell[box, 1] + within // spans[box, 0]
    key = (row - row.min()) * (column.max() - column.min() + 1) + column - column.min()
    order = np.argsort(key, kind="stable")
    return _pairs_within_groups(box[order], key[order])


def _pairs_within_groups(members: IntArray, group: IntArray) -> tuple[IntArray, IntArray]:
    """All pairs of ``members`` that stand in the same of the sorted ``group`` numbers."""
    here = np.arange(len(group))
    is_last = np.append(group[1:] != group[:-1], True)
    ends = np.flatnonzero(is_last)[np.cumsum(is_last) - is_last]
    later = ends - here
    first = np.repeat(here, later)
    second = first + 1 + np.arange(len(first)) - np.repeat(np.cumsum(later) - later, later)
    return members[first], members[second]
