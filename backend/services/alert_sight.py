"""What is known of a place at one instant: of a camera, of one of its zones, of a location."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from backend.core.locations import LocationReading
from backend.core.places import ZoneReading
from backend.core.risk import RiskAssessment, RiskLevel, ZoneRisk
from backend.core.snapshot import Snapshot
from backend.core.trust import Trust
from backend.services.metric_views import as_json


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """One place at one instant.

    Attributes:
        mono_s: Monotonic time at which it was published, seconds.
        snapshot: The frame; None for a location, which no single frame shows.
        risk: Its risk, for what is shown and held.
        alarming: The same without what another place's incident says already.
        trust, trust_reason: What its numbers are worth.
        count: Pedestrians; None where no number is known.
        density_per_m2: Peak local density, else classic density, 1/m²; None without either.
        zone: The zone's numbers; None of any other place.
        location: The location's; None of any other place.
        is_least: There may be many more people than were counted.
    """

    mono_s: float
    snapshot: Snapshot | None = None
    risk: RiskAssessment
    alarming: RiskAssessment
    trust: Trust
    trust_reason: str
    count: float | None
    density_per_m2: float | None
    zone: ZoneReading | None = None
    location: LocationReading | None = None
    is_least: bool = False

    @property
    def recorded(self) -> Snapshot | None:
        """The frame of a recording, whose incidents go by stream time; None for what is live."""
        return self.snapshot if self.snapshot is not None and self.snapshot.is_recorded else None


def camera_sight(snapshot: Snapshot) -> Sight:
    """Return what a frame says of its camera as a whole."""
    metrics = snapshot.metrics
    return Sight(
        mono_s=snapshot.published_mono_s,
        snapshot=snapshot,
        risk=snapshot.risk,
        alarming=snapshot.risk,
        trust=metrics.trust,
        trust_reason=metrics.trust_reason,
        count=metrics.count,
        density_per_m2=metrics.peak_density_per_m2 or metrics.density_per_m2,
    )


def zone_sights(snapshot: Snapshot) -> dict[int, Sight]:
    """Return what a frame says of each zone, by its id."""
    readings = {reading.zone_id: reading for reading in snapshot.places.zones}
    return {
        found.zone_id: _zone_sight(snapshot, found, readings[found.zone_id])
        for found in snapshot.zone_risks
        if found.zone_id in readings
    }


def _zone_sight(snapshot: Snapshot, found: ZoneRisk, reading: ZoneReading) -> Sight:
    trust, reason = reading.trust, reading.trust_reason
    if snapshot.metrics.trust is Trust.UNKNOWN:
        trust, reason = Trust.UNKNOWN, snapshot.metrics.trust_reason
    return Sight(
        mono_s=snapshot.published_mono_s,
        snapshot=snapshot,
        risk=found.risk,
        alarming=_without_saturation(found.risk, of_camera=snapshot.risk),
        trust=trust,
        trust_reason=reason,
        count=reading.count,
        density_per_m2=_density_of(reading),
        zone=reading,
    )


def _density_of(reading: ZoneReading) -> float | None:
    if reading.metres_trust is Trust.UNKNOWN:
        return None
    return reading.peak_density_per_m2 or reading.density_per_m2


def _without_saturation(risk: RiskAssessment, *, of_camera: RiskAssessment) -> RiskAssessment:
    """Leave out that nobody can be counted where the whole camera says so.

    One counter counts for all zones of a camera: its incident must not come once for each. A
    zone it is worse for, which was dense before, says so itself.
    """
    told = max((c.level for c in of_camera.causes if c.name == "saturated"), default=None)
    if told is None:
        return risk
    causes = tuple(c for c in risk.causes if c.name != "saturated" or c.level > told)
    level = max((cause.level for cause in causes), default=RiskLevel.SAFE)
    return replace(risk, level=level, causes=causes)


def location_sight(
    reading: LocationReading, risk: RiskAssessment, *, mono_s: float, is_least: bool = False
) -> Sight:
    """Return what is known of a location.

    Args:
        reading: Its numbers.
        risk: Of its own limits.
        mono_s: Monotonic time of the reading, seconds.
        is_least: There may be many more people than were counted.
    """
    return Sight(
        mono_s=mono_s,
        risk=risk,
        alarming=risk,
        trust=reading.trust,
        trust_reason=reading.trust_reason,
        count=reading.count,
        density_per_m2=reading.peak_density_per_m2,
        location=reading,
        is_least=is_least,
    )


def location_numbers(
    sight: Sight | None, *, capacity: int | None, is_unseen: bool, reason: str
) -> tuple[dict[str, Any], str]:
    """Return the numbers of a location in force, JSON-ready, and their trust.

    Args:
        sight: What was known of it last; None for nothing since the start.
        capacity: People it may hold.
        is_unseen: Its number is not known now: the numbers are old.
        reason: Why it is not.
    """
    if sight is None or sight.location is None:
        return {}, Trust.UNKNOWN.value
    reading = sight.location
    trust = Trust.UNKNOWN if is_unseen else sight.trust
    numbers = {
        "count": reading.count,
        "count_low": reading.count_low,
        "count_high": reading.count_high,
        "source": reading.source,
        "capacity_limit": capacity,
        "occupancy_percentage": reading.occupancy_percent,
        "density_level": reading.density_level.name if reading.density_level is not None else None,
        "peak_density_per_m2": reading.peak_density_per_m2,
        "time_to_limit_s": reading.time_to_limit.seconds,
        "parts": reading.parts,
        "trust": trust,
        "trust_reason": reason if is_unseen else sight.trust_reason,
    }
    return as_json(numbers), trust.value


def zone_numbers(
    sight: Sight | None, *, is_unseen: bool, reason: str
) -> tuple[dict[str, Any], str]:
    """Return the numbers of a zone in force, JSON-ready, and their trust.

    Args:
        sight: What was seen of it last; None for nothing since the start.
        is_unseen: It cannot be seen now: the numbers are old.
        reason: Why it cannot.
    """
    if sight is None or sight.zone is None:
        return {}, Trust.UNKNOWN.value
    trust = Trust.UNKNOWN if is_unseen else sight.trust
    seen = replace(
        sight.zone, trust=trust, trust_reason=reason if is_unseen else sight.trust_reason
    )
    return as_json(seen), trust.value
