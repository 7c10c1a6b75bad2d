"""The head-up display: a panel that says in words what the camera measures and how surely."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from backend.core.frame import Image
from backend.core.trust import Trust
from backend.vision.overlay import palette
from backend.vision.overlay.canvas import SHIFT, Canvas, colour_plane, fixed
from backend.vision.overlay.palette import Colour, Shape
from backend.vision.overlay.text import BOLD, REGULAR, draw_text, fit_text, text_width, wrap_text
from backend.vision.overlay.wording import HudWords

_EM_WIDE = 25.0
"""Width of the panel in text heights."""


_SPARKLINE_LEAST_EM = 4
_LABEL_EM = 5
"""Width of the column of labels in text heights."""


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of the panel: text from the left, its size, colour and the room it takes.

    A ``label`` stands in a column of its own before the text; ``after`` follows it, muted.
    """

    text: str
    size: int
    colour: Colour = palette.TEXT
    weight: int = REGULAR
    mark: Shape | None = None
    mark_colour: Colour = palette.UNKNOWN
    indented: bool = False
    label: str = ""
    after: str = ""
    after_size: int = 0
    advance: float = 1.5


def draw_hud(canvas: Canvas, words: HudWords, history: Sequence[float]) -> None:
    """Draw the panel at the upper left; reserves its place against labels."""
    panel = _Panel.plan(canvas, words, history)
    canvas.reserved.append(panel.box)
    _surface(canvas.image, panel.box, max(panel.size // 2, 4))
    panel.draw(canvas.image)


@dataclass(frozen=True, slots=True)
class _Panel:
    """Rows and places of one display."""

    box: tuple[int, int, int, int]
    size: int
    rows: tuple[_Row, ...]
    words: HudWords
    history: npt.NDArray[np.float64]

    @classmethod
    def plan(cls, canvas: Canvas, words: HudWords, history: Sequence[float]) -> _Panel:
        """Lay the rows out for this picture's size."""
        size = canvas.text_size(21, 12)
        margin = max(round(size * 0.6), 4)
        width = min(round(_EM_WIDE * size), canvas.width - 2 * margin)
        rows = _rows(words, size, width - 2 * size)
        height = round(sum(row.size * row.advance for row in rows) + 1.1 * size)
        box = (margin, margin, margin + width, margin + height)
        return cls(box, size, rows, words, np.asarray(history, np.float64))

    def draw(self, image: Image) -> None:
        """Draw accent, rows, sparkline and badge."""
        x0, y0, x1, y1 = self.box
        words, size = self.words, self.size
        accent = palette.UNKNOWN if words.level is None else palette.LEVEL_COLOURS[words.level]
        cv2.rectangle(image, (x0, y0), (x0 + max(size // 5, 3) - 1, y1 - 1), accent, cv2.FILLED)
        left, y = x0 + size, y0 + 0.45 * size
        for row in self.rows:
            y += row.size * row.advance
            end = _draw_row(image, row, (left, round(y - 0.30 * row.size)), x1 - size)
            if row.text is words.count:
                self._sparkline(image, from_x=end, bottom=round(y))
        self._badge(image, y0)

    def _sparkline(self, image: Image, *, from_x: int, bottom: int) -> None:
        """The count's past, right of the count, as wide as that leaves room for."""
        x0, _, x1, _ = self.box
        left = max(x1 - self.size - (x1 - x0) * 38 // 100, from_x + self.size)
        place = (left, round(bottom - 2.85 * self.size), x1 - self.size, bottom)
        if len(self.history) >= 2 and place[2] - place[0] >= _SPARKLINE_LEAST_EM * self.size:
            _sparkline(image, place, self.history, self.size)

    def _badge(self, image: Image, y0: int) -> None:
        """Level as coloured shape and word, the score behind it."""
        words, size = self.words, self.size
        x, y = self.box[0] + size, y0 + round(3.3 * size)
        colour = palette.UNKNOWN if words.level is None else palette.LEVEL_COLOURS[words.level]
        height = round(1.45 * size)
        text = round(1.0 * size)
        width = text_width(words.level_word, text, BOLD) + round(2.5 * size)
        badge = image[y : y + height, x : x + width]
        unsure = words.trust in {Trust.DEGRADED, Trust.SATURATED}
        if words.level is None:
            badge[:] = _hatch(*badge.shape[:2])
        elif unsure:
            cv2.rectangle(image, (x, y), (x + width - 1, y + height - 1), colour, 2)
        else:
            badge[:] = colour
        ink = colour if unsure and words.level is not None else palette.SURFACE
        ink = palette.TEXT if words.level is None else ink
        shape = Shape.HATCH if words.level is None else palette.LEVEL_SHAPES[words.level]
        centre = (x + round(0.95 * size), y + height // 2)
        draw_shape(image, shape, centre, 0.48 * size, ink)
        baseline = y + height - round(0.42 * size)
        at = (x + round(1.75 * size), baseline)
        draw_text(image, words.level_word, at=at, size=text, colour=ink, weight=BOLD)
        beside = words.score or words.held or ("risk " + "—" if words.level is not None else "")
        room = self.box[2] - size - (x + width + size // 2)
        fitted = fit_text(beside, max(room, 0), text)
        at = (x + width + size // 2, baseline)
        draw_text(image, fitted, at=at, size=text, colour=palette.TEXT, weight=REGULAR)


def draw_shape(
    image: Image, shape: Shape, centre: tuple[float, float], radius: float, colour: Colour
) -> None:
    """Draw a sign of ``radius`` pixels around ``centre``."""
    if shape is Shape.HATCH:
        size = max(round(2.1 * radius), 8)
        at = (round(centre[0] - 0.27 * size), round(centre[1] + 0.36 * size))
        draw_text(image, "?", at=at, size=size, colour=colour, weight=BOLD)
        return
    corners, turn, grow = {
        Shape.DISC: (24, 0.0, 0.92),
        Shape.DIAMOND: (4, 0.0, 1.1),
        Shape.TRIANGLE: (3, -np.pi / 2, 1.2),
        Shape.OCTAGON: (8, np.pi / 8, 1.05),
    }[shape]
    angle = turn + np.arange(corners) * 2 * np.pi / corners
    points = np.stack([np.cos(angle), np.sin(angle)], axis=1) * radius * grow
    drop = radius * 0.18 if shape is Shape.TRIANGLE else 0.0
    outline = fixed(points + np.array([centre[0], centre[1] + drop]))
    cv2.fillPoly(image, [outline], colour, cv2.LINE_AA, SHIFT)


def _rows(words: HudWords, size: int, room: int) -> tuple[_Row, ...]:
    """Everything to say, top to bottom; the badge stands in the gap of the third row."""
    small = max(round(0.82 * size), 11)
    rows = [
        _Row(words.name, size, weight=BOLD, advance=1.4),
        _Row(words.time, small, palette.TEXT_MUTED, advance=1.45),
        _Row("", size, advance=2.0),
        _Row(
            words.count,
            round(1.75 * size),
            weight=BOLD,
            after=words.interval,
            after_size=round(1.09 * size),
            advance=1.45,
        ),
    ]
    if words.method:
        rows.append(_Row(words.method, small, palette.TEXT_MUTED, advance=1.45))
    rows += [
        _Row(
            number.value,
            small,
            label=number.label,
            after=number.note,
            after_size=small,
            advance=1.45,
        )
        for number in words.numbers
    ]
    rows += [_Row(line, small, advance=1.4) for line in wrap_text(words.cause, room, small)]
    if words.trust_text:
        colour = palette.TRUST_COLOURS[words.trust]
        mark = Shape.HATCH if words.trust is Trust.UNKNOWN else Shape.DIAMOND
        for number, line in enumerate(wrap_text(words.trust_text, room - size, small, REGULAR, 3)):
            sign = mark if number == 0 else None
            rows.append(
                _Row(
                    line, small, colour, mark=sign, mark_colour=colour, indented=True, advance=1.45
                )
            )
    last = " · ".join(part for part in (words.reduced, words.frame_rate) if part)
    if last:
        colour = palette.NOTICE if words.reduced else palette.TEXT_MUTED
        rows.append(_Row(last, small, colour, advance=1.45))
    return tuple(rows)


def _draw_row(image: Image, row: _Row, at: tuple[int, int], right: int) -> int:
    """Draw one line, shortened at ``right``; return where it ends."""
    x, baseline = at
    if row.mark is not None:
        centre = (x + 0.42 * row.size, baseline - 0.34 * row.size)
        draw_shape(image, row.mark, centre, 0.38 * row.size, row.mark_colour)
    if row.indented:
        x += round(1.1 * row.size)
    if row.label:
        label = fit_text(row.label, _LABEL_EM * row.size, row.size)
        draw_text(image, label, at=(x, baseline), size=row.size, colour=palette.TEXT_MUTED)
        x += _LABEL_EM * row.size
    text = fit_text(row.text, max(right - x, 0), row.size, row.weight)
    draw_text(image, text, at=(x, baseline), size=row.size, colour=row.colour, weight=row.weight)
    x += text_width(text, row.size, row.weight)
    if row.after:
        x += row.after_size // 2
        after = fit_text(row.after, max(right - x, 0), row.after_size)
        at = (x, baseline)
        draw_text(image, after, at=at, size=row.after_size, colour=palette.TEXT_MUTED)
        x += text_width(after, row.after_size)
    return x


def _sparkline(
    image: Image, place: tuple[int, int, int, int], history: npt.NDArray[np.float64], size: int
) -> None:
    """The count's past as a line with its highest value; gaps where it was not known."""
    x0, y0, x1, y1 = place
    known = history[np.isfinite(history)]
    if not len(known):
        return
    label = max(round(0.62 * size), 9)
    top = max(float(known.max()), 1.0)
    y0 += round(label * 1.2)
    x = np.linspace(x0, x1 - 1, len(history))
    y = y1 - 2 - np.clip(history / top, 0, 1) * (y1 - y0 - 4)
    line = max(round(size / 11), 1)
    cv2.line(image, (x0, y1), (x1, y1), palette.UNKNOWN, 1)
    for run in np.split(np.arange(len(history)), np.where(~np.isfinite(history))[0]):
        points = np.stack([x[run], y[run]], axis=1)
        points = points[np.isfinite(points).all(axis=1)]
        if len(points) >= 2:
            cv2.polylines(
                image, [fixed(points)], False, palette.SPARKLINE, line, cv2.LINE_AA, SHIFT
            )
    if np.isfinite(y[-1]):
        dot = (int(x[-1]), int(y[-1]))
        cv2.circle(image, dot, line + 1, palette.TEXT, cv2.FILLED, cv2.LINE_AA)
    text = f"count, max {top:.0f}"
    at = (x1 - text_width(text, label), y0 - round(0.3 * label))
    draw_text(image, text, at=at, size=label, colour=palette.TEXT_MUTED)


def _surface(image: Image, box: tuple[int, int, int, int], radius: int) -> None:
    """Dark translucent ground with rounded corners at the right side."""
    x0, y0, x1, y1 = box
    region = image[y0:y1, x0:x1]
    if not region.size:
        return
    height, width = region.shape[:2]
    plane = colour_plane(palette.SURFACE, height, width)
    mixed = cv2.addWeighted(region, 0.20, plane, 0.80, 0)
    cv2.copyTo(mixed, _rounded(width, height, radius), region)


@lru_cache(maxsize=64)
def _rounded(width: int, height: int, radius: int) -> npt.NDArray[np.uint8]:
    mask = np.zeros((height, width), np.uint8)
    mask[:, : max(width - radius, 0)] = 255
    mask[radius : max(height - radius, radius), :] = 255
    for y in (radius, height - 1 - radius):
        cv2.circle(mask, (width - 1 - radius, y), radius, (255,), cv2.FILLED)
    return mask


def _hatch(height: int, width: int) -> Image:
    """Grey diagonal stripes: the sign of not knowing."""
    rows, columns = np.mgrid[:height, :width]
    stripes = ((rows + columns) // 6 % 2).astype(bool)
    dark = tuple(component // 2 for component in palette.UNKNOWN)
    return np.where(
        stripes[..., None], np.array(dark, np.uint8), np.array(palette.SURFACE_RAISED, np.uint8)
    )
