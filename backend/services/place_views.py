"""What is read of zones and lines now, as people and clients are shown it.

Field names are the JSON keys; units as in `core.places`.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TypeVar

from backend.core.places import LineReading, ZoneReading
from backend.core.snapshot import Snapshot
from backend.core.trust import Trust


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneNumbersView:
    """One zone now; see `core.places.ZoneReading`."""

    zone_id: int
    name: str
    count: float
    count_low: float
    count_high: float | None
    trust: str
    trust_reason: str
    peak_count: float
    visitors: int
    dwell_median_s: float | None
    dwell_p90_s: float | None
    dwell_longest_s: float | None
    queue_length: float | None
    metres_trust: str
    metres_reason: str
    area_m2: float | None
    density_per_m2: float | None
    peak_density_per_m2: float | None
    mean_speed_mps: float | None
    crowd_pressure_per_s2: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineNumbersView:
    """One counting line now; see `core.places.LineReading`."""

    line_id: int
    name: str
    count_in: int
    count_out: int
    balance: int
    in_per_s: float | None
    out_per_s: float | None
    in_specific_per_m_s: float | None
    out_specific_per_m_s: float | None
    trust: str
    trust_reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacesView:
    """All places of one camera now, in the order people gave them.

    Attributes:
        version: Of the places the numbers were measured with.
    """

    version: int
    zones: tuple[ZoneNumbersView, ...] = ()
    lines: tuple[LineNumbersView, ...] = ()


_View = TypeVar("_View", ZoneNumbersView, LineNumbersView)


def places_of(snapshot: Snapshot) -> PlacesView:
    """Return the numbers of the latest frame as they were measured."""
    zone_names = {zone.zone_id: zone.name for zone in snapshot.camera_places.zones}
    line_names = {line.line_id: line.name for line in snapshot.camera_places.lines}
    readings = snapshot.places
    return PlacesView(
        version=readings.version,
        zones=tuple(_zone(zone, zone_names.get(zone.zone_id, "")) for zone in readings.zones),
        lines=tuple(_line(line, line_names.get(line.line_id, "")) for line in readings.lines),
    )


def distrusted_places(places: PlacesView | None, *, reason: str) -> PlacesView | None:
    """Return the same numbers, none of which may be believed any more."""
    if places is None:
        return None
    return dataclasses.replace(
        places,
        zones=tuple(_distrusted(zone, reason) for zone in places.zones),
        lines=tuple(_distrusted(line, reason) for line in places.lines),
    )


def _distrusted(view: _View, reason: str) -> _View:
    return dataclasses.replace(view, trust=Trust.UNKNOWN.value, trust_reason=reason)


def _zone(reading: ZoneReading, name: str) -> ZoneNumbersView:
    return ZoneNumbersView(
        zone_id=reading.zone_id,
        name=name,
        count=reading.count,
        count_low=reading.count_low,
        count_high=reading.count_high,
        trust=reading.trust.value,
        trust_reason=reading.trust_reason,
        peak_count=reading.peak_count,
        visitors=reading.visitors,
        dwell_median_s=reading.dwell_median_s,
        dwell_p90_s=reading.dwell_p90_s,
        dwell_longest_s=reading.dwell_longest_s,
        queue_length=reading.queue_length,
        metres_trust=reading.metres_trust.value,
        metres_reason=reading.metres_reason,
        area_m2=reading.area_m2,
        density_per_m2=reading.density_per_m2,
        peak_density_per_m2=reading.peak_density_per_m2,
        mean_speed_mps=reading.mean_speed_mps,
        crowd_pressure_per_s2=reading.crowd_pressure_per_s2,
    )


def _line(reading: LineReading, name: str) -> LineNumbersView:
    return LineNumbersView(
        line_id=reading.line_id,
        name=name,
        count_in=reading.count_in,
        count_out=reading.count_out,
        balance=reading.balance,
        in_per_s=reading.in_per_s,
        out_per_s=reading.out_per_s,
        in_specific_per_m_s=reading.in_specific_per_m_s,
        out_specific_per_m_s=reading.out_specific_per_m_s,
        trust=reading.trust.value,
        trust_reason=reading.trust_reason,
    )
