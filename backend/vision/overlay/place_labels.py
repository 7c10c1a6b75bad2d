"""What stands beside zones and lines: name, how many, and a sign where it is too full."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from backend.core.calibration import Point
from backend.core.places import CountingLine, LineReading, Zone, ZoneReading
from backend.core.risk import RiskLevel
from backend.core.snapshot import Snapshot
from backend.core.trust import Trust
from backend.vision.overlay import palette
from backend.vision.overlay.canvas import Canvas, Occupancy
from backend.vision.overlay.hud import draw_shape
from backend.vision.overlay.palette import Colour
from backend.vision.overlay.places import arrow_tip, in_output, inward
from backend.vision.overlay.text import BOLD, REGULAR, draw_text, fit_text, text_width
from backend.vision.overlay.wording import NOT_KNOWN

_NAME_EMS = (14, 6)
"""Room for a name in text heights; where the first is too wide for any free spot, the second."""
_DOWN_THE_ZONE = (0.0, 1.0, 0.5, 0.25, 0.75)
"""Where in a zone its label may stand, as shares of the way down: at its edges first, where it
hides the fewest people."""


@dataclass(frozen=True, slots=True)
class _Label:
    """One label: what it says, whose colour it carries, and how full the place is."""

    name: str
    numbers: str
    colour: Colour
    level: RiskLevel = RiskLevel.SAFE


@dataclass(frozen=True, slots=True)
class _Face:
    """A label laid out: its shortened name, text height, and width and height in pixels."""

    label: _Label
    name: str
    size: int
    wh: tuple[int, int]

    @classmethod
    def of(cls, label: _Label, size: int, name_em: int) -> _Face:
        """Lay a label out with so much room for its name."""
        name = fit_text(label.name, name_em * size, size, REGULAR)
        wide = text_width(name, size, REGULAR) + text_width(label.numbers, size, BOLD)
        gaps = 1.1 + 0.45 * bool(label.numbers) + 1.15 * (label.level > RiskLevel.SAFE)
        return cls(label, name, size, (wide + round(gaps * size), round(1.45 * size)))


def zone_words(zone: Zone, reading: ZoneReading | None) -> str:
    """Return how many are in a zone: "12", "≈ 12 of 20", "at least 40", "3 · queue 2", "—".

    "At least" is the lower end of the interval. Empty before the zone was first read.
    """
    if reading is None:
        return ""
    if reading.trust is Trust.UNKNOWN:
        return NOT_KNOWN
    about = "" if reading.trust is Trust.OK else "≈ "
    words = f"{about}{reading.count:.0f}"
    if reading.count_high is None:
        lowest = round(reading.count_low)
        words = f"at least {lowest}" if lowest >= 1 else "?"
    if zone.count_limit is not None:
        words += f" of {zone.count_limit}"
    if reading.queue_length is not None:
        words += f" · queue {about}{reading.queue_length:.0f}"
    return words


def line_words(reading: LineReading | None) -> str:
    """Return who passed a line: "in 12 · out 3"; "in — · out —" where it is not known."""
    if reading is None:
        return ""
    if reading.trust is Trust.UNKNOWN:
        return f"in {NOT_KNOWN} · out {NOT_KNOWN}"
    return f"in {reading.count_in} · out {reading.count_out}"


def draw_place_labels(canvas: Canvas, occupied: Occupancy, snapshot: Snapshot) -> None:
    """Label every line and zone there is room for, never one label over another."""
    places, read = snapshot.camera_places, snapshot.places
    lines = {reading.line_id: reading for reading in read.lines}
    for line in places.lines:
        _label_line(canvas, occupied, line, lines.get(line.line_id))
    zones = {reading.zone_id: reading for reading in read.zones}
    levels = {found.zone_id: found.risk.level for found in snapshot.zone_risks}
    for zone in places.zones:
        level = levels.get(zone.zone_id, RiskLevel.SAFE)
        _label_zone(canvas, occupied, zone, zones.get(zone.zone_id), level)


def _label_zone(
    canvas: Canvas,
    occupied: Occupancy,
    zone: Zone,
    reading: ZoneReading | None,
    level: RiskLevel,
) -> None:
    """Name and count inside the zone, with the sign of its level from CAUTION on."""
    if reading is None or reading.trust is Trust.UNKNOWN:
        level = RiskLevel.SAFE
    label = _Label(zone.name, zone_words(zone, reading), palette.bgr(zone.colour), level)
    for face in _faces(label, canvas.text_size(19, 11)):
        rows = _rows_of_zone(zone.corners, (canvas.width, canvas.height), face.wh[1])
        # where it has room: as they come; elsewhere the widest first
        ranked = sorted(rows, key=lambda row: -min(row[2], face.wh[0]))
        if _place(canvas, occupied, face, [(x, y) for x, y, _width in ranked]):
            return


def _label_line(
    canvas: Canvas, occupied: Occupancy, line: CountingLine, reading: LineReading | None
) -> None:
    """Name and counts on the side people come from, and "in" beyond the arrow."""
    ends, size = in_output(canvas, (line.start, line.end)), canvas.text_size(19, 11)
    label = _Label(line.name, line_words(reading), palette.bgr(line.colour))
    way, middle = inward(ends), ends.mean(axis=0)
    small = canvas.text_size(15, 10)
    sign_wh = (text_width("in", small, BOLD) + round(0.8 * small), round(1.35 * small))
    x, y = arrow_tip(canvas, ends) + _beside(way, sign_wh, 3)
    sign = _clamped(canvas, (float(x), float(y)), sign_wh)
    if occupied.take(sign):
        canvas.shade(sign, palette.SURFACE, 0.78)
        at = (sign[0] + round(0.4 * small), sign[3] - round(0.36 * small))
        draw_text(canvas.image, "in", at=at, size=small, colour=palette.TEXT, weight=BOLD)
    for face in _faces(label, size):
        away = _beside(-way, face.wh, round(0.5 * size))
        ahead = arrow_tip(canvas, ends) - middle + 2 * _beside(way, sign_wh, 3) - away
        spots = [middle + away, *(ends + away), *(ends - away), middle + ahead]
        if _place(canvas, occupied, face, [(float(x), float(y)) for x, y in spots]):
            return


def _faces(label: _Label, size: int) -> Iterator[_Face]:
    """Lay a label out with its name, then with a shorter one if there is any."""
    most, least = (_Face.of(label, size, name_em) for name_em in _NAME_EMS)
    yield most
    if least.name != most.name:
        yield least


def _beside(way: npt.NDArray[np.float64], wh: tuple[int, int], gap: int) -> npt.NDArray[np.float64]:
    """(2,) float64, from a point to the centre of a label that keeps clear of it along ``way``."""
    reach = abs(way[0]) * wh[0] / 2 + abs(way[1]) * wh[1] / 2 + gap
    return np.asarray(way * reach)


@lru_cache(maxsize=1024)
def _rows_of_zone(
    corners: tuple[Point, ...], picture_wh: tuple[int, int], high: int
) -> tuple[tuple[float, float, float], ...]:
    """Rows a label may stand in, kept between pictures.

    Args:
        corners: Of the zone, shares of width and height.
        picture_wh: Output pixels.
        high: Height of the label, pixels.

    Returns:
        (x, y, width): middle and length of the widest part of each row in the zone, pixels.
    """
    outline = np.array(corners, np.float64) * picture_wh
    margin = 0.5 * high + 5
    top, bottom = outline[:, 1].min() + margin, outline[:, 1].max() - margin
    if top > bottom:
        top = bottom = (top + bottom) / 2
    rows = [float(top + share * (bottom - top)) for share in _DOWN_THE_ZONE]
    spans = [_widest_span(outline, y) for y in rows]
    return tuple(
        ((left + right) / 2, y, right - left) for (left, right), y in zip(spans, rows, strict=True)
    )


def _widest_span(corners: npt.NDArray[np.float64], y: float) -> tuple[float, float]:
    """Return where a row of the picture runs longest inside a polygon, from x to x, pixels."""
    (x0, y0), (x1, y1) = corners.T, np.roll(corners, -1, axis=0).T
    cut = (y0 <= y) != (y1 <= y)
    if not cut.any():
        middle = float(corners[:, 0].mean())
        return middle, middle
    share = (y - y0[cut]) / (y1[cut] - y0[cut])
    at = np.sort(x0[cut] + share * (x1[cut] - x0[cut])).reshape(-1, 2)
    left, right = at[np.argmax(at[:, 1] - at[:, 0])]
    return float(left), float(right)


def _place(
    canvas: Canvas, occupied: Occupancy, face: _Face, spots: Sequence[tuple[float, float]]
) -> bool:
    """Draw the label around the first spot that is free; return whether there was one.

    Spots at which it has to be moved to stay in the picture come last.
    """
    wide, high = face.wh
    inside: list[tuple[int, int, int, int]] = []
    moved: list[tuple[int, int, int, int]] = []
    for x, y in spots:
        box = _clamped(canvas, (x, y), face.wh)
        is_moved = abs(box[0] + wide / 2 - x) > 1 or abs(box[1] + high / 2 - y) > 1
        (moved if is_moved else inside).append(box)
    for box in (*inside, *moved):
        if occupied.take(box):
            _draw(canvas, face, box)
            return True
    return False


def _clamped(
    canvas: Canvas, centre: tuple[float, float], wh: tuple[int, int]
) -> tuple[int, int, int, int]:
    """Return the box around ``centre``, moved into the picture where it would leave it."""
    x = min(max(round(centre[0] - wh[0] / 2), 0), max(canvas.width - wh[0], 0))
    y = min(max(round(centre[1] - wh[1] / 2), 0), max(canvas.height - wh[1], 0))
    return (x, y, x + wh[0], y + wh[1])


def _draw(canvas: Canvas, face: _Face, box: tuple[int, int, int, int]) -> None:
    """Dark ground, a bar in the place's colour, sign, name and numbers."""
    label, size = face.label, face.size
    x0, y0, _, y1 = box
    canvas.shade(box, palette.SURFACE, 0.78)
    bar = max(round(0.22 * size), 3)
    cv2.rectangle(canvas.image, (x0, y0), (x0 + bar - 1, y1 - 1), label.colour, cv2.FILLED)
    x, baseline = x0 + round(0.6 * size), y1 - round(0.4 * size)
    if label.level > RiskLevel.SAFE:
        centre = (x + 0.4 * size, (y0 + y1) / 2)
        colour = palette.LEVEL_COLOURS[label.level]
        draw_shape(canvas.image, palette.LEVEL_SHAPES[label.level], centre, 0.42 * size, colour)
        x += round(1.15 * size)
    draw_text(canvas.image, face.name, at=(x, baseline), size=size, colour=palette.TEXT)
    x += text_width(face.name, size) + round(0.45 * size)
    at = (x, baseline)
    draw_text(canvas.image, label.numbers, at=at, size=size, colour=palette.TEXT, weight=BOLD)
