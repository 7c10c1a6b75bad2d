"""Zones and lines as a table: one row a second of stream time for each, units in the header."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from backend.core.snapshot import Snapshot
from backend.pipeline.metric_row import StreamSecond
from backend.services.place_views import places_of

COLUMNS: dict[str, str] = {
    "time": "time [UTC]",
    "stream_time_s": "stream_time [s]",
    "kind": "kind",
    "id": "id",
    "name": "name",
    "count": "count [people]",
    "count_low": "count_low [people]",
    "count_high": "count_high [people]",
    "peak_count": "peak_count [people]",
    "visitors": "visitors [people]",
    "dwell_median_s": "dwell_median [s]",
    "dwell_p90_s": "dwell_p90 [s]",
    "dwell_longest_s": "dwell_longest [s]",
    "queue_length": "queue_length [people]",
    "area_m2": "area [m2]",
    "density_per_m2": "density [1/m2]",
    "peak_density_per_m2": "peak_density [1/m2]",
    "mean_speed_mps": "mean_speed [m/s]",
    "crowd_pressure_per_s2": "crowd_pressure [1/s2]",
    "crowd_pressure_density_per_m2": "crowd_pressure_density [1/m2]",
    "risk_level": "risk_level",
    "risk_score": "risk_score [0-100]",
    "causes": "causes",
    "count_in": "in [people]",
    "count_out": "out [people]",
    "balance": "balance [people]",
    "in_per_s": "flow_in [1/s]",
    "out_per_s": "flow_out [1/s]",
    "in_specific_per_m_s": "specific_flow_in [1/(m s)]",
    "out_specific_per_m_s": "specific_flow_out [1/(m s)]",
    "trust": "trust",
    "trust_reason": "trust_reason",
    "told_apart_trust": "told_apart_trust",
    "map_share": "map_share [0-1]",
    "metres_trust": "metres_trust",
    "metres_reason": "metres_reason",
}


class PlacesCsv:
    """Writes the readings of one run as they were at the end of each second.

    An empty cell means not measurable, or that a line or a zone has no such number.

    Args:
        path: Made anew.

    Raises:
        OSError: The file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file)
        self._writer.writerow(COLUMNS.values())
        self._last: Snapshot | None = None

    def add(self, snapshot: Snapshot) -> None:
        """Take the next snapshot."""
        if self._last is not None and StreamSecond.of(self._last) != StreamSecond.of(snapshot):
            self._write(self._last)
        self._last = snapshot

    def close(self) -> None:
        """Write the last second and close; idempotent."""
        if not self._file.closed:
            if self._last is not None:
                self._write(self._last)
            self._file.close()

    def _write(self, snapshot: Snapshot) -> None:
        now = {
            "time": snapshot.captured_at.isoformat(timespec="milliseconds"),
            "stream_time_s": snapshot.stream_time_s,
        }
        places = places_of(snapshot)
        for zone in places.zones:
            told = {"causes": "; ".join(cause.text for cause in zone.causes)}
            self._row(zone, now | {"kind": "zone", "id": zone.zone_id} | told)
        for line in places.lines:
            self._row(line, now | {"kind": "line", "id": line.line_id})

    def _row(self, view: object, own: dict[str, Any]) -> None:
        cells = (own.get(name, getattr(view, name, None)) for name in COLUMNS)
        self._writer.writerow(_cell(value) for value in cells)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)
