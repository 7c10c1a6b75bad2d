"""Cameras: what exists, running it, looking at it."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask.views import MethodView

from backend.api.blueprint import Blueprint
from backend.api.schemas.camera_choices import AvailableModelPageSchema, ScenarioPageSchema
from backend.api.schemas.cameras import (
    CameraChangeSchema,
    CameraCreateSchema,
    CameraPageSchema,
    CameraSchema,
    CameraTestSchema,
    PictureQuerySchema,
    SourceTestSchema,
)
from backend.api.streaming import jpeg_response, mjpeg_response, variant_from
from backend.core.camera import SourceType
from backend.core.errors import AuthenticationError, NotFoundError, UnavailableError
from backend.db.accounts import Role
from backend.services.actor import Identity
from backend.services.camera_test import CameraTest
from backend.services.camera_views import CameraView
from backend.services.container import Services
from backend.services.simulation.known import list_scenarios
from backend.web.context import current_actor, current_identity, require_role, services

blueprint = Blueprint(
    "cameras", __name__, url_prefix="/api/cameras", description="Cameras and uploaded recordings"
)


@blueprint.route("/")
class Cameras(MethodView):
    """All cameras one may see: live ones, and uploads of one's own (operators: of everybody)."""

    @require_role(Role.VIEWER)
    @blueprint.response(200, CameraPageSchema)
    def get(self) -> dict[str, object]:
        """List cameras by name with their state and current numbers."""
        cameras = services().cameras.visible(current_actor())
        return {"items": cameras, "total": len(cameras), "page": 1, "pages": 1}

    @require_role(Role.OPERATOR)
    @blueprint.arguments(CameraCreateSchema)
    @blueprint.response(201, CameraSchema)
    def post(self, wanted: dict[str, Any]) -> CameraView:
        """Add a camera (administrators) or an upload (operators too)."""
        return services().cameras.create(current_actor(), wanted)  # type: ignore[arg-type]


@blueprint.route("/<int:camera_id>")
class OneCamera(MethodView):
    """One camera."""

    @require_role(Role.VIEWER)
    @blueprint.response(200, CameraSchema)
    def get(self, camera_id: int) -> CameraView:
        """Return a camera."""
        return services().cameras.get(current_actor(), camera_id)

    @require_role(Role.OPERATOR)
    @blueprint.arguments(CameraChangeSchema)
    @blueprint.response(200, CameraSchema)
    def put(self, changes: dict[str, Any], camera_id: int) -> CameraView:
        """Change a camera; without `source` the stored one stays. A running camera restarts."""
        return services().cameras.update(
            current_actor(),
            camera_id,
            changes,  # type: ignore[arg-type]
        )

    @require_role(Role.OPERATOR)
    @blueprint.response(204)
    def delete(self, camera_id: int) -> None:
        """Delete a camera with its metrics, recordings and uploaded video; incidents stay."""
        services().cameras.delete(current_actor(), camera_id)


@blueprint.route("/models")
@require_role(Role.OPERATOR)
@blueprint.response(200, AvailableModelPageSchema)
def models() -> dict[str, object]:
    """List the models a camera can be given, the installation's own first."""
    found = services().models.available()
    return {"items": found, "total": len(found), "page": 1, "pages": 1}


@blueprint.route("/scenarios")
@require_role(Role.OPERATOR)
@blueprint.response(200, ScenarioPageSchema)
def scenarios() -> dict[str, object]:
    """List what a simulated camera can show, mildest first."""
    found = list_scenarios()
    return {"items": found, "total": len(found), "page": 1, "pages": 1}


@blueprint.route("/<int:camera_id>/start", methods=["POST"])
@require_role(Role.OPERATOR)
@blueprint.response(200, CameraSchema)
def start(camera_id: int) -> CameraView:
    """Start a camera, also after every restart of the server; analyse an upload (again)."""
    return services().cameras.start(current_actor(), camera_id)


@blueprint.route("/<int:camera_id>/stop", methods=["POST"])
@require_role(Role.OPERATOR)
@blueprint.response(200, CameraSchema)
def stop(camera_id: int) -> CameraView:
    """Stop a camera for good; the analysis of an upload is cancelled."""
    return services().cameras.stop(current_actor(), camera_id)


@blueprint.route("/<int:camera_id>/pause", methods=["POST"])
@require_role(Role.OPERATOR)
@blueprint.response(200, CameraSchema)
def pause(camera_id: int) -> CameraView:
    """Pause the analysis of an upload."""
    return services().cameras.pause(current_actor(), camera_id)


@blueprint.route("/<int:camera_id>/resume", methods=["POST"])
@require_role(Role.OPERATOR)
@blueprint.response(200, CameraSchema)
def resume(camera_id: int) -> CameraView:
    """Go on with a paused analysis."""
    return services().cameras.resume(current_actor(), camera_id)


@blueprint.route("/<int:camera_id>/cancel", methods=["POST"])
@require_role(Role.OPERATOR)
@blueprint.response(200, CameraSchema)
def cancel(camera_id: int) -> CameraView:
    """Give the analysis of an upload up."""
    return services().cameras.cancel(current_actor(), camera_id)


@blueprint.route("/<int:camera_id>/test", methods=["POST"])
@require_role(Role.OPERATOR)
@blueprint.response(200, CameraTestSchema)
def test_stored(camera_id: int) -> CameraTest:
    """Open a stored camera for a moment: does it open, what does it show?"""
    return services().camera_tests.test_stored(current_actor(), camera_id)


@blueprint.route("/test", methods=["POST"])
@require_role(Role.ADMIN)
@blueprint.arguments(SourceTestSchema)
@blueprint.response(200, CameraTestSchema)
def test_source(wanted: dict[str, Any]) -> CameraTest:
    """Open a source for a moment before a camera is made of it."""
    kind = SourceType(wanted["source_type"])
    return services().camera_tests.test_source(current_actor(), kind, wanted["source"])


@blueprint.route("/<int:camera_id>/stream")
@require_role(Role.VIEWER)
@blueprint.arguments(PictureQuerySchema, location="query")
@blueprint.response(200, content_type="multipart/x-mixed-replace")
def stream(query: dict[str, object], camera_id: int) -> Response:
    """Watch a camera: an endless MJPEG stream, ended by log-out and by the camera's deletion."""
    base, identity = services(), current_identity()
    base.cameras.check_visible(identity.actor, camera_id)
    variant = variant_from(query, default_width=base.settings.stream_width)
    return mjpeg_response(
        base.frames.watch(camera_id, variant),
        may_watch=lambda: _may_watch(base, identity, camera_id),
        stop=base.lifecycle.stop_wanted,
        clock=base.clock,
    )


def _may_watch(base: Services, known: Identity, camera_id: int) -> bool:
    """Return whether who opened a stream might open it now: role and ownership can change."""
    assert known.actor.user_id is not None, "streams are opened by users"
    try:
        now = base.accounts.identify(session_id=known.session_id, user_id=known.actor.user_id)
        base.cameras.check_visible(now.actor, camera_id)
    except (AuthenticationError, NotFoundError):
        return False
    return not now.must_change_password


@blueprint.route("/<int:camera_id>/snapshot")
@require_role(Role.VIEWER)
@blueprint.arguments(PictureQuerySchema, location="query")
@blueprint.response(200, content_type="image/jpeg")
def snapshot(query: dict[str, object], camera_id: int) -> Response:
    """Return the newest picture as JPEG; its age in seconds is in `X-Frame-Age-S`."""
    base = services()
    base.cameras.check_visible(current_actor(), camera_id)
    variant = variant_from(query, default_width=base.settings.stream_width)
    encoded = base.frames.snapshot_jpeg(camera_id, variant)
    if encoded is None:
        raise UnavailableError("There is no picture yet: the camera has not delivered any.")
    return jpeg_response(encoded, variant)
