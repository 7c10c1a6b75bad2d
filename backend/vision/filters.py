"""Which boxes may be a person: minimum area and maximum aspect ratio."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class BoxFilterParams:
    """Limits on a person's box.

    Attributes:
        min_area_px: Smaller boxes are dropped; pixels of the full frame, after clipping to it.
        max_aspect_ratio: Long side over short side; longer boxes are poles, rails and shadows.
            Measured on either side, so that somebody lying on the ground is kept.
    """

    min_area_px: float = 64.0
    max_aspect_ratio: float = 6.0

    def __post_init__(self) -> None:
        if self.min_area_px < 0.0:
            raise ValueError(f"min_area_px must not be negative, got {self.min_area_px}")
        if self.max_aspect_ratio < 1.0:
            raise ValueError(f"max_aspect_ratio must be at least 1, got {self.max_aspect_ratio}")


def compute_plausible(
    boxes_xyxy: npt.NDArray[np.float32],
    params: BoxFilterParams,
    *,
    picture_wh: tuple[int, int] | None = None,
) -> npt.NDArray[np.bool_]:
    """Return which boxes pass the limits.

    Args:
        boxes_xyxy: (N, 4) float32, pixels of the full frame.
        params: Limits.
        picture_wh: With it, the aspect ratio of boxes that touch the picture's edge is not
            judged: such a person is only partly in view.

    Returns:
        (N,) bool. Boxes without width or height, or not finite, never pass.

    Example:
        A box 10 × 100 px has area 1000 px² and aspect ratio 10: dropped as a pole.
    """
    sides = boxes_xyxy[:, 2:] - boxes_xyxy[:, :2]
    short = sides.min(axis=1)
    long = sides.max(axis=1)
    slim = long > params.max_aspect_ratio * short
    if picture_wh is not None:
        width, height = picture_wh
        at_edge = (
            (boxes_xyxy[:, 0] <= 1.0)
            | (boxes_xyxy[:, 1] <= 1.0)
            | (boxes_xyxy[:, 2] >= width - 1.0)
            | (boxes_xyxy[:, 3] >= height - 1.0)
        )
        slim &= ~at_edge
    large = sides[:, 0] * sides[:, 1] >= params.min_area_px
    result: npt.NDArray[np.bool_] = (
        np.isfinite(boxes_xyxy).all(axis=1) & (short > 0.0) & large & ~slim
    )
    return result
