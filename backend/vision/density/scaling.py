"""How a picture is laid on a density network's input.

Runtimes compile a network for each size of its input (seconds) and keep a few. So pictures of
every shape share seven canvases: `SHORT_SHARES` of the long side, lying and standing. What lies
beyond the picture is computed for nothing: 4 % of 16:9, nothing of 4:3 and 1:1, 13 % of 3:2, 20 %
of 16:10, 22 % of 11:9 (PAL), 25 % of 5:4, 33 % of 32:9, 38 % of 21:9, in shares of the picture.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from backend.core.frame import Image

MULTIPLE = 16
"""Both sides of the input are multiples of this many pixels."""

SHORT_SHARES = (3 / 8, 7 / 12, 3 / 4, 1.0)
"""Short sides of the canvases, shares of the long side: panoramas, 16:9 with the cameras that come
close to it (1920×1088, 2688×1520, 848×480), 4:3 and square."""

MAX_ENLARGEMENT = 2.0
"""Enlarged further, a picture shows nothing more and only costs time."""


@dataclass(frozen=True, slots=True)
class Scaling:
    """A picture's size on the input; it lies in the upper left corner.

    Attributes:
        picture_wh: Width and height of the full frame, pixels.
        scaled_wh: Width and height it is resized to, its sides' ratio kept to half a pixel.
        input_hw: Height and width of the input, the smallest canvas that holds `scaled_wh`;
            what lies beyond the picture continues its last row and column.
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

    Smaller pictures are enlarged, `MAX_ENLARGEMENT` times at most; they share the canvases of
    the others, so the smallest cost as much.

    Args:
        picture_wh: Width and height, at least one pixel each.
        long_px: Long side on the input, at least `MULTIPLE`.

    Example:
        1920×1080 at 768 becomes 768×432 on an input of 768×448; 1000×700 at 768 becomes 768×538
        on 768×576; 720×1280 at 768 becomes 432×768 on 448×768.
    """
    width, height = picture_wh
    if min(picture_wh) < 1 or long_px < MULTIPLE:
        raise ValueError(
            f"a picture of at least 1 × 1 pixels and a long side of at least {MULTIPLE} were "
            f"expected, got {width} × {height} and {long_px}"
        )
    scale = min(long_px / max(width, height), MAX_ENLARGEMENT)
    scaled_wh = (max(1, round(width * scale)), max(1, round(height * scale)))
    return Scaling(picture_wh, scaled_wh, _choose_canvas(scaled_wh, long_px))


def _choose_canvas(scaled_wh: tuple[int, int], long_px: int) -> tuple[int, int]:
    """Return height and width of the smallest canvas that holds a scaled picture."""
    long_side = _whole_multiples(long_px)
    lengths = (_whole_multiples(math.ceil(share * long_px)) for share in SHORT_SHARES)
    short_side = next(length for length in lengths if length >= min(scaled_wh))
    width, height = scaled_wh
    return (short_side, long_side) if width >= height else (long_side, short_side)


def _whole_multiples(pixels: int) -> int:
    return -(-pixels // MULTIPLE) * MULTIPLE
