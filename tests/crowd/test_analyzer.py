from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from backend.core.camera import ModelInfo
from backend.core.frame import FloatArray, Tracks
from backend.core.measurements import CrowdMetrics, CrowdPicture, SaturationEvidence
from backend.core.observation import FrameFacts
from backend.core.trust import Trust
from backend.crowd.analyzer import CrowdAnalyzer
from backend.crowd.metering.views import MAX_PICTURED_PAIRS
from backend.crowd.params import AnalysisParams

CLEAR = SaturationEvidence(False, "", 0.0, 0.0)
WH = (1280, 720)


def _tracks(feet: FloatArray, *, height: float = 100, ids: list[int] | None = None) -> Tracks:
    feet = np.asarray(feet, np.float64).reshape(-1, 2)
    half = height / 6
    boxes = np.concatenate([feet - [half, height], feet + np.array([half, 0])], axis=1)
    n = len(feet)
    return Tracks(
        np.array(ids if ids is not None else range(n), np.int64),
        boxes.astype(np.float32),
        np.full(n, 0.8, np.float32),
    )


def _analyzer(
    params: AnalysisParams | None = None,
    *,
    area_m2: float | None = 100.0,
    people_limit: int | None = None,
    model: ModelInfo | None = None,
) -> CrowdAnalyzer:
    return CrowdAnalyzer(
        params or AnalysisParams(), area_m2=area_m2, people_limit=people_limit, model=model
    )


def _step(
    analyzer: CrowdAnalyzer,
    tracks: Tracks,
    t: float,
    *,
    segment: int = 0,
    wh: tuple[int, int] = WH,
    saturation: SaturationEvidence | None = CLEAR,
) -> tuple[CrowdMetrics, CrowdPicture]:
    return analyzer.update(
        tracks,
        FrameFacts(stream_time_s=t, segment=segment, picture_wh=wh, saturation=saturation),
    )


def _walk(
    analyzer: CrowdAnalyzer,
    where: Callable[[float], FloatArray],
    *,
    seconds: float,
    rate: float = 25,
) -> tuple[CrowdMetrics, CrowdPicture]:
    for k in range(round(seconds * rate) + 1):
        found = _step(analyzer, _tracks(where(k / rate)), k / rate)
    return found


def _row(t: float) -> FloatArray:
    """Eight people 150 px apart walking right at half a body height a second (50 px/s)."""
    return np.stack([100 + 150.0 * np.arange(8) + 50 * t, np.full(8, 400.0)], axis=1)


def test_an_empty_picture_is_zero_people_and_undefined_motion() -> None:
    metrics, picture = _step(_analyzer(), Tracks.empty(), 0.0)
    assert (metrics.count, metrics.count_low, metrics.count_high) == (0, 0, 0)
    assert metrics.density_per_m2 == 0
    assert metrics.pressure_index == 0
    assert metrics.mean_speed_px_per_s is None
    assert metrics.coherence is None
    assert metrics.surge is None
    assert picture == CrowdPicture()


def test_measures_a_row_of_walkers() -> None:
    metrics, picture = _walk(_analyzer(), _row, seconds=2)
    assert metrics.mean_speed_px_per_s == pytest.approx(50, rel=1e-3)
    assert metrics.mean_speed_mps is None
    assert metrics.moving_count == 8
    assert metrics.coherence == pytest.approx(1)
    assert metrics.disorder == pytest.approx(0)
    assert metrics.density_per_m2 == pytest.approx(metrics.count / 100)
    assert metrics.peak_density_per_m2 is None
    first = picture.tracks[0]
    assert first.velocity_px_per_s == pytest.approx((50, 0), abs=0.1)
    assert first.speed_mps is None
    assert first.foot_px == pytest.approx((200, 400), abs=0.1)
    assert len(first.trail_px) == 51


def test_a_young_track_has_no_velocity() -> None:
    metrics, picture = _walk(_analyzer(), _row, seconds=0.4)
    assert picture.tracks[0].velocity_px_per_s is None
    assert metrics.mean_speed_px_per_s is None
    assert metrics.moving_count == 0


@pytest.mark.parametrize("rate", [5, 12.5, 50])
def test_frame_rate_changes_nothing(rate: float) -> None:
    usual, _ = _walk(_analyzer(), _row, seconds=4)
    other, _ = _walk(_analyzer(), _row, seconds=4, rate=rate)
    assert other.mean_speed_px_per_s == pytest.approx(usual.mean_speed_px_per_s, rel=1e-3)
    assert other.coherence == pytest.approx(usual.coherence)
    assert other.density_ema_per_m2 == pytest.approx(usual.density_ema_per_m2, abs=1e-9)
    assert other.count == usual.count


def test_the_order_of_detections_changes_nothing() -> None:
    rng = np.random.default_rng(3)
    feet, speed = rng.uniform(100, 700, (30, 2)), rng.normal(0, 60, (30, 2))
    one, two = _analyzer(), _analyzer()
    order = rng.permutation(30)
    for k in range(60):
        tracks = _tracks(feet + speed * k / 25)
        mixed = Tracks(tracks.track_ids[order], tracks.boxes_xyxy[order], tracks.confidence[order])
        first, _ = _step(one, tracks, k / 25)
        second, _ = _step(two, mixed, k / 25)
    for name in ("count", "count_low", "coherence", "disorder", "mean_speed_px_per_s"):
        assert getattr(second, name) == pytest.approx(getattr(first, name))
    assert (second.cluster_count, second.proximity_pairs) == (
        first.cluster_count,
        first.proximity_pairs,
    )


def test_kinematics_never_span_two_segments() -> None:
    analyzer = _analyzer()
    _walk(analyzer, _row, seconds=2)
    metrics, picture = _step(analyzer, _tracks(_row(9)), 2.04, segment=1)
    assert metrics.mean_speed_px_per_s is None
    assert len(picture.tracks[0].trail_px) == 1


def test_pixel_settings_refer_to_a_picture_1280_wide() -> None:
    feet = np.array([[100.0, 300.0], [200.0, 300.0]])
    small, _ = _step(_analyzer(), _tracks(feet), 0.0)
    assert (small.cluster_count, small.proximity_pairs) == (1, 0)
    big, _ = _step(_analyzer(), _tracks(feet), 0.0, wh=(1920, 1080))
    assert (big.cluster_count, big.proximity_pairs) == (1, 1)
    narrow, _ = _step(_analyzer(), _tracks(feet), 0.0, wh=(640, 360))
    assert (narrow.cluster_count, narrow.proximity_pairs) == (0, 0)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"cluster_eps_px": 200.0}, "cluster_count"),
        ({"cluster_min_samples": 9}, "cluster_count"),
        ({"proximity_threshold_px": 200.0}, "proximity_pairs"),
        ({"anomaly_velocity_zscore": 100.0}, "anomaly_count"),
        ({"coherence_window": 1}, "coherence"),
        ({"ema_alpha": 0.9}, "density_ema_per_m2"),
    ],
)
def test_every_setting_changes_a_running_camera(change: dict[str, float], name: str) -> None:
    def scene(t: float) -> FloatArray:
        """Eight walk apart, half of them turn off, the first runs below, two leave."""
        feet = _row(t)
        feet[:, 1] += np.where(np.arange(8) % 2, 0, 60 * max(t - 3, 0))
        feet[0] = [100 + 250 * t, 700]
        return feet if t < 3.8 else feet[:6]

    usual = AnalysisParams(cluster_eps_px=200.0 if "cluster_min_samples" in change else 140.0)
    changed = _analyzer(usual)
    unchanged = _analyzer(usual)
    for k in range(100):
        if k == 30:
            changed.set_params(replace(usual, **change))  # type: ignore[arg-type]
        tracks = _tracks(scene(k / 25))
        one, _ = _step(unchanged, tracks, k / 25)
        two, _ = _step(changed, tracks, k / 25)
    assert getattr(one, name) != getattr(two, name)


def test_saturated_means_at_least() -> None:
    analyzer = _analyzer()
    evidence = SaturationEvidence(True, "People are smaller than 25 px.", 0.9, 0.0)
    metrics, _ = _step(analyzer, _tracks(_row(0)), 0.0, saturation=evidence)
    assert metrics.trust is Trust.SATURATED
    assert metrics.count_high is None
    assert "25 px" in metrics.trust_reason


def test_trust_names_an_area_by_hand_and_a_missing_basis() -> None:
    by_hand, _ = _step(_analyzer(), Tracks.empty(), 0.0)
    assert by_hand.trust is Trust.ESTIMATED
    by_limit, _ = _step(_analyzer(area_m2=None, people_limit=50), Tracks.empty(), 0.0)
    assert by_limit.trust is Trust.OK
    neither, _ = _step(_analyzer(area_m2=None), Tracks.empty(), 0.0)
    assert neither.trust is Trust.ESTIMATED
    assert neither.density_per_m2 is None
    assert neither.pressure_index is None


def test_the_model_decides_how_well_small_people_are_seen() -> None:
    far = _tracks(_row(0), height=40)
    coarse, _ = _step(_analyzer(), far, 0.0)
    fine_model = ModelInfo("yolo11s", "openvino", "int8", (1280, 1280))
    fine, _ = _step(_analyzer(model=fine_model), far, 0.0)
    assert coarse.count > fine.count


def test_refuses_an_area_that_is_none() -> None:
    with pytest.raises(ValueError, match="area_m2"):
        _analyzer(area_m2=0)


def test_all_pairs_are_counted_and_the_closest_pictured() -> None:
    feet = np.random.default_rng(0).uniform(300, 400, (40, 2))
    metrics, picture = _step(_analyzer(), _tracks(feet), 0.0)
    assert metrics.proximity_pairs > MAX_PICTURED_PAIRS
    assert len(picture.pairs) == MAX_PICTURED_PAIRS
    distances = [pair.distance_px for pair in picture.pairs]
    assert distances == sorted(distances)
