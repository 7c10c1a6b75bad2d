from __future__ import annotations

import math

import numpy as np
import pytest

from backend.core.frame import FloatArray
from backend.core.measurements import Handedness
from backend.crowd.counting import PeopleWeights
from backend.crowd.ground_flow import GroundFlow
from backend.crowd.metering.density_meter import DensityMeter, GroundCrowd
from backend.crowd.metering.ground_view import GroundView
from backend.crowd.metering.sway import GroundFrame, SwayMeter
from tests.ground_camera import GroundCamera, rectangle

PLACE = rectangle(0, 0, 6, 6)
CAMERA = GroundCamera.over(PLACE)
VIEW = GroundView.of(CAMERA.calibration(PLACE), CAMERA.picture_wh)
PERIOD_S = 12.0


def _orbit(t: float, count: int) -> FloatArray:
    turn = 2 * math.pi * t / PERIOD_S
    return np.tile([0.2 * math.cos(turn), 0.2 * math.sin(turn)], (count, 1))


def _play(
    spacing: float, *, seconds: float, is_saturated: bool = False, by_flow: bool = False
) -> SwayMeter:
    axis = np.arange(spacing / 2, 6, spacing)
    at = np.stack(np.meshgrid(axis, axis), -1).reshape(-1, 2)
    weights = PeopleWeights(np.ones(len(at)), np.ones(len(at)), 0.0)
    crowd = GroundCrowd(np.arange(len(at)), at, np.ones(len(at), np.bool_), weights)
    density = DensityMeter(VIEW).measure(crowd, elapsed_s=0.0)
    sway = SwayMeter(VIEW)
    cells = np.random.default_rng(0).uniform(0, 6, (60, 2))
    noise = np.random.default_rng(3).normal(0, 0.02, (round(seconds * 5) + 1, 2))
    for k, shake in enumerate(noise):
        t = k / 5
        flow = GroundFlow(cells, _orbit(t, 60) + shake, 0.02, np.ones(60)) if by_flow else None
        velocity = np.zeros_like(at) if by_flow else _orbit(t, len(at)) + shake
        sway.measure(GroundFrame(crowd, velocity, flow, is_saturated), density, total_s=t)
    return sway


def test_a_dense_crowd_that_turns_as_one_is_found_with_its_sense() -> None:
    found = _play(0.45, seconds=90).found
    assert found is not None
    assert found.period_s == pytest.approx(PERIOD_S, rel=0.03)
    assert found.handedness is Handedness.ANTICLOCKWISE


def test_where_there_is_room_nothing_sways() -> None:
    assert _play(0.7, seconds=90).found is None


def test_the_picture_tells_it_where_people_cannot_be_counted() -> None:
    assert _play(1.5, seconds=90, by_flow=True).found is None
    found = _play(1.5, seconds=90, by_flow=True, is_saturated=True).found
    assert found is not None
    assert found.period_s == pytest.approx(PERIOD_S, rel=0.03)


def test_a_new_segment_forgets() -> None:
    sway = _play(0.45, seconds=90)
    sway.clear()
    assert sway.found is None


def test_handedness_is_seen_from_above_however_the_axes_lie() -> None:
    mirrored = CAMERA.calibration(PLACE)
    flip = np.diag([1.0, -1.0, 1.0]) @ np.array(mirrored.homography).reshape(3, 3)
    left_handed = type(mirrored)(
        **{name: getattr(mirrored, name) for name in mirrored.__dataclass_fields__}
        | {"homography": tuple(flip.ravel().tolist())}
    )
    assert VIEW.is_right_handed
    assert not GroundView.of(left_handed, CAMERA.picture_wh).is_right_handed
