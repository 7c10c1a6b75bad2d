from __future__ import annotations

import numpy as np
import pytest

from backend.crowd.calibration.homography import project
from backend.crowd.calibration.point_fit import fit_points
from tests.crowd.calibration.pinhole import Pinhole

CAMERA = Pinhole()
MIDDLE = CAMERA.height_m / np.tan(np.radians(CAMERA.tilt_deg))
WORLD = np.array([[x, y * MIDDLE] for x in (-3.0, 0.0, 3.0) for y in (0.8, 1.0, 1.4)])
IMAGE = CAMERA.see(WORLD)


def test_exact_points_have_no_error() -> None:
    fit = fit_points(IMAGE, WORLD)
    assert fit.rms_error_m == pytest.approx(0, abs=1e-8)
    assert fit.rejected == ()
    assert project(fit.matrix, IMAGE) == pytest.approx(WORLD, abs=1e-8)


def test_a_wrong_point_is_left_out_and_still_counted() -> None:
    wrong = WORLD.copy()
    wrong[4] += [1.5, 2.0]
    fit = fit_points(IMAGE, wrong)
    assert fit.rejected == (4,)
    assert project(fit.matrix, IMAGE) == pytest.approx(WORLD, abs=1e-8)
    assert fit.rms_error_m == pytest.approx(2.5 / 3)  # sqrt(2.5² / 9)


def test_a_point_mistaken_for_another_is_left_out() -> None:
    mixed_up = IMAGE.copy()
    mixed_up[0] = IMAGE[8] + 3.0
    fit = fit_points(mixed_up, WORLD)
    assert fit.rejected == (0,)
    assert fit.rms_error_m is not None
    assert fit.rms_error_m > 1


def test_five_points_cannot_say_which_is_wrong() -> None:
    some = [0, 2, 6, 8, 4]
    wrong = WORLD[some] + np.array([[0, 0]] * 4 + [[0.3, 0.3]])
    fit = fit_points(IMAGE[some], wrong)
    assert fit.rejected == ()
    assert fit.rms_error_m is not None
    assert 0.05 < fit.rms_error_m < 0.42


def test_the_fit_minimises_the_distance_in_the_picture() -> None:
    clicks = IMAGE + np.random.default_rng(4).normal(0, 1.2, IMAGE.shape)
    fit = fit_points(clicks, WORLD)

    def cost(matrix: np.ndarray) -> float:
        return float(((project(np.linalg.inv(matrix), WORLD) - clicks) ** 2).sum())

    best = cost(fit.matrix)
    for entry in range(9):
        nudged = fit.matrix.copy()
        nudged.flat[entry] *= 1 + 1e-5
        assert cost(nudged) >= best
    assert fit.rms_error_px == pytest.approx(np.sqrt(best / 10))


def test_map_coordinates_far_from_zero() -> None:
    shift = np.array([500_000.0, 5_400_000.0])
    fit = fit_points(IMAGE, WORLD + shift)
    assert fit.rms_error_m == pytest.approx(0, abs=1e-4)
    assert fit.rejected == ()


def test_the_same_points_give_the_same_plane() -> None:
    clicks = IMAGE + np.random.default_rng(5).normal(0, 4, IMAGE.shape)
    first, second = fit_points(clicks, WORLD), fit_points(clicks, WORLD)
    assert (first.matrix == second.matrix).all()
    assert first.rejected == second.rejected
