"""What people and clients are shown: plain values, named as in the REST and socket documents.

One shape for both doors: the REST schemas describe these dataclasses, the socket sends
them through `as_json`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from backend.core.camera import JobState, ModelInfo
from backend.core.measurements import CrowdMetrics
from backend.core.risk import Cause, RiskAssessment, RiskLevel, RiskParts
from backend.core.snapshot import CameraStatus, JobProgress, Snapshot
from backend.core.trust import Trust
from backend.db.cameras import AnalysisJob, Camera, Metric


@dataclass(frozen=True, slots=True)
class CauseView:
    """Why a level was reached; see `core.risk.Cause`."""

    name: str
    level: str
    value: float | None
    limit: float | None
    unit: str
    text: str


@dataclass(frozen=True, slots=True)
class PartsView:
    """Factors in [0, 1] behind the score, and the weighted score (0-100) before hard floors."""

    density: float | None
    surge: float | None
    velocity: float | None
    pressure_boost: float | None
    coherence_boost: float | None
    weighted: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricView:
    """Measurements and risk of one camera at one instant.

    Attributes:
        age_s: Seconds since the frame was published; None for stored rows.
        parts: Only with current numbers, None in stored rows.
        The rest as in `core.measurements.CrowdMetrics` and `core.risk.RiskAssessment`.
    """

    camera_id: int
    run_id: int
    time: datetime
    stream_time_s: float
    age_s: float | None
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
    causes: tuple[CauseView, ...]
    parts: PartsView | None
    trust: str
    trust_reason: str
    model: str
    reduced_accuracy: bool


@dataclass(frozen=True, slots=True)
class ModelView:
    """Which detector produces the numbers."""

    name: str
    runtime: str
    precision: str
    input_hw: tuple[int, int]
    tiles: int
    reduced_accuracy: bool
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusView:
    """State of a camera's thread; see `core.snapshot.CameraStatus`."""

    state: str
    status: str
    message: str = ""
    last_frame_age_s: float | None = None
    reconnects: int = 0
    dropped_frames: int = 0
    restarts: int = 0
    fps: float | None = None
    width: int | None = None
    height: int | None = None
    nominal_fps: float | None = None
    duration_s: float | None = None
    model: ModelView | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobView:
    """How far the analysis of an uploaded recording has come."""

    state: str
    fraction: float | None
    frames_done: int
    frames_total: int | None
    stream_time_s: float
    duration_s: float | None
    original_name: str | None
    size_bytes: int | None
    recorded_at: datetime | None
    queued_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraView:
    """A camera with its state, its job (uploads) and its current numbers."""

    id: int
    name: str
    source_type: str
    source_display: str
    true_fps: float | None
    loop: bool
    area_m2: float | None
    people_limit: int | None
    target_fps: float | None
    record: bool
    should_run: bool
    owner_id: int | None
    created_at: datetime
    updated_at: datetime
    status: StatusView
    job: JobView | None
    current: MetricView | None


def cause_view(cause: Cause) -> CauseView:
    """Return a cause with its level by name."""
    return CauseView(cause.name, cause.level.name, cause.value, cause.limit, cause.unit, cause.text)


def cause_from_row(row: Mapping[str, Any]) -> CauseView:
    """Read a cause stored as JSON; the level may be a name or a number."""
    level = row.get("level", RiskLevel.SAFE.name)
    name = RiskLevel(level).name if isinstance(level, int) else str(level)
    return CauseView(
        name=str(row.get("name", "")),
        level=name,
        value=row.get("value"),
        limit=row.get("limit"),
        unit=str(row.get("unit", "")),
        text=str(row.get("text", "")),
    )


def parts_view(parts: RiskParts) -> PartsView:
    """Return the addends of the score."""
    return PartsView(
        parts.density,
        parts.surge,
        parts.velocity,
        parts.pressure_boost,
        parts.coherence_boost,
        parts.weighted,
    )


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
"""Names that `CrowdMetrics`, the table `metrics` and `MetricView` share."""


def measured_values(source: CrowdMetrics | Metric) -> dict[str, Any]:
    """Return the shared measurement fields by name."""
    return {name: getattr(source, name) for name in _MEASURED}


def metric_from_snapshot(snapshot: Snapshot, *, age_s: float) -> MetricView:
    """Return the numbers of the latest frame as they were measured."""
    risk: RiskAssessment = snapshot.risk
    return MetricView(
        camera_id=snapshot.camera_id,
        run_id=snapshot.run_id,
        time=snapshot.captured_at,
        stream_time_s=snapshot.stream_time_s,
        age_s=max(age_s, 0.0),
        **measured_values(snapshot.metrics),
        risk_score=risk.score,
        risk_weighted=risk.parts.weighted,
        risk_score_ema=risk.score_ema,
        risk_level=risk.level.name,
        causes=tuple(cause_view(cause) for cause in risk.causes),
        parts=parts_view(risk.parts),
        trust=snapshot.metrics.trust.value,
        trust_reason=snapshot.metrics.trust_reason,
        model=snapshot.model.name,
        reduced_accuracy=snapshot.model.reduced_accuracy,
    )


def metric_from_row(row: Metric) -> MetricView:
    """Return one stored second."""
    return MetricView(
        camera_id=row.camera_id,
        run_id=row.run_id,
        time=row.at,
        stream_time_s=row.stream_time_s,
        age_s=None,
        **measured_values(row),
        risk_score=row.risk_score,
        risk_weighted=row.risk_weighted,
        risk_score_ema=row.risk_score_ema,
        risk_level=row.risk_level,
        causes=tuple(cause_from_row(cause) for cause in row.causes),
        parts=None,
        trust=row.trust,
        trust_reason=row.trust_reason,
        model=row.model,
        reduced_accuracy=row.reduced_accuracy,
    )


def distrusted(
    metric: MetricView, *, reason: str, level: RiskLevel, causes: Sequence[Cause]
) -> MetricView:
    """Return the same numbers as no longer believable, with the level and causes held.

    Without held causes those of the measurement stay.
    """
    return dataclasses.replace(
        metric,
        trust=Trust.UNKNOWN.value,
        trust_reason=reason,
        risk_level=level.name,
        causes=tuple(cause_view(cause) for cause in causes) or metric.causes,
    )


def model_view(model: ModelInfo) -> ModelView:
    """Return the detector's description without its path."""
    return ModelView(
        name=model.name,
        runtime=model.runtime,
        precision=model.precision,
        input_hw=model.input_hw,
        tiles=model.tiles,
        reduced_accuracy=model.reduced_accuracy,
        remedy=model.remedy,
    )


def status_view(status: CameraStatus | None) -> StatusView:
    """Return the camera's state; a camera never started is offline."""
    if status is None:
        return StatusView(state="new", status="offline")
    source = status.source
    return StatusView(
        state=status.state.value,
        status=status.state.status,
        message=status.message,
        last_frame_age_s=status.last_frame_age_s,
        reconnects=status.reconnects,
        dropped_frames=status.dropped_frames,
        restarts=status.restarts,
        fps=status.fps,
        width=source.width if source else None,
        height=source.height if source else None,
        nominal_fps=source.nominal_fps if source else None,
        duration_s=source.duration_s if source else None,
        model=model_view(status.model) if status.model else None,
    )


def job_view(job: AnalysisJob, progress: JobProgress | None = None) -> JobView:
    """Return the stored job, with newer progress from the running thread laid over it."""
    newest = progress or stored_progress(job)
    # a thread that has not opened the video yet does not know its length; the row does
    shown = dataclasses.replace(
        newest,
        frames_total=newest.frames_total or job.frames_total,
        duration_s=newest.duration_s or job.duration_s,
    )
    return JobView(
        state=shown.state.value,
        fraction=shown.fraction,
        frames_done=shown.frames_done,
        frames_total=shown.frames_total,
        stream_time_s=shown.stream_time_s,
        duration_s=shown.duration_s,
        original_name=job.original_name,
        size_bytes=job.size_bytes,
        recorded_at=job.recorded_at,
        queued_at=job.queued_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
        error=shown.error or job.error,
    )


def stored_progress(job: AnalysisJob) -> JobProgress:
    """Return the progress kept in the row."""
    return JobProgress(
        state=JobState(job.state),
        frames_done=job.frames_done,
        frames_total=job.frames_total,
        stream_time_s=job.stream_time_s,
        duration_s=job.duration_s,
        error=job.error,
    )


def camera_view(
    camera: Camera, *, status: StatusView, job: JobView | None, current: MetricView | None
) -> CameraView:
    """Return a camera as shown; its source only in the redacted form."""
    return CameraView(
        id=camera.id,
        name=camera.name,
        source_type=camera.source_type,
        source_display=camera.source_display,
        true_fps=camera.true_fps,
        loop=camera.loop,
        area_m2=camera.area_m2,
        people_limit=camera.people_limit,
        target_fps=camera.target_fps,
        record=camera.record,
        should_run=camera.should_run,
        owner_id=camera.owner_id,
        created_at=camera.created_at,
        updated_at=camera.updated_at,
        status=status,
        job=job,
        current=current,
    )


def as_json(value: Any) -> Any:
    """Return dataclasses, enums and aware datetimes as JSON-ready values, recursively."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: as_json(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): as_json(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(entry) for entry in value]
    return value
