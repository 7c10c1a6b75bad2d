from __future__ import annotations

import numpy as np
import pytest

from backend.core.frame import FloatArray
from backend.crowd.calibration import AutomaticCalibration, estimate_from_heights
from tests.crowd.calibration.pinhole import Pinhole

CAMERAS = [
    Pinhole(height_m=3.2, tilt_deg=8, focal_px=900),
    Pinhole(height_m=6, tilt_deg=20, focal_px=1100),
    Pinhole(height_m=10, tilt_deg=30, focal_px=800),
    Pinhole(height_m=20, tilt_deg=12, focal_px=1800),
]


def _people(camera: Pinhole, *, count: int = 400, stature_sd: float = 0.07) -> FloatArray:
    """(K, 3) feet and heights of people of 1.70 m on average standing all over the picture."""
    random = np.random.default_rng(5)
    rows = random.uniform(max(camera.horizon_y_px + 40, 40), camera.wh[1] - 10, count)
    tilt = np.radians(camera.tilt_deg)
    down = (rows - camera.wh[1] / 2) / camera.focal_px
    away = (np.cos(tilt) - down * np.sin(tilt)) / (down * np.cos(tilt) + np.sin(tilt))
    world = np.stack([np.zeros(count), camera.height_m * away], axis=1)
    foot = camera.see(world)
    statures = random.normal(1.70, stature_sd, count)
    head = np.concatenate(
        [camera.see(place[None], above_m=tall) for place, tall in zip(world, statures, strict=True)]
    )
    return np.column_stack([foot, foot[:, 1] - head[:, 1]])


def _estimate(camera: Pinhole, people: FloatArray, view_deg: float | None) -> AutomaticCalibration:
    return estimate_from_heights(
        people[:, :2], people[:, 2], picture_wh=camera.wh, field_of_view_deg=view_deg
    )


@pytest.mark.parametrize("camera", CAMERAS, ids=str)
def test_a_known_camera_is_recovered(camera: Pinhole) -> None:
    found = _estimate(camera, _people(camera), camera.view_deg)
    assert found.camera_height_m == pytest.approx(camera.height_m, rel=0.03)
    assert found.tilt_deg == pytest.approx(camera.tilt_deg, abs=1.0)
    assert found.horizon_y_px == pytest.approx(camera.horizon_y_px, abs=30)
    middle = camera.height_m / np.tan(np.radians(camera.tilt_deg))
    walk = np.array([[-1.0, 0.9 * middle], [1.0, 0.9 * middle], [0.0, 1.1 * middle]])
    placed = found.plane.to_world(camera.see(walk))
    across = np.linalg.norm(placed[1] - placed[0])
    assert across == pytest.approx(2.0, rel=0.03)
    assert np.linalg.norm(placed[2] - placed[:2].mean(axis=0)) == pytest.approx(
        0.2 * middle, rel=0.08
    )
    assert not found.field_of_view_assumed
    assert found.people_given == 400
    assert found.residual_relative == pytest.approx(0.07 / 1.70, rel=0.25)


@pytest.mark.parametrize("camera", CAMERAS, ids=str)
def test_perfect_people_give_the_exact_camera(camera: Pinhole) -> None:
    found = _estimate(camera, _people(camera, stature_sd=0.0), camera.view_deg)
    assert found.camera_height_m == pytest.approx(camera.height_m, rel=1e-3)
    assert found.tilt_deg == pytest.approx(camera.tilt_deg, abs=0.02)
    assert found.residual_px < 0.1


@pytest.mark.parametrize("camera", CAMERAS[:2], ids=str)
def test_an_assumed_field_of_view_is_said_and_carried(camera: Pinhole) -> None:
    people = _people(camera)
    known, assumed = _estimate(camera, people, camera.view_deg), _estimate(camera, people, None)
    assert assumed.field_of_view_assumed
    assert assumed.field_of_view_deg == 60
    assert any("Field of view assumed to be 60°" in note for note in assumed.notes)
    assert not any("Field of view" in note for note in known.notes)
    assert assumed.area_spread > 1.3 * known.area_spread
    assert assumed.length_spread > 1.3 * known.length_spread
    truth = known.plane.area_m2(((500, 500), (800, 500), (800, 700), (500, 700)))
    guess = assumed.plane.area_m2(((500, 500), (800, 500), (800, 700), (500, 700)))
    assert abs(truth / guess - 1) < assumed.area_spread


def test_half_hidden_people_are_left_out() -> None:
    camera = CAMERAS[1]
    people = _people(camera)
    people[::5, 2] *= 0.6
    found = _estimate(camera, people, camera.view_deg)
    assert found.people_used <= 330
    assert found.camera_height_m == pytest.approx(camera.height_m, rel=0.05)


def test_taller_people_make_the_ground_smaller_by_their_share() -> None:
    camera = CAMERAS[1]
    people = _people(camera, stature_sd=0.0)
    tall = people.copy()
    tall[:, 2] *= 1.05
    plain, other = (_estimate(camera, one, camera.view_deg) for one in (people, tall))
    assert other.camera_height_m / plain.camera_height_m == pytest.approx(1 / 1.05, rel=0.02)
    assert abs(plain.area_m2 / other.area_m2 - 1) < other.area_spread


def test_few_people_and_few_rows_are_said() -> None:
    camera = CAMERAS[0]
    few = _estimate(camera, _people(camera, count=60), camera.view_deg)
    assert any("only" in note and "people" in note for note in few.notes)
    wide = CAMERAS[1]
    people = _people(wide, count=1500)
    band = people[(people[:, 1] > 100) & (people[:, 1] < 320)]
    narrow = _estimate(wide, band, wide.view_deg)
    assert any("narrow band of rows" in note for note in narrow.notes)


def test_the_same_people_give_the_same_calibration() -> None:
    people = _people(CAMERAS[2])
    first, second = (_estimate(CAMERAS[2], people, None) for _ in range(2))
    assert (first.plane.matrix == second.plane.matrix).all()
    assert (first.area_spread, first.length_spread) == (second.area_spread, second.length_spread)
    shuffled = _estimate(CAMERAS[2], people[::-1], None)
    assert shuffled.camera_height_m == pytest.approx(first.camera_height_m, rel=0.01)


def test_the_line_of_heights_is_kept_as_evidence() -> None:
    camera = CAMERAS[1]
    people = _people(camera)
    found = _estimate(camera, people, camera.view_deg)
    expected = found.height_model.height_px(people[:, 1])
    assert np.median(np.abs(people[:, 2] / expected - 1)) < 0.08
