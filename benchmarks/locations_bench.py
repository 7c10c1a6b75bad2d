"""Time of a second of all locations: numbers, intervals, trends and levels of a hundred."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import numpy as np

from backend.core.locations import (
    AreaRef,
    AreaSight,
    CountEntry,
    CountSource,
    LineRef,
    Location,
    Overlap,
)
from backend.core.places import CountingLine, LineReading
from backend.core.trust import Trust
from backend.crowd.locations.location_meter import LineSight, LocationMeter
from backend.risk.location_risks import LocationRisks, with_risk
from backend.risk.params import RiskParams
from benchmarks.figures import Figure, figure

ROUND = "locations.ms_100_locations"

LOCATIONS, CAMERAS, ZONES, LINES = 100, 4, 4, 4
"""Each location is seen by four cameras, in four zones of each, and entered over four lines."""

WARM_UP_ROUNDS = 100
"""Until the windows of surge and inflow are full."""

MEASURED_ROUNDS = 30
NOON = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)


def measure() -> list[Figure]:
    """Return the rows of ``make bench``."""
    chance = np.random.default_rng(7)
    locations = [_location(number) for number in range(LOCATIONS)]
    meters = [LocationMeter(location) for location in locations]
    risks = [LocationRisks(RiskParams()) for _ in locations]
    spent_ms, summed_ms = [], []
    for second in range(WARM_UP_ROUNDS + MEASURED_ROUNDS):
        seen = [_sights(location, chance) for location in locations]
        passed = [_lines(location, second) for location in locations]
        at = NOON + timedelta(seconds=second)
        said = [CountEntry(CountSource.MANUAL, 120, NOON)]
        began_s = time.perf_counter()
        for meter, risk, sights, lines in zip(meters, risks, seen, passed, strict=True):
            found = meter.update(sights, lines, said, at=at, mono_s=float(second))
            with_risk(found.reading, risk.update(found, capacity=400, mono_s=float(second)))
        spent_ms.append(1000 * (time.perf_counter() - began_s))
        began_s = time.perf_counter()
        for sights in seen:
            sum(sight.count for sight in sights.values())
        summed_ms.append(1000 * (time.perf_counter() - began_s))
    round_ms = statistics.median(spent_ms[WARM_UP_ROUNDS:])
    return [
        figure(
            ROUND,
            round(round_ms, 1),
            "ms",
            target="<= 150",
            note=(
                f"once a second; {CAMERAS * ZONES} zones of {CAMERAS} cameras, {LINES} lines and "
                f"2 overlaps each; only adding up the counts "
                f"{statistics.median(summed_ms):.1f} ms"
            ),
        )
    ]


def _location(number: int) -> Location:
    """Return a location whose first zones show what the next camera's first zones show."""
    cameras = range(number * CAMERAS, (number + 1) * CAMERAS)
    areas = tuple(
        AreaRef(camera, camera * ZONES + zone + 1) for camera in cameras for zone in range(ZONES)
    )
    overlaps = tuple(
        Overlap((areas[left * ZONES], areas[(left + 1) * ZONES])) for left in range(0, CAMERAS, 2)
    )
    lines = tuple(LineRef(cameras[0], number * LINES + line + 1) for line in range(LINES))
    return Location(number, f"Place {number}", 400, areas, lines, overlaps)


def _sights(location: Location, chance: np.random.Generator) -> Mapping[AreaRef, AreaSight]:
    counts = chance.poisson(12, len(location.areas)).tolist()
    return {
        area: AreaSight(count, 0.85 * count, 1.25 * count, Trust.OK, peak_density_per_m2=1.2)
        for area, count in zip(location.areas, counts, strict=True)
    }


def _lines(location: Location, second: int) -> Mapping[LineRef, LineSight]:
    return {
        line: LineSight(
            run_id=1,
            drawn=CountingLine(line.line_id, "Gate", (0.2, 0.5), (0.8, 0.5)),
            reading=LineReading(line.line_id, second, second // 2, Trust.OK),
        )
        for line in location.lines
    }
