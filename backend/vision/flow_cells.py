"""Cells of a dense flow: one motion for every 8 x 8 pixels, and whether it can be believed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

FlowArray: TypeAlias = npt.NDArray[np.float32]
GreyArray: TypeAlias = npt.NDArray[np.uint8]

_MAX_CORRECTION_PX = 1.0
_SENSOR_NOISE = 4.0
"""Variance of the sensor's and the coder's noise, grey levels squared, that explains any
difference between two pictures and that keeps the solution finite where there is no texture."""


@dataclass(frozen=True, slots=True)
class Texture:
    """Gradients of a reduced picture and their means over the cells.

    Attributes:
        grey: (h, w) float32, cut to whole cells.
        across, down: (h, w) float32, gradients, grey levels per pixel.
        xx, yy, xy: (R, C) float32, the mean structure tensor of every cell.
        variance: (R, C) float32, variance of the grey levels in every cell.
    """

    grey: FlowArray
    across: FlowArray
    down: FlowArray
    xx: FlowArray
    yy: FlowArray
    xy: FlowArray
    variance: FlowArray

    @property
    def strength(self) -> FlowArray:
        """Smaller eigenvalue of every structure tensor, (grey levels per pixel)²."""
        spread = np.sqrt(((self.xx - self.yy) / 2) ** 2 + self.xy**2)
        return np.asarray((self.xx + self.yy) / 2 - spread, dtype=np.float32)


def measure_texture(grey: GreyArray, size: int) -> Texture:
    """Gradients of a picture and their means over cells of ``size`` x ``size`` pixels."""
    rows, columns = grey.shape[0] // size, grey.shape[1] // size
    whole = grey[: rows * size, : columns * size].astype(np.float32)
    across = np.asarray(cv2.Sobel(whole, cv2.CV_32F, 1, 0, scale=1 / 8), np.float32)
    down = np.asarray(cv2.Sobel(whole, cv2.CV_32F, 0, 1, scale=1 / 8), np.float32)
    mean = cell_means(whole, size)
    return Texture(
        grey=whole,
        across=across,
        down=down,
        xx=cell_means(across * across, size),
        yy=cell_means(down * down, size),
        xy=cell_means(across * down, size),
        variance=np.asarray(cell_means(whole * whole, size) - mean**2, np.float32),
    )


def cell_means(values: FlowArray, size: int) -> FlowArray:
    """Mean of every cell; (R·size, C·size) float32 to (R, C) float32."""
    rows, columns = values.shape[0] // size, values.shape[1] // size
    return np.asarray(cv2.resize(values, (columns, rows), interpolation=cv2.INTER_AREA), np.float32)


def cell_medians(flow: FlowArray, size: int) -> FlowArray:
    """Median displacement of every cell.

    Every second pixel of every second row is looked at: the flow is smooth on that scale.

    Args:
        flow: (h, w, 2) float32, pixels.
        size: Side of a cell, pixels, even.

    Returns:
        (h // size, w // size, 2) float32, pixels.
    """
    rows, columns = flow.shape[0] // size, flow.shape[1] // size
    half = size // 2
    sampled = flow[: rows * size : 2, : columns * size : 2]
    blocks = sampled.reshape(rows, half, columns, half, 2).transpose(0, 2, 4, 1, 3)
    ranked = np.partition(blocks.reshape(rows, columns, 2, half * half), half * half // 2, axis=3)
    return np.asarray(ranked[..., half * half // 2], dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Refined:
    """Motion of the cells, matched at full resolution of the reduced picture.

    Attributes:
        moved: (R, C, 2) float32, pixels.
        mismatch: (R, C) float32, what is left of the difference of the two pictures, relative
            to what two unrelated pictures of this contrast would differ by; noise is free.
    """

    moved: FlowArray
    mismatch: FlowArray


def refine(texture: Texture, after: GreyArray, start: FlowArray, *, rounds: int = 2) -> Refined:
    """Improve every cell's motion by least squares on the grey levels themselves.

    Dense Inverse Search works on a picture reduced by two or four and smooths between
    neighbours, so that a head 5 pixels wide is read as half as fast as it is. One or two
    Gauss–Newton steps (Lucas & Kanade 1981) of the whole cell at full resolution take that back.

    Args:
        texture: Of the earlier picture.
        after: (h, w) uint8, the later picture.
        start: (R, C, 2) float32, motion of the cells to start from, pixels; corrected by one
            pixel at most.
        rounds: Steps, at least 1.
    """
    rows, columns = start.shape[:2]
    height, width = texture.grey.shape
    size = height // rows
    at_x, at_y = np.meshgrid(
        np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)
    )
    xx, yy = texture.xx + _SENSOR_NOISE / 4, texture.yy + _SENSOR_NOISE / 4
    determinant = xx * yy - texture.xy**2
    moved, left = start, np.zeros((rows, columns), np.float32)
    for _ in range(rounds):
        spread = cv2.resize(moved, (width, height), interpolation=cv2.INTER_NEAREST)
        found = cv2.remap(
            after,
            at_x + spread[..., 0],
            at_y + spread[..., 1],
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        off = found.astype(np.float32) - texture.grey
        along_x = cell_means(texture.across * off, size)
        along_y = cell_means(texture.down * off, size)
        step_x = (texture.xy * along_y - yy * along_x) / determinant
        step_y = (texture.xy * along_x - xx * along_y) / determinant
        # What the step explains of the difference, to first order.
        left = (cell_means(off * off, size) + step_x * along_x + step_y * along_y).astype(
            np.float32
        )
        correction = moved + np.stack([step_x, step_y], axis=2) - start
        moved = start + np.clip(correction, -_MAX_CORRECTION_PX, _MAX_CORRECTION_PX)
    excess = np.maximum(left - 2 * _SENSOR_NOISE, 0.0)
    return Refined(moved, np.asarray(excess / (2 * texture.variance + _SENSOR_NOISE), np.float32))
