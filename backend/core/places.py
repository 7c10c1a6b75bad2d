"""Places on one camera: zones people stand in, lines they pass, and what is measured of both."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from backend.core.calibration import BackgroundFeatures, Point
from backend.core.trust import Trust

VIEW_CHANGED: Final = "The camera's view has changed since the zones were drawn: check them."
"""Why a reading is of another ground than it was drawn for."""


class ZoneProfile(StrEnum):
    """What people do in a zone; decides how its numbers are read."""

    STANDING = "standing"
    WALKWAY = "walkway"
    SEATED = "seated"
    QUEUE = "queue"


@dataclass(frozen=True, slots=True)
class Zone:
    """A part of the picture with a name.

    Attributes:
        zone_id: Unique on the camera, never given again.
        name: As people call it.
        corners: At least 3 points of a simple polygon, shares of the picture's width and height
            in [0, 1], origin upper left.
        profile: What people do there.
        colour: ``#rrggbb``.
        count_limit: People at which the zone is too full; None = no limit.
        density_limit_per_m2: Peak local density at which it is too dense, 1/m²; None = no limit.
    """

    zone_id: int
    name: str
    corners: tuple[Point, ...]
    profile: ZoneProfile = ZoneProfile.STANDING
    colour: str = "#4ea1ff"
    count_limit: int | None = None
    density_limit_per_m2: float | None = None


@dataclass(frozen=True, slots=True)
class CountingLine:
    """A directed line people are counted over.

    Attributes:
        line_id: Unique on the camera, never given again.
        name: As people call it.
        start, end: Shares of the picture's width and height. Seen from ``start`` towards
            ``end``, who passes from the left to the right of the picture's plane goes in.
        colour: ``#rrggbb``.
        width_m: Clear width of the passage, metres, for specific flow; None = its length on the
            ground where the camera is calibrated.
    """

    line_id: int
    name: str
    start: Point
    end: Point
    colour: str = "#ffb454"
    width_m: float | None = None


@dataclass(frozen=True, slots=True)
class DrawnView:
    """The view a camera's places were drawn in.

    Attributes:
        confirmed_at: When a person last saved or confirmed all of them, aware UTC; None = that
            was not written down yet.
        background: Landmarks of the scene at that time, None until a picture could be had.
        fault: Why the picture shows another view by now, until a person has confirmed them
            again; empty where nothing speaks against them.
    """

    confirmed_at: datetime | None = None
    background: BackgroundFeatures | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class CameraPlaces:
    """All zones and lines of one camera, in the order people gave them.

    Attributes:
        version: Grows with every change of the camera's places.
        view: What they were drawn in; no part of what they are.
    """

    version: int = 0
    zones: tuple[Zone, ...] = ()
    lines: tuple[CountingLine, ...] = ()
    view: DrawnView = field(default=DrawnView(), compare=False)

    @property
    def is_empty(self) -> bool:
        """Whether there is neither zone nor line."""
        return not (self.zones or self.lines)


@dataclass(frozen=True, slots=True)
class ZoneReading:
    """What is measured of one zone. Numbers in metres are None without a calibration.

    Attributes:
        zone_id: Whose.
        count, count_low, count_high: Pedestrians now and the 90 % interval; no upper end =
            "at least".
        trust, trust_reason: What the count is worth.
        peak_count: Most since the camera run began, or the zone was drawn.
        visitors: Pedestrians who have been in it since then, each once.
        dwell_median_s, dwell_p90_s, dwell_longest_s: How long they stayed, those still inside
            up to now, seconds; None for nobody yet.
        queue_length: People standing in line; None where the zone is no queue.
        metres_trust, metres_reason: What the calibration makes of the numbers below; they are
            worth the worse of this and ``trust``.
        area_m2: Of the zone on the ground, as far as it lies in the monitored area; the numbers
            below are of that part.
        density_per_m2: Classic density.
        peak_density_per_m2: Peak local density in it.
        mean_speed_mps: Of pedestrians in it.
        crowd_pressure_per_s2: Density times variance of velocity.
        crowd_pressure_density_per_m2: Local density where that was found.
        told_apart_trust: What the number of people told apart in the picture is worth, whatever
            counts beside the boxes.
        map_share: Part of the count that comes from the density map, in [0, 1].
    """

    zone_id: int
    count: float
    count_low: float
    count_high: float | None
    trust: Trust
    trust_reason: str = ""
    peak_count: float = 0.0
    visitors: int = 0
    dwell_median_s: float | None = None
    dwell_p90_s: float | None = None
    dwell_longest_s: float | None = None
    queue_length: float | None = None
    area_m2: float | None = None
    density_per_m2: float | None = None
    peak_density_per_m2: float | None = None
    mean_speed_mps: float | None = None
    crowd_pressure_per_s2: float | None = None
    metres_trust: Trust = Trust.OK
    metres_reason: str = ""
    crowd_pressure_density_per_m2: float | None = None
    told_apart_trust: Trust = Trust.OK
    map_share: float = 0.0


@dataclass(frozen=True, slots=True)
class LineReading:
    """What is counted over one line since the camera run began, or the line was drawn.

    Attributes:
        line_id: Whose.
        count_in, count_out: Passages in and against its direction.
        in_per_s, out_per_s: Flow over the last minute; None until 10 s have been seen.
        in_specific_per_m_s, out_specific_per_m_s: The same per metre of width; None without one.
        trust, trust_reason: What the counts are worth: who is not seen is not counted.
    """

    line_id: int
    count_in: int
    count_out: int
    trust: Trust
    trust_reason: str = ""
    in_per_s: float | None = None
    out_per_s: float | None = None
    in_specific_per_m_s: float | None = None
    out_specific_per_m_s: float | None = None

    @property
    def balance(self) -> int:
        """In less out."""
        return self.count_in - self.count_out


@dataclass(frozen=True, slots=True)
class PlaceReadings:
    """Readings of all places of one camera, in their order.

    Attributes:
        version: Of the places they were measured with.
    """

    version: int = 0
    zones: tuple[ZoneReading, ...] = ()
    lines: tuple[LineReading, ...] = ()
