"""Queries of the watch of all locations: what it goes on from, and what it writes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from backend.db.locations import LocationBalance, LocationEntry, LocationMinute, LocationRow


def existing_locations(session: Session, location_ids: Collection[int]) -> frozenset[int]:
    """Return those of these locations that have not been deleted meanwhile."""
    return frozenset(
        session.scalars(select(LocationRow.id).where(LocationRow.id.in_(location_ids)))
    )


def newest_counts(
    session: Session,
    location_ids: Collection[int],
    *,
    since: datetime,
    until: datetime,
    each: int,
) -> Sequence[LocationEntry]:
    """Return the newest numbers sent in by every source of these locations, the newest first.

    Args:
        session: Open.
        location_ids: Which locations.
        since, until: ``since`` <= at <= ``until``: a device that sends every second has filled
            the log with millions.
        each: Numbers of one source of one location at most.
    """
    order = (LocationEntry.at.desc(), LocationEntry.id.desc())
    place = func.row_number().over(
        partition_by=(LocationEntry.location_id, LocationEntry.source), order_by=order
    )
    numbered = (
        select(LocationEntry.id, place.label("place"))
        .where(
            LocationEntry.location_id.in_(location_ids),
            LocationEntry.at >= since,
            LocationEntry.at <= until,
            LocationEntry.kind == "count",
        )
        .subquery()
    )
    statement = (
        select(LocationEntry)
        .join(numbered, numbered.c.id == LocationEntry.id)
        .where(numbered.c.place <= each)
    )
    return session.scalars(statement.order_by(*order)).all()


def last_corrections(session: Session, location_ids: Collection[int]) -> Sequence[LocationEntry]:
    """Return the correction of each of these locations that was made last."""
    last = (
        select(func.max(LocationEntry.id))
        .where(LocationEntry.location_id.in_(location_ids), LocationEntry.kind == "correction")
        .group_by(LocationEntry.location_id)
    )
    return session.scalars(select(LocationEntry).where(LocationEntry.id.in_(last))).all()


def balances_of(session: Session, location_ids: Collection[int]) -> Sequence[LocationBalance]:
    """Return the balances of these locations as last written."""
    statement = select(LocationBalance).where(LocationBalance.location_id.in_(location_ids))
    return session.scalars(statement).all()


def minutes_at(
    session: Session, location_ids: Collection[int], times: Collection[datetime]
) -> Sequence[LocationMinute]:
    """Return what is stored of these minutes."""
    statement = select(LocationMinute).where(
        LocationMinute.location_id.in_(location_ids), LocationMinute.at.in_(times)
    )
    return session.scalars(statement).all()


def delete_minutes(session: Session, location_id: int, *, before: datetime, limit: int) -> int:
    """Delete the oldest minutes of one location; return how many, at most ``limit``."""
    statement = select(LocationMinute.id).where(
        LocationMinute.location_id == location_id, LocationMinute.at < before
    )
    ids = session.scalars(statement.order_by(LocationMinute.at).limit(limit)).all()
    session.execute(delete(LocationMinute).where(LocationMinute.id.in_(ids)))
    return len(ids)
