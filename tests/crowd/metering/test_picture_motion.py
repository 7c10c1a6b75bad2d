from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backend.core.frame import FloatArray
from backend.core.observation import FrameFacts, PictureFlow
from backend.crowd.calibration.heads_on_ground import HeadBasis
from backend.crowd.counting import PeopleWeights
from backend.crowd.ground_flow import GroundFlow
from backend.crowd.metering.density_meter import GroundCrowd
from backend.crowd.metering.ground_view import GroundView
from backend.crowd.metering.map_crowd import MapCrowd
from backend.crowd.metering.picture_motion import PictureMotion
from backend.crowd.stream_clock import StreamStep
from tests.ground_camera import GroundCamera, rectangle
from tests.ground_maps import FlowCells, dense_lattice, hybrid_of, map_of

PLACE = rectangle(0, 0, 10, 10)
CAMERA = GroundCamera.over(PLACE)
VIEW = GroundView.of(CAMERA.calibration(PLACE), CAMERA.picture_wh)
FLOW = FlowCells.of(CAMERA).flow(0.0, lambda at: np.full(at.shape, 0.5))


def _crowd(at: FloatArray) -> GroundCrowd:
    n = len(at)
    weights = PeopleWeights(np.ones(n), np.ones(n), 0.0)
    return GroundCrowd(np.arange(n), at, np.ones(n, np.bool_), weights)


NOBODY = _crowd(np.zeros((0, 2)))


def _mapped(people: float) -> MapCrowd:
    """This many people on four square metres."""
    homes, each = dense_lattice(people / 4.0, np.array([4.0, 4.0]), np.array([6.0, 6.0]))
    return MapCrowd.of(hybrid_of(CAMERA, map_of(CAMERA, homes, each)), VIEW)


def _with_flow() -> PictureMotion:
    motion = PictureMotion(VIEW)
    _take(motion, FLOW, 0.0)
    return motion


def _take(motion: PictureMotion, flow: PictureFlow | None, elapsed_s: float) -> None:
    facts = FrameFacts(0.0, 0, CAMERA.picture_wh, picture_flow=flow)
    motion.take(facts, StreamStep(elapsed_s, False, 0.0))


def _choose(
    motion: PictureMotion,
    mapped: MapCrowd | None,
    crowd: GroundCrowd = NOBODY,
    *,
    is_saturated: bool = False,
    is_wanted: bool = False,
) -> GroundFlow | None:
    return motion.choose(crowd, mapped, is_saturated=is_saturated, is_wanted=is_wanted)


def test_by_default_motion_is_that_of_the_tracks() -> None:
    motion = _with_flow()
    assert _choose(motion, None) is None
    assert _choose(motion, _mapped(0.0)) is None


def test_where_the_map_counts_the_picture_moves_its_people() -> None:
    found = _choose(_with_flow(), _mapped(16.0))
    assert found is not None
    assert found.people is not None


def test_a_handful_on_the_map_does_not_take_over() -> None:
    assert _choose(_with_flow(), _mapped(8.0)) is None


def test_a_dense_spot_moves_by_itself_however_many_walk_freely() -> None:
    many = _crowd(np.random.default_rng(0).uniform(0, 10, (300, 2)))
    assert _choose(_with_flow(), _mapped(16.0), many) is not None


def test_it_lets_go_at_half_of_what_it_took_over_at() -> None:
    motion = _with_flow()
    assert _choose(motion, _mapped(16.0)) is not None
    assert _choose(motion, _mapped(6.0)) is not None
    assert _choose(motion, _mapped(4.0)) is None
    assert _choose(motion, _mapped(6.0)) is None


def test_saturated_without_a_map_all_cells_count() -> None:
    found = _choose(_with_flow(), None, is_saturated=True)
    assert found is not None
    assert found.people is None
    stale = replace(_mapped(0.0), is_live=False)
    again = _choose(_with_flow(), stale, is_saturated=True)
    assert again is not None
    assert len(again.positions_m) == len(found.positions_m)


def test_saturated_with_a_map_only_its_people_move() -> None:
    assert _choose(_with_flow(), _mapped(0.0), is_saturated=True) is None
    found = _choose(_with_flow(), _mapped(6.0), is_saturated=True)
    assert found is not None
    assert found.people is not None


def test_asked_for_by_the_settings_it_is_that_of_people_with_a_box() -> None:
    one = _crowd(np.array([[5.0, 5.0]]))
    found = _choose(_with_flow(), None, one, is_wanted=True)
    assert found is not None
    assert np.linalg.norm(found.positions_m - 5.0, axis=1).max() < 1.0


def test_flow_of_a_second_ago_says_nothing_of_now() -> None:
    motion = _with_flow()
    _take(motion, None, 0.9)
    assert _choose(motion, None, is_saturated=True) is not None
    _take(motion, None, 0.2)
    assert _choose(motion, None, is_saturated=True) is None
    motion = _with_flow()
    motion.clear()
    assert _choose(motion, None, is_saturated=True) is None


def test_a_low_camera_moves_people_by_the_heights_as_the_map_places_them() -> None:
    """2.2 m up: taken for ground, shoulders would be three times too fast."""
    place = rectangle(0, 0, 6, 6)
    low = GroundCamera.over(place, tilt_deg=12.0, away=1.1)
    view = GroundView.of(low.calibration(place), low.picture_wh)
    assert view.heads.basis is HeadBasis.HEIGHTS
    motion = PictureMotion(view)
    seen = FlowCells.of(low).flow(0.0, lambda at: np.full(at.shape, 0.5))
    facts = FrameFacts(0.0, 0, low.picture_wh, picture_flow=seen)
    motion.take(facts, StreamStep(0.0, False, 0.0))
    found = _choose(motion, None, is_saturated=True)
    assert found is not None
    assert len(found.velocity_mps) > 100
    assert found.velocity_mps == pytest.approx(0.5, rel=0.06)


def test_cells_near_people_with_a_box_show_somebody_as_far_as_the_box_counts() -> None:
    motion = _with_flow()
    on_map = _choose(motion, _mapped(16.0))
    assert on_map is not None
    alone = motion.showing_anybody(on_map, NOBODY)
    assert alone.people is None
    assert alone.seen_px.tolist() == on_map.seen_px.tolist()
    apart = _crowd(np.array([[1.5, 1.5]]))
    both = motion.showing_anybody(on_map, apart)
    beside = np.linalg.norm(both.positions_m - 1.5, axis=1) < 0.8
    assert beside.sum() > 3
    assert len(both.positions_m) >= len(on_map.positions_m) + beside.sum()
    faded = replace(apart, share=np.array([0.1]))
    assert len(motion.showing_anybody(on_map, faded).positions_m) == len(on_map.positions_m)
