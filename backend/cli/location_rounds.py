"""One number of a location for each round of detection over its cameras."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from backend.core.clock import Clock
from backend.core.errors import NotFoundError
from backend.core.locations import Location, LocationReading
from backend.core.snapshot import CameraStatus, Snapshot
from backend.core.trust import Trust
from backend.crowd.locations.location_meter import LocationMeter
from backend.db.base import SessionFactory
from backend.services.live_state import CameraFacts, LiveState
from backend.services.locations.sights import CameraSights
from backend.services.locations.stored import load_locations


@dataclass(frozen=True, slots=True)
class LocationRound:
    """What is known of the location after one round.

    Attributes:
        reading: From its cameras alone.
        delivered: Cameras that delivered a picture in this round.
        cameras: Cameras it has.
    """

    reading: LocationReading
    delivered: int
    cameras: int


class LocationRounds:
    """Makes one number of what the cameras of a location count, each person once.

    A round is over when every camera has delivered, or one delivers again: whoever is late holds
    up nobody, and its areas count as long as their numbers may be taken for now.

    Nobody is followed from picture to picture, so that counting lines say nothing here; numbers
    that were sent in are the server's.

    Args:
        location: As it is in force.
        cameras: Its cameras; `target_fps` as planned for the rounds.
        clock: Both clocks.
    """

    def __init__(self, location: Location, cameras: Iterable[CameraFacts], *, clock: Clock) -> None:
        self._location = replace(location, lines=())
        self._clock = clock
        self._newest: dict[int, Snapshot] = {}
        self._delivered: set[int] = set()
        self._meter = LocationMeter(self._location)
        live = LiveState(mailboxes=self, clock=clock)
        for facts in cameras:
            live.remember(facts)
        self._sights = CameraSights(live)
        self._sights.want([self._location])

    def latest(self, camera_id: int) -> Snapshot | None:
        """Return the newest picture of a camera."""
        return self._newest.get(camera_id)

    def status(self, camera_id: int) -> CameraStatus | None:
        """Return nothing: the age of a picture tells whether it is of now."""
        return None

    def take(self, snapshot: Snapshot) -> LocationRound | None:
        """Take one picture; returns the round that it ends, None where it goes on."""
        ended = self.finish() if snapshot.camera_id in self._delivered else None
        self._newest[snapshot.camera_id] = snapshot
        self._delivered.add(snapshot.camera_id)
        if self._delivered >= self._location.camera_ids:
            return self.finish()
        return ended

    def finish(self) -> LocationRound | None:
        """End the round under way; None where there is none."""
        if not self._delivered:
            return None
        found = self._meter.update(
            self._sights.look().areas,
            {},
            (),
            at=self._clock.now(),
            mono_s=self._clock.monotonic(),
        )
        delivered = len(self._delivered)
        self._delivered.clear()
        return LocationRound(found.reading, delivered, len(self._location.camera_ids))

    def tell(self, found: LocationRound | None, say: Callable[[str], None]) -> None:
        """Say what is known after a round; nothing where it goes on."""
        if found is not None:
            say(round_line(self._location, found))


def find_location(session_factory: SessionFactory, location_id: int) -> Location:
    """Return a location whose cameras can be looked at.

    Raises:
        NotFoundError: There is none, or no camera shows it.
    """
    with session_factory() as session:
        locations = {one.location_id: one for one in load_locations(session)}
    location = locations.get(location_id)
    if location is None:
        raise NotFoundError(f"There is no location {location_id}.")
    if not location.areas:
        raise NotFoundError(
            f"No camera shows {location.name}. Give it areas on the locations page first."
        )
    return location


def round_line(location: Location, found: LocationRound) -> str:
    """Return what is told of a round."""
    reading = found.reading
    count, low, high = reading.count, reading.count_low, reading.count_high
    number = "people: cannot be counted"
    if count is not None and low is not None and reading.trust is not Trust.UNKNOWN:
        number = f"at least {low:.0f}" if high is None else f"{count:.0f} ({low:.0f}–{high:.0f})"
    full = reading.occupancy_percent if reading.trust is not Trust.UNKNOWN else None
    occupancy = "" if full is None else f"  {full:.0f} % of {location.capacity}"
    reason = f"  {reading.trust_reason}" if reading.trust_reason else ""
    return (
        f"{reading.at:%Y-%m-%d %H:%M:%S}Z  = {location.name}: {number}{occupancy}  "
        f"{found.delivered} of {found.cameras} cameras  trust {reading.trust.value}{reason}"
    )
