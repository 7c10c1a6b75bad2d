from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.core.errors import InvalidInputError
from backend.crowd.calibration import GroundPlane, MonitoredGround, solve_points, solve_rectangle
from tests.crowd.calibration.pinhole import Pinhole

CAMERA = Pinhole(tilt_deg=30)
MIDDLE = CAMERA.height_m / np.tan(np.radians(CAMERA.tilt_deg))
CORNERS = np.array([[-3.0, 0.8], [3.0, 0.8], [3.0, 1.5], [-3.0, 1.5]]) * [1, MIDDLE]
IMAGE = CAMERA.see(CORNERS)
AREA = [tuple(corner) for corner in IMAGE.tolist()]
NINE = np.array([[x, y * MIDDLE] for x in (-3.0, 0.0, 3.0) for y in (0.8, 1.1, 1.5)])


def test_four_points_give_area_and_spreads_but_no_error() -> None:
    solution = solve_points(IMAGE, CORNERS, picture_wh=CAMERA.wh, monitored_px=AREA)
    assert solution.area_m2 == pytest.approx(6 * 0.7 * MIDDLE)
    assert solution.rms_error_m is None
    assert 0.002 < solution.length_spread < 0.05
    assert 0.002 < solution.area_spread < 0.05
    assert solution.points_rejected == ()
    assert solution.notes == ()


def test_the_spreads_are_what_inexact_clicks_do() -> None:
    solution = solve_points(IMAGE, CORNERS, picture_wh=CAMERA.wh, monitored_px=AREA)
    random = np.random.default_rng(99)
    areas, lengths = [], []
    for _ in range(300):
        plane = GroundPlane.from_points(IMAGE + random.uniform(-2, 2, (4, 2)), CORNERS)
        areas.append(plane.area_m2(IMAGE) / solution.area_m2)
        ends = CAMERA.see(random.uniform([-3, 0.8 * MIDDLE], [3, 1.5 * MIDDLE], (2, 2)))
        true_m = np.linalg.norm(np.subtract(*solution.plane.to_world(ends)))
        lengths.append(np.linalg.norm(np.subtract(*plane.to_world(ends))) / true_m)
    assert np.mean(np.abs(np.array(areas) - 1) <= solution.area_spread) == pytest.approx(
        0.9, abs=0.06
    )
    assert np.mean(np.abs(np.array(lengths) - 1) <= solution.length_spread) > 0.85


def test_the_same_clicks_give_the_same_spreads() -> None:
    first = solve_points(IMAGE, CORNERS, picture_wh=CAMERA.wh)
    second = solve_points(IMAGE, CORNERS, picture_wh=CAMERA.wh)
    assert (first.length_spread, first.area_spread) == (second.length_spread, second.area_spread)


def test_the_whole_picture_is_monitored_by_default() -> None:
    solution = solve_points(IMAGE, CORNERS, picture_wh=CAMERA.wh)
    ground = MonitoredGround.build(solution.plane, picture_wh=CAMERA.wh)
    assert solution.area_m2 == ground.area_m2
    small = solve_points(IMAGE, CORNERS, picture_wh=CAMERA.wh, monitored_px=AREA)
    assert solution.area_spread > small.area_spread


def test_a_larger_picture_of_the_same_place_is_surer() -> None:
    normal = solve_points(IMAGE, CORNERS, picture_wh=CAMERA.wh, monitored_px=AREA)
    double = solve_points(
        IMAGE * 2,
        CORNERS,
        picture_wh=(2560, 1440),
        monitored_px=[(2 * x, 2 * y) for x, y in AREA],
    )
    assert double.area_m2 == pytest.approx(normal.area_m2)
    assert double.area_spread == pytest.approx(normal.area_spread / 2, rel=0.1)


@settings(max_examples=20)
@given(turn=st.floats(-np.pi, np.pi), east=st.floats(-500, 500), mirrored=st.booleans())
def test_area_and_spreads_do_not_depend_on_the_axes(
    turn: float, east: float, mirrored: bool
) -> None:
    axes = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    moved = CORNERS @ (axes @ np.diag([-1.0 if mirrored else 1.0, 1.0])).T + [east, 0]
    plain = solve_points(IMAGE, CORNERS, picture_wh=CAMERA.wh, monitored_px=AREA)
    other = solve_points(IMAGE, moved, picture_wh=CAMERA.wh, monitored_px=AREA)
    assert other.area_m2 == pytest.approx(plain.area_m2, rel=1e-6)
    assert other.area_spread == pytest.approx(plain.area_spread, rel=1e-3)
    assert other.length_spread == pytest.approx(plain.length_spread, rel=0.1)


def test_points_that_scatter_widen_the_spreads() -> None:
    clean = CAMERA.see(NINE)
    rough = clean + np.random.default_rng(2).normal(0, 3, clean.shape)
    sure = solve_points(clean, NINE, picture_wh=CAMERA.wh, monitored_px=AREA)
    unsure = solve_points(rough, NINE, picture_wh=CAMERA.wh, monitored_px=AREA)
    assert sure.rms_error_m == pytest.approx(0, abs=1e-8)
    assert unsure.rms_error_m is not None
    assert unsure.rms_error_m > 0.01
    assert unsure.area_spread > 1.3 * sure.area_spread


def test_a_wrong_point_is_named() -> None:
    wrong = NINE.copy()
    wrong[7] += [2.0, 1.5]
    solution = solve_points(CAMERA.see(NINE), wrong, picture_wh=CAMERA.wh)
    assert solution.points_rejected == (7,)
    assert solution.rms_error_m == pytest.approx(2.5 / 3)
    assert "point 8" in solution.notes[0]


def test_points_that_disagree_are_not_called_inexact_clicks() -> None:
    image = np.array([[400, 1000], [1500, 1000], [1700, 500], [700, 300], [1000, 600]])
    world = np.array([[1.62, 4.47], [4.33, -1.34], [13.48, -0.4], [15.85, 11.57], [8.8, 4.15]])
    assert solve_points(image, world, picture_wh=(1920, 1080)).area_spread < 0.05
    world[4, 0] += 1.0
    with pytest.raises(InvalidInputError, match="contradict each other by 0"):
        solve_points(image, world, picture_wh=(1920, 1080))


def test_a_rectangle_is_four_points() -> None:
    solution = solve_rectangle(
        IMAGE, width_m=6, length_m=0.7 * MIDDLE, picture_wh=CAMERA.wh, monitored_px=AREA
    )
    points = solve_points(IMAGE, CORNERS, picture_wh=CAMERA.wh, monitored_px=AREA)
    assert solution.area_m2 == pytest.approx(points.area_m2)
    assert solution.area_spread == pytest.approx(points.area_spread, rel=1e-6)


def test_refusals_of_a_rectangle() -> None:
    with pytest.raises(InvalidInputError, match="width of the rectangle must be above 0 m"):
        solve_rectangle(IMAGE, width_m=-1, length_m=2, picture_wh=CAMERA.wh)
    with pytest.raises(InvalidInputError, match="crossed"):
        solve_rectangle(IMAGE[[0, 2, 1, 3]], width_m=6, length_m=4, picture_wh=CAMERA.wh)
