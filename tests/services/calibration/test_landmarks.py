"""Landmarks as bytes: what comes back is what went in, or nothing."""

from __future__ import annotations

import numpy as np
import pytest

from backend.core.calibration import BackgroundFeatures
from backend.services.calibration.landmarks import pack_landmarks, unpack_landmarks
from backend.vision.camera_moved import background_features
from tests import builders


def landmarks(count: int = 60) -> BackgroundFeatures:
    random = np.random.default_rng(3)
    return BackgroundFeatures(
        (1280, 720),
        (random.random((count, 2)) * (1280, 720)).astype(np.float32),
        random.integers(0, 256, (count, 32), np.uint8),
    )


def test_what_was_packed_comes_back() -> None:
    given = landmarks()
    packed = pack_landmarks(given)
    assert len(packed) == 40 * 60 + 21
    read = unpack_landmarks(packed)
    assert read.picture_wh == (1280, 720)
    assert np.array_equal(read.points_px, given.points_px)
    assert np.array_equal(read.descriptors, given.descriptors)
    assert not read.points_px.flags.writeable
    assert (read.points_px.dtype, read.descriptors.dtype) == (np.float32, np.uint8)


def test_landmarks_of_a_picture_fit_into_little_room() -> None:
    found = background_features(builders.scenery(1920, 1080), np.zeros((0, 4), np.float32))
    assert found is not None
    packed = pack_landmarks(found)
    assert len(packed) < 40_000
    assert len(unpack_landmarks(packed).points_px) == len(found.points_px)


@pytest.mark.parametrize(
    "damage",
    [
        lambda packed: b"",
        lambda packed: packed[:10],
        lambda packed: packed[:-1],
        lambda packed: packed + b"\0",
        lambda packed: b"XXXX" + packed[4:],
        lambda packed: packed[:4] + b"\x02" + packed[5:],
        lambda packed: packed[:5] + b"\0\0\0\0" + packed[9:],
        lambda packed: packed[:13] + b"\xff\xff\xff\xff" + packed[17:],
        lambda packed: packed[:100] + bytes([packed[100] ^ 1]) + packed[101:],
    ],
)
def test_anything_else_is_refused(damage: object) -> None:
    with pytest.raises(ValueError, match=r"landmarks"):
        unpack_landmarks(damage(pack_landmarks(landmarks())))  # type: ignore[operator]


@pytest.mark.parametrize("wrong", [np.nan, -1.0, 1281.0])
def test_landmarks_outside_their_picture_are_refused(wrong: float) -> None:
    given = landmarks()
    given.points_px[5, 0] = wrong
    with pytest.raises(ValueError, match="outside"):
        unpack_landmarks(pack_landmarks(given))


def test_none_is_a_number_of_landmarks_too() -> None:
    empty = BackgroundFeatures((64, 64), np.zeros((0, 2), np.float32), np.zeros((0, 32), np.uint8))
    assert len(unpack_landmarks(pack_landmarks(empty)).points_px) == 0
