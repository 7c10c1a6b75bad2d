"""The kernel-smoothed velocity field of a crowd (CROWD-SCIENCE section 4)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from backend.core.frame import FloatArray

RADIUS_M = 1.0
"""Radius R of the Gaussian kernel ``exp(-d²/R²)/(pi R²)``, metres (Helbing et al. 2007)."""

CUT_OFF_RADII = 3.0
"""People farther than this many R from a node do not count there (the kernel is down to 1e-4)."""

MIN_WEIGHT_PER_M2 = 0.1
"""Below this sum of kernel weights nobody is near (one person at R alone gives 0.12 for R = 1 m):
the velocity there is undefined."""


@dataclass(frozen=True, slots=True)
class VelocityField:
    """Smoothed velocity at the nodes of a square grid.

    Attributes:
        velocity_mps: (R, C, 2) float64, m/s, ground plane; NaN where nobody is near.
        noise_share: (R, C) float64, the share of one person's noise variance that is left in
            ``velocity_mps`` after smoothing, ``sum (w s)² / (sum w)²``; 1/n for n people of the
            same weight. NaN where nobody is near.
    """

    velocity_mps: FloatArray
    noise_share: FloatArray


def velocity_field(
    positions: FloatArray,
    velocity: FloatArray,
    *,
    x_m: FloatArray,
    y_m: FloatArray,
    radius_m: float = RADIUS_M,
    noise_scale: FloatArray | None = None,
) -> VelocityField:
    """Kernel-smoothed velocity ``V(r) = sum_j v_j w(r_j - r) / sum_j w(r_j - r)``.

    No wall correction is needed: it would stand in numerator and denominator alike.

    Args:
        positions: (N, 2) float64, metres, ground plane; rows with NaN are left out.
        velocity: (N, 2) float64, m/s, ground plane; rows with NaN are left out.
        x_m, y_m: (C,) and (R,) float64, equally spaced coordinates of the nodes, metres.
        radius_m: Radius R of the kernel, metres, > 0.
        noise_scale: (N,) float64, standard deviation of each person's velocity noise relative
            to the others (for instance metres per pixel where they stand); None = all alike.

    Returns:
        The field; all NaN for N = 0.

    Raises:
        ValueError: Shapes that do not agree, or a grid without nodes.

    References:
        Helbing, Johansson & Al-Abideen 2007, Phys. Rev. E 75, 046109.

    Example:
        >>> walkers = np.array([[0.0, 0.0], [1.0, 0.0]])
        >>> steps = np.array([[1.0, 0.0], [0.0, 1.0]])
        >>> nodes = np.array([0.0, 0.5, 1.0])
        >>> field = velocity_field(walkers, steps, x_m=nodes, y_m=nodes)
        >>> field.velocity_mps[0].round(3).tolist()
        [[0.731, 0.269], [0.5, 0.5], [0.269, 0.731]]
        >>> field.noise_share[0].round(3).tolist()
        [0.607, 0.5, 0.607]
    """
    count = positions.shape[0]
    if positions.shape != (count, 2) or velocity.shape != (count, 2):
        raise ValueError(
            f"expected (N, 2) positions and velocities, got {positions.shape} and {velocity.shape}"
        )
    if x_m.size == 0 or y_m.size == 0:
        raise ValueError("expected at least one node on either axis")
    known = np.isfinite(positions).all(axis=1) & np.isfinite(velocity).all(axis=1)
    scale = np.ones(count) if noise_scale is None else noise_scale
    at, motion, scale = positions[known], velocity[known], scale[known]
    across, weight_x = _axis_weights(at[:, 0], x_m, radius_m)
    along, weight_y = _axis_weights(at[:, 1], y_m, radius_m)
    node = along[:, :, None] * x_m.size + across[:, None, :]
    weight = weight_y[:, :, None] * weight_x[:, None, :]
    shape = (y_m.size, x_m.size)

    def total(factor: FloatArray, weights: FloatArray) -> FloatArray:
        flat = (weights * factor[:, None, None]).ravel()
        summed = np.bincount(node.ravel(), flat, y_m.size * x_m.size)
        return summed.reshape(shape).astype(np.float64, copy=False)

    mass = total(np.ones(at.shape[0]), weight)
    mass[mass < MIN_WEIGHT_PER_M2 * math.pi * radius_m**2] = np.nan
    field = np.stack([total(motion[:, 0], weight), total(motion[:, 1], weight)], axis=2)
    return VelocityField(field / mass[:, :, None], total(scale**2, weight**2) / mass**2)


def _axis_weights(
    at: FloatArray, nodes: FloatArray, radius_m: float
) -> tuple[np.ndarray[tuple[int, int], np.dtype[np.int64]], FloatArray]:
    """Nodes of one axis near each person, (N, K), and the kernel's factor there (0 if outside)."""
    step = (nodes[-1] - nodes[0]) / (nodes.size - 1) if nodes.size > 1 else radius_m
    reach = math.ceil(CUT_OFF_RADII * radius_m / step)
    nearest = np.rint((at - nodes[0]) / step).astype(np.int64)
    index = nearest[:, None] + np.arange(-reach, reach + 1)
    apart = nodes[0] + index * step - at[:, None]
    inside = (index >= 0) & (index < nodes.size) & (np.abs(apart) <= CUT_OFF_RADII * radius_m)
    weight = np.where(inside, np.exp(-((apart / radius_m) ** 2)), 0.0)
    return np.clip(index, 0, nodes.size - 1), weight
