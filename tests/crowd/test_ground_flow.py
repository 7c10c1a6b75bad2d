from __future__ import annotations

import numpy as np
import pytest

from backend.core.frame import FloatArray
from backend.core.observation import PictureFlow
from backend.crowd.calibration import GroundPlane, MonitoredGround
from backend.crowd.ground_flow import SEEN_HEIGHT_M, ground_flow
from tests.crowd.calibration.pinhole import Pinhole

CAMERA = Pinhole(height_m=6.0, tilt_deg=35.0)
WORLD = CAMERA.square_m()
PLANE = GroundPlane.from_points(CAMERA.see(WORLD), WORLD)
GROUND = MonitoredGround.build(PLANE, picture_wh=CAMERA.wh)
STEP_S = 0.05
FAR_AWAY_M = np.array([100.0, -50.0])


def _people(camera: Pinhole = CAMERA) -> FloatArray:
    """People ahead of the camera, (N, 2) metres."""
    ahead = [camera.ahead_m(far, aside) for far in (7.5, 10.0, 13.0) for aside in (-2.0, 0.0, 2.0)]
    return np.array(ahead)


def _seen_flow(
    at: FloatArray, velocity: FloatArray, *, above_m: float, camera: Pinhole = CAMERA
) -> PictureFlow:
    """What the camera sees of points that move at a height above the ground."""
    start = camera.see(at - STEP_S * velocity, above_m=above_m)
    end = camera.see(at + STEP_S * velocity, above_m=above_m)
    middle = (start + end) / 2
    return PictureFlow(
        stream_time_s=1.0,
        points_px=middle.astype(np.float32),
        velocity_px_per_s=((end - start) / (2 * STEP_S)).astype(np.float32),
        noise_px_per_s=0.5,
    )


@pytest.mark.parametrize("velocity", [(1.0, 0.0), (0.0, 1.0), (-0.7, 0.7)])
def test_motion_on_the_ground_comes_back(velocity: tuple[float, float]) -> None:
    at, moved = _people(), np.array(velocity)
    found = ground_flow(_seen_flow(at, moved, above_m=0.0), plane=PLANE, ground=GROUND)
    assert found.positions_m == pytest.approx(at, abs=0.02)
    assert found.velocity_mps == pytest.approx(np.broadcast_to(moved, at.shape), rel=0.01, abs=2e-3)


@pytest.mark.parametrize("velocity", [(1.0, 0.0), (0.0, 1.0)])
def test_heads_taken_for_ground_read_too_fast_by_the_ratio_of_heights(
    velocity: tuple[float, float],
) -> None:
    at, moved, above_m = _people(), np.array(velocity), 1.5
    found = ground_flow(_seen_flow(at, moved, above_m=above_m), plane=PLANE, ground=GROUND)
    factor = CAMERA.height_m / (CAMERA.height_m - above_m)
    assert found.velocity_mps == pytest.approx(
        np.broadcast_to(factor * moved, at.shape), rel=0.02, abs=5e-3
    )


@pytest.mark.parametrize("velocity", [(1.0, 0.0), (0.0, 1.0), (-0.7, 0.7)])
@pytest.mark.parametrize("mirrored", [False, True])
def test_with_the_camera_known_the_parallax_is_taken_back(
    velocity: tuple[float, float], mirrored: bool
) -> None:
    camera = Pinhole(height_m=7.0, tilt_deg=25.0, yaw_deg=40.0, mirrored=mirrored)
    world = camera.square_m() + FAR_AWAY_M
    plane = GroundPlane.from_points(camera.see(camera.square_m()), world)
    ground = MonitoredGround.build(plane, picture_wh=camera.wh)
    at, moved = _people(camera), np.array(velocity)
    seen = _seen_flow(at, moved, above_m=SEEN_HEIGHT_M, camera=camera)
    found = ground_flow(seen, plane=plane, ground=ground, picture_wh=camera.wh)
    assert found.positions_m == pytest.approx(at + FAR_AWAY_M, abs=0.02)
    assert found.velocity_mps == pytest.approx(np.broadcast_to(moved, at.shape), rel=0.01, abs=3e-3)


@pytest.mark.parametrize("velocity", [(1.0, 0.0), (0.0, 1.0), (-0.7, 0.7)])
def test_a_camera_hung_too_low_to_be_found_goes_by_the_heights_of_people(
    velocity: tuple[float, float],
) -> None:
    low = Pinhole(height_m=2.2, tilt_deg=12.0)
    world = low.square_m()
    plane = GroundPlane.from_points(low.see(world), world)
    ground = MonitoredGround.build(plane, picture_wh=low.wh)
    at = np.array([low.ahead_m(far, aside) for far in (4.0, 6.0, 9.0) for aside in (-1.0, 1.0)])
    seen = _seen_flow(at, np.array(velocity), above_m=SEEN_HEIGHT_M, camera=low)
    speeds = {}
    for name, heights in (("known", plane.height_model(low.wh)), ("unknown", None)):
        found = ground_flow(seen, plane=plane, ground=ground, picture_wh=low.wh, heights=heights)
        speeds[name] = np.linalg.norm(found.velocity_mps, axis=1)
    true = np.hypot(*velocity)
    assert len(speeds["known"]) == len(at)
    assert speeds["known"] == pytest.approx(true, rel=0.06)
    assert speeds["unknown"].min() > 3 * true, "heads are taken for ground: H / (H - h)"


def test_cells_off_the_monitored_ground_are_dropped() -> None:
    at = _people()
    flow = _seen_flow(at, np.array([1.0, 0.0]), above_m=0.0)
    ground = MonitoredGround.build(
        PLANE,
        picture_wh=CAMERA.wh,
        monitored_px=CAMERA.see(
            np.array([CAMERA.ahead_m(f, a) for f, a in ((6, -3), (6, 3), (11, 3), (11, -3))])
        ),
    )
    found = ground_flow(flow, plane=PLANE, ground=ground)
    assert len(found.positions_m) == 6
    assert np.linalg.norm(found.positions_m - at[:6], axis=1).max() < 0.02


def test_noise_and_weights_grow_with_the_ground_a_pixel_covers() -> None:
    near, far = (np.array([CAMERA.ahead_m(d, 0.0)]) for d in (6.0, 13.0))
    still = np.zeros(2)
    close = ground_flow(_seen_flow(near, still, above_m=0.0), plane=PLANE, ground=GROUND)
    away = ground_flow(_seen_flow(far, still, above_m=0.0), plane=PLANE, ground=GROUND)
    assert 0 < close.noise_mps < away.noise_mps
    assert close.ground_per_px[0] < away.ground_per_px[0]
    corners = np.array([[0.0, 0], [1, 0], [1, 1], [0, 1]]) + CAMERA.see(near)[0] - 0.5
    assert close.ground_per_px[0] == pytest.approx(PLANE.area_m2(corners), rel=0.01)


def test_cells_can_be_chosen() -> None:
    at = _people()
    found = ground_flow(
        _seen_flow(at, np.array([1.0, 0.0]), above_m=0.0), plane=PLANE, ground=GROUND
    )
    left = found.where(found.positions_m[:, 0] < -1)
    assert left.positions_m == pytest.approx(found.positions_m[[0, 3, 6]])
    assert left.velocity_mps.shape == (3, 2)
    assert left.ground_per_px.shape == (3,)
    assert left.noise_mps == found.noise_mps


def test_no_cells_no_flow() -> None:
    nothing = PictureFlow(0.0, np.zeros((0, 2), np.float32), np.zeros((0, 2), np.float32), 1.0)
    found = ground_flow(nothing, plane=PLANE, ground=GROUND, picture_wh=CAMERA.wh)
    assert found.positions_m.shape == found.velocity_mps.shape == (0, 2)
    assert found.noise_mps == 0


def test_the_sky_has_no_ground() -> None:
    sky = np.array([[640.0, 5.0]], np.float32)
    flow = PictureFlow(0.0, sky, np.ones((1, 2), np.float32), 1.0)
    low = Pinhole(height_m=6.0, tilt_deg=12.0)
    world = low.square_m()
    plane = GroundPlane.from_points(low.see(world), world)
    ground = MonitoredGround.build(plane, picture_wh=low.wh)
    assert len(ground_flow(flow, plane=plane, ground=ground).positions_m) == 0
