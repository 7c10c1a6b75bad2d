from __future__ import annotations

import csv
from pathlib import Path

from backend.cli.metrics_csv import MetricsCsv
from backend.core.risk import Cause, RiskLevel
from tests import builders


def test_one_row_a_second_with_units_in_the_header_and_empty_cells_for_the_unknown(
    tmp_path: Path,
) -> None:
    path = tmp_path / "metrics.csv"
    table = MetricsCsv(path)
    cause = Cause("density", RiskLevel.CAUTION, 2.5, 2.0, "1/m²", "dense; 2.5")
    risk = builders.assessment(level=RiskLevel.CAUTION, causes=(cause,))
    for n in range(50):
        crowd = builders.metrics(count=n, density_per_m2=0.25)
        table.add(builders.snapshot(stream_time_s=n * 0.04, crowd=crowd, risk=risk))
    table.close()
    table.close()
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == table.rows == 2
    assert rows[0]["stream_time [s]"] == "0.96"
    assert rows[0]["count [people]"] == "24"
    assert rows[0]["density [1/m2]"] == "0.25"
    assert rows[0]["mean_speed [m/s]"] == ""
    assert rows[0]["risk_level"] == "CAUTION"
    assert rows[0]["causes"] == "dense; 2.5"
    assert rows[0]["time [UTC]"] == "2026-01-01T12:00:00.960+00:00"
    assert rows[1]["count [people]"] == "49"
