"""Measurements as a table: one row a second of stream time, units in the header."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from backend.core.snapshot import Snapshot
from backend.pipeline.metric_row import MetricRow, SecondGatherer

COLUMNS: dict[str, str] = {
    "at": "time [UTC]",
    "stream_time_s": "stream_time [s]",
    "count": "count [people]",
    "count_low": "count_low [people]",
    "count_high": "count_high [people]",
    "count_method": "count_method",
    "map_share": "map_share [0-1]",
    "area_m2": "area [m2]",
    "density_per_m2": "density [1/m2]",
    "voronoi_density_per_m2": "voronoi_density [1/m2]",
    "peak_density_per_m2": "peak_density [1/m2]",
    "density_ema_per_m2": "density_trend [1/m2]",
    "level_of_service": "level_of_service [A-F]",
    "mean_speed_mps": "mean_speed [m/s]",
    "mean_speed_px_per_s": "mean_speed [px/s]",
    "speed_variance_m2_per_s2": "speed_variance [m2/s2]",
    "speed_ratio": "speed_ratio",
    "motion_source": "motion_source",
    "moving_count": "moving [people]",
    "coherence": "coherence [0-1]",
    "bidirectionality": "bidirectionality [0-1]",
    "disorder": "disorder [0-1]",
    "anomaly_count": "anomalies [people]",
    "rapid_count": "rapid [people]",
    "cluster_count": "clusters",
    "largest_cluster": "largest_cluster [people]",
    "proximity_pairs": "proximity_pairs",
    "crowd_pressure_per_s2": "crowd_pressure [1/s2]",
    "pressure_density_per_m2": "pressure_density [1/m2]",
    "pressure_index": "pressure_index [0-1]",
    "oscillation_period_s": "oscillation_period [s]",
    "oscillation_strength": "oscillation_strength",
    "oscillation_handedness": "oscillation_handedness",
    "surge": "surge [share]",
    "surge_significant": "surge_significant",
    "stagnant": "stagnant",
    "net_inflow_per_s": "net_inflow [people/s]",
    "time_to_capacity_s": "time_to_capacity [s]",
    "egress_time_s": "egress_time [s]",
    "calibration_version": "calibration_version",
    "risk_score": "risk_score [0-100]",
    "risk_weighted": "risk_weighted [0-100]",
    "risk_score_ema": "risk_trend [0-100]",
    "risk_level": "risk_level",
    "causes": "causes",
    "trust": "trust",
    "trust_reason": "trust_reason",
    "model": "model",
}


class MetricsCsv:
    """Writes the rows of one run; an empty cell means not measurable.

    Args:
        path: Made anew.

    Raises:
        OSError: The file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file)
        self._writer.writerow(COLUMNS.values())
        self._gatherer = SecondGatherer()
        self.rows = 0

    def add(self, snapshot: Snapshot) -> None:
        """Take the next snapshot."""
        self._write(self._gatherer.add(snapshot))

    def close(self) -> None:
        """Write the last second and close; idempotent."""
        if not self._file.closed:
            self._write(self._gatherer.flush())
            self._file.close()

    def _write(self, row: MetricRow | None) -> None:
        if row is not None:
            columns = row.columns()
            self._writer.writerow(_cell(name, columns[name]) for name in COLUMNS)
            self.rows += 1


def _cell(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name == "at":
        return str(value.isoformat(timespec="milliseconds"))
    if name == "causes":
        return "; ".join(cause["text"] for cause in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    return str(value)
