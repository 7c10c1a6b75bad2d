"""What is written on a place's action card, for those who are told of its incidents."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.core.place_graph import ActionCard, PlaceKind, PlaceRef
from backend.services.place_graph.stored import StoredCard, load_card


def place_of(zone_id: int | None, location_id: int | None) -> PlaceRef | None:
    """Return the place an incident is about; None for a camera as a whole."""
    if zone_id is not None:
        return PlaceRef(PlaceKind.ZONE, zone_id)
    return None if location_id is None else PlaceRef(PlaceKind.LOCATION, location_id)


def card_for(session: Session, place: PlaceRef | None) -> StoredCard | None:
    """Return the action card of a place; None where nothing is written for it."""
    if place is None:
        return None
    stored = load_card(session, place)
    return None if stored.card.is_empty else stored


def card_lines(card: ActionCard) -> tuple[str, ...]:
    """Return a card in the words of a notification, each text on one line.

    Example:
        >>> place = PlaceRef(PlaceKind.ZONE, 1)
        >>> card_lines(ActionCard(place, hold_gate="Hold Gate B", pa_text="Please wait."))
        ('Do: Hold Gate B', 'Announce: “Please wait.”')
    """
    told = (
        ("Do: {}", card.hold_gate),
        ("Do: {}", card.open_route),
        ("On duty: {}", card.person_on_duty),
        ("Announce: “{}”", card.pa_text),
    )
    return tuple(words.format(" ".join(text.split())) for words, text in told if text)
