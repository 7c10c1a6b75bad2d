"""Examinations of the counter: when there is processor time for them, and not before a snapshot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from backend.core.frame import Detections, Frame
from backend.core.measurements import SaturationEvidence
from backend.pipeline.ports import SaturationExaminer

STRETCH = 3.0
"""While a camera is short of the processor its examinations are so many times further apart:
one costs as much as a dozen frames, and frames are what the camera lacks."""

CARRIED_S = 8.0
"""What was found holds for so long across a break in the stream."""
LONGEST_S = 60.0
"""No place stays unexamined for longer, whatever it costs."""


class PacedExaminer:
    """Stretches the intervals of an examiner and defers its work; one thread.

    Implements `ports.SaturationExaminer`. The first examination of a camera is never put off,
    nor is any while the newest one found more people than can be told apart. A live camera that
    comes back within seconds (its stream broke off, its file began anew) shows the same place:
    what was found last holds on, so that a stream that keeps breaking costs nobody else's frames.

    Args:
        examiner: Decides when it is due and does the work.
        is_short: Whether the camera is short of the processor now, and its place quiet.
        now_s: Monotonic time.
        defers: Examine a frame only in `catch_up`, when its snapshot is out; what is found
            counts from the next frame on. Otherwise while the frame is measured.
    """

    def __init__(
        self,
        examiner: SaturationExaminer,
        is_short: Callable[[], bool],
        *,
        now_s: Callable[[], float],
        defers: bool,
    ) -> None:
        self._examiner = examiner
        self._now_s = now_s
        self._is_short = is_short
        self._defers = defers
        self._examined_at: tuple[int, float] | None = None
        self._put_off_since_s: float | None = None
        self._is_saturated = False
        self._is_wanted = False
        self._found: tuple[int, SaturationEvidence] | None = None
        self._newest: tuple[float, SaturationEvidence] | None = None
        self._is_carried = False

    def due(self, stream_time_s: float, segment: int) -> bool:
        """See `SaturationExaminer.due`."""
        if self._found is not None and self._found[0] != segment:
            self._found = None
        if self._found is not None:
            return True
        at = self._examined_at
        is_first = at is None or at[0] != segment
        if is_first and self._defers and self._is_newest_good():
            self._is_carried = True
            return True
        if not self._is_due(stream_time_s, segment):
            return False
        self._is_wanted = self._defers and not is_first
        return not self._is_wanted

    def examine(self, frame: Frame, detections: Detections) -> SaturationEvidence:
        """See `SaturationExaminer.examine`; returns at once what `catch_up` has found."""
        if self._is_carried and self._newest is not None and self._is_new_segment(frame):
            self._examined_at = (frame.segment, frame.stream_time_s)
            return replace(self._newest[1], at_stream_time_s=frame.stream_time_s)
        if self._found is None:
            return self._look(frame, detections)
        evidence, self._found = self._found[1], None
        return evidence

    def catch_up(self, frame: Frame, detections: Detections, *, may_look: bool = True) -> None:
        """Do what was deferred, now that nobody waits for this frame; may take a while.

        Where it may not be done now, another camera's examination going on or having cost too
        much, it is due again with the next frame, and done after `LONGEST_S` all the same.
        """
        if self._is_wanted and (may_look or self._is_long_ago(frame)):
            self._is_wanted = False
            self._found = (frame.segment, self._look(frame, detections))

    def _is_long_ago(self, frame: Frame) -> bool:
        at = self._examined_at
        return at is not None and frame.stream_time_s - at[1] >= LONGEST_S

    def _look(self, frame: Frame, detections: Detections) -> SaturationEvidence:
        evidence = self._examiner.examine(frame, detections)
        self._examined_at = (frame.segment, frame.stream_time_s)
        self._newest = (self._now_s(), evidence)
        self._is_carried = False
        self._put_off_since_s = None
        self._is_saturated = evidence.saturated
        return evidence

    def _is_new_segment(self, frame: Frame) -> bool:
        return self._examined_at is None or self._examined_at[0] != frame.segment

    def _is_newest_good(self) -> bool:
        """Whether what was found last still holds after a break in the stream."""
        if self._newest is None:
            return False
        holds_s = CARRIED_S * (STRETCH if self._is_short() and not self._is_saturated else 1.0)
        return self._now_s() - self._newest[0] < holds_s

    def _is_due(self, stream_time_s: float, segment: int) -> bool:
        if self._is_carried:  # the examiner itself knows only its own last look
            return not self._is_newest_good()
        if not self._examiner.due(stream_time_s, segment):
            return False
        at = self._examined_at
        if at is None or at[0] != segment or self._is_saturated or not self._is_short():
            return True
        if self._put_off_since_s is None:
            self._put_off_since_s = stream_time_s
        interval_s = self._put_off_since_s - at[1]
        return not 0.0 <= stream_time_s - at[1] < STRETCH * interval_s
