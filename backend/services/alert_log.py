"""Writes incidents: row, timeline and outbox in one transaction, before anybody is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Any, Final

from sqlalchemy.orm import Session

from backend.core.clock import Clock
from backend.core.errors import ConflictError, NotFoundError
from backend.core.places import CameraPlaces
from backend.core.risk import Cause, RiskLevel
from backend.db import alert_store, outbox
from backend.db.alerts import (
    Alert,
    AlertEvent,
    AlertOrigin,
    AlertStatus,
    Delivery,
    DeliveryState,
)
from backend.db.base import SessionFactory
from backend.risk.alert_rules import ChangeKind, IncidentChange
from backend.services import alert_texts
from backend.services.actor import Actor
from backend.services.alert_views import AlertView, alert_view
from backend.services.cause_views import cause_view
from backend.services.metric_views import as_json
from backend.services.place_graph.cards import card_for, place_of
from backend.services.places.stored import load_places

NOTIFY_FROM: Final = RiskLevel.WARNING
"""Lowest level that is sent out; lower ones are shown in the pages only."""

_TWIN_TOLERANCE = timedelta(seconds=5)
_EVENT_KINDS: Final = {
    ChangeKind.OPEN: "opened",
    ChangeKind.ESCALATE: "escalated",
    ChangeKind.UPDATE: "changed",
    ChangeKind.CLEAR: "cleared",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentRecord:
    """One change of an incident with everything that is to be written about it.

    Attributes:
        camera_id: The camera it is about; None for a location.
        zone_id, zone_name: The zone of the camera it is about; None for the camera as a whole.
        location_id: The location it is about; None for a camera and its zones.
        at: Aware UTC; capture time for recordings.
        metrics: Numbers in force, JSON-ready.
        peak_count, peak_density_per_m2: Highest values since the last record.
        picture: Name of the evidence picture taken for this change, None without one.
    """

    camera_id: int | None
    place_name: str
    origin: AlertOrigin
    change: IncidentChange
    at: datetime
    metrics: dict[str, Any] = field(default_factory=dict)
    trust: str
    score: float | None
    peak_count: float | None
    peak_density_per_m2: float | None
    picture: str | None = None
    zone_id: int | None = None
    zone_name: str | None = None
    location_id: int | None = None


class AlertLog:
    """The only writer of incident rows.

    Args:
        session_factory, clock: As everywhere.
        channels: Names of the channels that are set up now.
        zone: The venue's time zone, for the words of notifications.
    """

    def __init__(
        self,
        *,
        session_factory: SessionFactory,
        clock: Clock,
        channels: Callable[[], Sequence[str]],
        zone: tzinfo,
    ) -> None:
        self._open = session_factory
        self._clock = clock
        self._channels = channels
        self._zone = zone

    def standing(self) -> Sequence[Alert]:
        """Return incidents that were open when the process ended."""
        with self._open() as session:
            return alert_store.open_alerts(session)

    def places(self, camera_id: int) -> CameraPlaces:
        """Return what is drawn on a camera; of none that is stored, nothing."""
        with self._open() as session:
            return load_places(session, camera_id)

    def write(self, record: IncidentRecord, alert_id: int | None) -> AlertView | None:
        """Commit one change.

        Args:
            record: What happened.
            alert_id: Row of the incident, None when it opens now.

        Returns:
            The incident as it is now; None when its row is gone.
        """
        with self._open() as session, session.begin():
            row = self._row(session, record, alert_id)
            if row is None:
                return None
            event = self._apply(session, row, record)
            if event is not None and row.origin == AlertOrigin.LIVE.value:
                self._queue(session, row, event)
            return alert_view(row)

    def acknowledge(self, actor: Actor, alert_id: int, note: str) -> AlertView:
        """Note that somebody has seen it; raises ConflictError when it is over or was seen."""
        with self._open() as session, session.begin():
            row = _found(session, alert_id)
            if row.status != AlertStatus.ACTIVE.value:
                who = f" by {row.acknowledged_by}" if row.acknowledged_by else ""
                raise ConflictError(f"This incident is {row.status.lower()} already{who}.")
            row.status = AlertStatus.ACKNOWLEDGED.value
            row.acknowledged_at = row.updated_at = self._clock.now()
            row.acknowledged_by, row.acknowledge_note = actor.username, note
            _add_event(session, row, "acknowledged", self._clock.now(), actor, {"note": note})
            return alert_view(row)

    def resolve(self, actor: Actor, alert_id: int, note: str) -> AlertView:
        """End it by a person's decision; raises ConflictError when it is over."""
        with self._open() as session, session.begin():
            row = _found(session, alert_id)
            if row.status == AlertStatus.RESOLVED.value:
                raise ConflictError("This incident is resolved already.")
            row.status = AlertStatus.RESOLVED.value
            row.resolved_at = row.updated_at = self._clock.now()
            row.resolved_by, row.resolve_note = actor.username, note
            _add_event(session, row, "resolved", self._clock.now(), actor, {"note": note})
            return alert_view(row)

    def _row(self, session: Session, record: IncidentRecord, alert_id: int | None) -> Alert | None:
        if alert_id is not None:
            return session.get(Alert, alert_id)
        if record.change.kind is not ChangeKind.OPEN:
            return None
        if record.origin is AlertOrigin.RECORDED and record.camera_id is not None:
            twin = alert_store.recorded_twin(
                session,
                camera_id=record.camera_id,
                zone_id=record.zone_id,
                family=record.change.incident.family.value,
                start=record.at - _TWIN_TOLERANCE,
                end=record.at + _TWIN_TOLERANCE,
            )
            if twin is not None:
                return twin
        return self._new_row(session, record)

    def _new_row(self, session: Session, record: IncidentRecord) -> Alert | None:
        if not alert_store.place_exists(
            session, camera_id=record.camera_id, location_id=record.location_id
        ):
            return None
        incident = record.change.incident
        row = Alert(
            camera_id=record.camera_id,
            place_name=record.place_name,
            zone_id=record.zone_id,
            zone_name=record.zone_name,
            location_id=record.location_id,
            family=incident.family.value,
            level=int(incident.level),
            peak_level=int(incident.peak_level),
            status=AlertStatus.ACTIVE.value,
            origin=record.origin.value,
            cause=incident.cause.name,
            message=incident.cause.text,
            causes=[],
            metrics={},
            trust=record.trust,
            opened_at=record.at,
            updated_at=record.at,
        )
        session.add(row)
        return row

    def _apply(self, session: Session, row: Alert, record: IncidentRecord) -> AlertEvent | None:
        """Bring the row up to date; return the event worth a line in the timeline, if any."""
        change, incident = record.change, record.change.incident
        is_re_run = row.id is not None and change.kind is ChangeKind.OPEN
        if row.status == AlertStatus.RESOLVED.value:
            return None  # an earlier analysis of the same recording, or a person came first
        is_news = change.kind is not ChangeKind.UPDATE or (
            row.level != int(incident.level) or row.cause != incident.cause.name
        )
        row.level, row.peak_level = int(incident.level), max(row.peak_level, incident.peak_level)
        row.peak_count = _highest(row.peak_count, record.peak_count)
        row.peak_density_per_m2 = _highest(row.peak_density_per_m2, record.peak_density_per_m2)
        row.updated_at = record.at
        row.trust = record.trust
        if change.kind is ChangeKind.CLEAR:
            row.status, row.resolved_at = AlertStatus.RESOLVED.value, record.at
        else:
            row.cause, row.message = incident.cause.name, incident.cause.text
            row.causes = [_cause_row(cause) for cause in change.causes]
            row.metrics, row.score = record.metrics, record.score
            row.snapshot_path = record.picture or row.snapshot_path
        if change.kind is ChangeKind.ESCALATE:
            # who acknowledged a lower level has not seen this one; the timeline keeps who did
            row.status, row.acknowledged_at = AlertStatus.ACTIVE.value, None
            row.acknowledged_by, row.acknowledge_note = None, ""
        session.flush()
        if not is_news or is_re_run:
            return None
        detail: dict[str, Any] = {"level": incident.level.name, "text": incident.cause.text}
        if record.picture:
            detail["picture"] = record.picture
        return _add_event(session, row, _EVENT_KINDS[change.kind], record.at, None, detail)

    def _queue(self, session: Session, row: Alert, event: AlertEvent) -> None:
        """Add notifications of this event to the outbox, in the same transaction."""
        if event.kind == "cleared":
            if not alert_store.deliveries_of(session, row.id):
                return  # nobody was told that it began
        elif event.kind not in {"opened", "escalated"} or row.level < NOTIFY_FROM:
            return
        now = self._clock.now()
        alert = alert_view(row)
        stored = card_for(session, place_of(row.zone_id, row.location_id))
        card = None if stored is None else stored.card
        payload = {
            "headline": alert_texts.headline(alert, event.kind),
            "lines": list(alert_texts.lines(alert, event.kind, zone=self._zone, card=card)),
            "picture": None if event.kind == "cleared" else row.snapshot_path,
        }
        for channel in self._channels():
            outbox.add_delivery(
                session,
                Delivery(
                    alert_id=row.id,
                    channel=channel,
                    dedupe_key=f"{channel}:alert-{row.id}:event-{event.id}",
                    payload=payload,
                    state=DeliveryState.PENDING.value,
                    attempts=0,
                    last_error="",
                    created_at=now,
                    next_attempt_at=now,
                ),
            )


def _found(session: Session, alert_id: int) -> Alert:
    row = session.get(Alert, alert_id)
    if row is None:
        raise NotFoundError("There is no such incident.")
    return row


def _add_event(
    session: Session,
    row: Alert,
    kind: str,
    at: datetime,
    actor: Actor | None,
    detail: dict[str, Any],
) -> AlertEvent:
    event = AlertEvent(
        alert_id=row.id,
        at=at,
        kind=kind,
        username=actor.username if actor else "",
        detail=detail,
    )
    session.add(event)
    session.flush()
    return event


def _cause_row(cause: Cause) -> dict[str, Any]:
    found: dict[str, Any] = as_json(cause_view(cause))
    return found


def _highest(first: float | None, second: float | None) -> float | None:
    known = [value for value in (first, second) if value is not None]
    return max(known) if known else None
