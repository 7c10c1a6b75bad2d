from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backend.core.frame import FloatArray
from backend.crowd.metering.ground_view import GroundView
from backend.crowd.metering.map_ground import APART_M, MapGround
from tests.ground_camera import GroundCamera, rectangle
from tests.ground_maps import dense_lattice, map_of

PLACE, AROUND = rectangle(0, 0, 12, 12), rectangle(-2, -2, 14, 14)
CAMERA = GroundCamera.over(AROUND, tilt_deg=35.0, away=1.2)
VIEW = GroundView.of(CAMERA.calibration(PLACE, walkable=AROUND), CAMERA.picture_wh)
SHAPES = [(27, 48), (54, 96), (120, 200)]


def _ground(map_hw: tuple[int, int], view: GroundView = VIEW) -> MapGround:
    wide, high = view.picture_wh
    return view.map_ground(map_hw, (wide / map_hw[1], high / map_hw[0]))


@pytest.mark.parametrize("map_hw", SHAPES)
def test_cells_add_up_to_the_monitored_ground(map_hw: tuple[int, int]) -> None:
    found = _ground(map_hw)
    total = float(np.nansum(found.ground_m2 * found.inside))
    assert total == pytest.approx(VIEW.ground.area_m2, rel=0.01)


def test_ground_of_a_cell_is_that_of_the_people_seen_in_it() -> None:
    people, each = dense_lattice(1.0, np.array([-9.0, -9.0]), np.array([21.0, 21.0]), apart_m=0.05)
    counted = map_of(CAMERA, people, each)
    found = _ground((54, 96))
    known = np.isfinite(found.ground_m2)
    assert known.sum() > 1000
    assert found.ground_m2[known] == pytest.approx(counted[known], rel=0.35, abs=0.02)
    assert found.ground_m2[known].sum() == pytest.approx(counted[known].sum(), rel=0.02)


def test_off_the_ground_there_is_none_and_nobody_inside() -> None:
    found = _ground((54, 96))
    off = np.isnan(found.ground_m2)
    assert off[0].all()  # heads up there belong to feet beyond the walkable area
    assert (found.inside[off] == 0).all()
    assert found.inside.min() == 0
    assert found.inside.max() == 1
    assert ((found.inside > 0) & (found.inside < 1)).any()  # cut by the border


def test_nobody_beside_the_area_is_pulled_in() -> None:
    beside, each = dense_lattice(4.0, np.array([12.6, 0.0]), np.array([15.0, 12.0]))
    counted = map_of(CAMERA, beside, each)
    assert float((counted * _ground((54, 96)).inside).sum()) < 0.01 * counted.sum()


def test_sub_points_lie_close_and_share_their_cell() -> None:
    found = _ground((27, 48))
    full = np.bincount(found.cell, found.part, 27 * 48)
    assert full.max() == pytest.approx(1.0)
    cells, counts = np.unique(found.cell, return_counts=True)
    areas = found.ground_m2.ravel()[cells]
    assert (areas / counts <= 4 * APART_M**2).all()
    first = cells[counts.argmax()]
    points = found.points_m[found.cell == first]
    apart = np.linalg.norm(points[:, None] - points, axis=2)
    apart[apart == 0] = np.inf
    assert apart.min(axis=1).max() <= APART_M + 1e-9


def test_a_shape_is_worked_out_once() -> None:
    view = GroundView.of(CAMERA.calibration(PLACE), CAMERA.picture_wh)
    first = view.cell_ground_m2((54, 96), (20.0, 20.0))
    assert view.cell_ground_m2((54, 96), (20.0, 20.0)) is first
    assert view.map_inside((54, 96), (20.0, 20.0)).shape == (54, 96)
    other = view.map_ground((27, 48), (40.0, 40.0))
    assert view.map_ground((27, 48), (40.0, 40.0)) is other
    assert not first.flags.writeable


def test_far_ground_is_left_out_and_the_work_stays_bounded() -> None:
    camera = GroundCamera.over(rectangle(-40, 0, 40, 80), tilt_deg=15.0, away=0.8)
    whole = replace(camera.calibration(PLACE), monitored_px=None)
    view = GroundView.of(whole, camera.picture_wh)
    assert view.ground.area_m2 > 3_000
    found = _ground((54, 96), view)
    assert len(found.cell) < 60_000
    assert np.isnan(found.ground_m2[:10]).all()
    total = float(np.nansum(found.ground_m2 * found.inside))
    assert total == pytest.approx(view.ground.area_m2, rel=0.05)


@pytest.mark.parametrize(("map_hw", "cell"), [((0, 5), (8.0, 8.0)), ((4, 5), (8.0, 0.0))])
def test_cells_without_a_size_are_refused(
    map_hw: tuple[int, int], cell: tuple[float, float]
) -> None:
    with pytest.raises(ValueError, match="cells of some size"):
        VIEW.map_ground(map_hw, cell)


def test_a_map_reaching_beyond_the_picture_is_no_harm() -> None:
    found: FloatArray = VIEW.cell_ground_m2((56, 100), (20.0, 20.0))
    assert found.shape == (56, 100)
