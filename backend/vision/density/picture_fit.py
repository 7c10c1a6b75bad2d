"""Whether a picture can tell a density network anything, and how to show it what it can.

A network answers whatever it is shown, darkness and a closed lens included, and what it learned
from are well lit pictures: at a third of their contrast it saw a tenth of the people of a night
street. So a flat picture is spread to the contrast of a usual one before it is counted, and one
too flat for that says nothing. Measurements: docs/methods/dense.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from backend.core.frame import Image

MIN_SIDE_PX = 64
"""A picture narrower than this, in the camera or on the network's input, shows no crowd: eight
cells across."""

USUAL_SPREAD = 150.0
"""Grey levels a picture is spread over; 98 % of the crowd pictures trained on have more."""

MIN_SPREAD = 30.0
"""Below it hardly anybody is found even after spreading: noise grows with it."""

DARK_LEVEL = 32.0
"""A picture whose brightest places are darker than this grey level (0-255) is dark."""

_BLOCKS_ACROSS = 96
"""Blocks along the long side of the picture that is looked at."""

_MARGIN = 15.0
"""Grey levels kept free at either end by spreading."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """Which grey levels a picture uses.

    Attributes:
        darkest, brightest: Grey levels (0-255) that the darkest and the brightest hundredth of
            its blocks do not reach; a sensor's noise is averaged out of the blocks.
    """

    darkest: float
    brightest: float

    @property
    def spread(self) -> float:
        """Grey levels between both."""
        return self.brightest - self.darkest


def measure_exposure(image: Image) -> Exposure:
    """Return which grey levels a picture uses.

    Args:
        image: (H, W, 3) uint8 BGR, at least one pixel.
    """
    height, width = image.shape[:2]
    scale = min(1.0, _BLOCKS_ACROSS / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    grey = cv2.cvtColor(cv2.resize(image, size, interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2GRAY)
    darkest, brightest = np.percentile(grey, (1.0, 99.0))
    return Exposure(float(darkest), float(brightest))


def find_doubt(
    exposure: Exposure, picture_wh: tuple[int, int], *, scaled_wh: tuple[int, int]
) -> str:
    """Return why a picture says nothing about the people in it.

    Args:
        exposure: What `measure_exposure` says of it, at any scale.
        picture_wh: Width and height of the full frame, pixels.
        scaled_wh: The same on the network's input: a long strip becomes a few rows there.

    Returns:
        A sentence for a person, empty when the picture may be counted.
    """
    if min(picture_wh) < MIN_SIDE_PX:
        return (
            f"The picture is too small to count people in: {picture_wh[0]} × {picture_wh[1]} "
            f"pixels, at least {MIN_SIDE_PX} are needed each way."
        )
    if min(scaled_wh) < MIN_SIDE_PX:
        return (
            f"The picture is too narrow to count people in: {picture_wh[0]} × {picture_wh[1]} "
            f"pixels become {scaled_wh[0]} × {scaled_wh[1]} for the network, at least "
            f"{MIN_SIDE_PX} are needed each way."
        )
    if exposure.brightest < DARK_LEVEL:
        return "The picture is too dark to count people in."
    if exposure.spread < MIN_SPREAD:
        return "The picture has too little contrast to count people in."
    return ""


def spread_levels(image: Image, exposure: Exposure) -> Image:
    """Return the picture with at least `USUAL_SPREAD` grey levels between dark and bright.

    The middle is kept where it is as far as both ends then still fit; a picture that has that
    contrast is returned as it is, and the change begins there without a jump.

    Args:
        image: (H, W, 3) uint8 BGR.
        exposure: Of this picture; a spread of 0 is taken for 1.
    """
    gain = USUAL_SPREAD / max(exposure.spread, 1.0)
    if gain <= 1.0:
        return image
    middle = (exposure.darkest + exposure.brightest) / 2
    reach = min(USUAL_SPREAD / 2 + _MARGIN, 127.5)
    aim = min(max(middle, reach), 255.0 - reach)
    # Moved only as far as it is spread: at a gain of 1 nothing changes.
    aim = middle + (aim - middle) * min(1.0, 2.0 * (gain - 1.0))
    levels = (np.arange(256) - middle) * gain + aim
    return np.asarray(cv2.LUT(image, np.clip(np.rint(levels), 0, 255).astype(np.uint8)), np.uint8)
