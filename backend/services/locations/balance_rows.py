"""Balances of counting lines over restarts: read at the start, written once a minute."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from backend.core.locations import LineBalance
from backend.db import location_watch_store
from backend.db.locations import LocationBalance


def load_balances(
    session: Session, location_ids: Collection[int], *, now: datetime
) -> dict[int, LineBalance]:
    """Return the balances to go on from, by location.

    Who passed since a balance was written is not known: that time is added to what was unseen.
    A correction that is newer than the row counts, also where the process ended before the
    balance could be written again.

    Args:
        session: Open.
        location_ids: Which locations.
        now: Aware UTC.
    """
    found: dict[int, LineBalance] = {}
    corrections = {
        entry.location_id: entry
        for entry in location_watch_store.last_corrections(session, location_ids)
    }
    for row in location_watch_store.balances_of(session, location_ids):
        away_s = max((now - row.written_at).total_seconds(), 0.0)
        found[row.location_id] = LineBalance(
            row.base,
            row.count_in,
            row.count_out,
            row.since,
            row.unseen_s + away_s,
            is_corrected=row.base > 0,  # counting begins with nobody
        )
        entry = corrections.get(row.location_id)
        if entry is not None and entry.at == row.since:
            found[row.location_id] = replace(found[row.location_id], is_corrected=True)
        elif entry is not None and entry.at > row.since:
            away_s = max((now - entry.at).total_seconds(), 0.0)
            found[row.location_id] = LineBalance(entry.count, 0, 0, entry.at, away_s)
    return found


def save_balances(session: Session, balances: Mapping[int, LineBalance], *, now: datetime) -> None:
    """Write balances as of now; those of deleted locations are left out.

    Unchanged ones are written too: what a row does not say is unseen after a restart.
    """
    existing = location_watch_store.existing_locations(session, balances.keys())
    rows = {row.location_id: row for row in location_watch_store.balances_of(session, existing)}
    for location_id in existing:
        balance = balances[location_id]
        row = rows.get(location_id)
        if row is None:
            row = LocationBalance(location_id=location_id)
            session.add(row)
        row.base, row.count_in, row.count_out = balance.base, balance.count_in, balance.count_out
        row.since, row.unseen_s, row.written_at = balance.since, balance.unseen_s, now
