"""What is read of zones and lines now, as people and clients are shown it.

Field names are the JSON keys; units as in `core.places`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from backend.core.places import LineReading, ZoneReading
from backend.core.risk import RiskAssessment, RiskLevel
from backend.core.snapshot import Snapshot
from backend.core.trust import Trust
from backend.risk.blindness import HeldRisk
from backend.services.cause_views import CauseView, cause_view


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneNumbersView:
    """One zone now; see `core.places.ZoneReading`.

    Attributes:
        risk_level, risk_score, causes: See `core.risk.RiskAssessment`; no level where none was
            assessed.
    """

    zone_id: int
    name: str
    count: float
    count_low: float
    count_high: float | None
    trust: str
    trust_reason: str
    told_apart_trust: str
    map_share: float
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
    crowd_pressure_density_per_m2: float | None
    risk_level: str | None
    risk_score: float | None
    causes: tuple[CauseView, ...]


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
class PlacesNumbersView:
    """All places of one camera now, in the order people gave them.

    Attributes:
        version: Of the places the numbers were measured with.
    """

    version: int
    zones: tuple[ZoneNumbersView, ...] = ()
    lines: tuple[LineNumbersView, ...] = ()


@dataclass(frozen=True, slots=True)
class CurrentPlacesView:
    """The places of one camera as far as they may be believed now.

    Attributes:
        age_s: Seconds since the frame they were read from was published.
    """

    camera_id: int
    run_id: int
    age_s: float
    places: PlacesNumbersView


_View = TypeVar("_View", ZoneNumbersView, LineNumbersView)
_Places = TypeVar("_Places", PlacesNumbersView, PlacesNumbersView | None)


def places_of(snapshot: Snapshot) -> PlacesNumbersView:
    """Return the numbers of the latest frame as they were measured."""
    zone_names = {zone.zone_id: zone.name for zone in snapshot.camera_places.zones}
    line_names = {line.line_id: line.name for line in snapshot.camera_places.lines}
    risks = {found.zone_id: found.risk for found in snapshot.zone_risks}
    readings = snapshot.places
    return PlacesNumbersView(
        version=readings.version,
        zones=tuple(
            _zone(zone, zone_names.get(zone.zone_id, ""), risks.get(zone.zone_id))
            for zone in readings.zones
        ),
        lines=tuple(_line(line, line_names.get(line.line_id, "")) for line in readings.lines),
    )


def distrusted_places(places: _Places, *, reason: str) -> _Places:
    """Return the same numbers, none of which may be believed any more."""
    if places is None:
        return None
    return dataclasses.replace(
        places,
        zones=tuple(_distrusted(zone, reason) for zone in places.zones),
        lines=tuple(_distrusted(line, reason) for line in places.lines),
    )


def with_held_zones(places: _Places, held: Mapping[int, HeldRisk]) -> _Places:
    """Return the same numbers with the levels held for zones that cannot be seen, by their id."""
    if places is None:
        return None
    return dataclasses.replace(
        places,
        zones=tuple(
            _held(zone, held[zone.zone_id]) if zone.zone_id in held else zone
            for zone in places.zones
        ),
    )


def _held(view: ZoneNumbersView, held: HeldRisk) -> ZoneNumbersView:
    last = RiskLevel.SAFE if view.risk_level is None else RiskLevel[view.risk_level]
    causes = tuple(cause_view(cause) for cause in held.causes) or view.causes
    return dataclasses.replace(view, risk_level=max(last, held.level).name, causes=causes)


def _distrusted(view: _View, reason: str) -> _View:
    return dataclasses.replace(view, trust=Trust.UNKNOWN.value, trust_reason=reason)


def _zone(reading: ZoneReading, name: str, risk: RiskAssessment | None) -> ZoneNumbersView:
    return ZoneNumbersView(
        zone_id=reading.zone_id,
        name=name,
        count=reading.count,
        count_low=reading.count_low,
        count_high=reading.count_high,
        trust=reading.trust.value,
        trust_reason=reading.trust_reason,
        told_apart_trust=reading.told_apart_trust.value,
        map_share=reading.map_share,
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
        crowd_pressure_density_per_m2=reading.crowd_pressure_density_per_m2,
        risk_level=risk.level.name if risk else None,
        risk_score=risk.score if risk else None,
        causes=tuple(cause_view(cause) for cause in risk.causes) if risk else (),
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
