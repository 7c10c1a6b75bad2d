"""Queries on calibrations."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import CursorResult, func, select, update
from sqlalchemy.orm import Session, undefer

from backend.db.accounts import User
from backend.db.calibrations import CalibrationVersion


def find_current(
    session: Session, camera_id: int, *, with_background: bool = False
) -> CalibrationVersion | None:
    """Return the version in force; its landmarks are loaded only when asked for."""
    statement = (
        select(CalibrationVersion)
        .where(CalibrationVersion.camera_id == camera_id, CalibrationVersion.ended_at.is_(None))
        .order_by(CalibrationVersion.version.desc())
        .limit(1)
    )
    if with_background:
        statement = statement.options(undefer(CalibrationVersion.background))
    return session.scalars(statement).first()


def current_of(session: Session, camera_ids: Collection[int]) -> dict[int, CalibrationVersion]:
    """Return the versions in force of these cameras by camera id."""
    if not camera_ids:
        return {}
    statement = (
        select(CalibrationVersion)
        .where(CalibrationVersion.camera_id.in_(camera_ids), CalibrationVersion.ended_at.is_(None))
        .order_by(CalibrationVersion.version)
    )
    return {row.camera_id: row for row in session.scalars(statement)}


def list_versions(session: Session, camera_id: int) -> Sequence[CalibrationVersion]:
    """Return every version a camera ever had, the newest first."""
    statement = select(CalibrationVersion).where(CalibrationVersion.camera_id == camera_id)
    return session.scalars(statement.order_by(CalibrationVersion.version.desc())).all()


def last_version(session: Session, camera_id: int) -> int:
    """Return the highest version number a camera ever had, 0 without any."""
    statement = select(func.max(CalibrationVersion.version)).where(
        CalibrationVersion.camera_id == camera_id
    )
    return int(session.scalar(statement) or 0)


def end_current(session: Session, camera_id: int, *, at: datetime) -> None:
    """Note that what was in force no longer is."""
    session.execute(
        update(CalibrationVersion)
        .where(CalibrationVersion.camera_id == camera_id, CalibrationVersion.ended_at.is_(None))
        .values(ended_at=at)
    )


def note_source_changed(
    session: Session, camera_id: int, *, at: datetime, only_without_background: bool = False
) -> bool:
    """Note that what is in force was made for another source; return whether it is news.

    Args:
        session: Open.
        camera_id: The camera.
        at: When, aware UTC.
        only_without_background: Leave one with landmarks alone: they will tell by themselves.
    """
    statement = update(CalibrationVersion).where(
        CalibrationVersion.camera_id == camera_id,
        CalibrationVersion.ended_at.is_(None),
        CalibrationVersion.source_changed_at.is_(None),
    )
    if only_without_background:
        statement = statement.where(CalibrationVersion.background.is_(None))
    statement = statement.values(source_changed_at=at)
    result = session.execute(statement.execution_options(synchronize_session=False))
    return isinstance(result, CursorResult) and result.rowcount > 0


def has_background(session: Session, row: CalibrationVersion) -> bool:
    """Return whether landmarks are stored with a version, without loading them."""
    statement = select(CalibrationVersion.background.is_not(None)).where(
        CalibrationVersion.id == row.id
    )
    return bool(session.scalar(statement))


def add_background(session: Session, camera_id: int, version: int, background: bytes) -> bool:
    """Store landmarks with a version in force that has none and is still of this source.

    Returns:
        Whether it was so.
    """
    statement = (
        update(CalibrationVersion)
        .where(
            CalibrationVersion.camera_id == camera_id,
            CalibrationVersion.version == version,
            CalibrationVersion.ended_at.is_(None),
            CalibrationVersion.background.is_(None),
            CalibrationVersion.source_changed_at.is_(None),
        )
        .values(background=background)
        .execution_options(synchronize_session=False)
    )
    result = session.execute(statement)
    return isinstance(result, CursorResult) and result.rowcount == 1


def usernames(session: Session, user_ids: Collection[int]) -> dict[int, str]:
    """Return the names of these accounts by id."""
    if not user_ids:
        return {}
    users = session.scalars(select(User).where(User.id.in_(user_ids)))
    return {user.id: user.username for user in users}
