"""What stands in a tracker's place where nobody can be followed from picture to picture."""

from __future__ import annotations

import numpy as np

from backend.core.frame import Detections, Frame, Tracks


class EveryDetection:
    """Takes the place of a tracker where pictures lie seconds apart, or there is only one.

    Each detection is a track of its own, so that what is counted is what was detected.
    """

    fault = ""

    def __init__(self) -> None:
        self._next_id = 1

    def update(self, detections: Detections, frame: Frame) -> Tracks:
        """Return the detections under new ids."""
        first, count = self._next_id, len(detections)
        self._next_id += count
        ids = np.arange(first, first + count, dtype=np.int64)
        return Tracks(ids, detections.boxes_xyxy, detections.confidence)

    def set_frame_rate(self, frame_rate_hz: float) -> None:
        """Nothing is kept from one picture to the next."""

    def reset(self) -> None:
        """Nothing is kept from one picture to the next."""
