"""Incidents of all locations: part of the AlertManager, beside those of its cameras."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from backend.core.locations import Location
from backend.db.alerts import Alert
from backend.risk.alert_params import AlertParams
from backend.risk.blindness import HeldRisk
from backend.services.alert_place import AlertPlace
from backend.services.alert_writer import AlertWriter
from backend.services.camera_alerts import ClosedPlace, PlaceChange
from backend.services.incident_records import IncidentRecords
from backend.services.location_alerts import LocationAlerts, LocationNews

OTHER_KIND: Final = "Its cameras are others now: people who are simulated and people who are not."


class LocationIncidents:
    """All locations; used under the manager's lock only, unless said otherwise.

    Args:
        params: Live settings.
        writer: Commits what happens.
        records: Describes it.
    """

    def __init__(
        self, params: AlertParams, *, writer: AlertWriter, records: IncidentRecords
    ) -> None:
        self._params = params
        self._writer = writer
        self._records = records
        self._known: dict[int, LocationAlerts] = {}
        self._in_force: Mapping[int, Location] = {}
        self._changed: deque[tuple[Location, ...]] = deque(maxlen=1)
        self._held: Mapping[int, HeldRisk] = {}

    @property
    def held(self) -> Mapping[int, HeldRisk]:
        """What stands for each as of the last tick, by its id; for any thread."""
        return self._held

    @property
    def places(self) -> Iterator[AlertPlace]:
        """Those with a state."""
        return (known.place for known in self._known.values())

    def set_params(self, params: AlertParams) -> None:
        """Use other live settings from now on."""
        self._params = params
        for place in self.places:
            place.set_params(params)

    def set_locations(self, locations: tuple[Location, ...]) -> None:
        """Have `apply_locations` go by these locations; for any thread, never waits."""
        self._changed.append(locations)

    def apply_locations(self) -> None:
        """Go by the locations set last: incidents of deleted ones end, with the reason."""
        while self._changed:
            self._in_force = {found.location_id: found for found in self._changed.popleft()}
            closed = []
            for location_id, known in list(self._known.items()):
                location = self._in_force.get(location_id)
                if location is None:
                    del self._known[location_id]
                    closed.append(ClosedPlace(known.place, "The location was deleted."))
                else:
                    known.describe(location)
            self._writer.end(closed)

    def restore(self, standing: Iterable[Alert]) -> None:
        """Go on with the incidents that were open when the process ended."""
        by_location: dict[int, list[Alert]] = {}
        for row in standing:
            if row.location_id is not None:
                by_location.setdefault(row.location_id, []).append(row)
        for location_id, rows in by_location.items():
            self._known[location_id] = LocationAlerts(location_id, self._params, rows)

    def observe(self, news: LocationNews) -> None:
        """Take what is known of a location; one deleted while its news were queued is gone."""
        location_id = news.location.location_id
        if location_id not in self._in_force:
            return
        known = self._known.get(location_id)
        if known is not None and known.is_of_other_kind(news):
            self._writer.end([ClosedPlace(known.place, OTHER_KIND)])
            known = None
        if known is None:
            known = self._known[location_id] = LocationAlerts(location_id, self._params)
        location = known
        self._record(location, location.observe(news))

    def tick(
        self, *, now_mono_s: float, blind: frozenset[int], is_lost: Callable[[int], bool]
    ) -> None:
        """Take the 1 Hz tick.

        Args:
            now_mono_s: Monotonic seconds.
            blind: Cameras that say themselves that a crowd can no longer be seen.
            is_lost: Whether a camera was stopped or has failed, by its id.
        """
        self._end_simulations(is_lost)
        for location in self._known.values():
            is_told = not blind.isdisjoint(location.camera_ids)
            self._record(location, location.tick(now_mono_s=now_mono_s, is_told=is_told))
        self._held = {key: known.place.held for key, known in self._known.items()}

    def released(self, camera_id: int) -> None:
        """Let go of what is held for locations where a person has let go of their camera."""
        for known in self._known.values():
            if camera_id in known.camera_ids:
                known.place.release_unseen()

    def _end_simulations(self, is_lost: Callable[[int], bool]) -> None:
        """Close what simulated cameras that were stopped left open: they cannot lose anybody."""
        over = {
            location_id: known
            for location_id, known in self._known.items()
            if known.is_simulated and known.is_unseen and any(map(is_lost, known.camera_ids))
        }
        for location_id in over:
            del self._known[location_id]
        self._writer.end(
            ClosedPlace(known.place, "The simulation has ended.") for known in over.values()
        )

    def _record(self, location: LocationAlerts, changes: tuple[PlaceChange, ...]) -> None:
        self._writer.record(
            changes, lambda changed: self._records.describe_location(location, changed)
        )
