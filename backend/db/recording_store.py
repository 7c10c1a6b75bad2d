"""Queries on recorded segments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.db.camera_store import Viewpoint, visible_camera_ids
from backend.db.cameras import Recording
from backend.db.paging import Page, paginate


def list_recordings(
    session: Session,
    viewpoint: Viewpoint,
    *,
    camera_id: int | None,
    start: datetime | None = None,
    end: datetime | None = None,
    page: int,
    per_page: int,
) -> Page[Recording]:
    """Return segments that may be seen, newest first."""
    statement = select(Recording).where(Recording.camera_id.in_(visible_camera_ids(viewpoint)))
    if camera_id is not None:
        statement = statement.where(Recording.camera_id == camera_id)
    if start is not None:
        statement = statement.where(Recording.started_at >= start)
    if end is not None:
        statement = statement.where(Recording.started_at < end)
    order = (Recording.started_at.desc(), Recording.id.desc())
    return paginate(session, statement.order_by(*order), page=page, per_page=per_page)


def find_recording(session: Session, recording_id: int, viewpoint: Viewpoint) -> Recording | None:
    """Return the segment if it exists and its camera may be seen."""
    statement = select(Recording).where(
        Recording.id == recording_id, Recording.camera_id.in_(visible_camera_ids(viewpoint))
    )
    return session.scalars(statement).one_or_none()


def recordings_of(session: Session, camera_id: int) -> Sequence[Recording]:
    """Return every segment of one camera."""
    return session.scalars(select(Recording).where(Recording.camera_id == camera_id)).all()


def open_recordings(session: Session) -> Sequence[Recording]:
    """Return segments still marked as being written (after a crash: left open)."""
    return session.scalars(select(Recording).where(Recording.is_open)).all()


def closed_oldest_first(session: Session, *, limit: int) -> Sequence[Recording]:
    """Return finished segments, the oldest first, for retention and emergency purge."""
    statement = select(Recording).where(Recording.is_open.is_(False))
    return session.scalars(
        statement.order_by(Recording.started_at, Recording.id).limit(limit)
    ).all()


def all_paths(session: Session) -> set[str]:
    """Return the relative path of every segment."""
    return set(session.scalars(select(Recording.path)))
