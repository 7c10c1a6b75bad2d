"""A spot count as given, before it is stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from backend.core.errors import InvalidInputError

MOST_COUNTED: Final = 100_000
NOTE_MAX: Final = 500


@dataclass(frozen=True, slots=True)
class SpotCountDraft:
    """A count as given.

    Attributes:
        count: People the person counted.
        token: Of the still that was counted; None = what is seen this moment.
        zone_id: The zone that was counted; None = the whole picture, or what the still is of.
    """

    count: int
    token: str | None = None
    zone_id: int | None = None
    note: str = ""


def check_draft(draft: SpotCountDraft) -> None:
    """Raise InvalidInputError for no possible count, or too long a note."""
    if not 0 <= draft.count <= MOST_COUNTED:
        raise InvalidInputError(
            f"Give the number of people you counted, a whole number from 0 to {MOST_COUNTED:,}.",
            field="/count",
        )
    if len(draft.note) > NOTE_MAX:
        raise InvalidInputError(
            f"The note may have {NOTE_MAX} characters; it has {len(draft.note)}. Shorten it.",
            field="/note",
        )
