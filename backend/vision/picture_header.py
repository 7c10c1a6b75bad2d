"""What the first bytes of a picture say: kind and size, before any decoder sees it.

Written for files from strangers: nothing is allocated, every loop ends, and whatever is not a
JPEG, PNG or WebP by its content is named and refused.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from backend.core.errors import InvalidInputError, UnsupportedFormatError

FIELD: Final = "image"
_SEGMENTS_MOST: Final = 5000
"""Of a JPEG, or chunks of a PNG; real ones have a few dozen, most of them colour profiles."""
_DATA_LEAST: Final = 1024
"""Bytes of a PNG's data chunk that is not counted; writers use 8192 and more."""
_MARKER: Final = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
"""What ends a JPEG's compressed data; within it 0xFF is followed by 0 or a restart marker."""
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_WITHOUT_LENGTH: Final = frozenset({0x01, *range(0xD0, 0xD8)})
_START_OF_SCAN: Final = 0xDA
_END: Final = 0xD9


class PictureKind(StrEnum):
    """Kinds of pictures that are read; the values are Pillow's names of the formats."""

    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WEBP"


@dataclass(frozen=True, slots=True)
class PictureHeader:
    """What a picture says of itself.

    Attributes:
        kind: By its content.
        width, height: Pixels as stored, before any rotation.
        bits: Bits of one colour value.
        scans: Passes in which a JPEG is stored; 1 for the others.
        is_animated: Whether it says that it has several frames (known for WebP only).
    """

    kind: PictureKind
    width: int
    height: int
    bits: int = 8
    scans: int = 1
    is_animated: bool = False


def read_header(content: bytes) -> PictureHeader:
    """Return kind and size of a picture.

    Raises:
        UnsupportedFormatError: It is something else; says what, where that can be told.
        InvalidInputError: It breaks off or contradicts itself before its size is known.
    """
    try:
        if content.startswith(b"\xff\xd8\xff"):
            return _read_jpeg(content)
        if content.startswith(b"\x89PNG\r\n\x1a\n"):
            return _read_png(content)
        if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
            return _read_webp(content)
    except (struct.error, IndexError) as error:
        raise broken() from error
    name = _name_of(content)
    what = f"This is {name}, not a picture that can be read here" if name else "This is no picture"
    raise UnsupportedFormatError(f"{what}. Send a JPEG, PNG or WebP.", field=FIELD)


def broken() -> InvalidInputError:
    """Return the error for a picture that cannot be decoded."""
    return InvalidInputError(
        "The picture is damaged or incomplete. Send the whole file.", field=FIELD
    )


def _read_jpeg(content: bytes) -> PictureHeader:
    """Walk the segments to the end of the picture (ITU-T T.81, B.1.1 and B.2.2).

    What may follow behind it (films of telephones, further pictures) is not looked at.
    """
    at, scans, frame = 2, 0, None
    for _ in range(_SEGMENTS_MOST):
        if at + 4 > len(content) and frame is not None:
            break  # it breaks off: for the decoder to say
        if content[at] != 0xFF:
            raise broken()
        marker = content[at + 1]
        if marker == 0xFF:  # padding
            at += 1
            continue
        at += 2
        if marker in _WITHOUT_LENGTH:
            continue
        if marker == _END:
            break
        (length,) = struct.unpack_from(">H", content, at)
        if length < 2 or (marker == _START_OF_SCAN and frame is None):
            raise broken()
        if marker in _FRAMES:
            if frame is not None:
                raise broken()
            frame = struct.unpack_from(">BHH", content, at + 2)
        at += length
        if marker == _START_OF_SCAN:
            scans += 1
            following = _MARKER.search(content, at)
            at = len(content) if following is None else following.start()
    else:
        raise broken()  # not read to its end: nobody knows how many passes follow
    if frame is None:
        raise broken()
    bits, height, width = frame
    return PictureHeader(PictureKind.JPEG, width, height, bits, scans)


def _read_png(content: bytes) -> PictureHeader:
    """Read the header chunk, which must come first (PNG specification, 11.2.2).

    Chunks other than picture data are counted: each costs the decoder work, however small.
    """
    length, name, width, height, bits = struct.unpack_from(">I4sIIB", content, 8)
    if length != 13 or name != b"IHDR":
        raise broken()
    at, others = 8, 0
    while at + 8 <= len(content):
        length, name = struct.unpack_from(">I4s", content, at)
        if name == b"IEND":
            break
        others += name != b"IDAT" or length < _DATA_LEAST
        if others > _SEGMENTS_MOST:
            raise broken()
        at += 12 + length
    return PictureHeader(PictureKind.PNG, width, height, bits)


def _read_webp(content: bytes) -> PictureHeader:
    """Read the first chunk (RFC 9649, sections 2.5 to 2.7)."""
    chunk = content[12:16]
    if chunk == b"VP8X":
        flags = content[20]
        width = 1 + int.from_bytes(content[24:27], "little")
        height = 1 + int.from_bytes(content[27:30], "little")
        complete = len(content) >= 30
        header = PictureHeader(PictureKind.WEBP, width, height, is_animated=bool(flags & 0x02))
    elif chunk == b"VP8L":
        (packed,) = struct.unpack_from("<I", content, 21)
        complete = content[20] == 0x2F
        header = PictureHeader(PictureKind.WEBP, 1 + (packed & 0x3FFF), 1 + (packed >> 14 & 0x3FFF))
    else:
        width, height = struct.unpack_from("<HH", content, 26)
        complete = chunk == b"VP8 " and content[23:26] == b"\x9d\x01\x2a"
        header = PictureHeader(PictureKind.WEBP, width & 0x3FFF, height & 0x3FFF)
    if not complete:
        raise broken()
    return header


_KNOWN: Final = (
    (b"GIF8", "a GIF"),
    (b"BM", "a BMP"),
    (b"II*\0", "a TIFF"),
    (b"MM\0*", "a TIFF"),
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "a GZIP archive"),
    (b"\0\0\x01\0", "an icon"),
    (b"\x1aE\xdf\xa3", "a video"),
    (b"\xff\x0a", "a JPEG XL picture"),
    (b"\0\0\0\x0cJXL ", "a JPEG XL picture"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000 picture"),
)


def _name_of(content: bytes) -> str:
    """Return what else a file is, for people; empty when that cannot be told."""
    for magic, name in _KNOWN:
        if content.startswith(magic):
            return name
    if content[4:8] == b"ftyp":
        brand = content[8:12]
        if brand in {b"avif", b"avis"}:
            return "an AVIF picture"
        return "a HEIC picture" if brand in {b"heic", b"heix", b"mif1"} else "a video"
    if content[:4] == b"RIFF":
        return "a video or sound"
    text = content[:256].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<svg", b"<?xml")):
        return "an SVG or XML document"
    return "a web page" if text.startswith((b"<!doctype", b"<html")) else ""
