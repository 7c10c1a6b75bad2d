"""Locations: the places people speak of, each with a capacity, made of what cameras see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum

from backend.core.calibration import Point
from backend.core.risk import Cause, RiskLevel
from backend.core.trust import Trust


class CountSource(StrEnum):
    """Where a number of people comes from."""

    CAMERA = "CAMERA"
    """People seen in zones or whole pictures."""
    LINE = "LINE"
    """Who has gone in less who has gone out, over counting lines."""
    MANUAL = "MANUAL"
    """Typed in by a person."""
    API = "API"
    """Sent by another system."""
    EDGE = "EDGE"
    """Sent by a camera or sensor that counts by itself."""


ENTRY_SOURCES = (CountSource.MANUAL, CountSource.API, CountSource.EDGE)
"""Sources whose numbers are sent in, and expire."""


class DensityLevel(IntEnum):
    """How full a location is, in one word (docs/methods/locations.md)."""

    LOW = 0
    MEDIUM = 1
    HIGH = 2
    CRITICAL = 3


@dataclass(frozen=True, slots=True, order=True)
class AreaRef:
    """A part of a location that one camera sees.

    Attributes:
        zone_id: A zone of the camera; 0 = all that is counted in its picture.
    """

    camera_id: int
    zone_id: int = 0


@dataclass(frozen=True, slots=True, order=True)
class LineRef:
    """A counting line on the border of a location.

    Attributes:
        is_reversed: Who goes *in* over the line, as it is drawn, leaves the location.
    """

    camera_id: int
    line_id: int
    is_reversed: bool = False


@dataclass(frozen=True, slots=True)
class Overlap:
    """The same ground seen more than once: its people are counted where most are seen.

    Attributes:
        areas: At least two, each of another camera.
    """

    areas: tuple[AreaRef, ...]


@dataclass(frozen=True, slots=True)
class MapPosition:
    """Where something stands on a map.

    Attributes:
        floor_plan_id: The plan; None = on the ground of the earth.
        x, y: On a plan: shares of its width and height in [0, 1], origin upper left. Otherwise
            longitude and latitude, degrees (WGS 84).
    """

    floor_plan_id: int | None
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Location:
    """A place with a name.

    Attributes:
        location_id: Never given again.
        capacity: People it may hold; None = not known.
        areas: What is seen of it. A zone that lies in an area of its own camera's whole picture
            is no area of its own.
        lines: All ways in and out, if their balance is to count who is inside.
        overlaps: Declared by people. Their areas are areas of the location, or zones of
            cameras whose whole picture is one.
        cameras_see_all: Together the areas show everybody in the location, so that what they
            measure is its number; otherwise it is the least.
        entry_valid_s: How long a number sent in counts, seconds.
        is_sample: Made for trying out.
        version: Grows with every change.
        is_incomplete: Some of its areas or lines are gone with their camera, zone or by
            themselves, and nobody has said yet what it is made of now.
    """

    location_id: int
    name: str
    capacity: int | None = None
    areas: tuple[AreaRef, ...] = ()
    lines: tuple[LineRef, ...] = ()
    overlaps: tuple[Overlap, ...] = ()
    cameras_see_all: bool = True
    entry_valid_s: float = 900.0
    is_sample: bool = False
    version: int = 1
    is_incomplete: bool = False

    @property
    def camera_ids(self) -> frozenset[int]:
        """Cameras any of its numbers come from."""
        overlapping = {area.camera_id for overlap in self.overlaps for area in overlap.areas}
        seeing = {area.camera_id for area in self.areas}
        return frozenset(seeing | overlapping | {line.camera_id for line in self.lines})


@dataclass(frozen=True, slots=True)
class CountEntry:
    """A number of people that was sent in.

    Attributes:
        source: One of `ENTRY_SOURCES`.
        at: Aware UTC, when it was true.
        by: User name.
    """

    source: CountSource
    count: float
    at: datetime
    by: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class AreaSight:
    """What is known of one area of a location.

    Attributes:
        count, count_low, count_high: Pedestrians as last measured and the 90 % interval; no
            upper end = "at least".
        trust, trust_reason: What they are worth now; `unknown` = not seen now, the numbers are
            the last that were.
        risk_level: Level of the area now, with what is held for it; None where none is known.
        peak_density_per_m2: Peak local density, else classic density; None without calibration.
        is_counted: False = nobody has been counted there since the start: the numbers say nothing.
        corners: Of a zone as drawn; empty for a whole picture.
    """

    count: float
    count_low: float
    count_high: float | None
    trust: Trust
    trust_reason: str = ""
    risk_level: RiskLevel | None = None
    peak_density_per_m2: float | None = None
    is_counted: bool = True
    corners: tuple[Point, ...] = ()


@dataclass(frozen=True, slots=True)
class LineBalance:
    """Who is inside by the counting lines.

    Attributes:
        base: People inside when it was last corrected.
        count_in, count_out: Passages into and out of the location since.
        since: Aware UTC of the last correction.
        unseen_s: Seconds since then in which a line was not seen: who passed is not known.
        is_corrected: Somebody has said how many were inside then; otherwise counting began with
            nobody.
    """

    base: float
    count_in: int
    count_out: int
    since: datetime
    unseen_s: float = 0.0
    is_corrected: bool = True

    @property
    def count(self) -> float:
        """People inside; below 0 shows that it has drifted."""
        return self.base + self.count_in - self.count_out


@dataclass(frozen=True, slots=True)
class CountPart:
    """One of the numbers a location's count is made from.

    Attributes:
        count, count_low, count_high: People and the 90 % interval; no upper end = "at least".
        is_used: It set the location's count.
        at: Aware UTC of a number sent in, or of the last correction of a balance; None of one
            that is measured all the time.
    """

    source: CountSource
    count: float
    count_low: float
    count_high: float | None
    trust: Trust
    trust_reason: str = ""
    is_used: bool = False
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AreaShare:
    """What one area adds to the count of cameras.

    Attributes:
        counted: People of it that are counted here, after those counted in an overlapping
            area are taken off.
        The rest as in `AreaSight`.
    """

    area: AreaRef
    count: float
    counted: float
    trust: Trust
    trust_reason: str = ""
    risk_level: RiskLevel | None = None
    peak_density_per_m2: float | None = None


@dataclass(frozen=True, slots=True)
class TimeToLimit:
    """When a place is full if its net inflow stays as it is.

    Attributes:
        inflow_per_s, inflow_low, inflow_high: Net inflow, people per second, with its 90 %
            interval; below 0 they leave. None until known.
        seconds: Until the limit, 0 when it is reached; None where it is not approached.
        low_s, high_s: 90 % interval; no upper end = perhaps never.
    """

    inflow_per_s: float | None = None
    inflow_low: float | None = None
    inflow_high: float | None = None
    seconds: float | None = None
    low_s: float | None = None
    high_s: float | None = None


@dataclass(frozen=True, slots=True)
class LocationReading:
    """What is known of one location at one instant.

    Attributes:
        at: Aware UTC.
        count, count_low, count_high: People and the 90 % interval; None where nothing is known
            at all; no upper end = "at least".
        source: What set the count; None where nothing did.
        trust, trust_reason: What it is worth; `unknown` = old or none.
        parts: Every number there is, those not used included.
        shares: What each area adds, in the location's order.
        balance: The lines' balance; None without lines.
        occupancy_percent: Of the capacity; None without either.
        density_level: How full; None where neither occupancy nor density is known.
        density_from: ``occupancy`` or ``density``, whichever decided; empty for none.
        peak_density_per_m2: Highest of its areas now; None where none is calibrated or seen.
        time_to_limit: When it is full.
        risk_level: Highest of its areas and of its own causes.
        causes: Of its own limits (overcrowding, spike), most severe first.
        last_measured_at: Aware UTC of the newest number behind the count; None for none.
    """

    location_id: int
    at: datetime
    count: float | None
    count_low: float | None
    count_high: float | None
    source: CountSource | None
    trust: Trust
    trust_reason: str = ""
    parts: tuple[CountPart, ...] = ()
    shares: tuple[AreaShare, ...] = ()
    balance: LineBalance | None = None
    occupancy_percent: float | None = None
    density_level: DensityLevel | None = None
    density_from: str = ""
    peak_density_per_m2: float | None = None
    time_to_limit: TimeToLimit = TimeToLimit()
    risk_level: RiskLevel = RiskLevel.SAFE
    causes: tuple[Cause, ...] = ()
    last_measured_at: datetime | None = None
