"""A picture that is not live says so across its whole width."""

from __future__ import annotations

import cv2
import numpy as np

from backend.core.duration import age_words
from backend.core.frame import Image
from backend.vision.overlay import palette
from backend.vision.overlay.canvas import Canvas
from backend.vision.overlay.text import BOLD, REGULAR, draw_text, fit_text, text_width

NOT_LIVE = "NO LIVE PICTURE"
NOT_ANALYSING = "ANALYSIS PAUSED OR ENDED"
NOTHING_YET = "NO PICTURE YET"


def render_waiting(out_wh: tuple[int, int]) -> Image:
    """Return a dark picture that says that the camera has not delivered anything yet."""
    image = np.empty((out_wh[1], out_wh[0], 3), np.uint8)
    image[:] = palette.SURFACE_RAISED
    _draw_band(Canvas.over(image, out_wh), NOTHING_YET, "waiting for the camera")
    return image


def render_stale(image: Image, age_s: float, *, headline: str = NOT_LIVE) -> Image:
    """Return a grey, dimmed copy of ``image`` with ``headline`` and "last frame … ago"."""
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    dimmed = np.asarray(
        cv2.cvtColor(cv2.convertScaleAbs(grey, alpha=0.55), cv2.COLOR_GRAY2BGR), np.uint8
    )
    canvas = Canvas.over(dimmed, (image.shape[1], image.shape[0]))
    _draw_band(canvas, headline, f"last frame {age_words(age_s)} ago")
    return dimmed


def _draw_band(canvas: Canvas, head: str, tail: str) -> None:
    """A dark band across the middle with two lines."""
    size = canvas.text_size(54, 16)
    size = min(size, max(round(size * 0.9 * canvas.width / text_width(head, size, BOLD)), 9))
    below = max(round(size * 0.6), 10)
    band = round(1.3 * size + 1.9 * below)
    top = (canvas.height - band) // 2
    canvas.shade((0, top, canvas.width, top + band), palette.SURFACE, 0.85)
    edge = max(round(3 * canvas.unit), 2)
    for y in (top, top + band - edge):
        _stripes(canvas.image[max(y, 0) : y + edge])
    _centred(canvas, head, top + round(1.25 * size), size, palette.TEXT, BOLD)
    baseline = top + round(1.25 * size + 1.35 * below)
    _centred(canvas, f"– {tail} –", baseline, below, palette.NOTICE, REGULAR)


def _centred(
    canvas: Canvas, text: str, baseline: int, size: int, colour: palette.Colour, weight: int
) -> None:
    text = fit_text(text, canvas.width - 8, size, weight)
    x = (canvas.width - text_width(text, size, weight)) // 2
    draw_text(canvas.image, text, at=(x, baseline), size=size, colour=colour, weight=weight)


def _stripes(region: Image) -> None:
    """Grey dashes along the edge of the band."""
    dash = (np.arange(region.shape[1]) // 12 % 2).astype(bool)
    region[:, dash] = palette.UNKNOWN
