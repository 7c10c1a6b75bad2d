"""Anti-aliased Unicode text on pictures, fast enough for a label per person.

OpenCV 5 carries scalable faces for Latin, Greek, Cyrillic, Hebrew, Arabic and CJK, drawn in
about 10 µs a label. A run of characters they lack is drawn once by Pillow, which shapes
complex scripts through HarfBuzz, and kept as a coverage bitmap.

OpenCV's face objects keep the size last used, so one lock serialises the calls.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock

import cv2
import numpy as np
import numpy.typing as npt

from backend.core.frame import Image
from backend.vision.overlay.fonts import font_for
from backend.vision.overlay.palette import Colour

REGULAR = 400
BOLD = 600

_FACE = cv2.FontFace("sans")
_LOCK = Lock()
_ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class _Run:
    """Consecutive characters drawn with one font; ``font`` None means OpenCV's own."""

    text: str
    font: Path | None


@dataclass(frozen=True, slots=True)
class _Bitmap:
    """Coverage of a run: (H, W) uint8 and where its top lies above the baseline, pixels."""

    coverage: npt.NDArray[np.uint8]
    top: int
    advance: int


@lru_cache(maxsize=4096)
def text_width(text: str, size: int, weight: int = REGULAR) -> int:
    """Return the advance of ``text`` in pixels at ``size`` pixels."""
    return sum(_run_width(run, size, weight) for run in _runs(text))


def draw_text(
    image: Image,
    text: str,
    *,
    at: tuple[int, int],
    size: int,
    colour: Colour,
    weight: int = REGULAR,
) -> None:
    """Draw ``text`` into ``image``, its baseline starting at ``at`` (x, y) in pixels.

    Parts outside the picture are left out. Every character gets a glyph: what no font
    knows appears as the last-resort face's labelled box, not as a question mark.
    """
    x, y = at
    runs = _runs(text)
    for run in runs:
        if run.font is None:
            with _LOCK:
                cv2.putText(image, run.text, (x, y), colour, _FACE, size, weight)
        else:
            _blend(image, _bitmap(run, size, weight), (x, y), colour)
        if run is not runs[-1]:
            x += _run_width(run, size, weight)


@lru_cache(maxsize=2048)
def fit_text(text: str, max_width: int, size: int, weight: int = REGULAR) -> str:
    """Return ``text``, or its beginning with "…", so that it is at most ``max_width`` wide."""
    if text_width(text, size, weight) <= max_width:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if text_width(text[:middle].rstrip() + _ELLIPSIS, size, weight) <= max_width:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip() + _ELLIPSIS


@lru_cache(maxsize=1024)
def wrap_text(
    text: str, max_width: int, size: int, weight: int = REGULAR, max_lines: int = 2
) -> tuple[str, ...]:
    """Break ``text`` at spaces into at most ``max_lines`` lines, the last one shortened."""
    lines: list[str] = []
    words = text.split()
    while words and len(lines) < max_lines - 1:
        taken = 1
        while (
            taken < len(words)
            and text_width(" ".join(words[: taken + 1]), size, weight) <= max_width
        ):
            taken += 1
        lines.append(fit_text(" ".join(words[:taken]), max_width, size, weight))
        words = words[taken:]
    if words:
        lines.append(fit_text(" ".join(words), max_width, size, weight))
    return tuple(lines)


@lru_cache(maxsize=4096)
def _runs(text: str) -> tuple[_Run, ...]:
    """Cut ``text`` where the font changes; neutral characters stay with what precedes."""
    runs: list[_Run] = []
    for character in text:
        if not character.isprintable():
            continue
        font = _font_of(character)
        if runs and (runs[-1].font == font or (not character.isalpha() and _joins(character))):
            runs[-1] = _Run(runs[-1].text + character, runs[-1].font)
        else:
            runs.append(_Run(character, font))
    return tuple(runs)


def _joins(character: str) -> bool:
    """Combining marks, joiners and spaces belong to the run they follow."""
    import unicodedata  # noqa: PLC0415 - the module is large and rarely needed

    return character == " " or unicodedata.category(character) in {"Mn", "Mc", "Me", "Cf"}


@lru_cache(maxsize=4096)
def _font_of(character: str) -> Path | None:
    """None when OpenCV has the glyph, else the fallback font."""
    if character < "\u0250" or _opencv_draws(character):
        return None
    return font_for(character)


def _opencv_draws(character: str) -> bool:
    """OpenCV draws "?" for what it lacks, and says so nowhere: compare the pictures."""
    probe = np.zeros((2, 40, 40), np.uint8)
    with _LOCK:
        cv2.putText(probe[0], character, (4, 28), 255, _FACE, 24, REGULAR)
        cv2.putText(probe[1], "?", (4, 28), 255, _FACE, 24, REGULAR)
    return not np.array_equal(probe[0], probe[1])


def _run_width(run: _Run, size: int, weight: int) -> int:
    if run.font is not None:
        return _bitmap(run, size, weight).advance
    with _LOCK:
        # a trailing space has no ink: measured with a full stop behind it
        box = cv2.getTextSize((0, 0), run.text + ".", (0, 0), _FACE, size, weight)
        dot = cv2.getTextSize((0, 0), ".", (0, 0), _FACE, size, weight)
    return int(box[2] - dot[2])


@lru_cache(maxsize=512)
def _bitmap(run: _Run, size: int, weight: int) -> _Bitmap:
    """Draw a run with Pillow; HarfBuzz shaping where Pillow has it."""
    from PIL import Image as PillowImage  # noqa: PLC0415 - only for scripts OpenCV lacks
    from PIL import ImageDraw, ImageFont  # noqa: PLC0415

    font = ImageFont.truetype(str(run.font), size)
    stroke = size / 40 if weight >= BOLD else 0
    left, top, right, bottom = font.getbbox(run.text, anchor="ls", stroke_width=stroke)
    width, height = max(int(right - left) + 2, 1), max(int(bottom - top) + 2, 1)
    canvas = PillowImage.new("L", (width, height))
    ImageDraw.Draw(canvas).text(
        (-min(left, 0), -top), run.text, fill=255, font=font, anchor="ls", stroke_width=stroke
    )
    advance = max(round(font.getlength(run.text)), 1)
    return _Bitmap(np.asarray(canvas), -int(top), advance)


def _blend(image: Image, bitmap: _Bitmap, at: tuple[int, int], colour: Colour) -> None:
    """Lay ``colour`` through the coverage, clipped to the picture."""
    x0, y0 = at[0], at[1] - bitmap.top
    height, width = bitmap.coverage.shape
    left, top = max(x0, 0), max(y0, 0)
    right, bottom = min(x0 + width, image.shape[1]), min(y0 + height, image.shape[0])
    if left >= right or top >= bottom:
        return
    mask = bitmap.coverage[top - y0 : bottom - y0, left - x0 : right - x0, None].astype(np.uint16)
    target = image[top:bottom, left:right]
    mixed = (target * (255 - mask) + np.array(colour, np.uint16) * mask + 127) // 255
    target[:] = mixed.astype(np.uint8)
