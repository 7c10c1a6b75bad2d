"""What links and action cards may be; everything wrong with them is told at once."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

from backend.core.errors import FieldProblem
from backend.core.place_graph import PlaceLink, PlaceRef
from backend.core.wording import is_visible
from backend.services.place_graph.draft import CardDraft, LinkDraft
from backend.services.place_graph.known import KnownPlaces
from backend.services.places.checks import refuse

MOST_LINKS: Final = 500
NAME_MAX: Final = 80
WALK_LIMITS_S: Final = (1.0, 7200.0)
TEXT_MAX: Final = 500
"""Of each text of a card: it is read on a telephone, and out loud."""


def check_link(draft: LinkDraft, *, known: KnownPlaces, others: Iterable[PlaceLink]) -> None:
    """Refuse a tidy link that cannot be meant.

    Args:
        draft: The link.
        known: What there is to be linked.
        others: All other links.

    Raises:
        InvalidInputError: With a pointer such as ``/target`` for each wrong value.
    """
    refuse(
        [
            *_name_problems(draft, others),
            *_end_problems(draft, known),
            *_line_problems(draft, known),
            *_reality_problems(draft, known),
            *_walk_problems(draft),
        ]
    )


def check_card(draft: CardDraft) -> None:
    """Refuse a tidy action card that cannot be meant.

    Raises:
        InvalidInputError: With a pointer such as ``/pa_text`` for each wrong value.
    """
    refuse(
        [
            *_text_problems(draft.hold_gate, "/hold_gate"),
            *_text_problems(draft.open_route, "/open_route"),
            *_text_problems(draft.pa_text, "/pa_text"),
            *_text_problems(draft.person_on_duty, "/person_on_duty"),
        ]
    )


def _name_problems(draft: LinkDraft, others: Iterable[PlaceLink]) -> Iterator[FieldProblem]:
    if not draft.name or len(draft.name) > NAME_MAX or not is_visible(draft.name):
        yield FieldProblem("/name", f"Give it a name of 1 to {NAME_MAX} visible characters.")
        return
    ends = (draft.source, draft.target)
    taken = {_key(link.name) for link in others if (link.source, link.target) == ends}
    if _key(draft.name) in taken:
        yield FieldProblem(
            "/name",
            f"There is a link {draft.name!r} from here to there already. Choose another name, "
            "or change that link.",
        )


def _key(name: str) -> str:
    """Return what names have in common that people would take for the same."""
    return unicodedata.normalize("NFKC", name).casefold()


def _end_problems(draft: LinkDraft, known: KnownPlaces) -> Iterator[FieldProblem]:
    for pointer, place in (("/source", draft.source), ("/target", draft.target)):
        if place not in known.places:
            yield FieldProblem(pointer, no_place_words(place))
    if draft.source == draft.target:
        yield FieldProblem(
            "/target", "A link leads from one place to another. Choose another place."
        )


def no_place_words(place: PlaceRef) -> str:
    """Return the sentence about a place that is not there."""
    return (
        f"There is no {place.kind.value} {place.place_id} that could be linked. Choose a location, "
        "or a zone of a camera that is no recording."
    )


def _line_problems(draft: LinkDraft, known: KnownPlaces) -> Iterator[FieldProblem]:
    if draft.line is not None and draft.line.line_id not in known.lines:
        yield FieldProblem(
            "/line/line_id",
            f"There is no counting line {draft.line.line_id} that could count here. Choose a line "
            "of a camera that is no recording, or leave it empty.",
        )


def _reality_problems(draft: LinkDraft, known: KnownPlaces) -> Iterator[FieldProblem]:
    """What is drawn must not pass for people: it would change what is said of a real place."""
    source, target = known.places.get(draft.source), known.places.get(draft.target)
    line = None if draft.line is None else known.lines.get(draft.line.line_id)
    kinds = {
        "/target": target.is_simulated if target else None,
        "/line/line_id": line.is_simulated if line else None,
    }
    first = source.is_simulated if source else None
    for pointer, kind in kinds.items():
        if first is None:
            first = kind
        elif kind is not None and kind is not first:
            yield FieldProblem(
                pointer,
                "Simulated and real cameras cannot be linked: people who are only drawn would "
                "count for real ones. Choose one of the same sort.",
            )


def _walk_problems(draft: LinkDraft) -> Iterator[FieldProblem]:
    low, high = WALK_LIMITS_S
    walk_s = draft.walk_s
    if walk_s is not None and not low <= walk_s <= high:  # NaN is not within them either
        yield FieldProblem(
            "/walk_s",
            f"Give {low:g} to {high:,.0f} s of walking time, or leave it empty; "
            f"{walk_s:g} was given.",
        )


def _text_problems(text: str, pointer: str) -> Iterator[FieldProblem]:
    if len(text) > TEXT_MAX:
        yield FieldProblem(
            pointer,
            f"This may have {TEXT_MAX} characters; it has {len(text)}. Say it in fewer words.",
        )
    elif not is_visible(text.replace("\n", "")):
        yield FieldProblem(
            pointer, "There are characters in it that cannot be shown. Type the text again."
        )
