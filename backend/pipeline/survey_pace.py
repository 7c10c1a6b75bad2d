"""Examinations of the counter, less often while there is no processor time for them."""

from __future__ import annotations

from collections.abc import Callable

from backend.core.frame import Detections, Frame
from backend.core.measurements import SaturationEvidence
from backend.pipeline.ports import SaturationExaminer

STRETCH = 2.0
"""While a camera is short of the processor its examinations are so many times further apart:
one costs as much as a dozen frames, and frames are what the camera lacks."""


class PacedExaminer:
    """Stretches the intervals of an examiner (implements `ports.SaturationExaminer`).

    The first examination of a segment is never put off, nor is any while the newest one found
    more people than can be told apart.

    Args:
        examiner: Decides when it is due and does the work.
        is_short: Whether the camera is short of the processor now.
    """

    def __init__(self, examiner: SaturationExaminer, is_short: Callable[[], bool]) -> None:
        self._examiner = examiner
        self._is_short = is_short
        self._examined_at: tuple[int, float] | None = None
        self._put_off_since_s: float | None = None
        self._is_saturated = False

    def due(self, stream_time_s: float, segment: int) -> bool:
        """See `SaturationExaminer.due`."""
        if not self._examiner.due(stream_time_s, segment):
            return False
        at = self._examined_at
        if at is None or at[0] != segment or self._is_saturated or not self._is_short():
            return True
        if self._put_off_since_s is None:
            self._put_off_since_s = stream_time_s
        interval_s = self._put_off_since_s - at[1]
        return not 0.0 <= stream_time_s - at[1] < STRETCH * interval_s

    def examine(self, frame: Frame, detections: Detections) -> SaturationEvidence:
        """See `SaturationExaminer.examine`."""
        evidence = self._examiner.examine(frame, detections)
        self._examined_at = (frame.segment, frame.stream_time_s)
        self._put_off_since_s = None
        self._is_saturated = evidence.saturated
        return evidence
