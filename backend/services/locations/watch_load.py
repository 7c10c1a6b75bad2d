"""What the watch of all locations goes by, read at the start and after every change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from backend.core.locations import CountEntry, CountSource, LineBalance, Location
from backend.crowd.locations.entries import CLOCK_SKEW
from backend.db import location_watch_store
from backend.services.locations.balance_rows import load_balances
from backend.services.locations.stored import load_locations
from backend.services.locations.watched import ENTRIES_KEPT

LOOKED_BACK: Final = timedelta(days=2)
"""For numbers that were sent in: one may count for a day, and the one before it for a spike."""


@dataclass(frozen=True, slots=True)
class ReadDefinitions:
    """All locations, and what those that are new to the watch go on from.

    Attributes:
        locations: By name.
        balances, entries: By location; of new ones only.
    """

    locations: tuple[Location, ...]
    balances: Mapping[int, LineBalance]
    entries: Mapping[int, Sequence[CountEntry]]


def read_definitions(session: Session, *, known: Collection[int], now: datetime) -> ReadDefinitions:
    """Read all locations; a few queries, however many there are.

    Args:
        session: Open.
        known: Locations whose balance and entries the watch has got already.
        now: Aware UTC.
    """
    locations = load_locations(session)
    new = [one.location_id for one in locations if one.location_id not in known]
    entries: dict[int, list[CountEntry]] = defaultdict(list)
    rows = location_watch_store.newest_counts(
        session, new, since=now - LOOKED_BACK, until=now + CLOCK_SKEW, each=ENTRIES_KEPT
    )
    for row in rows:
        entry = CountEntry(CountSource(row.source), row.count, row.at, row.by, row.note)
        entries[row.location_id].append(entry)
    return ReadDefinitions(locations, load_balances(session, new, now=now), entries)
