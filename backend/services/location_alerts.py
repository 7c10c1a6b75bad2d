"""A location that can have incidents: one place, made of what many cameras see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from backend.core.locations import Location, LocationReading
from backend.core.risk import RiskAssessment
from backend.core.trust import Trust
from backend.db.alerts import Alert, AlertOrigin
from backend.risk.alert_params import AlertParams
from backend.risk.alert_rules import IncidentChange
from backend.risk.blindness import HeldRisk
from backend.services.alert_place import AlertPlace, PlaceName
from backend.services.alert_sight import location_sight
from backend.services.camera_alerts import PlaceChange

NEWS_INTERVAL_S: Final = 1.0
"""Planned seconds between two readings of a location."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationNews:
    """What is known of one location this second.

    Attributes:
        location: As it is now.
        reading: Its numbers.
        risk: Of its own limits: what its areas are at is said by their cameras.
        mono_s: Monotonic time of the reading, seconds.
        is_simulated: Nobody stands there: its cameras are simulations.
        is_least: There may be many more people than were counted; see `LocationMeasurement`.
    """

    location: Location
    reading: LocationReading
    risk: RiskAssessment
    mono_s: float
    is_simulated: bool = False
    is_least: bool = False


class LocationListener(Protocol):
    """The part of AlertManager that is told of locations."""

    @property
    def held_locations(self) -> Mapping[int, HeldRisk]:
        """Return what stands for each location, by its id."""

    def take_location(self, news: LocationNews) -> None:
        """Queue what is known of a location."""

    def set_locations(self, locations: tuple[Location, ...]) -> None:
        """Go by these locations from now on."""


class LocationAlerts:
    """One location; used under the manager's lock only.

    Args:
        location_id: The location.
        params: Live settings.
        standing: Incident rows that were open before a restart.
    """

    def __init__(
        self, location_id: int, params: AlertParams, standing: Iterable[Alert] = ()
    ) -> None:
        rows = list(standing)
        self.place = AlertPlace(PlaceName(location_id=location_id), params, rows)
        self.name = rows[-1].place_name if rows else ""
        self.is_simulated = any(row.origin == AlertOrigin.SIMULATED.value for row in rows)
        self.capacity: int | None = None
        self.camera_ids: frozenset[int] = frozenset()

    @property
    def is_unseen(self) -> bool:
        """Whether its number is not known now."""
        newest = self.place.newest
        return newest is not None and newest.trust is Trust.UNKNOWN

    @property
    def busiest_camera(self) -> int | None:
        """The camera that sees most of its people now; None where none sees any of it."""
        newest = self.place.newest
        shares = newest.location.shares if newest is not None and newest.location else ()
        seen = [share for share in shares if share.trust is not Trust.UNKNOWN]
        busiest = max(seen, key=lambda share: share.count, default=None)
        return None if busiest is None else busiest.area.camera_id

    def describe(self, location: Location) -> None:
        """Go by this definition from now on; another name or capacity ends no incident."""
        self.name = location.name
        self.capacity = location.capacity
        self.camera_ids = location.camera_ids

    def is_of_other_kind(self, news: LocationNews) -> bool:
        """Whether what stands is of simulated people and the news are not, or the reverse.

        An incident is sent out or it is not, from its beginning to its end.
        """
        has_begun = self.place.newest is not None or bool(self.place.alert_ids)
        return has_begun and self.is_simulated != news.is_simulated

    def observe(self, news: LocationNews) -> tuple[PlaceChange, ...]:
        """Take what is known of it now."""
        self.describe(news.location)
        self.is_simulated = news.is_simulated
        sight = location_sight(news.reading, news.risk, mono_s=news.mono_s, is_least=news.is_least)
        return self._changes(
            self.place.observe(sight, at_s=news.mono_s, planned_interval_s=NEWS_INTERVAL_S)
        )

    def tick(self, *, now_mono_s: float, is_told: bool) -> tuple[PlaceChange, ...]:
        """Take the 1 Hz tick.

        Args:
            now_mono_s: Monotonic seconds.
            is_told: The incident of one of its cameras says that nothing can be seen here.
        """
        return self._changes(
            self.place.tick(now_mono_s=now_mono_s, lost_reason="", is_told=is_told)
        )

    def _changes(self, changes: Iterable[IncidentChange]) -> tuple[PlaceChange, ...]:
        return tuple(PlaceChange(self.place, change) for change in changes)
