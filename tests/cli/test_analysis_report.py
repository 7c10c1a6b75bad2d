from __future__ import annotations

from dataclasses import replace

from backend.cli.analysis_report import report_lines
from backend.cli.analysis_summary import AnalysisSummary
from backend.core.places import PlaceReadings
from backend.core.risk import RiskLevel, ZoneRisk
from backend.core.snapshot import Snapshot
from backend.core.trust import Trust
from tests import builders

DRAWN = builders.camera_places(builders.zone(name="Gate"), builders.counting_line(name="Door"))


def report(*snapshots: Snapshot) -> list[str]:
    summary = AnalysisSummary()
    for snapshot in snapshots:
        summary.add(snapshot)
    return list(report_lines(summary.as_json()))


def test_count_and_level_are_always_told_and_places_where_there_are_any() -> None:
    assert report(builders.snapshot(crowd=builders.metrics(count=4.0))) == [
        "1 frames, 0.0 s of video, 0.0 frames/s",
        "Count: mean 4.0, peak 4",
        "Highest level: SAFE (trust ok)",
    ]


def test_zones_and_lines_have_a_line_each() -> None:
    read = builders.place_readings(DRAWN, count=3.0)
    zone = replace(
        read.zones[0],
        peak_count=7.0,
        visitors=24,
        dwell_median_s=8.0,
        dwell_longest_s=21.5,
        queue_length=2.0,
        peak_density_per_m2=1.25,
    )
    line = replace(read.lines[0], count_in=3, count_out=12, trust=Trust.DEGRADED)
    told = report(
        replace(
            builders.snapshot(
                camera_places=DRAWN, places=PlaceReadings(read.version, (zone,), (line,))
            ),
            zone_risks=(ZoneRisk(1, builders.assessment(level=RiskLevel.WARNING)),),
        )
    )
    assert told[2:4] == [
        'Zone "Gate": mean 3.0, peak 7, 24 visitors; stay median 8.0 s, longest 21.5 s; '
        "longest queue 2; densest 1.25 /m²; highest level WARNING",
        'Line "Door": 3 in, 12 out, balance -9 (trust degraded)',
    ]
