"""The motion of a camera, against pictures that were moved by a known amount."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from backend.vision.adapters.gmc import CameraMotion, move_tracks

NOBODY = np.zeros((0, 4), np.float32)


def _scene(width: int = 960, height: int = 540) -> npt.NDArray[np.uint8]:
    noise = np.random.default_rng(1).integers(0, 256, (height // 12, width // 12, 3), np.uint8)
    return np.asarray(cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def _moved(scene: npt.NDArray[np.uint8], motion: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
    height, width = scene.shape[:2]
    return np.asarray(
        cv2.warpAffine(scene, motion, (width, height), borderMode=cv2.BORDER_REFLECT), np.uint8
    )


@pytest.mark.parametrize(
    ("shift", "turn_deg", "zoom"),
    [((0, 0), 0.0, 1.0), ((30, -12), 0.0, 1.0), ((0, 0), 2.0, 1.0), ((8, 5), -1.0, 1.04)],
)
def test_shift_turn_and_zoom_are_found(
    shift: tuple[float, float], turn_deg: float, zoom: float
) -> None:
    scene = _scene()
    true = cv2.getRotationMatrix2D((480, 270), turn_deg, zoom)
    true[:, 2] += shift
    camera = CameraMotion()
    assert camera.update(scene, NOBODY) is None, "nothing to compare the first frame with"
    found = camera.update(_moved(scene, true), NOBODY)
    assert found is not None
    corners = np.array([(0, 0, 1), (960, 0, 1), (960, 540, 1), (0, 540, 1)], float).T
    assert np.abs(found @ corners - true @ corners).max() < 1.0


def test_people_who_walk_are_not_the_camera() -> None:
    scene = _scene()
    people = np.array([(100, 60, 700, 500)], np.float32)
    crowd = scene[60:500, 100:700].copy()
    camera = CameraMotion()
    camera.update(scene, people)
    after = scene.copy()
    after[60:500, 112:712] = crowd
    found = camera.update(after, people + np.array((12, 0, 12, 0), np.float32))
    assert found is not None
    assert np.abs(found - np.eye(2, 3)).max() < 0.5


def test_an_empty_wall_another_size_and_a_cut_tell_nothing() -> None:
    camera = CameraMotion()
    wall = np.full((540, 960, 3), 120, np.uint8)
    assert camera.update(wall, NOBODY) is None
    assert camera.update(wall, NOBODY) is None
    camera.update(_scene(), NOBODY)
    assert camera.update(_scene(640, 480), NOBODY) is None
    camera.reset()
    assert camera.update(_scene(640, 480), NOBODY) is None
    noise = np.random.default_rng(9).integers(0, 256, (480, 640, 3), np.uint8)
    assert camera.update(noise, NOBODY) is None


@dataclass
class _State:
    mean: npt.NDArray[np.float64]
    covariance: npt.NDArray[np.float64] = field(default_factory=lambda: np.eye(8))


def test_states_move_along() -> None:
    quarter = np.array([[0.0, -2.0, 10.0], [2.0, 0.0, 5.0]])  # a quarter turn, twice as large
    with_aspect = _State(np.array([3.0, 4.0, 0.5, 80.0, 1.0, 0.0, 0.0, 2.0]))
    with_width = _State(np.array([3.0, 4.0, 40.0, 80.0, 1.0, 0.0, 0.0, 2.0]))
    move_tracks([with_aspect], quarter, has_aspect=True)
    move_tracks([with_width], quarter, has_aspect=False)
    assert with_aspect.mean.tolist() == pytest.approx([2, 11, 0.5, 160, 0, 2, 0, 4])
    assert with_width.mean.tolist() == pytest.approx([2, 11, 80, 160, 0, 2, 0, 4])
    assert np.diag(with_aspect.covariance).tolist() == pytest.approx([4, 4, 1, 4, 4, 4, 1, 4])
