"""The analyser of a calibrated camera: from boxes in a picture to metres."""

from __future__ import annotations

import dataclasses
import math
import pickle
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from backend.core.calibration import CalibrationMethod, Exit
from backend.core.frame import FloatArray, Tracks
from backend.core.measurements import (
    CrowdMetrics,
    CrowdPicture,
    LevelOfService,
    MotionSource,
    SaturationEvidence,
)
from backend.core.observation import FrameFacts, PictureFlow
from backend.core.trust import Trust
from backend.crowd.analyzer import CrowdAnalyzer
from backend.crowd.counting import PERFECT_RECALL
from backend.crowd.metering.quality import ONLY_CALIBRATED
from backend.crowd.params import AnalysisParams
from tests.ground_camera import GroundCamera, rectangle

CLEAR = SaturationEvidence(False, "", 0.0, 0.0)
FULL = SaturationEvidence(True, "People are smaller than 25 px.", 0.9, 0.0)
PLACE = rectangle(0, 0, 10, 10)
AROUND = rectangle(-2, -2, 12, 12)
CAMERA = GroundCamera.over(AROUND)

Where = Callable[[float], FloatArray]


class Camera:
    """An analyser and the stream it is fed."""

    def __init__(self, params: AnalysisParams | None = None, **given: object) -> None:
        settings: dict[str, object] = {
            "area_m2": None,
            "people_limit": None,
            "recall": PERFECT_RECALL,
            "calibration": CAMERA.calibration(PLACE, walkable=AROUND),
        }
        self.analyzer = CrowdAnalyzer(params or AnalysisParams(), **(settings | given))  # type: ignore[arg-type]
        self.metrics: CrowdMetrics
        self.picture: CrowdPicture

    def see(
        self, world_m: FloatArray, t: float, *, ids: np.ndarray | None = None, **facts: object
    ) -> CrowdMetrics:
        tracks = CAMERA.tracks(np.asarray(world_m, np.float64).reshape(-1, 2), ids)
        return self.take(tracks, t, **facts)

    def take(self, tracks: Tracks, t: float, **facts: object) -> CrowdMetrics:
        usual = {"segment": 0, "picture_wh": CAMERA.picture_wh, "saturation": CLEAR}
        given = FrameFacts(stream_time_s=t, **(usual | facts))  # type: ignore[arg-type]
        self.metrics, self.picture = self.analyzer.update(tracks, given)
        return self.metrics

    def watch(
        self, where: Where, *, seconds: float, rate: float = 10, **facts: object
    ) -> CrowdMetrics:
        for k in range(round(seconds * rate) + 1):
            self.see(where(k / rate), k / rate, **facts)
        return self.metrics


def _lattice(spacing: float, low: float = -1.75, high: float = 12.0) -> FloatArray:
    axis = np.arange(low, high, spacing)
    return np.stack(np.meshgrid(axis, axis), -1).reshape(-1, 2)


def _walkers(t: float) -> FloatArray:
    """A crowd of 4/m² that walks along x at 0.6 m/s, all over the place for 4 s."""
    x, y = np.arange(-4.75, 12.0, 0.5) + 0.6 * t, np.arange(-1.75, 12.0, 0.5)
    return np.stack(np.meshgrid(x, y), -1).reshape(-1, 2)


def _row(t: float) -> FloatArray:
    """Eight people 1.2 m apart who walk along x at 1.3 m/s."""
    return np.stack([np.full(8, 1.0 + 1.3 * t), 0.6 + 1.2 * np.arange(8)], axis=1)


def test_a_walking_crowd_in_metres() -> None:
    camera = Camera()
    metrics = camera.watch(_walkers, seconds=4)
    assert metrics.count == 400
    assert metrics.area_m2 == pytest.approx(100)
    assert metrics.density_per_m2 == pytest.approx(4)
    assert metrics.voronoi_density_per_m2 == pytest.approx(4, rel=1e-3)
    assert metrics.peak_density_per_m2 == pytest.approx(4, rel=0.02)
    assert metrics.level_of_service is LevelOfService.F
    assert metrics.mean_speed_mps == pytest.approx(0.6, rel=1e-4)
    assert metrics.speed_variance_m2_per_s2 == pytest.approx(0, abs=1e-6)
    assert metrics.crowd_pressure_per_s2 == pytest.approx(0, abs=1e-4)
    assert metrics.coherence == pytest.approx(1)
    assert metrics.moving_count == 400
    assert metrics.rapid_count == 0
    assert (metrics.cluster_count, metrics.largest_cluster) == (1, 400)
    assert metrics.trust is Trust.OK
    assert metrics.calibration_version == 1
    assert metrics.motion_source is MotionSource.TRACKS
    assert camera.picture.density is not None
    assert np.nanmax(camera.picture.density.values_per_m2) == pytest.approx(4, rel=0.1)


def test_who_stands_where_and_walks_how_fast() -> None:
    camera = Camera()
    camera.watch(_row, seconds=2)
    third = camera.picture.tracks[2]
    assert third.ground_m == pytest.approx((3.6, 3.0), abs=1e-3)
    assert third.velocity_mps == pytest.approx((1.3, 0.0), abs=1e-3)
    assert third.speed_mps == pytest.approx(1.3, abs=1e-3)
    ahead = CAMERA.feet_px(np.array([[3.65, 3.0], [3.55, 3.0]]))
    assert third.velocity_px_per_s == pytest.approx(tuple((ahead[0] - ahead[1]) * 13), rel=1e-2)


@cache
def _usual() -> CrowdMetrics:
    return Camera().watch(_walkers, seconds=3, rate=25)


@pytest.mark.parametrize("rate", [5, 7, 12.5, 30])
def test_the_frame_rate_changes_nothing(rate: float) -> None:
    usual = _usual()
    other = Camera().watch(_walkers, seconds=3, rate=rate)
    for name in ("count", "density_per_m2", "mean_speed_mps", "coherence", "density_ema_per_m2"):
        assert getattr(other, name) == pytest.approx(getattr(usual, name), rel=1e-3)
    assert other.peak_density_per_m2 == pytest.approx(usual.peak_density_per_m2, rel=0.01)


def test_the_order_of_tracks_changes_nothing() -> None:
    rng = np.random.default_rng(4)
    start, step = rng.uniform(0, 10, (60, 2)), rng.normal(0, 1, (60, 2))
    order = rng.permutation(60)
    one, two = Camera(), Camera()
    for k in range(30):
        at = start + step * k / 10
        first = one.see(at, k / 10)
        second = two.see(at[order], k / 10, ids=order)
    for field in dataclasses.fields(first):
        expected, found = getattr(first, field.name), getattr(second, field.name)
        if isinstance(expected, float):
            assert found == pytest.approx(expected), field.name
        elif field.name != "quality":
            assert found == expected, field.name


def test_only_who_stands_in_the_monitored_area_counts() -> None:
    camera = Camera()
    inside, outside = [[5.0, 5.0], [6.0, 5.0]], [[11.0, 5.0], [5.0, -1.0]]
    assert camera.see(np.array(inside + outside), 0.0).count == 2
    assert len(camera.picture.tracks) == 4
    far = np.array([[100.0, 0.0, 130.0, 60.0]], np.float32)
    sky = Tracks(np.array([9]), far - np.float32(30_000), np.array([0.9], np.float32))
    assert camera.take(sky, 0.1).count == 0
    assert camera.picture.tracks[0].ground_m is None


def test_an_empty_place() -> None:
    metrics = Camera().watch(lambda _: np.zeros((0, 2)), seconds=3)
    assert (metrics.count, metrics.density_per_m2, metrics.peak_density_per_m2) == (0, 0, 0)
    assert metrics.voronoi_density_per_m2 == 0
    assert (metrics.mean_speed_mps, metrics.coherence, metrics.speed_ratio) == (None, None, None)
    assert metrics.crowd_pressure_per_s2 is None
    assert metrics.rapid_count == 0
    low, high = metrics.quality["density_per_m2"].low, metrics.quality["density_per_m2"].high
    assert (low, high) == (0.0, 0.0)


def test_a_moved_camera_makes_metres_unknown_and_says_why() -> None:
    camera = Camera()
    camera.watch(_walkers, seconds=3)
    metrics = camera.see(_walkers(3.1), 3.1, calibration_fault="The camera was moved.")
    for name in (*ONLY_CALIBRATED, "area_m2", "density_per_m2", "density_ema_per_m2"):
        assert getattr(metrics, name) is None, name
        assert metrics.quality[name].trust is Trust.UNKNOWN
        assert metrics.quality[name].reason == "The camera was moved."
    assert (metrics.trust, metrics.trust_reason) == (Trust.UNKNOWN, "The camera was moved.")
    assert metrics.count > 400  # everybody in the picture: who stands inside cannot be told
    assert metrics.quality["count"].trust is Trust.ESTIMATED
    assert "whole picture" in metrics.quality["count"].reason
    assert metrics.stagnant is False
    assert camera.picture.tracks[0].speed_mps is None
    again = camera.watch(lambda t: _walkers(3.2 + t), seconds=2, segment=1)
    assert again.mean_speed_mps == pytest.approx(0.6, rel=1e-3)


def test_people_outside_are_no_surge_when_the_ground_is_lost() -> None:
    camera = Camera()
    crowd = _lattice(1.1)
    for k in range(200):
        fault = "Moved." if 95 <= k < 140 else ""
        metrics = camera.see(crowd, float(k), calibration_fault=fault)
        assert metrics.surge in {None, 0.0}


def test_a_picture_of_another_size_is_scaled_and_of_another_shape_refused() -> None:
    camera = Camera()
    tracks = CAMERA.tracks(np.array([[3.0, 4.0]]))
    half = Tracks(tracks.track_ids, tracks.boxes_xyxy / 2, tracks.confidence)
    camera.take(half, 0.0, picture_wh=(960, 540))
    assert camera.picture.tracks[0].ground_m == pytest.approx((3.0, 4.0), abs=1e-3)
    metrics = camera.take(tracks, 0.1, picture_wh=(1080, 1080))
    assert metrics.trust is Trust.UNKNOWN
    assert "another shape" in metrics.trust_reason
    assert metrics.density_per_m2 is None


def test_runners_are_rapid_and_unusual() -> None:
    def where(t: float) -> FloatArray:
        walkers = np.stack([np.linspace(0.5, 9.5, 20), np.full(20, 4.0) + 1.2 * t], axis=1)
        return np.concatenate([walkers, [[0.2 + 3.0 * t, 2.0]]])

    camera = Camera()
    metrics = camera.watch(where, seconds=1.5)
    assert metrics.rapid_count == 1
    assert metrics.anomaly_count == 1
    assert camera.picture.tracks[20].is_anomalous


def test_clusters_and_pairs_in_metres() -> None:
    near, far = [[2.0, 9.0], [2.7, 9.0]], [[7.0, 1.0], [8.4, 1.0], [7.0, 2.4]]
    camera = Camera()
    metrics = camera.see(np.array(near + far), 0.0)
    assert (metrics.cluster_count, metrics.largest_cluster, metrics.proximity_pairs) == (2, 3, 1)
    assert camera.picture.pairs[0].distance_m == pytest.approx(0.7, abs=1e-3)
    trio, pair = camera.picture.clusters
    assert trio.area_m2 == pytest.approx(0.98, rel=1e-2)
    assert trio.density_per_m2 == pytest.approx(3 / (0.98 + 4.78 * 0.7 + math.pi * 0.49), rel=0.01)
    assert pair.area_m2 == 0.0
    closer = AnalysisParams(cluster_eps_m=0.6, proximity_threshold_m=1.45)
    other = Camera(closer).see(np.array(near + far), 0.0)
    assert (other.cluster_count, other.proximity_pairs) == (0, 3)


def test_every_number_has_trust_and_interval() -> None:
    calibration = CAMERA.calibration(PLACE, walkable=AROUND, length_spread=0.03, area_spread=0.06)
    camera = Camera(calibration=calibration, people_limit=500, exits=(Exit(2.0),), recall=None)
    metrics = camera.watch(_walkers, seconds=3)
    quality = metrics.quality
    for name in ("density_per_m2", "voronoi_density_per_m2", "peak_density_per_m2"):
        value, known = getattr(metrics, name), quality[name]
        assert known.low is not None
        assert known.high is not None
        assert known.low < 0.94 * value < 1.06 * value < known.high
    speed = quality["mean_speed_mps"]
    assert (speed.low, speed.high) == (pytest.approx(0.582, 1e-3), pytest.approx(0.618, 1e-3))
    assert quality["area_m2"].low == pytest.approx(94)
    assert metrics.egress_time_s == pytest.approx(metrics.count / 2.74)
    assert quality["egress_time_s"].low == pytest.approx(metrics.count_low / 2.74)
    assert quality["count"].high == metrics.count_high
    named = {field.name for field in dataclasses.fields(CrowdMetrics)}
    assert set(quality) <= named
    assert quality["crowd_pressure_per_s2"].low is None


def test_a_calibration_by_heights_is_an_estimate() -> None:
    calibration = CAMERA.calibration(PLACE, method=CalibrationMethod.HEIGHTS, area_spread=0.4)
    metrics = Camera(calibration=calibration).watch(_row, seconds=2)
    assert metrics.trust is Trust.ESTIMATED
    assert metrics.quality["count"].trust is Trust.OK
    assert metrics.quality["coherence"].trust is Trust.ESTIMATED
    density = metrics.quality["density_per_m2"]
    assert density.trust is Trust.ESTIMATED
    assert metrics.density_per_m2 is not None
    assert density.high == pytest.approx(1.4 * metrics.density_per_m2)


def test_an_area_by_hand_gives_way_to_a_calibration() -> None:
    metrics = Camera(area_m2=7.0).see(np.array([[5.0, 5.0]]), 0.0)
    assert metrics.density_per_m2 == pytest.approx(0.01)


def _flow(speed_mps: float, t: float) -> PictureFlow:
    at = np.stack(np.meshgrid(np.arange(0.5, 10), np.arange(0.5, 10)), -1).reshape(-1, 2)
    # Heads and shoulders move; the flow is told of them, not of the feet.
    boxes = CAMERA.boxes(at)
    seen = np.stack([(boxes[:, 0] + boxes[:, 2]) / 2, 0.9 * boxes[:, 1] + 0.1 * boxes[:, 3]], 1)
    onward = CAMERA.boxes(at + np.array([0.05 * speed_mps, 0.0]))
    moved = (onward[:, 0] + onward[:, 2]) / 2 - seen[:, 0]
    velocity = np.stack([20 * moved, np.zeros(len(at))], axis=1)
    return PictureFlow(t, seen.astype(np.float32), velocity.astype(np.float32), 0.5)


def test_where_nobody_can_be_followed_the_picture_tells_the_motion() -> None:
    camera = Camera()
    for k in range(21):
        flow = _flow(0.8, k / 10) if k <= 15 else None
        still = np.array([[5.0, 5.0]])
        metrics = camera.see(still, k / 10, saturation=FULL, picture_flow=flow)
    assert metrics.motion_source is MotionSource.OPTICAL_FLOW
    assert metrics.mean_speed_mps == pytest.approx(0.8, rel=0.05)
    assert metrics.coherence == pytest.approx(1, abs=0.01)
    assert metrics.count_high is None
    assert metrics.quality["mean_speed_mps"].trust is Trust.ESTIMATED
    assert metrics.quality["density_per_m2"].trust is Trust.SATURATED
    assert metrics.quality["density_per_m2"].high is None
    for k in range(21, 30):
        metrics = camera.see(np.array([[5.0, 5.0]]), k / 10, saturation=FULL)
    assert metrics.motion_source is MotionSource.TRACKS


def test_optical_flow_may_be_asked_for() -> None:
    for params, expected in (
        (AnalysisParams(), MotionSource.TRACKS),
        (AnalysisParams(optical_flow=True), MotionSource.OPTICAL_FLOW),
    ):
        camera = Camera(params)
        metrics = camera.see(np.array([[5.0, 5.0]]), 0.0, picture_flow=_flow(0.5, 0.0))
        assert metrics.motion_source is expected


def test_empty_ground_that_lies_still_slows_nobody_down() -> None:
    """Two people walk at 1 m/s; the pavement around them has texture and does not move."""
    walkers = np.array([[3.5, 4.5], [6.5, 4.5]])
    told = _flow(1.0, 0.0)
    at = np.stack(np.meshgrid(np.arange(0.5, 10), np.arange(0.5, 10)), -1).reshape(-1, 2)
    near = np.linalg.norm(at[:, None] - walkers, axis=2).min(axis=1) < 0.5
    velocity = np.where(near[:, None], told.velocity_px_per_s, 0).astype(np.float32)
    flow = replace(told, velocity_px_per_s=velocity)
    metrics = Camera(AnalysisParams(optical_flow=True)).see(walkers, 0.0, picture_flow=flow)
    assert metrics.motion_source is MotionSource.OPTICAL_FLOW
    assert metrics.mean_speed_mps == pytest.approx(1.0, rel=0.05)


def test_more_may_be_there_than_the_interval_of_the_count_allows() -> None:
    missed = replace(CLEAR, missed_high=12.0)
    metrics = Camera().see(np.array([[5.0, 5.0]]), 0.0, saturation=missed)
    assert (metrics.count, metrics.count_high) == (1, 13)


def test_inflow_tells_when_the_place_is_full() -> None:
    camera = Camera(people_limit=60)
    spots = _lattice(1.2, low=0.3, high=10.0)
    for second in range(60):
        metrics = camera.see(spots[: 20 + second // 2], float(second))
    assert metrics.net_inflow_per_s == pytest.approx(0.5, rel=0.05)
    assert metrics.time_to_capacity_s == pytest.approx(11 / 0.5, rel=0.1)
    low, high = (
        metrics.quality["time_to_capacity_s"].low,
        metrics.quality["time_to_capacity_s"].high,
    )
    assert low is not None
    assert high is not None
    assert low < metrics.time_to_capacity_s < high


def test_memory_is_bounded_however_many_people_and_connections_come() -> None:
    rng = np.random.default_rng(8)
    camera = Camera()
    sizes = []
    for k in range(1200):
        at = rng.uniform(0, 10, (12, 2))
        ids = np.arange(12) + 12 * (k // 3)
        camera.see(at, (k % 240) / 5, ids=ids, segment=k // 240)
        if k % 240 == 239:
            sizes.append(len(pickle.dumps(camera.analyzer)))
    assert max(sizes) < 1.05 * sizes[0]
    for k in range(120):
        camera.see(np.zeros((0, 2)), k / 5, segment=9)
    assert len(pickle.dumps(camera.analyzer)) < sizes[0]
