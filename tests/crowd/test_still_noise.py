from __future__ import annotations

import numpy as np
import pytest

from backend.core.frame import FloatArray
from backend.crowd.still_noise import (
    ASSUMED_NOISE,
    MAX_COMMON_VARIANCE,
    MAX_OWN_VARIANCE,
    still_noise,
)


def _still(people: int, *, sigma_mps: float, seed: int = 1) -> tuple[FloatArray, FloatArray]:
    rng = np.random.default_rng(seed)
    return np.zeros((people, 10, 2)), rng.normal(0, sigma_mps, (people, 10, 2))


def test_variance_of_still_people_is_found() -> None:
    noise = still_noise(*_still(300, sigma_mps=0.06))
    assert noise.is_measured
    # Both axes, about the mean of ten samples, the median of a chi-squared distribution.
    assert noise.own == pytest.approx(2 * 0.06**2 * 0.9 * 0.96, rel=0.05)
    assert noise.common == pytest.approx(0, abs=1e-4)


def test_walkers_among_the_still_do_not_count() -> None:
    at, velocity = _still(40, sigma_mps=0.05)
    alone = still_noise(at, velocity)
    walk = np.linspace(0, 2, 10)[None, :, None] * np.ones((60, 1, 2))
    lively = np.random.default_rng(2).normal(1, 0.5, (60, 10, 2))
    both = still_noise(np.concatenate([at, walk]), np.concatenate([velocity, lively]))
    assert both == alone


@pytest.mark.parametrize(("still", "walking"), [(4, 0), (12, 200)])
def test_too_few_still_people_give_the_default(still: int, walking: int) -> None:
    at, velocity = _still(still, sigma_mps=0.5)
    walk = np.linspace(0, 2, 10)[None, :, None] * np.ones((walking, 1, 2))
    paths = np.concatenate([at, walk])
    assert still_noise(paths, np.concatenate([velocity, 0 * walk])) is ASSUMED_NOISE


def test_people_not_seen_throughout_do_not_count() -> None:
    at, velocity = _still(6, sigma_mps=0.05)
    velocity[:2, 3] = np.nan
    assert still_noise(at, velocity) is ASSUMED_NOISE


def test_what_all_share_is_the_cameras() -> None:
    at, velocity = _still(50, sigma_mps=0.02)
    shake = 0.05 * np.sin(np.arange(10))[None, :, None]
    noise = still_noise(at, velocity + shake)
    assert noise.common == pytest.approx(2 * (0.05 * np.sin(np.arange(10))).var(), rel=0.1)
    assert noise.own == pytest.approx(still_noise(at, velocity).own, rel=0.02)


def test_never_more_than_can_be_believed() -> None:
    at, velocity = _still(50, sigma_mps=1.0)
    noise = still_noise(at, velocity + 3 * np.sin(np.arange(10))[None, :, None])
    assert noise.own == MAX_OWN_VARIANCE
    assert noise.common == MAX_COMMON_VARIANCE


def test_noise_is_told_in_units_of_the_scale() -> None:
    at, velocity = _still(400, sigma_mps=0.02)
    scale = np.r_[np.full(200, 1.0), np.full(200, 3.0)]
    noise = still_noise(at, velocity * scale[:, None, None], scale=scale)
    assert noise.own == pytest.approx(still_noise(at, velocity).own, rel=0.05)
