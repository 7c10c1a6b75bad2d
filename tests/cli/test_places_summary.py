from __future__ import annotations

import json
from dataclasses import replace

import pytest

from backend.cli.places_summary import PlacesSummary
from backend.core.places import PlaceReadings
from backend.core.risk import RiskLevel, ZoneRisk
from backend.core.snapshot import Snapshot
from backend.core.trust import Trust
from tests import builders

DRAWN = builders.camera_places(builders.zone(2), builders.zone(9), builders.counting_line(5))


def snap(
    *, level: RiskLevel = RiskLevel.SAFE, passed: tuple[int, int] = (0, 0), **changes: object
) -> Snapshot:
    read = builders.place_readings(DRAWN)
    first = replace(read.zones[0], **changes)  # type: ignore[arg-type]
    line = replace(read.lines[0], count_in=passed[0], count_out=passed[1])
    made = builders.snapshot(
        camera_places=DRAWN, places=PlaceReadings(1, (first, read.zones[1]), (line,))
    )
    return replace(made, zone_risks=(ZoneRisk(2, builders.assessment(level=level)),))


def test_nothing_analysed_or_drawn_is_two_empty_lists() -> None:
    summary = PlacesSummary()
    assert summary.as_json() == {"zones": [], "lines": []}
    summary.add(builders.snapshot(), step_s=0.0)
    assert summary.as_json() == {"zones": [], "lines": []}


def test_a_zone_has_its_mean_over_time_and_the_worst_of_the_run() -> None:
    summary = PlacesSummary()
    summary.add(snap(count=2.0, peak_density_per_m2=1.5, queue_length=4.0), step_s=0.0)
    summary.add(
        snap(count=8.0, level=RiskLevel.WARNING, trust=Trust.DEGRADED, queue_length=1.0), step_s=3.0
    )
    summary.add(
        snap(count=5.0, peak_count=8.0, visitors=11, dwell_median_s=4.0, peak_density_per_m2=0.5),
        step_s=1.0,
    )
    zone, other = summary.as_json()["zones"]
    assert (zone["id"], zone["name"], zone["profile"]) == (2, "Zone 2", "standing")
    assert zone["count"] == {"mean": 3.5, "peak": 8.0, "last": 5.0}
    assert (zone["visitors"], zone["dwell_s"]["median"]) == (11, 4.0)
    assert (zone["longest_queue"], zone["peak_density_per_m2"]) == (4.0, 1.5)
    assert (zone["peak_level"], zone["worst_trust"]) == ("WARNING", "degraded")
    assert (other["id"], other["count"]["mean"], other["peak_level"]) == (9, 0.0, "SAFE")


def test_a_line_has_its_totals() -> None:
    summary = PlacesSummary()
    summary.add(snap(), step_s=0.0)
    summary.add(snap(passed=(5, 2)), step_s=1.0)
    found = summary.as_json()
    (line,) = found["lines"]
    assert (line["in"], line["out"], line["balance"]) == (5, 2, 3)
    assert line["most_in_per_s"] is None
    json.dumps(found)


def test_one_picture_alone_is_its_own_mean() -> None:
    summary = PlacesSummary()
    summary.add(snap(count=6.0), step_s=0.0)
    assert summary.as_json()["zones"][0]["count"]["mean"] == pytest.approx(6.0)
