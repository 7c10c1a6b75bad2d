"""Zones and counting lines of cameras."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from flask import url_for
from flask.views import MethodView

from backend.api.blueprint import Blueprint
from backend.api.schemas.places import (
    LineChangeSchema,
    LineInputSchema,
    LinePageSchema,
    LineSchema,
    PlaceQuerySchema,
    PlacesInputSchema,
    PlacesSchema,
    ZoneChangeSchema,
    ZoneInputSchema,
    ZonePageSchema,
    ZoneSchema,
)
from backend.core.places import CountingLine, Zone
from backend.db.accounts import Role
from backend.services.places.draft import LineDraft, PlacesDraft, ZoneDraft
from backend.services.places.views import PlacesView
from backend.web.context import current_actor, require_role, services

blueprint = Blueprint(
    "places", __name__, url_prefix="/api/cameras", description="Zones and lines of cameras"
)
_LOCATION: Final = {
    "Location": {"description": "Address of the new one", "schema": {"type": "string"}}
}


@blueprint.route("/<int:camera_id>/places")
class AllPlaces(MethodView):
    """All zones and lines of one camera."""

    @require_role(Role.VIEWER)
    @blueprint.response(200, PlacesSchema)
    def get(self, camera_id: int) -> PlacesView:
        """Return all zones and lines of a camera; the answer can be sent back with PUT."""
        return services().places.get(current_actor(), camera_id)

    @require_role(Role.OPERATOR)
    @blueprint.arguments(PlacesInputSchema)
    @blueprint.response(200, PlacesSchema)
    def put(self, draft: PlacesDraft, camera_id: int) -> PlacesView:
        """Replace all zones and lines; a running camera measures them from its next frame on."""
        return services().places.replace(current_actor(), camera_id, draft)


@blueprint.route("/<int:camera_id>/places/confirm")
class ConfirmedPlaces(MethodView):
    """All zones and lines of one camera, as somebody has found them to fit."""

    @require_role(Role.OPERATOR)
    @blueprint.arguments(PlaceQuerySchema, location="query")
    @blueprint.response(200, PlacesSchema)
    def post(self, query: dict[str, Any], camera_id: int) -> PlacesView:
        """Say that all zones and lines fit what the camera shows now: ends every doubt of them."""
        return services().places.confirm(current_actor(), camera_id, **query)


@blueprint.route("/<int:camera_id>/zones")
class Zones(MethodView):
    """The zones of one camera."""

    @require_role(Role.VIEWER)
    @blueprint.response(200, ZonePageSchema)
    def get(self, camera_id: int) -> dict[str, object]:
        """List the zones of a camera in the order people gave."""
        places = services().places.get(current_actor(), camera_id)
        return _page(places, places.zones)

    @require_role(Role.OPERATOR)
    @blueprint.arguments(ZoneInputSchema)
    @blueprint.arguments(PlaceQuerySchema, location="query")
    @blueprint.response(201, ZoneSchema, headers=_LOCATION)
    def post(
        self, draft: ZoneDraft, query: dict[str, Any], camera_id: int
    ) -> tuple[Zone, dict[str, str]]:
        """Add a zone after the others."""
        zone = services().places.add_zone(current_actor(), camera_id, draft, **query)
        where = url_for("places.OneZone", camera_id=camera_id, zone_id=zone.zone_id)
        return zone, {"Location": where}


@blueprint.route("/<int:camera_id>/zones/<int:zone_id>")
class OneZone(MethodView):
    """One zone."""

    @require_role(Role.VIEWER)
    @blueprint.response(200, ZoneSchema)
    def get(self, camera_id: int, zone_id: int) -> Zone:
        """Return a zone."""
        return services().places.zone(current_actor(), camera_id, zone_id)

    @require_role(Role.OPERATOR)
    @blueprint.arguments(ZoneChangeSchema)
    @blueprint.arguments(PlaceQuerySchema, location="query")
    @blueprint.response(200, ZoneSchema)
    def put(
        self, changes: dict[str, Any], query: dict[str, Any], camera_id: int, zone_id: int
    ) -> Zone:
        """Change a zone; what is left out stays."""
        return services().places.change_zone(current_actor(), camera_id, zone_id, changes, **query)

    @require_role(Role.OPERATOR)
    @blueprint.arguments(PlaceQuerySchema, location="query")
    @blueprint.response(204)
    def delete(self, query: dict[str, Any], camera_id: int, zone_id: int) -> None:
        """Delete a zone."""
        services().places.remove_zone(current_actor(), camera_id, zone_id, **query)


@blueprint.route("/<int:camera_id>/lines")
class Lines(MethodView):
    """The counting lines of one camera."""

    @require_role(Role.VIEWER)
    @blueprint.response(200, LinePageSchema)
    def get(self, camera_id: int) -> dict[str, object]:
        """List the counting lines of a camera in the order people gave."""
        places = services().places.get(current_actor(), camera_id)
        return _page(places, places.lines)

    @require_role(Role.OPERATOR)
    @blueprint.arguments(LineInputSchema)
    @blueprint.arguments(PlaceQuerySchema, location="query")
    @blueprint.response(201, LineSchema, headers=_LOCATION)
    def post(
        self, draft: LineDraft, query: dict[str, Any], camera_id: int
    ) -> tuple[CountingLine, dict[str, str]]:
        """Add a counting line after the others."""
        line = services().places.add_line(current_actor(), camera_id, draft, **query)
        where = url_for("places.OneLine", camera_id=camera_id, line_id=line.line_id)
        return line, {"Location": where}


@blueprint.route("/<int:camera_id>/lines/<int:line_id>")
class OneLine(MethodView):
    """One counting line."""

    @require_role(Role.VIEWER)
    @blueprint.response(200, LineSchema)
    def get(self, camera_id: int, line_id: int) -> CountingLine:
        """Return a counting line."""
        return services().places.line(current_actor(), camera_id, line_id)

    @require_role(Role.OPERATOR)
    @blueprint.arguments(LineChangeSchema)
    @blueprint.arguments(PlaceQuerySchema, location="query")
    @blueprint.response(200, LineSchema)
    def put(
        self, changes: dict[str, Any], query: dict[str, Any], camera_id: int, line_id: int
    ) -> CountingLine:
        """Change a counting line; what is left out stays."""
        return services().places.change_line(current_actor(), camera_id, line_id, changes, **query)

    @require_role(Role.OPERATOR)
    @blueprint.arguments(PlaceQuerySchema, location="query")
    @blueprint.response(204)
    def delete(self, query: dict[str, Any], camera_id: int, line_id: int) -> None:
        """Delete a counting line."""
        services().places.remove_line(current_actor(), camera_id, line_id, **query)


def _page(places: PlacesView, items: Sequence[Zone | CountingLine]) -> dict[str, object]:
    return {
        "items": items,
        "total": len(items),
        "page": 1,
        "pages": 1,
        "version": places.version,
    }
