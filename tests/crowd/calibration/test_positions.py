from __future__ import annotations

import time

import numpy as np
import pytest

from backend.core.frame import FloatArray
from backend.crowd.calibration import GroundPlane, GroundPositions, HeightModel, ground_positions
from tests.crowd.calibration.pinhole import Pinhole

CAMERA = Pinhole(height_m=6, tilt_deg=15, focal_px=1100)
PLANE = GroundPlane.from_points(CAMERA.see(CAMERA.square_m()), CAMERA.square_m())


def _model() -> HeightModel:
    model = PLANE.height_model(CAMERA.wh)
    assert model is not None
    return model


def _boxes(people_m: FloatArray) -> FloatArray:
    foot, head = CAMERA.see(people_m), CAMERA.see(people_m, above_m=1.7)
    half = (foot[:, 1] - head[:, 1]) / 6
    return np.stack([foot[:, 0] - half, head[:, 1], foot[:, 0] + half, foot[:, 1]], axis=1)


def _place(boxes: FloatArray, model: HeightModel | None) -> GroundPositions:
    return ground_positions(boxes, plane=PLANE, picture_wh=CAMERA.wh, height_model=model)


def test_whole_people_stand_where_the_box_ends() -> None:
    people = np.array([[-2.0, 18.0], [0.0, 22.0], [3.0, 30.0]])
    placed = _place(_boxes(people), _model())
    assert placed.world_m == pytest.approx(people)
    assert placed.foot_px == pytest.approx(CAMERA.see(people))
    assert not placed.is_inferred.any()


@pytest.mark.parametrize("distance", [7.9, 8.3, 8.7])
def test_feet_below_the_picture_are_found_from_the_head(distance: float) -> None:
    person = np.array([[0.5, distance]])
    boxes = _boxes(person)
    assert boxes[0, 3] > CAMERA.wh[1]
    boxes[0, 3] = CAMERA.wh[1]
    placed = _place(boxes, _model())
    assert placed.is_inferred.tolist() == [True]
    assert placed.foot_px[0, 1] > CAMERA.wh[1]
    uncorrected = np.linalg.norm(_place(boxes, None).world_m - person)
    assert np.linalg.norm(placed.world_m - person) < min(0.5, uncorrected)


def test_feet_hidden_behind_another_person_are_found_from_the_head() -> None:
    people = np.array([[0.0, 20.0], [0.1, 18.0]])
    boxes = _boxes(people)
    boxes[0, 3] = boxes[0, 1] + 0.5 * (boxes[0, 3] - boxes[0, 1])
    assert boxes[1, 1] < boxes[0, 3] < boxes[1, 3]
    placed = _place(boxes, _model())
    assert placed.is_inferred.tolist() == [True, False]
    assert np.linalg.norm(placed.world_m - people, axis=1).max() < 0.6
    assert np.linalg.norm(_place(boxes, None).world_m[0] - people[0]) > 3


def test_a_child_in_the_open_keeps_its_feet() -> None:
    boxes = _boxes(np.array([[0.0, 20.0], [4.0, 18.0]]))
    boxes[0, 1] = boxes[0, 3] - 0.6 * (boxes[0, 3] - boxes[0, 1])
    assert not _place(boxes, _model()).is_inferred.any()


def test_a_child_in_front_of_an_adult_keeps_its_feet() -> None:
    boxes = _boxes(np.array([[0.0, 18.0], [0.0, 20.0]]))
    boxes[0, 1] = boxes[0, 3] - 0.6 * (boxes[0, 3] - boxes[0, 1])
    assert not _place(boxes, _model()).is_inferred.any()


def test_standing_just_at_the_edge_is_seen_whole() -> None:
    box = np.array([[600.0, 0, 640, CAMERA.wh[1]]])
    box[0, 1] = box[0, 3] - _model().height_px(np.array([720.0]))[0]
    assert not _place(box, _model()).is_inferred.any()


def test_without_a_head_nothing_can_be_inferred() -> None:
    box = np.array([[600.0, 0.0, 800.0, 720.0]])
    assert not _place(box, HeightModel(0.99, 600.0)).is_inferred.any()


def test_nobody_can_stand_above_the_horizon() -> None:
    box = np.array([[10.0, 10.0, 20.0, CAMERA.horizon_y_px - 5]])
    assert np.isnan(_place(box, _model()).world_m).all()


def test_nobody() -> None:
    placed = _place(np.zeros((0, 4)), _model())
    assert placed.foot_px.shape == placed.world_m.shape == (0, 2)
    assert placed.is_inferred.shape == (0,)


def _seconds(count: int) -> float:
    """Time for ``count`` people at one density, half of them looking hidden."""
    random = np.random.default_rng(1)
    side = 2000 * (count / 500) ** 0.5
    top_left = random.uniform(0, side, (count, 2)) + np.array([0, 400])
    tall = random.choice([25.0, 60.0], count)
    boxes = np.column_stack([top_left, top_left[:, 0] + 20, top_left[:, 1] + tall])
    plane = GroundPlane.from_matrix(np.diag([0.01, 0.01, 1.0]))
    wh = (int(side), int(side) + 500)
    best = np.inf
    for _ in range(15):
        start = time.process_time()
        placed = ground_positions(
            boxes, plane=plane, picture_wh=wh, height_model=HeightModel(0.0, 60.0)
        )
        best = min(best, time.process_time() - start)
    assert placed.is_inferred.any()
    return float(best)


def test_time_grows_with_the_number_of_people_not_its_square() -> None:
    small, large = _seconds(500), _seconds(5000)
    assert small < 0.005  # about 0.4 ms
    assert large < 60 * max(small, 2e-4)  # ten times the people; their square would be 100
