"""The picture being drawn on: output pixels, the way from frame pixels, and stroke sizes."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from backend.core.frame import Image
from backend.vision.overlay.palette import Colour

SHIFT = 3
"""Fractional bits of the coordinates given to OpenCV: motion looks smooth, not stepped."""

_FULL_HD_PX = 1920 * 1080
_CELL_PX = 4


def scale_image(image: Image, out_wh: tuple[int, int]) -> Image:
    """Return a new picture of ``out_wh`` (width, height); a copy when nothing changes.

    Shrinking halves (or thirds …) by area averaging first and bilinearly for the rest:
    several times faster than area averaging by an odd ratio, and free of aliasing.
    """
    height, width = image.shape[:2]
    if (width, height) == out_wh:
        return image.copy()
    factor = min(width // out_wh[0], height // out_wh[1])
    if factor >= 2:
        image = np.asarray(
            cv2.resize(image, (width // factor, height // factor), interpolation=cv2.INTER_AREA),
            np.uint8,
        )
        if image.shape[1::-1] == out_wh:
            return image
    return np.asarray(cv2.resize(image, out_wh, interpolation=cv2.INTER_LINEAR), np.uint8)


@dataclass(slots=True)
class Canvas:
    """One picture in the making; belongs to one `render` call.

    Attributes:
        image: (H, W, 3) uint8 BGR at output scale, drawn on in place.
        scale: (2,) float, output pixels per frame pixel in x and y.
        unit: Stroke and text scale: 1.0 for a full-HD picture, by the root of the area.
        reserved: Rectangles (x0, y0, x1, y1) labels keep away from.
    """

    image: Image
    scale: npt.NDArray[np.float64]
    unit: float
    reserved: list[tuple[int, int, int, int]] = field(default_factory=list)

    @classmethod
    def over(cls, image: Image, picture_wh: tuple[int, int]) -> Canvas:
        """Return a canvas over ``image`` for geometry in pixels of ``picture_wh``."""
        height, width = image.shape[:2]
        scale = np.array([width / max(picture_wh[0], 1), height / max(picture_wh[1], 1)])
        unit = float(np.clip(np.sqrt(width * height / _FULL_HD_PX), 0.3, 2.5))
        return cls(image, scale, unit)

    @property
    def width(self) -> int:
        return int(self.image.shape[1])

    @property
    def height(self) -> int:
        return int(self.image.shape[0])

    def stroke(self, at_full_hd_px: float) -> int:
        """Line width in pixels for a width chosen at full HD, at least 1."""
        return max(round(at_full_hd_px * self.unit), 1)

    def text_size(self, at_full_hd_px: float, least_px: int) -> int:
        """Text size in pixels for a size chosen at full HD, never below ``least_px``."""
        return max(round(at_full_hd_px * self.unit), least_px)

    def to_output(self, points_px: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Map (…, 2) frame pixels to output pixels."""
        return np.asarray(points_px, np.float64) * self.scale

    def shade(self, box: tuple[int, int, int, int], colour: Colour, opacity: float) -> None:
        """Lay a translucent rectangle of ``colour`` over (x0, y0, x1, y1), clipped."""
        x0, y0 = max(box[0], 0), max(box[1], 0)
        region = self.image[y0 : max(box[3], y0), x0 : max(box[2], x0)]
        if region.size:
            blend_colour(region, colour, opacity)


def blend_colour(region: Image, colour: Colour, opacity: float) -> None:
    """Mix ``colour`` into ``region`` in place, ``opacity`` in [0, 1]."""
    cv2.LUT(region, _mixing_table(colour, opacity), dst=region)


@lru_cache(maxsize=32)
def _mixing_table(colour: Colour, opacity: float) -> npt.NDArray[np.uint8]:
    """(256, 1, 3) lookup from a channel's old value to its mixed one."""
    tint = np.array(colour, np.float64) * opacity
    table = np.arange(256)[:, None] * (1 - opacity) + tint[None]
    return np.asarray(table.round().reshape(256, 1, 3), np.uint8)


def colour_plane(colour: Colour, height: int, width: int) -> Image:
    """Return a (height, width, 3) view of one colour, read-only, kept between pictures."""
    return _plane(colour, -(-height // 256) * 256, -(-width // 256) * 256)[:height, :width]


@lru_cache(maxsize=8)
def _plane(colour: Colour, height: int, width: int) -> Image:
    plane = np.empty((height, width, 3), np.uint8)
    plane[:] = colour
    plane.flags.writeable = False
    return plane


def fixed(points: npt.NDArray[np.float64]) -> npt.NDArray[np.int32]:
    """Return output pixels as OpenCV fixed-point integers with `SHIFT` fractional bits."""
    return np.round(np.clip(points, -20000, 20000) * (1 << SHIFT)).astype(np.int32)


class Occupancy:
    """Which parts of the picture already carry a label, on a coarse grid."""

    def __init__(self, width: int, height: int) -> None:
        self._taken = np.zeros((height // _CELL_PX + 1, width // _CELL_PX + 1), bool)

    @classmethod
    def around(cls, canvas: Canvas) -> Occupancy:
        """Return a free picture but for what the canvas has reserved."""
        occupied = cls(canvas.width, canvas.height)
        for box in canvas.reserved:
            occupied.take(box, only_if_free=False)
        return occupied

    def take(self, box: tuple[int, int, int, int], *, only_if_free: bool = True) -> bool:
        """Mark (x0, y0, x1, y1); with ``only_if_free`` refuse and return False if taken."""
        x0, y0, x1, y1 = (max(edge, 0) // _CELL_PX for edge in box)
        cells = self._taken[y0 : y1 + 1, x0 : x1 + 1]
        if only_if_free and cells.any():
            return False
        cells[:] = True
        return True
