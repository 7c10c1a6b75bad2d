"""Sign of life of a camera thread, read by the watchdog."""

from __future__ import annotations

import math

from backend.core.clock import Clock


class Heartbeat:
    """One thread beats, another asks whether the beat is overdue.

    Assigning a float is atomic, so no lock is needed.

    Args:
        limit_s: Longest silence that is normal.
        clock: Monotonic time.
    """

    def __init__(self, limit_s: float, clock: Clock) -> None:
        self._limit_s = limit_s
        self._clock = clock
        self._due_mono_s = clock.monotonic() + limit_s

    def beat(self, *, allow_s: float = 0.0) -> None:
        """Say "alive"; ``allow_s`` announces a wait that comes on top of the limit.

        ``math.inf`` announces a wait of any length: a loading model, a paused job.
        """
        self._due_mono_s = self._clock.monotonic() + self._limit_s + allow_s

    def rest(self) -> None:
        """Announce a wait of any length."""
        self.beat(allow_s=math.inf)

    @property
    def overdue_s(self) -> float:
        """Seconds the beat is late; 0 while it is not."""
        return max(self._clock.monotonic() - self._due_mono_s, 0.0)
