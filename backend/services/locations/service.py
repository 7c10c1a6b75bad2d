"""Locations: look, define, change, delete."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, tzinfo
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.core.clock import Clock
from backend.core.errors import ConflictError, NotFoundError
from backend.db import location_store
from backend.db.accounts import Role
from backend.db.base import SessionFactory
from backend.db.location_store import LocationRows
from backend.db.locations import LocationRow
from backend.services.actor import Actor
from backend.services.audit import AuditLog, changed_values
from backend.services.locations.checks import MOST_LOCATIONS
from backend.services.locations.definitions import LocationView, location_view
from backend.services.locations.draft import LocationDraft, is_made_own, tidy_draft, with_changes
from backend.services.locations.entries import LocationEntries
from backend.services.locations.ports import Watch
from backend.services.locations.records import LocationRecords
from backend.services.locations.refusals import refuse_unmeant
from backend.services.locations.samples import sample_drafts
from backend.services.locations.stored import (
    StoredLocation,
    draft_of,
    load_stored,
    store_location,
)
from backend.services.locations.summary import SummaryView, summary_view
from backend.services.metric_views import as_json

_NO_LOCATION = "There is no such location."
_OUTRUN = (
    "Somebody else changed this location meanwhile. "
    "Look at it as it is now, then make your change again."
)
_NAME_TAKEN = "Another location is called {!r} already. Choose another name."
_PART_GONE = (
    "A camera, zone, counting line or floor plan of it was deleted meanwhile. "
    "Look at what there is now, then try again."
)
_PARTS = frozenset({"areas", "lines", "overlaps"})


class LocationService:
    """Use cases on locations.

    Everybody who is logged in sees them; administrators define them. From the next second on
    they are watched as they are defined.

    Args:
        session_factory, clock, audit: As everywhere.
        watch: Told of every change once it is committed, and asked for current numbers.
        zone: The venue's, for statistics by the hour.

    Attributes:
        entries: What is sent in for them.
        records: What was known of them minute by minute.
    """

    def __init__(
        self,
        *,
        session_factory: SessionFactory,
        clock: Clock,
        audit: AuditLog,
        watch: Watch,
        zone: tzinfo = UTC,
    ) -> None:
        self._open = session_factory
        self._clock = clock
        self._audit = audit
        self._watch = watch
        self.entries = LocationEntries(
            session_factory=session_factory, clock=clock, audit=audit, watch=watch
        )
        self.records = LocationRecords(
            session_factory=session_factory, clock=clock, watch=watch, zone=zone
        )

    def visible(self) -> list[LocationView]:
        """Return all locations by name."""
        with self._open() as session:
            found, known = load_stored(session)
        readings = {reading.location_id: reading for reading in self._watch.readings()}
        return [location_view(one, known, readings.get(one.rows.row.id)) for one in found]

    def get(self, location_id: int) -> LocationView:
        """Return one location; raises NotFoundError."""
        with self._open() as session:
            found, known = load_stored(session, location_id)
        if not found:
            raise NotFoundError(_NO_LOCATION)
        return location_view(found[0], known, self._watch.reading(location_id))

    def summary(self) -> SummaryView:
        """Return all locations together."""
        with self._open() as session:
            found, known = load_stored(session)
        readings = {reading.location_id: reading for reading in self._watch.readings()}
        return summary_view([one.location for one in found], readings, known)

    def create(self, actor: Actor, draft: LocationDraft) -> LocationView:
        """Add a location.

        Raises:
            PermissionDeniedError: Only administrators may.
            InvalidInputError: Naming every wrong value, reason and remedy.
            ConflictError: There are as many as there can be.
        """
        actor.require(Role.ADMIN)
        tidy = tidy_draft(draft)
        with self._open() as session, session.begin():
            if location_store.count_locations(session) >= MOST_LOCATIONS:
                raise ConflictError(
                    f"There are {MOST_LOCATIONS} locations, as many as there can be. "
                    "Delete one first."
                )
            refuse_unmeant(session, tidy)
            location_id = self._add(session, actor, tidy)
        self._watch.reload()
        return self.get(location_id)

    def change(
        self,
        actor: Actor,
        location_id: int,
        changes: Mapping[str, Any],
        *,
        version: int | None = None,
    ) -> LocationView:
        """Change fields of a location, named as in `LocationDraft`; a missing one stays.

        Args:
            actor: Who does it.
            location_id: The location.
            changes: Of areas, lines and overlaps all there shall be.
            version: Of the location the change was made from; None = whatever it is.

        Raises:
            PermissionDeniedError, NotFoundError: As everywhere.
            InvalidInputError: Naming every wrong value, reason and remedy.
            ConflictError: Changed by somebody else since ``version``.
        """
        actor.require(Role.ADMIN)
        with self._open() as session, session.begin():
            stored = _find(session, location_id)
            if version is not None and version != stored.rows.row.version:
                raise ConflictError(_OUTRUN)
            before = draft_of(stored)
            wanted = with_changes(before, changes)
            has_new_parts = not _PARTS.isdisjoint(changes)
            refuse_unmeant(session, wanted, except_id=location_id, has_new_parts=has_new_parts)
            is_changed = wanted != before or _is_mended(stored, changes)
            if is_changed:
                self._store(session, stored.rows, wanted, changes)
                stored.rows.row.is_sample &= not is_made_own(before, wanted)
                was, now = changed_values(as_json(before), as_json(wanted))
                self._record(session, actor, "location.update", location_id, before=was, after=now)
        if is_changed:
            self._watch.reload()
        return self.get(location_id)

    def remove(self, actor: Actor, location_id: int) -> None:
        """Delete a location with its log and its statistics; its id is never given again."""
        actor.require(Role.ADMIN)
        with self._open() as session, session.begin():
            self._delete(session, actor, _find(session, location_id))
        self._watch.reload()

    def add_samples(self, actor: Actor) -> list[LocationView]:
        """Add the sample locations that are not there, and return all there are."""
        actor.require(Role.ADMIN)
        with self._open() as session, session.begin():
            drafts = sample_drafts(session, taken=location_store.names_taken(session))
            for draft in drafts:
                self._add(session, actor, draft, is_sample=True)
        if drafts:
            self._watch.reload()
        return [view for view in self.visible() if view.is_sample]

    def remove_samples(self, actor: Actor) -> None:
        """Delete the sample locations, and no other."""
        actor.require(Role.ADMIN)
        with self._open() as session, session.begin():
            for stored in load_stored(session)[0]:
                if stored.rows.row.is_sample:
                    self._delete(session, actor, stored)
        self._watch.reload()

    def _add(
        self, session: Session, actor: Actor, draft: LocationDraft, *, is_sample: bool = False
    ) -> int:
        now = self._clock.now()
        row = LocationRow(
            name=draft.name,
            description=draft.description,
            entry_valid_s=draft.entry_valid_s,
            is_sample=is_sample,
            version=1,
            created_at=now,
            updated_at=now,
        )
        session.add(row)
        with _clashes_told(_NAME_TAKEN.format(draft.name)):
            session.flush()
        with _clashes_told(_PART_GONE):
            store_location(session, LocationRows(row, (), ()), draft)
        after = as_json(draft)
        self._record(session, actor, "location.create", row.id, after=after)
        return row.id

    def _store(
        self,
        session: Session,
        rows: LocationRows,
        draft: LocationDraft,
        changes: Mapping[str, Any],
    ) -> None:
        """Write a changed location; raises ConflictError where somebody else was faster."""
        row = rows.row
        if not location_store.claim_next_version(session, row.id, row.version):
            raise ConflictError(_OUTRUN)
        row.name, row.updated_at = draft.name, self._clock.now()
        with _clashes_told(_NAME_TAKEN.format(draft.name)):
            session.flush()
        with _clashes_told(_PART_GONE):
            store_location(
                session,
                rows,
                draft,
                areas_are_meant="areas" in changes,
                lines_are_meant="lines" in changes,
            )

    def _delete(self, session: Session, actor: Actor, stored: StoredLocation) -> None:
        location_id = stored.rows.row.id
        before = as_json(draft_of(stored))
        self._record(session, actor, "location.delete", location_id, before=before)
        session.delete(stored.rows.row)

    def _record(
        self,
        session: Session,
        actor: Actor,
        action: str,
        location_id: int,
        *,
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
    ) -> None:
        self._audit.record(
            session,
            actor,
            action=action,
            object_type="location",
            object_id=location_id,
            before=before,
            after=after,
        )


def _find(session: Session, location_id: int) -> StoredLocation:
    found, _known = load_stored(session, location_id)
    if not found:
        raise NotFoundError(_NO_LOCATION)
    return found[0]


@contextmanager
def _clashes_told(message: str) -> Iterator[None]:
    """Say what was done meanwhile where the database refuses a row for it."""
    try:
        yield
    except IntegrityError as error:
        raise ConflictError(message) from error


def _is_mended(stored: StoredLocation, changes: Mapping[str, Any]) -> bool:
    """Whether areas, lines or overlaps are confirmed as they are left by what is gone."""
    rows = stored.rows
    gone = {
        "areas": rows.row.area_count != len(rows.areas),
        "lines": rows.row.line_count != len(rows.lines),
        "overlaps": len(rows.row.overlaps or ()) != len(stored.location.overlaps),
    }
    return any(is_gone for name, is_gone in gone.items() if name in changes)
