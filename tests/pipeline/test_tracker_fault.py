"""A camera that gets another tracker than it was to have says so in its status."""

from __future__ import annotations

import threading

from backend.core.camera import SourceType
from backend.crowd.params import AnalysisParams
from backend.pipeline.ports import PipelineParams
from backend.pipeline.video_processor import VideoProcessor
from backend.risk.params import RiskParams
from tests.builders import ManualClock
from tests.pipeline.fakes import Bench, ScriptedSource, SourceShelf, config, frames


def test_the_reason_is_the_status_message(manual_clock: ManualClock) -> None:
    bench = Bench(manual_clock, SourceShelf([ScriptedSource(frames(3))]))
    bench.tracker.fault = "DeepSORT cannot be used."
    told: list[str] = []
    processor = VideoProcessor(
        config(source_type=SourceType.FILE),
        run_id=1,
        shared=bench.shared(),
        params=PipelineParams(AnalysisParams(), RiskParams()),
        on_change=lambda: told.append(processor.status().message),
    )
    processor.run(threading.Event())
    assert "DeepSORT cannot be used." in told
