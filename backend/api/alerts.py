"""Incidents: looking at them and deciding on them."""

from __future__ import annotations

from typing import Any

from flask import Response, send_file

from backend.api.blueprint import Blueprint
from backend.api.schemas.alerts import (
    AlertDetailSchema,
    AlertPageSchema,
    AlertQuerySchema,
    AlertSchema,
    CountSchema,
    DecisionSchema,
)
from backend.api.schemas.common import page_of
from backend.core.risk import RiskLevel
from backend.db.accounts import Role
from backend.db.alert_store import AlertFilter
from backend.db.alerts import AlertStatus
from backend.services.alert_views import AlertDetail, AlertView
from backend.web.context import current_actor, require_role, services

blueprint = Blueprint("alerts", __name__, url_prefix="/api/alerts", description="Incidents")


@blueprint.route("/")
@require_role(Role.VIEWER)
@blueprint.arguments(AlertQuerySchema, location="query")
@blueprint.response(200, AlertPageSchema)
def incidents(query: dict[str, Any]) -> dict[str, object]:
    """List incidents, the latest opened first."""
    found = services().alerts.page(
        current_actor(), _filter(query), page=query["page"], per_page=query["per_page"]
    )
    return page_of(found.items, total=found.total, page=found.page, per_page=found.per_page)


@blueprint.route("/unacknowledged/count")
@require_role(Role.VIEWER)
@blueprint.response(200, CountSchema)
def unacknowledged() -> dict[str, int]:
    """Count the incidents nobody has acknowledged."""
    return {"count": services().alerts.count_unacknowledged(current_actor())}


@blueprint.route("/<int:alert_id>")
@require_role(Role.VIEWER)
@blueprint.response(200, AlertDetailSchema)
def incident(alert_id: int) -> AlertDetail:
    """Return an incident with its timeline and its notifications."""
    return services().alerts.get(current_actor(), alert_id)


@blueprint.route("/<int:alert_id>/acknowledge", methods=["POST"])
@require_role(Role.OPERATOR)
@blueprint.arguments(DecisionSchema)
@blueprint.response(200, AlertSchema)
def acknowledge(decision: dict[str, str], alert_id: int) -> AlertView:
    """Say that one has seen an incident and takes care of it."""
    return services().alerts.acknowledge(current_actor(), alert_id, decision["note"])


@blueprint.route("/<int:alert_id>/resolve", methods=["POST"])
@require_role(Role.OPERATOR)
@blueprint.arguments(DecisionSchema)
@blueprint.response(200, AlertSchema)
def resolve(decision: dict[str, str], alert_id: int) -> AlertView:
    """End an incident; refused while the place is CRITICAL, reopened if the breach goes on."""
    return services().alerts.resolve(current_actor(), alert_id, decision["note"])


@blueprint.route("/<int:alert_id>/snapshot")
@require_role(Role.VIEWER)
@blueprint.response(200, content_type="image/jpeg")
def picture(alert_id: int) -> Response:
    """Return the annotated picture taken when the incident reached its level."""
    path = services().alerts.picture(current_actor(), alert_id)
    return send_file(path, mimetype="image/jpeg", conditional=True, max_age=0)


def _filter(query: dict[str, Any]) -> AlertFilter:
    status, level = query.get("status"), query.get("level")
    return AlertFilter(
        status=AlertStatus(status) if status else None,
        level=int(RiskLevel[level]) if level else None,
        camera_id=query.get("camera_id"),
        location_id=query.get("location"),
        start=query.get("from_"),
        end=query.get("to"),
    )
