"""The places of one camera that can have incidents: itself, and each of its zones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from backend.core.places import CameraPlaces, Zone
from backend.core.snapshot import Snapshot
from backend.db.alerts import Alert
from backend.risk.alert_params import AlertParams
from backend.risk.alert_rules import ChangeKind, IncidentChange, IncidentFamily
from backend.risk.blindness import HeldRisk
from backend.services.alert_place import AlertPlace, PlaceName
from backend.services.alert_sight import camera_sight, zone_sights


@dataclass(frozen=True, slots=True)
class PlaceChange:
    """One step in the life of an incident, and whose it is."""

    place: AlertPlace
    change: IncidentChange

    @property
    def is_unseen(self) -> bool:
        """Whether it rests on nothing being seen: the place's numbers are old."""
        is_blindness = self.change.incident.family is IncidentFamily.BLINDNESS
        return is_blindness and self.change.kind is not ChangeKind.CLEAR


@dataclass(frozen=True, slots=True)
class ClosedPlace:
    """A place that is no more, with incidents that may still be open.

    Attributes:
        reason: Sentence for a person.
    """

    place: AlertPlace
    reason: str


@dataclass(slots=True)
class _DrawnZone:
    """A zone's place, and the zone as it was last known; None of a restored one not placed yet."""

    place: AlertPlace
    zone: Zone | None = None

    def is_redrawn(self, zone: Zone) -> bool:
        """Whether its outline was another."""
        return self.zone is not None and self.zone.corners != zone.corners


class CameraAlerts:
    """All places of one camera; used under the manager's lock only.

    Args:
        camera_id: The camera.
        params: Live settings.
        standing: Incident rows that were open before a restart.
        is_simulated: Nobody stands there.
    """

    def __init__(
        self,
        camera_id: int,
        params: AlertParams,
        standing: Iterable[Alert] = (),
        *,
        is_simulated: bool = False,
    ) -> None:
        rows = list(standing)
        self.camera_id = camera_id
        self.is_simulated = is_simulated
        self._params = params
        self._version = -1
        own = [row for row in rows if row.zone_id is None]
        self.whole = AlertPlace(PlaceName(camera_id), params, own)
        self._zones: dict[int, _DrawnZone] = {}
        for zone_id in dict.fromkeys(row.zone_id for row in rows):
            if zone_id is not None:
                its = [row for row in rows if row.zone_id == zone_id]
                name = PlaceName(camera_id, zone_id, its[-1].zone_name)
                self._zones[zone_id] = _DrawnZone(AlertPlace(name, params, its))

    @property
    def places(self) -> Iterator[AlertPlace]:
        """The camera itself, then its zones."""
        yield self.whole
        for drawn in self._zones.values():
            yield drawn.place

    @property
    def zones(self) -> Mapping[int, AlertPlace]:
        """The zones with a state, by id."""
        return {zone_id: drawn.place for zone_id, drawn in self._zones.items()}

    @property
    def is_blind(self) -> bool:
        """Whether it, or a zone of it, cannot be seen and was crowded when it last could."""
        return any(place.is_blind for place in self.places)

    @property
    def held_zones(self) -> Mapping[int, HeldRisk]:
        """What stands for each zone as of the last tick, by its id."""
        return {zone_id: drawn.place.held for zone_id, drawn in self._zones.items()}

    def set_params(self, params: AlertParams) -> None:
        """Use other live settings from now on."""
        self._params = params
        for place in self.places:
            place.set_params(params)

    def set_places(self, places: CameraPlaces) -> tuple[ClosedPlace, ...]:
        """Go by these zones from now on; older ones than those in force change nothing.

        Args:
            places: What is drawn on the camera.

        Returns:
            Zones that were deleted or drawn anew: what was said of them holds no longer. Another
            name, limit, colour or profile leaves an incident to go on. So does another outline
            as long as nobody can see whether it is any better there: moving a corner of a zone
            that is out of sight must not end what was last known of the crowd in it.
        """
        if places.version < self._version:
            return ()
        self._version = places.version
        drawn = {zone.zone_id: zone for zone in places.zones}
        closed: list[ClosedPlace] = []
        for zone_id, known in list(self._zones.items()):
            zone = drawn.get(zone_id)
            if zone is None:
                del self._zones[zone_id]
                closed.append(ClosedPlace(known.place, "The zone was deleted."))
            elif known.is_redrawn(zone) and not known.place.is_held_unseen:
                self._zones[zone_id] = self._new_zone(zone)
                closed.append(ClosedPlace(known.place, "The zone was drawn anew."))
            elif known.zone != zone:
                known.zone = zone
                known.place.rename(zone.name)
        return tuple(closed)

    def observe(
        self, snapshot: Snapshot, *, at_s: float, planned_interval_s: float | None
    ) -> tuple[PlaceChange, ...]:
        """Take one analysed frame; `set_places` comes first.

        Args:
            snapshot: The frame.
            at_s: Time on the clock the incidents are driven by, seconds.
            planned_interval_s: Planned seconds between two analysed frames.
        """
        sights = [(self.whole, camera_sight(snapshot))]
        if snapshot.camera_places.version == self._version:
            zones = {zone.zone_id: zone for zone in snapshot.camera_places.zones}
            for zone_id, sight in zone_sights(snapshot).items():
                if zone_id in zones:
                    sights.append((self._zone(zones[zone_id]), sight))
        return tuple(
            PlaceChange(place, change)
            for place, sight in sights
            for change in place.observe(sight, at_s=at_s, planned_interval_s=planned_interval_s)
        )

    def tick(self, *, now_mono_s: float, lost_reason: str) -> tuple[PlaceChange, ...]:
        """Take the 1 Hz tick of a live camera.

        A camera that is lost where it was crowded is one incident, not one more for each zone.
        """
        found = [
            PlaceChange(self.whole, change)
            for change in self.whole.tick(now_mono_s=now_mono_s, lost_reason=lost_reason)
        ]
        is_told = self.whole.is_blind
        for zone in self.zones.values():
            found += [
                PlaceChange(zone, change)
                for change in zone.tick(
                    now_mono_s=now_mono_s, lost_reason=lost_reason, is_told=is_told
                )
            ]
        return tuple(found)

    def released(self, place: AlertPlace) -> None:
        """Let go of what is held for the zones too where a person has let go of the camera."""
        if place is self.whole:
            for zone in self.zones.values():
                zone.release_unseen()

    def _zone(self, zone: Zone) -> AlertPlace:
        if zone.zone_id not in self._zones:
            self._zones[zone.zone_id] = self._new_zone(zone)
        return self._zones[zone.zone_id].place

    def _new_zone(self, zone: Zone) -> _DrawnZone:
        name = PlaceName(self.camera_id, zone.zone_id, zone.name)
        return _DrawnZone(AlertPlace(name, self._params), zone)
