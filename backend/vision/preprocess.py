"""From a part of the picture to a network's input, and boxes back again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backend.core.frame import Image

PAD_VALUE = 114
"""Grey of the margins, the value YOLO networks are trained with."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a region of the picture lies on the network's canvas.

    Attributes:
        region: (x0, y0, x1, y1) pixels of the full frame, end exclusive.
        canvas_hw: Network input height and width.
        offset_xy: Left and top margin on the canvas, pixels.
        size_wh: Width and height of the scaled region on the canvas, pixels.
    """

    region: tuple[int, int, int, int]
    canvas_hw: tuple[int, int]
    offset_xy: tuple[int, int]
    size_wh: tuple[int, int]

    def to_picture(self, boxes_xyxy: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Return canvas boxes (N, 4) in pixels of the full frame, clipped to the region."""
        x0, y0, x1, y1 = self.region
        scale = np.array([(x1 - x0) / self.size_wh[0], (y1 - y0) / self.size_wh[1]] * 2, np.float32)
        offset = np.array(self.offset_xy * 2, np.float32)
        boxes = (boxes_xyxy - offset) * scale + np.array([x0, y0] * 2, np.float32)
        lowest, highest = np.array([x0, y0] * 2, np.float32), np.array([x1, y1] * 2, np.float32)
        clipped: npt.NDArray[np.float32] = np.clip(boxes, lowest, highest)
        return clipped

    def render(self, image: Image, canvas: Image) -> None:
        """Scale the region of ``image`` onto ``canvas``; the margins are left as they are.

        Args:
            image: (H, W, 3) uint8, the full frame.
            canvas: ``canvas_hw`` × 3 uint8, C-contiguous; written to.
        """
        import cv2  # noqa: PLC0415 - heavy, loaded by the first camera and not by the web process

        x0, y0, x1, y1 = self.region
        left, top = self.offset_xy
        width, height = self.size_wh
        target = canvas[top : top + height, left : left + width]
        part = image[y0:y1, x0:x1]
        if part.shape == target.shape:
            target[...] = part
        else:
            cv2.resize(part, (width, height), dst=target, interpolation=cv2.INTER_LINEAR)

    def clear_margins(self, canvas: Image) -> None:
        """Paint the whole ``canvas`` in the grey of the margins."""
        canvas[...] = PAD_VALUE


def compute_letterbox(region: tuple[int, int, int, int], canvas_hw: tuple[int, int]) -> Placement:
    """Return the placement that keeps the aspect ratio, centred with margins.

    Args:
        region: (x0, y0, x1, y1) pixels of the full frame, at least 1 × 1.
        canvas_hw: Network input height and width.

    Example:
        1920×1080 on 640×640 becomes 640×360 with margins of 140 px above and below.
    """
    _check_region(region)
    width, height = region[2] - region[0], region[3] - region[1]
    scale = min(canvas_hw[1] / width, canvas_hw[0] / height)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    offset = ((canvas_hw[1] - size[0]) // 2, (canvas_hw[0] - size[1]) // 2)
    return Placement(region, canvas_hw, offset, size)


def compute_stretch(region: tuple[int, int, int, int], canvas_hw: tuple[int, int]) -> Placement:
    """Return the placement that fills the canvas without keeping the aspect ratio."""
    _check_region(region)
    return Placement(region, canvas_hw, (0, 0), (canvas_hw[1], canvas_hw[0]))


def compute_input_hw(
    picture_hw: tuple[int, int], size: int, *, stride: int = 32
) -> tuple[int, int]:
    """Return the smallest input that holds the picture with its long side scaled to ``size``.

    Both sides are multiples of ``stride``; a wide picture needs little more than half of the
    square's pixels.

    Example:
        1080×1920 at 960 gives (544, 960), 57 % of 960×960.
    """
    height, width = picture_hw
    scale = size / max(height, width)

    def whole_strides(pixels: int) -> int:
        return max(stride, -(-round(pixels * scale) // stride) * stride)

    return whole_strides(height), whole_strides(width)


def _check_region(region: tuple[int, int, int, int]) -> None:
    if region[2] <= region[0] or region[3] <= region[1]:
        raise ValueError(f"a region needs at least one pixel, got {region}")
