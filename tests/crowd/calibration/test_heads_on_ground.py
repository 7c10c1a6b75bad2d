from __future__ import annotations

import numpy as np
import pytest

from backend.core.frame import FloatArray
from backend.crowd.calibration import GroundPlane, HeightModel
from backend.crowd.calibration.heads_on_ground import (
    HEAD_HEIGHT_M,
    HeadBasis,
    heads_on_ground,
    plane_of_heads,
)
from tests.crowd.calibration.pinhole import Pinhole

CAMERA = Pinhole(height_m=6.0, tilt_deg=35.0)
FAR_AWAY_M = np.array([250.0, -80.0])


def _plane(camera: Pinhole, shift: FloatArray | None = None) -> GroundPlane:
    world = camera.square_m()
    return GroundPlane.from_points(camera.see(world), world if shift is None else world + shift)


def _people(camera: Pinhole) -> FloatArray:
    ahead = [camera.ahead_m(far, aside) for far in (6.0, 9.0, 14.0) for aside in (-2.0, 0.0, 3.0)]
    return np.array(ahead)


@pytest.mark.parametrize("height_m", [3.0, 6.0, 15.0])
@pytest.mark.parametrize("mirrored", [False, True])
def test_feet_are_found_below_heads(height_m: float, mirrored: bool) -> None:
    camera = Pinhole(height_m=height_m, tilt_deg=30.0, yaw_deg=-25.0, mirrored=mirrored)
    feet = _people(camera)
    found = heads_on_ground(
        camera.see(feet, above_m=HEAD_HEIGHT_M),
        plane=_plane(camera, FAR_AWAY_M),
        picture_wh=camera.wh,
    )
    assert found == pytest.approx(feet + FAR_AWAY_M, abs=0.01)


def test_people_somewhat_taller_or_smaller_are_put_near_by() -> None:
    feet = _people(CAMERA)
    way = plane_of_heads(_plane(CAMERA), CAMERA.wh)
    assert way.basis is HeadBasis.CAMERA
    for above_m in (1.5, 1.7):
        apart = np.linalg.norm(way.below(CAMERA.see(feet, above_m=above_m)) - feet, axis=1)
        away = np.linalg.norm(feet, axis=1)
        assert apart == pytest.approx(0.1 * away / (CAMERA.height_m - above_m), rel=0.01)


def test_a_camera_hung_too_low_leaves_it_to_the_heights_of_people() -> None:
    low = Pinhole(height_m=2.2, tilt_deg=12.0)
    plane = _plane(low)
    feet = np.array([low.ahead_m(far, 0.5) for far in (4.0, 6.0, 9.0)])
    seen = low.see(feet, above_m=HEAD_HEIGHT_M)
    way = plane_of_heads(plane, low.wh, heights=plane.height_model(low.wh))
    assert way.basis is HeadBasis.HEIGHTS
    assert np.linalg.norm(way.below(seen) - feet, axis=1).max() < 1.2
    unknown = plane_of_heads(plane, low.wh)
    assert unknown.basis is HeadBasis.PLANE
    assert np.linalg.norm(unknown.below(seen) - feet, axis=1).min() > 5.0


def test_heights_alone_put_the_feet_where_the_height_model_has_them() -> None:
    overhead = GroundPlane.from_matrix(np.diag([0.02, 0.02, 1.0]))
    model = HeightModel(slope=0.3, intercept=20.0)
    foot_y = np.array([100.0, 300.0, 500.0])
    head = np.stack([np.full(3, 50.0), foot_y - 1.6 / 1.7 * model.height_px(foot_y)], axis=1)
    way = plane_of_heads(overhead, (800, 600), heights=model)
    assert way.basis is HeadBasis.HEIGHTS
    assert way.below(head)[:, 1] == pytest.approx(0.02 * foot_y)


def test_a_head_above_the_horizon_has_no_place() -> None:
    level = Pinhole(height_m=6.0, tilt_deg=8.0)
    way = plane_of_heads(_plane(level), level.wh)
    assert np.isnan(way.below(np.array([[640.0, 5.0]]))).all()
    assert way.below(np.zeros((0, 2))).shape == (0, 2)
