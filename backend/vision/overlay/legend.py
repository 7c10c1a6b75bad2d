"""The legend of the heat: what a colour stands for, at the lower right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2

from backend.vision.overlay import palette
from backend.vision.overlay.canvas import Canvas
from backend.vision.overlay.heat_colours import draw_ramp
from backend.vision.overlay.text import draw_text, fit_text, text_width

_NARROWEST_EM = 13


@dataclass(frozen=True, slots=True)
class Legend:
    """What the colours stand for.

    Attributes:
        title: Quantity and unit, and how far to believe it.
        ticks: Place on the bar in [0, 1] and the number that stands below it.
        note: What it was counted with; empty = no such line.
    """

    title: str
    ticks: Sequence[tuple[float, str]]
    note: str = ""


def draw_legend(canvas: Canvas, legend: Legend) -> None:
    """Draw title, note, bar and numbers; reserves its place against labels."""
    size = canvas.text_size(15, 10)
    pad = max(size // 2, 5)
    widest = max(text_width(legend.title, size), text_width(legend.note, size))
    width = min(max(widest, _NARROWEST_EM * size) + 2 * pad, canvas.width)
    head = round(size * 1.4) * (2 if legend.note else 1)
    height = head + round(size * 2.2) + 2 * pad
    x0, y0 = canvas.width - width - pad, canvas.height - height - pad
    canvas.reserved.append((x0, y0, x0 + width, y0 + height))
    canvas.shade((x0, y0, x0 + width, y0 + height), palette.SURFACE, 0.78)
    left, room = x0 + pad, width - 2 * pad
    lines = ((legend.title, palette.TEXT), (legend.note, palette.TEXT_MUTED))
    for number, (text, colour) in enumerate(lines):
        at = (left, y0 + pad + size - 2 + number * round(size * 1.4))
        draw_text(canvas.image, fit_text(text, room, size), at=at, size=size, colour=colour)
    bar = (left, y0 + pad + head, room, max(round(size * 0.7), 6))
    draw_ramp(canvas.image, bar)
    _draw_ticks(canvas, legend.ticks, bar, size)


def _draw_ticks(
    canvas: Canvas, ticks: Sequence[tuple[float, str]], bar: tuple[int, int, int, int], size: int
) -> None:
    """A line in the bar and the number below it, never beyond its ends."""
    left, top, room, thick = bar
    for place, text in ticks:
        x = left + round(room * place)
        if 0 < place < 1:
            cv2.line(canvas.image, (x, top), (x, top + thick), palette.TEXT, 1)
        half = text_width(text, size) // 2
        x = min(max(x - half, left), left + room - 2 * half)
        at = (x, top + round(size * 1.9))
        draw_text(canvas.image, text, at=at, size=size, colour=palette.TEXT_MUTED)
