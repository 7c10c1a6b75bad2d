"""One stored second of one camera, and which of its snapshots it is made of."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Any

from backend.core.measurements import MEASURED_FIELDS, CrowdMetrics, Quality
from backend.core.risk import Cause, RiskAssessment, RiskLevel
from backend.core.snapshot import Snapshot

_REASON_CHARS = 200
_MODEL_CHARS = 80


@dataclass(frozen=True, slots=True)
class MetricRow:
    """One stored second: a row of the metrics table.

    Measurements are those of the last snapshot of the stream second; level, causes and score
    are the worst of that second (the latest among equals), so that a short breach is never
    lost between two rows.

    Attributes:
        at: Aware UTC capture time (recording start + stream time for uploads).
        metrics: What was measured; units as in `core.measurements`.
        causes: Cause as a JSON object each: name, level (by name), value, limit, unit, text.
    """

    camera_id: int
    run_id: int
    at: datetime
    stream_time_s: float
    metrics: CrowdMetrics
    risk_score: float | None
    risk_weighted: float | None
    risk_score_ema: float | None
    risk_level: str
    causes: tuple[dict[str, Any], ...]
    model: str
    reduced_accuracy: bool

    def columns(self) -> dict[str, Any]:
        """Return column name → value, ready for an insert statement."""
        own = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        metrics: CrowdMetrics = own.pop("metrics")
        measured = {name: _plain(getattr(metrics, name)) for name in MEASURED_FIELDS}
        return {
            **own,
            **measured,
            "count_method": metrics.count_method.value,
            "map_share": _plain(metrics.map_share),
            "causes": list(self.causes),
            "trust": metrics.trust.value,
            "trust_reason": metrics.trust_reason[:_REASON_CHARS],
            "quality": stored_quality(metrics) or None,
        }


def make_row(snapshot: Snapshot, worst: RiskAssessment) -> MetricRow:
    """Return the row of a second whose last snapshot and worst assessment are given."""
    return MetricRow(
        camera_id=snapshot.camera_id,
        run_id=snapshot.run_id,
        at=snapshot.captured_at,
        stream_time_s=snapshot.stream_time_s,
        metrics=snapshot.metrics,
        risk_score=worst.score,
        risk_weighted=worst.parts.weighted,
        risk_score_ema=snapshot.risk.score_ema,
        risk_level=worst.level.name,
        causes=tuple(_cause(cause) for cause in worst.causes),
        model=snapshot.model.name[:_MODEL_CHARS],
        reduced_accuracy=snapshot.model.reduced_accuracy,
    )


def stored_quality(metrics: CrowdMetrics) -> dict[str, list[Any]]:
    """Return trust and interval of single numbers, as short as a row a second has to be.

    Returns:
        Field name → ``[trust, low, high]``. Left out are fields that say no more than the row
        itself (its trust and no interval, the count's interval) and numbers that are undefined
        anyway. The ends keep four digits; reasons are not stored.
    """
    whole = {
        "count": Quality(metrics.trust, "", metrics.count_low, metrics.count_high),
    }
    plain = Quality(metrics.trust)
    return {
        name: [quality.trust.value, _four_digits(quality.low), _four_digits(quality.high)]
        for name, quality in metrics.quality.items()
        if getattr(metrics, name) is not None
        and replace(quality, reason="") not in (plain, whole.get(name))
    }


def _four_digits(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(f"{value:.4g}")


def _plain(value: Any) -> Any:
    """Return what databases take: no enums, and nothing where a number is none."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


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
