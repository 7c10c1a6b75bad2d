"""Incidents as people and clients are shown them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from backend.core.risk import RiskLevel
from backend.db.alerts import Alert, AlertEvent, Delivery
from backend.services.cause_views import CauseView, cause_from_row
from backend.services.place_graph.views import CardView, ForecastView


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertView:
    """One incident.

    Attributes:
        camera_id: None for a location, and of a camera that has been deleted.
        place_name: "Gate B on Camera 3" for a zone, else the camera's or location's name.
        zone_id, zone_name: The zone; None for a camera as a whole, and for a location.
        location_id: The location; None for a camera and its zones.
        The rest as in `db.alerts.Alert`.
    """

    id: int
    camera_id: int | None
    place_name: str
    family: str
    level: str
    peak_level: str
    status: str
    origin: str
    cause: str
    message: str
    causes: tuple[CauseView, ...]
    metrics: dict[str, Any]
    trust: str
    score: float | None
    peak_count: float | None
    peak_density_per_m2: float | None
    opened_at: datetime
    updated_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    acknowledge_note: str
    resolved_at: datetime | None
    resolved_by: str | None
    resolve_note: str
    has_snapshot: bool
    zone_id: int | None = None
    zone_name: str | None = None
    location_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertEventView:
    """One line of an incident's timeline."""

    at: datetime
    kind: str
    username: str
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryView:
    """One notification of an incident: receipt or failure."""

    id: int
    channel: str
    state: str
    attempts: int
    last_error: str
    created_at: datetime
    next_attempt_at: datetime
    delivered_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertDetail(AlertView):
    """One incident with its timeline, its notifications, and what may be done about it.

    Attributes:
        action_card: Of the place; None where none is written.
        forecast: How long the place has got, as of now; None where no forecast is made, and of
            an incident that is over.
    """

    events: tuple[AlertEventView, ...]
    deliveries: tuple[DeliveryView, ...]
    action_card: CardView | None
    forecast: ForecastView | None


def alert_view(row: Alert) -> AlertView:
    """Return an incident as shown, levels by name."""
    return AlertView(
        id=row.id,
        camera_id=row.camera_id,
        place_name=place_words(row.place_name, row.zone_name),
        family=row.family,
        level=RiskLevel(row.level).name,
        peak_level=RiskLevel(row.peak_level).name,
        status=row.status,
        origin=row.origin,
        cause=row.cause,
        message=row.message,
        causes=tuple(cause_from_row(cause) for cause in row.causes),
        metrics=dict(row.metrics),
        trust=row.trust,
        score=row.score,
        peak_count=row.peak_count,
        peak_density_per_m2=row.peak_density_per_m2,
        opened_at=row.opened_at,
        updated_at=row.updated_at,
        acknowledged_at=row.acknowledged_at,
        acknowledged_by=row.acknowledged_by,
        acknowledge_note=row.acknowledge_note or "",
        resolved_at=row.resolved_at,
        resolved_by=row.resolved_by,
        resolve_note=row.resolve_note or "",
        has_snapshot=row.snapshot_path is not None,
        zone_id=row.zone_id,
        zone_name=row.zone_name,
        location_id=row.location_id,
    )


def place_words(camera_name: str, zone_name: str | None) -> str:
    """Return a place as people call it.

    Example:
        >>> place_words("Camera 3", "Gate B"), place_words("Camera 3", None)
        ('Gate B on Camera 3', 'Camera 3')
    """
    return camera_name if zone_name is None else f"{zone_name} on {camera_name}"


def alert_detail(
    row: Alert,
    events: Iterable[AlertEvent],
    deliveries: Iterable[Delivery],
    *,
    action_card: CardView | None = None,
    forecast: ForecastView | None = None,
) -> AlertDetail:
    """Return an incident with everything that happened to it."""
    view = alert_view(row)
    return AlertDetail(
        **{field.name: getattr(view, field.name) for field in fields(view)},
        events=tuple(event_view(event) for event in events),
        deliveries=tuple(delivery_view(delivery) for delivery in deliveries),
        action_card=action_card,
        forecast=forecast,
    )


def event_view(row: AlertEvent) -> AlertEventView:
    """Return one line of a timeline."""
    return AlertEventView(at=row.at, kind=row.kind, username=row.username, detail=dict(row.detail))


def delivery_view(row: Delivery) -> DeliveryView:
    """Return one notification's state."""
    return DeliveryView(
        id=row.id,
        channel=row.channel,
        state=row.state,
        attempts=row.attempts,
        last_error=row.last_error,
        created_at=row.created_at,
        next_attempt_at=row.next_attempt_at,
        delivered_at=row.delivered_at,
    )
