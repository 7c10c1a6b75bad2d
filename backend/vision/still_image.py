"""One picture from a stranger → pixels: bounded before it is decoded, in memory only."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from PIL import Image as Pillow

from backend.core.errors import InvalidInputError, TooLargeError
from backend.core.frame import Image
from backend.vision.picture_header import FIELD, PictureHeader, PictureKind, broken, read_header

_ORIENTATION_TAG: Final = 0x0112
_UPRIGHT: Final = {
    2: Pillow.Transpose.FLIP_LEFT_RIGHT,
    3: Pillow.Transpose.ROTATE_180,
    4: Pillow.Transpose.FLIP_TOP_BOTTOM,
    5: Pillow.Transpose.TRANSPOSE,
    6: Pillow.Transpose.ROTATE_270,
    7: Pillow.Transpose.TRANSVERSE,
    8: Pillow.Transpose.ROTATE_90,
}
"""How to turn a picture with that EXIF orientation (EXIF 2.3, table 6) upright."""
GREY: Final = (114, 114, 114)
"""The grey networks know from letter-boxed training."""


@dataclass(frozen=True, slots=True)
class StillLimits:
    """What a picture may cost.

    Attributes:
        max_bytes: Largest file.
        max_pixels: Largest picture, width × height.
        sides_px: Shortest and longest side.
        max_scans: Passes of a progressive JPEG: each costs as much as a whole picture, however
            few bytes it has. Encoders write about ten.
    """

    max_bytes: int = 16 * 2**20
    max_pixels: int = 36_000_000
    sides_px: tuple[int, int] = (32, 16_383)
    max_scans: int = 32


@dataclass(frozen=True, slots=True, eq=False)
class StillPicture:
    """A decoded picture.

    Attributes:
        image: (H, W, 3) uint8 BGR, upright, read-only.
        kind: How it was encoded.
    """

    image: Image
    kind: PictureKind

    @property
    def picture_wh(self) -> tuple[int, int]:
        """Width and height in pixels, upright."""
        return self.image.shape[1], self.image.shape[0]


def decode_still(
    content: bytes,
    limits: StillLimits | None = None,
    *,
    behind: tuple[int, int, int] = GREY,
) -> StillPicture:
    """Decode a JPEG, PNG or WebP, whatever its name was.

    Palettes, greys, 16 bits and CMYK become 8-bit colour; transparency is laid over ``behind``;
    the picture is turned as its EXIF orientation says.

    Args:
        content: The file.
        limits: What it may cost; the defaults unless given.
        behind: What shows through transparent pixels: red, green, blue.

    Raises:
        TooLargeError: Too many bytes or pixels; told from the header, nothing is decoded.
        UnsupportedFormatError: Not one of the three kinds by its content.
        InvalidInputError: Damaged, incomplete, too small, animated.
    """
    limits = limits or StillLimits()
    if len(content) > limits.max_bytes:
        raise too_many_bytes(limits)
    if not content:
        raise InvalidInputError("The picture is empty.", field=FIELD)
    header = read_header(content)
    _check_header(header, limits)
    try:
        with Pillow.open(io.BytesIO(content), formats=[header.kind.value]) as picture:
            _check_same(picture, header)
            picture.load()
            image = _to_bgr(_upright(picture), behind)
    except InvalidInputError:
        raise
    except MemoryError:  # not the picture's fault: the limits keep it within bounds
        raise
    except Exception as error:
        # Pillow's decoders raise nearly every kind of error for damaged files.
        raise broken() from error
    image.setflags(write=False)
    return StillPicture(image, header.kind)


def too_many_bytes(limits: StillLimits, *, field: str = FIELD) -> TooLargeError:
    """Return the error for a file beyond the limit, sent as ``field``."""
    return TooLargeError(
        f"The picture has more than {limits.max_bytes // 2**20} MB. Send a smaller one.",
        field=field,
    )


def _check_header(header: PictureHeader, limits: StillLimits) -> None:
    shortest, longest = limits.sides_px
    size = f"{header.width} × {header.height} pixels"
    sides = (header.width, header.height)
    if header.width * header.height > limits.max_pixels or max(sides) > longest:
        raise TooLargeError(
            f"The picture has {size}; at most {limits.max_pixels / 1e6:.0f} million, and "
            f"{longest} along each side, are read. Scale it down.",
            field=FIELD,
        )
    if min(sides) < shortest:
        raise InvalidInputError(
            f"The picture has {size}: nobody can be told on fewer than {shortest} along a side.",
            field=FIELD,
        )
    if header.is_animated:
        raise _animated()
    if header.kind is PictureKind.JPEG and header.bits != 8:
        raise InvalidInputError(
            f"The JPEG has {header.bits} bits per colour; 8 are read. Save it as an ordinary JPEG.",
            field=FIELD,
        )
    if header.scans > limits.max_scans:
        raise InvalidInputError(
            f"The JPEG is stored in {header.scans} passes; at most {limits.max_scans} are read. "
            "Save it as an ordinary JPEG.",
            field=FIELD,
        )


def _check_same(picture: Pillow.Image, header: PictureHeader) -> None:
    """The decoder must have understood the same as the header's reader, which set the limits."""
    if picture.size != (header.width, header.height):
        raise broken()
    if getattr(picture, "is_animated", False) and picture.format != "MPO":
        raise _animated()  # an MPO is a JPEG with further pictures of the same moment behind it


def _animated() -> InvalidInputError:
    return InvalidInputError("The picture is an animation. Send one still picture.", field=FIELD)


def _upright(picture: Pillow.Image) -> Pillow.Image:
    """Return the picture as it was seen; damaged EXIF data says nothing."""
    try:
        orientation = picture.getexif().get(_ORIENTATION_TAG, 1)
        turn = _UPRIGHT.get(orientation)
    except Exception:  # noqa: BLE001 - as above, and the picture itself is sound
        return picture
    return picture if turn is None else picture.transpose(turn)


def _to_bgr(picture: Pillow.Image, behind: tuple[int, int, int]) -> Image:
    """Return (H, W, 3) uint8 BGR, contiguous."""
    if picture.mode.startswith("I"):  # 16-bit grey: Pillow itself would clip, not scale
        grey = (np.asarray(picture).astype(np.uint16) >> 8).astype(np.uint8)
        return np.ascontiguousarray(np.repeat(grey[:, :, None], 3, axis=2))
    if picture.has_transparency_data:
        ground = Pillow.new("RGBA", picture.size, behind)
        picture = Pillow.alpha_composite(ground, picture.convert("RGBA"))
    rgb = np.asarray(picture.convert("RGB"))
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), np.uint8)
