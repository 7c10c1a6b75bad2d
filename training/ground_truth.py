"""Density maps from labelled heads: one Gaussian each, so that the map sums to the count."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter
from scipy.spatial import KDTree

from training.datasets.base import HeadArray

FloatMap = npt.NDArray[np.float32]

BETA = 0.3
NEIGHBOURS = 3
"""Of the geometry-adaptive kernel (Zhang et al. 2016, section 2.2)."""


def count_points(heads_px: HeadArray, map_hw: tuple[int, int], stride: int) -> FloatMap:
    """Count the heads in every cell.

    Args:
        heads_px: (N, 2), pixels.
        map_hw: Rows and columns of the map.
        stride: Side of a cell, pixels.

    Returns:
        (rows, columns) float32; heads beyond the border count in the nearest cell.
    """
    points = np.zeros(map_hw, np.float32)
    if len(heads_px):
        column = np.clip((heads_px[:, 0] / stride).astype(int), 0, map_hw[1] - 1)
        row = np.clip((heads_px[:, 1] / stride).astype(int), 0, map_hw[0] - 1)
        np.add.at(points, (row, column), 1.0)
    return points


def fixed_density(
    heads_px: HeadArray, map_hw: tuple[int, int], stride: int, *, sigma_px: float
) -> FloatMap:
    """Spread every head with one Gaussian.

    Args:
        heads_px: (N, 2), pixels.
        map_hw: Rows and columns of the map.
        stride: Side of a cell, pixels.
        sigma_px: Standard deviation, pixels.

    Returns:
        (rows, columns) float32, people per cell; sums to N (mirrored at the border).
    """
    points = count_points(heads_px, map_hw, stride)
    return np.asarray(gaussian_filter(points, sigma_px / stride, mode="reflect"), np.float32)


def adaptive_sigmas(heads_px: HeadArray, *, largest_px: float = 60.0) -> FloatMap:
    """Standard deviation of each head's Gaussian: 0.3 of the mean distance to 3 neighbours.

    Args:
        heads_px: (N, 2), pixels.
        largest_px: Upper limit, also taken for a head that is alone.

    Returns:
        (N,) float32, pixels.

    References:
        Zhang et al. 2016, doi:10.1109/CVPR.2016.70, section 2.2.
    """
    found = len(heads_px)
    if found < 2:
        return np.full(found, largest_px, np.float32)
    distances, _ = KDTree(heads_px).query(heads_px, k=min(NEIGHBOURS, found - 1) + 1)
    sigmas = np.clip(BETA * distances[:, 1:].mean(axis=1), 1.0, largest_px)
    return np.asarray(sigmas, np.float32)


def adaptive_density(
    heads_px: HeadArray, map_hw: tuple[int, int], stride: int, *, largest_px: float = 60.0
) -> FloatMap:
    """Spread every head with a Gaussian as wide as the crowd around it leaves room for.

    Returns:
        (rows, columns) float32, people per cell; sums to N.
    """
    density = np.zeros(map_hw, np.float32)
    sigmas = adaptive_sigmas(heads_px, largest_px=largest_px)
    # Kernels of nearly the same width share one filter: widths in steps of a quarter.
    steps = np.round(np.log2(np.maximum(sigmas, 1.0)) * 4).astype(int)
    for step in np.unique(steps):
        chosen = heads_px[steps == step]
        density += fixed_density(chosen, map_hw, stride, sigma_px=float(2.0 ** (step / 4)))
    return density
