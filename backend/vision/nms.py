"""Non-maximum suppression: of several boxes round one person, keep the surest."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Boxes = npt.NDArray[np.float32]
Scores = npt.NDArray[np.float32]
Indices = npt.NDArray[np.intp]

MAX_CANDIDATES = 3000
"""Candidates looked at; more than any network in use can tell apart in one picture."""


def compute_iou(first_xyxy: Boxes, second_xyxy: Boxes) -> npt.NDArray[np.float32]:
    """Return the intersection over union of every pair.

    Args:
        first_xyxy: (N, 4) float32, pixels.
        second_xyxy: (M, 4) float32, pixels.

    Returns:
        (N, M) float32 in [0, 1]; 0 where a box has no area.

    Example:
        [0, 0, 2, 2] and [1, 0, 3, 2] share 2 of 6 px²: 1/3.
    """
    shared, first_area, second_area = _overlaps(first_xyxy, second_xyxy)
    union = first_area[:, None] + second_area[None, :] - shared
    return _ratio(shared, union)


def compute_overlap_of_smaller(first_xyxy: Boxes, second_xyxy: Boxes) -> npt.NDArray[np.float32]:
    """Return the intersection over the smaller box of every pair, (N, M) float32 in [0, 1]."""
    shared, first_area, second_area = _overlaps(first_xyxy, second_xyxy)
    return _ratio(shared, np.minimum(first_area[:, None], second_area[None, :]))


def suppress(boxes_xyxy: Boxes, scores: Scores, *, iou: float) -> Indices:
    """Return the indices of the boxes to keep, surest first.

    Greedy: the surest box removes every later one that overlaps it by more than ``iou``.

    Args:
        boxes_xyxy: (N, 4) float32, pixels.
        scores: (N,) float32; equal scores keep their order.
        iou: Overlap above which two boxes are the same person.

    Returns:
        (K,) indices into the input; empty for N = 0. Only the `MAX_CANDIDATES` surest are
        looked at.
    """
    order = np.argsort(-scores, kind="stable")[:MAX_CANDIDATES]
    x0, y0, x1, y1 = (np.ascontiguousarray(side) for side in boxes_xyxy.T)
    areas = _areas(boxes_xyxy)
    kept: list[np.intp] = []
    while order.size:
        best, rest = order[0], order[1:]
        kept.append(best)
        width = np.minimum(x1[best], x1[rest]) - np.maximum(x0[best], x0[rest])
        height = np.minimum(y1[best], y1[rest]) - np.maximum(y0[best], y0[rest])
        shared = np.maximum(width, 0.0) * np.maximum(height, 0.0)
        # shared / union > iou, without dividing by the area of a box that has none
        order = rest[shared <= iou * (areas[best] + areas[rest] - shared)]
    return np.asarray(kept, dtype=np.intp)


def _overlaps(
    first: Boxes, second: Boxes
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    width = np.minimum(first[:, None, 2], second[None, :, 2])
    width -= np.maximum(first[:, None, 0], second[None, :, 0])
    height = np.minimum(first[:, None, 3], second[None, :, 3])
    height -= np.maximum(first[:, None, 1], second[None, :, 1])
    shared = np.maximum(width, 0.0) * np.maximum(height, 0.0)
    return shared, _areas(first), _areas(second)


def _areas(boxes: Boxes) -> npt.NDArray[np.float32]:
    sides = np.clip(boxes[:, 2:] - boxes[:, :2], 0.0, None)
    areas: npt.NDArray[np.float32] = sides[:, 0] * sides[:, 1]
    return areas


def _ratio(
    part: npt.NDArray[np.float32], whole: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0.0)
