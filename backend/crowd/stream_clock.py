"""Elapsed stream time from frame to frame, across reconnects."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StreamStep:
    """One frame's place on the stream's own clock.

    Attributes:
        elapsed_s: Seconds of stream since the frame before; 0 for the first frame of a segment
            (how long a reconnect took is not stream time) and for a stamp that runs backwards.
        is_new_segment: The first frame ever, or the first after a reconnect or loop.
        total_s: Sum of ``elapsed_s`` so far: grows monotonically over all segments.
    """

    elapsed_s: float
    is_new_segment: bool
    total_s: float


class StreamClock:
    """Turns (stream time, segment) of successive frames into elapsed seconds.

    Example:
        >>> clock = StreamClock()
        >>> clock.advance(10.0, segment=0).elapsed_s
        0.0
        >>> clock.advance(10.5, segment=0).elapsed_s
        0.5
        >>> clock.advance(0.0, segment=1)
        StreamStep(elapsed_s=0.0, is_new_segment=True, total_s=0.5)
    """

    def __init__(self) -> None:
        self._last: tuple[float, int] | None = None
        self._total_s = 0.0

    def advance(self, stream_time_s: float, *, segment: int) -> StreamStep:
        """Take the stamps of the next frame and say how much stream time has passed."""
        is_new = self._last is None or self._last[1] != segment
        elapsed_s = 0.0
        if self._last is not None and not is_new:
            elapsed_s = max(stream_time_s - self._last[0], 0.0)
        self._last = (stream_time_s, segment)
        self._total_s += elapsed_s
        return StreamStep(elapsed_s, is_new, self._total_s)
