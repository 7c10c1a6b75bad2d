"""A walking crowd over many zones and lines: what a camera tells of it, frame by frame."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np

from backend.core.calibration import Point
from backend.core.frame import FloatArray, Tracks
from backend.core.observation import CountError, CrowdMap
from backend.core.places import CountingLine, Zone
from backend.crowd.hybrid.blend import HybridCounter
from backend.crowd.metering.ground_meter import GroundMeter
from backend.crowd.metering.ground_view import GroundView
from backend.crowd.metering.sighting import SightingLog
from backend.crowd.params import AnalysisParams
from backend.crowd.places.place_frame import PlaceFrame
from backend.crowd.reliability import NO_DOUBT, believe
from backend.crowd.stream_clock import StreamClock
from benchmarks.walking_crowd import PICTURE_WH, RATE_HZ, WalkingCrowd

MAP_HW = (54, 96)
CELL_PX = PICTURE_WH[0] / MAP_HW[1]


def many_zones(count: int) -> tuple[Zone, ...]:
    """Polygons of five to twelve corners, a sixth of the picture wide on average."""
    rng = np.random.default_rng(1)
    zones = []
    for number in range(count):
        corners = int(rng.integers(5, 13))
        middle, radius = rng.uniform(0.15, 0.85, 2), rng.uniform(0.04, 0.12)
        angles = 2 * np.pi / corners * (np.arange(corners) + rng.uniform(0, 0.8, corners))
        spokes = radius * rng.uniform(0.7, 1.2, corners)
        ring = middle + spokes[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
        zones.append(Zone(number, f"Zone {number}", _points(ring)))
    return tuple(zones)


def many_lines(count: int) -> tuple[CountingLine, ...]:
    """Lines in every direction, a sixth of the picture long on average."""
    rng = np.random.default_rng(2)
    lines = []
    for number in range(count):
        middle, half = rng.uniform(0.15, 0.85, 2), rng.uniform(-0.12, 0.12, 2)
        start, end = _points(np.array([middle - half, middle + half]))
        lines.append(CountingLine(number, f"Line {number}", start, end))
    return tuple(lines)


def place_frames(people: int) -> Iterator[PlaceFrame]:
    """Everything an analyser tells zones and lines of a walking crowd, for ever.

    The camera is calibrated, and a density map of everybody comes once a second.
    """
    crowd = WalkingCrowd(people)
    view = GroundView.of(crowd.calibration(), PICTURE_WH)
    meter, sightings = GroundMeter(view), SightingLog(None, None)
    hybrid_counter, clock = HybridCounter(), StreamClock()
    belief = believe(NO_DOUBT, NO_DOUBT, has_area=False, has_people_limit=False)
    params, crowd_map, number = AnalysisParams(), None, 0
    while True:
        tracks, facts = crowd.frame(number)
        if number % round(RATE_HZ) == 0:
            crowd_map = _map_of(tracks, facts.stream_time_s)
        facts = dataclasses.replace(facts, crowd_map=crowd_map)
        step = clock.advance(facts.stream_time_s, segment=facts.segment)
        seen = sightings.see(tracks, facts)
        hybrid = hybrid_counter.update(seen, facts, step=step, ground_m2=view.cell_ground_m2)
        reading = meter.measure(
            seen, facts, step=step, params=params, is_saturated=False, hybrid=hybrid
        )
        yield PlaceFrame(seen, reading, facts, step, belief, hybrid=hybrid, view=view)
        number += 1


def _map_of(tracks: Tracks, now_s: float) -> CrowdMap:
    """Everybody in the cell their head is in."""
    boxes = tracks.boxes_xyxy.astype(np.float64)
    heads = np.stack([(boxes[:, 0] + boxes[:, 2]) / 2, 0.9 * boxes[:, 1] + 0.1 * boxes[:, 3]], 1)
    cells = np.clip((heads / CELL_PX).astype(int), 0, np.array(MAP_HW)[::-1] - 1)
    people = np.zeros(MAP_HW, np.float32)
    np.add.at(people, (cells[:, 1], cells[:, 0]), 1.0)
    people.flags.writeable = False
    return CrowdMap(
        stream_time_s=now_s,
        segment=0,
        people=people,
        cell_wh_px=(CELL_PX, CELL_PX),
        picture_wh=PICTURE_WH,
        heads_px=heads.astype(np.float32),
        error=CountError(own=0.6, common=0.08, least=1.0),
        crowded_per_cell=10.0,
    )


def _points(places: FloatArray) -> tuple[Point, ...]:
    return tuple((float(x), float(y)) for x, y in places.tolist())
