"""Locations and what is known of them, as pages and clients are shown them.

Field names are the JSON keys, of the REST interface and of the socket's ``crowd_update``; units
as in `core.locations`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from backend.core.locations import (
    AreaShare,
    CountPart,
    LineBalance,
    Location,
    LocationReading,
    TimeToLimit,
)
from backend.services.cause_views import CauseView, cause_view


@dataclass(frozen=True, slots=True)
class TimeToLimitView:
    """When a location is full; see `core.locations.TimeToLimit`."""

    inflow_per_s: float | None
    inflow_low: float | None
    inflow_high: float | None
    seconds: float | None
    low_s: float | None
    high_s: float | None


@dataclass(frozen=True, slots=True)
class CountPartView:
    """One of the numbers a location's count is made from; see `core.locations.CountPart`."""

    source: str
    count: float
    count_low: float
    count_high: float | None
    trust: str
    trust_reason: str
    is_used: bool
    at: datetime | None


@dataclass(frozen=True, slots=True)
class AreaShareView:
    """What one area adds; see `core.locations.AreaShare`.

    Attributes:
        zone_id: None = the camera's whole picture.
    """

    camera_id: int
    zone_id: int | None
    count: float
    counted: float
    trust: str
    trust_reason: str
    risk_level: str | None
    peak_density_per_m2: float | None


@dataclass(frozen=True, slots=True)
class BalanceView:
    """Who is inside by the counting lines; see `core.locations.LineBalance`."""

    base: float
    count_in: int
    count_out: int
    count: float
    since: datetime
    unseen_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationNumbersView:
    """What is known of one location at one instant; see `core.locations.LocationReading`.

    Attributes:
        last_updated: When this was found out.
        last_measured_at: When the newest number behind the count was true.
    """

    location_id: int
    location_name: str
    current_count: float | None
    count_low: float | None
    count_high: float | None
    source: str | None
    trust: str
    trust_reason: str
    capacity_limit: int | None
    occupancy_percentage: float | None
    density_level: str | None
    density_from: str
    peak_density_per_m2: float | None
    risk_level: str
    causes: tuple[CauseView, ...]
    time_to_limit: TimeToLimitView
    parts: tuple[CountPartView, ...]
    shares: tuple[AreaShareView, ...]
    balance: BalanceView | None
    last_updated: datetime
    last_measured_at: datetime | None


def numbers_view(location: Location, reading: LocationReading) -> LocationNumbersView:
    """Return what is shown of a location's numbers.

    Args:
        location: As it was read with.
        reading: Its reading.
    """
    level = reading.density_level
    return LocationNumbersView(
        location_id=location.location_id,
        location_name=location.name,
        current_count=reading.count,
        count_low=reading.count_low,
        count_high=reading.count_high,
        source=None if reading.source is None else reading.source.value,
        trust=reading.trust.value,
        trust_reason=reading.trust_reason,
        capacity_limit=location.capacity,
        occupancy_percentage=reading.occupancy_percent,
        density_level=None if level is None else level.name,
        density_from=reading.density_from,
        peak_density_per_m2=reading.peak_density_per_m2,
        risk_level=reading.risk_level.name,
        causes=tuple(cause_view(cause) for cause in reading.causes),
        time_to_limit=_time_to_limit(reading.time_to_limit),
        parts=tuple(_part(part) for part in reading.parts),
        shares=tuple(_share(share) for share in reading.shares),
        balance=None if reading.balance is None else balance_view(reading.balance),
        last_updated=reading.at,
        last_measured_at=reading.last_measured_at,
    )


def balance_view(balance: LineBalance) -> BalanceView:
    """Return what is shown of a balance of counting lines."""
    return BalanceView(
        base=balance.base,
        count_in=balance.count_in,
        count_out=balance.count_out,
        count=balance.count,
        since=balance.since,
        unseen_s=balance.unseen_s,
    )


def _time_to_limit(found: TimeToLimit) -> TimeToLimitView:
    return TimeToLimitView(
        inflow_per_s=found.inflow_per_s,
        inflow_low=found.inflow_low,
        inflow_high=found.inflow_high,
        seconds=found.seconds,
        low_s=found.low_s,
        high_s=found.high_s,
    )


def _part(part: CountPart) -> CountPartView:
    return CountPartView(
        source=part.source.value,
        count=part.count,
        count_low=part.count_low,
        count_high=part.count_high,
        trust=part.trust.value,
        trust_reason=part.trust_reason,
        is_used=part.is_used,
        at=part.at,
    )


def _share(share: AreaShare) -> AreaShareView:
    return AreaShareView(
        camera_id=share.area.camera_id,
        zone_id=share.area.zone_id or None,
        count=share.count,
        counted=share.counted,
        trust=share.trust.value,
        trust_reason=share.trust_reason,
        risk_level=None if share.risk_level is None else share.risk_level.name,
        peak_density_per_m2=share.peak_density_per_m2,
    )
