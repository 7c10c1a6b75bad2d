"""Time of drawing one full-HD picture with 30 people, scaling included."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import combinations

import numpy as np
import numpy.typing as npt

from backend.core.camera import DEFAULT_OVERLAYS, ModelInfo, Overlay
from backend.core.measurements import (
    Cluster,
    CrowdMetrics,
    CrowdPicture,
    DensityMap,
    ProximityPair,
    TrackView,
)
from backend.core.risk import Cause, RiskAssessment, RiskLevel, RiskParts
from backend.core.snapshot import Snapshot, StageTimings
from backend.core.trust import Trust
from backend.vision.overlay import OverlayRenderer
from benchmarks.figures import Figure, figure

_ROUNDS = 60


def crowd_snapshot(
    people: int, picture_wh: tuple[int, int], *, seed: int = 7, calibrated: bool = True
) -> Snapshot:
    """Return a snapshot of a made-up crowd: boxes, trails, two clusters, pairs, a warning."""
    rng = np.random.default_rng(seed)
    width, height = picture_wh
    centres = rng.uniform((0.2, 0.5), (0.8, 0.85), (3, 2)) * (width, height)
    places = np.concatenate(
        [
            centres[number % 3] + rng.normal(0, (0.07 * width, 0.05 * height), (1, 2))
            if number % 5
            else rng.uniform((0.05, 0.35), (0.95, 0.98), (1, 2)) * (width, height)
            for number in range(people)
        ]
    )
    tracks = [
        _pedestrian(rng, number, place, picture_wh, calibrated)
        for number, place in enumerate(places)
    ]
    clusters = tuple(_clusters(tracks))
    pairs = tuple(_pairs(tracks, 80 * width / 1280))
    return Snapshot(
        camera_id=1,
        camera_name="Westtor – Überführung",
        sequence=1,
        run_id=1,
        frame_index=0,
        segment=0,
        stream_time_s=83.0,
        captured_at=datetime(2026, 6, 5, 21, 4, 9, tzinfo=UTC),
        captured_mono_s=0.0,
        published_mono_s=0.0,
        picture_wh=picture_wh,
        picture=CrowdPicture(tuple(tracks), clusters, pairs),
        metrics=_metrics(people, calibrated),
        risk=_risk(),
        model=ModelInfo("yolo11s", "openvino", "int8", (640, 640), reduced_accuracy=True),
        timings=StageTimings(),
        fps=12.4,
    )


def _clusters(tracks: list[TrackView]) -> Iterator[Cluster]:
    """The three groups; every fifth person walks alone."""
    for group in range(3):
        members = [t for t in tracks if (t.track_id - 1) % 5 and (t.track_id - 1) % 3 == group]
        if len(members) >= 2:
            feet = np.array([t.foot_px for t in members], np.float32)
            yield Cluster(tuple(t.track_id for t in members), feet)


def _pairs(tracks: list[TrackView], threshold_px: float) -> Iterator[ProximityPair]:
    for a, b in combinations(tracks, 2):
        distance = float(np.hypot(a.foot_px[0] - b.foot_px[0], a.foot_px[1] - b.foot_px[1]))
        if distance < threshold_px:
            yield ProximityPair(a.track_id, b.track_id, a.foot_px, b.foot_px, distance)


def _pedestrian(
    rng: np.random.Generator,
    number: int,
    place: npt.NDArray[np.float64],
    picture_wh: tuple[int, int],
    calibrated: bool,
) -> TrackView:
    width, height = picture_wh
    x, foot = float(place[0]), float(place[1])
    tall = (0.06 + 0.16 * foot / height) * height
    velocity = rng.normal(0, 0.05 * width, 2) * (1, 0.5)
    trail = np.array([x, foot]) - velocity * np.linspace(2, 0, 50)[:, None]
    return TrackView(
        track_id=number + 1,
        box_xyxy=(x - 0.2 * tall, foot - tall, x + 0.2 * tall, foot),
        confidence=0.8,
        foot_px=(x, foot),
        velocity_px_per_s=(float(velocity[0]), float(velocity[1])),
        speed_mps=float(np.hypot(*velocity)) / 80 if calibrated else None,
        trail_px=trail.astype(np.float32),
        is_anomalous=number % 11 == 0,
    )


def _metrics(people: int, calibrated: bool) -> CrowdMetrics:
    return CrowdMetrics(
        count=people,
        count_low=round(people * 0.9),
        count_high=round(people * 1.15),
        area_m2=120.0 if calibrated else None,
        density_per_m2=people / 120 if calibrated else None,
        peak_density_per_m2=4.6 if calibrated else None,
        calibration_version=1 if calibrated else None,
        mean_speed_mps=1.12 if calibrated else None,
        mean_speed_px_per_s=84.0,
        trust=Trust.DEGRADED,
        trust_reason="fallback detector, about every second person is missed",
    )


def _risk() -> RiskAssessment:
    text = "Peak density 4.6 /m² is above the limit of 4.0 /m² for WARNING"
    cause = Cause("density", RiskLevel.WARNING, 4.6, 4.0, "1/m²", text)
    return RiskAssessment(RiskLevel.WARNING, 58.0, RiskParts(), (cause,))


def measure() -> list[Figure]:
    """Return the rows of ``make bench``: median milliseconds with and without heat."""
    rng = np.random.default_rng(3)
    frame = rng.integers(0, 255, (1080, 1920, 3), dtype=np.uint8)
    snapshot = crowd_snapshot(30, (1920, 1080))
    renderer = OverlayRenderer()
    history = (20 + 10 * np.sin(np.arange(120) / 9)).tolist()

    def median_ms(overlays: frozenset[Overlay]) -> float:
        return _median_ms(
            lambda: renderer.render(frame, snapshot, overlays=overlays, history=history)
        )

    bare = median_ms(frozenset())
    plain = median_ms(DEFAULT_OVERLAYS)
    heat = median_ms(DEFAULT_OVERLAYS | {Overlay.HEAT})
    snapshot = replace(snapshot, picture=replace(snapshot.picture, density=ground_density()))
    ground = median_ms(DEFAULT_OVERLAYS | {Overlay.HEAT})
    note = f"baseline: the same picture without overlays takes {bare:.2f} ms"
    return [
        figure("overlay.ms_1080p_30_people", round(plain, 2), "ms", target="<= 6", note=note),
        figure("overlay.ms_1080p_30_people_heat", round(heat, 2), "ms", target="<= 12", note=note),
        figure(
            "overlay.ms_1080p_30_people_ground_heat",
            round(ground, 2),
            "ms",
            target="<= 12",
            note=note,
        ),
    ]


def ground_density() -> DensityMap:
    """Return a crowded square of 30 m x 40 m, seen from its edge, as large as the picture."""
    y, x = np.mgrid[0:81, 0:61] * 0.5
    values = 0.3 + 5 * np.exp(-((x - 15) ** 2 + (y - 12) ** 2) / 40)
    ground_to_image = (50.0, 48.0, 210.0, 0.0, 8.0, 1080.0, 0.0, 0.05, 1.0)
    return DensityMap(values.astype(np.float32), (0.0, 0.0), 0.5, ground_to_image)


def _median_ms(call: Callable[[], object]) -> float:
    for _ in range(5):
        call()
    times = []
    for _ in range(_ROUNDS):
        begin = time.perf_counter()
        call()
        times.append((time.perf_counter() - begin) * 1000)
    return statistics.median(times)


if __name__ == "__main__":
    for row in measure():
        print(row)
