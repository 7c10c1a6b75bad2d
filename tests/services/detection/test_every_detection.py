"""Nobody is followed: each detection is somebody new."""

from __future__ import annotations

import numpy as np

from backend.services.detection.every_detection import EveryDetection
from tests import builders


def test_everybody_detected_is_counted_once_and_nobody_is_followed() -> None:
    tracker = EveryDetection()
    first = tracker.update(builders.detections((0, 0, 1, 1), (5, 5, 6, 6)), builders.frame())
    second = tracker.update(builders.detections((0, 0, 1, 1)), builders.frame(index=1))
    assert np.array_equal(first.track_ids, [1, 2])
    assert np.array_equal(second.track_ids, [3])
