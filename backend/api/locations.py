"""Locations: definitions, what is sent in, and what is known of them."""

from __future__ import annotations

from typing import Any, Final

from flask import url_for
from flask.views import MethodView

from backend.api.blueprint import Blueprint
from backend.api.schemas.common import page_of
from backend.api.schemas.location_log import (
    CorrectionInputSchema,
    EnteredSchema,
    EntryInputSchema,
    EntryPageSchema,
    LocationStatsSchema,
    LogQuerySchema,
    StatsQuerySchema,
    SummarySchema,
)
from backend.api.schemas.locations import (
    LocationChangeSchema,
    LocationInputSchema,
    LocationPageSchema,
    LocationSchema,
)
from backend.db.accounts import Role
from backend.db.location_store import EntryFilter
from backend.services.locations.definitions import LocationView
from backend.services.locations.draft import LocationDraft
from backend.services.locations.entries import EnteredView, EntryDraft
from backend.services.locations.stats import StatsView
from backend.services.locations.summary import SummaryView
from backend.web.context import current_actor, require_role, services

blueprint = Blueprint(
    "locations",
    __name__,
    url_prefix="/api/locations",
    description="Places people speak of: how many are there, and how full they are",
)
_LOCATION: Final = {
    "Location": {"description": "Address of the new one", "schema": {"type": "string"}}
}


@blueprint.route("/")
class Locations(MethodView):
    """All locations."""

    @require_role(Role.VIEWER)
    @blueprint.response(200, LocationPageSchema)
    def get(self) -> dict[str, object]:
        """List all locations by name, with what is known of each now."""
        return _page(services().locations.visible())

    @require_role(Role.ADMIN)
    @blueprint.arguments(LocationInputSchema)
    @blueprint.response(201, LocationSchema, headers=_LOCATION)
    def post(self, draft: LocationDraft) -> tuple[LocationView, dict[str, str]]:
        """Add a location; it is watched from the next second on."""
        made = services().locations.create(current_actor(), draft)
        return made, {"Location": url_for("locations.OneLocation", location_id=made.id)}


@blueprint.route("/summary")
@require_role(Role.VIEWER)
@blueprint.response(200, SummarySchema)
def summary() -> SummaryView:
    """Sum all locations up, nobody twice: a site is not added to the halls in it."""
    return services().locations.summary()


@blueprint.route("/samples")
class Samples(MethodView):
    """Sample locations to try the pages with."""

    @require_role(Role.ADMIN)
    @blueprint.response(200, LocationPageSchema)
    def post(self) -> dict[str, object]:
        """Add the sample locations that are not there, and list them."""
        return _page(services().locations.add_samples(current_actor()))

    @require_role(Role.ADMIN)
    @blueprint.response(204)
    def delete(self) -> None:
        """Delete the sample locations, and no other."""
        services().locations.remove_samples(current_actor())


@blueprint.route("/<int:location_id>")
class OneLocation(MethodView):
    """One location."""

    @require_role(Role.VIEWER)
    @blueprint.response(200, LocationSchema)
    def get(self, location_id: int) -> LocationView:
        """Return a location; the answer can be sent back with PUT."""
        return services().locations.get(location_id)

    @require_role(Role.ADMIN)
    @blueprint.arguments(LocationChangeSchema)
    @blueprint.response(200, LocationSchema)
    def put(self, changes: dict[str, Any], location_id: int) -> LocationView:
        """Change a location; what is left out stays."""
        version = changes.pop("version", None)
        return services().locations.change(current_actor(), location_id, changes, version=version)

    @require_role(Role.ADMIN)
    @blueprint.response(204)
    def delete(self, location_id: int) -> None:
        """Delete a location with its log and its statistics."""
        services().locations.remove(current_actor(), location_id)


@blueprint.route("/<int:location_id>/update-count", methods=["POST"])
@require_role(Role.OPERATOR)
@blueprint.arguments(EntryInputSchema)
@blueprint.response(200, EnteredSchema)
def update_count(draft: EntryDraft, location_id: int) -> EnteredView:
    """Send in how many people are there; it counts until it expires or a newer one comes.

    Where cameras or counting lines measure the location their number stays; the answer says so.
    """
    return services().locations.entries.enter(current_actor(), location_id, draft)


@blueprint.route("/<int:location_id>/correct-balance", methods=["POST"])
@require_role(Role.OPERATOR)
@blueprint.arguments(CorrectionInputSchema)
@blueprint.response(200, EnteredSchema)
def correct_balance(correction: dict[str, Any], location_id: int) -> EnteredView:
    """Say how many people are inside: the counting lines count from there on.

    Refused with 409 where the location has no counting lines.
    """
    return services().locations.entries.correct(
        current_actor(), location_id, correction["count"], correction["note"]
    )


@blueprint.route("/<int:location_id>/logs")
@require_role(Role.VIEWER)
@blueprint.arguments(LogQuerySchema, location="query")
@blueprint.response(200, EntryPageSchema)
def logs(query: dict[str, Any], location_id: int) -> dict[str, object]:
    """List what was sent in and corrected, newest first."""
    wanted = EntryFilter(query.get("kind"), query.get("since"), query.get("until"))
    found = services().locations.entries.log(
        location_id, wanted, page=query["page"], per_page=query["per_page"]
    )
    return page_of(found.items, total=found.total, page=found.page, per_page=found.per_page)


@blueprint.route("/<int:location_id>/stats")
@require_role(Role.VIEWER)
@blueprint.arguments(StatsQuerySchema, location="query")
@blueprint.response(200, LocationStatsSchema)
def stats(query: dict[str, Any], location_id: int) -> StatsView:
    """Return how many people were there over the last hours, by the venue's clock."""
    return services().locations.records.stats(location_id, query["hours"])


def _page(items: list[LocationView]) -> dict[str, object]:
    return {"items": items, "total": len(items), "page": 1, "pages": 1 if items else 0}
