"""Alerts (one row per incident), their timeline and the outbox of notifications."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Double, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.base import Base, UtcDateTime


class AlertStatus(StrEnum):
    """Life of an incident."""

    ACTIVE = "ACTIVE"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    RESOLVED = "RESOLVED"


class AlertOrigin(StrEnum):
    """Where the numbers came from; only LIVE incidents are sent out."""

    LIVE = "LIVE"
    RECORDED = "RECORDED"
    SIMULATED = "SIMULATED"
    """Of a simulated camera: nobody stands there."""
    DRILL = "DRILL"


class AlertFamily(StrEnum):
    """Kind of breach; with the place it is the incident key."""

    CROWDING = "crowding"
    CAPACITY = "capacity"
    SURGE = "surge"
    BLINDNESS = "blindness"
    RULE = "rule"


class Alert(Base):
    """One incident: opened once, updated while it lasts, resolved once.

    ``zone_id`` and ``zone_name`` are those of a zone of the camera, both as they were when it
    opened: the zone may be gone since. None for the camera as a whole. ``location_id`` is that
    of a location, which may be gone too; ``camera_id`` and the zone are None then.
    """

    __tablename__ = "alerts"
    __table_args__ = (
        Index("ix_alerts_status_level", "status", "level"),
        Index("ix_alerts_camera_id_opened_at", "camera_id", "opened_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    camera_id: Mapped[int | None] = mapped_column(ForeignKey("cameras.id", ondelete="SET NULL"))
    place_name: Mapped[str] = mapped_column(String(120))
    zone_id: Mapped[int | None] = mapped_column(Integer)
    zone_name: Mapped[str | None] = mapped_column(String(80))
    location_id: Mapped[int | None] = mapped_column(Integer, index=True)
    family: Mapped[str] = mapped_column(String(16))
    level: Mapped[int] = mapped_column(Integer)
    peak_level: Mapped[int] = mapped_column(Integer)
    status: Mapped[str] = mapped_column(String(16), default=AlertStatus.ACTIVE.value)
    origin: Mapped[str] = mapped_column(String(16), default=AlertOrigin.LIVE.value)
    cause: Mapped[str] = mapped_column(String(32))
    message: Mapped[str] = mapped_column(Text)
    causes: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    metrics: Mapped[dict[str, Any]] = mapped_column(JSON)
    trust: Mapped[str] = mapped_column(String(12))
    score: Mapped[float | None] = mapped_column(Double)
    peak_count: Mapped[float | None] = mapped_column(Double)
    peak_density_per_m2: Mapped[float | None] = mapped_column(Double)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    acknowledged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    acknowledged_by: Mapped[str | None] = mapped_column(String(64))
    acknowledge_note: Mapped[str] = mapped_column(Text, default="")
    resolved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    resolved_by: Mapped[str | None] = mapped_column(String(64))
    resolve_note: Mapped[str] = mapped_column(Text, default="")
    snapshot_path: Mapped[str | None] = mapped_column(String(200))


class AlertEvent(Base):
    """One line of an incident's timeline."""

    __tablename__ = "alert_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    kind: Mapped[str] = mapped_column(String(32))
    username: Mapped[str] = mapped_column(String(64), default="")
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)


class DeliveryState(StrEnum):
    """Life of one notification."""

    PENDING = "PENDING"
    SENT = "SENT"
    FAILED = "FAILED"


class Delivery(Base):
    """Outbox row: committed with the alert, sent afterwards, kept as receipt."""

    __tablename__ = "deliveries"
    __table_args__ = (Index("ix_deliveries_state_next_attempt_at", "state", "next_attempt_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    alert_id: Mapped[int | None] = mapped_column(ForeignKey("alerts.id", ondelete="SET NULL"))
    channel: Mapped[str] = mapped_column(String(32))
    dedupe_key: Mapped[str] = mapped_column(String(120), unique=True)
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(16), default=DeliveryState.PENDING.value)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    last_error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    next_attempt_at: Mapped[datetime] = mapped_column(UtcDateTime)
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
