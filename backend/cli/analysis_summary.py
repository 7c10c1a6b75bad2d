"""What one analysed video comes to: counts, peaks, seconds per level, trust and timings."""

from __future__ import annotations

import dataclasses
import statistics
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.cli.places_summary import PlacesSummary
from backend.core.measurements import CountMethod, CrowdMetrics
from backend.core.risk import RiskLevel
from backend.core.snapshot import Snapshot, StageTimings
from backend.core.trust import Trust, worst_trust
from backend.crowd.motion import MOVING_SPEED_MPS

_USUAL_FRAME_S = 0.04
_LONGEST_FRAME_S = 2.0
"""A longer step of stream time is a gap, not a picture that was shown so long."""

_SPEED_STEP_MPS = 0.01
_FASTEST_MPS = 12.0


@dataclass(slots=True)
class Peak:
    """Largest value of one quantity, and when."""

    value: float | None = None
    at_s: float | None = None

    def see(self, value: float | None, at_s: float) -> None:
        """Take the next value; None is not measured."""
        if value is not None and (self.value is None or value > self.value):
            self.value, self.at_s = value, at_s

    def as_json(self) -> dict[str, float | None]:
        """Return value and stream time, rounded for reading."""
        return {"value": _round(self.value), "at_s": _round(self.at_s)}


@dataclass(slots=True)
class Speeds:
    """Distribution of walking speeds, however long the video: a histogram in 1 cm/s."""

    _counts: npt.NDArray[np.int64] = field(
        default_factory=lambda: np.zeros(round(_FASTEST_MPS / _SPEED_STEP_MPS), np.int64)
    )

    def add(self, speed_mps: float) -> None:
        """Take one person's speed in one frame; standing people are no walkers."""
        if MOVING_SPEED_MPS < speed_mps < _FASTEST_MPS:
            self._counts[int(speed_mps / _SPEED_STEP_MPS)] += 1

    def as_json(self) -> dict[str, float | None]:
        """Return median, 10th and 90th percentile in m/s; None where nobody walked."""
        running = np.cumsum(self._counts)
        total = int(running[-1])

        def below(share: float) -> float | None:
            if total == 0:
                return None
            return _round((int(np.searchsorted(running, share * total)) + 0.5) * _SPEED_STEP_MPS)

        return {"median": below(0.5), "p10": below(0.1), "p90": below(0.9)}


@dataclass(slots=True)
class AnalysisSummary:
    """Gathers snapshots of one run; one thread."""

    frames: int = 0
    track_ids: set[int] = field(default_factory=set)
    _seconds: dict[RiskLevel, float] = field(default_factory=lambda: defaultdict(float))
    _trust_seconds: dict[Trust, float] = field(default_factory=lambda: defaultdict(float))
    _method_seconds: dict[CountMethod, float] = field(default_factory=lambda: defaultdict(float))
    _mapped: float = 0.0
    _reasons: dict[str, Trust] = field(default_factory=dict)
    _causes: dict[str, str] = field(default_factory=dict)
    _count_weight: float = 0.0
    _counted: float = 0.0
    _peaks: dict[str, Peak] = field(default_factory=dict)
    _speeds: Speeds = field(default_factory=Speeds)
    _peak_count: CrowdMetrics | None = None
    _timings: list[StageTimings] = field(default_factory=list)
    _places: PlacesSummary = field(default_factory=PlacesSummary)
    _first: Snapshot | None = None
    _last: Snapshot | None = None
    _frame_s: float = _USUAL_FRAME_S

    def add(self, snapshot: Snapshot) -> None:
        """Take the next snapshot."""
        last = self._last
        step_s = 0.0 if last is None else self._close(last, snapshot)
        self._places.add(snapshot, step_s=step_s)
        self.frames += 1
        self._first = self._first or snapshot
        self._last = snapshot
        self._timings.append(snapshot.timings)
        self.track_ids.update(track.track_id for track in snapshot.picture.tracks)
        for track in snapshot.picture.tracks:
            if track.speed_mps is not None:
                self._speeds.add(track.speed_mps)
        self._see_peaks(snapshot)
        metrics = snapshot.metrics
        if metrics.trust_reason:
            self._reasons.setdefault(metrics.trust_reason, metrics.trust)
        for cause in snapshot.risk.causes:
            self._causes.setdefault(cause.name, cause.text)

    def as_json(self) -> dict[str, Any]:
        """Return the summary; seconds are stream time, None means not measurable."""
        if self._last is None or self._first is None:
            return {"frames": 0}
        seconds, trust_seconds = self._seconds.copy(), self._trust_seconds.copy()
        level, trust = self._last.risk.level, self._last.metrics.trust
        seconds[level] = seconds.get(level, 0.0) + self._frame_s
        trust_seconds[trust] = trust_seconds.get(trust, 0.0) + self._frame_s
        elapsed_s = self._last.published_mono_s - self._first.published_mono_s
        return {
            "frames": self.frames,
            "stream_s": _round(sum(seconds.values())),
            "recorded_from": self._first.captured_at.isoformat(),
            "recorded_to": self._last.captured_at.isoformat(),
            "analysed_fps": _round((self.frames - 1) / elapsed_s if elapsed_s > 0 else None),
            "count": self._count_as_json(),
            "people_tracked": len(self.track_ids),
            "peaks": {name: peak.as_json() for name, peak in sorted(self._peaks.items())},
            "walking_speed_mps": self._speeds.as_json(),
            "places": self._places.as_json(),
            "risk": {
                "peak_level": max(seconds).name,
                "seconds_per_level": {
                    level.name: _round(seconds.get(level, 0.0)) for level in RiskLevel
                },
                "causes": dict(self._causes),
            },
            "trust": {
                "worst": worst_trust(trust_seconds).value,
                "seconds_per_state": {
                    state.value: _round(value) for state, value in trust_seconds.items()
                },
                "reasons": list(self._reasons),
            },
            "timings_ms": _timings_as_json(self._timings),
        }

    def _close(self, last: Snapshot, following: Snapshot) -> float:
        """Credit the time between two snapshots to the earlier one; return it, seconds."""
        step_s = following.stream_time_s - last.stream_time_s
        if following.segment == last.segment and 0 < step_s <= _LONGEST_FRAME_S:
            self._frame_s = step_s
        step_s = self._frame_s
        self._seconds[last.risk.level] += step_s
        self._trust_seconds[last.metrics.trust] += step_s
        self._method_seconds[last.metrics.count_method] += step_s
        self._mapped += step_s * last.metrics.count * last.metrics.map_share
        self._counted += step_s * last.metrics.count
        self._count_weight += step_s
        return step_s

    def _see_peaks(self, snapshot: Snapshot) -> None:
        metrics, at_s = snapshot.metrics, snapshot.stream_time_s
        if self._peak_count is None or metrics.count > self._peak_count.count:
            self._peak_count = metrics
        for name, value in {
            "count": metrics.count,
            "density_per_m2": metrics.density_per_m2,
            "peak_density_per_m2": metrics.peak_density_per_m2,
            "mean_speed_mps": metrics.mean_speed_mps,
            "mean_speed_px_per_s": metrics.mean_speed_px_per_s,
            "voronoi_density_per_m2": metrics.voronoi_density_per_m2,
            "crowd_pressure_per_s2": metrics.crowd_pressure_per_s2,
            "largest_cluster": float(metrics.largest_cluster),
            "risk_score": snapshot.risk.score,
        }.items():
            self._peaks.setdefault(name, Peak()).see(value, at_s)

    def _count_as_json(self) -> dict[str, Any]:
        assert self._last is not None and self._peak_count is not None
        weight = self._count_weight
        mean = self._counted / weight if weight else self._last.metrics.count
        return {
            "mean": _round(mean),
            "peak": _round(self._peak_count.count),
            "peak_low": _round(self._peak_count.count_low),
            "peak_high": _round(self._peak_count.count_high),
            "last": _round(self._last.metrics.count),
            "seconds_per_method": self._methods_as_json(self._last.metrics.count_method),
            "map_share": _round(
                self._mapped / self._counted if self._counted else self._last.metrics.map_share
            ),
        }

    def _methods_as_json(self, last: CountMethod) -> dict[str, float | None]:
        """Return for how long the count was made on what."""
        seconds = {method: self._method_seconds.get(method, 0.0) for method in CountMethod}
        seconds[last] += self._frame_s
        return {method.value: _round(value) for method, value in seconds.items()}


def _timings_as_json(timings: list[StageTimings]) -> dict[str, dict[str, float | None]]:
    result: dict[str, dict[str, float | None]] = {}
    for name in (entry.name for entry in dataclasses.fields(StageTimings)):
        values = sorted(getattr(timing, name) for timing in timings)
        stage = name.removesuffix("_ms")
        result[stage] = {
            "mean": _round(statistics.fmean(values)),
            "p95": _round(values[min(int(0.95 * len(values)), len(values) - 1)]),
        }
    return result


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
