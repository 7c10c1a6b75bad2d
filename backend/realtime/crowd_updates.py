"""Numbers of locations for those who look at them: at most one event a second and location."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeAlias

from backend.core.clock import Clock
from backend.core.locations import Location, LocationReading
from backend.core.trust import Trust
from backend.realtime import rooms
from backend.realtime.connections import Connections
from backend.services.locations.views import numbers_view
from backend.services.metric_views import as_json

Send: TypeAlias = Callable[[str, Mapping[str, Any], str], None]
Join: TypeAlias = Callable[[str, str], None]


class WatchedLocations(Protocol):
    """The part of LocationWatch that is read here."""

    def locations(self) -> tuple[Location, ...]:
        """Return the locations in force."""

    def reading(self, location_id: int) -> LocationReading | None:
        """Return what is known of a location now."""


@dataclass(frozen=True, slots=True)
class _Shown:
    """Which reading was sent last, and when."""

    at: datetime
    trust: Trust
    mono_s: float


class CrowdUpdates:
    """Sends readings to the rooms of their locations; owned by the broadcaster's thread.

    Args:
        watched: Locations and their readings.
        connections: Open sockets.
        send: Sends an event with its payload to a room.
        join: Puts a socket into a room.
        clock: Monotonic time.
        stale_interval_s: How often a reading that does not change is shown ageing, seconds.
    """

    def __init__(
        self,
        watched: WatchedLocations,
        *,
        connections: Connections,
        send: Send,
        join: Join,
        clock: Clock,
        stale_interval_s: float,
    ) -> None:
        self._watched = watched
        self._connections = connections
        self._send = send
        self._join = join
        self._clock = clock
        self._stale_interval_s = stale_interval_s
        self._shown: dict[int, _Shown] = {}
        self._known: frozenset[int] = frozenset()

    def step(self) -> None:
        """Send each reading that is new, or old and ageing, to a room that anybody is in."""
        locations = self._watched.locations()
        known = frozenset(location.location_id for location in locations)
        if known != self._known:
            self._introduce(known - self._known)
            self._shown = {key: shown for key, shown in self._shown.items() if key in known}
            self._known = known
        wanted = self._connections.watched_locations()
        for location in locations:
            if location.location_id in wanted:
                self._send_reading(location)

    def _send_reading(self, location: Location) -> None:
        reading = self._watched.reading(location.location_id)
        if reading is None or not self._is_due(location.location_id, reading):
            return
        now_s = self._clock.monotonic()
        self._shown[location.location_id] = _Shown(reading.at, reading.trust, now_s)
        payload = as_json(numbers_view(location, reading))
        self._send("crowd_update", payload, rooms.location_room(location.location_id))

    def _is_due(self, location_id: int, reading: LocationReading) -> bool:
        shown = self._shown.get(location_id)
        if shown is None or shown.at != reading.at or shown.trust != reading.trust:
            return True
        is_paused = self._clock.monotonic() - shown.mono_s >= self._stale_interval_s
        return is_paused and reading.trust is Trust.UNKNOWN

    def _introduce(self, new: frozenset[int]) -> None:
        """Put sockets that want every location into the rooms of new ones."""
        for connection in self._connections.all():
            if not connection.wants_all_locations:
                continue
            for location_id in new - connection.location_ids:
                self._join(connection.sid, rooms.location_room(location_id))
            self._connections.watch_locations(
                connection.sid, connection.location_ids | new, wants_all=True
            )
