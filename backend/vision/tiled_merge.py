"""Joining what was found in overlapping tiles: a person on a seam is one person."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from backend.vision.nms import Boxes, Scores, compute_overlap_of_smaller, suppress
from backend.vision.tiling import Region

Sides = npt.NDArray[np.bool_]
"""(N, 4) bool: whether a box is cut off at its left, top, right and bottom side."""

EDGE_SHARE = 0.01
"""A box ending within this share of a tile's side from its inner border is taken to be cut off
there: networks place a cut body's edge a few pixels off the border."""
CUT_OVERLAP = 0.6
"""A cut box lying this far inside a larger box of another tile is a part of the same person."""
FACING_OVERLAP = 0.5
"""Two boxes cut at facing borders are one person if they share this much of their extent along
the seam (intersection over union of the two intervals)."""

_LEFT, _TOP, _RIGHT, _BOTTOM = range(4)


def compute_cut_sides(boxes_xyxy: Boxes, region: Region, picture_wh: tuple[int, int]) -> Sides:
    """Return which sides of which boxes touch a border of ``region`` not the picture's own.

    Args:
        boxes_xyxy: (N, 4) float32, pixels of the full frame, inside ``region``.
        region: The tile.
        picture_wh: Width and height of the frame, pixels.

    Returns:
        (N, 4) bool.
    """
    x0, y0, x1, y1 = region
    edge_x, edge_y = EDGE_SHARE * (x1 - x0), EDGE_SHARE * (y1 - y0)
    cut: Sides = np.zeros((len(boxes_xyxy), 4), np.bool_)
    cut[:, _LEFT] = (boxes_xyxy[:, 0] <= x0 + edge_x) & (x0 > 0)
    cut[:, _TOP] = (boxes_xyxy[:, 1] <= y0 + edge_y) & (y0 > 0)
    cut[:, _RIGHT] = (boxes_xyxy[:, 2] >= x1 - edge_x) & (x1 < picture_wh[0])
    cut[:, _BOTTOM] = (boxes_xyxy[:, 3] >= y1 - edge_y) & (y1 < picture_wh[1])
    return cut


def merge_tiles(
    found: Sequence[tuple[Boxes, Scores]],
    regions: Sequence[Region],
    *,
    picture_wh: tuple[int, int],
    iou: float,
) -> tuple[Boxes, Scores]:
    """Return the boxes of all tiles together, one per person, surest first.

    A person on a seam is found whole in one tile and cut in its neighbour, or, being larger than
    the overlap, cut in both. In this order:

    1. a cut box of which `CUT_OVERLAP` lies inside an uncut box of another tile is dropped,
       whatever its score;
    2. boxes cut at facing borders become one box around both, with the higher score;
    3. a cut box of which `CUT_OVERLAP` lies inside a larger box of another tile is dropped;
    4. what remains goes through ordinary suppression.

    Args:
        found: For each tile boxes (N, 4) float32 in pixels of the full frame and scores (N,),
            already suppressed within the tile.
        regions: The tiles.
        picture_wh: Width and height of the frame, pixels.
        iou: Overlap above which two boxes are the same person.
    """
    if len(found) == 1:
        return found[0]
    boxes = np.concatenate([part[0] for part in found])
    scores = np.concatenate([part[1] for part in found])
    tile = np.repeat(np.arange(len(found)), [len(part[1]) for part in found])
    sides = np.concatenate(
        [
            compute_cut_sides(part[0], region, picture_wh)
            for part, region in zip(found, regions, strict=True)
        ]
    )
    boxes, scores = _join_over_seams(boxes, scores, sides, tile)
    kept = suppress(boxes, scores, iou=iou)
    return boxes[kept], scores[kept]


def _join_over_seams(
    boxes: Boxes, scores: Scores, sides: Sides, tile: npt.NDArray[np.intp]
) -> tuple[Boxes, Scores]:
    """Steps 1 to 3 of `merge_tiles`."""
    if not sides.any():
        return boxes, scores
    cut = np.asarray(sides.any(axis=1))
    kept = np.flatnonzero(~_is_part_of_another(boxes, tile, part=cut, whole=~cut))
    boxes, scores, sides, tile = boxes[kept], scores[kept], sides[kept], tile[kept]
    group, sides = _group_facing(boxes, sides, tile)
    boxes, scores, sides, tile = _unite(boxes, scores, sides, tile, group=group)
    cut = np.asarray(sides.any(axis=1))
    kept = np.flatnonzero(~_is_part_of_another(boxes, tile, part=cut, whole=np.ones_like(cut)))
    return boxes[kept], scores[kept]


def _is_part_of_another(
    boxes: Boxes,
    tile: npt.NDArray[np.intp],
    *,
    part: npt.NDArray[np.bool_],
    whole: npt.NDArray[np.bool_],
) -> npt.NDArray[np.bool_]:
    """Return which of the boxes marked ``part`` lie inside a larger ``whole`` of another tile."""
    parts, wholes = np.flatnonzero(part), np.flatnonzero(whole)
    hidden = np.zeros(len(boxes), np.bool_)
    if parts.size and wholes.size:
        inside = compute_overlap_of_smaller(boxes[parts], boxes[wholes]) > CUT_OVERLAP
        areas = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
        # Of two equal boxes the later one counts as the smaller, so that one of them stays.
        size = np.lexsort((-np.arange(len(boxes)), areas)).argsort()
        smaller = size[parts][:, None] < size[wholes][None, :]
        foreign = tile[parts][:, None] != tile[wholes][None, :]
        hidden[parts] = (inside & smaller & foreign).any(axis=1)
    return hidden


def _group_facing(
    boxes: Boxes, sides: Sides, tile: npt.NDArray[np.intp]
) -> tuple[npt.NDArray[np.intp], Sides]:
    """Find the boxes that a seam has cut apart.

    Each cut side is joined to one other box at most, the best fitting pairs first.

    Returns:
        A group number for every box, shared by those that belong together; and the sides that
        are cut still.
    """
    sides = sides.copy()
    group = np.arange(len(boxes), dtype=np.intp)
    for before, after, along in ((_BOTTOM, _TOP, 0), (_RIGHT, _LEFT, 1)):
        first, second = np.flatnonzero(sides[:, before]), np.flatnonzero(sides[:, after])
        if not first.size or not second.size:
            continue
        shared = _interval_iou(boxes[first][:, along::2], boxes[second][:, along::2])
        across = 1 - along
        begins = boxes[first, across][:, None] < boxes[second, across][None, :]
        reaches = boxes[first, across + 2][:, None] >= boxes[second, across][None, :]
        ends = boxes[first, across + 2][:, None] < boxes[second, across + 2][None, :]
        foreign = tile[first][:, None] != tile[second][None, :]
        fit = np.where(begins & reaches & ends & foreign, shared, 0.0)
        for row, column in _choose_pairs(fit):
            group[group == group[second[column]]] = group[first[row]]
            sides[first[row], before] = sides[second[column], after] = False
    return group, sides


def _choose_pairs(fit: npt.NDArray[np.float32]) -> list[tuple[int, int]]:
    """Return pairs of row and column, best first, each used once, down to `FACING_OVERLAP`."""
    chosen: list[tuple[int, int]] = []
    left = fit.copy()
    while left.size and left.max() >= FACING_OVERLAP:
        row, column = divmod(int(left.argmax()), left.shape[1])
        chosen.append((row, column))
        left[row], left[:, column] = 0.0, 0.0
    return chosen


def _interval_iou(
    first: npt.NDArray[np.float32], second: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """Return the intersection over union of every pair of intervals, (N, M)."""
    shared = np.minimum(first[:, None, 1], second[None, :, 1])
    shared = np.clip(shared - np.maximum(first[:, None, 0], second[None, :, 0]), 0.0, None)
    lengths = (first[:, 1] - first[:, 0])[:, None] + (second[:, 1] - second[:, 0])[None, :]
    union = lengths - shared
    fit: npt.NDArray[np.float32] = np.zeros_like(shared)
    np.divide(shared, union, out=fit, where=union > 0.0)
    return fit


def _unite(
    boxes: Boxes,
    scores: Scores,
    sides: Sides,
    tile: npt.NDArray[np.intp],
    *,
    group: npt.NDArray[np.intp],
) -> tuple[Boxes, Scores, Sides, npt.NDArray[np.intp]]:
    """Return one box around every group, cut where a member is; united ones are of no tile."""
    numbers, place, counts = np.unique(group, return_inverse=True, return_counts=True)
    united = np.empty((len(numbers), 4), np.float32)
    united[:, :2], united[:, 2:] = np.inf, -np.inf
    np.minimum.at(united[:, :2], place, boxes[:, :2])
    np.maximum.at(united[:, 2:], place, boxes[:, 2:])
    best = np.zeros(len(numbers), np.float32)
    np.maximum.at(best, place, scores)
    still_cut = np.zeros((len(numbers), 4), np.bool_)
    np.logical_or.at(still_cut, place, sides)
    joined = counts > 1
    where = np.where(joined, -1 - np.arange(len(numbers)), tile[numbers])
    return united, best, still_cut, where
