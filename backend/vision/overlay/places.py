"""Zones and counting lines as shapes in the picture: what people drew, in their colours.

Colours are people's own and say nothing by themselves: names, numbers and signs stand in the
labels (`place_labels`). Every stroke has an edge that contrasts with it, so that it is seen on
any picture.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from backend.core.calibration import Point
from backend.core.places import CountingLine, Zone
from backend.vision.overlay import palette
from backend.vision.overlay.canvas import SHIFT, Canvas, fixed
from backend.vision.overlay.palette import Colour

FILL = 0.16
"""Opacity of a zone's colour: people in it stay as easy to see as those beside it."""

_DARK = 90.0
_LUMINANCE = np.array([0.114, 0.587, 0.299])
_ARROW = 44.0
_ARROW_SHARE = 0.45
"""The arrow is no longer than this share of its line, and no longer than `_ARROW` at full HD."""


def in_output(canvas: Canvas, shares: Sequence[Point]) -> npt.NDArray[np.float64]:
    """(N, 2) float64, output pixels of points given as shares of width and height."""
    return np.array(shares, np.float64).reshape(-1, 2) * (canvas.width, canvas.height)


def inward(ends: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(2,) float64, unit vector in the picture of who goes in over a line.

    Args:
        ends: (2, 2) float64, start and end of the line, pixels, y down: in is to the right of
            somebody who looks from the start to the end. Zero for a line without length.
    """
    way = ends[1] - ends[0]
    length = float(np.hypot(*way))
    return np.array([-way[1], way[0]]) / length if length > 0 else np.zeros(2)


def draw_zones(canvas: Canvas, zones: Sequence[Zone]) -> None:
    """Lightly filled areas with an outline; where zones overlap the later one's colour shows."""
    if not zones:
        return
    outlines = [in_output(canvas, zone.corners) for zone in zones]
    colours = [palette.bgr(zone.colour) for zone in zones]
    _fill(canvas, outlines, colours)
    for corners, colour in zip(outlines, colours, strict=True):
        draw_border(canvas, corners, colour)


def draw_border(canvas: Canvas, corners: npt.NDArray[np.float64], colour: Colour) -> None:
    """The border of one area. ``corners``: (N, 2) float64, output pixels."""
    _stroke(canvas, corners, colour, max(canvas.stroke(2.6), 2), is_closed=True)


def draw_lines(canvas: Canvas, lines: Sequence[CountingLine]) -> None:
    """Lines with a dot at both ends and an arrow in the middle that points in."""
    width = max(canvas.stroke(3.4), 2)
    for line in lines:
        ends, colour = in_output(canvas, (line.start, line.end)), palette.bgr(line.colour)
        _stroke(canvas, ends, colour, width, is_closed=False)
        for end in ends:
            _dot(canvas, end, 5.0 * canvas.unit + 1, colour)
        _arrow(canvas, ends, colour)


def arrow_tip(canvas: Canvas, ends: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(2,) float64, output pixels, where the arrow of a line points to."""
    length = min(_ARROW * canvas.unit + 6, _ARROW_SHARE * float(np.hypot(*(ends[1] - ends[0]))))
    return np.asarray(ends.mean(axis=0) + inward(ends) * length)


def _fill(
    canvas: Canvas, outlines: Sequence[npt.NDArray[np.float64]], colours: Sequence[Colour]
) -> None:
    """Mix the colours in, all zones at once: the price is that of the part they cover."""
    points = np.concatenate(outlines)
    limit = (canvas.width, canvas.height)
    x0, y0 = np.clip(np.floor(points.min(axis=0)), 0, limit).astype(int)
    x1, y1 = np.clip(np.ceil(points.max(axis=0)) + 1, 0, limit).astype(int)
    region = canvas.image[y0:y1, x0:x1]
    if not region.size:
        return
    tinted = region.copy()
    for corners, colour in zip(outlines, colours, strict=True):
        cv2.fillPoly(tinted, [fixed(corners - (x0, y0))], colour, cv2.LINE_8, SHIFT)
    cv2.addWeighted(region, 1 - FILL, tinted, FILL, 0, dst=region)


def _stroke(
    canvas: Canvas,
    points: npt.NDArray[np.float64],
    colour: Colour,
    width: int,
    *,
    is_closed: bool,
) -> None:
    way, edge = [fixed(points)], width + max(canvas.stroke(2.0), 2)
    cv2.polylines(canvas.image, way, is_closed, _edge_of(colour), edge, cv2.LINE_AA, SHIFT)
    cv2.polylines(canvas.image, way, is_closed, colour, width, cv2.LINE_AA, SHIFT)


def _dot(canvas: Canvas, at: npt.NDArray[np.float64], radius: float, colour: Colour) -> None:
    centre = (int(at[0] * (1 << SHIFT)), int(at[1] * (1 << SHIFT)))
    edge = radius + max(canvas.stroke(1.4), 1)
    for size, paint in ((edge, _edge_of(colour)), (radius, colour)):
        reach = round(size * (1 << SHIFT))
        cv2.circle(canvas.image, centre, reach, paint, cv2.FILLED, cv2.LINE_AA, SHIFT)


def _arrow(canvas: Canvas, ends: npt.NDArray[np.float64], colour: Colour) -> None:
    """A shaft from the middle of the line and a solid head."""
    foot, tip, way = ends.mean(axis=0), arrow_tip(canvas, ends), inward(ends)
    head = min(15.0 * canvas.unit + 3, float(np.hypot(*(tip - foot))))
    neck, side = tip - way * head, way[::-1] * (-0.62 * head, 0.62 * head)
    _stroke(canvas, np.stack([foot, neck]), colour, max(canvas.stroke(3.4), 2), is_closed=False)
    outline = [fixed(np.stack([tip, neck + side, neck - side]))]
    edge = max(canvas.stroke(2.8), 2)
    cv2.polylines(canvas.image, outline, True, _edge_of(colour), edge, cv2.LINE_AA, SHIFT)
    cv2.fillPoly(canvas.image, outline, colour, cv2.LINE_AA, SHIFT)


def _edge_of(colour: Colour) -> Colour:
    """Dark around light colours, light around dark ones."""
    return palette.TEXT if float(_LUMINANCE @ np.array(colour)) < _DARK else palette.OUTLINE
