"""One stored second of one camera, and which of its snapshots it is made of."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.core.risk import Cause, RiskAssessment, RiskLevel
from backend.core.snapshot import Snapshot

_REASON_CHARS = 200
_MODEL_CHARS = 80


@dataclass(frozen=True, slots=True)
class MetricRow:
    """A row of the metrics table, column by column (units as in `core.measurements`).

    Measurements are those of the last snapshot of the stream second; level, causes and score
    are the worst of that second (the latest among equals), so that a short breach is never
    lost between two rows.

    Attributes:
        at: Aware UTC capture time (recording start + stream time for uploads).
        causes: Cause as a JSON object each: name, level (by name), value, limit, unit, text.
    """

    camera_id: int
    run_id: int
    at: datetime
    stream_time_s: float
    count: float
    count_low: float
    count_high: float | None
    area_m2: float | None
    density_per_m2: float | None
    peak_density_per_m2: float | None
    density_ema_per_m2: float | None
    mean_speed_mps: float | None
    mean_speed_px_per_s: float | None
    speed_variance_m2_per_s2: float | None
    coherence: float | None
    bidirectionality: float | None
    disorder: float | None
    anomaly_count: int
    cluster_count: int
    largest_cluster: int
    proximity_pairs: int
    crowd_pressure_per_s2: float | None
    pressure_index: float | None
    surge: float | None
    risk_score: float | None
    risk_weighted: float | None
    risk_score_ema: float | None
    risk_level: str
    causes: tuple[dict[str, Any], ...]
    trust: str
    trust_reason: str
    model: str
    reduced_accuracy: bool

    def columns(self) -> dict[str, Any]:
        """Return column name → value, ready for an insert statement."""
        row = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return row | {"causes": list(self.causes)}


_MEASURED = (
    "count",
    "count_low",
    "count_high",
    "area_m2",
    "density_per_m2",
    "peak_density_per_m2",
    "density_ema_per_m2",
    "mean_speed_mps",
    "mean_speed_px_per_s",
    "speed_variance_m2_per_s2",
    "coherence",
    "bidirectionality",
    "disorder",
    "anomaly_count",
    "cluster_count",
    "largest_cluster",
    "proximity_pairs",
    "crowd_pressure_per_s2",
    "pressure_index",
    "surge",
)
"""Columns that carry the name of a `CrowdMetrics` field."""


def make_row(snapshot: Snapshot, worst: RiskAssessment) -> MetricRow:
    """Return the row of a second whose last snapshot and worst assessment are given."""
    metrics = snapshot.metrics
    measured = {name: getattr(metrics, name) for name in _MEASURED}
    return MetricRow(
        camera_id=snapshot.camera_id,
        run_id=snapshot.run_id,
        at=snapshot.captured_at,
        stream_time_s=snapshot.stream_time_s,
        risk_score=worst.score,
        risk_weighted=worst.parts.weighted,
        risk_score_ema=snapshot.risk.score_ema,
        risk_level=worst.level.name,
        causes=tuple(_cause(cause) for cause in worst.causes),
        trust=metrics.trust.value,
        trust_reason=metrics.trust_reason[:_REASON_CHARS],
        model=snapshot.model.name[:_MODEL_CHARS],
        reduced_accuracy=snapshot.model.reduced_accuracy,
        **measured,
    )


def _cause(cause: Cause) -> dict[str, Any]:
    return {
        "name": cause.name,
        "level": cause.level.name,
        "value": cause.value,
        "limit": cause.limit,
        "unit": cause.unit,
        "text": cause.text,
    }


@dataclass(frozen=True, slots=True)
class StreamSecond:
    """Which second of which run a snapshot belongs to."""

    run_id: int
    segment: int
    second: int

    @classmethod
    def of(cls, snapshot: Snapshot) -> StreamSecond:
        """Return the stream second of ``snapshot``; t = 3.0 begins second 3."""
        return cls(snapshot.run_id, snapshot.segment, math.floor(snapshot.stream_time_s))


class SecondGatherer:
    """Turns the snapshots of one camera into at most one row a stream second."""

    def __init__(self) -> None:
        self._second: StreamSecond | None = None
        self._written: StreamSecond | None = None
        self._written_level = RiskLevel.SAFE
        self._last: Snapshot | None = None
        self._worst: RiskAssessment | None = None
        self.touched_mono_s = 0.0

    def add(self, snapshot: Snapshot) -> MetricRow | None:
        """Take the next snapshot; return the row of the second it ended, if it ended one."""
        second = StreamSecond.of(snapshot)
        row = None if second == self._second else self.flush()
        self.touched_mono_s = snapshot.published_mono_s
        if second == self._written and not self._is_news(snapshot):
            return row
        self._second = second
        self._last = snapshot
        if self._worst is None or snapshot.risk.level >= self._worst.level:
            self._worst = snapshot.risk
        return row

    def flush(self) -> MetricRow | None:
        """Return the row of the second under way, None if it holds nothing new."""
        last, worst = self._last, self._worst
        if last is None or worst is None:
            return None
        self._written, self._written_level = self._second, worst.level
        self._second = self._last = self._worst = None
        return make_row(last, worst)

    def _is_news(self, snapshot: Snapshot) -> bool:
        """A second written early (the stream paused) is written again only for a worse level."""
        return snapshot.risk.level > self._written_level
