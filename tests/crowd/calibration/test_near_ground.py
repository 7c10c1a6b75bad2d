from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import contains_xy

from backend.crowd.calibration import GroundPlane
from backend.crowd.calibration.homography import fit_linear
from backend.crowd.calibration.near_ground import near_ground
from tests.crowd.calibration.pinhole import Pinhole

FRAME = np.array([[0.0, 0], [1280, 0], [1280, 720], [0, 720]])
X, Y = np.meshgrid(np.linspace(1, 1279, 65), np.linspace(1, 719, 61))
GRID = np.stack([X.ravel(), Y.ravel()], axis=1)


@settings(max_examples=40)
@given(
    camera=st.builds(
        Pinhole,
        height_m=st.floats(2.5, 30),
        tilt_deg=st.floats(12, 85),
        focal_px=st.floats(400, 3000),
        yaw_deg=st.floats(-180, 180),
    ),
    roll_deg=st.floats(-60, 60),
    limit=st.floats(0.02, 0.5),
)
def test_is_where_a_pixel_covers_at_most_the_limit(
    camera: Pinhole, roll_deg: float, limit: float
) -> None:
    world = camera.square_m()
    spin = np.radians(roll_deg)
    turn = np.array([[np.cos(spin), -np.sin(spin)], [np.sin(spin), np.cos(spin)]])
    middle = np.array(camera.wh) / 2
    image = (camera.see(world) - middle) @ turn.T + middle
    plane = GroundPlane(fit_linear(image, world))
    polygon = near_ground(plane, FRAME, max_m_per_px=limit)
    inside = contains_xy(polygon, GRID)
    covered = plane.metres_per_pixel(GRID)
    assert polygon.is_valid
    assert covered[inside].max(initial=0) <= limit * 1.02
    assert covered[~inside].min(initial=np.inf) >= limit * 0.98


@pytest.mark.parametrize(("limit", "area"), [(0.02, 1282 * 722), (0.009, 0)])
def test_straight_down_it_is_all_or_nothing(limit: float, area: float) -> None:
    plane = GroundPlane.from_matrix(np.diag([0.01, 0.01, 1.0]))
    assert near_ground(plane, FRAME, max_m_per_px=limit).area == area
