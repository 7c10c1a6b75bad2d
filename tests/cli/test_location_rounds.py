"""One number of a location from the pictures of its cameras, round by round."""

from __future__ import annotations

from typing import Any

import pytest

from backend.cli.location_rounds import LocationRound, LocationRounds, find_location, round_line
from backend.core.camera import SourceType
from backend.core.errors import NotFoundError
from backend.core.locations import AreaRef, LineRef, Location, Overlap
from backend.core.snapshot import Snapshot
from backend.core.trust import Trust
from backend.db.base import make_session_factory
from backend.db.locations import LocationArea, LocationRow
from backend.services.live_state import CameraFacts
from tests import builders
from tests.builders import EPOCH, ManualClock
from tests.database import make_engine
from tests.services.locations.location_world import camera

HALL = Location(1, "Hall", capacity=40, areas=(AreaRef(1), AreaRef(2)), lines=(LineRef(3, 9),))


class Desk:
    """Takes pictures as they come, every five seconds as planned."""

    def __init__(self, clock: ManualClock, location: Location = HALL) -> None:
        self.clock = clock
        facts = [
            CameraFacts(number, f"Camera {number}", SourceType.RTSP, None, 0.2) for number in (1, 2)
        ]
        self.rounds = LocationRounds(location, facts, clock=clock)

    def take(self, camera_id: int, count: float, **changes: Any) -> LocationRound | None:
        return self.rounds.take(self.picture(camera_id, count, **changes))

    def picture(self, camera_id: int, count: float, **changes: Any) -> Snapshot:
        return builders.snapshot(
            camera_id=camera_id,
            published_mono_s=self.clock.monotonic(),
            crowd=builders.metrics(count=count, **changes),
        )


def number(found: LocationRound | None) -> tuple[float | None, float | None, float | None]:
    assert found is not None
    return found.reading.count, found.reading.count_low, found.reading.count_high


def test_a_round_is_over_when_all_have_delivered(manual_clock: ManualClock) -> None:
    desk = Desk(manual_clock)
    assert desk.take(1, 10) is None
    found = desk.take(2, 5)
    assert number(found) == (15, 15, 15)
    assert found is not None
    assert (found.delivered, found.cameras) == (2, 2)
    assert desk.rounds.finish() is None
    assert desk.take(2, 6) is None, "the next round has begun"


def test_people_in_an_overlap_are_counted_once(manual_clock: ManualClock) -> None:
    both = Location(1, "x", areas=HALL.areas, overlaps=(Overlap(HALL.areas),))
    desk = Desk(manual_clock, both)
    desk.take(1, 10)
    assert number(desk.take(2, 8))[0] == 10


def test_who_is_late_holds_up_nobody(manual_clock: ManualClock) -> None:
    desk = Desk(manual_clock)
    desk.take(1, 10)
    desk.take(2, 5)
    manual_clock.advance(5)
    desk.take(1, 11)
    manual_clock.advance(5)
    found = desk.take(1, 12)
    assert number(found)[0] == 16, "its last picture may still be taken for now"
    assert found is not None
    assert (found.delivered, found.cameras) == (1, 2)
    manual_clock.advance(10)
    late = desk.rounds.finish()
    assert number(late)[2] is None, "nobody knows how many are there any more"


def test_a_camera_that_never_delivers_leaves_a_lower_bound(manual_clock: ManualClock) -> None:
    desk = Desk(manual_clock)
    desk.take(1, 10)
    found = desk.rounds.finish()
    assert number(found)[1:] == (10, None)
    assert found is not None
    assert "= Hall: at least 10" in round_line(HALL, found)
    assert "1 of 2 cameras" in round_line(HALL, found)


def test_what_is_told_of_a_round(manual_clock: ManualClock) -> None:
    desk = Desk(manual_clock)
    desk.take(1, 10, count_low=8.0, count_high=12.0)
    found = desk.take(2, 20)
    assert found is not None
    line = round_line(HALL, found)
    assert line.startswith("2026-01-01 12:00:00Z  = Hall: 30 (28–32)  75 % of 40  2 of 2 cameras")
    assert "trust ok" in line


def test_nothing_is_not_zero(manual_clock: ManualClock) -> None:
    desk = Desk(manual_clock)
    desk.take(1, 0, trust=Trust.UNKNOWN, trust_reason="It is dark.")
    found = desk.take(2, 0, trust=Trust.UNKNOWN)
    assert found is not None
    assert "= Hall: people: cannot be counted" in round_line(HALL, found)
    assert "%" not in round_line(HALL, found)


def test_which_location(manual_clock: ManualClock) -> None:
    database = make_session_factory(make_engine())
    with database() as session, session.begin():
        session.add(camera(1))
        for name in ("Hall", "By hand"):
            session.add(
                LocationRow(name=name, entry_valid_s=900.0, created_at=EPOCH, updated_at=EPOCH)
            )
        session.flush()
        session.add(LocationArea(location_id=1, position=0, camera_id=1))
    assert find_location(database, 1).areas == (AreaRef(1),)
    with pytest.raises(NotFoundError, match="no location 9"):
        find_location(database, 9)
    with pytest.raises(NotFoundError, match="No camera shows By hand"):
        find_location(database, 2)
