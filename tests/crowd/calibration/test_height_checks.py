"""Every reason for which people's heights give no calibration, through the public door."""

from __future__ import annotations

import numpy as np
import pytest

from backend.core.errors import InvalidInputError
from backend.core.frame import FloatArray
from backend.crowd.calibration import estimate_from_heights
from backend.crowd.calibration.height_checks import check_camera
from backend.crowd.calibration.upright_camera import UprightCamera

WH = (1280, 720)
CAMERA = UprightCamera(np.array([1100.0]), np.radians([15.0]), np.array([6.0]))
RANDOM = np.random.default_rng(0)


def _heights(rows: FloatArray) -> FloatArray:
    return CAMERA.heights_px(rows - 360, person_m=1.7)[0]


def _refused(rows: FloatArray, tall: FloatArray, view_deg: float | None = 60.0) -> str:
    foot = np.stack([np.full(len(rows), 640.0), rows], axis=1)
    with pytest.raises(InvalidInputError) as caught:
        estimate_from_heights(foot, tall, picture_wh=WH, field_of_view_deg=view_deg)
    assert caught.value.field == "people"
    return str(caught.value)


def test_nobody_and_too_few() -> None:
    assert "Only 0 whole people" in _refused(np.zeros(0), np.zeros(0))
    rows = np.linspace(250, 700, 19)
    assert "Only 19 whole people were seen, at least 20" in _refused(rows, _heights(rows))


def test_boxes_cut_off_by_the_edge_do_not_count() -> None:
    rows = np.full(50, 719.0)
    assert "Only 0 whole people" in _refused(rows, np.linspace(50, 90, 50))
    rows = np.linspace(250, 700, 50)
    assert "Only 0 whole people" in _refused(rows, rows - 1)
    assert "Only 0 whole people" in _refused(rows, np.full(50, np.nan))


def test_all_in_the_same_rows() -> None:
    rows = RANDOM.uniform(400, 450, 100)
    assert "rows of the picture only" in _refused(rows, _heights(rows))


def test_no_perspective() -> None:
    rows = RANDOM.uniform(200, 700, 100)
    assert "not clearly higher" in _refused(rows, np.full(100, 90.0))
    assert "not clearly higher" in _refused(rows, 300 - 0.3 * rows)


def test_a_camera_lower_than_heads() -> None:
    rows = RANDOM.uniform(300, 700, 100)
    assert "lower than their heads" in _refused(rows, 1.2 * (rows - 290))


def test_a_horizon_below_people() -> None:
    rows = RANDOM.uniform(300, 700, 200)
    tall = np.maximum(0.8 * (rows - 360), 8.0)
    assert "horizon would lie below people" in _refused(rows, tall)


def test_scatter() -> None:
    rows = RANDOM.uniform(200, 700, 300)
    assert "scatter by" in _refused(rows, _heights(rows) * RANDOM.uniform(0.25, 1.75, 300))


def test_an_area_uncertain_by_more_than_itself() -> None:
    rows = RANDOM.uniform(500, 600, 200)
    assert "uncertain by more than the whole" in _refused(rows, _heights(rows), None)


@pytest.mark.parametrize("view_deg", [0.0, 5.0, 170.0, np.nan])
def test_no_lens_has_such_a_field_of_view(view_deg: float) -> None:
    rows = np.linspace(250, 700, 50)
    with pytest.raises(InvalidInputError, match="data sheet") as caught:
        estimate_from_heights(
            np.stack([rows, rows], axis=1),
            _heights(rows),
            picture_wh=WH,
            field_of_view_deg=view_deg,
        )
    assert caught.value.field == "field_of_view_deg"


def test_shapes_that_do_not_agree() -> None:
    with pytest.raises(InvalidInputError, match="Expected"):
        estimate_from_heights(np.zeros((4, 2)), np.zeros(3), picture_wh=WH)


@pytest.mark.parametrize(
    ("tilt_deg", "height_m", "reason"),
    [(15.0, 1.2, "hang 1.2 m"), (15.0, 400.0, "hang 400 m"), (70.0, 6.0, "look 70° down")],
)
def test_an_absurd_camera(tilt_deg: float, height_m: float, reason: str) -> None:
    camera = UprightCamera(np.array([900.0]), np.radians([tilt_deg]), np.array([height_m]))
    with pytest.raises(InvalidInputError, match=reason):
        check_camera(camera, residual=0.05, used_share=0.95)
