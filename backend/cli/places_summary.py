"""What the zones and lines of one analysed video come to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from backend.core.places import LineReading, ZoneReading
from backend.core.risk import RiskLevel
from backend.core.snapshot import Snapshot
from backend.core.trust import Trust, worst_trust


@dataclass(slots=True)
class _ZoneRun:
    """One zone so far; sums are over stream time."""

    last: ZoneReading
    counted: float = 0.0
    weight_s: float = 0.0
    seen_trusts: set[Trust] = field(default_factory=set)
    peak_level: RiskLevel = RiskLevel.SAFE
    longest_queue: float | None = None
    densest_per_m2: float | None = None


@dataclass(slots=True)
class _LineRun:
    """One line so far."""

    last: LineReading
    seen_trusts: set[Trust] = field(default_factory=set)
    most_in_per_s: float | None = None
    most_out_per_s: float | None = None


class PlacesSummary:
    """Gathers the readings of one run; one thread."""

    def __init__(self) -> None:
        self._zones: dict[int, _ZoneRun] = {}
        self._lines: dict[int, _LineRun] = {}
        self._last: Snapshot | None = None

    def add(self, snapshot: Snapshot, *, step_s: float) -> None:
        """Take the next snapshot.

        Args:
            snapshot: With the readings.
            step_s: For how long the snapshot before was shown, stream seconds.
        """
        for run in self._zones.values():
            run.counted += step_s * run.last.count
            run.weight_s += step_s
        levels = {found.zone_id: found.risk.level for found in snapshot.zone_risks}
        for zone in snapshot.places.zones:
            self._see_zone(zone, levels.get(zone.zone_id, RiskLevel.SAFE))
        for line in snapshot.places.lines:
            self._see_line(line)
        self._last = snapshot

    def as_json(self) -> dict[str, Any]:
        """Return the summary in the order of the places; None means not measurable."""
        if self._last is None:
            return {"zones": [], "lines": []}
        places = self._last.camera_places
        return {
            "zones": [
                {"id": zone.zone_id, "name": zone.name, "profile": zone.profile.value}
                | _zone_as_json(self._zones[zone.zone_id])
                for zone in places.zones
                if zone.zone_id in self._zones
            ],
            "lines": [
                {"id": line.line_id, "name": line.name} | _line_as_json(self._lines[line.line_id])
                for line in places.lines
                if line.line_id in self._lines
            ],
        }

    def _see_zone(self, reading: ZoneReading, level: RiskLevel) -> None:
        run = self._zones.setdefault(reading.zone_id, _ZoneRun(reading))
        run.last = reading
        run.seen_trusts.add(reading.trust)
        run.peak_level = max(run.peak_level, level)
        run.longest_queue = _larger(run.longest_queue, reading.queue_length)
        run.densest_per_m2 = _larger(run.densest_per_m2, reading.peak_density_per_m2)

    def _see_line(self, reading: LineReading) -> None:
        run = self._lines.setdefault(reading.line_id, _LineRun(reading))
        run.last = reading
        run.seen_trusts.add(reading.trust)
        run.most_in_per_s = _larger(run.most_in_per_s, reading.in_per_s)
        run.most_out_per_s = _larger(run.most_out_per_s, reading.out_per_s)


def _zone_as_json(run: _ZoneRun) -> dict[str, Any]:
    last = run.last
    mean = run.counted / run.weight_s if run.weight_s else last.count
    return {
        "count": {
            "mean": _round(mean),
            "peak": _round(last.peak_count),
            "last": _round(last.count),
        },
        "visitors": last.visitors,
        "dwell_s": {
            "median": _round(last.dwell_median_s),
            "p90": _round(last.dwell_p90_s),
            "longest": _round(last.dwell_longest_s),
        },
        "longest_queue": _round(run.longest_queue),
        "area_m2": _round(last.area_m2),
        "peak_density_per_m2": _round(run.densest_per_m2),
        "peak_level": run.peak_level.name,
        "worst_trust": worst_trust(run.seen_trusts).value,
    }


def _line_as_json(run: _LineRun) -> dict[str, Any]:
    last = run.last
    return {
        "in": last.count_in,
        "out": last.count_out,
        "balance": last.balance,
        "most_in_per_s": _round(run.most_in_per_s),
        "most_out_per_s": _round(run.most_out_per_s),
        "worst_trust": worst_trust(run.seen_trusts).value,
    }


def _larger(known: float | None, value: float | None) -> float | None:
    if known is None or value is None:
        return value if known is None else known
    return max(known, value)


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
