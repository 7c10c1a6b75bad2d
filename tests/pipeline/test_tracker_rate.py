"""How fast pictures come, as the tracker is told."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from backend.core.camera import CameraConfig, SourceInfo, SourceType
from backend.core.frame import Detections, Tracks
from backend.pipeline.detection_queue import PendingFrame
from backend.pipeline.tracker_rate import DEFAULT_FRAME_RATE_HZ, RatedTracker
from tests import builders
from tests.pipeline.fakes import FakeTracker, config


def rated(camera: CameraConfig, tracker: FakeTracker) -> RatedTracker:
    made = RatedTracker(camera, lambda _config, _rate_hz: tracker)
    made.load()
    return made


@pytest.mark.parametrize(
    ("declared", "wanted", "expected"),
    [(15.0, None, 15.0), (15.0, 5.0, 5.0), (None, 5.0, 5.0), (None, None, DEFAULT_FRAME_RATE_HZ)],
)
def test_a_new_source_is_expected_at_its_declared_rate_at_most(
    declared: float | None, wanted: float | None, expected: float
) -> None:
    tracker = FakeTracker()
    camera = dataclasses.replace(config(), target_fps=wanted)
    rated(camera, tracker).connected(SourceInfo(4, 4, declared, None, None, "", ""), 0.0)
    assert tracker.frame_rate_hz == expected


def test_the_rate_of_a_live_camera_is_told_now_and_then_and_at_once_when_slow() -> None:
    tracker = FakeTracker()
    tracking = rated(config(), tracker)
    tracking.connected(SourceInfo(4, 4, 25.0, None, None, "", ""), 0.0)
    for number in range(1, 41):
        tracking.analysed(number / 10)
    assert tracker.frame_rate_hz == 25.0, "not before five seconds"
    for number in range(41, 61):
        tracking.analysed(number / 10)
    assert tracker.frame_rate_hz == pytest.approx(10.0)
    tracking.analysed(9.0)
    assert tracker.frame_rate_hz == pytest.approx(tracking.rate_hz(9.0))
    assert (tracking.rate_hz(9.0) or 9.9) < 5.0


def test_the_rate_of_a_recording_is_no_matter_of_the_clock() -> None:
    tracker = FakeTracker()
    tracking = rated(config(source_type=SourceType.UPLOAD), tracker)
    tracking.connected(SourceInfo(4, 4, 25.0, None, None, "", ""), 0.0)
    for number in range(100):
        tracking.analysed(float(number))
    assert tracker.frame_rate_hz == 25.0


def test_people_who_are_known_need_no_tracker() -> None:
    tracking = RatedTracker(config(), lambda _config, _rate_hz: FakeTracker())
    truth = Tracks(np.array([7], np.int64), np.zeros((1, 4), np.float32), np.ones(1, np.float32))
    frame = dataclasses.replace(builders.frame(), truth=truth)
    assert tracking.follow(PendingFrame(frame, None, None, 0.0, 0.0, Detections.empty())) is truth
    assert tracking.fault == ""
    tracking.reset()
    tracking.analysed(1.0)
