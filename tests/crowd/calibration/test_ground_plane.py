from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.errors import InvalidInputError
from backend.crowd.calibration import GroundPlane
from tests.crowd.calibration.pinhole import Pinhole

CAMERA = Pinhole(yaw_deg=30)
WORLD = CAMERA.square_m()
IMAGE = CAMERA.see(WORLD)
PLANE = GroundPlane.from_points(IMAGE, WORLD)

cameras = st.builds(
    Pinhole,
    height_m=st.floats(2.5, 20),
    tilt_deg=st.floats(12, 55),
    focal_px=st.floats(500, 3000),
    yaw_deg=st.floats(-180, 180),
    mirrored=st.booleans(),
)


@given(camera=cameras, near=st.floats(0.5, 2.0), aside=st.floats(-0.5, 0.5))
def test_recovers_any_pinhole_camera(camera: Pinhole, near: float, aside: float) -> None:
    world = camera.square_m()
    plane = GroundPlane.from_points(camera.see(world), world)
    middle = camera.height_m / np.tan(np.radians(camera.tilt_deg))
    spot = camera.ahead_m(near * middle, aside * middle)[None]
    size = abs(spot).max()
    assert plane.to_world(camera.see(spot)) == pytest.approx(spot, abs=1e-6 * size)
    assert plane.to_image(spot) == pytest.approx(camera.see(spot), abs=1e-4)
    assert plane.rms_error_m is None


@given(x=st.floats(0, 1280), y=st.floats(0, 720))
def test_there_and_back(x: float, y: float) -> None:
    spot = np.array([[x, y]])
    assert PLANE.to_image(PLANE.to_world(spot)) == pytest.approx(spot, abs=1e-6)


@given(turn=st.floats(-np.pi, np.pi), east=st.floats(-1e4, 1e4), mirrored=st.booleans())
def test_area_does_not_depend_on_the_axes(turn: float, east: float, mirrored: bool) -> None:
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    if mirrored:
        rotation = rotation @ np.diag([-1, 1])
    moved = GroundPlane.from_points(IMAGE, WORLD @ rotation.T + [east, 100])
    assert moved.area_m2(IMAGE) == pytest.approx(PLANE.area_m2(IMAGE), rel=1e-6)
    spot = np.array([[640.0, 500.0]])
    assert moved.metres_per_pixel(spot) == pytest.approx(PLANE.metres_per_pixel(spot), rel=1e-6)


@given(factor=st.floats(0.25, 4))
def test_a_picture_of_another_size_shows_the_same_ground(factor: float) -> None:
    other = (round(1280 * factor), round(720 * factor))
    stretch = np.array(other) / [1280, 720]
    scaled = PLANE.scaled((1280, 720), other)
    assert scaled.to_world(IMAGE * stretch) == pytest.approx(WORLD, abs=1e-8)
    assert scaled.rms_error_m == PLANE.rms_error_m


def test_horizon_and_above_is_nan_in_the_picture() -> None:
    horizon = CAMERA.horizon_y_px
    rows = np.array([[640.0, horizon + 1], [640.0, horizon - 1], [0.0, horizon - 200]])
    assert np.isnan(PLANE.to_world(rows)).any(axis=1).tolist() == [False, True, True]
    assert np.isinf(PLANE.metres_per_pixel(rows)).tolist() == [False, True, True]


def test_behind_the_camera_is_nan() -> None:
    places = np.stack([CAMERA.ahead_m(10.0), CAMERA.ahead_m(-10.0)])
    assert np.isnan(PLANE.to_image(places)).any(axis=1).tolist() == [False, True]


def test_nobody() -> None:
    none = np.zeros((0, 2))
    assert PLANE.to_world(none).shape == PLANE.to_image(none).shape == (0, 2)
    assert PLANE.metres_per_pixel(none).shape == (0,)


def test_a_rectangle_keeps_its_sides_either_way_round() -> None:
    corners = CAMERA.see(WORLD)
    width = float(np.linalg.norm(WORLD[1] - WORLD[0]))
    length = float(np.linalg.norm(WORLD[2] - WORLD[1]))
    for order in ([0, 1, 2, 3], [1, 0, 3, 2]):
        plane = GroundPlane.from_rectangle(corners[order], width_m=width, length_m=length)
        sides = np.diff(plane.to_world(corners[order]), axis=0)
        assert np.linalg.norm(sides, axis=1) == pytest.approx([width, length, width])


@pytest.mark.parametrize("side", [0.0, -2.0, np.nan, np.inf])
def test_a_rectangle_without_size_is_refused(side: float) -> None:
    with pytest.raises(InvalidInputError, match="length of the rectangle") as caught:
        GroundPlane.from_rectangle(IMAGE, width_m=3, length_m=side)
    assert caught.value.field == "points"


def test_sign_of_a_given_matrix_does_not_matter() -> None:
    spot = np.array([[640.0, 500.0]])
    for factor in (1.0, -3.0, 1e-6):
        plane = GroundPlane.from_matrix(PLANE.matrix * factor, rms_error_m=0.2)
        assert plane.to_world(spot) == pytest.approx(PLANE.to_world(spot))
        assert plane.rms_error_m == 0.2


def test_a_known_ground_point_decides_the_sign() -> None:
    upside_down = (
        PLANE.matrix @ np.diag([1.0, -1.0, 1.0]) @ np.array([[1, 0, 0], [0, 1, -720], [0, 0, 1.0]])
    )
    spot = np.array([[640.0, 220.0]])
    assert np.isnan(GroundPlane.from_matrix(upside_down).to_world(spot)).all()
    plane = GroundPlane.from_matrix(upside_down, in_front_px=(640.0, 220.0))
    assert plane.to_world(spot) == pytest.approx(PLANE.to_world(np.array([[640.0, 500.0]])))


@pytest.mark.parametrize(
    ("matrix", "reason"),
    [
        (np.zeros((3, 3)), "singular"),
        (np.outer([1.0, 2, 3], [1.0, 2, 3]), "singular"),
        (np.full((3, 3), np.nan), "finite"),
        (np.eye(2), "3 × 3"),
    ],
)
def test_a_matrix_that_is_no_homography_is_refused(matrix: np.ndarray, reason: str) -> None:
    with pytest.raises(InvalidInputError, match=reason):
        GroundPlane.from_matrix(matrix)


def test_the_plane_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        PLANE.matrix[0, 0] = 5
    given_matrix = np.eye(3)
    plane = GroundPlane.from_matrix(given_matrix)
    given_matrix[0, 0] = 7
    assert plane.to_world(np.array([[1.0, 1.0]])).tolist() == [[1.0, 1.0]]


@pytest.mark.parametrize("corners", [[[0, 0], [5, 5]], [[600, 500], [700, 500], [640, -5000]]])
def test_an_area_without_end_is_refused(corners: list[list[float]]) -> None:
    with pytest.raises(InvalidInputError, match="below the horizon") as caught:
        PLANE.area_m2(corners)
    assert caught.value.field == "polygon"


def test_metres_per_pixel_is_the_largest_stretch() -> None:
    spot = np.array([[640.0, 400.0]])
    around = spot + np.array([[np.cos(a), np.sin(a)] for a in np.linspace(0, np.pi, 721)]) * 0.01
    lengths = np.linalg.norm(PLANE.to_world(around) - PLANE.to_world(spot), axis=1) / 0.01
    assert PLANE.metres_per_pixel(spot)[0] == pytest.approx(lengths.max(), rel=1e-3)


@given(camera=cameras.filter(lambda one: one.tilt_deg < 35))
def test_height_model_comes_out_of_the_homography_alone(camera: Pinhole) -> None:
    world = camera.square_m()
    plane = GroundPlane.from_points(camera.see(world), world)
    model = plane.height_model(camera.wh)
    if model is None:  # a long lens over people's heads shows too few rows of upright people
        return
    foot = camera.see(world)
    tall = foot[:, 1] - camera.see(world, above_m=1.7)[:, 1]
    inside = (foot[:, 1] < camera.wh[1]) & (tall > 2) & (tall < camera.wh[1])
    assert model.height_px(foot[inside, 1]) == pytest.approx(tall[inside], rel=0.3)


def test_looking_straight_down_there_is_no_height() -> None:
    assert GroundPlane.from_matrix(np.diag([0.01, 0.01, 1.0])).height_model((640, 480)) is None
