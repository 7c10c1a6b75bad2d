"""Stored links and action cards: written from what was checked, read with suspicion."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from backend.core.locations import LineRef
from backend.core.place_graph import ActionCard, PlaceKind, PlaceLink, PlaceRef
from backend.db import place_graph_store
from backend.db.place_graph import ActionCardRow, PlaceLinkRow
from backend.services.place_graph.draft import CardDraft, LinkDraft

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StoredCard:
    """An action card, and who wrote it when; None where nobody has."""

    card: ActionCard
    updated_at: datetime | None = None
    updated_by: str = ""


@dataclass(frozen=True, slots=True)
class StoredGraph:
    """All links in the order they were made, and the places that have a card."""

    links: tuple[PlaceLink, ...] = ()
    cards: Mapping[PlaceRef, StoredCard] = field(default_factory=dict)


def load_graph(session: Session) -> StoredGraph:
    """Return the graph; a damaged link is left out, with a line in the log."""
    cards = [read_card(row) for row in place_graph_store.list_cards(session)]
    return StoredGraph(load_links(session), {stored.card.place: stored for stored in cards})


def load_links(session: Session) -> tuple[PlaceLink, ...]:
    """Return all links in the order they were made."""
    cameras = {line.id: camera.id for line, camera in place_graph_store.list_lines(session)}
    read = [read_link(row, cameras) for row in place_graph_store.list_links(session)]
    return tuple(link for link in read if link is not None)


def read_link(row: PlaceLinkRow, cameras: Mapping[int, int]) -> PlaceLink | None:
    """Return a stored link; None of one that has lost an end.

    Args:
        row: As stored.
        cameras: Camera of each counting line, by the line's id.
    """
    source = _place(row.source_zone_id, row.source_location_id)
    target = _place(row.target_zone_id, row.target_location_id)
    if source is None or target is None:
        logger.error("place_link.unreadable link=%s reason=%s", row.id, "it has lost an end")
        return None
    line = None
    if row.line_id is not None and row.line_id in cameras:
        line = LineRef(cameras[row.line_id], row.line_id, row.is_line_reversed)
    return PlaceLink(row.id, row.name, source, target, line, row.is_gate, row.walk_s)


def fill_link(row: PlaceLinkRow, draft: LinkDraft) -> None:
    """Make a row that of a checked draft."""
    row.name = draft.name
    row.source_zone_id, row.source_location_id = _columns(draft.source)
    row.target_zone_id, row.target_location_id = _columns(draft.target)
    row.line_id = draft.line.line_id if draft.line else None
    row.is_line_reversed = draft.line.is_reversed if draft.line else False
    row.is_gate = draft.is_gate
    row.walk_s = draft.walk_s


def load_card(session: Session, place: PlaceRef) -> StoredCard:
    """Return the card of a place; an empty one where none is stored."""
    row = place_graph_store.find_card(session, place)
    return StoredCard(ActionCard(place)) if row is None else read_card(row)


def read_card(row: ActionCardRow) -> StoredCard:
    """Return a stored card."""
    place = _place(row.zone_id, row.location_id)
    if place is None:  # the row goes with its place: there is none without
        raise ValueError(f"action card {row.id} belongs to no place")
    card = ActionCard(place, row.hold_gate, row.open_route, row.pa_text, row.person_on_duty)
    return StoredCard(card, row.updated_at, row.updated_by)


def store_card(
    session: Session, place: PlaceRef, draft: CardDraft, *, at: datetime, by: str
) -> StoredCard:
    """Make a place's card that of a checked draft; an empty one is not kept.

    Args:
        session: Open.
        place: Which exists.
        draft: What it shall say.
        at: Aware UTC, now.
        by: User name.
    """
    row = place_graph_store.find_card(session, place)
    zone_id, location_id = _columns(place)
    if row is None:
        row = ActionCardRow(zone_id=zone_id, location_id=location_id)
    row.hold_gate, row.open_route = draft.hold_gate, draft.open_route
    row.pa_text, row.person_on_duty = draft.pa_text, draft.person_on_duty
    row.updated_at, row.updated_by = at, by
    stored = read_card(row)
    if not stored.card.is_empty:
        session.add(row)
    elif row.id is not None:
        session.delete(row)
    session.flush()
    return stored


def _place(zone_id: int | None, location_id: int | None) -> PlaceRef | None:
    if zone_id is not None:
        return PlaceRef(PlaceKind.ZONE, zone_id)
    return None if location_id is None else PlaceRef(PlaceKind.LOCATION, location_id)


def _columns(place: PlaceRef) -> tuple[int | None, int | None]:
    """Return zone id and location id, one of them None."""
    is_zone = place.kind is PlaceKind.ZONE
    return (place.place_id, None) if is_zone else (None, place.place_id)
