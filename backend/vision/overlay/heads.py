"""Heads that stand out one by one in the density map, as dots where the map counts."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from backend.core.frame import FloatArray
from backend.core.measurements import TrackView
from backend.vision.overlay import palette
from backend.vision.overlay.canvas import SHIFT, Canvas, fixed
from backend.vision.overlay.map_heat import LiveMap

MOST_DOTS = 400
"""The most certain heads are drawn; more would be a carpet, and cost time."""

_COUNTS_FROM = 0.5
"""Share of the map from which on its heads are shown: there it counts more than the boxes."""

_UPPER_PART = 0.35
"""A head in this upper part of a box is the person in the box, who is marked already."""


def choose_heads(live: LiveMap, tracks: Sequence[TrackView]) -> FloatArray:
    """Return the heads to show, (K, 2) pixels of the full frame, the most certain first."""
    heads = np.asarray(live.crowd_map.heads_px, np.float64)
    heads = heads[live.share_at(heads) >= _COUNTS_FROM]
    return heads[~_marked(heads, tracks)][:MOST_DOTS]


def draw_heads(canvas: Canvas, live: LiveMap, tracks: Sequence[TrackView]) -> None:
    """A small dot with a dark edge at every head that no box marks."""
    heads = canvas.to_output(choose_heads(live, tracks))
    if not len(heads):
        return
    dots = list(np.repeat(fixed(heads)[:, None], 2, axis=1))  # lines of no length: round dots
    width = max(canvas.stroke(4.0), 2)
    cv2.polylines(canvas.image, dots, False, palette.OUTLINE, width + 2, cv2.LINE_AA, SHIFT)
    cv2.polylines(canvas.image, dots, False, palette.PERSON, width, cv2.LINE_AA, SHIFT)


def _marked(heads: FloatArray, tracks: Sequence[TrackView]) -> npt.NDArray[np.bool_]:
    """(K,) whether a head lies in the upper part of some box."""
    boxes = np.array([track.box_xyxy for track in tracks], np.float64).reshape(-1, 1, 4)
    low = boxes[..., 1] + _UPPER_PART * (boxes[..., 3] - boxes[..., 1])
    x, y = heads[:, 0], heads[:, 1]
    beside = (x >= boxes[..., 0]) & (x <= boxes[..., 2])
    return np.asarray((beside & (y >= boxes[..., 1]) & (y <= low)).any(axis=0))
