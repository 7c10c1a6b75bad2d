"""Time of the crowd analysis of one frame on one core: everything but optical flow.

People walk about at one per square metre in front of a calibrated camera at 25 frames a second;
densities, velocities, pressure, clusters, trust and interval of every number are in it.
"""

from __future__ import annotations

import statistics
import time

import cv2
import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from backend.core.calibration import Exit
from backend.crowd.analyzer import CrowdAnalyzer
from backend.crowd.params import AnalysisParams
from benchmarks.figures import Figure, figure
from benchmarks.walking_crowd import RATE_HZ, WalkingCrowd

SLOW_RATE_HZ = 5.0
"""Of a camera on a busy machine: every frame then carries new densities."""

WARM_UP_FRAMES = 65
"""Until the trails are full and the tracks as old as they get."""

MEASURED_FRAMES = 100
ROUNDS = 3
"""The round with the lowest median counts: other work on the machine only ever adds time."""

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
    walk = WalkingCrowd(people, rate_hz)
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
