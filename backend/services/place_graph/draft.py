"""Links and action cards as people give them, before anything of them is believed."""

from __future__ import annotations

from dataclasses import dataclass, replace

from backend.core.locations import LineRef
from backend.core.place_graph import ActionCard, PlaceLink, PlaceRef


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChoice:
    """The counting line of a link; ids of lines are those of one installation.

    Attributes:
        is_reversed: Who goes *in* over it comes from the target.
    """

    line_id: int
    is_reversed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkDraft:
    """A link as given; fields as in `core.place_graph.PlaceLink`."""

    name: str
    source: PlaceRef
    target: PlaceRef
    line: LineChoice | None = None
    is_gate: bool = False
    walk_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardDraft:
    """An action card as given; fields as in `core.place_graph.ActionCard`."""

    hold_gate: str = ""
    open_route: str = ""
    pa_text: str = ""
    person_on_duty: str = ""


def link_draft(link: PlaceLink) -> LinkDraft:
    """Return what would leave a stored link as it is."""
    return LinkDraft(
        name=link.name,
        source=link.source,
        target=link.target,
        line=_choice(link.line),
        is_gate=link.is_gate,
        walk_s=link.walk_s,
    )


def card_draft(card: ActionCard) -> CardDraft:
    """Return what would leave a stored card as it is."""
    return CardDraft(
        hold_gate=card.hold_gate,
        open_route=card.open_route,
        pa_text=card.pa_text,
        person_on_duty=card.person_on_duty,
    )


def tidy_link(draft: LinkDraft) -> LinkDraft:
    """Return the link as it is stored: name without needless blanks."""
    return replace(draft, name=" ".join(draft.name.split()))


def tidy_card(draft: CardDraft) -> CardDraft:
    """Return the card as it is stored: no blanks at the ends of lines, no empty lines around."""
    return CardDraft(
        hold_gate=_tidy_text(draft.hold_gate),
        open_route=_tidy_text(draft.open_route),
        pa_text=_tidy_text(draft.pa_text),
        person_on_duty=_tidy_text(draft.person_on_duty),
    )


def _tidy_text(text: str) -> str:
    return "\n".join(line.strip() for line in text.splitlines()).strip()


def _choice(line: LineRef | None) -> LineChoice | None:
    return None if line is None else LineChoice(line_id=line.line_id, is_reversed=line.is_reversed)
