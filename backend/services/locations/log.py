"""The log of what was sent in and corrected, as pages and clients are shown it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from backend.db.locations import LocationEntry


class EntryKind(StrEnum):
    """What an entry is."""

    COUNT = "count"
    """A number of people that was sent in."""
    CORRECTION = "correction"
    """A correction of the lines' balance."""


@dataclass(frozen=True, slots=True)
class EntryView:
    """One entry.

    Attributes:
        count: People.
        was: The balance before a correction; None of a count, or where there was none.
        at: When the number was true.
        by: User name.
    """

    id: int
    kind: str
    source: str
    count: float
    was: float | None
    at: datetime
    by: str
    note: str


def entry_view(row: LocationEntry) -> EntryView:
    """Return what is shown of an entry."""
    return EntryView(row.id, row.kind, row.source, row.count, row.was, row.at, row.by, row.note)
