from __future__ import annotations

import time
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.calibration import Calibration, CalibrationMethod, Point
from backend.core.errors import InvalidInputError
from backend.core.frame import FloatArray
from backend.crowd.calibration import GroundPlane, MonitoredGround
from tests.crowd.calibration.pinhole import Pinhole

CAMERA = Pinhole()
PLANE = GroundPlane.from_points(CAMERA.see(CAMERA.square_m()), CAMERA.square_m())
SQUARE: tuple[Point, ...] = ((400.0, 400.0), (900.0, 400.0), (900.0, 650.0), (400.0, 650.0))
AROUND: tuple[Point, ...] = ((200.0, 300.0), (1100.0, 300.0), (1100.0, 700.0), (200.0, 700.0))


def _build(
    monitored: tuple[Point, ...] | None = None, walkable: tuple[Point, ...] | None = None
) -> MonitoredGround:
    return MonitoredGround.build(
        PLANE, picture_wh=CAMERA.wh, monitored_px=monitored, walkable_px=walkable
    )


def _calibration(**changes: object) -> Calibration:
    values: dict[str, object] = {
        "version": 3,
        "method": CalibrationMethod.POINTS,
        "picture_wh": CAMERA.wh,
        "homography": tuple(PLANE.matrix.ravel().tolist()),
        "monitored_px": SQUARE,
        "walkable_px": AROUND,
        "rms_error_m": 0.1,
        "length_spread": 0.02,
        "area_spread": 0.04,
        "calibrated_at": datetime(2025, 1, 1, tzinfo=UTC),
    }
    return Calibration(**{**values, **changes})  # type: ignore[arg-type]


def test_the_whole_picture_ends_where_a_pixel_covers_too_much() -> None:
    ground = _build()
    covered = PLANE.metres_per_pixel(ground.measurement_px)
    assert covered.max() == pytest.approx(0.25, rel=0.02)
    assert ground.measurement_area.is_valid
    assert ground.walkable_area.equals(ground.measurement_area)
    assert 0 < len(ground.measurement_px) < 40


def test_a_drawn_area_has_the_area_of_its_outline() -> None:
    ground = _build(SQUARE)
    assert ground.area_m2 == pytest.approx(PLANE.area_m2(SQUARE))
    assert ground.area_m2 == pytest.approx(ground.measurement_area.area)


def test_only_what_is_in_the_picture_is_monitored() -> None:
    beyond = ((-500.0, 400.0), (640.0, 400.0), (640.0, 5000.0), (-500.0, 5000.0))
    within = ((0.0, 400.0), (640.0, 400.0), (640.0, 720.0), (0.0, 720.0))
    assert _build(beyond).area_m2 == pytest.approx(PLANE.area_m2(within))


def test_walkable_ground_holds_the_monitored_ground() -> None:
    ground = _build(SQUARE, AROUND)
    assert ground.walkable_area.area == pytest.approx(PLANE.area_m2(AROUND))
    assert ground.walkable_area.covers(ground.measurement_area)
    corner = ((800.0, 600.0), (1200.0, 600.0), (1200.0, 700.0), (800.0, 700.0))
    joined = _build(SQUARE, corner).walkable_area
    assert joined.geom_type == "Polygon"
    assert joined.area < PLANE.area_m2(SQUARE) + PLANE.area_m2(corner)
    assert joined.area > ground.area_m2


def test_of_several_pieces_the_largest_is_kept() -> None:
    # A "U" whose bridge lies above the limit: two legs are left, the right one twice as wide.
    top = CAMERA.horizon_y_px - 50
    u_shape = (
        (100.0, top), (900.0, top), (900.0, 700.0), (700.0, 700.0),
        (700.0, top + 20), (200.0, top + 20), (200.0, 700.0), (100.0, 700.0),
    )  # fmt: skip
    ground = _build(u_shape)
    assert ground.measurement_area.geom_type == "Polygon"
    assert ground.measurement_px[:, 0].min() >= 699


@pytest.mark.parametrize(
    ("monitored", "walkable", "field", "reason"),
    [
        (((0.0, 0.0), (9.0, 9.0)), None, "monitored_area", "three corners"),
        (SQUARE, ((0.0, 0.0), (9.0, 9.0)), "walkable_area", "three corners"),
        ((SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3]), None, "monitored_area", "crosses itself"),
        (((0.0, 0.0), (5.0, 5.0), (9.0, 9.0)), None, "monitored_area", "crosses itself"),
        (((0.0, np.nan), (5.0, 5.0), (9.0, 0.0)), None, "monitored_area", "finite"),
        (((0.0, 0.0), (900.0, 0.0), (900.0, 20.0)), None, "monitored_area", "above the limit"),
        (SQUARE, ((0.0, 650.0), (200.0, 650.0), (200.0, 720.0)), "walkable_area", "not touch"),
        (SQUARE, ((0.0, 0.0), (900.0, 0.0), (900.0, 20.0)), "walkable_area", "not touch"),
    ],
)
def test_refusals(
    monitored: tuple[Point, ...], walkable: tuple[Point, ...] | None, field: str, reason: str
) -> None:
    with pytest.raises(InvalidInputError, match=reason) as caught:
        _build(monitored, walkable)
    assert caught.value.field == field


def test_a_picture_all_above_the_limit_is_refused() -> None:
    skyward = Pinhole(tilt_deg=0.5, height_m=40, focal_px=3000)
    world = np.array([[-9.0, 400], [9, 400], [9, 900], [-9, 900]])
    plane = GroundPlane.from_points(skyward.see(world), world)
    with pytest.raises(InvalidInputError, match="The whole picture lies above the limit"):
        MonitoredGround.build(plane, picture_wh=skyward.wh)


def test_who_stands_inside() -> None:
    ground = _build(SQUARE)
    feet = np.array([[640.0, 500.0], [100.0, 500.0], [640.0, 660.0], [np.nan, 500.0]])
    assert ground.contains(PLANE.to_world(feet)).tolist() == [True, False, False, False]
    assert ground.contains(np.zeros((0, 2))).shape == (0,)


@given(data=st.lists(st.tuples(st.floats(0, 1280), st.floats(390, 720)), min_size=1, max_size=50))
def test_inside_on_the_ground_is_inside_in_the_picture(data: list[tuple[float, float]]) -> None:
    feet = np.array(data)
    (x0, y0), (x1, y1) = SQUARE[0], SQUARE[2]
    edge = np.abs(feet - np.clip(feet, [x0, y0], [x1, y1])).max(axis=1) < 0.01
    close = np.abs(feet[:, :, None] - np.array([[x0, x1], [y0, y1]])).min(axis=(1, 2)) < 0.01
    clear = ~(edge & close)
    inside = (feet > [x0, y0]).all(axis=1) & (feet < [x1, y1]).all(axis=1)
    found = _build(SQUARE).contains(PLANE.to_world(feet))
    assert (found == inside)[clear].all()


def test_five_thousand_people_are_asked_in_no_time() -> None:
    ground = _build()
    random = np.random.default_rng(0)
    people = PLANE.to_world(random.uniform([0, 0], CAMERA.wh, (5000, 2)))

    def once() -> float:
        start = time.process_time()
        ground.contains(people)
        return time.process_time() - start

    assert min(once() for _ in range(5)) < 0.005


def _same_people(picture_wh: tuple[int, int], feet: FloatArray) -> FloatArray:
    plane, ground = MonitoredGround.from_calibration(_calibration(), picture_wh)
    world = plane.to_world(feet * np.array(picture_wh) / CAMERA.wh)
    assert ground.area_m2 == pytest.approx(_build(SQUARE).area_m2)
    assert ground.walkable_area.area == pytest.approx(PLANE.area_m2(AROUND))
    assert plane.rms_error_m == 0.1
    assert plane.to_world(ground.measurement_px) == pytest.approx(
        np.array(ground.measurement_area.exterior.coords)[:-1]
    )
    return world


def test_a_stored_calibration_fits_a_stream_of_another_size() -> None:
    feet = np.array([[640.0, 500.0], [300.0, 600.0]])
    expected = PLANE.to_world(feet)
    for wh in ((1280, 720), (1920, 1080), (640, 360), (640, 362)):
        assert _same_people(wh, feet) == pytest.approx(expected)


def test_a_stream_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="1280 × 720 px; 640 × 480 px has another shape"):
        MonitoredGround.from_calibration(_calibration(), (640, 480))


def test_the_sign_of_a_stored_homography_is_put_right() -> None:
    turned = _calibration(homography=tuple((-PLANE.matrix).ravel().tolist()), monitored_px=None)
    plane, ground = MonitoredGround.from_calibration(turned, CAMERA.wh)
    assert plane.matrix == pytest.approx(PLANE.matrix)
    assert ground.area_m2 == pytest.approx(_build().area_m2)
