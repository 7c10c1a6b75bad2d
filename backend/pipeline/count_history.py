"""The last two minutes of a camera's count, one value a second, for the sparkline."""

from __future__ import annotations

import math
from collections import deque

from backend.core.snapshot import Snapshot
from backend.core.trust import Trust

_STEP_S = 1.0
_KEPT = 120


class CountHistory:
    """Counts by stream time, oldest first; NaN where the count was not known.

    A new run starts afresh; a reconnect leaves a gap. Used by one thread, or under its
    owner's lock.
    """

    def __init__(self, kept: int = _KEPT) -> None:
        self._counts: deque[float] = deque(maxlen=kept)
        self._run_id: int | None = None
        self._segment = 0
        self._next_s = -math.inf

    def add(self, snapshot: Snapshot) -> None:
        """Take one snapshot; keeps the first of each second."""
        if snapshot.run_id != self._run_id:
            self._counts.clear()
            self._next_s = -math.inf
        elif snapshot.segment != self._segment:
            self._counts.append(math.nan)
            self._next_s = -math.inf
        self._run_id, self._segment = snapshot.run_id, snapshot.segment
        if snapshot.stream_time_s >= self._next_s:
            metrics = snapshot.metrics
            known = metrics.trust is not Trust.UNKNOWN
            self._counts.append(metrics.count if known else math.nan)
            self._next_s = snapshot.stream_time_s + _STEP_S

    def values(self) -> tuple[float, ...]:
        """Return the counts, oldest first."""
        return tuple(self._counts)
