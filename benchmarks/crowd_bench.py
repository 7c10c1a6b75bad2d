"""Time of the crowd analysis of one frame on one core: everything but optical flow.

People walk about at one per square metre in front of a calibrated camera at 25 frames a second;
densities, velocities, pressure, clusters, trust and interval of every number are in it.
"""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from datetime import UTC, datetime

import cv2
import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from backend.core.calibration import Calibration, CalibrationMethod, Exit
from backend.core.frame import FloatArray, Tracks
from backend.core.measurements import SaturationEvidence
from backend.core.observation import FrameFacts
from backend.crowd.analyzer import CrowdAnalyzer
from backend.crowd.calibration import GroundPlane
from backend.crowd.params import AnalysisParams
from benchmarks.figures import Figure, figure

RATE_HZ = 25.0
SLOW_RATE_HZ = 5.0
"""Of a camera on a busy machine: every frame then carries new densities."""

WARM_UP_FRAMES = 65
"""Until the trails are full and the tracks as old as they get."""

MEASURED_FRAMES = 100
ROUNDS = 3
"""The round with the lowest median counts: other work on the machine only ever adds time."""

PICTURE_WH = (3840, 2160)
DENSITY_PER_M2 = 1.0
GROWTH_SIZES = (200, 500, 1000, 2000, 5000)
GROWTH_FRAMES = 40


def measure() -> list[Figure]:
    """Return the rows of ``make bench``."""
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        with threadpool_limits(1):
            small, big = _frame_times_ms(50), _frame_times_ms(500)
            slow = [_frame_times_ms(people, rate_hz=SLOW_RATE_HZ) for people in (50, 500)]
            growth = [_frame_times_ms(people, frames=GROWTH_FRAMES) for people in GROWTH_SIZES]
    finally:
        cv2.setNumThreads(threads)
    medians = [statistics.median(times) for times in growth]
    sizes = ", ".join(f"{n}: {ms:.1f}" for n, ms in zip(GROWTH_SIZES, medians, strict=True))
    by_mean = _exponent([statistics.fmean(times) for times in growth])
    return [
        _time_figure("crowd.ms_50_people", small, target="<= 3"),
        _time_figure("crowd.ms_500_people", big, target="<= 15"),
        *(
            figure(
                f"crowd.ms_{people}_people_at_5_hz",
                round(statistics.median(times), 2),
                "ms",
                note="reported: densities, pressure and sway new in every frame",
            )
            for people, times in zip((50, 500), slow, strict=True)
        ),
        figure(
            "crowd.growth_exponent",
            round(_exponent(medians), 3),
            "ratio",
            target="<= 1.2",
            note=f"median ms a frame: {sizes}; {by_mean:.2f} by mean times",
        ),
    ]


def _time_figure(name: str, times_ms: list[float], *, target: str) -> Figure:
    """The median; the mean beside it, because densities are new in every fifth frame only."""
    note = (
        f"mean {statistics.fmean(times_ms):.2f} ms, frames with new densities "
        f"{statistics.quantiles(times_ms, n=10)[-1]:.1f} ms"
    )
    return figure(name, round(statistics.median(times_ms), 2), "ms", target=target, note=note)


def _exponent(times_ms: list[float]) -> float:
    """Slope of time over number of people, both logarithmic."""
    slope, _ = np.polyfit(np.log(GROWTH_SIZES), np.log(times_ms), 1)
    return float(slope)


def _frame_times_ms(
    people: int, *, frames: int = MEASURED_FRAMES, rate_hz: float = RATE_HZ
) -> list[float]:
    walk = _Walk(people, rate_hz)
    analyzer = CrowdAnalyzer(
        AnalysisParams(),
        area_m2=None,
        people_limit=2 * people,
        calibration=walk.calibration(),
        exits=(Exit(2.0),),
    )
    times: list[float] = []
    for number in range(WARM_UP_FRAMES + ROUNDS * frames):
        tracks, facts = walk.frame(number)
        begin = time.perf_counter()
        analyzer.update(tracks, facts)
        times.append(1000 * (time.perf_counter() - begin))
    ends = range(WARM_UP_FRAMES, len(times), frames)
    return min((times[end : end + frames] for end in ends), key=statistics.median)


@dataclass
class _Walk:
    """People who cross a square place, each his own way, and come in again as somebody new."""

    people: int
    rate_hz: float = RATE_HZ

    def __post_init__(self) -> None:
        rng = np.random.default_rng(self.people)
        self._side_m = (self.people / DENSITY_PER_M2) ** 0.5
        self._start = rng.uniform(0, self._side_m, (self.people, 2))
        heading, speed = rng.uniform(-np.pi, np.pi, self.people), rng.normal(1.3, 0.2, self.people)
        self._velocity = speed[:, None] * np.stack([np.cos(heading), np.sin(heading)], axis=1)
        # A camera as high as half the place is wide; its picture shows all of it.
        width, height = PICTURE_WH
        near, far, low, top = 0.02 * width, 0.28 * width, 0.97 * height, 0.25 * height
        self._corners_px = np.array(
            [[near, low], [width - near, low], [width - far, top], [far, top]]
        )
        side = self._side_m
        corners_m = np.array([[0.0, 0.0], [side, 0.0], [side, side], [0.0, side]])
        self._plane = GroundPlane.from_points(self._corners_px, corners_m)
        heights = self._plane.height_model(PICTURE_WH)
        if heights is None:
            raise RuntimeError("the benchmark's camera looks straight down")
        self._heights = heights

    def calibration(self) -> Calibration:
        """The true one."""
        return Calibration(
            version=1,
            method=CalibrationMethod.POINTS,
            picture_wh=PICTURE_WH,
            homography=tuple(self._plane.matrix.ravel().tolist()),
            monitored_px=tuple((x, y) for x, y in self._corners_px.tolist()),
            walkable_px=None,
            rms_error_m=None,
            length_spread=0.02,
            area_spread=0.04,
            calibrated_at=datetime(2026, 1, 1, tzinfo=UTC),
        )

    def frame(self, number: int) -> tuple[Tracks, FrameFacts]:
        """Tracks and facts of one frame."""
        at = self._start + self._velocity * (number / self.rate_hz)
        lap = np.floor(at / self._side_m)
        ids = np.arange(self.people) + 1_000_000 * (lap @ [1, 100] + 5_000)
        boxes = self._boxes(at - lap * self._side_m)
        evidence = SaturationEvidence(False, "", 0.0, number / self.rate_hz)
        facts = FrameFacts(
            stream_time_s=number / self.rate_hz,
            segment=0,
            picture_wh=PICTURE_WH,
            saturation=evidence if number % 125 == 0 else None,
        )
        confidence = np.full(self.people, 0.8, np.float32)
        return Tracks(ids.astype(np.int64), boxes.astype(np.float32), confidence), facts

    def _boxes(self, at: FloatArray) -> FloatArray:
        feet = self._plane.to_image(at)
        height = self._heights.height_px(feet[:, 1])
        half = np.stack([height / 6, np.zeros_like(height)], axis=1)
        head = np.stack([np.zeros_like(height), height], axis=1)
        return np.concatenate([feet - half - head, feet + half], axis=1)
