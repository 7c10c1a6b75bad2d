"""Drawing of one walking or standing figure, seen from above at an angle.

A figure is put together from capsules in space, seen in parallel projection, and kept as the
share every part of it has in every pixel, so that one figure serves all colours of clothes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

DIRECTIONS = 8
PHASES = 4
STANDING = PHASES
"""The pose after the walking ones."""

_HEIGHT_M = 1.70
_FINE = 2
_FIGURES_KEPT = 2000
"""About 25 kB each."""

_MARGIN_M = 0.22
_STRIDE_M = 0.34
_NOTHING = 255
LIGHT = 110.0
"""Brightness that shows a colour as it is."""


class Part(IntEnum):
    """What a pixel of a figure shows."""

    SHIRT = 0
    TROUSERS = 1
    SKIN = 2
    HAIR = 3
    BAG = 4
    SHOES = 5


@dataclass(frozen=True, slots=True)
class Pose:
    """One way a figure can be drawn.

    Attributes:
        direction: Where it faces, 0 to 7: away from the camera, then clockwise seen from above.
        phase: Of the step, 0 to 3; `STANDING`.
        height_px: Height of the figure in the picture.
        look_down_deg: Angle of the line of sight below the horizontal.
        has_bag, has_skirt: See `wardrobe.Look`.
    """

    direction: int
    phase: int
    height_px: int
    look_down_deg: int
    has_bag: bool
    has_skirt: bool


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """A drawn pose.

    Attributes:
        weights: (H, W, 6) uint8, brightness of each part in each pixel times its cover; `LIGHT`
            is the colour itself.
        uncovered: (H, W, 3) uint8, share of the pixel through which the ground is seen, of 255.
        foot_xy: Where the ground point below the body is, pixels from the upper left corner.
    """

    weights: npt.NDArray[np.uint8]
    uncovered: npt.NDArray[np.uint8]
    foot_xy: tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Capsule:
    part: Part
    begin: tuple[float, float, float]
    end: tuple[float, float, float]
    radius_m: float


@lru_cache(maxsize=_FIGURES_KEPT)
def draw_figure(pose: Pose) -> Figure:
    """Draw one pose; the cameras of a process share what has been drawn.

    Body coordinates: x to the right of the person, y ahead, z up, metres.
    """
    down = math.radians(pose.look_down_deg)
    scale = pose.height_px / (_HEIGHT_M * math.cos(down)) * _FINE
    turn = math.radians(360.0 / DIRECTIONS * pose.direction)
    width = round((0.9 + 2 * _MARGIN_M) * scale / _FINE) * _FINE
    height = round((_HEIGHT_M * math.cos(down) + 2 * _MARGIN_M + 0.1) * scale / _FINE) * _FINE
    foot = width / 2, height - (_MARGIN_M + 0.05) * scale
    part = np.full((height, width), _NOTHING, np.uint8)
    shade = np.zeros((height, width), np.uint8)
    placed = [_place(capsule, turn, down) for capsule in _body(pose)]
    for capsule, begin, end, _ in sorted(placed, key=lambda each: -each[3]):
        ends = [(round(foot[0] + x * scale), round(foot[1] - y * scale)) for x, y in (begin, end)]
        _paint(part, shade, capsule, ends, capsule.radius_m * scale)
    return _shrink(part, shade, foot)


def _place(
    capsule: _Capsule, turn: float, down: float
) -> tuple[_Capsule, tuple[float, float], tuple[float, float], float]:
    """The capsule on the screen, metres, and how far away it is."""
    ends = []
    away = []
    for x, y, z in (capsule.begin, capsule.end):
        right = x * math.cos(turn) + y * math.sin(turn)
        ahead = -x * math.sin(turn) + y * math.cos(turn)
        ends.append((right, z * math.cos(down) + ahead * math.sin(down)))
        away.append(ahead * math.cos(down) - z * math.sin(down))
    return capsule, ends[0], ends[1], sum(away) / 2 - capsule.radius_m * 0.5


def _body(pose: Pose) -> list[_Capsule]:
    walking = pose.phase != STANDING
    swing = math.sin(2 * math.pi * pose.phase / PHASES) if walking else 0.0
    lift = math.cos(2 * math.pi * pose.phase / PHASES) if walking else 0.0
    body: list[_Capsule] = []
    for side in (-1, 1):
        step = side * swing * _STRIDE_M
        raised = max(0.0, side * lift) * 0.10 if walking else 0.0
        hip, foot = (0.09 * side, 0.0, 0.88), (0.10 * side, step, 0.07 + raised)
        knee = (0.10 * side, step * 0.5 + 0.06 + raised * 0.8, 0.47 + raised * 0.5)
        body += [
            _Capsule(Part.TROUSERS, hip, knee, 0.085),
            _Capsule(Part.TROUSERS, knee, foot, 0.062),
            _Capsule(Part.SHOES, (foot[0], step - 0.03, foot[2] - 0.03),
                     (foot[0], step + 0.15, foot[2] - 0.04), 0.048),
        ]  # fmt: skip
        shoulder, arm = (0.20 * side, 0.0, 1.36), -step * 0.75
        elbow = (0.25 * side, arm * 0.45 - 0.02, 1.10)
        hand = (0.24 * side, arm + 0.06, 0.86)
        body += [
            _Capsule(Part.SHIRT, shoulder, elbow, 0.058),
            _Capsule(Part.SHIRT, elbow, hand, 0.046),
            _Capsule(Part.SKIN, hand, (hand[0], hand[1] + 0.01, hand[2] - 0.06), 0.042),
        ]
    if pose.has_skirt:
        body += [
            _Capsule(Part.TROUSERS, (0.09 * side, 0.0, 0.92), (0.11 * side, 0.0, 0.52), 0.13)
            for side in (-1, 1)
        ]
    for x in (-0.09, 0.0, 0.09):
        body.append(_Capsule(Part.SHIRT, (x, 0.0, 0.95), (x * 1.15, 0.01, 1.34), 0.115))
    body.append(_Capsule(Part.SKIN, (0.0, 0.0, 1.40), (0.0, 0.0, 1.48), 0.055))
    if pose.has_bag:
        body.append(_Capsule(Part.BAG, (0.0, -0.17, 1.05), (0.0, -0.16, 1.30), 0.13))
    body.append(_Capsule(Part.SKIN, (0.0, 0.02, 1.55), (0.0, 0.03, 1.60), 0.095))
    body.append(_Capsule(Part.HAIR, (0.0, -0.03, 1.60), (0.0, 0.0, 1.62), 0.098))
    if pose.has_skirt:
        body.append(_Capsule(Part.HAIR, (0.0, -0.07, 1.42), (0.0, -0.05, 1.58), 0.085))
    return body


def _paint(
    part: npt.NDArray[np.uint8],
    shade: npt.NDArray[np.uint8],
    capsule: _Capsule,
    ends: list[tuple[int, int]],
    radius: float,
) -> None:
    """Paint a capsule: its rim darker, lit from the upper left."""
    dark = 84 if capsule.part is Part.HAIR else 78
    for share, off, light in ((1.0, 0.0, dark), (0.8, 0.12, 104), (0.5, 0.3, 122)):
        thick = max(round(2 * radius * share), 1)
        move = round(-radius * off)
        begin, end = ((x + move, y + move) for x, y in ends)
        if share == 1.0:
            cv2.line(part, begin, end, int(capsule.part), thick)
        cv2.line(shade, begin, end, light, thick)


def _shrink(
    part: npt.NDArray[np.uint8], shade: npt.NDArray[np.uint8], foot: tuple[float, float]
) -> Figure:
    size = part.shape[1] // _FINE, part.shape[0] // _FINE
    free = cv2.resize(np.where(part == _NOTHING, 255, 0).astype(np.uint8), size,
                      interpolation=cv2.INTER_AREA)  # fmt: skip
    rows = np.flatnonzero((free < 255).any(axis=1))
    columns = np.flatnonzero((free < 255).any(axis=0))
    left, top = int(columns[0]), int(rows[0])
    cut = np.s_[top : int(rows[-1]) + 1, left : int(columns[-1]) + 1]
    layers = [
        cv2.resize(np.where(part == each, shade, 0), size, interpolation=cv2.INTER_AREA)[cut]
        for each in Part
    ]
    weights, uncovered = np.dstack(layers), np.dstack([free[cut]] * 3)
    weights.flags.writeable = uncovered.flags.writeable = False
    return Figure(
        weights=weights,
        uncovered=uncovered,
        foot_xy=(foot[0] / _FINE - left, foot[1] / _FINE - top),
    )
