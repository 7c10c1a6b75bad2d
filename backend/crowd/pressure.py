"""Crowd pressure and the pressure index (CROWD-SCIENCE section 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backend.core.frame import FloatArray
from backend.crowd.motion import velocities
from backend.crowd.pressure_field import PressureField, PressureReading
from backend.crowd.pressure_window import SAMPLE_INTERVAL_S, WINDOW_S, PressureWindow
from backend.crowd.still_noise import VelocityNoise

if TYPE_CHECKING:
    from backend.crowd.ground_area import Area

__all__ = [
    "PressureField",
    "PressureReading",
    "PressureWindow",
    "crowd_pressure_field",
    "density_gate",
    "pressure_index",
]

HISTORY_S = 2.0
"""Seconds of track handed to the fit of a velocity, as the analyser keeps them."""

CRITICAL_DENSITY_PER_M2 = 6.0
TURBULENT_SPREAD_MPS = 0.5


def density_gate(density_per_m2: float) -> float:
    """How far a place is dense enough for disturbed motion to matter: ``clip((rho - 2)/2, 0, 1)``.

    Example:
        >>> density_gate(1.4), density_gate(3.0), density_gate(5.0)
        (0.0, 0.5, 1.0)
    """
    return min(max((density_per_m2 - 2.0) / 2.0, 0.0), 1.0)


def pressure_index(density_per_m2: float | None, speed_spread_mps: float | None) -> float | None:
    """Dimensionless index in [0, 1] of how packed and how disturbed a place is.

    ``0.6 min(rho/6, 1) + 0.4 min(sigma_v / 0.5 m/s, 1) clip((rho - 2)/2, 0, 1)``

    It is an index of CrowdSafe's own (CROWD-SCIENCE section 4), not Helbing's crowd pressure.

    Args:
        density_per_m2: Peak local density, or density by area where only that is known, 1/m².
        speed_spread_mps: Standard deviation of speeds, m/s; None uncalibrated: the second
            addend is then undefined and left out, which makes the index a lower bound above
            2 people/m².

    Returns:
        None without a density.

    Example:
        >>> pressure_index(3.0, 0.25)
        0.4
        >>> pressure_index(3.0, None)
        0.3
    """
    if density_per_m2 is None:
        return None
    packed = 0.6 * min(density_per_m2 / CRITICAL_DENSITY_PER_M2, 1.0)
    if speed_spread_mps is None:
        return packed
    disturbed = min(speed_spread_mps / TURBULENT_SPREAD_MPS, 1.0) * density_gate(density_per_m2)
    return packed + 0.4 * disturbed


def crowd_pressure_field(
    times_s: FloatArray,
    positions: FloatArray,
    walkable_area: Area,
    *,
    radius_m: float = 1.0,
    cell_m: float = 0.5,
    window_s: float = WINDOW_S,
    noise_variance: float | None = None,
) -> PressureField:
    """Helbing's crowd pressure at the end of a set of trajectories.

    ``P(r) = rho(r) · max(<|V(r, t) − U(r)|²>_t − noise(r), 0)`` over the last ``window_s``. V is
    the kernel-smoothed field of the tracks' least-squares velocities (`velocities`), U its mean
    over the window, rho the mean kernel density; what the place does steadily as one body is
    taken out. See `PressureWindow`, which does the same for a stream. To follow pressure over
    time, call it for growing pieces of the trajectories.

    The velocities need 0.8 s of track before the window begins; where they are missing V rests
    on the others, and a node without anybody known near it for a fifth of the window is NaN.

    Args:
        times_s: (K,) float64, seconds, strictly increasing.
        positions: (N, K, 2) float64, metres, ground plane; NaN where a person is not seen.
        walkable_area: Corners of the walkable area or a polygon, metres.
        radius_m: Radius R of the kernel, metres.
        cell_m: Distance of the nodes, metres.
        window_s: Length of the window, seconds.
        noise_variance: Variance of one person's velocity noise, both components, m²/s²; None =
            measured on people who stand still, a default where nobody does (`still_noise`).

    Returns:
        The field; all NaN for N = 0.

    Raises:
        ValueError: Shapes that do not agree, or times that span less than the window.

    References:
        Helbing, Johansson & Al-Abideen 2007, Phys. Rev. E 75, 046109: P = rho Var(V), with
        Var(V) = <[V − U]²> of the velocity vector, both components together.

    Example:
        >>> import numpy as np
        >>> t = np.arange(0, 4.01, 0.1)
        >>> lattice = np.stack(np.meshgrid(np.arange(0.25, 6, 0.5), np.arange(0.25, 6, 0.5)), -1)
        >>> sway = np.stack([0.2 * np.sin(np.pi * t), 0 * t], axis=1)
        >>> crowd = lattice.reshape(-1, 1, 2) + sway
        >>> room = [(0, 0), (6, 0), (6, 6), (0, 6)]
        >>> field = crowd_pressure_field(t, crowd, room, noise_variance=0.0)
        >>> round(float(field.values_per_s2[6, 6]), 2)  # near 4/m² · (0.2 pi · 0.85)²/2
        0.53
    """
    from backend.crowd.density_kernel import DensityKernel  # noqa: PLC0415 - heavy

    if positions.ndim != 3 or positions.shape[1:] != (times_s.size, 2):
        raise ValueError(
            f"expected positions (N, {times_s.size}, 2) for {times_s.size} times, "
            f"got {positions.shape}"
        )
    end_s = float(times_s[-1]) if times_s.size else 0.0
    if times_s.size == 0 or end_s - times_s[0] < window_s - SAMPLE_INTERVAL_S:
        raise ValueError(f"expected at least {window_s} s of trajectories")
    window = PressureWindow(
        DensityKernel(walkable_area, radius_m=radius_m, cell_m=cell_m), window_s=window_s
    )
    first = int((times_s < end_s - window_s - 1e-9).sum())
    noise = None if noise_variance is None else VelocityNoise(noise_variance, 0.0, is_measured=True)
    ids = np.arange(len(positions))
    for k in range(first, times_s.size):
        begin = int((times_s < times_s[k] - HISTORY_S - 1e-9).sum())
        velocity = velocities(times_s[begin : k + 1], positions[:, begin : k + 1])
        elapsed_s = float(times_s[k] - times_s[k - 1]) if k > first else 0.0
        window.update(positions[:, k], velocity, elapsed_s=elapsed_s, track_ids=ids, noise=noise)
    field = window.field()
    if field is None:
        raise ValueError("too few samples in the window")
    return field
