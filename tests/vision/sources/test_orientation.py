"""Display matrices."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from backend.vision.sources.orientation import Orientation, orientation_from_matrix

ONE = 1 << 16


def matrix(a: int, b: int, c: int, d: int) -> bytes:
    return struct.pack("=9i", a * ONE, b * ONE, 0, c * ONE, d * ONE, 0, 0, 0, 1 << 30)


@pytest.mark.parametrize(
    ("abcd", "orientation"),
    [
        ((1, 0, 0, 1), Orientation.UPRIGHT),
        ((0, 1, -1, 0), Orientation.CLOCKWISE),
        ((-1, 0, 0, -1), Orientation.HALF_TURN),
        ((0, -1, 1, 0), Orientation.COUNTERCLOCKWISE),
        ((-1, 0, 0, 1), Orientation.MIRROR_X),
        ((1, 0, 0, -1), Orientation.MIRROR_Y),
        ((0, 1, 1, 0), Orientation.TRANSPOSE),
        ((0, -1, -1, 0), Orientation.ANTI_TRANSPOSE),
        ((0, 0, 0, 0), Orientation.UPRIGHT),
    ],
)
def test_every_corner_lands_where_the_matrix_says(
    abcd: tuple[int, int, int, int], orientation: Orientation
) -> None:
    assert orientation_from_matrix(matrix(*abcd)) is orientation
    image = np.zeros((2, 3, 3), np.uint8)
    image[0, 2] = 255  # top right
    turned = orientation.turn(image)
    assert turned.flags.c_contiguous
    assert (turned.shape[1], turned.shape[0]) == orientation.turned_wh(3, 2)
    a, b, c, d = abcd if any(abcd) else (1, 0, 0, 1)
    # Centre-based coordinates of the marked pixel, x right and y down.
    x, y = 1.0, -0.5
    to_x, to_y = a * x + c * y, b * x + d * y
    row = round(to_y + (turned.shape[0] - 1) / 2)
    column = round(to_x + (turned.shape[1] - 1) / 2)
    assert turned[row, column].tolist() == [255, 255, 255]


@pytest.mark.parametrize("side", [b"", b"\0" * 10])
def test_malformed(side: bytes) -> None:
    assert orientation_from_matrix(side) is Orientation.UPRIGHT


def test_slant_is_left_alone() -> None:
    slanted = struct.pack("=9i", ONE, ONE, 0, -ONE, ONE, 0, 0, 0, 1 << 30)
    assert orientation_from_matrix(slanted) is Orientation.UPRIGHT
