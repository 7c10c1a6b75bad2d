"""Queries on zones and counting lines."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import CursorResult, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.db.places import CountingLineRow, PlaceSet, ZoneRow


def find_version(session: Session, camera_id: int) -> int:
    """Return the version of a camera's places, 0 where it never had any."""
    statement = select(PlaceSet.version).where(PlaceSet.camera_id == camera_id)
    return session.scalar(statement) or 0


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
    statement = (
        update(PlaceSet)
        .where(PlaceSet.camera_id == camera_id, PlaceSet.version == version)
        .values(version=version + 1)
        .execution_options(synchronize_session=False)
    )
    result = session.execute(statement)
    return isinstance(result, CursorResult) and result.rowcount == 1
