"""What the watch of all locations goes by, read at the start and after every change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from backend.core.locations import CountEntry, CountSource, LineBalance, Location
from backend.db import location_watch_store
from backend.services.locations.balance_rows import load_balances
from backend.services.locations.log import EntryKind
from backend.services.locations.stored import load_locations
from backend.services.locations.watched import ENTRIES_KEPT


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
    rows = location_watch_store.newest_entries(
        session, new, kind=EntryKind.COUNT.value, each=ENTRIES_KEPT
    )
    for row in rows:
        entry = CountEntry(CountSource(row.source), row.count, row.at, row.by, row.note)
        entries[row.location_id].append(entry)
    return ReadDefinitions(locations, load_balances(session, new, now=now), entries)
