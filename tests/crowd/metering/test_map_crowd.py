from __future__ import annotations

import numpy as np
import pytest

from backend.core.observation import CountError
from backend.crowd.metering.ground_view import GroundView
from backend.crowd.metering.map_crowd import MapCrowd, map_peak_error
from tests.ground_camera import GroundCamera, rectangle
from tests.ground_maps import dense_lattice, hybrid_of, map_of

PLACE = rectangle(0, 0, 10, 10)
CAMERA = GroundCamera.over(PLACE)
VIEW = GroundView.of(CAMERA.calibration(PLACE), CAMERA.picture_wh)


def test_cells_go_back_to_where_they_were_seen() -> None:
    homes, each = dense_lattice(3.0, np.array([2.0, 2.0]), np.array([8.0, 8.0]))
    people = map_of(CAMERA, homes, each)
    found = MapCrowd.of(hybrid_of(CAMERA, people, share=0.25), VIEW)
    assert found.people == pytest.approx(0.25 * people.ravel())
    assert found.counted == pytest.approx(people.ravel(), rel=1e-6)
    assert found.inside == pytest.approx(0.25 * 3.0 * 36, rel=0.01)
    assert found.is_live


def test_a_map_without_a_say_stands_for_nobody() -> None:
    people = np.full((54, 96), 0.2)
    found = MapCrowd.of(hybrid_of(CAMERA, people, share=0.0), VIEW)
    assert found.inside == 0
    assert found.people.shape == found.counted.shape == (54 * 96,)
    assert found.counted.sum() > 0


def test_errors_of_a_local_density() -> None:
    own, common = CountError(0.5, 0.0, 0.0), CountError(0.0, 0.1, 0.0)
    assert map_peak_error(4.0, own, radius_m=1.0) == pytest.approx(0.5 * (4 / (2 * np.pi)) ** 0.5)
    assert map_peak_error(4.0, common, radius_m=1.0) == pytest.approx(0.4)
    nobody = CountError(0.5, 0.1, 2.0)
    assert map_peak_error(0.0, nobody, radius_m=1.0) == 0
    assert map_peak_error(0.0, nobody, radius_m=1.0, in_use=0.25) == pytest.approx(1 / (2 * np.pi))
