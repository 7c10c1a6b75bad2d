"""Queries on the outbox of notifications.

A row is *claimed* by pushing ``next_attempt_at`` a lease into the future in the same
statement that checks its old value: two dispatchers never send the same row, and a row
claimed by a process that died falls due again when the lease runs out.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import CursorResult, func, select, update
from sqlalchemy.orm import Session

from backend.db.alerts import Delivery, DeliveryState


def add_delivery(session: Session, delivery: Delivery) -> bool:
    """Add a row unless one with its ``dedupe_key`` exists; return whether it was added."""
    known = select(Delivery.id).where(Delivery.dedupe_key == delivery.dedupe_key)
    if session.scalars(known).first() is not None:
        return False
    session.add(delivery)
    return True


def next_due(session: Session, *, now: datetime) -> Delivery | None:
    """Return the pending row that has been due for longest."""
    statement = select(Delivery).where(
        Delivery.state == DeliveryState.PENDING.value, Delivery.next_attempt_at <= now
    )
    return session.scalars(
        statement.order_by(Delivery.next_attempt_at, Delivery.id).limit(1)
    ).first()


def claim(session: Session, delivery: Delivery, *, now: datetime, lease_s: float) -> bool:
    """Take one row for sending and count the attempt; False if somebody else took it."""
    statement = (
        update(Delivery)
        .where(
            Delivery.id == delivery.id,
            Delivery.state == DeliveryState.PENDING.value,
            Delivery.next_attempt_at == delivery.next_attempt_at,
        )
        .values(attempts=Delivery.attempts + 1, next_attempt_at=now + timedelta(seconds=lease_s))
        .execution_options(synchronize_session=False)
    )
    result = session.execute(statement)
    return isinstance(result, CursorResult) and result.rowcount == 1


def mark_sent(session: Session, delivery_id: int, *, now: datetime) -> None:
    """Record that the channel accepted the notification."""
    _settle(session, delivery_id, state=DeliveryState.SENT, error="", delivered_at=now)


def mark_failed(session: Session, delivery_id: int, *, error: str) -> None:
    """Give up on a notification, saying why."""
    _settle(session, delivery_id, state=DeliveryState.FAILED, error=error, delivered_at=None)


def mark_retry(
    session: Session, delivery_id: int, *, error: str, next_attempt_at: datetime
) -> None:
    """Plan the next attempt."""
    session.execute(
        update(Delivery)
        .where(Delivery.id == delivery_id)
        .values(last_error=error, next_attempt_at=next_attempt_at)
    )


def count_by_state(session: Session) -> dict[str, int]:
    """Return the number of rows in each state, states without rows included."""
    statement = select(Delivery.state, func.count(Delivery.id)).group_by(Delivery.state)
    counts = {state.value: 0 for state in DeliveryState}
    counts.update({state: int(count) for state, count in session.execute(statement)})
    return counts


def oldest_pending_at(session: Session) -> datetime | None:
    """Return when the longest waiting notification was written."""
    statement = select(func.min(Delivery.created_at)).where(
        Delivery.state == DeliveryState.PENDING.value
    )
    return session.scalar(statement)


def _settle(
    session: Session,
    delivery_id: int,
    *,
    state: DeliveryState,
    error: str,
    delivered_at: datetime | None,
) -> None:
    session.execute(
        update(Delivery)
        .where(Delivery.id == delivery_id)
        .values(state=state.value, last_error=error, delivered_at=delivered_at)
    )
