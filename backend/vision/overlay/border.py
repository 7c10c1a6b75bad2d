"""The picture as the camera delivered it, with nothing on it but the border of one place.

For people who count: no box, number or name may tell them what was measured.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backend.core.calibration import Point
from backend.core.frame import Image
from backend.vision.overlay import palette
from backend.vision.overlay.canvas import Canvas, scale_image
from backend.vision.overlay.palette import Colour
from backend.vision.overlay.places import draw_border, in_output

LARGEST_WIDTH_PX = 3840


def render_bordered(
    image: Image, corners: Sequence[Point] | None = None, *, colour: Colour = palette.MONITORED
) -> Image:
    """Return a copy of a picture with the border of what is to be counted.

    Args:
        image: (H, W, 3) uint8 BGR; a wider one than `LARGEST_WIDTH_PX` is scaled down.
        corners: Of a polygon, shares of width and height; None draws nothing.
        colour: Of the border.
    """
    height, width = image.shape[:2]
    out_width = min(width, LARGEST_WIDTH_PX)
    out_wh = (out_width, max(round(height * out_width / width), 1))
    canvas = Canvas.over(scale_image(image, out_wh), out_wh)
    if corners is not None:
        draw_border(canvas, np.asarray(in_output(canvas, corners)), colour)
    return canvas.image
