"""The simulated camera as a source: live, repeatable, and true to its own clock."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

import numpy as np
import pytest

from backend.core.camera import SourceSpec, SourceType
from backend.core.clock import SystemClock
from backend.core.errors import InvalidInputError, SourceLostError, SourceRefusedError
from backend.core.frame import Frame
from backend.vision.sources import (
    FrameSource,
    SourceLimits,
    SourceStart,
    make_source,
    probe_source,
    validate_source,
)
from tests.builders import ManualClock

LIMITS = SourceLimits(file_folders=(), upload_folder=Path("/nowhere"))


def spec(text: str) -> SourceSpec:
    return SourceSpec(SourceType.SIMULATED, text)


def source(
    text: str,
    clock: ManualClock,
    *,
    start: SourceStart | None = None,
    wanted_hz: float | None = None,
) -> FrameSource:
    made = make_source(spec(text), limits=LIMITS, clock=clock, start=start or SourceStart())
    made.set_wanted_rate(wanted_hz)
    made.open()
    return made


def frame_at(text: str, seconds: float, *, step_s: float = 0.5) -> Frame:
    """The frame of this stream time, fetched every ``step_s``."""
    clock = ManualClock()
    playing = source(text, clock)
    frame = playing.read(0)
    for _ in range(round(seconds / step_s)):
        clock.advance(step_s)
        frame = playing.read(0)
    playing.close()
    assert frame is not None
    assert frame.stream_time_s == pytest.approx(seconds)
    return frame


def fingerprint(frame: Frame) -> str:
    assert frame.truth is not None
    parts = (frame.image, frame.truth.track_ids, frame.truth.boxes_xyxy)
    return hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest()


def test_the_same_seed_gives_the_same_frames_however_they_are_fetched() -> None:
    frames = [frame_at("surge:3", 3.0, step_s=step_s) for step_s in (0.5, 0.5, 1.0)]
    assert len({fingerprint(frame) for frame in frames}) == 1


def test_another_seed_gives_other_people() -> None:
    assert fingerprint(frame_at("surge:3", 1.0)) != fingerprint(frame_at("surge:4", 1.0))


def test_the_newest_frame_wins_and_the_others_are_counted() -> None:
    clock = ManualClock()
    playing = source("calm", clock)
    first = playing.read(0)
    assert playing.read(0) is None
    clock.advance(1.0)
    late = playing.read(0)
    assert first is not None
    assert late is not None
    assert (first.index, late.index) == (0, 10)
    assert late.stream_time_s == pytest.approx(1.0)
    assert late.captured_mono_s == pytest.approx(clock.monotonic())
    assert playing.dropped_frames == 9


def test_no_more_is_drawn_than_is_wanted() -> None:
    clock = ManualClock()
    playing = source("calm", clock, wanted_hz=2.0)
    indices = []
    for _ in range(25):
        frame = playing.read(0)
        if frame is not None:
            indices.append(frame.index)
        clock.advance(0.1)
    assert indices == [0, 5, 10, 15, 20]
    assert playing.dropped_frames == 0


def test_a_reader_that_was_away_for_an_hour_is_waited_for() -> None:
    clock = ManualClock()
    playing = source("calm", clock)
    playing.read(0)
    clock.advance(3600.0)
    frame = playing.read(0)
    assert frame is not None
    assert frame.stream_time_s < 5.0
    clock.advance(0.1)
    later = playing.read(0)
    assert later is not None
    assert later.index == frame.index + 1


def test_numbering_goes_on_after_a_restart() -> None:
    clock = ManualClock()
    before = source("calm", clock).read(0)
    after = source("calm", clock, start=SourceStart(first_index=900, segment=4)).read(0)
    assert before is not None
    assert before.truth is not None
    assert after is not None
    assert after.truth is not None
    assert (after.index, after.segment, after.stream_time_s) == (900, 4, 0.0)
    assert not set(before.truth.track_ids.tolist()) & set(after.truth.track_ids.tolist())


def test_truth_is_who_is_in_the_picture() -> None:
    frame = frame_at("counter-flow", 2.0)
    assert frame.truth is not None
    ids, boxes = frame.truth.track_ids, frame.truth.boxes_xyxy
    assert len(ids) > 20
    assert (np.diff(ids) > 0).all()
    assert (frame.truth.confidence == 1.0).all()
    feet_x, feet_y = (boxes[:, 0] + boxes[:, 2]) / 2, boxes[:, 3]
    width, height = frame.picture_wh
    assert ((feet_x > 0) & (feet_x < width) & (feet_y > 0) & (feet_y < height)).all()


def test_a_closed_source_delivers_nothing_and_leaves_no_thread() -> None:
    threads = threading.active_count()
    playing = source("calm", ManualClock())
    playing.close()
    playing.close()
    assert playing.read(5.0) is None
    assert threading.active_count() == threads


def test_closing_wakes_a_waiting_reader() -> None:
    playing = source("calm", ManualClock())
    playing.read(0)
    closer = threading.Timer(0.05, playing.close)
    closer.start()
    assert playing.read(30.0) is None
    closer.join()


def test_a_source_is_opened_once_and_before_it_is_read() -> None:
    made = make_source(spec("calm"), limits=LIMITS, clock=ManualClock(), start=SourceStart())
    with pytest.raises(SourceLostError):
        made.read(0)
    with pytest.raises(SourceLostError):
        _ = made.info
    made.open()
    with pytest.raises(SourceLostError):
        made.open()


def test_an_unknown_scenario_is_refused_when_typed_in_and_when_opened() -> None:
    validate_source(spec("peak:3"), LIMITS)
    with pytest.raises(InvalidInputError) as refused:
        validate_source(spec("panic"), LIMITS)
    assert refused.value.field == "source"
    with pytest.raises(SourceRefusedError, match="choose one of"):
        make_source(spec("panic"), limits=LIMITS, clock=ManualClock(), start=SourceStart())


def test_a_simulated_camera_can_be_tried() -> None:
    found = probe_source(spec("calm"), limits=LIMITS, clock=SystemClock())
    assert (found.info.width, found.info.height) == (1280, 720)
    assert found.info.nominal_fps == 10.0
    assert found.first_frame.shape == (720, 1280, 3)
    assert found.frame_rate_hz is not None
