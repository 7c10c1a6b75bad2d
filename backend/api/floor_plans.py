"""Floor plans: upload, list, name, scale, delete, and their pictures."""

from __future__ import annotations

from typing import Any, Final

from flask import Response, request, send_file, url_for
from flask.views import MethodView

from backend.api.blueprint import Blueprint
from backend.api.file_form import REST_BYTES, load_values, read_file_form
from backend.api.schemas.common import page_of
from backend.api.schemas.floor_plans import (
    FloorPlanChangeSchema,
    FloorPlanDeleteSchema,
    FloorPlanFormSchema,
    FloorPlanPageSchema,
    FloorPlanSchema,
    FloorPlanUploadSchema,
)
from backend.core.errors import InvalidInputError
from backend.db.accounts import Role
from backend.services.floor_plans.picture import FIELD
from backend.services.floor_plans.service import PlanForm
from backend.services.floor_plans.views import FloorPlanView
from backend.vision.still_image import too_many_bytes
from backend.web.context import current_actor, require_role, services

blueprint = Blueprint(
    "floor_plans", __name__, url_prefix="/api/floor-plans", description="Pictures of the site"
)

_LOCATION: Final = {
    "Location": {"description": "Address of the new one", "schema": {"type": "string"}}
}
_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {"multipart/form-data": {"schema": FloorPlanUploadSchema}},
    }
}
_KEEP: Final = "private, max-age=31536000, immutable"
"""The picture of a plan never changes, and no other plan ever gets its address."""


@blueprint.route("/")
class FloorPlans(MethodView):
    """All floor plans."""

    @require_role(Role.VIEWER)
    @blueprint.response(200, FloorPlanPageSchema)
    def get(self) -> dict[str, object]:
        """List all floor plans by name."""
        plans = services().floor_plans.plans(current_actor())
        return page_of(plans, total=len(plans), page=1, per_page=max(len(plans), 1))

    @require_role(Role.ADMIN)
    @blueprint.response(201, FloorPlanSchema, headers=_LOCATION)
    @blueprint.doc(**_BODY)
    def post(self) -> tuple[FloorPlanView, dict[str, str]]:
        """Upload a plan: the multipart file `plan` with `name` and perhaps `width_m`.

        The picture is drawn anew: what else was in the file, the place it was taken at for
        instance, is not kept.
        """
        plan = services().floor_plans.add(current_actor(), _read_form)
        return plan, {"Location": url_for("floor_plans.OneFloorPlan", plan_id=plan.id)}


@blueprint.route("/<int:plan_id>")
class OneFloorPlan(MethodView):
    """One floor plan."""

    @require_role(Role.VIEWER)
    @blueprint.response(200, FloorPlanSchema)
    def get(self, plan_id: int) -> FloorPlanView:
        """Return a floor plan."""
        return services().floor_plans.get(current_actor(), plan_id)

    @require_role(Role.ADMIN)
    @blueprint.arguments(FloorPlanChangeSchema)
    @blueprint.response(200, FloorPlanSchema)
    def patch(self, changes: dict[str, Any], plan_id: int) -> FloorPlanView:
        """Change name or scale; what is left out stays."""
        return services().floor_plans.change(current_actor(), plan_id, changes)

    @require_role(Role.ADMIN)
    @blueprint.arguments(FloorPlanDeleteSchema, location="query")
    @blueprint.response(204)
    def delete(self, query: dict[str, bool], plan_id: int) -> None:
        """Delete a floor plan; refused while locations stand on it, unless `force` is said."""
        services().floor_plans.remove(current_actor(), plan_id, **query)


@blueprint.route("/<int:plan_id>/image")
@require_role(Role.VIEWER)
@blueprint.response(200, content_type="image/png")
def image(plan_id: int) -> Response:
    """Return the picture of a plan, PNG or JPEG."""
    found = services().floor_plans.picture(current_actor(), plan_id)
    answer = send_file(found.path, mimetype=found.mime_type, conditional=True, etag=found.etag)
    answer.headers["Cache-Control"] = _KEEP
    return answer


def _read_form() -> PlanForm:
    """Return what was sent.

    Raises:
        TooLargeError: More than a plan may have; told from the announced length.
        InvalidInputError: No form with one picture, or a wrong value beside it.
    """
    limits = services().floor_plans.limits
    largest = limits.max_bytes + REST_BYTES
    if (request.content_length or 0) > largest:
        raise too_many_bytes(limits, field=FIELD)
    request.max_content_length = largest
    if request.mimetype != "multipart/form-data":
        raise InvalidInputError("Send the plan as the multipart field 'plan'.", field=FIELD)
    content, form = read_file_form(FIELD, "plan", largest_bytes=largest)
    values = {name: value for name, value in form.items() if name != "width_m" or value.strip()}
    return PlanForm(content, **load_values(FloorPlanFormSchema(), values))
