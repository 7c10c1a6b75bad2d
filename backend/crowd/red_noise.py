"""The spectrum that irregular motion has by itself, against which a peak is judged."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backend.core.frame import FloatArray

_CORNERS_HZ = np.geomspace(0.01, 2.0, 25)
"""Corner frequencies tried: below the first it is a random walk, above the last white."""

_MEDIAN_OF_MEAN = 0.839
"""Median over mean of the power of two independent components of noise (chi squared with four
degrees of freedom)."""


@dataclass(frozen=True, slots=True)
class RedNoise:
    """Mean power of first-order (red) noise: ``level / (1 + (f / corner_hz)²)``.

    Attributes:
        level: Power at frequency 0, in the unit of the spectrum fitted.
        corner_hz: Where it begins to fall; white noise has a high one.
    """

    level: float
    corner_hz: float

    def at(self, frequency_hz: FloatArray) -> FloatArray:
        """Mean power at ``frequency_hz`` ((F,) float64, Hz); (F,) float64."""
        return np.asarray(self.level / (1.0 + (frequency_hz / self.corner_hz) ** 2))


def fit_red_noise(frequency_hz: FloatArray, power: FloatArray) -> RedNoise:
    """Fit red noise to a spectrum, heedless of peaks.

    Level and corner are those with the smallest mean absolute deviation of the log spectrum: a
    peak takes a few bins out of many and moves them little.

    Args:
        frequency_hz: (F,) float64, Hz, > 0, F >= 5.
        power: (F,) float64, > 0, the summed power of two components at these frequencies.

    Raises:
        ValueError: Fewer than 5 frequencies.

    References:
        Mann & Lees 1996, Climatic Change 33, 409–445, doi:10.1007/BF00142586 (robust red noise
        background). Their spectrum is that of discrete steps; ours is its continuous limit, and
        the fit is to the logarithm.

    Example:
        >>> f = np.arange(2, 61) / 120
        >>> power = 3.0 / (1 + (f / 0.05) ** 2)
        >>> power[5] *= 1000  # a peak
        >>> noise = fit_red_noise(f, power)
        >>> round(noise.corner_hz, 2)
        0.05
    """
    if frequency_hz.size < 5:
        raise ValueError(f"expected at least 5 frequencies, got {frequency_hz.size}")
    shape = -np.log1p((frequency_hz[None, :] / _CORNERS_HZ[:, None]) ** 2)
    rest = np.log(power)[None, :] - shape
    level = np.median(rest, axis=1)
    best = int(np.abs(rest - level[:, None]).mean(axis=1).argmin())
    return RedNoise(float(np.exp(level[best])) / _MEDIAN_OF_MEAN, float(_CORNERS_HZ[best]))
