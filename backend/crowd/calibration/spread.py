"""How far lengths and areas move when the calibration does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backend.core.frame import FloatArray
from backend.crowd.calibration.ground_plane import GroundPlane

if TYPE_CHECKING:
    from shapely import Polygon

INTERVAL = (5.0, 95.0)
"""Percentiles between which 90 % lie."""
_SAMPLES_ACROSS = 8


def relative_spreads(
    matrices: FloatArray, *, plane: GroundPlane, outline_px: FloatArray, samples_m: FloatArray
) -> tuple[float, float]:
    """Half widths of the 90 % intervals of lengths and of an area, as shares.

    An interval that is longer to one side counts with that side.

    Args:
        matrices: (D, 3, 3) float64, possible homographies of the same picture, pixels to
            metres, positive in front of the camera.
        plane: The one that is published.
        outline_px: (K, 2) float64, the area's outline, pixels.
        samples_m: (S, 2) float64, places on the ground whose lengths count, metres.

    Returns:
        Length spread over all draws, places and both ground directions, and area spread. 1.0 or
        more, possibly infinite, where a draw puts part of the area beyond the horizon.
    """
    lengths = _length_ratios(matrices, plane, samples_m)
    areas = _areas(matrices, outline_px) / _areas(plane.matrix[None], outline_px)
    return _half_width(lengths), _half_width(areas)


def ground_samples(area: Polygon) -> FloatArray:
    """Places spread evenly over a ground area.

    Args:
        area: Polygon, metres.

    Returns:
        (S, 2) float64, metres, S >= 1.
    """
    from shapely import contains_xy  # noqa: PLC0415 - heavy

    west, south, east, north = area.bounds
    step = np.arange(0.5, _SAMPLES_ACROSS) / _SAMPLES_ACROSS
    x, y = np.meshgrid(west + step * (east - west), south + step * (north - south))
    grid = np.stack([x.ravel(), y.ravel()], axis=1)
    inside = grid[contains_xy(area, grid)]
    return inside if len(inside) else np.array(area.representative_point().coords)


def _length_ratios(matrices: FloatArray, plane: GroundPlane, samples_m: FloatArray) -> FloatArray:
    image = plane.to_image(samples_m)
    steps = np.linalg.inv(plane.jacobian(image))
    homogeneous = np.concatenate([image, np.ones((len(image), 1))], axis=1)
    mapped = np.einsum("dij,sj->dsi", matrices, homogeneous)
    weight = np.where(mapped[..., 2] > 0, mapped[..., 2], np.nan)
    ground = mapped[..., :2] / weight[..., None]
    local = matrices[:, None, :2, :2] - ground[..., :, None] * matrices[:, None, 2:, :2]
    local = local / weight[..., None, None] @ steps
    ratios: FloatArray = np.linalg.norm(local, axis=-2).ravel()
    return ratios


def _areas(matrices: FloatArray, outline_px: FloatArray) -> FloatArray:
    homogeneous = np.concatenate([outline_px, np.ones((len(outline_px), 1))], axis=1)
    mapped = np.einsum("dij,kj->dki", matrices, homogeneous)
    weight = np.where(mapped[..., 2] > 0, mapped[..., 2], np.nan)
    ground = mapped[..., :2] / weight[..., None]
    x, y = np.moveaxis(ground - ground[:, :1], -1, 0)
    doubled = x * np.roll(y, -1, axis=1) - y * np.roll(x, -1, axis=1)
    areas: FloatArray = np.abs(doubled.sum(axis=1)) / 2
    return areas


def _half_width(ratios: FloatArray) -> float:
    """The longer side of the interval about 1; what is undefined counts as infinitely large."""
    known = np.where(np.isnan(ratios), np.inf, ratios)
    low, high = np.percentile(known, INTERVAL, method="higher")
    return float(max(high - 1.0, 1.0 - low))
