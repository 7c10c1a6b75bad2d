"""A plan somebody sends → the picture that is kept: drawn anew, nothing else of the file stays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from backend.core.errors import InvalidInputError, UnavailableError, UnsupportedFormatError
from backend.core.frame import Image
from backend.vision.picture_header import PictureKind
from backend.vision.still_image import StillLimits, StillPicture, decode_still

FIELD: Final = "plan"
LIMITS: Final = StillLimits(max_bytes=10 * 2**20, max_pixels=40_000_000, sides_px=(1, 16_383))
_SHORTEST_PX: Final = 100
LONGEST_PX: Final = 4096
"""Longest side of what is kept: finer than any screen, within every browser's limits."""
_PAPER: Final = (255, 255, 255)
"""Shows through transparent pixels: plans are drawn in dark lines."""
_MOST_PNG_BYTES: Final = 6 * 2**20
_JPEG_QUALITY: Final = 88


@dataclass(frozen=True, slots=True)
class PlanPicture:
    """A picture drawn anew.

    Attributes:
        content: The file.
        suffix: ``.png`` or ``.jpg``.
        width, height: Pixels.
    """

    content: bytes
    suffix: str
    width: int
    height: int


def redraw_plan(content: bytes) -> PlanPicture:
    """Decode a picture and encode it again, at most `LONGEST_PX` along its longest side.

    Lines stay sharp (PNG) unless the picture came as a JPEG or would be too large that way.

    Raises:
        TooLargeError: Too many bytes or pixels; nothing is decoded.
        UnsupportedFormatError: No JPEG, PNG or WebP; says what to do about a drawing.
        InvalidInputError: Damaged, incomplete, too small or animated.
    """
    picture = _decode(content)
    if min(picture.picture_wh) < _SHORTEST_PX:
        width, height = picture.picture_wh
        raise InvalidInputError(
            f"The plan has {width} × {height} pixels: too few to put anything on it. Send one "
            f"with at least {_SHORTEST_PX} along each side.",
            field=FIELD,
        )
    image = _shrunk(picture.image)
    height, width = image.shape[:2]
    if picture.kind is not PictureKind.JPEG:
        lossless = _encode(image, ".png", [cv2.IMWRITE_PNG_COMPRESSION, 6])
        if len(lossless) <= _MOST_PNG_BYTES:
            return PlanPicture(lossless, ".png", width, height)
    smaller = _encode(image, ".jpg", [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    return PlanPicture(smaller, ".jpg", width, height)


def _decode(content: bytes) -> StillPicture:
    try:
        return decode_still(content, LIMITS, behind=_PAPER)
    except UnsupportedFormatError as error:
        raise UnsupportedFormatError(
            f"{error} Export a drawing (PDF, SVG, CAD) as PNG and send that.", field=FIELD
        ) from error
    except InvalidInputError as error:
        raise type(error)(str(error), field=FIELD) from error


def _shrunk(image: Image) -> Image:
    height, width = image.shape[:2]
    scale = LONGEST_PX / max(height, width)
    if scale >= 1:
        return image
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def _encode(image: Image, suffix: str, options: list[int]) -> bytes:
    done, encoded = cv2.imencode(suffix, image, options)
    if not done:
        raise UnavailableError("The plan could not be stored. Send it as an ordinary PNG.")
    return encoded.tobytes()
