"""Incidents for people: lists, details, decisions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sqlalchemy.orm import Session

from backend.core.errors import InvalidInputError, NotFoundError
from backend.core.place_graph import PlaceRef
from backend.db import alert_store
from backend.db.accounts import Role
from backend.db.alert_store import AlertFilter
from backend.db.alerts import Alert, AlertStatus
from backend.db.base import SessionFactory
from backend.db.paging import Page
from backend.services import camera_rules as rules
from backend.services.actor import Actor
from backend.services.alert_views import AlertDetail, AlertView, alert_detail, alert_view
from backend.services.alerts import AlertManager
from backend.services.audit import AuditLog
from backend.services.evidence import EvidenceStore
from backend.services.place_graph.cards import card_for, place_of
from backend.services.place_graph.views import ForecastView, card_view


class AlertService:
    """Use cases on incidents.

    Args:
        session_factory, audit: As everywhere.
        manager: Carries out decisions.
        evidence: Pictures.
        forecast_of: Says how long a place has got; None where no forecast is made.
    """

    def __init__(
        self,
        *,
        session_factory: SessionFactory,
        audit: AuditLog,
        manager: AlertManager,
        evidence: EvidenceStore,
        forecast_of: Callable[[PlaceRef], ForecastView | None],
    ) -> None:
        self._open = session_factory
        self._audit = audit
        self._manager = manager
        self._evidence = evidence
        self._forecast_of = forecast_of

    def page(
        self, actor: Actor, wanted: AlertFilter, *, page: int, per_page: int
    ) -> Page[AlertView]:
        """Return incidents the actor may see, the latest opened first."""
        if wanted.start and wanted.end and wanted.end <= wanted.start:
            raise InvalidInputError("The end must lie after the start.", field="to")
        with self._open() as session:
            found = alert_store.list_alerts(
                session, rules.viewpoint_of(actor), wanted, page=page, per_page=per_page
            )
        return found.map(alert_view)

    def get(self, actor: Actor, alert_id: int) -> AlertDetail:
        """Return one incident with all there is to know of it; raises NotFoundError."""
        with self._open() as session:
            row = self._find(session, actor, alert_id)
            events = alert_store.timeline(session, alert_id)
            deliveries = alert_store.deliveries_of(session, alert_id)
            place = place_of(row.zone_id, row.location_id)
            card = card_for(session, place)
        is_over = row.status == AlertStatus.RESOLVED.value
        return alert_detail(
            row,
            events,
            deliveries,
            action_card=None if card is None else card_view(card),
            forecast=None if place is None or is_over else self._forecast_of(place),
        )

    def picture(self, actor: Actor, alert_id: int) -> Path:
        """Return the evidence picture; raises NotFoundError when there is none."""
        with self._open() as session:
            row = self._find(session, actor, alert_id)
        if row.snapshot_path is None:
            raise NotFoundError("No picture was taken of this incident.")
        return self._evidence.path(row.snapshot_path)

    def count_unacknowledged(self, actor: Actor) -> int:
        """Return the number of ACTIVE incidents the actor may see."""
        with self._open() as session:
            return alert_store.count_unacknowledged(session, rules.viewpoint_of(actor))

    def acknowledge(self, actor: Actor, alert_id: int, note: str) -> AlertView:
        """Note that an operator has seen an incident; raises ConflictError."""
        self._check_decide(actor, alert_id)
        alert = self._manager.acknowledge(actor, alert_id, note.strip())
        self._record(actor, "alert.acknowledge", alert, note)
        return alert

    def resolve(self, actor: Actor, alert_id: int, note: str) -> AlertView:
        """End an incident by an operator's decision; raises ConflictError."""
        self._check_decide(actor, alert_id)
        alert = self._manager.resolve(actor, alert_id, note.strip())
        self._record(actor, "alert.resolve", alert, note)
        return alert

    def _check_decide(self, actor: Actor, alert_id: int) -> None:
        actor.require(Role.OPERATOR)
        with self._open() as session:
            self._find(session, actor, alert_id)

    def _find(self, session: Session, actor: Actor, alert_id: int) -> Alert:
        row = alert_store.find_alert(session, alert_id, rules.viewpoint_of(actor))
        if row is None:
            raise NotFoundError("There is no such incident.")
        return row

    def _record(self, actor: Actor, action: str, alert: AlertView, note: str) -> None:
        with self._open() as session, session.begin():
            self._audit.record(
                session,
                actor,
                action=action,
                object_type="alert",
                object_id=alert.id,
                after={"note": note, "level": alert.level, "place": alert.place_name},
            )
