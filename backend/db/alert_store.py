"""Queries on incidents and their timelines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from backend.db.alerts import Alert, AlertEvent, AlertOrigin, AlertStatus, Delivery
from backend.db.camera_store import Viewpoint, visible_camera_ids
from backend.db.cameras import Camera
from backend.db.locations import LocationRow
from backend.db.paging import Page, paginate


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """What a list of alerts is narrowed to; None leaves a field open.

    Attributes:
        status: One state.
        min_level: Lowest level shown (`RiskLevel` value).
        level: Exactly this level.
        camera_id: One camera.
        location_id: One location.
        start, end: ``start`` <= opened_at < ``end``.
    """

    status: AlertStatus | None = None
    level: int | None = None
    min_level: int | None = None
    camera_id: int | None = None
    location_id: int | None = None
    start: datetime | None = None
    end: datetime | None = None


def visible_alerts(viewpoint: Viewpoint) -> ColumnElement[bool]:
    """Return the condition on ``alerts`` rows that ``viewpoint`` may see.

    Incidents of deleted uploads stay with operators and administrators: whose they were
    is no longer known.
    """
    if viewpoint.sees_all:
        return Alert.id.is_not(None)
    return or_(
        Alert.camera_id.in_(visible_camera_ids(viewpoint)),
        and_(Alert.camera_id.is_(None), Alert.origin != AlertOrigin.RECORDED.value),
    )


def list_alerts(
    session: Session, viewpoint: Viewpoint, wanted: AlertFilter, *, page: int, per_page: int
) -> Page[Alert]:
    """Return incidents, the latest opened first."""
    statement = select(Alert).where(visible_alerts(viewpoint), *_conditions(wanted))
    order = (Alert.opened_at.desc(), Alert.id.desc())
    return paginate(session, statement.order_by(*order), page=page, per_page=per_page)


def _conditions(wanted: AlertFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.status is not None:
        conditions.append(Alert.status == wanted.status.value)
    if wanted.level is not None:
        conditions.append(Alert.level == wanted.level)
    if wanted.min_level is not None:
        conditions.append(Alert.level >= wanted.min_level)
    if wanted.camera_id is not None:
        conditions.append(Alert.camera_id == wanted.camera_id)
    if wanted.location_id is not None:
        conditions.append(Alert.location_id == wanted.location_id)
    if wanted.start is not None:
        conditions.append(Alert.opened_at >= wanted.start)
    if wanted.end is not None:
        conditions.append(Alert.opened_at < wanted.end)
    return conditions


def find_alert(session: Session, alert_id: int, viewpoint: Viewpoint) -> Alert | None:
    """Return the incident if it exists and may be seen."""
    statement = select(Alert).where(Alert.id == alert_id, visible_alerts(viewpoint))
    return session.scalars(statement).one_or_none()


def open_alerts(session: Session, camera_id: int | None = None) -> Sequence[Alert]:
    """Return incidents nobody and nothing has resolved yet, the oldest first.

    Those of deleted cameras are left out: only a person resolves them.
    """
    statement = select(Alert).where(
        Alert.status != AlertStatus.RESOLVED.value,
        or_(Alert.camera_id.is_not(None), Alert.location_id.is_not(None)),
    )
    if camera_id is not None:
        statement = statement.where(Alert.camera_id == camera_id)
    return session.scalars(statement.order_by(Alert.id)).all()


def recorded_twin(
    session: Session,
    *,
    camera_id: int,
    zone_id: int | None,
    family: str,
    start: datetime,
    end: datetime,
) -> Alert | None:
    """Return what an earlier analysis of the same recording found at the same time."""
    statement = select(Alert).where(
        Alert.camera_id == camera_id,
        Alert.zone_id == zone_id if zone_id is not None else Alert.zone_id.is_(None),
        Alert.family == family,
        Alert.origin == AlertOrigin.RECORDED.value,
        Alert.opened_at >= start,
        Alert.opened_at <= end,
    )
    return session.scalars(statement.order_by(Alert.id.desc()).limit(1)).first()


def place_exists(session: Session, *, camera_id: int | None, location_id: int | None) -> bool:
    """Return whether the camera, or the location, has not been deleted meanwhile."""
    if location_id is not None:
        return session.get(LocationRow, location_id) is not None
    return session.get(Camera, camera_id) is not None


def count_unacknowledged(session: Session, viewpoint: Viewpoint) -> int:
    """Return the number of ACTIVE incidents that may be seen.

    Those of simulated cameras wait for nobody and are not counted.
    """
    statement = select(func.count(Alert.id)).where(
        visible_alerts(viewpoint),
        Alert.status == AlertStatus.ACTIVE.value,
        Alert.origin != AlertOrigin.SIMULATED.value,
    )
    return int(session.scalar(statement) or 0)


def timeline(session: Session, alert_id: int) -> Sequence[AlertEvent]:
    """Return the events of one incident, oldest first."""
    statement = select(AlertEvent).where(AlertEvent.alert_id == alert_id)
    return session.scalars(statement.order_by(AlertEvent.at, AlertEvent.id)).all()


def deliveries_of(session: Session, alert_id: int) -> Sequence[Delivery]:
    """Return the notifications of one incident, oldest first."""
    statement = select(Delivery).where(Delivery.alert_id == alert_id)
    return session.scalars(statement.order_by(Delivery.id)).all()
