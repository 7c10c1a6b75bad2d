from __future__ import annotations

import numpy as np
import pytest

from backend.crowd.motion import mean_interval


def test_covers_the_mean_of_the_crowd_people_were_drawn_from() -> None:
    rng = np.random.default_rng(1)
    held = 0
    for _ in range(400):
        interval = mean_interval(rng.normal(1.3, 0.25, size=6))
        assert interval is not None
        held += interval[0] <= 1.3 <= interval[1]
    assert held / 400 == pytest.approx(0.9, abs=0.05)


def test_measurement_error_is_the_floor_and_stands_alone_for_one_person() -> None:
    one = mean_interval(np.array([1.2]), standard_errors=np.array([0.1]))
    assert one == pytest.approx((1.2 - 0.16449, 1.2 + 0.16449))
    agreeing = mean_interval(np.full(4, 1.2), standard_errors=np.full(4, 0.1))
    assert agreeing == pytest.approx((1.2 - 0.08224, 1.2 + 0.08224), abs=1e-4)
    spread = np.array([0.9, 1.5, 1.2, 1.3])
    assert mean_interval(spread, standard_errors=np.full(4, 0.01)) == mean_interval(spread)


def test_errors_that_are_not_known_are_taken_as_typical() -> None:
    some = mean_interval(np.array([1.2, 1.2]), standard_errors=np.array([0.1, np.nan]))
    assert some == mean_interval(np.array([1.2, 1.2]), standard_errors=np.full(2, 0.1))


def test_the_calibration_adds_its_share() -> None:
    exact = mean_interval(np.full(4, 1.2), length_spread=0.1)
    assert exact == pytest.approx((1.08, 1.32))


def test_never_below_zero_and_undefined_is_none() -> None:
    interval = mean_interval(np.array([0.0, 0.3]))
    assert interval is not None
    assert interval[0] == 0.0
    assert mean_interval(np.zeros(0)) is None
    assert mean_interval(np.array([np.nan, np.nan]), standard_errors=np.ones(2)) is None
    assert mean_interval(np.array([np.nan, 1.0]), standard_errors=np.array([0.1, np.nan])) is None
