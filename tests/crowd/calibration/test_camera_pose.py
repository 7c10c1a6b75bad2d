from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.crowd.calibration.camera_pose import fit_height_model, recover_pose
from backend.crowd.calibration.homography import fit_linear
from tests.crowd.calibration.pinhole import Pinhole


@given(
    camera=st.builds(
        Pinhole,
        height_m=st.floats(2, 40),
        tilt_deg=st.floats(3, 80),
        focal_px=st.floats(500, 3000),
        yaw_deg=st.floats(-180, 180),
        mirrored=st.booleans(),
    )
)
def test_the_camera_comes_out_of_the_homography(camera: Pinhole) -> None:
    world = camera.square_m()
    pose = recover_pose(fit_linear(camera.see(world), world), camera.wh)
    assert pose is not None
    assert pose.focal_px == pytest.approx(camera.focal_px, rel=1e-5)
    assert pose.tilt_deg == pytest.approx(camera.tilt_deg, abs=1e-3)
    assert pose.height_m == pytest.approx(camera.height_m, rel=1e-5)
    assert pose.to_image(world, 1.7) == pytest.approx(camera.see(world, above_m=1.7), abs=1e-3)


def test_straight_down_tells_no_focal_length() -> None:
    assert recover_pose(np.diag([0.01, 0.01, 1.0]), (640, 480)) is None
    assert recover_pose(np.diag([0.01, -0.01, 1.0]), (640, 480)) is None


def test_no_focal_length_fits_a_sheared_ground() -> None:
    camera = Pinhole()
    matrix = fit_linear(camera.see(camera.square_m()), camera.square_m())
    sheared = np.array([[1.0, 6.0, 0], [0, 1, 0], [0, 0, 1]]) @ matrix
    pose = recover_pose(sheared, camera.wh)
    assert pose is None or abs(pose.focal_px / camera.focal_px - 1) > 0.2


def test_people_seen_from_far_above_have_no_line_of_heights() -> None:
    camera = Pinhole(tilt_deg=85, height_m=8, focal_px=900)
    world = np.array([[-2.0, -1.0], [2.0, -1.0], [2.0, 2.0], [-2.0, 2.0]])
    matrix = fit_linear(camera.see(world), world)
    pose = recover_pose(matrix, camera.wh)
    assert pose is not None
    assert fit_height_model(pose, matrix, camera.wh, person_m=1.7) is None
