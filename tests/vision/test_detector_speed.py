"""Speeds are medians over rounds in which detectors take turns."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from backend.core.camera import ModelInfo
from backend.core.frame import Detections, Image
from backend.vision.detector import DetectorParams
from backend.vision.detector_speed import measure_speed
from tests.builders import ManualClock, image


class _Done:
    def result(self, timeout_s: float = 30.0) -> Detections:
        del timeout_s
        return Detections.empty()


class TimedDetector:
    """Takes a fixed time alone and another with company (see `detector.Detector`)."""

    info = ModelInfo("timed", "none", "f32", (64, 64))
    params = DetectorParams()

    def __init__(self, clock: ManualClock, *, alone_s: float, busy_s: float) -> None:
        self._clock, self._alone_s, self._busy_s = clock, alone_s, busy_s

    def submit(self, image: Image) -> _Done:
        del image
        self._clock.advance(self._busy_s)
        return _Done()

    def detect(self, image: Image) -> Detections:
        del image
        self._clock.advance(self._alone_s)
        return Detections.empty()

    def survey(self, image: Image, regions: Sequence, **rest: object) -> Detections:
        raise NotImplementedError

    def close(self) -> None:
        pass


def test_each_detector_has_its_own_speed() -> None:
    clock = ManualClock()
    slow = TimedDetector(clock, alone_s=0.1, busy_s=0.05)
    fast = TimedDetector(clock, alone_s=0.02, busy_s=0.01)
    found = measure_speed([slow, fast], [image()] * 5, clock=clock)
    assert found[0].frame_ms == pytest.approx(100.0)
    assert found[0].frames_per_s == pytest.approx(20.0)
    assert found[1].frame_ms == pytest.approx(20.0)
    assert found[1].frames_per_s == pytest.approx(100.0)
