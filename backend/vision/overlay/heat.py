"""Gaussian heat of people per picture area, for cameras without ground calibration.

Every person adds a Gaussian of integral 1 at the foot point, so the field is people per
squared pixel of the full frame; it says nothing about square metres and the legend says so.
The scale is fixed (its top is `FULL_SCALE_PEOPLE` persons on one spot): colours of different
moments compare.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from backend.vision.overlay.canvas import Canvas
from backend.vision.overlay.heat_colours import blend_heat
from backend.vision.overlay.legend import Legend

FULL_SCALE_PEOPLE = 3.0
_CELLS_PER_SIGMA = 2.0
_FINEST_GRID_PX = 2.0
_UNIT_AREA_PX2 = 100.0 * 100.0


def compute_heat(
    feet_px: npt.NDArray[np.float64], picture_wh: tuple[int, int], sigma_px: float
) -> npt.NDArray[np.float32]:
    """Return people per squared frame pixel on a coarse grid that spans the picture.

    Args:
        feet_px: (N, 2) foot points, pixels of the full frame; N = 0 gives zeros. Points
            outside the picture are counted at its edge.
        picture_wh: Width and height of the full frame.
        sigma_px: Standard deviation of one person's Gaussian, pixels of the full frame.

    Returns:
        (rows, columns) float32; cell (i, j) stands for the centre of its part of the picture.
        What a person's Gaussian puts outside the picture is left out.
    """
    step = max(sigma_px / _CELLS_PER_SIGMA, _FINEST_GRID_PX)
    columns, rows = (max(int(np.ceil(side / step)), 2) for side in picture_wh)
    cell_wh = np.array([picture_wh[0] / columns, picture_wh[1] / rows])
    field = np.zeros((rows, columns), np.float32)
    grid = np.clip(feet_px / cell_wh - 0.5, 0, (columns - 1.001, rows - 1.001))
    cell = grid.astype(int)
    rest = grid - cell
    for dx in (0, 1):
        for dy in (0, 1):
            weight = np.abs(1 - dx - rest[:, 0]) * np.abs(1 - dy - rest[:, 1])
            np.add.at(field, (cell[:, 1] + dy, cell[:, 0] + dx), weight)
    blurred = cv2.GaussianBlur(
        field,
        (0, 0),
        sigmaX=sigma_px / cell_wh[0],
        sigmaY=sigma_px / cell_wh[1],
        borderType=cv2.BORDER_CONSTANT,
    )
    return np.asarray(blurred, np.float32) / np.float32(cell_wh.prod())


def draw_heat(
    canvas: Canvas,
    feet_px: npt.NDArray[np.float64],
    picture_wh: tuple[int, int],
    sigma_px: float,
) -> None:
    """Blend the colour-mapped field over the picture."""
    if not len(feet_px):
        return
    top = FULL_SCALE_PEOPLE / (2 * np.pi * sigma_px**2)
    field = compute_heat(feet_px, picture_wh, sigma_px)
    blend_heat(canvas.image, np.clip(field * (255 / top), 0, 255).astype(np.uint8))


def heat_legend(sigma_px: float) -> Legend:
    """Return the scale from zero to its top, and its unit."""
    top = FULL_SCALE_PEOPLE / (2 * np.pi * sigma_px**2) * _UNIT_AREA_PX2
    title = "people per 100×100 px (uncalibrated)"
    return Legend(title, ((0.0, "0"), (1.0, f"≥ {top:.3g}")))
