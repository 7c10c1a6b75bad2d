"""The log of minutes: what each location's statistics are made from."""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from backend.core.locations import CountSource, Location, LocationReading
from backend.core.trust import Trust, worst_trust
from backend.db import location_watch_store
from backend.db.base import SessionFactory
from backend.db.locations import LocationMinute

logger = logging.getLogger(__name__)

KEEP_DAYS: Final = 90
"""Minutes older than this are deleted."""
DELETE_BATCH: Final = 1000
"""Rows deleted in one transaction: nobody else waits long for the database."""
WAITING_MAX: Final = 100_000
"""Minutes kept while the database is away; beyond that the oldest go, counted."""
WRITE_BATCH: Final = 2000
_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Minute:
    """One minute of one location; see `db.locations.LocationMinute`."""

    location_id: int
    at: datetime
    count_min: float
    count_mean: float
    count_max: float
    seconds: int
    source: CountSource
    trust: Trust
    capacity: int | None


@dataclass(slots=True)
class _Gathered:
    """The known seconds of a minute under way."""

    at: datetime
    capacity: int | None = None
    counts: dict[int, float] = field(default_factory=dict)
    sources: Counter[CountSource] = field(default_factory=Counter)
    trusts: set[Trust] = field(default_factory=set)

    def add(self, reading: LocationReading, capacity: int | None) -> None:
        """Take one reading; a second that is read twice counts once, as it was last."""
        if reading.count is None or reading.source is None or reading.trust is Trust.UNKNOWN:
            return
        self.capacity = capacity
        self.counts[reading.at.second] = reading.count
        self.sources[reading.source] += 1
        self.trusts.add(reading.trust)

    def minute(self, location_id: int) -> Minute | None:
        """Return the minute, None where nothing was known in it."""
        if not self.counts:
            return None
        counts = self.counts.values()
        return Minute(
            location_id=location_id,
            at=self.at,
            count_min=min(counts),
            count_mean=sum(counts) / len(counts),
            count_max=max(counts),
            seconds=len(counts),
            source=self.sources.most_common(1)[0][0],
            trust=worst_trust(self.trusts),
            capacity=self.capacity,
        )


class MinuteLog:
    """Gathers seconds into minutes and writes them; owned by the thread of the watch.

    Args:
        session_factory: Opens database sessions.
    """

    def __init__(self, session_factory: SessionFactory) -> None:
        self._open = session_factory
        self._under_way: dict[int, _Gathered] = {}
        self._waiting: deque[Minute] = deque()
        self._to_prune: deque[int] = deque()
        self._pruned_on: datetime | None = None
        self.lost = 0
        self.failures = 0

    @property
    def waiting(self) -> int:
        """Minutes that are over and could not be written yet."""
        return len(self._waiting)

    def note(self, location: Location, reading: LocationReading) -> None:
        """Take one reading; readings of a location come in their order."""
        begun = reading.at.replace(second=0, microsecond=0)
        gathered = self._under_way.get(location.location_id)
        if gathered is None or gathered.at != begun:
            self._end(location.location_id)
            gathered = self._under_way[location.location_id] = _Gathered(begun)
        gathered.add(reading, location.capacity)

    def end_before(self, at: datetime) -> None:
        """End the minutes that are over, those of locations without a reading among them."""
        for location_id, gathered in list(self._under_way.items()):
            if gathered.at + _MINUTE <= at:
                self._end(location_id)

    def write(self) -> bool:
        """Write what waits, in batches; what cannot be written stays for the next time."""
        while self._waiting:
            batch = [*self._waiting][:WRITE_BATCH]
            try:
                with self._open() as session, session.begin():
                    _store(session, batch)
            except SQLAlchemyError:
                self.failures += 1
                logger.exception("locations.minutes_not_written waiting=%s", len(self._waiting))
                return False
            for _ in batch:
                self._waiting.popleft()
        return True

    def flush(self) -> bool:
        """End the minutes under way and write them; nothing more will come."""
        for location_id in list(self._under_way):
            self._end(location_id)
        return self.write()

    def prune(self, location_ids: Iterable[int], *, now: datetime) -> None:
        """Delete minutes that are too old: once a day, one batch a call.

        Args:
            location_ids: Every location there is.
            now: Aware UTC.
        """
        if self._pruned_on is None or self._pruned_on.date() != now.date():
            self._pruned_on = now
            self._to_prune = deque(location_ids)
        if not self._to_prune:
            return
        before = now - timedelta(days=KEEP_DAYS)
        try:
            with self._open() as session, session.begin():
                deleted = location_watch_store.delete_minutes(
                    session, self._to_prune[0], before=before, limit=DELETE_BATCH
                )
        except SQLAlchemyError:
            self.failures += 1
            self._to_prune.clear()
            logger.exception("locations.minutes_not_deleted")
            return
        if deleted < DELETE_BATCH:
            self._to_prune.popleft()

    def _end(self, location_id: int) -> None:
        gathered = self._under_way.pop(location_id, None)
        minute = None if gathered is None else gathered.minute(location_id)
        if minute is None:
            return
        self._waiting.append(minute)
        if len(self._waiting) > WAITING_MAX:
            self._waiting.popleft()
            self.lost += 1
            if self.lost % 1000 == 1:
                logger.error("locations.minutes_lost rows=%s reason=too many wait", self.lost)


def _store(session: Session, minutes: Sequence[Minute]) -> None:
    """Write minutes; those of deleted locations are left out, those half written are joined."""
    ids = {minute.location_id for minute in minutes}
    existing = location_watch_store.existing_locations(session, ids)
    stored = {
        (row.location_id, row.at): row
        for row in location_watch_store.minutes_at(session, ids, {one.at for one in minutes})
    }
    for minute in minutes:
        if minute.location_id not in existing:
            continue
        row = stored.get((minute.location_id, minute.at))
        if row is None:
            row = LocationMinute(location_id=minute.location_id, at=minute.at)
            session.add(row)
        else:  # CrowdSafe was started again within it
            minute = _joined(row, minute)  # noqa: PLW2901 - the same minute, whole
        row.count_min, row.count_mean = minute.count_min, minute.count_mean
        row.count_max, row.seconds = minute.count_max, minute.seconds
        row.source, row.trust = minute.source.value, minute.trust.value
        row.capacity = minute.capacity


def _joined(row: LocationMinute, minute: Minute) -> Minute:
    seconds = row.seconds + minute.seconds
    return replace(
        minute,
        count_min=min(row.count_min, minute.count_min),
        count_mean=(row.count_mean * row.seconds + minute.count_mean * minute.seconds) / seconds,
        count_max=max(row.count_max, minute.count_max),
        seconds=min(seconds, 60),
        source=CountSource(row.source) if row.seconds > minute.seconds else minute.source,
        trust=worst_trust((Trust(row.trust), minute.trust)),
    )
