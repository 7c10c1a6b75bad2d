"""Numbers sent in, and corrections of what counting lines say."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from backend.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
)
from backend.core.locations import (
    CountEntry,
    CountPart,
    CountSource,
    LineBalance,
    LineRef,
    LocationReading,
)
from backend.core.trust import Trust
from backend.db.location_store import EntryFilter
from backend.db.locations import LocationBalance
from backend.services.locations.draft import LocationDraft
from backend.services.locations.entries import EntryDraft, why_not_shown
from tests.builders import EPOCH
from tests.services.camera_world import ADMIN, OPERATOR, VIEWER
from tests.services.locations.location_world import LocationWorld, reading

EVERYTHING = EntryFilter()


@pytest.fixture
def gate(world: LocationWorld) -> int:
    """A location with a counting line, whose numbers count five minutes."""
    draft = LocationDraft(name="Gate", lines=(LineRef(1, 1),), entry_valid_s=300.0)
    return world.service.create(ADMIN, draft).id


def part(source: CountSource, count: float, **changes: Any) -> CountPart:
    fields: dict[str, Any] = {"count_low": count, "count_high": count, "trust": Trust.OK}
    return CountPart(source, count, **(fields | changes))


def entry(count: float, source: CountSource = CountSource.MANUAL) -> CountEntry:
    return CountEntry(source, count, EPOCH)


def test_a_number_is_stored_then_told(world: LocationWorld, gate: int) -> None:
    world.watch.known = {gate: reading(gate)}
    draft = EntryDraft(count=120, source="API", note=" by hand ")
    view = world.service.entries.enter(OPERATOR, gate, draft)
    assert world.watch.entered == [
        (gate, CountEntry(CountSource.API, 120.0, EPOCH, "olga", "by hand"))
    ]
    logged = world.service.entries.log(gate, EVERYTHING, page=1, per_page=10)
    assert logged.items == [view.entry]
    stored = view.entry
    assert (stored.kind, stored.source, stored.count, stored.was) == ("count", "API", 120.0, None)
    assert (stored.at, stored.by, stored.note) == (EPOCH, "olga", "by hand")
    assert view.numbers is not None
    assert view.numbers.location_name == "Gate"
    assert view.note == ""


def test_who_may(world: LocationWorld, gate: int) -> None:
    with pytest.raises(PermissionDeniedError):
        world.service.entries.enter(VIEWER, gate, EntryDraft(count=1))
    with pytest.raises(PermissionDeniedError):
        world.service.entries.correct(VIEWER, gate, 1)
    for attempt in (
        lambda: world.service.entries.enter(OPERATOR, 99, EntryDraft(count=1)),
        lambda: world.service.entries.correct(OPERATOR, 99, 1),
        lambda: world.service.entries.log(99, EVERYTHING, page=1, per_page=1),
    ):
        with pytest.raises(NotFoundError):
            attempt()
    assert world.watch.entered == []


@pytest.mark.parametrize(("seconds", "stored"), [(0, 0), (20, 0), (30, 0), (-5, -5), (-300, -300)])
def test_when_it_was_true(world: LocationWorld, gate: int, seconds: int, stored: int) -> None:
    at = EPOCH + timedelta(seconds=seconds)
    view = world.service.entries.enter(OPERATOR, gate, EntryDraft(count=1, at=at))
    assert view.entry.at == EPOCH + timedelta(seconds=stored), "never later than now"


@pytest.mark.parametrize(
    ("draft", "pointer"),
    [
        (EntryDraft(count=-1), "/count"),
        (EntryDraft(count=1_000_001), "/count"),
        (EntryDraft(count=1, source="CAMERA"), "/source"),
        (EntryDraft(count=1, source="manual"), "/source"),
        (EntryDraft(count=1, note="x" * 501), "/note"),
        (EntryDraft(count=1, at=EPOCH + timedelta(seconds=30.1)), "/at"),
        (EntryDraft(count=1, at=EPOCH - timedelta(seconds=300.1)), "/at"),
    ],
)
def test_what_is_wrong_is_named(
    world: LocationWorld, gate: int, draft: EntryDraft, pointer: str
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        world.service.entries.enter(OPERATOR, gate, draft)
    assert [problem.pointer for problem in refused.value.problems] == [pointer]
    assert world.service.entries.log(gate, EVERYTHING, page=1, per_page=10).total == 0
    assert world.watch.entered == []


@pytest.mark.parametrize(
    ("parts", "sent", "words"),
    [
        ((), 50.0, ""),
        ((part(CountSource.CAMERA, 40, is_used=True),), 50.0, ""),
        ((part(CountSource.CAMERA, 60, is_used=True),), 50.0, "Its cameras count 60"),
        ((part(CountSource.LINE, 60, is_used=True),), 50.0, "Its counting lines say 60"),
        ((part(CountSource.LINE, 60),), 50.0, ""),
        ((part(CountSource.CAMERA, 60, is_used=True, trust=Trust.UNKNOWN),), 50.0, ""),
        ((part(CountSource.EDGE, 60, at=EPOCH),), 50.0, "Another number that was sent in is 60"),
        ((part(CountSource.EDGE, 60, at=EPOCH, trust=Trust.UNKNOWN),), 50.0, ""),
        ((part(CountSource.MANUAL, 60, at=EPOCH, is_used=True),), 50.0, ""),
        (
            (part(CountSource.MANUAL, 60, at=EPOCH + timedelta(seconds=1)),),
            70.0,
            "A newer number from the same source",
        ),
    ],
)
def test_it_is_said_why_a_number_is_not_shown(
    parts: tuple[CountPart, ...], sent: float, words: str
) -> None:
    known: LocationReading = reading(1, 60.0, parts=parts)
    told = why_not_shown(entry(sent), known)
    assert told.startswith(words)
    assert bool(told) == bool(words)


def test_nothing_known_nothing_said() -> None:
    assert why_not_shown(entry(5), None) == ""


def test_a_balance_begins_anew(world: LocationWorld, gate: int) -> None:
    balance = LineBalance(10.0, 7, 2, EPOCH - timedelta(hours=1))
    world.watch.known = {gate: reading(gate, 15.0, balance=balance)}
    view = world.service.entries.correct(OPERATOR, gate, 12, " counted ")
    assert (view.entry.kind, view.entry.source) == ("correction", "LINE")
    assert (view.entry.was, view.entry.count, view.entry.note) == (15.0, 12.0, "counted")
    assert world.watch.corrected == [(gate, 12.0, EPOCH)]
    with world.database() as session:
        row = session.get_one(LocationBalance, gate)
        assert (row.base, row.count_in, row.count_out, row.unseen_s) == (12.0, 0, 0, 0.0)
        assert (row.since, row.written_at) == (EPOCH, EPOCH)
    trail = world.trail()[-1]
    assert (trail.action, trail.before) == ("location.correct_balance", {"balance": 15.0})
    assert trail.after == {"balance": 12.0, "note": "counted"}


def test_without_a_watch_the_stored_balance_was(world: LocationWorld, gate: int) -> None:
    assert world.service.entries.correct(OPERATOR, gate, 4).entry.was is None
    world.clock.advance(60)
    view = world.service.entries.correct(OPERATOR, gate, 9)
    assert view.entry.was == 4.0
    with world.database() as session:
        assert session.get_one(LocationBalance, gate).since == EPOCH + timedelta(seconds=60)


def test_without_lines_there_is_nothing_to_correct(world: LocationWorld) -> None:
    hall = world.service.create(ADMIN, LocationDraft(name="Hall"))
    with pytest.raises(ConflictError, match="no counting lines"):
        world.service.entries.correct(OPERATOR, hall.id, 4)
    assert world.watch.corrected == []
    assert world.service.entries.log(hall.id, EVERYTHING, page=1, per_page=1).total == 0


def test_a_correction_is_checked(world: LocationWorld, gate: int) -> None:
    with pytest.raises(InvalidInputError) as refused:
        world.service.entries.correct(OPERATOR, gate, -1, "x" * 501)
    assert [problem.pointer for problem in refused.value.problems] == ["/count", "/note"]


def test_the_log_is_narrowed_and_newest_first(world: LocationWorld, gate: int) -> None:
    other = world.service.create(ADMIN, LocationDraft(name="Other")).id
    world.service.entries.enter(OPERATOR, other, EntryDraft(count=99))
    for number in range(3):
        world.service.entries.enter(OPERATOR, gate, EntryDraft(count=number))
        world.clock.advance(10)
    world.service.entries.correct(OPERATOR, gate, 7)

    def counts(wanted: EntryFilter = EVERYTHING, page: int = 1, per_page: int = 10) -> list[float]:
        found = world.service.entries.log(gate, wanted, page=page, per_page=per_page)
        return [one.count for one in found.items]

    assert counts() == [7.0, 2.0, 1.0, 0.0]
    assert counts(page=2, per_page=3) == [0.0]
    assert counts(EntryFilter(kind="count")) == [2.0, 1.0, 0.0]
    assert counts(EntryFilter(kind="correction")) == [7.0]
    ten = EPOCH + timedelta(seconds=10)
    assert counts(EntryFilter(since=ten)) == [7.0, 2.0, 1.0]
    assert counts(EntryFilter(until=ten)) == [0.0]
    with pytest.raises(InvalidInputError, match="after the start"):
        counts(EntryFilter(since=ten, until=ten))
