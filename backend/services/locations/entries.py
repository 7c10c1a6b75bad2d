"""Numbers of people that are sent in, and corrections of what counting lines say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from backend.core.clock import Clock
from backend.core.errors import (
    ConflictError,
    FieldProblem,
    InvalidInputError,
    NotFoundError,
)
from backend.core.locations import (
    ENTRY_SOURCES,
    CountEntry,
    CountSource,
    Location,
    LocationReading,
)
from backend.core.trust import Trust
from backend.db import location_store
from backend.db.accounts import Role
from backend.db.base import SessionFactory
from backend.db.location_store import EntryFilter
from backend.db.locations import LocationBalance, LocationEntry
from backend.db.paging import Page
from backend.services.actor import Actor
from backend.services.audit import AuditLog
from backend.services.locations.log import EntryKind, EntryView, entry_view
from backend.services.locations.ports import Watch
from backend.services.locations.stored import load_stored
from backend.services.locations.views import LocationNumbersView, numbers_view
from backend.services.places.checks import refuse

COUNT_LIMITS: Final = (0, 1_000_000)
NOTE_MAX: Final = 500
SKEW_S: Final = 30.0
"""How far another machine's clock may be ahead, seconds."""
_BY_MAX: Final = 64
_WHO_COUNTS: Final = {
    CountSource.CAMERA: "Its cameras count",
    CountSource.LINE: "Its counting lines say",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryDraft:
    """A number of people as given.

    Attributes:
        source: One of `ENTRY_SOURCES`.
        at: Aware, when it was true; None = now.
    """

    count: int
    source: str = CountSource.MANUAL.value
    at: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class EnteredView:
    """What came of an entry or a correction.

    Attributes:
        entry: As it stands in the log.
        numbers: What is known of the location; at most a second older than the entry.
        note: Why the number sent in is not the location's; empty where it is.
    """

    entry: EntryView
    numbers: LocationNumbersView | None
    note: str = ""


class LocationEntries:
    """Use cases on what is sent in; operators may.

    Args:
        session_factory, clock, audit: As everywhere.
        watch: Told of every entry once it is committed.
    """

    def __init__(
        self, *, session_factory: SessionFactory, clock: Clock, audit: AuditLog, watch: Watch
    ) -> None:
        self._open = session_factory
        self._clock = clock
        self._audit = audit
        self._watch = watch

    def enter(self, actor: Actor, location_id: int, draft: EntryDraft) -> EnteredView:
        """Take a number of people; it counts until it expires or a newer one comes.

        Raises:
            NotFoundError: No such location.
            InvalidInputError: Naming every wrong value.
        """
        actor.require(Role.OPERATOR)
        with self._open() as session, session.begin():
            location = _find(session, location_id)
            at = self._checked(draft, location)
            row = self._add(
                session,
                actor,
                LocationEntry(
                    location_id=location_id,
                    kind=EntryKind.COUNT.value,
                    source=draft.source,
                    count=float(draft.count),
                    at=at,
                    note=draft.note.strip(),
                ),
            )
        entry = CountEntry(CountSource(draft.source), row.count, row.at, row.by, row.note)
        self._watch.enter(location_id, entry)
        reading = self._watch.reading(location_id)
        return EnteredView(
            entry_view(row), _numbers(location, reading), why_not_shown(entry, reading)
        )

    def correct(self, actor: Actor, location_id: int, count: int, note: str = "") -> EnteredView:
        """Say how many people are inside: the lines count from there on.

        Raises:
            NotFoundError: No such location.
            InvalidInputError: Naming every wrong value.
            ConflictError: The location has no counting lines.
        """
        actor.require(Role.OPERATOR)
        refuse([*_count_problems(count), *_note_problems(note)])
        now = self._clock.now()
        with self._open() as session, session.begin():
            location = _find(session, location_id)
            if not location.lines:
                raise ConflictError(
                    "This location has no counting lines whose balance could be corrected. "
                    "Enter a count instead, or give it lines first."
                )
            was = self._balance_before(session, location_id)
            row = self._add(
                session,
                actor,
                LocationEntry(
                    location_id=location_id,
                    kind=EntryKind.CORRECTION.value,
                    source=CountSource.LINE.value,
                    count=float(count),
                    was=was,
                    at=now,
                    note=note.strip(),
                ),
            )
            _begin_balance(session, location_id, float(count), now)
            self._audit.record(
                session,
                actor,
                action="location.correct_balance",
                object_type="location",
                object_id=location_id,
                before={"balance": was},
                after={"balance": row.count, "note": row.note},
            )
        self._watch.correct(location_id, row.count, at=now)
        numbers = _numbers(location, self._watch.reading(location_id))
        return EnteredView(entry_view(row), numbers)

    def log(
        self, location_id: int, wanted: EntryFilter, *, page: int, per_page: int
    ) -> Page[EntryView]:
        """Return what was sent in and corrected, newest first; raises NotFoundError."""
        if wanted.since and wanted.until and wanted.until <= wanted.since:
            raise InvalidInputError("The end must lie after the start.", field="until")
        with self._open() as session:
            if location_store.find_location(session, location_id) is None:
                raise NotFoundError("There is no such location.")
            found = location_store.list_entries(
                session, location_id, wanted, page=page, per_page=per_page
            )
        return found.map(entry_view)

    def _checked(self, draft: EntryDraft, location: Location) -> datetime:
        """Return when a number was true; raises InvalidInputError."""
        now = self._clock.now()
        at = draft.at or now
        problems = [*_count_problems(draft.count), *_note_problems(draft.note)]
        if draft.source not in ENTRY_SOURCES:
            names = ", ".join(source.value for source in ENTRY_SOURCES)
            problems.append(FieldProblem("/source", f"Choose one of {names}."))
        if at > now + timedelta(seconds=SKEW_S):
            problems.append(
                FieldProblem(
                    "/at",
                    "This time has not come yet. Send the time at which the number was true, or "
                    "leave it out for now; check the clock of the sender.",
                )
            )
        elif at < now - timedelta(seconds=location.entry_valid_s):
            problems.append(
                FieldProblem(
                    "/at",
                    f"The number was true more than {location.entry_valid_s:g} seconds ago, and "
                    "counts no longer than that here. Send a newer one.",
                )
            )
        refuse(problems)
        return min(at, now)

    def _add(self, session: Session, actor: Actor, row: LocationEntry) -> LocationEntry:
        row.by = actor.username[:_BY_MAX]
        session.add(row)
        session.flush()
        return row

    def _balance_before(self, session: Session, location_id: int) -> float | None:
        reading = self._watch.reading(location_id)
        if reading is not None and reading.balance is not None:
            return reading.balance.count
        row = session.get(LocationBalance, location_id)
        return None if row is None else row.base + row.count_in - row.count_out


def why_not_shown(entry: CountEntry, reading: LocationReading | None) -> str:
    """Return why a number just sent in is not the location's; empty where it is.

    A number that was sent in can only raise what is measured, and the largest of several that
    were sent in counts (docs/methods/locations.md).

    Args:
        entry: The number.
        reading: What was known of the location just before.
    """
    parts = () if reading is None else reading.parts
    for part in parts:
        if part.source is entry.source and part.at is not None and part.at > entry.at:
            return "A newer number from the same source is known already; yours is in the log."
    larger = [
        part
        for part in parts
        if part.source is not entry.source
        and part.trust is not Trust.UNKNOWN
        and part.count > entry.count
        and (part.is_used or part.source in ENTRY_SOURCES)
    ]
    if not larger:
        return ""
    most = max(larger, key=lambda part: part.count)
    what = _WHO_COUNTS.get(most.source, "Another number that was sent in is")
    return (
        f"{what} {most.count:.0f}, which is more, and stays the location's number. Yours is in "
        "the log, and counts once nothing larger does, until it expires."
    )


def _find(session: Session, location_id: int) -> Location:
    found, _known = load_stored(session, location_id)
    if not found:
        raise NotFoundError("There is no such location.")
    return found[0].location


def _begin_balance(session: Session, location_id: int, count: float, now: datetime) -> None:
    row = session.get(LocationBalance, location_id)
    if row is None:
        row = LocationBalance(location_id=location_id)
        session.add(row)
    row.base, row.count_in, row.count_out = count, 0, 0
    row.since, row.unseen_s, row.written_at = now, 0.0, now


def _numbers(location: Location, reading: LocationReading | None) -> LocationNumbersView | None:
    return None if reading is None else numbers_view(location, reading)


def _count_problems(count: int) -> list[FieldProblem]:
    low, high = COUNT_LIMITS
    if low <= count <= high:
        return []
    return [FieldProblem("/count", f"Give {low} to {high:,} people; {count} was given.")]


def _note_problems(note: str) -> list[FieldProblem]:
    if len(note) <= NOTE_MAX:
        return []
    detail = f"At most {NOTE_MAX} characters; {len(note)} were given. Leave some out."
    return [FieldProblem("/note", detail)]
