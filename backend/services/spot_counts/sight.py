"""What one analysed frame says of a place that a person counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from backend.core.calibration import Point
from backend.core.measurements import CountMethod, Quality
from backend.core.places import Zone
from backend.core.snapshot import Snapshot
from backend.core.trust import Trust
from backend.crowd.metering.compose import count_method


@dataclass(frozen=True, slots=True)
class Sight:
    """The measured count of one picture.

    Attributes:
        at: Aware UTC, when the picture was taken.
        zone: As it was drawn when it was measured; None = the whole picture.
        count, low, high: Pedestrians and the 90 % interval; no upper end = "at least".
        trust, trust_reason: What the count is worth.
        method: What counted.
        model: Name of the detector's model.
    """

    at: datetime
    zone: Zone | None
    count: float
    low: float
    high: float | None
    trust: Trust
    trust_reason: str
    method: CountMethod
    model: str


def sight_of(snapshot: Snapshot, zone_id: int | None) -> Sight | None:
    """Return the count of a frame; None for a zone it was not measured with.

    A zone is read once a second, so that its number is that of up to a second before the frame.
    """
    if zone_id is not None:
        return _zone_sight(snapshot, zone_id)
    metrics = snapshot.metrics
    own = metrics.quality.get("count", Quality(metrics.trust, metrics.trust_reason))
    return Sight(
        at=snapshot.captured_at,
        zone=None,
        count=metrics.count,
        low=metrics.count_low,
        high=metrics.count_high,
        trust=own.trust,
        trust_reason=own.reason,
        method=metrics.count_method,
        model=snapshot.model.name,
    )


def border_of(snapshot: Snapshot, sight: Sight) -> tuple[Point, ...] | None:
    """Return the outline of what was measured, shares of the picture; None for all of it."""
    if sight.zone is not None:
        return sight.zone.corners
    outline = snapshot.picture.monitored_px
    if outline is None:
        return None
    width, height = snapshot.picture_wh
    return tuple((x / width, y / height) for x, y in outline)


def _zone_sight(snapshot: Snapshot, zone_id: int) -> Sight | None:
    if snapshot.places.version != snapshot.camera_places.version:
        return None
    zones = {zone.zone_id: zone for zone in snapshot.camera_places.zones}
    readings = {reading.zone_id: reading for reading in snapshot.places.zones}
    if zone_id not in zones or zone_id not in readings:
        return None
    reading = readings[zone_id]
    return Sight(
        at=snapshot.captured_at,
        zone=zones[zone_id],
        count=reading.count,
        low=reading.count_low,
        high=reading.count_high,
        trust=reading.trust,
        trust_reason=reading.trust_reason,
        method=count_method(reading.map_share),
        model=snapshot.model.name,
    )
