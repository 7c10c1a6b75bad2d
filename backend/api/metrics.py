"""Current and stored measurements."""

from __future__ import annotations

from typing import Any

from backend.api.blueprint import Blueprint
from backend.api.schemas.common import page_of
from backend.api.schemas.location_log import LocationSeriesSchema
from backend.api.schemas.metrics import MetricPageSchema, MetricQuerySchema, MetricSchema
from backend.db.accounts import Role
from backend.services.metric_views import MetricView
from backend.services.metrics import TimeRange
from backend.web.context import current_actor, require_role, services

blueprint = Blueprint("metrics", __name__, url_prefix="/api/metrics", description="Measurements")


@blueprint.route("/<int:camera_id>/current")
@require_role(Role.VIEWER)
@blueprint.response(200, MetricSchema)
def current(camera_id: int) -> MetricView:
    """Return the newest numbers; old ones have their age, trust `unknown` and the held level."""
    return services().metrics.current(current_actor(), camera_id)


@blueprint.route("/<int:camera_id>")
@require_role(Role.VIEWER)
@blueprint.arguments(MetricQuerySchema, location="query")
@blueprint.response(200, MetricPageSchema)
def stored(query: dict[str, Any], camera_id: int) -> dict[str, object]:
    """List stored seconds, oldest first."""
    found = services().metrics.stored(
        current_actor(),
        camera_id,
        TimeRange(query.get("from_"), query.get("to")),
        page=query["page"],
        per_page=query["per_page"],
    )
    return page_of(found.items, total=found.total, page=found.page, per_page=found.per_page)


@blueprint.route("/locations/<int:location_id>")
@require_role(Role.VIEWER)
@blueprint.arguments(MetricQuerySchema, location="query")
@blueprint.response(200, LocationSeriesSchema)
def of_location(query: dict[str, Any], location_id: int) -> dict[str, object]:
    """Return the numbers of a location now and its stored minutes, oldest first.

    Without a range those of the last hour.
    """
    found = services().locations.records.series(
        location_id,
        TimeRange(query.get("from_"), query.get("to")),
        page=query["page"],
        per_page=query["per_page"],
    )
    minutes = found.minutes
    page = page_of(minutes.items, total=minutes.total, page=minutes.page, per_page=minutes.per_page)
    return {**page, "location_id": found.location_id, "numbers": found.numbers}
