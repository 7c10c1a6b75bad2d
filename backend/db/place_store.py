"""Queries on zones and counting lines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import CursorResult, Update, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, undefer

from backend.db.places import CountingLineRow, PlaceSet, ZoneRow


def find_set(session: Session, camera_id: int) -> PlaceSet | None:
    """Return what a camera's places have in common, with their landmarks, as it is stored now."""
    statement = (
        select(PlaceSet)
        .where(PlaceSet.camera_id == camera_id)
        .options(undefer(PlaceSet.background))
        .execution_options(populate_existing=True)  # versions are raised past the session
    )
    return session.scalars(statement).first()


def list_zones(session: Session, camera_id: int) -> Sequence[ZoneRow]:
    """Return a camera's zones in the order people gave."""
    statement = select(ZoneRow).where(ZoneRow.camera_id == camera_id)
    return session.scalars(statement.order_by(ZoneRow.position, ZoneRow.id)).all()


def list_lines(session: Session, camera_id: int) -> Sequence[CountingLineRow]:
    """Return a camera's counting lines in the order people gave."""
    statement = select(CountingLineRow).where(CountingLineRow.camera_id == camera_id)
    return session.scalars(statement.order_by(CountingLineRow.position, CountingLineRow.id)).all()


def claim_next_version(session: Session, camera_id: int, version: int) -> bool:
    """Raise the version by one if it still is ``version``; the winner may write the rows.

    Returns:
        False when somebody else was faster, or the camera is gone; roll back then.
    """
    if version == 0:
        session.add(PlaceSet(camera_id=camera_id, version=1))
        try:
            session.flush()
        except IntegrityError:
            return False
        return True
    return _change_set(
        session,
        update(PlaceSet)
        .where(PlaceSet.camera_id == camera_id, PlaceSet.version == version)
        .values(version=version + 1),
    )


def note_confirmed(
    session: Session, camera_id: int, *, at: datetime, background: bytes | None
) -> None:
    """Note that a person has seen all places of a camera in the picture of now."""
    _change_set(
        session,
        update(PlaceSet)
        .where(PlaceSet.camera_id == camera_id)
        .values(confirmed_at=at, background=background, source_changed_at=None),
    )


def note_source_changed(
    session: Session, camera_id: int, *, at: datetime, only_without_background: bool = False
) -> bool:
    """Note that the places were drawn on another source; return whether it is news.

    That is a change of them: whoever began one before is to look at them anew.

    Args:
        session: Open.
        camera_id: The camera.
        at: When, aware UTC.
        only_without_background: Leave those with landmarks alone: they will tell by themselves.
    """
    statement = update(PlaceSet).where(
        PlaceSet.camera_id == camera_id, PlaceSet.source_changed_at.is_(None)
    )
    if only_without_background:
        statement = statement.where(PlaceSet.background.is_(None))
    values = {"source_changed_at": at, "version": PlaceSet.version + 1}
    return _change_set(session, statement.values(values))


def add_background(session: Session, camera_id: int, version: int, background: bytes) -> bool:
    """Store landmarks with places of a version that have none and are still of this source.

    Returns:
        Whether it was so.
    """
    return _change_set(
        session,
        update(PlaceSet)
        .where(
            PlaceSet.camera_id == camera_id,
            PlaceSet.version == version,
            PlaceSet.background.is_(None),
            PlaceSet.source_changed_at.is_(None),
        )
        .values(background=background),
    )


def _change_set(session: Session, statement: Update) -> bool:
    """Carry out a change; return whether there was anything to change."""
    result = session.execute(statement.execution_options(synchronize_session=False))
    return isinstance(result, CursorResult) and result.rowcount > 0
