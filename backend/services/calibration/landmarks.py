"""Landmarks of the scene as bytes: small, versioned, checked when they are read."""

from __future__ import annotations

import struct
import zlib
from typing import Final

import numpy as np

from backend.core.calibration import BackgroundFeatures

_MAGIC: Final = b"CSBG"
_VERSION: Final = 1
_HEAD: Final = struct.Struct("<4sBIII")
"""Magic, version of this format, picture width and height, number of landmarks."""
_CHECKSUM: Final = struct.Struct("<I")
_POINT_BYTES: Final = 8
_DESCRIPTOR_BYTES: Final = 32
_MOST_LANDMARKS: Final = 20_000


def pack_landmarks(features: BackgroundFeatures) -> bytes:
    """Return the landmarks as bytes: 40 for each landmark, 21 more for all together.

    Layout, little-endian: head, (K, 2) float32 points, (K, 32) uint8 descriptors, CRC-32.
    """
    width, height = features.picture_wh
    body = b"".join(
        (
            _HEAD.pack(_MAGIC, _VERSION, width, height, len(features.points_px)),
            np.ascontiguousarray(features.points_px, "<f4").tobytes(),
            np.ascontiguousarray(features.descriptors, np.uint8).tobytes(),
        )
    )
    return body + _CHECKSUM.pack(zlib.crc32(body))


def unpack_landmarks(packed: bytes) -> BackgroundFeatures:
    """Return the landmarks in read-only arrays.

    Raises:
        ValueError: Not what `pack_landmarks` wrote, or damaged since.
    """
    width, height, count = _read_head(packed)
    points = np.frombuffer(packed, "<f4", 2 * count, _HEAD.size).reshape(count, 2)
    offset = _HEAD.size + count * _POINT_BYTES
    descriptors = np.frombuffer(packed, np.uint8, 32 * count, offset).reshape(count, 32)
    inside = (points >= 0) & (points <= (width, height))
    if not inside.all():  # NaN is not inside either
        raise ValueError("landmarks lie outside their picture")
    return BackgroundFeatures((width, height), points.astype(np.float32, copy=False), descriptors)


def _read_head(packed: bytes) -> tuple[int, int, int]:
    if len(packed) < _HEAD.size + _CHECKSUM.size:
        raise ValueError(f"landmarks of {len(packed)} bytes are cut off")
    magic, version, width, height, count = _HEAD.unpack_from(packed)
    if magic != _MAGIC or version != _VERSION:
        raise ValueError(f"unknown format of landmarks {magic!r} {version}")
    if not (0 < width <= 65_535 and 0 < height <= 65_535 and count <= _MOST_LANDMARKS):
        raise ValueError(f"impossible landmarks: {count} in {width} x {height} px")
    expected = _HEAD.size + count * (_POINT_BYTES + _DESCRIPTOR_BYTES) + _CHECKSUM.size
    if len(packed) != expected:
        raise ValueError(f"landmarks have {len(packed)} bytes, expected {expected}")
    body, (checksum,) = packed[: -_CHECKSUM.size], _CHECKSUM.unpack(packed[-_CHECKSUM.size :])
    if zlib.crc32(body) != checksum:
        raise ValueError("landmarks are damaged: their checksum differs")
    return width, height, count
