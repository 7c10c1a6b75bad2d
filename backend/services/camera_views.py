"""Cameras, their state and their jobs as the API and the sockets show them."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime

from backend.core.camera import CameraState, JobState, ModelInfo
from backend.core.snapshot import CameraLoad, CameraStatus, JobProgress
from backend.db.cameras import AnalysisJob, Camera
from backend.services.calibration.views import CalibrationSummary
from backend.services.camera_rules import is_simulated, stored_exits
from backend.services.metric_views import MetricView


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
    """State of a camera's thread; see `core.snapshot.CameraStatus`.

    Attributes:
        calibration_fault: Why the stored calibration is not used; empty where it is.
        places_fault: Why zones and lines may lie on other ground; empty where they do not.
    """

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
    decoder: str | None = None
    decoder_note: str = ""
    model: ModelView | None = None
    calibration_fault: str = ""
    places_fault: str = ""
    analysis_load: CameraLoad | None = None


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


@dataclass(frozen=True, slots=True)
class ExitView:
    """One way out; see `core.calibration.Exit`."""

    width_m: float
    kind: str


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
    exits: tuple[ExitView, ...]
    detection_model: str | None
    detection_tiles: str
    tracker: str
    is_moving: bool
    is_simulated: bool
    should_run: bool
    owner_id: int | None
    created_at: datetime
    updated_at: datetime
    status: StatusView
    job: JobView | None
    calibration: CalibrationSummary | None
    current: MetricView | None


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


def status_view(status: CameraStatus | None, *, calibration_fault: str = "") -> StatusView:
    """Return the camera's state; a camera never started is offline.

    Args:
        status: As published by its thread.
        calibration_fault: Why the thread was started without its calibration.
    """
    if status is None:
        return StatusView(state="new", status="offline", calibration_fault=calibration_fault)
    source = status.source
    return StatusView(
        state=status.state.value,
        status=status.state.status,
        message=_message(status, calibration_fault),
        calibration_fault=calibration_fault,
        last_frame_age_s=status.last_frame_age_s,
        reconnects=status.reconnects,
        dropped_frames=status.dropped_frames,
        restarts=status.restarts,
        fps=status.fps,
        width=source.width if source else None,
        height=source.height if source else None,
        nominal_fps=source.nominal_fps if source else None,
        duration_s=source.duration_s if source else None,
        decoder=source.decoder if source else None,
        decoder_note=source.decoder_note if source else "",
        model=model_view(status.model) if status.model else None,
        analysis_load=status.load if status.state is CameraState.RUNNING else None,
    )


def _message(status: CameraStatus, calibration_fault: str) -> str:
    """Return what is wrong; a running camera without its calibration must say so."""
    is_running = status.state is CameraState.RUNNING
    return status.message or (calibration_fault if is_running else "")


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
    camera: Camera,
    *,
    status: StatusView,
    job: JobView | None,
    calibration: CalibrationSummary | None,
    current: MetricView | None,
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
        exits=tuple(ExitView(way.width_m, way.kind.value) for way in stored_exits(camera)),
        detection_model=camera.detection_model,
        detection_tiles=camera.detection_tiles,
        tracker=camera.tracker,
        is_moving=camera.is_moving,
        is_simulated=is_simulated(camera),
        should_run=camera.should_run,
        owner_id=camera.owner_id,
        created_at=camera.created_at,
        updated_at=camera.updated_at,
        status=status,
        job=job,
        calibration=calibration,
        current=current,
    )
