"""Health with reasons, and statistics."""

from __future__ import annotations

from typing import Any

from backend.api.blueprint import Blueprint
from backend.api.schemas.system import HealthSchema, StatsSchema
from backend.db.accounts import Role
from backend.services.health import Health
from backend.web.context import current_actor, require_role, services

blueprint = Blueprint("system", __name__, url_prefix="/api/system", description="The system itself")


@blueprint.route("/health")
@require_role(Role.VIEWER)
@blueprint.response(200, HealthSchema)
def health() -> Health:
    """Say how every part is, and why. 200 also when something is wrong: read ``status``."""
    return services().system.health()


@blueprint.route("/stats")
@require_role(Role.OPERATOR)
@blueprint.response(200, StatsSchema)
def stats() -> dict[str, Any]:
    """Return versions, uptime, memory and the speed of every camera."""
    return services().system.stats(current_actor())
