"""How a picture is laid on a density network's input."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from backend.core.frame import Image

MULTIPLE = 16
"""Both sides of the input are multiples of this many pixels."""

MAX_ENLARGEMENT = 2.0
"""Enlarged further, a picture shows nothing more and only costs time."""


@dataclass(frozen=True, slots=True)
class Scaling:
    """A picture's size on the input; it lies in the upper left corner.

    Attributes:
        picture_wh: Width and height of the full frame, pixels.
        scaled_wh: Width and height it is resized to, its sides' ratio kept to half a pixel.
        input_hw: Height and width of the input, `scaled_wh` rounded up to multiples of
            `MULTIPLE`; what lies beyond the picture continues its last row and column.
    """

    picture_wh: tuple[int, int]
    scaled_wh: tuple[int, int]
    input_hw: tuple[int, int]

    def cell_wh_px(self, stride: int) -> tuple[float, float]:
        """Width and height of a cell of ``stride`` input pixels, pixels of the full frame."""
        return (
            stride * self.picture_wh[0] / self.scaled_wh[0],
            stride * self.picture_wh[1] / self.scaled_wh[1],
        )

    def map_hw(self, stride: int) -> tuple[int, int]:
        """Rows and columns of cells that show some of the picture."""
        return -(-self.scaled_wh[1] // stride), -(-self.scaled_wh[0] // stride)

    def resize(self, image: Image) -> Image:
        """Return the picture at `scaled_wh`, (h, w, 3) uint8 BGR."""
        shrinks = self.scaled_wh[0] < self.picture_wh[0] or self.scaled_wh[1] < self.picture_wh[1]
        method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        resized = cv2.resize(image, self.scaled_wh, interpolation=method)
        return np.asarray(resized, np.uint8)

    def paint(self, scaled: Image, canvas: Image) -> None:
        """Lay a picture of `scaled_wh` on the input and continue its last row and column."""
        width, height = self.scaled_wh
        canvas[:height, :width] = scaled
        canvas[:height, width:] = scaled[:, -1:]
        canvas[height:] = canvas[height - 1]


def compute_scaling(picture_wh: tuple[int, int], long_px: int) -> Scaling:
    """Return how a picture is scaled so that its long side becomes ``long_px``.

    Smaller pictures are enlarged, `MAX_ENLARGEMENT` times at most.

    Args:
        picture_wh: Width and height, at least one pixel each.
        long_px: Long side on the input, at least `MULTIPLE`.

    Example:
        1920×1080 at 768 becomes 768×432; 720×1280 at 768 becomes 432×768; 1000×700 at 768
        becomes 768×538 on an input of 768×544.
    """
    width, height = picture_wh
    if min(picture_wh) < 1 or long_px < MULTIPLE:
        raise ValueError(
            f"a picture of at least 1 × 1 pixels and a long side of at least {MULTIPLE} were "
            f"expected, got {width} × {height} and {long_px}"
        )
    scale = min(long_px / max(width, height), MAX_ENLARGEMENT)
    scaled_wh = (max(1, round(width * scale)), max(1, round(height * scale)))
    return Scaling(
        picture_wh, scaled_wh, (_whole_multiples(scaled_wh[1]), _whole_multiples(scaled_wh[0]))
    )


def _whole_multiples(pixels: int) -> int:
    return -(-pixels // MULTIPLE) * MULTIPLE
