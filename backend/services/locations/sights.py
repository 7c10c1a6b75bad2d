"""What cameras see of locations now, with no number of a camera that says nothing shown as live."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from backend.core.calibration import Point
from backend.core.locations import AreaRef, AreaSight, LineRef, Location
from backend.core.measurements import CrowdMetrics
from backend.core.places import ZoneReading
from backend.core.risk import RiskLevel
from backend.core.snapshot import Snapshot
from backend.core.trust import Trust
from backend.crowd.locations.location_meter import LineSight
from backend.risk.blindness import HeldRisk
from backend.services.live_state import LiveState
from backend.services.locations.last_sights import LastSights

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sights:
    """What is seen of all areas and lines; one nobody has ever seen is not among them."""

    areas: Mapping[AreaRef, AreaSight] = field(default_factory=dict)
    lines: Mapping[LineRef, LineSight] = field(default_factory=dict)


@dataclass(slots=True)
class _Wanted:
    """What locations want of one camera."""

    areas: set[AreaRef] = field(default_factory=set)
    lines: set[LineRef] = field(default_factory=set)


class CameraSights:
    """Looks once at each camera that locations speak of, however many places they want of it.

    Args:
        live: Current numbers of cameras.
    """

    def __init__(self, live: LiveState) -> None:
        self._live = live
        self._wanted: Mapping[int, _Wanted] = {}
        self._last = LastSights()
        self.failures = 0

    def want(self, locations: Iterable[Location]) -> None:
        """Look at what these locations are made of from now on."""
        wanted: dict[int, _Wanted] = {}
        for location in locations:
            overlapping = (area for overlap in location.overlaps for area in overlap.areas)
            for area in (*location.areas, *overlapping):
                wanted.setdefault(area.camera_id, _Wanted()).areas.add(area)
            for line in location.lines:
                wanted.setdefault(line.camera_id, _Wanted()).lines.add(line)
        self._wanted = wanted
        self._last.keep_only({area for one in wanted.values() for area in one.areas})

    def look(self) -> Sights:
        """Return what is seen now; recordings show nothing of now.

        A bug with one camera is counted and logged, and hides that camera only: the last count
        stands.
        """
        areas: dict[AreaRef, AreaSight] = {}
        lines: dict[LineRef, LineSight] = {}
        for camera_id, wanted in self._wanted.items():
            try:
                seen = self._seen(camera_id)
                areas |= self._areas(seen, wanted.areas)
                lines |= {} if seen is None else seen.lines(wanted.lines)
            except Exception:
                areas |= self._areas(None, wanted.areas)
                self.failures += 1
                logger.exception("locations.camera_not_seen camera=%s", camera_id)
        return Sights(areas, lines)

    def is_simulated(self, location: Location) -> bool:
        """Return whether nobody stands there: a sample, or one that simulated cameras show."""
        facts = map(self._live.facts, location.camera_ids)
        return location.is_sample or any(
            known is not None and known.is_simulated for known in facts
        )

    def _areas(
        self, seen: _SeenCamera | None, wanted: Collection[AreaRef]
    ) -> dict[AreaRef, AreaSight]:
        """Return these areas; one that cannot be counted now has the numbers it had last."""
        found = {} if seen is None else seen.areas(wanted)
        told: dict[AreaRef, AreaSight] = {}
        for area in wanted:
            sight = found.get(area)
            if seen is not None and sight is not None and seen.is_counted(area):
                self._last.note(area, sight, at_mono_s=seen.snapshot.published_mono_s)
            else:
                sight = self._last.instead_of(area, sight)
            if sight is not None:
                told[area] = sight
        return told

    def _seen(self, camera_id: int) -> _SeenCamera | None:
        facts, snapshot = self._live.facts(camera_id), self._live.latest(camera_id)
        if facts is None or facts.is_recorded or snapshot is None:
            return None
        reason = self._live.why_outdated(snapshot)
        is_unseen = bool(reason) or snapshot.metrics.trust is Trust.UNKNOWN
        held, zones = self._live.held(camera_id) if is_unseen else (None, {})
        return _SeenCamera(
            snapshot, is_unseen, reason or snapshot.metrics.trust_reason, held, zones
        )


@dataclass(frozen=True, slots=True)
class _SeenCamera:
    """One camera at one instant.

    Attributes:
        is_unseen: What the frame says is old, or nothing.
        reason: Why.
        held, held_zones: What is held for it meanwhile.
    """

    snapshot: Snapshot
    is_unseen: bool
    reason: str
    held: HeldRisk | None
    held_zones: Mapping[int, HeldRisk]

    def is_counted(self, area: AreaRef) -> bool:
        """Whether the frame's numbers of an area could be believed when it was taken."""
        if self.snapshot.metrics.trust is Trust.UNKNOWN:
            return False
        zones = self.snapshot.places.zones
        return not area.zone_id or any(
            zone.zone_id == area.zone_id and zone.trust is not Trust.UNKNOWN for zone in zones
        )

    def areas(self, wanted: Iterable[AreaRef]) -> dict[AreaRef, AreaSight]:
        """Return what is seen of these areas."""
        zones = {reading.zone_id: reading for reading in self.snapshot.places.zones}
        levels = self._zone_levels()
        found: dict[AreaRef, AreaSight] = {}
        for area in wanted:
            if not area.zone_id:
                found[area] = self._whole(levels)
            elif area.zone_id in zones:
                found[area] = self._zone(zones[area.zone_id], levels.get(area.zone_id))
        return found

    def lines(self, wanted: Iterable[LineRef]) -> dict[LineRef, LineSight]:
        """Return what is seen of these counting lines."""
        drawn = {line.line_id: line for line in self.snapshot.camera_places.lines}
        readings = {
            reading.line_id: reading
            for reading in self.snapshot.places.lines
            if not self.is_unseen and reading.trust is not Trust.UNKNOWN
        }
        return {
            line: LineSight(
                run_id=self.snapshot.run_id,
                drawn=drawn[line.line_id],
                reading=readings.get(line.line_id),
            )
            for line in wanted
            if line.line_id in drawn
        }

    def _whole(self, zone_levels: Mapping[int, RiskLevel]) -> AreaSight:
        """Return all that is counted in the picture; its level is that of its worst place."""
        metrics = self.snapshot.metrics
        levels = [self.snapshot.risk.level, *zone_levels.values()]
        if self.held is not None:
            levels.append(self.held.level)
        return AreaSight(
            count=metrics.count,
            count_low=metrics.count_low,
            count_high=metrics.count_high,
            trust=Trust.UNKNOWN if self.is_unseen else metrics.trust,
            trust_reason=self.reason if self.is_unseen else metrics.trust_reason,
            risk_level=max(levels),
            peak_density_per_m2=_density_of(metrics),
        )

    def _zone(self, reading: ZoneReading, level: RiskLevel | None) -> AreaSight:
        density = reading.peak_density_per_m2
        return AreaSight(
            count=reading.count,
            count_low=reading.count_low,
            count_high=reading.count_high,
            trust=Trust.UNKNOWN if self.is_unseen else reading.trust,
            trust_reason=self.reason if self.is_unseen else reading.trust_reason,
            risk_level=level,
            peak_density_per_m2=None
            if reading.metres_trust is Trust.UNKNOWN
            else (reading.density_per_m2 if density is None else density),
            corners=self._corners_of(reading.zone_id),
        )

    def _corners_of(self, zone_id: int) -> tuple[Point, ...]:
        drawn = self.snapshot.camera_places.zones
        return next((zone.corners for zone in drawn if zone.zone_id == zone_id), ())

    def _zone_levels(self) -> dict[int, RiskLevel]:
        """Return the levels of all zones now, with what is held for them, by their id."""
        levels = {found.zone_id: found.risk.level for found in self.snapshot.zone_risks}
        for zone_id, held in self.held_zones.items():
            levels[zone_id] = max(held.level, levels.get(zone_id, RiskLevel.SAFE))
        return levels


def _density_of(metrics: CrowdMetrics) -> float | None:
    """Return peak local density, else classic density, as far as it may be believed, 1/m²."""
    for name in ("peak_density_per_m2", "density_per_m2"):
        quality = metrics.quality.get(name)
        value: float | None = getattr(metrics, name)
        if value is not None and (quality is None or quality.trust is not Trust.UNKNOWN):
            return value
    return None
