"""Queries on cameras and the analysis jobs of uploads."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from backend.core.camera import JobState, SourceType
from backend.db.cameras import AnalysisJob, Camera

UNFINISHED_JOBS = (JobState.QUEUED, JobState.ANALYSING, JobState.PAUSED)


@dataclass(frozen=True, slots=True)
class Viewpoint:
    """Whose eyes a query looks through.

    Attributes:
        user_id: The person asking.
        sees_all: True for operators and administrators: other people's uploads too.
    """

    user_id: int | None
    sees_all: bool


EVERYTHING = Viewpoint(user_id=None, sees_all=True)


def visible_cameras(viewpoint: Viewpoint) -> ColumnElement[bool]:
    """Return the condition on ``cameras`` rows that ``viewpoint`` may see."""
    if viewpoint.sees_all:
        return Camera.id.is_not(None)
    return or_(Camera.source_type != SourceType.UPLOAD.value, Camera.owner_id == viewpoint.user_id)


def visible_camera_ids(viewpoint: Viewpoint) -> Select[int]:
    """Return a select of the ids ``viewpoint`` may see, for use in other queries."""
    return select(Camera.id).where(visible_cameras(viewpoint))


def list_cameras(session: Session, viewpoint: Viewpoint = EVERYTHING) -> Sequence[Camera]:
    """Return all visible cameras by name."""
    statement = select(Camera).where(visible_cameras(viewpoint))
    return session.scalars(statement.order_by(Camera.name, Camera.id)).all()


def find_camera(
    session: Session, camera_id: int, viewpoint: Viewpoint = EVERYTHING
) -> Camera | None:
    """Return the camera if it exists and may be seen."""
    statement = select(Camera).where(Camera.id == camera_id, visible_cameras(viewpoint))
    return session.scalars(statement).one_or_none()


def name_taken(session: Session, name: str, *, except_id: int | None = None) -> bool:
    """Return whether another camera has this name, whatever the case of its letters."""
    statement = select(Camera.id).where(func.lower(Camera.name) == name.lower())
    if except_id is not None:
        statement = statement.where(Camera.id != except_id)
    return session.scalars(statement.limit(1)).first() is not None


def cameras_to_start(session: Session) -> Sequence[Camera]:
    """Return live cameras somebody wants to run (the persisted wish)."""
    statement = select(Camera).where(
        Camera.should_run, Camera.source_type != SourceType.UPLOAD.value
    )
    return session.scalars(statement.order_by(Camera.id)).all()


def unfinished_jobs(session: Session) -> Sequence[AnalysisJob]:
    """Return jobs that were waiting, running or paused, the longest waiting first."""
    states = [state.value for state in UNFINISHED_JOBS]
    statement = select(AnalysisJob).where(AnalysisJob.state.in_(states))
    return session.scalars(statement.order_by(AnalysisJob.queued_at, AnalysisJob.id)).all()


def find_job(session: Session, camera_id: int) -> AnalysisJob | None:
    """Return the analysis job of an upload camera."""
    statement = select(AnalysisJob).where(AnalysisJob.camera_id == camera_id)
    return session.scalars(statement).one_or_none()


def jobs_of(session: Session, camera_ids: Collection[int]) -> dict[int, AnalysisJob]:
    """Return the jobs of these cameras by camera id."""
    if not camera_ids:
        return {}
    statement = select(AnalysisJob).where(AnalysisJob.camera_id.in_(camera_ids))
    return {job.camera_id: job for job in session.scalars(statement)}


def stored_names(session: Session) -> set[str]:
    """Return the names of all upload files that belong to a job."""
    statement = select(AnalysisJob.stored_name).where(AnalysisJob.stored_name.is_not(None))
    return {name for name in session.scalars(statement) if name}
