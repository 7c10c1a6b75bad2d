from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.core.frame import FloatArray
from backend.crowd.motion import fit_velocities, velocities

RATE_HZ = 25.0
TIMES = np.arange(0, 2.001, 1 / RATE_HZ)


def _walk(times: FloatArray, velocity: tuple[float, float] = (1.2, -0.4)) -> FloatArray:
    return (np.array([5.0, 3.0]) + times[:, None] * np.array(velocity))[None]


def _noisy(seed: int, *, tracks: int = 40, sigma: float = 0.05) -> FloatArray:
    noise = np.random.default_rng(seed).standard_normal((tracks, TIMES.size, 2))
    return _walk(TIMES) + sigma * noise


def test_gives_the_same_velocities_as_the_fit_without_errors() -> None:
    noisy = _noisy(1)
    noisy[3, 30:35] = np.nan
    noisy[4, -1] = np.nan
    np.testing.assert_array_equal(fit_velocities(TIMES, noisy).velocity, velocities(TIMES, noisy))


def test_the_standard_error_covers_white_noise() -> None:
    fit = fit_velocities(TIMES, _noisy(2, tracks=400))
    z = (fit.velocity - np.array([1.2, -0.4])) / fit.standard_error[:, None]
    assert (np.abs(z) < 1.645).mean() == pytest.approx(0.9, abs=0.04)


@pytest.mark.parametrize("every", [1, 2])
def test_errors_that_last_do_not_look_small_at_a_high_frame_rate(every: int) -> None:
    rng = np.random.default_rng(3)
    noise = 0.08 * rng.standard_normal((400, TIMES.size, 2))
    keep = np.exp(-1 / RATE_HZ / 0.2)
    for k in range(1, TIMES.size):
        noise[:, k] = keep * noise[:, k - 1] + np.sqrt(1 - keep**2) * noise[:, k]
    times, positions = TIMES[::every], (_walk(TIMES) + noise)[:, ::every]
    fit = fit_velocities(times, positions)
    z = (fit.velocity - np.array([1.2, -0.4])) / fit.standard_error[:, None]
    assert (np.abs(z) < 1.645).mean() > 0.85


def test_a_perfect_walk_has_no_error_and_three_samples_are_the_least() -> None:
    assert fit_velocities(TIMES, _walk(TIMES)).standard_error[0] == pytest.approx(0, abs=1e-12)
    two = np.array([0.0, 0.9])
    fit = fit_velocities(two, _walk(two), min_frames=2)
    assert fit.velocity[0] == pytest.approx((1.2, -0.4))
    assert np.isnan(fit.standard_error[0])


def test_an_identity_handed_to_somebody_else_gives_no_speed() -> None:
    swapped = _noisy(4, tracks=3, sigma=0.02)
    swapped[1, -10:] += np.array([2.0, 0.0])
    fit = fit_velocities(TIMES, swapped)
    assert fit.is_jump.tolist() == [False, True, False]
    assert np.isnan(fit.velocity[1]).all()
    assert np.isnan(fit.standard_error[1])
    others = fit_velocities(TIMES, swapped[[0, 2]])
    assert fit.standard_error[[0, 2]] == pytest.approx(others.standard_error)
    assert not fit_velocities(TIMES, swapped, max_speed=None).is_jump.any()


def test_a_jump_is_forgotten_when_it_has_left_the_window() -> None:
    jumped = _walk(TIMES)
    jumped[0, 20:] += 3.0
    assert fit_velocities(TIMES[:30], jumped[:, :30]).is_jump.all()
    assert not fit_velocities(TIMES, jumped).is_jump.any()


def test_a_long_gap_walked_at_walking_speed_is_no_jump() -> None:
    gone = _walk(TIMES)
    gone[0, 33:49] = np.nan
    assert fit_velocities(TIMES, gone).velocity[0] == pytest.approx((1.2, -0.4))


def test_a_sprint_is_kept_and_the_impossible_refused() -> None:
    assert fit_velocities(TIMES, _walk(TIMES, (9.0, 0.0))).speed[0] == pytest.approx(9.0)
    assert fit_velocities(TIMES, _walk(TIMES, (12.5, 0.0))).is_jump[0]


def test_trembling_boxes_are_not_taken_for_jumps() -> None:
    assert fit_velocities(TIMES, _noisy(5, tracks=300, sigma=0.3)).is_jump.sum() <= 1


@settings(max_examples=40, deadline=None)
@given(
    turn=st.floats(-3.1, 3.1),
    shift=st.tuples(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4)),
    scale=st.floats(0.01, 100),
    seed=st.integers(0, 1000),
)
def test_moves_with_the_coordinates(
    turn: float, shift: tuple[float, float], scale: float, seed: int
) -> None:
    noisy = _noisy(seed, tracks=4)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    one = fit_velocities(TIMES, noisy)
    order = [2, 0, 3, 1]
    moved = scale * (noisy @ rotation.T + np.array(shift))[order]
    two = fit_velocities(TIMES + 77.0, moved, max_speed=12.0 * scale)
    assert two.velocity == pytest.approx(scale * one.velocity[order] @ rotation.T, abs=1e-6 * scale)
    assert two.standard_error == pytest.approx(scale * one.standard_error[order], rel=1e-5)


def test_nobody_and_shapes_that_do_not_agree() -> None:
    fit = fit_velocities(TIMES, np.zeros((0, TIMES.size, 2)))
    assert fit.velocity.shape == (0, 2)
    assert fit.speed.shape == fit.standard_error.shape == fit.is_jump.shape == (0,)
    with pytest.raises(ValueError, match="expected positions"):
        fit_velocities(TIMES, np.zeros((1, 3, 2)))


@pytest.mark.parametrize("true_speed", [0.0, 0.3, 0.6, 1.3])
def test_errors_do_not_make_people_faster(true_speed: float) -> None:
    noise = np.random.default_rng(5).standard_normal((400, TIMES.size, 2))
    times = TIMES[TIMES <= 0.8 + 1e-9]
    seen = _walk(times, (true_speed, 0.0)) + 0.12 * noise[:, : times.size]
    fit = fit_velocities(times, seen)
    corrected = fit.without_noise_bias()
    raw_bias = fit.speed.mean() - true_speed
    bias = corrected.speed.mean() - true_speed
    assert 0 < bias < 0.7 * raw_bias or abs(bias) < 0.01
    heading = (fit.velocity * corrected.velocity).sum(axis=1)
    assert (heading >= 0).all()


def test_a_perfect_walk_keeps_its_speed_and_the_unknown_stays_unknown() -> None:
    paths = np.concatenate([_walk(TIMES), np.full((1, TIMES.size, 2), np.nan)])
    fit = fit_velocities(TIMES, paths)
    corrected = fit.without_noise_bias()
    np.testing.assert_allclose(corrected.velocity[0], fit.velocity[0], rtol=1e-9)
    assert np.isnan(corrected.velocity[1]).all()
