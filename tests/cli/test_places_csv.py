from __future__ import annotations

import csv
from dataclasses import fields, replace
from pathlib import Path

from backend.cli.places_csv import COLUMNS, PlacesCsv
from backend.core.places import PlaceReadings
from backend.core.risk import Cause, RiskLevel, ZoneRisk
from backend.core.snapshot import Snapshot
from backend.core.trust import Trust
from backend.services.place_views import LineNumbersView, ZoneNumbersView
from tests import builders

DRAWN = builders.camera_places(builders.zone(2, name="Gate, north"), builders.counting_line(5))

CAUSES = tuple(
    Cause(name, RiskLevel.CAUTION, None, None, "", text)
    for name, text in (("count", "Too full"), ("density", "too dense"))
)


def snap(number: int, *, passed: int = 0) -> Snapshot:
    read = builders.place_readings(DRAWN, count=float(number), trust=Trust.ESTIMATED)
    line = replace(read.lines[0], count_in=passed, in_per_s=0.25)
    return replace(
        builders.snapshot(
            stream_time_s=number * 0.5,
            camera_places=DRAWN,
            places=PlaceReadings(read.version, read.zones, (line,)),
        ),
        zone_risks=(
            ZoneRisk(2, builders.assessment(level=RiskLevel.CAUTION, score=30.0, causes=CAUSES)),
        ),
    )


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_each_place_has_a_row_a_second_and_no_number_it_has_not(tmp_path: Path) -> None:
    path = tmp_path / "places.csv"
    table = PlacesCsv(path)
    for number in range(5):
        table.add(snap(number, passed=number))
    table.close()
    table.close()
    rows = rows_of(path)
    assert [row["stream_time [s]"] for row in rows] == ["0.5"] * 2 + ["1.5"] * 2 + ["2"] * 2
    zone, line = rows[2:4]
    assert (zone["kind"], zone["id"], zone["name"]) == ("zone", "2", "Gate, north")
    assert (zone["count [people]"], zone["trust"]) == ("3", "estimated")
    assert (zone["risk_level"], zone["risk_score [0-100]"]) == ("CAUTION", "30")
    assert zone["causes"] == "Too full; too dense"
    assert zone["in [people]"] == zone["dwell_median [s]"] == ""
    assert (line["kind"], line["id"], line["name"]) == ("line", "5", "Line 5")
    assert (line["in [people]"], line["out [people]"], line["balance [people]"]) == ("3", "0", "3")
    assert (line["flow_in [1/s]"], line["count [people]"]) == ("0.25", "")
    assert zone["time [UTC]"] == "2026-01-01T12:00:01.500+00:00"


def test_nothing_analysed_leaves_the_header_alone(tmp_path: Path) -> None:
    table = PlacesCsv(tmp_path / "places.csv")
    table.close()
    assert rows_of(tmp_path / "places.csv") == []


def test_every_number_that_is_shown_live_has_a_column() -> None:
    shown = {field.name for view in (ZoneNumbersView, LineNumbersView) for field in fields(view)}
    assert shown - {"zone_id", "line_id"} <= set(COLUMNS)
