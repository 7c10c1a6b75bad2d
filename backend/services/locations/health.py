"""Whether locations are watched and their minutes stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from backend.services.health import HealthCheck, HealthState


@dataclass(frozen=True, slots=True)
class WatchStats:
    """Health of the watch.

    Attributes:
        locations: Under watch.
        rounds: Carried out.
        failures: Locations that a bug cost a round, and chores and rounds that it ended.
        load_failures: Failed attempts to read the definitions since the last good one.
        unwritten: Minutes that could not be written yet.
        lost: Minutes that never will be.
        write_failures: Failed attempts to write since the last good one.
    """

    locations: int
    rounds: int
    failures: int
    load_failures: int
    unwritten: int
    lost: int
    write_failures: int
    is_running: bool


@dataclass(frozen=True, slots=True)
class LocationHealth:
    """The check on the watch of all locations.

    Attributes:
        stats: Asks the watch.
        is_running: Whether everything has been started and nothing told to stop.
    """

    stats: Callable[[], WatchStats]
    is_running: Callable[[], bool]

    def check_locations(self) -> Iterator[HealthCheck]:
        """Say whether locations are counted, and what of it could not be stored."""
        stats = self.stats()
        state, reason = HealthState.OK, f"{stats.locations} watched"
        if self.is_running() and not stats.is_running:
            state, reason = HealthState.FAILED, "Locations are not counted: restart CrowdSafe."
        elif stats.load_failures:
            state = HealthState.FAILED
            reason = "The locations cannot be read from the database; the last known are watched."
        elif stats.write_failures:
            state = HealthState.FAILED
            reason = f"Counts of locations cannot be stored; {stats.unwritten} minutes wait."
        elif stats.lost:
            state = HealthState.DEGRADED
            reason = f"{stats.lost} minutes of locations were lost since the start."
        elif stats.failures:
            state = HealthState.DEGRADED
            reason = (
                f"Locations could not be counted {stats.failures} times since the start; the log "
                "says why."
            )
        yield HealthCheck("locations", state, reason)
