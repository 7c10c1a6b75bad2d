from __future__ import annotations

import numpy as np
import pytest

from backend.core.frame import FloatArray
from backend.crowd.ground_flow import GroundFlow, ground_flow
from backend.crowd.metering.ground_view import GroundView
from backend.crowd.metering.map_crowd import MapCrowd
from backend.crowd.metering.map_flow import flow_of_people
from tests.ground_camera import GroundCamera, rectangle
from tests.ground_maps import FlowCells, dense_lattice, hybrid_of, map_of

PLACE = rectangle(0, 0, 10, 10)
CAMERA = GroundCamera.over(PLACE, tilt_deg=30.0)
VIEW = GroundView.of(CAMERA.calibration(PLACE), CAMERA.picture_wh)
CELLS = FlowCells.of(CAMERA)


def _flow() -> GroundFlow:
    seen = CELLS.flow(0.0, lambda at: np.full(at.shape, 0.5))
    return ground_flow(seen, plane=VIEW.plane, ground=VIEW.ground, picture_wh=CAMERA.picture_wh)


def _mapped(density: float, *, share: float = 1.0, east: float = 5.0) -> MapCrowd:
    homes, each = dense_lattice(density, np.array([0.0, 0.0]), np.array([east, 10.0]))
    return MapCrowd.of(hybrid_of(CAMERA, map_of(CAMERA, homes, each), share=share), VIEW)


def _sum(values: FloatArray | None) -> float:
    assert values is not None
    return float(values.sum())


def test_cells_stand_for_the_people_seen_in_them() -> None:
    found = flow_of_people(_flow(), _mapped(4.0), counted_only=True)
    assert found is not None
    assert _sum(found.people) == pytest.approx(200, rel=0.02)
    assert found.positions_m[:, 0].max() < 5.8  # a cell's width beyond the last of them
    assert found.people is not None
    near = found.positions_m[:, 1] < 5
    assert _sum(found.people[near]) == pytest.approx(100, rel=0.08)
    assert near.mean() > 0.55  # the near half has more cells, and no more people


def test_only_the_share_of_the_map_is_given_out_unless_all_is_asked_for() -> None:
    mapped = _mapped(4.0, share=0.5)
    part = flow_of_people(_flow(), mapped, counted_only=True)
    whole = flow_of_people(_flow(), mapped, counted_only=False)
    assert part is not None
    assert whole is not None
    assert _sum(part.people) == pytest.approx(100, rel=0.02)
    assert _sum(whole.people) == pytest.approx(200, rel=0.02)


def test_empty_ground_does_not_move() -> None:
    assert flow_of_people(_flow(), _mapped(0.1), counted_only=False) is None
    assert flow_of_people(_flow(), _mapped(4.0, share=0.0), counted_only=True) is None
    no_cells = _flow().where(np.zeros(len(_flow().positions_m), np.bool_))
    assert flow_of_people(no_cells, _mapped(4.0), counted_only=True) is None
