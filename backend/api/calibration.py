"""Calibration of cameras: what turns their pixels into metres."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView

from backend.api.blueprint import Blueprint
from backend.api.schemas.calibration import (
    AutomaticQuerySchema,
    AutomaticSchema,
    CalibrationInputSchema,
    CalibrationQuerySchema,
    CalibrationSchema,
    CalibrationVersionPageSchema,
)
from backend.db.accounts import Role
from backend.services.calibration.draft import CalibrationDraft
from backend.services.calibration.views import AutomaticView, CalibrationView
from backend.web.context import current_actor, require_role, services

blueprint = Blueprint(
    "calibration", __name__, url_prefix="/api/cameras", description="Ground planes of cameras"
)


@blueprint.route("/<int:camera_id>/calibration")
class CameraCalibration(MethodView):
    """The calibration of one camera."""

    @require_role(Role.VIEWER)
    @blueprint.response(200, CalibrationSchema)
    def get(self, camera_id: int) -> CalibrationView:
        """Return the calibration in force; `calibrated` is false where there is none."""
        return services().calibrations.get(current_actor(), camera_id)

    @require_role(Role.OPERATOR)
    @blueprint.arguments(CalibrationInputSchema)
    @blueprint.arguments(CalibrationQuerySchema, location="query")
    @blueprint.response(200, CalibrationSchema)
    def put(
        self, draft: CalibrationDraft, query: dict[str, Any], camera_id: int
    ) -> CalibrationView:
        """Calibrate a camera: a new version; a running camera restarts with it."""
        calibrations = services().calibrations
        act = calibrations.preview if query["dry_run"] else calibrations.put
        return act(current_actor(), camera_id, draft)

    @require_role(Role.OPERATOR)
    @blueprint.response(204)
    def delete(self, camera_id: int) -> None:
        """Take the calibration out of force; the history keeps it. A running camera restarts."""
        services().calibrations.remove(current_actor(), camera_id)


@blueprint.route("/<int:camera_id>/calibration/automatic")
@require_role(Role.VIEWER)
@blueprint.arguments(AutomaticQuerySchema, location="query")
@blueprint.response(200, AutomaticSchema)
def automatic(query: dict[str, Any], camera_id: int) -> AutomaticView:
    """Estimate a calibration from the heights of people seen lately, with the evidence."""
    return services().calibrations.automatic(
        current_actor(), camera_id, query.get("field_of_view_deg")
    )


@blueprint.route("/<int:camera_id>/calibration/versions")
@require_role(Role.VIEWER)
@blueprint.response(200, CalibrationVersionPageSchema)
def versions(camera_id: int) -> dict[str, object]:
    """List every version the camera has or had, the newest first."""
    found = services().calibrations.versions(current_actor(), camera_id)
    return {"items": found, "total": len(found), "page": 1, "pages": 1}
