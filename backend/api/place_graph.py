"""The place graph: which place feeds which, and what to do when one is too full."""

from __future__ import annotations

from typing import Any, Final

from flask.views import MethodView

from backend.api.blueprint import Blueprint
from backend.api.schemas.place_graph import (
    CardInputSchema,
    CardSchema,
    ChoicesSchema,
    GraphQuerySchema,
    GraphSchema,
    LinkChangeSchema,
    LinkInputSchema,
    LinkSchema,
)
from backend.core.errors import NotFoundError
from backend.core.place_graph import PlaceKind, PlaceRef
from backend.db.accounts import Role
from backend.services.place_graph.draft import CardDraft, LinkDraft
from backend.services.place_graph.views import CardView, ChoicesView, GraphView, LinkView
from backend.web.context import current_actor, require_role, services

blueprint = Blueprint(
    "place_graph",
    __name__,
    url_prefix="/api/place-graph",
    description="Which place feeds which, and what to do about it",
)
_KINDS: Final = {kind.value: kind for kind in PlaceKind}


@blueprint.route("/")
@require_role(Role.VIEWER)
@blueprint.arguments(GraphQuerySchema, location="query")
@blueprint.response(200, GraphSchema)
def graph(query: dict[str, Any]) -> GraphView:
    """Return places and links with their numbers and forecasts as of now."""
    return services().place_graph.graph(**query)


@blueprint.route("/choices")
@require_role(Role.VIEWER)
@blueprint.response(200, ChoicesSchema)
def choices() -> ChoicesView:
    """List the places and counting lines a link may be made of."""
    return services().place_graph.choices()


@blueprint.route("/links", methods=["POST"])
@require_role(Role.ADMIN)
@blueprint.arguments(LinkInputSchema)
@blueprint.response(201, LinkSchema)
def add_link(draft: LinkDraft) -> LinkView:
    """Link two places."""
    return services().place_graph.add_link(current_actor(), draft)


@blueprint.route("/links/<int:link_id>")
class OneLink(MethodView):
    """One link."""

    @require_role(Role.ADMIN)
    @blueprint.arguments(LinkChangeSchema)
    @blueprint.response(200, LinkSchema)
    def put(self, changes: dict[str, Any], link_id: int) -> LinkView:
        """Change a link; what is left out stays."""
        return services().place_graph.change_link(current_actor(), link_id, changes)

    @require_role(Role.ADMIN)
    @blueprint.response(204)
    def delete(self, link_id: int) -> None:
        """Delete a link."""
        services().place_graph.remove_link(current_actor(), link_id)


@blueprint.route("/cards/<kind>/<int:place_id>")
class Card(MethodView):
    """The action card of one place; ``kind`` is zone or location."""

    @require_role(Role.VIEWER)
    @blueprint.response(200, CardSchema)
    def get(self, kind: str, place_id: int) -> CardView:
        """Return the action card of a place, with empty texts where none is written."""
        return services().place_graph.card(_place(kind, place_id))

    @require_role(Role.OPERATOR)
    @blueprint.arguments(CardInputSchema)
    @blueprint.response(200, CardSchema)
    def put(self, draft: CardDraft, kind: str, place_id: int) -> CardView:
        """Write the action card of a place; without any text it is thrown away."""
        return services().place_graph.write_card(current_actor(), _place(kind, place_id), draft)


def _place(kind: str, place_id: int) -> PlaceRef:
    if kind not in _KINDS:
        raise NotFoundError(f"A place is a zone or a location; {kind[:40]!r} is neither.")
    return PlaceRef(_KINDS[kind], place_id)
