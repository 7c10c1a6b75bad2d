"""Crowds too dense for boxes, seen by an oblique camera: what map and flow make of known ones."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from backend.core.frame import FloatArray, Tracks
from backend.core.measurements import Handedness, MotionSource
from backend.core.observation import CountError, FrameFacts, PictureFlow
from backend.crowd.counting import PERFECT_RECALL
from backend.crowd.hybrid.reading import HybridReading
from backend.crowd.metering.density_meter import DensityReading
from backend.crowd.metering.ground_meter import GroundMeter
from backend.crowd.metering.ground_view import GroundView
from backend.crowd.metering.reading import GroundReading, Reading
from backend.crowd.metering.sighting import SightingLog
from backend.crowd.motion import flow_order
from backend.crowd.params import AnalysisParams
from backend.crowd.stream_clock import StreamClock
from tests.ground_camera import GroundCamera, rectangle
from tests.ground_maps import SURE, FlowCells, dense_lattice, hybrid_of, map_of, raised_px

PLACE, AROUND = rectangle(0, 0, 12, 12), rectangle(-3, -3, 15, 15)
CAMERA = GroundCamera.over(AROUND, tilt_deg=35.0, away=1.2)
VIEW = GroundView.of(CAMERA.calibration(PLACE, walkable=AROUND), CAMERA.picture_wh)
CELLS = FlowCells.of(CAMERA)
NOBODY = Tracks(np.zeros(0, np.int64), np.zeros((0, 4), np.float32), np.zeros(0, np.float32))

Motion = Callable[[FloatArray], FloatArray]


def _uniform(
    density: float,
    low: tuple[float, float] = (-8.0, -8.0),
    high: tuple[float, float] = (20.0, 20.0),
    *,
    camera: GroundCamera = CAMERA,
    map_hw: tuple[int, int] = (54, 96),
) -> FloatArray:
    people, each = dense_lattice(density, np.array(low), np.array(high))
    return map_of(camera, people, each, map_hw)


class Meter:
    """A ground meter and the stream it is fed."""

    def __init__(self, view: GroundView = VIEW) -> None:
        self.meter = GroundMeter(view)
        self._clock = StreamClock()
        self._log = SightingLog(None, PERFECT_RECALL)

    def see(
        self,
        t: float,
        hybrid: HybridReading | None,
        *,
        flow: PictureFlow | None = None,
        tracks: Tracks = NOBODY,
        is_saturated: bool = False,
    ) -> Reading:
        facts = FrameFacts(t, 0, self.meter.view.picture_wh, picture_flow=flow)
        return self.meter.measure(
            self._log.see(tracks, facts),
            facts,
            step=self._clock.advance(t, segment=0),
            params=AnalysisParams(),
            is_saturated=is_saturated,
            hybrid=hybrid,
        )

    def watch(
        self,
        people: FloatArray,
        motion: Callable[[float], Motion],
        *,
        seconds: float,
        rate: float = 5.0,
        noise_px_per_s: float = 0.0,
        is_saturated: bool = False,
    ) -> Reading:
        hybrid = hybrid_of(CAMERA, people)
        for k in range(round(seconds * rate) + 1):
            t = k / rate
            flow = CELLS.flow(t, motion(t), noise_px_per_s=noise_px_per_s)
            reading = self.see(t, hybrid, flow=flow, is_saturated=is_saturated)
        return reading


def _ground(reading: Reading) -> GroundReading:
    assert reading.ground is not None
    return reading.ground


def _density(people: FloatArray, error: CountError = SURE) -> DensityReading:
    return _ground(Meter().see(0.0, hybrid_of(CAMERA, people, error=error))).density


def _still(at: FloatArray) -> FloatArray:
    return np.zeros_like(at)


def _steady(vx: float, vy: float = 0.0) -> Motion:
    return lambda at: np.broadcast_to(np.array([vx, vy]), at.shape)


@pytest.mark.parametrize("tilt_deg", [20.0, 35.0, 60.0])
@pytest.mark.parametrize("map_hw", [(27, 48), (54, 96), (135, 240)])
def test_three_people_on_every_square_metre_read_three(
    tilt_deg: float, map_hw: tuple[int, int]
) -> None:
    camera = GroundCamera.over(AROUND, tilt_deg=tilt_deg, away=1.2)
    view = GroundView.of(camera.calibration(PLACE, walkable=AROUND), camera.picture_wh)
    people = _uniform(3.0, camera=camera, map_hw=map_hw)
    density = _ground(Meter(view).see(0.0, hybrid_of(camera, people))).density
    field = density.field
    assert field.values_per_m2[view.monitored_nodes] == pytest.approx(3.0, rel=0.05)
    assert density.peak.value_per_m2 == pytest.approx(3.0, rel=0.05)
    cell = camera.picture_wh[0] / map_hw[1], camera.picture_wh[1] / map_hw[0]
    count = float((people * view.map_inside(map_hw, cell)).sum())
    assert count / view.ground.area_m2 == pytest.approx(3.0, rel=0.03)
    assert density.voronoi_per_m2 == pytest.approx(count / view.ground.area_m2)
    assert density.drawn.values_per_m2 == pytest.approx(field.values_per_m2, rel=1e-6, nan_ok=True)


def test_who_stands_just_outside_is_not_pulled_in() -> None:
    beside = _uniform(4.0, (12.6, 0.0), (15.0, 12.0))
    density = _density(beside)
    assert density.voronoi_per_m2 < 0.03
    assert density.peak.value_per_m2 < 2.5  # they press on those within, as boxes do


def test_miscounted_cells_make_no_peak_of_their_own() -> None:
    rng = np.random.default_rng(5)
    people = _uniform(3.0)
    wrong = people + 0.5 * np.sqrt(people) * rng.normal(size=people.shape)
    noisy = _density(np.maximum(wrong, 0.0), error=CountError(0.5, 0.0, 0.0))
    # a cell errs by half of what it holds and more; a node sees some twenty of them
    assert np.nanstd(noisy.field.values_per_m2[VIEW.monitored_nodes]) < 0.5
    assert 3.0 < noisy.peak.value_per_m2 < 1.6 * 3.0
    row, column = np.unravel_index((people * (people < 1.2)).argmax(), people.shape)
    people[row, column] += 2.0  # two who are not there, in a cell of a third of a square metre
    assert _density(people).peak.value_per_m2 < 3.0 + 1.05 * 2 / math.pi


def test_the_error_of_the_map_is_that_of_the_peak() -> None:
    """Sums that err as the error model says, drawn over and over at one place."""
    rng = np.random.default_rng(2)
    error = CountError(own=0.5, common=0.1, least=0.0)
    values = []
    for _ in range(400):
        homes = rng.uniform(-4, 16, (1200, 2))
        apart = ((homes - 6.0) ** 2).sum(axis=1)
        kernel = np.exp(-apart) / math.pi
        counted = (1 + rng.normal(0, 0.5, 1200)) * (1 + rng.normal(0, 0.1))
        values.append(float(kernel @ counted) - float(kernel.sum()))
    told = _density(_uniform(3.0), error=error).peak_error_per_m2
    assert told == pytest.approx(1.6449 * np.std(values), rel=0.1)


def test_boxes_and_map_share_a_place_without_counting_anybody_twice() -> None:
    axis = np.arange(-2.75, 15, 0.5)
    at = np.stack(np.meshgrid(axis, axis), -1).reshape(-1, 2)
    tracks = CAMERA.tracks(at)
    people = _uniform(4.0, (-3.0, -3.0), (15.0, 15.0))
    for share in (0.0, 0.3, 0.7, 1.0):
        left = np.full(len(at), 1 - share)
        hybrid = hybrid_of(CAMERA, people, share=share, track_share=left)
        density = _ground(Meter().see(0.0, hybrid, tracks=tracks)).density
        assert density.peak.value_per_m2 == pytest.approx(4.0, rel=0.06)
        assert density.voronoi_per_m2 == pytest.approx(4.0, rel=0.03)
        middle = density.own_per_m2[np.abs(at - 6).max(axis=1) < 5]
        assert middle == pytest.approx(4.0, rel=0.05)


@pytest.mark.parametrize("velocity", [(0.8, 0.0), (0.0, -0.5)])
def test_a_dense_crowd_that_walks_as_one(velocity: tuple[float, float]) -> None:
    reading = Meter().watch(
        _uniform(4.5), lambda _: _steady(*velocity), seconds=3, noise_px_per_s=0.5
    )
    motion, ground = reading.motion, _ground(reading)
    assert motion.source is MotionSource.OPTICAL_FLOW
    assert motion.mean_mps == pytest.approx(math.hypot(*velocity), rel=0.03)
    assert motion.variance_m2_per_s2 == pytest.approx(0.0, abs=1e-3)
    assert motion.moving_count == pytest.approx(4.5 * 144, rel=0.03)
    order = flow_order(motion.moving)
    assert order is not None
    assert order.coherence == pytest.approx(1.0, abs=0.01)
    assert ground.pressure is not None
    assert ground.pressure.peak_per_s2 < 0.002
    assert ground.pressure.density_per_m2 == pytest.approx(4.5, rel=0.06)
    assert not ground.is_stagnant


def test_empty_ground_beside_the_crowd_slows_nobody_down() -> None:
    people = _uniform(4.0, (0.0, 0.0), (4.0, 12.0))

    def motion(at: FloatArray) -> FloatArray:
        return np.where(at[:, :1] < 4.0, np.array([0.0, 0.8]), 0.0)

    reading = Meter().watch(people, lambda _: motion, seconds=0.4)
    assert reading.motion.mean_mps == pytest.approx(0.8, rel=0.05)


def test_the_near_and_the_far_person_count_alike() -> None:
    """Everybody up to the middle walks, the rest stands: half of the people, not of the pixels."""

    def motion(at: FloatArray) -> FloatArray:
        return np.where(at[:, 1:] < 6.0, np.array([0.6, 0.0]), 0.0)

    reading = Meter().watch(_uniform(4.0), lambda _: motion, seconds=0.4)
    assert reading.motion.mean_mps == pytest.approx(0.3, rel=0.06)


def test_a_dense_crowd_that_stands_still_is_stagnant_on_the_flow() -> None:
    meter = Meter()
    reading = meter.watch(_uniform(4.0), lambda _: _still, seconds=9.8, noise_px_per_s=2.0)
    assert reading.motion.mean_mps == pytest.approx(0.0, abs=0.03)
    assert not _ground(reading).is_stagnant
    hybrid = hybrid_of(CAMERA, _uniform(4.0))
    reading = meter.see(10.0, hybrid, flow=CELLS.flow(10.0, _still))
    assert _ground(reading).is_stagnant
    assert reading.motion.moving_count == 0


def test_a_dense_crowd_that_turns_as_one_body_is_found_on_the_flow() -> None:
    period_s = 12.0

    def orbit(t: float) -> Motion:
        turn = 2 * math.pi * t / period_s
        return _steady(0.2 * math.cos(turn), 0.2 * math.sin(turn))

    dense, loose = _uniform(5.0), _uniform(2.5)
    found = _ground(Meter().watch(dense, orbit, seconds=75, rate=2, noise_px_per_s=1.0)).oscillation
    assert found is not None
    assert found.period_s == pytest.approx(period_s, rel=0.03)
    assert found.handedness is Handedness.ANTICLOCKWISE
    beyond = Meter().watch(loose, orbit, seconds=60, rate=2, is_saturated=True)
    assert _ground(beyond).oscillation is None  # the map says that there is room


def test_pressure_of_a_dense_crowd_is_that_of_its_velocities_and_the_map() -> None:
    def shocks(t: float) -> Motion:
        return _steady(0.4 * math.sin(2 * math.pi * t / 0.8))

    pressure = _ground(Meter().watch(_uniform(5.0), shocks, seconds=4)).pressure
    assert pressure is not None
    assert pressure.density_per_m2 == pytest.approx(5.0, rel=0.06)
    assert pressure.peak_per_s2 == pytest.approx(5.0 * 0.4**2 / 2, rel=0.1)


@pytest.mark.parametrize("is_saturated", [False, True])
def test_where_the_map_sees_nobody_no_motion_is_claimed(is_saturated: bool) -> None:
    nobody = np.zeros((54, 96))
    reading = Meter().watch(nobody, lambda _: _steady(1.0), seconds=1, is_saturated=is_saturated)
    assert reading.motion.source is MotionSource.TRACKS
    assert reading.motion.mean_mps is None
    assert reading.motion.moving_count == 0
    assert _ground(reading).density.peak.value_per_m2 == 0


def test_beside_a_dense_place_tracks_carry_on() -> None:
    """Forty stand packed in a corner, twenty walk past with a box each: one population."""
    people = _uniform(4.0, (0.0, 0.0), (2.0, 5.0))
    homes = np.stack([np.linspace(4.5, 11.5, 20), np.full(20, 3.0)], axis=1)
    meter = Meter()
    for k in range(16):
        t = k / 10
        tracks = CAMERA.tracks(homes + np.array([0.0, 1.2 * t]))
        hybrid = hybrid_of(CAMERA, people, track_share=np.ones(20))
        reading = meter.see(t, hybrid, flow=CELLS.flow(t, _still), tracks=tracks)
    assert reading.motion.source is MotionSource.OPTICAL_FLOW
    assert reading.motion.mean_mps == pytest.approx(20 * 1.2 / 60, rel=0.05)
    assert reading.motion.moving_count == 20
    assert reading.inside.sum() == 20


def test_pressure_beside_a_dense_spot_is_told_of_people_with_a_box_too() -> None:
    """Packed people stand in one corner; far from them people with boxes are jostled."""

    def jostled(t: float) -> Motion:
        now = np.array([0.1 * math.pi * math.cos(math.pi * t), 0.0])
        return lambda at: np.where(at.min(axis=1, keepdims=True) > 6.0, now, 0.0)

    people = _uniform(5.0, (0.0, 0.0), (3.0, 3.0))
    axis = np.arange(7.0, 11, 0.44)
    homes = np.stack(np.meshgrid(axis, axis), -1).reshape(-1, 2)
    meter = Meter()
    for k in range(41):
        t = k / 10
        tracks = CAMERA.tracks(homes + np.array([0.1 * math.sin(math.pi * t), 0.0]))
        hybrid = hybrid_of(CAMERA, people, track_share=np.ones(len(homes)))
        reading = meter.see(t, hybrid, flow=CELLS.flow(t, jostled(t)), tracks=tracks)
    pressure = _ground(reading).pressure
    assert pressure is not None
    assert pressure.at_m == pytest.approx((9.0, 9.0), abs=2.5)
    assert pressure.peak_per_s2 == pytest.approx(5.2 * (0.1 * math.pi) ** 2 / 2, rel=0.25)


def _walk_past(meter: Meter, k: int, *, map_share: float, is_saturated: bool = False) -> Reading:
    """A fifth of a second of a crowd that walks at 0.5 m/s; its flow reads no more than 0.3."""
    t = k / 5
    axis = np.arange(-2.75, 15, 0.5)
    homes = np.stack(np.meshgrid(axis, axis), -1).reshape(-1, 2) + np.array([0.5 * t, 0.0])
    left = np.full(len(homes), 1 - map_share)
    hybrid = hybrid_of(CAMERA, _uniform(4.0), share=map_share, track_share=left)
    return meter.see(
        t,
        hybrid,
        flow=CELLS.flow(t, _steady(0.3)),
        tracks=CAMERA.tracks(homes),
        is_saturated=is_saturated,
    )


def test_pressure_never_mixes_tracks_with_the_picture() -> None:
    """While the map takes over, and when the counter saturates, nobody moves otherwise."""
    meter = Meter()
    peaks = []
    for k in range(32):
        reading = _walk_past(meter, k, map_share=min(0.2 + k / 40, 1.0), is_saturated=k >= 24)
        assert reading.motion.source is MotionSource.OPTICAL_FLOW
        pressure = _ground(reading).pressure
        peaks.append(None if pressure is None else pressure.peak_per_s2)
    told = [peak for peak in peaks if peak is not None]
    assert len(told) >= 20
    assert max(told) < 0.002
    assert peaks[24] is not None  # still the same source


def test_pressure_begins_afresh_where_other_cells_are_asked() -> None:
    meter = Meter()
    for k in range(12):
        reading = _walk_past(meter, k, map_share=1.0)
    assert _ground(reading).pressure is not None
    flow = CELLS.flow(2.4, _steady(0.3))
    reading = meter.see(2.4, None, flow=flow, is_saturated=True)
    assert reading.motion.source is MotionSource.OPTICAL_FLOW
    assert _ground(reading).pressure is None


def test_heads_on_a_known_grid_come_down_to_their_feet() -> None:
    axis = np.arange(0.5, 12, 1.0)
    feet = np.stack(np.meshgrid(axis, axis), -1).reshape(-1, 2)
    for above_m in (1.6, 1.53):  # middle of the head, and a tenth below the top of the box
        found = VIEW.heads.below(raised_px(CAMERA, feet, above_m))
        assert np.linalg.norm(found - feet, axis=1).max() < 0.2
