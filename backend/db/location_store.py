"""Queries on locations, their parts, and what was counted in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import CursorResult, delete, func, select, update
from sqlalchemy.orm import Session

from backend.db.cameras import Camera
from backend.db.locations import (
    FloorPlan,
    LocationArea,
    LocationBalance,
    LocationEntry,
    LocationLine,
    LocationMinute,
    LocationRow,
)
from backend.db.paging import Page, paginate
from backend.db.places import CountingLineRow, ZoneRow


@dataclass(frozen=True, slots=True)
class LocationRows:
    """One location with its areas and lines, in the order people gave them."""

    row: LocationRow
    areas: tuple[LocationArea, ...]
    lines: tuple[LocationLine, ...]


class MinuteCounts(NamedTuple):
    """One minute of one location; see `db.locations.LocationMinute`."""

    at: datetime
    low: float
    mean: float
    high: float
    seconds: int


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """What a log of entries is narrowed to; None leaves a field open.

    Attributes:
        kind: ``count`` or ``correction``.
        since, until: ``since`` <= at < ``until``.
    """

    kind: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def list_locations(session: Session, location_id: int | None = None) -> list[LocationRows]:
    """Return all locations by name, or the one; three queries, however many there are."""
    wanted = select(LocationRow)
    areas = select(LocationArea).order_by(LocationArea.position, LocationArea.id)
    lines = select(LocationLine).order_by(LocationLine.position, LocationLine.id)
    if location_id is not None:
        wanted = wanted.where(LocationRow.id == location_id)
        areas = areas.where(LocationArea.location_id == location_id)
        lines = lines.where(LocationLine.location_id == location_id)
    rows = session.scalars(wanted.order_by(LocationRow.name, LocationRow.id)).all()
    areas_of: dict[int, list[LocationArea]] = defaultdict(list)
    for area in session.scalars(areas):
        areas_of[area.location_id].append(area)
    lines_of: dict[int, list[LocationLine]] = defaultdict(list)
    for line in session.scalars(lines):
        lines_of[line.location_id].append(line)
    return [LocationRows(row, tuple(areas_of[row.id]), tuple(lines_of[row.id])) for row in rows]


def find_location(session: Session, location_id: int) -> LocationRow | None:
    """Return the location's own row."""
    return session.get(LocationRow, location_id)


def names_taken(session: Session, *, except_id: int | None = None) -> Sequence[str]:
    """Return the names of all other locations."""
    statement = select(LocationRow.name)
    if except_id is not None:
        statement = statement.where(LocationRow.id != except_id)
    return session.scalars(statement).all()


def ids_shown_by(session: Session, camera_id: int) -> Sequence[int]:
    """Return the ids of locations that have areas of a camera."""
    statement = select(LocationArea.location_id).where(LocationArea.camera_id == camera_id)
    return session.scalars(statement.distinct().order_by(LocationArea.location_id)).all()


def cameras_of(session: Session, camera_ids: Collection[int]) -> Sequence[Camera]:
    """Return those of these cameras that there are."""
    return session.scalars(select(Camera).where(Camera.id.in_(camera_ids))).all()


def zones_of(session: Session, camera_ids: Collection[int]) -> Sequence[ZoneRow]:
    """Return all zones of these cameras."""
    return session.scalars(select(ZoneRow).where(ZoneRow.camera_id.in_(camera_ids))).all()


def lines_of(session: Session, camera_ids: Collection[int]) -> Sequence[CountingLineRow]:
    """Return all counting lines of these cameras."""
    statement = select(CountingLineRow).where(CountingLineRow.camera_id.in_(camera_ids))
    return session.scalars(statement).all()


def plan_exists(session: Session, floor_plan_id: int) -> bool:
    """Return whether there is such a floor plan."""
    return session.get(FloorPlan, floor_plan_id) is not None


def claim_next_version(session: Session, location_id: int, version: int) -> bool:
    """Raise the version by one if it still is ``version``; the winner may write the rows.

    Returns:
        False when somebody else was faster, or the location is gone; roll back then.
    """
    statement = (
        update(LocationRow)
        .where(LocationRow.id == location_id, LocationRow.version == version)
        .values(version=version + 1)
        .execution_options(synchronize_session="evaluate")
    )
    result = session.execute(statement)
    return isinstance(result, CursorResult) and result.rowcount == 1


def delete_balance(session: Session, location_id: int) -> None:
    """Forget a balance whose lines are gone."""
    session.execute(delete(LocationBalance).where(LocationBalance.location_id == location_id))


def list_entries(
    session: Session, location_id: int, wanted: EntryFilter, *, page: int, per_page: int
) -> Page[LocationEntry]:
    """Return what was sent in and corrected, newest first."""
    statement = select(LocationEntry).where(LocationEntry.location_id == location_id)
    if wanted.kind is not None:
        statement = statement.where(LocationEntry.kind == wanted.kind)
    if wanted.since is not None:
        statement = statement.where(LocationEntry.at >= wanted.since)
    if wanted.until is not None:
        statement = statement.where(LocationEntry.at < wanted.until)
    order = (LocationEntry.at.desc(), LocationEntry.id.desc())
    return paginate(session, statement.order_by(*order), page=page, per_page=per_page)


def minute_counts(
    session: Session, location_id: int, *, since: datetime, until: datetime
) -> list[MinuteCounts]:
    """Return the known minutes with ``since`` <= at < ``until``, oldest first.

    A week has ten thousand of them: only what statistics need is read.
    """
    statement = select(
        LocationMinute.at,
        LocationMinute.count_min,
        LocationMinute.count_mean,
        LocationMinute.count_max,
        LocationMinute.seconds,
    ).where(
        LocationMinute.location_id == location_id,
        LocationMinute.at >= since,
        LocationMinute.at < until,
    )
    found = session.execute(statement.order_by(LocationMinute.at, LocationMinute.id))
    return [MinuteCounts(*row) for row in found]


def page_of_minutes(
    session: Session,
    location_id: int,
    *,
    since: datetime | None,
    until: datetime | None,
    page: int,
    per_page: int,
) -> Page[LocationMinute]:
    """Return known minutes, oldest first, ``since`` <= at < ``until``."""
    statement = select(LocationMinute).where(LocationMinute.location_id == location_id)
    if since is not None:
        statement = statement.where(LocationMinute.at >= since)
    if until is not None:
        statement = statement.where(LocationMinute.at < until)
    order = (LocationMinute.at, LocationMinute.id)
    return paginate(session, statement.order_by(*order), page=page, per_page=per_page)


def count_locations(session: Session) -> int:
    """Return how many locations there are."""
    return int(session.scalar(select(func.count(LocationRow.id))) or 0)
