from __future__ import annotations

import dataclasses
import threading
from datetime import timedelta

import numpy as np
import pytest

from backend.core.backoff import BackoffParams
from backend.core.calibration import BackgroundFeatures
from backend.core.camera import CameraConfig, CameraState, JobState, SourceType
from backend.core.clock import Clock, SystemClock
from backend.core.errors import ModelError, SourceLostError, SourceRefusedError
from backend.core.frame import Frame
from backend.core.snapshot import CameraStatus
from backend.core.trust import Trust
from backend.crowd.params import AnalysisParams
from backend.pipeline.ports import PipelineParams
from backend.pipeline.shared_parts import ProcessorLimits
from backend.pipeline.video_processor import VideoProcessor
from backend.risk.params import RiskParams
from backend.vision.camera_moved import STEADY, TOO_LITTLE, ViewState, ViewVerdict
from backend.vision.detector import SLOTS
from tests import builders
from tests.builders import ManualClock
from tests.pipeline import fakes
from tests.pipeline.fakes import (
    PARAMS,
    Bench,
    ScriptedSource,
    SourceShelf,
    config,
    frames,
    info,
)

QUICK = ProcessorLimits(reconnect=BackoffParams(first_s=0.001, cap_s=0.002))
RECORDING = {"source_type": SourceType.UPLOAD, "source": "a.mp4"}


def make_bench(clock: Clock, *sources: ScriptedSource, **changes: object) -> Bench:
    fields: dict[str, object] = {"limits": QUICK}
    return Bench(clock, SourceShelf(list(sources)), **(fields | changes))  # type: ignore[arg-type]


def make_processor(bench: Bench, **changes: object) -> VideoProcessor:
    shared = changes.pop("shared", None) or bench.shared()
    camera = changes.pop("camera", None) or config()
    return VideoProcessor(
        camera,  # type: ignore[arg-type]
        run_id=3,
        shared=shared,  # type: ignore[arg-type]
        params=PARAMS,
        **changes,  # type: ignore[arg-type]
    )


def stopped_after(bench: Bench, count: int) -> threading.Event:
    """An event that is set with the ``count``-th published frame: live streams never end."""
    stop = threading.Event()
    bench.outlet.on_publish = lambda number: stop.set() if number == count else None
    return stop


def test_detection_of_the_next_frame_runs_while_the_previous_one_is_published(
    manual_clock: ManualClock,
) -> None:
    bench = make_bench(manual_clock, ScriptedSource(frames(3), facts=info(frames_total=3)))
    processor = make_processor(bench, camera=config(source_type=SourceType.FILE))
    processor.run(threading.Event())
    assert bench.log == [
        "submit 0", "result 0",
        "submit 1", "publish 0", "result 1",
        "submit 2", "publish 1", "result 2",
        "publish 2",
    ]  # fmt: skip
    assert processor.state is CameraState.STOPPED


def test_a_live_frame_is_published_at_once_when_no_newer_one_waits(
    manual_clock: ManualClock,
) -> None:
    first, second = frames(2)
    source = ScriptedSource([first, None, None, second, None])
    bench = make_bench(manual_clock, source)
    make_processor(bench, camera=config(source_type=SourceType.FILE)).run(threading.Event())
    assert bench.log.index("publish 0") < bench.log.index("submit 1")
    assert source.timeouts[1] == 0.0, "it must not wait for a frame while one is unpublished"
    assert source.timeouts[2] > 0.0


def test_a_recording_keeps_several_detections_under_way_and_publishes_every_frame_in_order(
    manual_clock: ManualClock,
) -> None:
    bench = make_bench(manual_clock, ScriptedSource(frames(5)))
    make_processor(bench, camera=config(**RECORDING)).run(threading.Event())
    assert [snapshot.frame_index for snapshot in bench.outlet.snapshots] == [0, 1, 2, 3, 4]
    assert bench.log.index("submit 1") < bench.log.index("result 0")
    assert all(snapshot.is_recorded for snapshot in bench.outlet.snapshots)


def test_snapshots_carry_run_sequence_times_and_timings(manual_clock: ManualClock) -> None:
    bench = make_bench(manual_clock, ScriptedSource(frames(2)))
    make_processor(bench, camera=config(source_type=SourceType.FILE)).run(threading.Event())
    first, second = bench.outlet.snapshots
    assert (first.run_id, first.sequence, second.sequence) == (3, 1, 2)
    assert second.stream_time_s == pytest.approx(0.04)
    assert second.captured_at == builders.EPOCH + timedelta(seconds=0.04)
    assert second.picture_wh == (320, 240)
    assert second.timings.decode_ms == 1.5
    assert second.metrics.count == 1.0


def test_a_lost_stream_is_opened_again_as_a_new_segment_for_ever(
    manual_clock: ManualClock,
) -> None:
    stop = threading.Event()
    last = ScriptedSource(
        frames(2, first=5, segment=2), on_read=lambda n: stop.set() if n == 1 else None
    )
    broken = [*frames(3), SourceLostError("The stream broke off.")]
    bench = make_bench(
        manual_clock,
        ScriptedSource(broken),
        ScriptedSource([], opening=SourceLostError("Nobody answers.")),
        ScriptedSource([*frames(2, first=3, segment=1), SourceLostError("Again.")]),
        last,
    )
    states: list[CameraStatus] = []
    processor = make_processor(bench, on_change=lambda: states.append(processor.status()))
    processor.run(stop)
    assert [(s.first_index, s.segment) for s in bench.shelf.starts] == [
        (0, 0), (3, 1), (3, 1), (5, 2),
    ]  # fmt: skip
    assert [s.frame_index for s in bench.outlet.snapshots][:5] == [0, 1, 2, 3, 4]
    assert bench.tracker.resets >= 1, "tracks never span segments"
    assert processor.status().reconnects == 3
    assert processor.state is CameraState.STOPPED
    lived = [status.state for status in states]
    assert CameraState.RECONNECTING in lived
    assert any("Nobody answers. Trying again" in status.message for status in states)
    assert bench.detectors[0].is_closed


def test_a_live_stream_that_ends_is_a_lost_stream(manual_clock: ManualClock) -> None:
    stop = threading.Event()
    again = ScriptedSource(frames(1, first=1, segment=1), on_read=lambda _n: stop.set())
    bench = make_bench(manual_clock, ScriptedSource(frames(1)), again)
    processor = make_processor(bench)
    processor.run(stop)
    assert processor.status().reconnects == 1


def test_a_source_that_stays_silent_is_given_up(manual_clock: ManualClock) -> None:
    stop = threading.Event()
    silent = ScriptedSource([None] * 50, on_read=lambda _n: manual_clock.advance(1.0))
    again = ScriptedSource(frames(1), on_read=lambda _n: stop.set())
    bench = make_bench(manual_clock, silent, again)
    processor = make_processor(bench)
    processor.run(stop)
    assert processor.status().reconnects == 1
    assert silent.is_closed


def test_a_refused_source_fails_at_once(manual_clock: ManualClock) -> None:
    refused = ScriptedSource([], opening=SourceRefusedError("This is not a video."))
    processor = make_processor(make_bench(manual_clock, refused))
    processor.run(threading.Event())
    status = processor.status()
    assert (status.state, status.message) == (CameraState.FAILED, "This is not a video.")
    assert not processor.may_recover


def test_a_camera_that_ran_is_tried_again_even_when_it_is_refused_once(
    manual_clock: ManualClock,
) -> None:
    stop = threading.Event()
    bench = make_bench(
        manual_clock,
        ScriptedSource([*frames(1), SourceLostError("Gone.")]),
        ScriptedSource([], opening=SourceRefusedError("Audio only.")),
        ScriptedSource(frames(1, first=1, segment=1), on_read=lambda _n: stop.set()),
    )
    processor = make_processor(bench)
    processor.run(stop)
    assert processor.status().reconnects == 2


@pytest.mark.parametrize(
    ("failure", "message"),
    [
        (ModelError("weights.pt is corrupt"), "weights.pt is corrupt"),
        (ZeroDivisionError("oops"), "Internal error (ZeroDivisionError); see the log."),
    ],
)
def test_a_crash_ends_as_failed_with_everything_released(
    manual_clock: ManualClock, failure: Exception, message: str
) -> None:
    source = ScriptedSource(frames(3))
    bench = make_bench(manual_clock, source, failure=failure)
    processor = make_processor(bench)
    processor.run(threading.Event())
    assert processor.status().message == message
    assert processor.state is CameraState.FAILED
    assert processor.may_recover
    assert source.is_closed
    assert bench.detectors[0].is_closed


def test_parameters_change_while_the_camera_runs(manual_clock: ManualClock) -> None:
    new = PipelineParams(AnalysisParams(ema_alpha=0.9), RiskParams(risk_caution=30))
    source = ScriptedSource(frames(3), on_read=lambda n: processor.set_params(new) if n == 1 else 0)
    bench = make_bench(manual_clock, source)
    processor = make_processor(bench, camera=config(source_type=SourceType.FILE))
    processor.run(threading.Event())
    assert bench.analyzer.params == [new.analysis]
    assert bench.risk.params == bench.zone_risks.params == [new.risk]


def test_places_drawn_while_the_camera_runs_are_read_from_the_next_frame_on(
    manual_clock: ManualClock,
) -> None:
    at_launch = builders.camera_places(builders.zone(1), version=4)
    drawn = builders.camera_places(builders.zone(1), builders.zone(2), version=5)
    source = ScriptedSource(
        frames(4), on_read=lambda n: processor.set_places(drawn) if n == 1 else None
    )
    bench = make_bench(manual_clock, source)
    processor = make_processor(bench, camera=config(source_type=SourceType.FILE, places=at_launch))
    processor.run(threading.Event())
    published = bench.outlet.snapshots
    assert [snapshot.camera_places.version for snapshot in published] == [4, 5, 5, 5]
    assert [len(snapshot.places.zones) for snapshot in published] == [1, 2, 2, 2]
    assert [len(snapshot.zone_risks) for snapshot in published] == [1, 2, 2, 2]
    assert bench.analyzer.places == [at_launch, drawn]


def test_places_drawn_before_the_first_frame_are_in_it(manual_clock: ManualClock) -> None:
    bench = make_bench(manual_clock, ScriptedSource(frames(1)))
    processor = make_processor(bench, camera=config(**RECORDING))
    drawn = builders.camera_places(builders.zone(), version=1)
    processor.set_places(drawn)
    processor.run(threading.Event())
    assert [snapshot.camera_places for snapshot in bench.outlet.snapshots] == [drawn]
    assert bench.analyzer.places == [drawn]


def test_saturation_is_examined_on_the_first_frame_and_then_when_it_is_due(
    manual_clock: ManualClock,
) -> None:
    long = [builders.frame(index=n, stream_time_s=n * 1.0) for n in range(12)]
    bench = make_bench(manual_clock, ScriptedSource(long))
    make_processor(bench, camera=config(**RECORDING)).run(threading.Event())
    assert bench.saturation.looked_at == [0.0, 5.0, 10.0]
    assert None not in bench.analyzer.saturations


def test_a_black_picture_makes_the_count_unknown_but_only_for_real_cameras(
    manual_clock: ManualClock,
) -> None:
    black = [
        builders.frame(index=n, stream_time_s=n * 1.0, picture=builders.image(value=3))
        for n in range(3)
    ]
    stop = threading.Event()
    source = ScriptedSource([*black, None, None], on_read=lambda n: stop.set() if n == 4 else None)
    bench = make_bench(manual_clock, source)
    drawn = builders.camera_places(builders.zone(), builders.counting_line())
    processor = make_processor(bench, camera=config(places=drawn))
    processor.run(stop)
    assert bench.risk.seen[0].trust is Trust.UNKNOWN
    assert bench.zone_risks.seen[0].zones[0].trust is Trust.UNKNOWN
    assert bench.outlet.snapshots[0].places.lines[0].trust is Trust.UNKNOWN
    assert not bench.risk.seen[0].quality, "no single number is believed more than all"
    assert "black" in processor.status().message or processor.state is CameraState.STOPPED
    assert "black" in bench.outlet.snapshots[0].metrics.trust_reason
    played = make_bench(manual_clock, ScriptedSource(black))
    make_processor(played, camera=config(**RECORDING)).run(threading.Event())
    assert played.risk.seen[0].trust is Trust.OK


MOVED = ViewVerdict(ViewState.MOVED, "The camera was moved: calibrate again.")


def seconds_apart(count: int, **changes: object) -> list[Frame]:
    return [
        builders.frame(index=n, stream_time_s=n * 1.0, **changes)  # type: ignore[arg-type]
        for n in range(count)
    ]


def calibrated(source_type: SourceType = SourceType.FILE, **changes: object) -> CameraConfig:
    calibration = dataclasses.replace(fakes.CALIBRATION, **changes)  # type: ignore[arg-type]
    return dataclasses.replace(config(source_type=source_type), calibration=calibration)


def test_a_moved_camera_reaches_the_analyser_and_the_status_and_is_forgiven(
    manual_clock: ManualClock,
) -> None:
    bench = make_bench(manual_clock, ScriptedSource(seconds_apart(6)))
    bench.view_check.verdict_at = lambda time_s: MOVED if 2 <= time_s < 5 else STEADY
    told: list[str] = []
    named: set[str] = set()

    def listen() -> None:
        told.append(processor.status().message)
        named.add(processor.status().calibration_fault)

    processor = make_processor(bench, camera=calibrated(), on_change=listen)
    processor.run(threading.Event())
    assert named == {"", MOVED.reason}
    faults = [facts.calibration_fault for facts in bench.analyzer.facts]
    assert faults == ["", "", MOVED.reason, MOVED.reason, MOVED.reason, ""]
    assert all(metrics.trust is Trust.OK for metrics in bench.risk.seen), "the count still stands"
    changes = [text for text, before in zip(told[1:], told, strict=False) if text != before]
    assert changes[-3:] == [MOVED.reason, "", "The recording was played to its end."]


def test_the_view_is_compared_with_the_landmarks_of_the_calibration_and_without_people(
    manual_clock: ManualClock,
) -> None:
    landmarks = BackgroundFeatures(
        (320, 240), np.zeros((50, 2), np.float32), np.zeros((50, 32), np.uint8)
    )
    bench = make_bench(manual_clock, ScriptedSource(frames(3)))
    camera = calibrated(background=landmarks)
    make_processor(bench, camera=camera).run(threading.Event())
    assert bench.view_check.references == [landmarks], "one check for the whole run"
    assert [len(boxes) for boxes in bench.view_check.boxes] == [1, 1, 1]
    bare = make_bench(manual_clock, ScriptedSource(frames(3)))
    make_processor(bare).run(stopped_after(bare, 3))
    assert bare.view_check.references == []


def test_a_calibration_that_a_person_has_to_confirm_is_a_fault_in_every_frame(
    manual_clock: ManualClock,
) -> None:
    bench = make_bench(manual_clock, ScriptedSource(frames(3)))
    bench.saturation.saturated_from_s = 0.0
    fault = "The source was changed: save the calibration again."
    told: list[str] = []
    processor = make_processor(
        bench,
        camera=calibrated(fault=fault),
        on_change=lambda: told.append(processor.status().message),
    )
    processor.run(threading.Event())
    assert [facts.calibration_fault for facts in bench.analyzer.facts] == [fault] * 3
    assert fault in told
    assert (bench.view_check.references, bench.flows) == ([], []), "nothing to compare with"


def test_a_view_that_cannot_be_told_is_no_fault(manual_clock: ManualClock) -> None:
    bench = make_bench(manual_clock, ScriptedSource(frames(2)))
    bench.view_check.verdict_at = lambda _time_s: TOO_LITTLE
    make_processor(bench, camera=calibrated()).run(threading.Event())
    assert [facts.calibration_fault for facts in bench.analyzer.facts] == ["", ""]


def test_a_black_picture_says_nothing_of_the_view(manual_clock: ManualClock) -> None:
    black = builders.image(value=3)
    pictures = [
        builders.frame(index=n, stream_time_s=2.0 * n, picture=None if n < 2 else black)
        for n in range(4)
    ]
    bench = make_bench(manual_clock, ScriptedSource(pictures))
    bench.view_check.verdict_at = lambda _time_s: MOVED
    processor = make_processor(bench, camera=calibrated(SourceType.RTSP))
    processor.run(stopped_after(bench, 4))
    assert len(bench.view_check.boxes) == 2
    faults = {facts.calibration_fault for facts in bench.analyzer.facts}
    assert faults == {MOVED.reason}, "what was found before stands"
    assert "black" in bench.outlet.snapshots[-1].metrics.trust_reason


@pytest.mark.parametrize(
    ("size", "fits"),
    [((320, 240), True), ((640, 480), True), ((326, 240), True), ((320, 180), False)],
)
def test_a_calibration_serves_a_stream_of_its_own_shape_only(
    manual_clock: ManualClock, size: tuple[int, int], fits: bool
) -> None:
    picture = builders.frame(width=size[0], height=size[1])
    bench = make_bench(manual_clock, ScriptedSource([picture]))
    camera = calibrated(picture_wh=(1280, 960))
    make_processor(bench, camera=camera).run(threading.Event())
    fault = bench.analyzer.facts[0].calibration_fault
    expected = "The stream is now 320×180, the calibration was made for 1280×960: calibrate again."
    assert fault == ("" if fits else expected)


def test_optical_flow_is_computed_only_while_the_scene_is_saturated(
    manual_clock: ManualClock,
) -> None:
    bench = make_bench(manual_clock, ScriptedSource(seconds_apart(12)))
    bench.saturation.saturated_from_s = 5.0
    make_processor(bench, camera=calibrated()).run(threading.Event())
    # a live frame is examined when its snapshot is out
    assert [flow.asked_at for flow in bench.flows] == [[6.0, 7.0, 8.0, 9.0, 10.0, 11.0]]
    with_flow = [facts.picture_flow is not None for facts in bench.analyzer.facts]
    assert with_flow == [False] * 6 + [True] * 6


def test_optical_flow_is_computed_when_asked_for_from_the_next_frame_on(
    manual_clock: ManualClock,
) -> None:
    def ask(number: int) -> None:
        if number in {1, 3, 4}:
            wanted = AnalysisParams(optical_flow=number != 3)
            processor.set_params(dataclasses.replace(PARAMS, analysis=wanted))

    bench = make_bench(manual_clock, ScriptedSource(seconds_apart(6), on_read=ask))
    processor = make_processor(bench, camera=calibrated())
    processor.run(threading.Event())
    asked = [flow.asked_at for flow in bench.flows]
    assert len(asked) == 2, "after a pause it starts afresh"
    assert [len(times) for times in asked] == [2, 2]


@pytest.mark.parametrize("moved", [True, False])
def test_no_optical_flow_where_there_is_no_ground_to_lay_it_on(
    manual_clock: ManualClock, moved: bool
) -> None:
    bench = make_bench(manual_clock, ScriptedSource(frames(3)))
    bench.saturation.saturated_from_s = 0.0
    bench.view_check.verdict_at = lambda _time_s: MOVED
    camera = calibrated() if moved else config(source_type=SourceType.FILE)
    make_processor(bench, camera=camera).run(threading.Event())
    assert bench.flows == []


def test_live_snapshots_carry_their_lag(manual_clock: ManualClock) -> None:
    stop = threading.Event()

    def late(number: int) -> None:
        manual_clock.advance(0.4)
        if number == 1:
            stop.set()

    late_frame = builders.frame(captured_mono_s=manual_clock.monotonic())
    bench = make_bench(manual_clock, ScriptedSource([late_frame, None], on_read=late))
    make_processor(bench).run(stop)
    assert bench.outlet.snapshots[0].lag_s == pytest.approx(0.8)
    recorded = make_bench(manual_clock, ScriptedSource(frames(1)))
    make_processor(recorded, camera=config(**RECORDING)).run(threading.Event())
    assert recorded.outlet.snapshots[0].lag_s is None


def test_a_job_reports_its_progress_and_finishes(manual_clock: ManualClock) -> None:
    source = ScriptedSource(
        frames(10), facts=info(frames_total=10), on_read=lambda _n: manual_clock.advance(0.2)
    )
    bench = make_bench(manual_clock, source)
    seen: list[tuple[JobState, int]] = []

    def note() -> None:
        progress = processor.status().job
        assert progress is not None
        seen.append((progress.state, progress.frames_done))

    recorded_at = builders.EPOCH
    processor = make_processor(
        bench, camera=config(**RECORDING), on_change=note, recorded_at=recorded_at
    )
    processor.run(threading.Event())
    assert seen[0][0] is JobState.QUEUED
    assert seen[-1] == (JobState.FINISHED, 10)
    assert 4 <= len([s for s in seen if s[0] is JobState.ANALYSING]) <= 9, "at most two a second"
    assert bench.shelf.starts[0].recorded_at == recorded_at
    status = processor.status().job
    assert status is not None
    assert status.fraction == 1.0


def test_a_broken_recording_is_a_failed_job_with_the_reason(manual_clock: ManualClock) -> None:
    broken = ScriptedSource([*frames(2), SourceLostError("The file is cut off.")])
    processor = make_processor(make_bench(manual_clock, broken), camera=config(**RECORDING))
    processor.run(threading.Event())
    progress = processor.status().job
    assert progress is not None
    assert (progress.state, progress.error) == (JobState.FAILED, "The file is cut off.")
    assert progress.frames_done == 2
    assert processor.state is CameraState.FAILED


def test_a_job_pauses_after_its_frame_and_goes_on_where_it_was(manual_clock: ManualClock) -> None:
    published: list[int] = []

    def pause_once(number: int) -> None:
        if number == 3:
            assert processor.job is not None
            processor.job.pause()
            threading.Thread(target=resume, name="person").start()

    def resume() -> None:
        assert processor.job is not None
        while not bench.outlet.snapshots or bench.outlet.snapshots[-1].frame_index < 3:
            threading.Event().wait(0.01)
        published.extend(snapshot.frame_index for snapshot in bench.outlet.snapshots)
        processor.job.resume()

    bench = make_bench(manual_clock, ScriptedSource(frames(8), on_read=pause_once))
    processor = make_processor(bench, camera=config(**RECORDING))
    processor.run(threading.Event())
    assert published == [0, 1, 2, 3], "what was under way is finished before the rest"
    assert [s.frame_index for s in bench.outlet.snapshots] == list(range(8))
    assert processor.status().job is not None
    assert processor.job is not None
    assert processor.job.state is JobState.FINISHED


def test_a_job_interrupted_by_a_shutdown_is_queued_again(manual_clock: ManualClock) -> None:
    stop = threading.Event()
    source = ScriptedSource(frames(9), on_read=lambda n: stop.set() if n == 4 else None)
    processor = make_processor(make_bench(manual_clock, source), camera=config(**RECORDING))
    processor.run(stop)
    assert processor.job is not None
    assert processor.job.state is JobState.QUEUED
    assert processor.state is CameraState.STOPPED


def test_a_recording_waits_while_the_writer_has_no_room(manual_clock: ManualClock) -> None:
    answers = [False, False, *[True] * 20]
    bench = make_bench(manual_clock, ScriptedSource(frames(4)))
    shared = bench.shared(wait_for_room=lambda _s: answers.pop(0))
    make_processor(bench, camera=config(**RECORDING), shared=shared).run(threading.Event())
    assert [s.frame_index for s in bench.outlet.snapshots] == [0, 1, 2, 3]


def test_a_target_rate_spaces_the_frames_of_a_live_stream() -> None:
    clock = SystemClock()
    camera = dataclasses.replace(config(source_type=SourceType.FILE), target_fps=50.0)
    times: list[float] = []
    source = ScriptedSource(frames(5), on_read=lambda _n: times.append(clock.monotonic()))
    bench = make_bench(clock, source)
    make_processor(bench, camera=camera).run(threading.Event())
    assert len(bench.outlet.snapshots) == 5
    assert times[-1] - times[0] >= 0.07, "four intervals of 20 ms"
    assert source.wanted_rates == [100.0], "no more is decoded than is wanted"


def test_a_retired_thread_says_nothing_more(manual_clock: ManualClock) -> None:
    def retire(number: int) -> None:
        if number == 2:
            processor.retire("stuck", failed=True)

    source = ScriptedSource(frames(5), on_read=retire)
    bench = make_bench(manual_clock, source)
    processor = make_processor(bench, camera=config(source_type=SourceType.FILE))
    processor.run(threading.Event())
    assert [s.frame_index for s in bench.outlet.snapshots] == [0]
    assert processor.state is CameraState.FAILED
    assert source.is_closed


def test_limits_of_the_chain_are_those_of_the_kind_of_source() -> None:
    limits = ProcessorLimits()
    assert (limits.live.depth, limits.recorded.depth) == (1, SLOTS)
    assert limits.heartbeat_s == 15.0
    assert ProcessorLimits(read_timeout_s=1.0).heartbeat_s == 10.0
