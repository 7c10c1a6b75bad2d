"""Frame rates: measuring the one there is, keeping to the one that is wanted."""

from __future__ import annotations

from collections import deque

_PHASE_EVERY = 10
"""Frames between two changes of a pacer's phase."""


class RateMeter:
    """Events a second over a sliding window of monotonic time.

    The last event before the window is remembered: two frames close together after a stall
    of ten seconds are 0.2 Hz, not 60.

    Args:
        window_s: Length of the window in seconds.
    """

    def __init__(self, window_s: float = 3.0) -> None:
        self._window_s = window_s
        self._times: deque[float] = deque()

    def tick(self, now_s: float) -> None:
        """Count one event."""
        self._times.append(now_s)
        self._forget(now_s)

    def rate_hz(self, now_s: float) -> float | None:
        """Return the rate, None where fewer than two events are known or none is in the window.

        Example: events at 0.0, 0.5 and 1.0 s give 2.0 Hz at 1.0 s.
        """
        self._forget(now_s)
        if len(self._times) < 2 or now_s - self._times[-1] > self._window_s:
            return None
        span_s = max(now_s, self._times[-1]) - self._times[0]
        return (len(self._times) - 1) / span_s if span_s > 0 else None

    def reset(self) -> None:
        """Forget everything (the stream was interrupted)."""
        self._times.clear()

    def _forget(self, now_s: float) -> None:
        while len(self._times) > 1 and now_s - self._times[1] > self._window_s:
            self._times.popleft()


class FramePacer:
    """Says how long to wait before the next frame of a camera may be taken.

    Args:
        target_fps: Frames a second at most; None never waits.
    """

    def __init__(self, target_fps: float | None) -> None:
        self._interval_s = 1.0 / target_fps if target_fps else 0.0
        self._due_s: float | None = None
        self._taken = 0

    def delay_s(self, now_s: float) -> float:
        """Return seconds until the next frame is wanted, 0 if now."""
        if self._due_s is None or not self._interval_s:
            return 0.0
        return max(self._due_s - now_s, 0.0)

    def taken(self, now_s: float, *, age_s: float = 0.0) -> None:
        """A frame was taken: the next is due one interval after this one was due.

        A camera that fell behind does not catch up with a burst. Where frames come hardly more
        often than they are wanted, each may have waited nearly an interval by the time it is
        due: now and then the next is then due earlier, when it will have just come.

        Args:
            now_s: Monotonic time.
            age_s: How long ago the frame was captured.
        """
        due_s = now_s if self._due_s is None else self._due_s
        self._due_s = max(due_s + self._interval_s, now_s)
        self._taken += 1
        is_late = self._interval_s / 2 < age_s < 1.5 * self._interval_s
        if is_late and self._taken >= _PHASE_EVERY:
            self._taken = 0
            self._due_s = max(self._due_s - age_s, now_s)
