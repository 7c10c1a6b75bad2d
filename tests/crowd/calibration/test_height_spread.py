from __future__ import annotations

import numpy as np
import pytest

from backend.crowd.calibration.height_spread import possible_cameras
from backend.crowd.calibration.upright_camera import UprightCamera, focal_from_view

WH = (1280, 720)
FOCAL = focal_from_view(np.array([60.0]), WH)
CAMERA = UprightCamera(FOCAL, np.radians([15.0]), np.array([6.0]))
ROWS = np.linspace(-200, 300, 100)


def test_an_entered_field_of_view_holds() -> None:
    possible = possible_cameras(CAMERA, ROWS, WH, None)
    assert (possible.focal_px == FOCAL[0]).all()
    assert np.median(possible.height_m) == pytest.approx(6.0, rel=0.03)
    assert 0.03 < possible.height_m.std() / 6 < 0.2


def test_an_assumed_field_of_view_varies_by_a_fifth() -> None:
    possible = possible_cameras(CAMERA, ROWS, WH, 60.0)
    views = np.degrees(2 * np.arctan(WH[0] / 2 / possible.focal_px))
    assert views.mean() == pytest.approx(60, abs=2)
    assert views.std() == pytest.approx(12, abs=1.5)
    assert (possible_cameras(CAMERA, ROWS, WH, 60.0).tilt_rad == possible.tilt_rad).all()
