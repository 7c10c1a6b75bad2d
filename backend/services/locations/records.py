"""What was known of locations minute by minute: statistics and series."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from sqlalchemy.orm import Session

from backend.core.clock import Clock
from backend.core.errors import FieldProblem, NotFoundError
from backend.core.locations import Location
from backend.db import location_store
from backend.db.base import SessionFactory
from backend.db.locations import LocationMinute
from backend.db.paging import Page
from backend.services.locations.ports import Watch
from backend.services.locations.stats import HOURS_LIMITS, StatsView, compute_stats
from backend.services.locations.stored import load_stored
from backend.services.locations.views import LocationNumbersView, numbers_view
from backend.services.metrics import TimeRange
from backend.services.places.checks import refuse

_LATELY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class MinuteView:
    """One minute; see `db.locations.LocationMinute`."""

    at: datetime
    count_min: float
    count_mean: float
    count_max: float
    seconds: int
    source: str
    trust: str
    capacity: int | None


@dataclass(frozen=True, slots=True)
class SeriesView:
    """What is known of a location now, and a page of what was known, oldest first."""

    location_id: int
    numbers: LocationNumbersView | None
    minutes: Page[MinuteView]


class LocationRecords:
    """Use cases on what was known of locations; everybody who is logged in may look.

    Args:
        session_factory, clock: As everywhere.
        watch: Asked for current numbers.
        zone: The venue's.
    """

    def __init__(
        self, *, session_factory: SessionFactory, clock: Clock, watch: Watch, zone: tzinfo
    ) -> None:
        self._open = session_factory
        self._clock = clock
        self._watch = watch
        self._zone = zone

    def stats(self, location_id: int, hours: int) -> StatsView:
        """Return the statistics of the last hours; raises NotFoundError, InvalidInputError."""
        low, high = HOURS_LIMITS
        if not low <= hours <= high:
            refuse([FieldProblem("/hours", f"Give {low} to {high} hours; {hours} was given.")])
        until = self._clock.now()
        since = until - timedelta(hours=hours)
        with self._open() as session:
            _find(session, location_id)
            minutes = location_store.minute_counts(session, location_id, since=since, until=until)
        return compute_stats(minutes, since=since, until=until, zone=self._zone)

    def series(
        self, location_id: int, wanted: TimeRange, *, page: int, per_page: int
    ) -> SeriesView:
        """Return current numbers and stored minutes, of the last hour unless a range is given.

        Raises:
            NotFoundError: No such location.
            InvalidInputError: The range ends before it starts.
        """
        wanted.check()
        start = wanted.start
        if start is None and wanted.end is None:
            start = self._clock.now() - _LATELY
        with self._open() as session:
            location = _find(session, location_id)
            found = location_store.page_of_minutes(
                session, location_id, since=start, until=wanted.end, page=page, per_page=per_page
            )
        reading = self._watch.reading(location_id)
        numbers = None if reading is None else numbers_view(location, reading)
        return SeriesView(location_id, numbers, found.map(_minute))


def _find(session: Session, location_id: int) -> Location:
    found, _known = load_stored(session, location_id)
    if not found:
        raise NotFoundError("There is no such location.")
    return found[0].location


def _minute(row: LocationMinute) -> MinuteView:
    return MinuteView(
        row.at,
        row.count_min,
        row.count_mean,
        row.count_max,
        row.seconds,
        row.source,
        row.trust,
        row.capacity,
    )
