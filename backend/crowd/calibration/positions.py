"""Where people stand: the bottom centre of the box, or the head where the feet are not seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backend.core.frame import FloatArray
from backend.crowd.calibration.ground_plane import GroundPlane
from backend.crowd.calibration.height_model import HeightModel
from backend.crowd.calibration.hidden_feet import feet_hidden

BoolArray = npt.NDArray[np.bool_]

EDGE_SHARE = 0.005
"""A box that ends within this share of the picture's height from its bottom touches the edge."""
CUT_SHARE = 0.9
"""A box at the edge shorter than this share of a person's height has its feet cut off."""
HIDDEN_SHARE = 0.7
"""A box behind another one and shorter than this share has its feet hidden."""


@dataclass(frozen=True, slots=True)
class GroundPositions:
    """Where the people of one frame stand.

    Attributes:
        foot_px: (N, 2) float64, pixels, possibly below the picture where inferred.
        world_m: (N, 2) float64, metres, ground plane; NaN where a person cannot be placed.
        is_inferred: (N,) bool, the feet are not seen: head plus local height of a person.
    """

    foot_px: FloatArray
    world_m: FloatArray
    is_inferred: BoolArray


def ground_positions(
    boxes_xyxy: FloatArray,
    *,
    plane: GroundPlane,
    picture_wh: tuple[int, int],
    height_model: HeightModel | None,
) -> GroundPositions:
    """Place the people of one frame on the ground.

    A person stands where the bottom centre of the box shows ground. Where the box ends at the
    bottom of the picture, or is much shorter than a person there while a box in front covers its
    lower end, the feet are taken to be one person's height below the head.

    Args:
        boxes_xyxy: (N, 4) float, pixels.
        plane: Ground plane of that picture.
        picture_wh: Width and height of the picture, pixels.
        height_model: Height of standing people; None = nobody's feet are inferred.

    Returns:
        Arrays of length N, also for N = 0.

    References:
        CROWD-SCIENCE section 1.

    Example:
        >>> plane = GroundPlane.from_matrix(np.diag([0.01, 0.01, 1.0]))
        >>> placed = ground_positions(
        ...     np.array([[100.0, 50, 140, 150]]),
        ...     plane=plane, picture_wh=(640, 480), height_model=None,
        ... )
        >>> placed.world_m.round(6).tolist()
        [[1.2, 1.5]]
    """
    boxes = np.asarray(boxes_xyxy, dtype=np.float64).reshape(-1, 4)
    foot = np.stack([(boxes[:, 0] + boxes[:, 2]) / 2, boxes[:, 3]], axis=1)
    inferred = np.zeros(len(boxes), dtype=np.bool_)
    if height_model is not None and len(boxes):
        feet_y = height_model.foot_y_from_head(boxes[:, 1])
        share = (boxes[:, 3] - boxes[:, 1]) / np.maximum(feet_y - boxes[:, 1], 1e-9)
        edge = picture_wh[1] * EDGE_SHARE
        head_seen, at_edge = boxes[:, 1] > edge, boxes[:, 3] >= picture_wh[1] - edge
        inferred = head_seen & at_edge & (share < CUT_SHARE)
        suspects = np.flatnonzero(head_seen & ~at_edge & (share < HIDDEN_SHARE))
        inferred[suspects[feet_hidden(boxes, foot, suspects)]] = True
        foot[inferred, 1] = feet_y[inferred]
    return GroundPositions(foot, plane.to_world(foot), inferred)
