"""Spot counts: people count a picture, the difference to the measured number is kept."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Response, url_for
from flask.views import MethodView

from backend.api.blueprint import Blueprint
from backend.api.schemas.common import page_of
from backend.api.schemas.spot_counts import (
    EnteredCountSchema,
    SpotCountInputSchema,
    SpotCountPageSchema,
    SpotCountQuerySchema,
    StillInputSchema,
    StillSchema,
)
from backend.db.accounts import Role
from backend.services.spot_counts.draft import SpotCountDraft
from backend.web.context import current_actor, require_role, services

blueprint = Blueprint(
    "spot_counts", __name__, url_prefix="/api/cameras", description="Accuracy audits by people"
)


@blueprint.route("/<int:camera_id>/spot-count/begin", methods=["POST"])
@require_role(Role.OPERATOR)
@blueprint.arguments(StillInputSchema)
@blueprint.response(201, StillSchema)
def begin(wanted: dict[str, Any], camera_id: int) -> dict[str, object]:
    """Take a still to count; it is kept for ten minutes, for who took it.

    A zone is measured once a second: its number is that of up to a second before the still.
    """
    still = services().spot_counts.begin(current_actor(), camera_id, **wanted)
    url = url_for("spot_counts.picture", camera_id=camera_id, token=still.token)
    return {**asdict(still), "picture_url": url}


@blueprint.route("/<int:camera_id>/spot-count/<token>/picture")
@require_role(Role.OPERATOR)
@blueprint.response(200, content_type="image/jpeg")
def picture(camera_id: int, token: str) -> Response:
    """Return a still of one's own, with nothing on it but the border of what is counted."""
    jpeg = services().spot_counts.picture(current_actor(), camera_id, token)
    answer = Response(jpeg, mimetype="image/jpeg")
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.route("/<int:camera_id>/spot-count", methods=["POST"])
@require_role(Role.OPERATOR)
@blueprint.arguments(SpotCountInputSchema)
@blueprint.response(201, EnteredCountSchema)
def enter(draft: SpotCountDraft, camera_id: int) -> dict[str, object]:
    """Note what a person counted; with a token in that still, else in the picture of now."""
    answer = services().spot_counts.enter(current_actor(), camera_id, draft)
    return {**asdict(answer.entered), "rolling": answer.rolling}


@blueprint.route("/<int:camera_id>/spot-counts")
@require_role(Role.VIEWER)
@blueprint.arguments(SpotCountQuerySchema, location="query")
@blueprint.response(200, SpotCountPageSchema)
def spot_counts(query: dict[str, Any], camera_id: int) -> dict[str, object]:
    """List what people counted, the newest picture first, with the rolling errors."""
    answer = services().spot_counts.page(
        current_actor(),
        camera_id,
        zone_id=query.get("zone_id"),
        page=query["page"],
        per_page=query["per_page"],
    )
    found = answer.found
    listed = page_of(found.items, total=found.total, page=found.page, per_page=found.per_page)
    return {**listed, "rolling": answer.rolling, "places": answer.places}


@blueprint.route("/<int:camera_id>/spot-counts/<int:spot_count_id>")
class OneSpotCount(MethodView):
    """One count."""

    @require_role(Role.OPERATOR)
    @blueprint.response(204)
    def delete(self, camera_id: int, spot_count_id: int) -> None:
        """Take back a mistaken count: who counted, and administrators."""
        services().spot_counts.delete(current_actor(), camera_id, spot_count_id)
