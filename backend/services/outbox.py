"""The outbox table as the dispatcher sees it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from backend.db import outbox as outbox_rows
from backend.db.alerts import AlertEvent, DeliveryState
from backend.db.base import SessionFactory
from backend.notify.dispatcher import OutboxCounts, OutboxItem


class SqlOutbox:
    """`notify.dispatcher.OutboxStore` on the database; every call is its own transaction."""

    def __init__(self, session_factory: SessionFactory) -> None:
        self._open = session_factory

    def claim_next(self, *, now: datetime, lease_s: float) -> OutboxItem | None:
        """Take the next due row for ``lease_s`` seconds and count the attempt."""
        with self._open() as session, session.begin():
            row = outbox_rows.next_due(session, now=now)
            if row is None or not outbox_rows.claim(session, row, now=now, lease_s=lease_s):
                return None
            return OutboxItem(
                delivery_id=row.id,
                alert_id=row.alert_id,
                channel=row.channel,
                payload=row.payload,
                attempts=row.attempts + 1,
                created_at=row.created_at,
            )

    def mark_sent(self, item: OutboxItem, *, now: datetime) -> None:
        """Record success, also in the incident's timeline."""
        with self._open() as session, session.begin():
            outbox_rows.mark_sent(session, item.delivery_id, now=now)
            self._note(session, item, "notified", now, {"channel": item.channel})

    def mark_retry(self, item: OutboxItem, *, error: str, next_attempt_at: datetime) -> None:
        """Plan another attempt."""
        with self._open() as session, session.begin():
            outbox_rows.mark_retry(
                session, item.delivery_id, error=error, next_attempt_at=next_attempt_at
            )

    def mark_failed(self, item: OutboxItem, *, error: str, now: datetime) -> None:
        """Give up; the incident's timeline says so."""
        with self._open() as session, session.begin():
            outbox_rows.mark_failed(session, item.delivery_id, error=error)
            detail = {"channel": item.channel, "error": error, "attempts": item.attempts}
            self._note(session, item, "notification_failed", now, detail)

    def counts(self) -> OutboxCounts:
        """Count rows by state."""
        with self._open() as session:
            states = outbox_rows.count_by_state(session)
            oldest = outbox_rows.oldest_pending_at(session)
        return OutboxCounts(
            pending=states[DeliveryState.PENDING.value],
            sent=states[DeliveryState.SENT.value],
            failed=states[DeliveryState.FAILED.value],
            oldest_pending_at=oldest,
        )

    @staticmethod
    def _note(
        session: Session, item: OutboxItem, kind: str, at: datetime, detail: dict[str, Any]
    ) -> None:
        if item.alert_id is not None:
            session.add(AlertEvent(alert_id=item.alert_id, at=at, kind=kind, detail=detail))
