"""Gaussian heat of people per picture area, for cameras without ground calibration.

Every person adds a Gaussian of integral 1 at the foot point, so the field is people per
squared pixel of the full frame; it says nothing about square metres and the legend says so.
The scale is fixed (its top is `FULL_SCALE_PEOPLE` persons on one spot): colours of different
moments compare.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from backend.core.frame import Image
from backend.vision.overlay import palette
from backend.vision.overlay.canvas import Canvas
from backend.vision.overlay.text import draw_text, text_width

FULL_SCALE_PEOPLE = 3.0
_CELLS_PER_SIGMA = 2.0
_FINEST_GRID_PX = 2.0
_UNIT_AREA_PX2 = 100.0 * 100.0
_STRONGEST_OPACITY = 0.72


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


def blend_heat(image: Image, index: npt.NDArray[np.uint8]) -> None:
    """Blend a coarse field that spans the picture over it, in place.

    Args:
        image: (H, W, 3) uint8 BGR, drawn on.
        index: (rows, columns) uint8, 0 (no heat) to 255 (top of the scale).
    """
    if not index.any():
        return
    glow, shade = _tables()
    cells = _touched(index)
    region = _part_of(image, cells, index.shape)
    index, size = index[cells], (region.shape[1], region.shape[0])
    levels = cv2.merge([index] * 3)
    keep = cv2.resize(cv2.LUT(levels, shade), size, interpolation=cv2.INTER_LINEAR)
    light = cv2.resize(cv2.LUT(levels, glow), size, interpolation=cv2.INTER_LINEAR)
    cv2.multiply(region, keep, dst=keep, scale=1 / 255)
    cv2.add(keep, light, dst=region)


def _touched(index: npt.NDArray[np.uint8]) -> tuple[slice, slice]:
    """The part of the grid that carries heat, with one cold cell around it."""
    spans = []
    for axis in (1, 0):
        warm = np.flatnonzero(index.any(axis=axis))
        spans.append(slice(max(int(warm[0]) - 1, 0), int(warm[-1]) + 2))
    return spans[0], spans[1]


def _part_of(image: Image, cells: tuple[slice, slice], grid: tuple[int, ...]) -> Image:
    """The picture's pixels under ``cells``, to the nearest pixel."""
    rows, columns = (
        slice(round(span.start * side / count), round(min(span.stop, count) * side / count))
        for span, side, count in zip(cells, image.shape, grid, strict=False)
    )
    return image[rows, columns]


def draw_heat_legend(canvas: Canvas, sigma_px: float) -> None:
    """A small scale at the lower right: from zero to its top, and its unit."""
    size = canvas.text_size(15, 10)
    pad = max(size // 2, 5)
    top = FULL_SCALE_PEOPLE / (2 * np.pi * sigma_px**2) * _UNIT_AREA_PX2
    title, upper = "people per 100×100 px (uncalibrated)", f"≥ {top:.3g}"
    width = min(text_width(title, size) + 2 * pad, canvas.width)
    height = round(size * 3.6) + 2 * pad
    x0, y0 = canvas.width - width - pad, canvas.height - height - pad
    box = (x0, y0, x0 + width, y0 + height)
    canvas.reserved.append(box)
    canvas.shade(box, palette.SURFACE, 0.78)
    bar = (x0 + pad, y0 + pad + round(size * 1.4), width - 2 * pad, max(round(size * 0.7), 6))
    draw_ramp(canvas.image, bar)
    base = y0 + pad + size - 2
    low = y0 + pad + round(size * 3.3)
    draw_text(canvas.image, title, at=(x0 + pad, base), size=size, colour=palette.TEXT)
    draw_text(canvas.image, "0", at=(x0 + pad, low), size=size, colour=palette.TEXT_MUTED)
    at_right = x0 + width - pad - text_width(upper, size)
    draw_text(canvas.image, upper, at=(at_right, low), size=size, colour=palette.TEXT_MUTED)


def draw_ramp(image: Image, bar: tuple[int, int, int, int]) -> None:
    """Fill the bar (x, y, width, height) with the scale's colours; cut off at the left edge."""
    x, y, width, height = bar
    ramp = np.linspace(0, 255, max(width, 1)).astype(np.uint8)
    region = image[y : y + height, max(x, 0) : x + width]
    region[:] = _colours()[ramp][None, -region.shape[1] :]


@lru_cache(maxsize=1)
def _colours() -> npt.NDArray[np.uint8]:
    """(256, 3) BGR, inferno from violet up: ordered in lightness, safe for colour blindness."""
    ramp = np.linspace(60, 250, 256).astype(np.uint8)
    return np.asarray(cv2.applyColorMap(ramp[:, None], cv2.COLORMAP_INFERNO)[:, 0], np.uint8)


@lru_cache(maxsize=1)
def _tables() -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """(256, 1, 3) premultiplied colours and share of the picture left, both 0-255."""
    level = np.linspace(0, 1, 256)
    opacity = (np.clip(level / 0.35, 0, 1) ** 0.8 * _STRONGEST_OPACITY)[:, None]
    glow = (_colours() * opacity).round().astype(np.uint8)
    shade = np.repeat(((1 - opacity) * 255).round().astype(np.uint8), 3, axis=1)
    return glow[:, None], shade[:, None]
