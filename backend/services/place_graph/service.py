"""Use cases on the place graph: look at it, link places, write action cards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from sqlalchemy.orm import Session

from backend.core.clock import Clock
from backend.core.errors import ConflictError, NotFoundError
from backend.core.place_graph import PlaceLink, PlaceRef
from backend.db import place_graph_store
from backend.db.accounts import Role
from backend.db.base import SessionFactory
from backend.db.place_graph import PlaceLinkRow
from backend.services.actor import Actor
from backend.services.audit import AuditLog, changed_values
from backend.services.live_state import LiveState
from backend.services.metric_views import as_json
from backend.services.place_graph.checks import MOST_LINKS, check_card, check_link, no_place_words
from backend.services.place_graph.draft import (
    CardDraft,
    LinkDraft,
    card_draft,
    link_draft,
    tidy_card,
    tidy_link,
)
from backend.services.place_graph.forecasts import LocationNumbers, PlaceForecasts
from backend.services.place_graph.known import KnownPlaces, load_known
from backend.services.place_graph.numbers import link_flows, place_numbers
from backend.services.place_graph.stored import (
    StoredGraph,
    fill_link,
    load_card,
    load_graph,
    load_links,
    store_card,
)
from backend.services.place_graph.views import (
    CardView,
    ChoicesView,
    ForecastView,
    GraphView,
    LinkView,
    card_view,
    choices_view,
    forecast_view,
    link_view,
    node_view,
)

_NO_LINK: Final = "There is no such link. Somebody may have deleted it."


class PlaceGraphService:
    """Use cases on the place graph.

    Everybody sees it. Links are the site's plan: administrators change them. Action cards are
    the words of those who work with them: operators write them too.

    Args:
        session_factory, clock, audit: As everywhere.
        live: Numbers of zones and lines.
        locations: Numbers of locations.
        forecasts: How long the places have got.
    """

    def __init__(
        self,
        *,
        session_factory: SessionFactory,
        clock: Clock,
        audit: AuditLog,
        live: LiveState,
        locations: LocationNumbers,
        forecasts: PlaceForecasts,
    ) -> None:
        self._open = session_factory
        self._clock = clock
        self._audit = audit
        self._live = live
        self._locations = locations
        self._forecasts = forecasts

    def graph(self, *, also: PlaceRef | None = None) -> GraphView:
        """Return the linked places, those with a limit or a card, and the links, as of now.

        Args:
            also: A place that is wanted whatever is known of it, if there is one.
        """
        with self._open() as session:
            known, graph = load_known(session), load_graph(session)
        links = [link for link in graph.links if {link.source, link.target} <= set(known.places)]
        places = _shown(known, graph, links, also)
        numbers = place_numbers(places, known, live=self._live, locations=self._locations)
        flows = link_flows(links, live=self._live)
        nodes = (
            node_view(
                place,
                known,
                numbers=numbers[place],
                forecast=self._forecast(place, known, links),
                has_card=place in graph.cards,
            )
            for place in places
        )
        return GraphView(
            nodes=tuple(nodes),
            links=tuple(link_view(link, known, flows[link.link_id]) for link in links),
        )

    def choices(self) -> ChoicesView:
        """Return the places and lines a link may be made of."""
        with self._open() as session:
            return choices_view(load_known(session))

    def forecast(self, place: PlaceRef) -> ForecastView | None:
        """Return how long a place has got; None where no forecast is made."""
        with self._open() as session:
            return self._forecast(place, load_known(session), load_links(session))

    def add_link(self, actor: Actor, draft: LinkDraft) -> LinkView:
        """Link two places.

        Raises:
            PermissionDeniedError: Not an administrator.
            InvalidInputError: Naming every wrong value, reason and remedy.
            ConflictError: There are as many links as there can be.
        """
        actor.require(Role.ADMIN)
        with self._open() as session, session.begin():
            known, others = load_known(session), load_links(session)
            if len(others) >= MOST_LINKS:
                raise ConflictError(
                    f"There are {MOST_LINKS} links, as many as there can be. Delete one first."
                )
            wanted = tidy_link(draft)
            check_link(wanted, known=known, others=others)
            row = PlaceLinkRow()
            fill_link(row, wanted)
            session.add(row)
            session.flush()
            self._record(session, actor, "create", row.id, {}, as_json(wanted))
            link = _find(load_links(session), row.id)
        self._forecasts.reload()
        return self._link_view(link, known)

    def change_link(self, actor: Actor, link_id: int, changes: Mapping[str, Any]) -> LinkView:
        """Change fields of a link, named as in `LinkDraft`; a missing one stays.

        Raises:
            PermissionDeniedError, InvalidInputError: As `add_link`.
            NotFoundError: There is no such link.
        """
        actor.require(Role.ADMIN)
        with self._open() as session, session.begin():
            known, links = load_known(session), load_links(session)
            before = link_draft(_find(links, link_id))
            wanted = tidy_link(replace(before, **changes))
            check_link(wanted, known=known, others=[x for x in links if x.link_id != link_id])
            fill_link(_row(session, link_id), wanted)
            session.flush()
            if wanted != before:
                was, now = changed_values(as_json(before), as_json(wanted))
                self._record(session, actor, "update", link_id, was, now)
            link = _find(load_links(session), link_id)
        self._forecasts.reload()
        return self._link_view(link, known)

    def remove_link(self, actor: Actor, link_id: int) -> None:
        """Delete a link; raises PermissionDeniedError, NotFoundError."""
        actor.require(Role.ADMIN)
        with self._open() as session, session.begin():
            row = _row(session, link_id)
            before = [link for link in load_links(session) if link.link_id == link_id]
            session.delete(row)
            was = as_json(link_draft(before[0])) if before else {"name": row.name}
            self._record(session, actor, "delete", link_id, was, {})
        self._forecasts.reload()

    def card(self, place: PlaceRef) -> CardView:
        """Return the action card of a place, empty where none is written.

        Raises:
            NotFoundError: There is no such place.
        """
        with self._open() as session:
            _require_place(session, place)
            return card_view(load_card(session, place))

    def write_card(self, actor: Actor, place: PlaceRef, draft: CardDraft) -> CardView:
        """Write the action card of a place; an empty one is thrown away.

        Raises:
            PermissionDeniedError: Neither operator nor administrator.
            NotFoundError: There is no such place.
            InvalidInputError: Naming every wrong value, reason and remedy.
        """
        actor.require(Role.OPERATOR)
        wanted = tidy_card(draft)
        check_card(wanted)
        with self._open() as session, session.begin():
            _require_place(session, place)
            before = load_card(session, place)
            if card_draft(before.card) == wanted:
                return card_view(before)
            after = store_card(session, place, wanted, at=self._clock.now(), by=actor.username[:64])
            was, now = changed_values(as_json(card_draft(before.card)), as_json(wanted))
            self._audit.record(
                session,
                actor,
                action="action_card.update",
                object_type=place.kind.value,
                object_id=place.place_id,
                before=was,
                after=now,
            )
        self._forecasts.reload()
        return card_view(after)

    def _forecast(
        self, place: PlaceRef, known: KnownPlaces, links: tuple[PlaceLink, ...] | list[PlaceLink]
    ) -> ForecastView | None:
        made = self._forecasts.current()
        found = made.places.get(place)
        if found is None or made.at is None:
            return None
        return forecast_view(
            found,
            at=made.at,
            age_s=self._clock.monotonic() - made.mono_s,
            links=[link for link in links if link.source in known.places],
            name_of=lambda end: known.places[end].words,
        )

    def _link_view(self, link: PlaceLink, known: KnownPlaces) -> LinkView:
        return link_view(link, known, link_flows([link], live=self._live)[link.link_id])

    def _record(
        self,
        session: Session,
        actor: Actor,
        what: str,
        link_id: int,
        before: Mapping[str, Any],
        after: Mapping[str, Any],
    ) -> None:
        self._audit.record(
            session,
            actor,
            action=f"place_link.{what}",
            object_type="place_link",
            object_id=link_id,
            before=before or None,
            after=after or None,
        )


def _shown(
    known: KnownPlaces, graph: StoredGraph, links: list[PlaceLink], also: PlaceRef | None
) -> list[PlaceRef]:
    """Return the places worth a look, in the order they are known."""
    wanted = {end for link in links for end in (link.source, link.target)}
    wanted |= set(graph.cards) | ({also} if also else set())
    return [
        place for place, found in known.places.items() if place in wanted or found.limit is not None
    ]


def _find(links: tuple[PlaceLink, ...], link_id: int) -> PlaceLink:
    for link in links:
        if link.link_id == link_id:
            return link
    raise NotFoundError(_NO_LINK)


def _row(session: Session, link_id: int) -> PlaceLinkRow:
    row = place_graph_store.find_link(session, link_id)
    if row is None:
        raise NotFoundError(_NO_LINK)
    return row


def _require_place(session: Session, place: PlaceRef) -> None:
    if place not in load_known(session).places:
        raise NotFoundError(no_place_words(place))
