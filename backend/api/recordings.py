"""Recorded segments: list, play, download, delete."""

from __future__ import annotations

from typing import Any

from flask import Response, send_file
from flask.views import MethodView

from backend.api.blueprint import Blueprint
from backend.api.schemas.common import page_of
from backend.api.schemas.recordings import (
    RecordingPageSchema,
    RecordingQuerySchema,
    RecordingSchema,
    VideoQuerySchema,
)
from backend.db.accounts import Role
from backend.services.recordings import RecordingFilter, RecordingView
from backend.web.context import current_actor, require_role, services

blueprint = Blueprint(
    "recordings", __name__, url_prefix="/api/recordings", description="Annotated video"
)


@blueprint.route("/")
@require_role(Role.VIEWER)
@blueprint.arguments(RecordingQuerySchema, location="query")
@blueprint.response(200, RecordingPageSchema)
def segments(query: dict[str, Any]) -> dict[str, object]:
    """List segments, newest first."""
    wanted = RecordingFilter(query.get("camera_id"), query.get("from_"), query.get("to"))
    found = services().recordings.page(
        current_actor(), wanted, page=query["page"], per_page=query["per_page"]
    )
    return page_of(found.items, total=found.total, page=found.page, per_page=found.per_page)


@blueprint.route("/<int:recording_id>")
class OneRecording(MethodView):
    """One segment."""

    @require_role(Role.VIEWER)
    @blueprint.response(200, RecordingSchema)
    def get(self, recording_id: int) -> RecordingView:
        """Return a segment."""
        return services().recordings.get(current_actor(), recording_id)

    @require_role(Role.OPERATOR)
    @blueprint.response(204)
    def delete(self, recording_id: int) -> None:
        """Delete a finished segment."""
        services().recordings.delete(current_actor(), recording_id)


@blueprint.route("/<int:recording_id>/video")
@require_role(Role.VIEWER)
@blueprint.arguments(VideoQuerySchema, location="query")
@blueprint.response(200, content_type="video/mp4")
def video(query: dict[str, bool], recording_id: int) -> Response:
    """Return the video; parts of it by Range, so that browsers can seek."""
    found = services().recordings.file(current_actor(), recording_id)
    answer = send_file(
        found.path,
        mimetype="video/mp4",
        as_attachment=query["download"],
        download_name=found.download_name,
        conditional=True,
        max_age=0,
    )
    answer.headers["Cache-Control"] = "no-store" if found.is_open else "private, no-cache"
    return answer
