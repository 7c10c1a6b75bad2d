from __future__ import annotations

import numpy as np
import pytest

from backend.crowd.red_noise import fit_red_noise

FREQUENCY_HZ = np.arange(2, 61) / 120


@pytest.mark.parametrize("corner_hz", [0.02, 0.1, 0.5])
def test_level_and_corner_of_scattered_red_noise(corner_hz: float) -> None:
    rng = np.random.default_rng(3)
    ratios = []
    for _ in range(40):
        mean = 2.0 / (1 + (FREQUENCY_HZ / corner_hz) ** 2)
        noise = fit_red_noise(FREQUENCY_HZ, mean * rng.chisquare(4, mean.size) / 4)
        ratios.append(noise.at(FREQUENCY_HZ) / mean)
    assert np.median(ratios) == pytest.approx(1.0, abs=0.1)


def test_a_peak_moves_it_little() -> None:
    mean = np.ones(FREQUENCY_HZ.size)
    peaked = mean.copy()
    peaked[4:8] = 500.0
    plain = fit_red_noise(FREQUENCY_HZ, mean).at(FREQUENCY_HZ)
    assert fit_red_noise(FREQUENCY_HZ, peaked).at(FREQUENCY_HZ) == pytest.approx(plain, rel=0.2)


def test_needs_some_frequencies() -> None:
    with pytest.raises(ValueError, match="at least 5"):
        fit_red_noise(FREQUENCY_HZ[:4], np.ones(4))
