"""Crowd pressure over the ground, and the one number told of it (CROWD-SCIENCE section 4)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backend.core.frame import FloatArray
from backend.crowd.still_noise import VelocityNoise

GATE_DENSITY_PER_M2 = 4.0
"""From this local density on pressure can mean turbulence, 1/m² (CROWD-SCIENCE section 4)."""


@dataclass(frozen=True, slots=True, eq=False)
class PressureField:
    """Crowd pressure at the nodes of a square grid.

    Attributes:
        values_per_s2: (R, C) float64, 1/s²; NaN off the walkable area and where there was
            nobody near for long enough.
        x_m: (C,) float64, metres, ground plane.
        y_m: (R,) float64, metres, ground plane.
        density: (R, C) float64, local density averaged over the window, 1/m².
        noise: What was subtracted, before the smoothing divided it.
        counted: (R, C) bool, nodes a reading may come from.
    """

    values_per_s2: FloatArray
    x_m: FloatArray
    y_m: FloatArray
    density: FloatArray
    noise: VelocityNoise
    counted: npt.NDArray[np.bool_]

    def reading(self) -> PressureReading | None:
        """The place with the highest pressure, of those with ``rho >= 4`` if there are any.

        The line of 0.02 /s² counts only where people are that dense, so a sparse corner with
        lively traffic must not hide a dense place with less.

        Returns:
            None where pressure is undefined at every node that counts.
        """
        known = np.isfinite(self.values_per_s2) & self.counted
        if not known.any():
            return None
        dense = known & (self.density >= GATE_DENSITY_PER_M2)
        among = dense if dense.any() else known
        best = int(np.where(among, self.values_per_s2, -1.0).argmax())
        row, column = divmod(best, self.x_m.size)
        return PressureReading(
            peak_per_s2=float(self.values_per_s2[row, column]),
            at_m=(float(self.x_m[column]), float(self.y_m[row])),
            density_per_m2=float(self.density[row, column]),
            noise_variance=self.noise.own,
        )


@dataclass(frozen=True, slots=True)
class PressureReading:
    """The highest crowd pressure of a place and what belongs to it.

    Attributes:
        peak_per_s2: 1/s², >= 0.
        at_m: Where, metres, ground plane.
        density_per_m2: Local density there, averaged over the window, 1/m².
        noise_variance: Noise of one person's velocity that was allowed for, m²/s².
    """

    peak_per_s2: float
    at_m: tuple[float, float]
    density_per_m2: float
    noise_variance: float
