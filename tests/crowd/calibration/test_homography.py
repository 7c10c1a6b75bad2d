from __future__ import annotations

import numpy as np
import pytest

from backend.crowd.calibration.homography import (
    fit_linear,
    jacobians,
    positive_denominators,
    project,
    singular_values,
)
from tests.crowd.calibration.pinhole import Pinhole

CAMERA = Pinhole()


def test_four_points_are_met_exactly() -> None:
    world = CAMERA.square_m()
    image = CAMERA.see(world)
    assert project(fit_linear(image, world), image) == pytest.approx(world, abs=1e-9)


def test_many_problems_are_solved_at_once() -> None:
    world = CAMERA.square_m()
    image = CAMERA.see(world) + np.random.default_rng(0).normal(0, 3, (5, 4, 2))
    together = fit_linear(image, np.broadcast_to(world, image.shape))
    assert together.shape == (5, 3, 3)
    for one, matrix in zip(image, together, strict=True):
        assert matrix == pytest.approx(fit_linear(one, world), abs=1e-12)


def test_points_far_from_the_origin_lose_no_precision() -> None:
    shift = np.array([500_000.0, 5_400_000.0])
    world = CAMERA.square_m()
    image = CAMERA.see(world)
    matrix = fit_linear(image, world + shift)
    assert project(matrix, image) - shift == pytest.approx(world, abs=1e-5)


def test_jacobian_is_the_derivative() -> None:
    matrix = fit_linear(CAMERA.see(CAMERA.square_m()), CAMERA.square_m())
    at = np.array([[300.0, 500.0], [900.0, 400.0]])
    for axis, step in enumerate(np.eye(2) * 1e-3):
        slope = (project(matrix, at + step) - project(matrix, at - step)) / 2e-3
        assert jacobians(matrix, at)[:, :, axis] == pytest.approx(slope, rel=1e-6)


def test_singular_values_are_those_of_linear_algebra() -> None:
    local = np.random.default_rng(1).normal(size=(50, 2, 2))
    expected = np.linalg.svd(local, compute_uv=False)
    largest, smallest = singular_values(local)
    assert largest == pytest.approx(expected[:, 0])
    assert smallest == pytest.approx(expected[:, 1])


def test_beyond_the_horizon_nothing_is_defined() -> None:
    matrix = np.array([[1.0, 0, 0], [0, 1, 0], [0, 1, -100]])
    points = np.array([[5.0, 101.0], [5.0, 100.0], [5.0, 99.0], [np.nan, 200.0]])
    assert np.isnan(positive_denominators(matrix, points)).tolist() == [False, True, True, True]
    assert np.isnan(project(matrix, points)).any(axis=1).tolist() == [False, True, True, True]


def test_no_points() -> None:
    assert project(np.eye(3), np.zeros((0, 2))).shape == (0, 2)
    assert jacobians(np.eye(3), np.zeros((0, 2))).shape == (0, 2, 2)
