"""Zones and lines drawn while a camera runs, measured by the real analyser and assessed."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable

import numpy as np

from backend.core.camera import SIMULATION_MODEL, CameraConfig, SourceType
from backend.core.frame import Frame, Tracks
from backend.core.places import CameraPlaces
from backend.core.snapshot import Snapshot
from backend.core.trust import Trust
from backend.crowd.analyzer import CrowdAnalyzer
from backend.crowd.counting import PERFECT_RECALL
from backend.pipeline.video_processor import VideoProcessor
from backend.risk.zone_risks import ZoneRisks
from tests import builders
from tests.builders import ManualClock
from tests.pipeline.fakes import PARAMS, Bench, ScriptedSource, SourceShelf, config

RATE_HZ = 10
ACROSS = builders.counting_line(1, start=(0.1, 0.5), end=(0.9, 0.5))
MIDDLE = builders.zone(2)
LOWER = builders.zone(3, corners=((0.0, 0.75), (1.0, 0.75), (1.0, 1.0), (0.0, 1.0)))
CAMERA = config(source_type=SourceType.SIMULATED, source="calm")


def walking_down(seconds: float) -> list[Frame]:
    """Somebody walks down the middle of a picture of 320 x 240, 30 pixels a second."""
    made = []
    for index in range(round(seconds * RATE_HZ)):
        foot = 60 + 30 * index / RATE_HZ
        box = np.array([[150, foot - 50, 170, foot]], np.float32)
        truth = Tracks(np.array([7], np.int64), box, np.ones(1, np.float32))
        shown = builders.frame(index=index, stream_time_s=index / RATE_HZ)
        made.append(dataclasses.replace(shown, truth=truth))
    return made


def watch(
    clock: ManualClock,
    shown: list[Frame],
    draw: Callable[[int, VideoProcessor], None],
    *,
    camera: CameraConfig = CAMERA,
) -> list[Snapshot]:
    """Run a camera; ``draw`` is called with each frame's number before it is delivered."""
    source = ScriptedSource(shown, on_read=lambda number: draw(number, processor))
    bench = Bench(clock, SourceShelf([source]))
    parts = dataclasses.replace(
        bench.parts(),
        make_analyzer=lambda _config, params, _model: CrowdAnalyzer(
            params,
            area_m2=None,
            people_limit=None,
            model=SIMULATION_MODEL,
            recall=PERFECT_RECALL,
        ),
        make_zone_risks=ZoneRisks,
    )
    shared = dataclasses.replace(bench.shared(), parts=parts)
    stop = threading.Event()
    bench.outlet.on_publish = lambda number: stop.set() if number == len(shown) - 1 else None
    processor = VideoProcessor(camera, run_id=1, shared=shared, params=PARAMS)
    processor.run(stop)
    return bench.outlet.snapshots


def test_what_is_drawn_is_counted_from_the_next_frame_on_and_what_was_there_goes_on(
    manual_clock: ManualClock,
) -> None:
    first = CameraPlaces(1, (MIDDLE,), (ACROSS,))
    second = CameraPlaces(2, (MIDDLE, LOWER), (ACROSS,))

    def draw(number: int, processor: VideoProcessor) -> None:
        if number == 30:
            processor.set_places(second)

    camera = dataclasses.replace(CAMERA, places=first)
    seen = watch(manual_clock, walking_down(6.0), draw, camera=camera)
    versions = [snapshot.places.version for snapshot in seen]
    assert versions == [snapshot.camera_places.version for snapshot in seen]
    changed = versions.index(2)
    assert changed in {29, 30}, "within one frame"
    assert [len(snapshot.zone_risks) for snapshot in seen[changed - 1 : changed + 1]] == [1, 2]
    last = seen[-1].places
    middle, lower = last.zones
    assert (middle.visitors, middle.peak_count) == (1, 1.0), "begun before the change"
    assert (lower.count, lower.visitors) == (1.0, 1)
    assert lower.trust is Trust.OK
    assert (last.lines[0].count_in, last.lines[0].count_out) == (1, 0)
