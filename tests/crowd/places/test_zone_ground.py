from __future__ import annotations

import numpy as np
import pytest

from backend.core.calibration import Point
from backend.core.frame import FloatArray
from backend.crowd.metering.ground_view import GroundView
from backend.crowd.places.outlines import Outlines
from backend.crowd.places.zone_ground import ZoneCells, ZoneGround, line_length_m
from tests.ground_camera import GroundCamera, rectangle

WH = (1280, 720)
MAP_HW = (54, 96)
CELL_WH = (1280 / 96, 1280 / 96)
PLACE = rectangle(0, 0, 12, 8)
CAMERA = GroundCamera.over(PLACE, picture_wh=WH)
WHOLE: tuple[Point, ...] = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
HUB: Point = (0.43, 0.57)
PARTS = tuple((HUB, a, b) for a, b in zip(WHOLE, (*WHOLE[1:], WHOLE[0]), strict=True))


@pytest.fixture(scope="module")
def view() -> GroundView:
    return GroundView.of(CAMERA.calibration(PLACE), WH)


def _zone(corners_m: FloatArray) -> tuple[Point, ...]:
    return tuple((x, y) for x, y in (CAMERA.feet_px(corners_m) / WH).tolist())


def _cells(*zones: tuple[Point, ...], view: GroundView | None = None) -> ZoneCells:
    return ZoneCells.of(
        Outlines(zones), map_hw=MAP_HW, cell_wh_px=CELL_WH, picture_wh=WH, view=view
    )


def test_area_is_that_of_the_monitored_part(view: GroundView) -> None:
    """A zone within, one half of which lies beyond the monitored area, and one beside it."""
    zones = [_zone(rectangle(1, 1, 4, 5)), _zone(rectangle(10, 6, 13, 8))]
    beside = ((0.0, 0.0), (0.02, 0.0), (0.02, 0.02))
    found = ZoneGround.of(Outlines([*zones, beside]), view)
    assert found.area_m2.tolist() == pytest.approx([12, 4, np.nan], rel=1e-6, nan_ok=True)
    assert np.isnan(found.middle_m[2]).all()
    (x, y) = found.middle_m[0]
    assert 1 < x < 4 and 1 < y < 5


def test_areas_of_zones_that_divide_the_picture_add_up(view: GroundView) -> None:
    found = ZoneGround.of(Outlines([*PARTS, WHOLE]), view)
    assert found.area_m2[:-1].sum() == pytest.approx(96)
    assert found.area_m2[-1] == pytest.approx(view.ground.area_m2)
    per_zone = np.diff(found.first)
    assert per_zone[:-1].sum() == per_zone[-1] == view.monitored_nodes.sum()


def test_highest_value_is_looked_for_in_the_zone_alone(view: GroundView) -> None:
    west, east = rectangle(0, 0, 6, 8), rectangle(6, 0, 12, 8)
    between = rectangle(3.05, 3.05, 3.15, 3.15)
    found = ZoneGround.of(Outlines([_zone(west), _zone(east), _zone(between)]), view)
    x, y = np.meshgrid(view.kernel.x_m, view.kernel.y_m)
    values = np.where((x > 2) & (x < 3), np.nan, x + 0 * y)
    highest = found.highest(values)
    assert highest[0] == pytest.approx(x[x < 6].max())
    assert highest[1] == pytest.approx(x[view.monitored_nodes].max())
    assert np.isnan(highest[2])


@pytest.mark.parametrize("calibrated", [True, False])
def test_cells_of_zones_that_divide_the_picture_add_up(view: GroundView, calibrated: bool) -> None:
    found = _cells(*PARTS, WHOLE, view=view if calibrated else None)
    parts = found.part.toarray()
    np.testing.assert_allclose(parts[:-1].sum(axis=0), parts[-1], atol=1e-12)
    assert (parts[-1] == 1).all(), "feet below the picture stand on its edge"
    assert found.holds_all.tolist() == [False] * 4 + [True]


def test_feet_below_the_picture_stand_on_its_edge(view: GroundView) -> None:
    """Heads seen in the last row of cells belong to people whose feet nobody sees."""
    floor = ((0.25, 0.98), (0.75, 0.98), (0.75, 1.0), (0.25, 1.0))
    last = _cells(floor, view=view).part.toarray().reshape(MAP_HW)[-1]
    assert (last[30:66] == 1).all()
    assert (last[:18] == 0).all()


def test_uncalibrated_a_cell_counts_by_its_place_in_the_picture() -> None:
    west = ((0.0, 0.0), (0.505, 0.0), (0.505, 1.0), (0.0, 1.0))
    part = _cells(west).part.toarray().reshape(MAP_HW)
    assert (part[:, :48] == 1).all()
    assert (part[:, 48] == 0.5).all(), "48 % of the cell, in sixteenths"
    assert (part[:, 49:] == 0).all()


def test_calibrated_a_cell_counts_by_the_feet_below_its_heads(view: GroundView) -> None:
    """People stand in the near half of the place; all their heads are seen farther up."""
    near, far = rectangle(0, 0, 12, 4), rectangle(0, 4, 12, 8)
    axis_x, axis_y = np.arange(0.5, 12), np.arange(0.6, 3.5, 0.2)
    standing = np.stack(np.meshgrid(axis_x, axis_y), -1).reshape(-1, 2)
    boxes = CAMERA.boxes(standing)
    heads = np.stack(
        [boxes[:, [0, 2]].mean(axis=1), boxes[:, 1] + (boxes[:, 3] - boxes[:, 1]) * 0.06], axis=1
    )
    column, row = np.floor(heads / CELL_WH).astype(int).T
    people = np.bincount(row * MAP_HW[1] + column, minlength=MAP_HW[0] * MAP_HW[1])
    zones = _zone(near), _zone(far)
    with_feet = _cells(*zones, view=view).part @ people
    by_heads = _cells(*zones).part @ people
    assert with_feet[0] == pytest.approx(len(standing), rel=0.03)
    assert by_heads[0] < 0.8 * len(standing)


def test_length_of_a_line_on_the_ground(view: GroundView) -> None:
    ends = CAMERA.feet_px(np.array([[2.0, 1.0], [5.0, 5.0]]))
    assert line_length_m(ends[0], ends[1], view) == pytest.approx(5)
    assert line_length_m(ends[0], np.array([640.0, -50_000.0]), view) is None
