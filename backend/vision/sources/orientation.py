"""How a picture has to be turned to stand upright: the display matrix of phones and cameras."""

from __future__ import annotations

import struct
from enum import Enum
from typing import Any

from backend.core.frame import Image

_ONE = 1 << 16  # the matrix is 16.16 fixed point


class Orientation(Enum):
    """Quarter turns and mirrorings, named after what is done to the stored picture."""

    UPRIGHT = "upright"
    CLOCKWISE = "clockwise"
    HALF_TURN = "half_turn"
    COUNTERCLOCKWISE = "counterclockwise"
    MIRROR_X = "mirror_x"
    MIRROR_Y = "mirror_y"
    TRANSPOSE = "transpose"
    ANTI_TRANSPOSE = "anti_transpose"

    @property
    def swaps_sides(self) -> bool:
        """Whether width becomes height."""
        return self in {
            Orientation.CLOCKWISE,
            Orientation.COUNTERCLOCKWISE,
            Orientation.TRANSPOSE,
            Orientation.ANTI_TRANSPOSE,
        }

    def turned_wh(self, width: int, height: int) -> tuple[int, int]:
        """Return width and height after turning."""
        return (height, width) if self.swaps_sides else (width, height)

    def turn(self, image: Image) -> Image:
        """Return ``image`` (H, W, 3) upright and contiguous; itself where nothing is to do."""
        if self is Orientation.UPRIGHT:
            return image
        import cv2  # noqa: PLC0415 - heavy, and most videos stand upright

        if self is Orientation.CLOCKWISE:
            turned = cv2.rotate(image, cv2.ROTATE_90_CLOCKWISE)
        elif self is Orientation.HALF_TURN:
            turned = cv2.rotate(image, cv2.ROTATE_180)
        elif self is Orientation.COUNTERCLOCKWISE:
            turned = cv2.rotate(image, cv2.ROTATE_90_COUNTERCLOCKWISE)
        elif self is Orientation.MIRROR_X:
            turned = cv2.flip(image, 1)
        elif self is Orientation.MIRROR_Y:
            turned = cv2.flip(image, 0)
        elif self is Orientation.TRANSPOSE:
            turned = cv2.transpose(image)
        else:
            turned = cv2.flip(cv2.transpose(image), -1)
        return turned  # type: ignore[no-any-return]


# (a, b, c, d) of x' = a·x + c·y, y' = b·x + d·y, y pointing down, rounded to -1, 0, 1.
_BY_MATRIX: dict[tuple[int, int, int, int], Orientation] = {
    (1, 0, 0, 1): Orientation.UPRIGHT,
    (0, 1, -1, 0): Orientation.CLOCKWISE,
    (-1, 0, 0, -1): Orientation.HALF_TURN,
    (0, -1, 1, 0): Orientation.COUNTERCLOCKWISE,
    (-1, 0, 0, 1): Orientation.MIRROR_X,
    (1, 0, 0, -1): Orientation.MIRROR_Y,
    (0, 1, 1, 0): Orientation.TRANSPOSE,
    (0, -1, -1, 0): Orientation.ANTI_TRANSPOSE,
}


def orientation_from_matrix(matrix: bytes) -> Orientation:
    """Return the orientation a display matrix asks for.

    Args:
        matrix: 9 native 32-bit integers, rows (a, b, u), (c, d, v), (x, y, w), 16.16 fixed
            point, as FFmpeg hands them over.

    Returns:
        The quarter turn or mirroring; UPRIGHT for a matrix that is neither (a slant, zeros,
        a malformed one).

    References:
        ISO/IEC 14496-12, transformation matrix of the track header.
    """
    if len(matrix) < 36:
        return Orientation.UPRIGHT
    a, b, _, c, d, *_ = struct.unpack("=9i", matrix[:36])
    size = max(abs(a), abs(b), abs(c), abs(d))
    if size < _ONE // 1024:
        return Orientation.UPRIGHT
    key = (round(a / size), round(b / size), round(c / size), round(d / size))
    return _BY_MATRIX.get(key, Orientation.UPRIGHT)


def read_orientation(av_frame: Any) -> Orientation:
    """Return the orientation stored with a decoded PyAV frame."""
    side = av_frame.side_data.get("DISPLAYMATRIX")
    return Orientation.UPRIGHT if side is None else orientation_from_matrix(bytes(side))
