"""One location under watch: its meter, its levels, the numbers that were sent in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from backend.core.locations import (
    AreaRef,
    CountEntry,
    CountSource,
    LineBalance,
    Location,
    LocationReading,
)
from backend.core.risk import RiskLevel
from backend.core.trust import Trust
from backend.crowd.locations.entries import CLOCK_SKEW
from backend.crowd.locations.location_meter import LocationMeter
from backend.risk.blindness import HeldRisk
from backend.risk.location_risks import LocationRisks, with_risk
from backend.risk.params import RiskParams
from backend.services.location_alerts import LocationNews
from backend.services.locations.sights import Sights

ENTRIES_KEPT: Final = 2
"""Numbers of one source that are kept: the newest, and the one a spike is measured from."""


class WatchedLocation:
    """One location; owned by the thread of the watch.

    Args:
        location: As it is stored.
        params: Live settings.
        balance: To go on from.
        entries: What was sent in, newest first.
    """

    def __init__(
        self,
        location: Location,
        params: RiskParams,
        *,
        balance: LineBalance | None = None,
        entries: Sequence[CountEntry] = (),
    ) -> None:
        self._meter = LocationMeter(location, balance=balance, density_edges=_density_edges(params))
        self._risks = LocationRisks(params)
        self._entries: dict[CountSource, tuple[CountEntry, ...]] = {}
        for entry in reversed(entries):  # of two of one time, the later one last
            self.enter(entry, now=entry.at)

    @property
    def location(self) -> Location:
        """As it is in force."""
        return self._meter.location

    @property
    def balance(self) -> LineBalance | None:
        """Who is inside by its lines; None without lines."""
        return self._meter.balance

    @property
    def entries(self) -> Sequence[CountEntry]:
        """The newest of each source, newest first."""
        return [entry for kept in self._entries.values() for entry in kept]

    def set_location(self, location: Location) -> None:
        """Go by another definition from now on; the same one changes nothing."""
        if location != self._meter.location:
            self._meter.set_location(location)

    def set_params(self, params: RiskParams) -> None:
        """Use other live settings from now on."""
        self._meter.set_density_edges(_density_edges(params))
        self._risks.set_params(params)

    def enter(self, entry: CountEntry, *, now: datetime) -> None:
        """Take a number that was sent in; one that is known already changes nothing.

        Of a time that is still to come are only numbers from before the clock was set back: a
        newer one takes their place.
        """
        kept = self._entries.get(entry.source, ())
        if any(known.at == entry.at and known.count == entry.count for known in kept):
            return
        kept = tuple(known for known in kept if known.at <= now + CLOCK_SKEW)
        newest = sorted((entry, *kept), key=lambda known: known.at, reverse=True)
        self._entries[entry.source] = tuple(newest[:ENTRIES_KEPT])

    def correct(self, count: float, *, at: datetime) -> None:
        """Begin the balance of its lines anew."""
        self._meter.correct_balance(count, at=at)

    def read(
        self,
        sights: Sights,
        *,
        at: datetime,
        mono_s: float,
        held: HeldRisk | None,
        is_simulated: bool,
    ) -> LocationNews:
        """Return what is known of it now.

        Args:
            sights: What cameras see.
            at: Aware UTC.
            mono_s: Monotonic time, seconds.
            held: What the AlertManager holds for it.
            is_simulated: Nobody stands there.
        """
        location = self.location
        seen = {area: sights.areas[area] for area in _areas_of(location) if area in sights.areas}
        lines = {line: sights.lines[line] for line in location.lines if line in sights.lines}
        found = self._meter.update(seen, lines, self.entries, at=at, mono_s=mono_s)
        risk = self._risks.update(found, capacity=location.capacity, mono_s=mono_s)
        reading = with_held(with_risk(found.reading, risk), held)
        return LocationNews(
            location=location,
            reading=reading,
            risk=risk,
            mono_s=mono_s,
            is_simulated=is_simulated,
            is_least=found.is_least,
        )


def with_held(reading: LocationReading, held: HeldRisk | None) -> LocationReading:
    """Return a reading with what stands for the location while its number is not known."""
    if held is None or reading.trust is not Trust.UNKNOWN:
        return reading
    level = max(reading.risk_level, held.level)
    return replace(reading, risk_level=level, causes=held.causes or reading.causes)


def _density_edges(params: RiskParams) -> tuple[float, float, float]:
    """Return where the density levels begin: with the bands of the levels of risk, 1/m²."""
    caution, warning, critical = map(params.density_edge, tuple(RiskLevel)[1:])
    return caution, warning, critical


def _areas_of(location: Location) -> Iterable[AreaRef]:
    overlapping = (area for overlap in location.overlaps for area in overlap.areas)
    return dict.fromkeys((*location.areas, *overlapping))
