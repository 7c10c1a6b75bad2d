from __future__ import annotations

import numpy as np
import pytest

from backend.core.frame import FloatArray
from backend.core.measurements import MotionSource
from backend.crowd.ground_flow import GroundFlow
from backend.crowd.metering.motion_reading import (
    MotionReading,
    mean_length,
    motion_of_flow,
    motion_of_people,
    motion_on_ground,
    one_row_each,
)
from backend.crowd.motion import VelocityFit


def _fit(velocity: FloatArray) -> VelocityFit:
    n = len(velocity)
    return VelocityFit(velocity, np.zeros(n), np.zeros(n, np.bool_))


def _tracked(fit: VelocityFit) -> MotionReading:
    n = len(fit.velocity)
    return motion_on_ground(fit, np.zeros((n, 2)), np.ones(n, np.bool_), z_limit=2.0)


def _flow(velocity: FloatArray, people: FloatArray | None, *, error: float = 0.0) -> GroundFlow:
    n = len(velocity)
    zeros = np.zeros((n, 2))
    return GroundFlow(zeros, velocity, error, np.ones(n), zeros, np.full(n, error), people)


def test_everybody_counts_once_on_the_map_or_in_a_box() -> None:
    flow = _flow(np.array([[1.0, 0.0], [0.0, 0.0]]), np.array([30.0, 10.0]))
    fit = _fit(np.array([[0.0, 2.0], [0.0, 2.0], [np.nan, np.nan], [9.0, 0.0]]))
    found = motion_of_people(flow, fit, np.array([1.0, 0.5, 1.0, 0.0]), _tracked(fit))
    people = 30 + 10 + 1.5
    mean = (30 + 1.5 * 2.0) / people
    assert found.source is MotionSource.OPTICAL_FLOW
    assert found.mean_mps == pytest.approx(mean)
    spread = (30 * (1 - mean) ** 2 + 10 * mean**2 + 1.5 * (2 - mean) ** 2) / people
    assert found.variance_m2_per_s2 == pytest.approx(spread)
    assert (found.mean_low_mps, found.mean_high_mps) == (None, None)
    assert found.moving_count == 31
    assert found.is_of_everybody
    assert found.rapid_count == _tracked(fit).rapid_count


def test_noise_is_no_motion() -> None:
    rng = np.random.default_rng(3)
    flow = _flow(rng.normal(0, 0.1, (400, 2)), np.ones(400), error=0.1 * 2**0.5)
    nobody = _fit(np.zeros((0, 2)))
    found = motion_of_people(flow, nobody, np.zeros(0), _tracked(nobody))
    assert found.mean_mps is not None
    assert found.mean_mps < 0.06  # 0.125 as it is


def test_flow_without_people_stands_for_its_ground() -> None:
    flow = GroundFlow(np.zeros((2, 2)), np.array([[1.0, 0], [0, 0]]), 0.0, np.array([3.0, 1.0]))
    nobody = _fit(np.zeros((0, 2)))
    plain = motion_of_flow(flow, _tracked(nobody))
    assert plain.mean_mps == pytest.approx(0.75)
    assert not plain.is_of_everybody  # who moves is what the tracks say
    found = motion_of_people(flow, nobody, np.zeros(0), _tracked(nobody))
    assert found.mean_mps == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("people", "expected"),
    [([0.4], 0), ([0.6], 1), ([2.0, 0.0, 1.0], 3), ([0.1] * 24, 2), ([], 0)],
)
def test_rows_by_the_person(people: list[float], expected: int) -> None:
    rows = np.arange(2.0 * len(people)).reshape(-1, 2)
    found = one_row_each(rows, np.array(people))
    assert found.shape == (expected, 2)
    if people == [2.0, 0.0, 1.0]:
        assert found[:, 0].tolist() == [0.0, 0.0, 4.0]


def test_mean_length_of_nothing() -> None:
    assert mean_length(np.full((3, 2), np.nan)) is None
