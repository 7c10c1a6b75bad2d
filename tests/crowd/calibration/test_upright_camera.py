from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.crowd.calibration import GroundPlane
from backend.crowd.calibration.upright_camera import (
    UprightCamera,
    fit_upright_camera,
    focal_from_view,
)
from tests.crowd.calibration.pinhole import Pinhole

cameras = st.builds(
    Pinhole,
    height_m=st.floats(2.5, 30),
    tilt_deg=st.floats(2, 45),
    focal_px=st.floats(500, 2500),
)


def _camera(truth: Pinhole) -> UprightCamera:
    return UprightCamera(
        np.array([truth.focal_px]), np.radians([truth.tilt_deg]), np.array([truth.height_m])
    )


@given(truth=cameras, share=st.floats(0.4, 3), aside=st.floats(-0.4, 0.4))
def test_heights_and_ground_are_those_of_a_pinhole(
    truth: Pinhole, share: float, aside: float
) -> None:
    middle = truth.height_m / np.tan(np.radians(truth.tilt_deg))
    place = np.array([[aside * middle, share * middle]])
    foot, head = truth.see(place), truth.see(place, above_m=1.7)
    camera = _camera(truth)
    tall = camera.heights_px(foot[:, 1] - truth.wh[1] / 2, person_m=1.7)
    assert tall[0] == pytest.approx(foot[:, 1] - head[:, 1], rel=1e-6)
    plane = GroundPlane.from_matrix(
        camera.matrices(truth.wh)[0], in_front_px=(foot[0, 0], foot[0, 1])
    )
    assert plane.to_world(foot) == pytest.approx(place, rel=1e-6, abs=1e-6)


@given(truth=cameras)
def test_the_camera_is_found_again(truth: Pinhole) -> None:
    rows = np.linspace(truth.horizon_y_px + 60, truth.horizon_y_px + 600, 30) - truth.wh[1] / 2
    tall = _camera(truth).heights_px(rows, person_m=1.7)
    found = fit_upright_camera(rows[None], tall, focal_px=np.array([truth.focal_px]), person_m=1.7)
    assert np.degrees(found.tilt_rad[0]) == pytest.approx(truth.tilt_deg, abs=0.01)
    assert found.height_m[0] == pytest.approx(truth.height_m, rel=1e-3)


def test_above_the_horizon_nobody_has_a_height() -> None:
    truth = Pinhole()
    rows = np.array([truth.horizon_y_px - 10, truth.horizon_y_px + 10]) - truth.wh[1] / 2
    tall = _camera(truth).heights_px(rows, person_m=1.7)[0]
    assert np.isnan(tall[0])
    assert tall[1] > 0


def test_a_field_of_view_is_a_focal_length() -> None:
    truth = Pinhole(focal_px=877.0)
    assert focal_from_view(np.array([truth.view_deg]), truth.wh) == pytest.approx([877.0])
