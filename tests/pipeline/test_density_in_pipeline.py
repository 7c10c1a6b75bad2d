"""The density counter's place in a camera's chain: when it counts, and who is told."""

from __future__ import annotations

import dataclasses
import threading

import pytest

from backend.core.backoff import BackoffParams
from backend.core.camera import CameraState, JobState, SourceType
from backend.core.errors import ModelError, SourceLostError, UnavailableError
from backend.core.frame import Frame
from backend.pipeline.shared_parts import ProcessorLimits
from backend.pipeline.video_processor import VideoProcessor
from backend.vision.density.network_counter import TIMEOUT_S
from backend.vision.inference.scheduler import SURVEY_PATIENCE_S
from tests import builders
from tests.builders import ManualClock
from tests.pipeline import fakes
from tests.pipeline.fakes import (
    PARAMS,
    Bench,
    FakeCounter,
    ScriptedSource,
    SourceShelf,
    config,
    frames,
)

RECORDING = {"source_type": SourceType.UPLOAD, "source": "a.mp4"}


def seconds_apart(count: int) -> list[Frame]:
    return [builders.frame(index=n, stream_time_s=float(n)) for n in range(count)]


def bench_of(clock: ManualClock, shown: list[Frame]) -> Bench:
    bench = Bench(clock, SourceShelf([ScriptedSource(shown)]))
    bench.counter = FakeCounter(bench.log)
    return bench


def run(bench: Bench, **camera: object) -> VideoProcessor:
    kind = camera or {"source_type": SourceType.FILE}
    calibrated = dataclasses.replace(config(**kind), calibration=fakes.CALIBRATION)
    processor = VideoProcessor(calibrated, run_id=1, shared=bench.shared(), params=PARAMS)
    processor.run(threading.Event())
    return processor


def test_a_live_camera_is_counted_when_the_snapshot_is_out_and_from_the_next_frame_on(
    manual_clock: ManualClock,
) -> None:
    bench = bench_of(manual_clock, frames(3))
    run(bench)
    assert bench.log.index("publish 0") < bench.log.index("count 0") < bench.log.index("publish 1")
    first, second, third = (facts.crowd_map for facts in bench.analyzer.facts)
    assert first is None
    assert second is not None
    assert third is second, "the same object until the next"


def test_a_recording_is_counted_in_order(manual_clock: ManualClock) -> None:
    bench = bench_of(manual_clock, seconds_apart(12))
    run(bench, **RECORDING)
    assert bench.log.index("count 0") < bench.log.index("publish 0")
    times = [facts.crowd_map.stream_time_s for facts in bench.analyzer.facts if facts.crowd_map]
    assert times == [0.0] * 10 + [10.0] * 2


def test_optical_flow_is_computed_where_the_map_is_dense(manual_clock: ManualClock) -> None:
    bench = bench_of(manual_clock, seconds_apart(4))
    assert bench.counter is not None
    bench.counter.dense_from_s = 0.0
    run(bench)
    assert [flow.asked_at for flow in bench.flows] == [[1.0, 2.0, 3.0]]


def test_a_dense_place_is_counted_once_an_interval(manual_clock: ManualClock) -> None:
    bench = bench_of(manual_clock, seconds_apart(6))
    assert bench.counter is not None
    bench.saturation.saturated_from_s = 0.0
    run(bench)
    assert bench.counter.counted_at == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]


def test_a_map_that_is_in_use_is_renewed_once_an_interval(manual_clock: ManualClock) -> None:
    bench = bench_of(manual_clock, seconds_apart(4))
    assert bench.counter is not None
    bench.analyzer.map_share = 0.1
    run(bench)
    assert bench.counter.counted_at == [0.0, 1.0, 2.0, 3.0]
    assert len(bench.flows) == 1, "motion is measured on the picture as well"


def seen_at(mono_s: float, *, index: int, segment: int) -> Frame:
    return builders.frame(index=index, segment=segment, captured_mono_s=mono_s)


def test_how_long_a_live_stream_was_away_is_told_with_its_first_frame_and_its_first_map(
    manual_clock: ManualClock,
) -> None:
    stop = threading.Event()
    script = [seen_at(1000.0, index=0, segment=0), seen_at(1000.1, index=1, segment=0)]
    back = [seen_at(1007.6 + 0.1 * n, index=2 + n, segment=1) for n in range(3)]
    shelf = SourceShelf(
        [
            ScriptedSource([*script, SourceLostError("The stream broke off.")]),
            ScriptedSource(back, on_read=lambda n: stop.set() if n == 2 else None),
        ]
    )
    at_once = ProcessorLimits(reconnect=BackoffParams(first_s=1e-3, cap_s=1e-3))
    bench = Bench(manual_clock, shelf, limits=at_once)
    bench.counter = FakeCounter(bench.log)
    bench.analyzer.map_share = 0.5
    camera = config(source_type=SourceType.FILE)
    VideoProcessor(camera, run_id=1, shared=bench.shared(), params=PARAMS).run(stop)
    told = bench.analyzer.facts[:4]
    assert [facts.segment for facts in told] == [0, 0, 1, 1]
    assert [facts.outage_s for facts in told] == [None, None, pytest.approx(7.5), None]
    assert told[2].crowd_map is not None
    assert told[2].crowd_map.segment == 1


def test_the_breaks_of_a_recording_are_not_timed(manual_clock: ManualClock) -> None:
    broken = [seen_at(1000.0 + 5 * n, index=n, segment=n) for n in range(3)]
    bench = bench_of(manual_clock, broken)
    run(bench, **RECORDING)
    assert [facts.outage_s for facts in bench.analyzer.facts] == [None, None, None]


@pytest.mark.parametrize("camera", [{}, RECORDING])
def test_a_counter_that_fails_stops_no_camera_and_is_said(
    manual_clock: ManualClock, camera: dict[str, object]
) -> None:
    bench = bench_of(manual_clock, frames(3))
    assert bench.counter is not None
    bench.counter.failure = UnavailableError("The network did not answer.")
    told: list[str] = []
    bench.outlet.on_publish = lambda _number: told.append(processor.status().message)
    shared = bench.shared()
    kind = config(**(camera or {"source_type": SourceType.FILE}))
    processor = VideoProcessor(kind, run_id=1, shared=shared, params=PARAMS)
    processor.run(threading.Event())
    assert processor.state is CameraState.STOPPED
    assert len(bench.outlet.snapshots) == 3
    assert "The network did not answer." in told[-1]
    assert all(facts.crowd_map is None for facts in bench.analyzer.facts)


def test_a_recording_that_was_counted_by_boxes_alone_says_so_in_its_result(
    manual_clock: ManualClock,
) -> None:
    bench = bench_of(manual_clock, frames(5))
    assert bench.counter is not None
    bench.counter.failure = UnavailableError("The network did not answer.")
    processor = run(bench, **RECORDING)
    assert processor.state is CameraState.STOPPED
    message, job = processor.status().message, processor.status().job
    assert "played to its end" in message
    assert "The network did not answer." in message
    assert job is not None
    assert (job.state, "boxes alone" in job.error) == (JobState.FINISHED, True)
    assert processor.density_fault in message


def test_the_longest_look_that_fails_by_itself_looks_like_no_stuck_thread(
    manual_clock: ManualClock,
) -> None:
    bench = bench_of(manual_clock, seconds_apart(3))
    overdue_s: list[float] = []

    def open_slowly(_config: object) -> FakeCounter:
        manual_clock.advance(300.0)
        overdue_s.append(processor.heartbeat.overdue_s)
        return counter

    class Hanging(FakeCounter):
        def count(self, frame):  # type: ignore[no-untyped-def]
            manual_clock.advance(SURVEY_PATIENCE_S + 2 * TIMEOUT_S)
            overdue_s.append(processor.heartbeat.overdue_s)
            raise UnavailableError("The network did not answer.")

    counter = Hanging(bench.log)
    shared = bench.shared(parts=dataclasses.replace(bench.parts(), make_counter=open_slowly))
    camera = config(source_type=SourceType.FILE)
    processor = VideoProcessor(camera, run_id=1, shared=shared, params=PARAMS)
    processor.run(threading.Event())
    assert len(overdue_s) >= 2
    assert not any(overdue_s)
    assert len(bench.outlet.snapshots) == 3


def test_a_map_computed_elsewhere_waits_for_the_detector_first(manual_clock: ManualClock) -> None:
    bench = bench_of(manual_clock, frames(3))
    bench.counter = FakeCounter(bench.log, device="elsewhere")
    run(bench)
    assert bench.log.index("result 1") < bench.log.index("count 0")
    assert [line for line in bench.log if line.startswith("result")] == [
        "result 0",
        "result 1",
        "result 2",
    ]
    assert [shot.frame_index for shot in bench.outlet.snapshots] == [0, 1, 2]


def test_a_network_that_cannot_be_had_stops_no_camera(manual_clock: ManualClock) -> None:
    bench = bench_of(manual_clock, frames(3))

    def refuse(_config: object) -> None:
        raise ModelError("The weights are missing.")

    parts = dataclasses.replace(bench.parts(), make_counter=refuse)
    shared = bench.shared(parts=parts)
    camera = config(source_type=SourceType.FILE)
    processor = VideoProcessor(camera, run_id=1, shared=shared, params=PARAMS)
    processor.run(threading.Event())
    assert processor.state is CameraState.STOPPED
    assert len(bench.outlet.snapshots) == 3


def test_without_a_counter_nothing_is_counted(manual_clock: ManualClock) -> None:
    bench = bench_of(manual_clock, frames(3))
    bench.counter = None
    run(bench)
    assert all(facts.crowd_map is None for facts in bench.analyzer.facts)
    assert bench.flows == []


def test_a_simulated_camera_is_never_counted(manual_clock: ManualClock) -> None:
    truth = builders.tracks((10.0, 20.0, 30.0, 80.0))
    bench = bench_of(manual_clock, [dataclasses.replace(one, truth=truth) for one in frames(3)])
    stop = threading.Event()
    bench.outlet.on_publish = lambda number: stop.set() if number == 2 else None
    camera = config(source_type=SourceType.SIMULATED, source="calm")
    VideoProcessor(camera, run_id=1, shared=bench.shared(), params=PARAMS).run(stop)
    assert len(bench.outlet.snapshots) >= 2
    assert not any(line.startswith("count") for line in bench.log)


def test_the_counter_ends_with_the_camera_and_its_time_stands_in_the_snapshot(
    manual_clock: ManualClock,
) -> None:
    bench = bench_of(manual_clock, frames(3))

    class Slow(FakeCounter):
        def count(self, frame):  # type: ignore[no-untyped-def]
            manual_clock.advance(0.06)
            return super().count(frame)

    bench.counter = Slow(bench.log)
    run(bench)
    assert bench.counter.is_closed
    took = [snapshot.timings.count_ms for snapshot in bench.outlet.snapshots]
    assert took == [0.0, pytest.approx(60.0), pytest.approx(60.0)]
