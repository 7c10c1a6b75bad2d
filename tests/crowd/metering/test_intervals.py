from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2

from backend.crowd.metering.intervals import (
    UNKNOWN_INTERVAL,
    pressure_index_interval,
    scaled,
    variance_interval,
    widened,
)
from backend.crowd.pressure import pressure_index


def test_errors_add_in_quadrature_and_unknown_ends_stay_unknown() -> None:
    assert widened(10.0, (7.0, 14.0), spread=0.0) == (7.0, 14.0)
    low, high = widened(10.0, (7.0, 13.0), spread=0.4)
    assert (low, high) == (5.0, 15.0)
    assert widened(1.0, (0.0, None), spread=2.0) == (0.0, None)
    assert widened(1.0, UNKNOWN_INTERVAL, spread=0.1) == UNKNOWN_INTERVAL
    assert scaled(UNKNOWN_INTERVAL, 3.0) == UNKNOWN_INTERVAL


@pytest.mark.parametrize("size", [2, 4, 8, 20, 1000])
def test_a_variance_has_the_chi_squared_interval(size: int) -> None:
    low, high = variance_interval(2.0, size, spread=0.0)
    free = size - 1
    assert low == pytest.approx(2.0 * free / chi2.ppf(0.95, free), rel=1e-6)
    assert high == pytest.approx(2.0 * free / chi2.ppf(0.05, free), rel=1e-6)


def test_the_interval_of_a_variance_covers_nine_in_ten() -> None:
    rng = np.random.default_rng(5)
    inside = 0
    for _ in range(2000):
        low, high = variance_interval(float(rng.normal(0, 3, 12).var(ddof=1)), 12, spread=0.0)
        assert low is not None
        assert high is not None
        inside += low <= 9.0 <= high
    assert 0.88 <= inside / 2000 <= 0.92


def test_the_pressure_index_lies_within_its_interval() -> None:
    low, high = pressure_index_interval((2.5, 3.5), (0.01, 0.09))
    middle = pressure_index(3.0, 0.2)
    assert low is not None
    assert high is not None
    assert middle is not None
    assert low < middle < high
    assert pressure_index_interval((2.5, None), (0.01, 0.09))[1] is None
    assert pressure_index_interval((2.5, 3.5), UNKNOWN_INTERVAL) == UNKNOWN_INTERVAL
