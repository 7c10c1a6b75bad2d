"""A simulated camera: who is there is known, and nothing of it is doubted."""

from __future__ import annotations

import dataclasses
import threading

import numpy as np

from backend.core.camera import SIMULATION_MODEL, SourceType
from backend.core.frame import Tracks
from backend.pipeline.video_processor import VideoProcessor
from backend.vision.camera_moved import ViewState, ViewVerdict
from tests.builders import ManualClock
from tests.pipeline import fakes
from tests.pipeline.fakes import PARAMS, Bench, ScriptedSource, SourceShelf, config, frames

TRUTH = Tracks(
    np.array([7], np.int64), np.array([[10, 20, 30, 80]], np.float32), np.ones(1, np.float32)
)
MOVED = ViewVerdict(ViewState.MOVED, "The camera was moved: calibrate again.")


def test_the_truth_takes_the_place_of_detection_and_no_doubt_is_cast_on_it(
    manual_clock: ManualClock,
) -> None:
    shown = [dataclasses.replace(one, truth=TRUTH) for one in frames(3)]
    bench = Bench(manual_clock, SourceShelf([ScriptedSource(shown)]))
    bench.view_check.verdict_at = lambda _time_s: MOVED
    stop = threading.Event()
    bench.outlet.on_publish = lambda number: stop.set() if number == len(shown) - 1 else None
    camera = dataclasses.replace(
        config(source_type=SourceType.SIMULATED, source="calm"), calibration=fakes.CALIBRATION
    )
    VideoProcessor(camera, run_id=1, shared=bench.shared(), params=PARAMS).run(stop)
    assert bench.outlet.snapshots[0].model is SIMULATION_MODEL
    assert bench.detectors == []
    (facts, *_) = bench.analyzer.facts
    assert facts.saturation is not None, "an open question would make every number an estimate"
    assert not facts.saturation.saturated
    assert facts.calibration_fault == ""
