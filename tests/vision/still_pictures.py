"""Pictures as strangers send them: made here, sound, odd and hostile."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import Any

import numpy as np
from PIL import Image

WH = (96, 64)
CORNER = (220, 40, 30)
"""Red, green, blue of the upper left quarter; the rest is `REST`."""
REST = (20, 60, 200)


def picture(wh: tuple[int, int] = WH) -> Image.Image:
    """Return a picture whose upper left quarter can be told from the rest."""
    pixels = np.empty((wh[1], wh[0], 3), np.uint8)
    pixels[:] = REST
    pixels[: wh[1] // 2, : wh[0] // 2] = CORNER
    return Image.fromarray(pixels)


def encode(image: Image.Image, kind: str, **options: Any) -> bytes:
    """Return the file."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def jpeg(wh: tuple[int, int] = WH, **options: Any) -> bytes:
    """Return a small JPEG."""
    return encode(picture(wh), "JPEG", quality=95, **options)


def png(wh: tuple[int, int] = WH, **options: Any) -> bytes:
    """Return a small PNG."""
    return encode(picture(wh), "PNG", **options)


def turned(orientation: int) -> bytes:
    """Return a JPEG that says it was taken with the camera turned."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    return jpeg(exif=exif)


def animated(kind: str) -> bytes:
    """Return two frames in one file."""
    first = picture()
    second = first.transpose(Image.Transpose.ROTATE_180)
    return encode(first, kind, save_all=True, append_images=[second])


def chunk(name: bytes, content: bytes) -> bytes:
    """Return one chunk of a PNG."""
    check = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", check)


def raw_png(
    wh: tuple[int, int], *, bits: int, colours: int, rows: bytes, before: bytes = b""
) -> bytes:
    """Return a PNG of these scan lines, as a writer of our own makes it."""
    header = struct.pack(">IIBBBBB", *wh, bits, colours, 0, 0, 0)
    parts = [chunk(b"IHDR", header), before, chunk(b"IDAT", zlib.compress(rows))]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts) + chunk(b"IEND", b"")


def deep_png() -> bytes:
    """Return 16-bit colours, 64 × 40: from black on the left to red on the right."""
    row = np.zeros((64, 3), ">u2")
    row[:, 0] = np.arange(64) * 1040
    return raw_png((64, 40), bits=16, colours=2, rows=(b"\0" + row.tobytes()) * 40)


def deep_grey_png() -> bytes:
    """Return 16-bit greys, 64 × 40: from black on the left to white on the right."""
    row = (np.arange(64) * 1040).astype(">u2")
    return raw_png((64, 40), bits=16, colours=0, rows=(b"\0" + row.tobytes()) * 40)


def bomb() -> bytes:
    """Return a few kilobytes that say they are 50,000 × 50,000 pixels."""
    row = b"\0" + bytes(50_000 // 8)
    return raw_png((50_000, 50_000), bits=1, colours=0, rows=row * 500)


def many_scans() -> bytes:
    """Return a progressive JPEG whose last pass is stored two hundred times."""
    whole = jpeg(progressive=True)
    last = whole.rindex(b"\xff\xda")
    return whole[:last] + whole[last:-2] * 200 + whole[-2:]


def padded_scans(padding: bytes) -> bytes:
    """Return the same with ``padding`` in front of the passes."""
    whole = many_scans()
    first = whole.index(b"\xff\xda")
    return whole[:first] + padding + whole[first:]


def many_chunks() -> bytes:
    """Return a PNG with six thousand chunks of nothing."""
    row = b"\0" + bytes(64 * 3)
    return raw_png((64, 40), bits=8, colours=2, rows=row * 40, before=chunk(b"prVt", b"") * 6000)


def zipped() -> bytes:
    """Return an archive with a picture in it."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("picture.jpg", jpeg())
    return file.getvalue()


HOSTILE: dict[str, tuple[bytes, int, str]] = {
    "nothing": (b"", 422, "empty"),
    "text": (b"just words", 415, "no picture"),
    "web-page": (b"<!doctype html><script>alert(1)</script>", 415, "web page"),
    "svg": (b'\xef\xbb\xbf<svg xmlns="http://www.w3.org/2000/svg"/>', 415, "SVG"),
    "xml-entities": (b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]>', 415, "XML"),
    "zip": (zipped(), 415, "ZIP"),
    "gzip": (b"\x1f\x8b\x08\0" + bytes(20), 415, "GZIP"),
    "pdf": (b"%PDF-1.7\n", 415, "PDF"),
    "gif": (encode(picture(), "GIF"), 415, "GIF"),
    "bmp": (encode(picture(), "BMP"), 415, "BMP"),
    "tiff": (encode(picture(), "TIFF"), 415, "TIFF"),
    "heic": (b"\0\0\0\x18ftypheic" + bytes(16), 415, "HEIC"),
    "avif": (b"\0\0\0\x18ftypavif" + bytes(16), 415, "AVIF"),
    "video": (b"\0\0\0\x18ftypisom" + bytes(16), 415, "video"),
    "sound": (b"RIFF\x24\0\0\0WAVEfmt ", 415, "sound"),
    "bomb": (bomb(), 413, "50000 × 50000"),
    "wide-bomb": (raw_png((1_000_000, 33), bits=1, colours=0, rows=b""), 413, "1000000 × 33"),
    "webp-bomb": (
        b"RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + b"\xfe\x3f\0\xfe\x3f\0" + bytes(8),
        413,
        "16383 × 16383",
    ),
    "tiny": (png((8, 8)), 422, "fewer than 32"),
    "no-width": (raw_png((0, 40), bits=8, colours=2, rows=b""), 422, "0 × 40"),
    "cut-jpeg": (jpeg()[:-40], 422, "damaged or incomplete"),
    "cut-jpeg-header": (jpeg()[:30], 422, "damaged or incomplete"),
    "jpeg-start": (b"\xff\xd8\xff", 422, "damaged or incomplete"),
    "jpeg-padding": (b"\xff\xd8" + b"\xff" * 100_000, 422, "damaged or incomplete"),
    "jpeg-without-frame": (b"\xff\xd8\xff\xfe\0\2" * 3 + b"\xff\xd9", 422, "damaged"),
    "cut-png": (png()[:-60], 422, "damaged or incomplete"),
    "cut-png-header": (png()[:20], 422, "damaged or incomplete"),
    "spoilt-png": (png()[:60] + b"\xff\xff\xff\xff" + png()[64:], 422, "damaged"),
    "png-of-text": (
        raw_png(
            WH,
            bits=8,
            colours=2,
            rows=b"",
            before=chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(90_000_000))),
        ),
        422,
        "damaged",
    ),
    "cut-webp": (encode(picture(), "WEBP")[:-40], 422, "damaged or incomplete"),
    "cut-webp-header": (encode(picture(), "WEBP")[:22], 422, "damaged or incomplete"),
    "animated-webp": (animated("WEBP"), 422, "animation"),
    "animated-png": (animated("PNG"), 422, "animation"),
    "many-scans": (many_scans(), 422, "passes"),
    "scans-behind-padding": (padded_scans(b"\xff" * 6000), 422, "damaged"),
    "scans-behind-comments": (padded_scans(b"\xff\xfe\x00\x02" * 6000), 422, "damaged"),
    "many-chunks": (many_chunks(), 422, "damaged"),
    "12-bit-jpeg": (
        jpeg().replace(b"\xff\xc0\0\x11\x08", b"\xff\xc0\0\x11\x0c"),
        422,
        "12 bits",
    ),
}
"""Name -> file, HTTP status, and a word of the sentence."""
