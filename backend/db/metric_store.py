"""Queries on stored metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from backend.db.cameras import Camera, Metric
from backend.db.paging import Page, paginate

METRIC_COLUMNS = frozenset(column.key for column in Metric.__table__.columns) - {"id"}


def insert_metrics(session: Session, rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert rows of `METRIC_COLUMNS` in one statement; rows of deleted cameras are left out.

    Returns:
        Number of rows written.
    """
    wanted = {int(row["camera_id"]) for row in rows}
    known = set(session.scalars(select(Camera.id).where(Camera.id.in_(wanted))))
    kept = [dict(row) for row in rows if row["camera_id"] in known]
    if kept:
        session.execute(insert(Metric), kept)
    return len(kept)


def list_metrics(
    session: Session,
    camera_id: int,
    *,
    start: datetime | None,
    end: datetime | None,
    page: int,
    per_page: int,
) -> Page[Metric]:
    """Return stored seconds of one camera, oldest first, ``start`` <= at < ``end``."""
    statement = select(Metric).where(Metric.camera_id == camera_id)
    if start is not None:
        statement = statement.where(Metric.at >= start)
    if end is not None:
        statement = statement.where(Metric.at < end)
    return paginate(session, statement.order_by(Metric.at, Metric.id), page=page, per_page=per_page)


def latest_metric(session: Session, camera_id: int) -> Metric | None:
    """Return the newest stored second of a camera."""
    statement = select(Metric).where(Metric.camera_id == camera_id)
    return session.scalars(statement.order_by(Metric.at.desc(), Metric.id.desc()).limit(1)).first()


def last_run_id(session: Session, camera_id: int) -> int:
    """Return the highest run number among a camera's stored seconds, 0 without any."""
    statement = select(func.max(Metric.run_id)).where(Metric.camera_id == camera_id)
    return int(session.scalar(statement) or 0)


def delete_runs_before(session: Session, camera_id: int, run_id: int) -> None:
    """Delete what earlier runs of a re-run recording stored under the same times."""
    session.execute(delete(Metric).where(Metric.camera_id == camera_id, Metric.run_id < run_id))
