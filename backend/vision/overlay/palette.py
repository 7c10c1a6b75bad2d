"""Colours of the drawing, in one place: dark-UI tokens, safe for the common colour blindnesses.

Meaning is never carried by colour alone: every level has a word and a shape as well
(`LEVEL_SHAPES`), anomalous people carry a mark in their label, unknown is hatched.
All values are BGR tuples, as OpenCV wants them.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

from backend.core.risk import RiskLevel
from backend.core.trust import Trust

Colour: TypeAlias = tuple[int, int, int]
"""Blue, green, red, each 0-255."""


def bgr(hex_code: str) -> Colour:
    """Return ``#rrggbb`` as BGR, for instance ``bgr("#ff8000") == (0, 128, 255)``."""
    red, green, blue = (int(hex_code[i : i + 2], 16) for i in (1, 3, 5))
    return (blue, green, red)


class Shape(StrEnum):
    """Sign drawn beside a word, so that it can be told without colour."""

    DISC = "disc"
    DIAMOND = "diamond"
    TRIANGLE = "triangle"
    OCTAGON = "octagon"
    HATCH = "hatch"


SURFACE = bgr("#0b111b")
SURFACE_RAISED = bgr("#182232")
OUTLINE = bgr("#05080d")
TEXT = bgr("#eef3f8")
TEXT_MUTED = bgr("#a3b3c4")
UNKNOWN = bgr("#8b96a3")
NOTICE = bgr("#ffd166")

PERSON = bgr("#5ad1ff")
ANOMALY = bgr("#ffd60a")
CLUSTER = bgr("#b79bff")
PROXIMITY = bgr("#ff7ac6")
ARROW = bgr("#ffffff")
MONITORED = bgr("#c8d4e0")
SPARKLINE = bgr("#5ad1ff")

LEVEL_COLOURS: dict[RiskLevel, Colour] = {
    RiskLevel.SAFE: bgr("#2dd4a7"),
    RiskLevel.CAUTION: bgr("#ffd60a"),
    RiskLevel.WARNING: bgr("#ff9142"),
    RiskLevel.CRITICAL: bgr("#ff3d71"),
}
LEVEL_SHAPES: dict[RiskLevel, Shape] = {
    RiskLevel.SAFE: Shape.DISC,
    RiskLevel.CAUTION: Shape.DIAMOND,
    RiskLevel.WARNING: Shape.TRIANGLE,
    RiskLevel.CRITICAL: Shape.OCTAGON,
}
TRUST_COLOURS: dict[Trust, Colour] = {
    Trust.OK: LEVEL_COLOURS[RiskLevel.SAFE],
    Trust.ESTIMATED: PERSON,
    Trust.DEGRADED: NOTICE,
    Trust.SATURATED: LEVEL_COLOURS[RiskLevel.WARNING],
    Trust.UNKNOWN: UNKNOWN,
}
