"""The kernel-smoothed velocity field of a crowd (CROWD-SCIENCE section 4)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backend.core.frame import FloatArray

if TYPE_CHECKING:
    from backend.crowd.kernel_sums import Grid

RADIUS_M = 1.0
"""Radius R of the Gaussian kernel ``exp(-d²/R²)/(pi R²)``, metres (Helbing et al. 2007)."""

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
    grid: Grid,
    radius_m: float = RADIUS_M,
    noise_scale: FloatArray | None = None,
) -> VelocityField:
    """Kernel-smoothed velocity ``V(r) = sum_j v_j w(r_j - r) / sum_j w(r_j - r)``.

    No wall correction is needed: it would stand in numerator and denominator alike.

    Args:
        positions: (N, 2) float64, metres, ground plane; rows with NaN are left out.
        velocity: (N, 2) float64, m/s, ground plane; rows with NaN are left out.
        grid: The nodes.
        radius_m: Radius R of the kernel, metres, > 0.
        noise_scale: (N,) float64, standard deviation of each person's velocity noise relative
            to the others (for instance metres per pixel where they stand); None = all alike.

    Returns:
        The field; all NaN for N = 0.

    Raises:
        ValueError: Shapes that do not agree.

    References:
        Helbing, Johansson & Al-Abideen 2007, Phys. Rev. E 75, 046109.

    Example:
        >>> walkers = np.array([[0.0, 0.0], [1.0, 0.0]])
        >>> steps = np.array([[1.0, 0.0], [0.0, 1.0]])
        >>> from backend.crowd.kernel_sums import grid_over
        >>> nodes = grid_over((-0.25, -0.25, 1.25, 0.25), 0.5, max_nodes=10)  # x = 0, 0.5, 1
        >>> field = velocity_field(walkers, steps, grid=nodes)
        >>> field.velocity_mps[0].round(3).tolist()
        [[0.731, 0.269], [0.5, 0.5], [0.269, 0.731]]
        >>> field.noise_share[0].round(3).tolist()
        [0.607, 0.5, 0.607]
    """
    from backend.crowd.kernel_sums import sums_on_grid  # noqa: PLC0415 - heavy

    count = positions.shape[0]
    if positions.shape != (count, 2) or velocity.shape != (count, 2):
        raise ValueError(
            f"expected (N, 2) positions and velocities, got {positions.shape} and {velocity.shape}"
        )
    known = np.isfinite(positions).all(axis=1) & np.isfinite(velocity).all(axis=1)
    at, motion = positions[known], velocity[known]
    scale = np.ones(len(at)) if noise_scale is None else noise_scale[known]
    weighted = np.concatenate([np.ones((len(at), 1)), motion], axis=1)
    mass, *momentum = sums_on_grid(grid, at, weighted, radius_m=radius_m)
    mass[mass < MIN_WEIGHT_PER_M2] = np.nan
    # The square of a Gaussian kernel is one of R / sqrt 2, divided by 2 pi R².
    narrow = radius_m / math.sqrt(2)
    squared = sums_on_grid(grid, at, scale[:, None] ** 2, radius_m=narrow)[0]
    share = squared / (2 * math.pi * radius_m**2) / mass**2
    return VelocityField(np.stack(momentum, axis=2) / mass[:, :, None], share)
