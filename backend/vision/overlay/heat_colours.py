"""The colours of heat: one ramp for every scale, blended over the picture."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from backend.core.frame import Image

_STRONGEST_OPACITY = 0.72


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
