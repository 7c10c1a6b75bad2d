"""Once a second: how long each place has got, and what holding a gate would change.

Method: docs/methods/place-forecast.md.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Protocol

from backend.core.locations import Location, LocationReading, TimeToLimit
from backend.core.place_graph import GateEffect, PlaceForecast, PlaceKind, PlaceLink, PlaceRef
from backend.core.snapshot import Snapshot
from backend.core.trust import Trust
from backend.crowd.capacity import NetInflow
from backend.crowd.locations.forecast import compute_time_to_limit, without_flow
from backend.db.base import SessionFactory
from backend.services.live_state import LiveState
from backend.services.place_graph.stored import StoredGraph, load_graph
from backend.services.place_graph.zone_inflow import ZoneInflow, is_believable


class LocationNumbers(Protocol):
    """The part of LocationWatch that is read here."""

    def locations(self) -> tuple[Location, ...]:
        """Return the locations in force."""

    def reading(self, location_id: int) -> LocationReading | None:
        """Return what is known of a location now."""


@dataclass(frozen=True, slots=True)
class Forecasts:
    """What was found at one instant.

    Attributes:
        at: Aware UTC; None before the first.
        mono_s: Monotonic time of it, seconds.
    """

    at: datetime | None = None
    mono_s: float = 0.0
    places: Mapping[PlaceRef, PlaceForecast] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class _Crowd:
    """People in a place now; no inflow = not known."""

    count: float
    count_low: float
    count_high: float | None
    inflow: NetInflow | None

    def time_to(self, limit: int | None) -> TimeToLimit:
        return compute_time_to_limit(
            self.count, self.count_low, self.count_high, limit, self.inflow
        )

    def without_coming(self, flow_per_s: float) -> _Crowd | None:
        """Return the place as it is if so many a second came no more; None: inflow not known."""
        if self.inflow is None:
            return None
        return replace(self, inflow=without_flow(self.inflow, flow_per_s, None))

    def without_leaving(self, flow_per_s: float) -> _Crowd | None:
        """Return the place as it is if so many a second left no more; None: inflow not known."""
        if self.inflow is None:
            return None
        outflow = without_flow(_mirrored(self.inflow), flow_per_s, None)
        return replace(self, inflow=_mirrored(outflow))


class PlaceForecasts:
    """Forecasts of all zones with a limit, and of all places that are linked or have a card.

    One thread calls `step`; every other method may be called from any thread.

    Args:
        session_factory: As everywhere.
        live: Numbers of zones and lines.
        locations: Numbers of locations.
    """

    def __init__(
        self, *, session_factory: SessionFactory, live: LiveState, locations: LocationNumbers
    ) -> None:
        self._open = session_factory
        self._live = live
        self._locations = locations
        self._is_outdated = threading.Event()
        self._is_outdated.set()
        self._graph = StoredGraph()
        self._inflows: dict[int, ZoneInflow] = {}
        self._current = Forecasts()

    def reload(self) -> None:
        """Read links and cards again at the next step."""
        self._is_outdated.set()

    def current(self) -> Forecasts:
        """Return the newest forecasts."""
        return self._current

    def step(self, at: datetime, mono_s: float) -> None:
        """Look at every place once.

        Args:
            at: Aware UTC, now.
            mono_s: Monotonic seconds, now.
        """
        self._read_again()
        crowds: dict[PlaceRef, _Crowd | None] = {}
        limits: dict[PlaceRef, int | None] = {}
        flows: dict[int, tuple[float | None, float | None]] = {}
        wanted = {end for link in self._graph.links for end in (link.source, link.target)}
        wanted |= set(self._graph.cards)
        for snapshot, is_fresh in self._frames():
            for place, limit, crowd in self._zones(snapshot, wanted, is_fresh, mono_s):
                limits[place], crowds[place] = limit, crowd
            if is_fresh:
                flows.update(_flows(snapshot))
        self._inflows = {
            zone_id: inflow
            for zone_id, inflow in self._inflows.items()
            if PlaceRef(PlaceKind.ZONE, zone_id) in crowds
        }
        for location in self._locations.locations():
            place = PlaceRef(PlaceKind.LOCATION, location.location_id)
            limits[place] = location.capacity
            crowds[place] = _crowd_of(self._locations.reading(location.location_id))
        gates = self._gates(crowds, limits, flows)
        self._current = Forecasts(at, mono_s, MappingProxyType(_forecasts(crowds, limits, gates)))

    def _read_again(self) -> None:
        if not self._is_outdated.is_set():
            return
        self._is_outdated.clear()  # first: what is changed from here on is read the next time
        try:
            with self._open() as session:
                self._graph = load_graph(session)
        except Exception:
            self._is_outdated.set()
            raise

    def _frames(self) -> Iterator[tuple[Snapshot, bool]]:
        """Return the newest frame of each live camera, and whether it is one of now."""
        for facts in self._live.cameras():
            snapshot = None if facts.is_recorded else self._live.latest(facts.camera_id)
            if snapshot is not None:
                yield snapshot, self._live.is_fresh(facts.camera_id)

    def _zones(
        self, snapshot: Snapshot, wanted: set[PlaceRef], is_fresh: bool, mono_s: float
    ) -> Iterator[tuple[PlaceRef, int | None, _Crowd | None]]:
        readings = {reading.zone_id: reading for reading in snapshot.places.zones}
        for zone in snapshot.camera_places.zones:
            place = PlaceRef(PlaceKind.ZONE, zone.zone_id)
            reading = readings.get(zone.zone_id)
            if reading is None or (zone.count_limit is None and place not in wanted):
                continue
            is_known = is_fresh and is_believable(reading)
            inflow = self._inflows.setdefault(zone.zone_id, ZoneInflow()).update(
                zone, reading, snapshot, is_known=is_known, mono_s=mono_s
            )
            crowd = _Crowd(reading.count, reading.count_low, reading.count_high, inflow)
            yield place, zone.count_limit, crowd if is_known else None

    def _gates(
        self,
        crowds: Mapping[PlaceRef, _Crowd | None],
        limits: Mapping[PlaceRef, int | None],
        flows: Mapping[int, tuple[float | None, float | None]],
    ) -> Mapping[PlaceRef, Sequence[GateEffect]]:
        found: dict[PlaceRef, list[GateEffect]] = defaultdict(list)
        for link in self._graph.links:
            if link.is_gate:
                effect = _gate_effect(link, crowds, limits, _flow_of(link, flows))
                found[link.target].append(effect)
        return found


def _gate_effect(
    link: PlaceLink,
    crowds: Mapping[PlaceRef, _Crowd | None],
    limits: Mapping[PlaceRef, int | None],
    flow_per_s: float | None,
) -> GateEffect:
    if flow_per_s is None:
        return GateEffect(link.link_id, link.name, None, None)
    fed, feeding = crowds.get(link.target), crowds.get(link.source)
    fewer = None if fed is None else fed.without_coming(flow_per_s)
    more = None if feeding is None else feeding.without_leaving(flow_per_s)
    return GateEffect(
        link.link_id,
        link.name,
        flow_per_s,
        held=None if fewer is None else fewer.time_to(limits.get(link.target)),
        source=None if more is None else more.time_to(limits.get(link.source)),
    )


def _forecasts(
    crowds: Mapping[PlaceRef, _Crowd | None],
    limits: Mapping[PlaceRef, int | None],
    gates: Mapping[PlaceRef, Sequence[GateEffect]],
) -> dict[PlaceRef, PlaceForecast]:
    return {
        place: PlaceForecast(
            place,
            limits[place],
            TimeToLimit() if crowd is None else crowd.time_to(limits[place]),
            tuple(sorted(gates.get(place, ()), key=_most_first)),
        )
        for place, crowd in crowds.items()
    }


def _most_first(gate: GateEffect) -> float:
    return 1.0 if gate.flow_per_s is None else -gate.flow_per_s


def _flows(snapshot: Snapshot) -> Iterator[tuple[int, tuple[float | None, float | None]]]:
    """Return the flow in and out over each line that is seen, by the line's id."""
    for line in snapshot.places.lines:
        if line.trust is not Trust.UNKNOWN:
            yield line.line_id, (line.in_per_s, line.out_per_s)


def _flow_of(
    link: PlaceLink, flows: Mapping[int, tuple[float | None, float | None]]
) -> float | None:
    """Return the people a second who go the way of a link; None where nobody counts them."""
    if link.line is None:
        return None
    into, out = flows.get(link.line.line_id, (None, None))
    return out if link.line.is_reversed else into


def _crowd_of(reading: LocationReading | None) -> _Crowd | None:
    if reading is None or reading.count is None or reading.trust is Trust.UNKNOWN:
        return None
    low = reading.count if reading.count_low is None else reading.count_low
    return _Crowd(reading.count, low, reading.count_high, _inflow_of(reading.time_to_limit))


def _mirrored(inflow: NetInflow) -> NetInflow:
    """Return an inflow as an outflow, and the other way round."""
    return NetInflow(-inflow.per_s, -inflow.high, -inflow.low)


def _inflow_of(time: TimeToLimit) -> NetInflow | None:
    if time.inflow_per_s is None or time.inflow_low is None or time.inflow_high is None:
        return None
    return NetInflow(time.inflow_per_s, time.inflow_low, time.inflow_high)
