from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from backend.vision.camera_shake import BackgroundMotion, CameraMotion

SHAPE = (33, 60)
STEP_S = 0.12


def _watch(
    shakes: npt.NDArray[np.float64],
    *,
    moving: npt.NDArray[np.bool_] | None = None,
    known: npt.NDArray[np.bool_] | None = None,
    noise: float = 0.1,
) -> CameraMotion:
    """Cells that follow the camera, (K, 2) px/s over time; some of them walk on besides."""
    rng = np.random.default_rng(5)
    background = BackgroundMotion()
    seen = np.ones(SHAPE, bool) if known is None else known
    motion = CameraMotion(np.zeros((*SHAPE, 2), np.float32), None)
    for shake in shakes:
        velocity = shake + rng.normal(0, noise, (*SHAPE, 2))
        if moving is not None:
            velocity[moving] += [9.0, 4.0]
        motion = background.update(velocity.astype(np.float32), seen, elapsed_s=STEP_S)
    return motion


def _shaking(rounds: int = 40) -> npt.NDArray[np.float64]:
    t = STEP_S * np.arange(rounds)
    return np.stack([6 * np.sin(2 * np.pi * 1.1 * t), 3 * np.cos(2 * np.pi * 0.7 * t)], axis=1)


def test_shaking_is_found_though_half_of_the_picture_walks() -> None:
    moving = np.zeros(SHAPE, bool)
    moving[:, 30:] = True
    moving[:4] = False
    moving[-4:] = False
    shakes = _shaking()
    motion = _watch(shakes, moving=moving)
    assert motion.velocity.mean(axis=(0, 1)) == pytest.approx(shakes[-1], abs=0.1)
    assert motion.noise == pytest.approx(0.1, rel=0.2)


def test_a_walking_crowd_that_fills_the_picture_is_not_the_camera() -> None:
    motion = _watch(np.zeros((40, 2)), moving=np.ones(SHAPE, bool))
    assert (motion.velocity == 0).all()
    assert motion.noise is None


def test_nothing_is_subtracted_before_anything_is_known_to_be_at_rest() -> None:
    motion = _watch(_shaking(10))
    assert (motion.velocity == 0).all()
    assert motion.noise is None


def test_rest_in_one_corner_only_is_not_enough() -> None:
    known = np.zeros(SHAPE, bool)
    known[:12, :20] = True
    motion = _watch(_shaking(), known=known)
    assert (motion.velocity == 0).all()


def test_few_cells_are_not_enough() -> None:
    known = np.zeros(SHAPE, bool)
    known[::12, ::12] = True
    assert _watch(_shaking(), known=known).noise is None


def test_what_was_at_rest_is_forgotten_with_the_picture() -> None:
    background = BackgroundMotion()
    seen, still = np.ones(SHAPE, bool), np.zeros((*SHAPE, 2), np.float32)
    for _ in range(40):
        background.update(still, seen, elapsed_s=STEP_S)
    assert background.update(still + 5, seen, elapsed_s=STEP_S).noise is not None
    background.clear()
    assert background.update(still + 5, seen, elapsed_s=STEP_S).noise is None
    other = np.zeros((20, 20, 2), np.float32)
    assert background.update(other, np.ones((20, 20), bool), elapsed_s=STEP_S).noise is None


def test_turn_and_zoom_are_found() -> None:
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]] - np.array([16.0, 29.5])[:, None, None]
    background = BackgroundMotion()
    seen = np.ones(SHAPE, bool)
    for _ in range(40):
        background.update(np.zeros((*SHAPE, 2), np.float32), seen, elapsed_s=STEP_S)
    moved = np.stack([0.05 * x - 0.2 * y + 1, 0.2 * x + 0.05 * y - 2], axis=2)
    motion = background.update(moved.astype(np.float32), seen, elapsed_s=STEP_S)
    assert motion.velocity == pytest.approx(moved, abs=0.02)
