"""Who may analyse a recording, and who waits for it."""

from __future__ import annotations

import threading
from collections.abc import Callable

_LOOK_S = 0.2
"""How often a waiting thread looks whether it is still wanted."""


class JobQueue:
    """Places for recorded jobs, given out first come, first served.

    Args:
        places: Jobs analysed at the same time.
    """

    def __init__(self, places: int = 1) -> None:
        if places < 1:
            raise ValueError(f"expected at least one place, got {places}")
        self._places = places
        self._changed = threading.Condition()
        self._waiting: list[object] = []
        self._running: set[object] = set()

    def acquire(self, job: object, *, wanted: Callable[[], bool]) -> bool:
        """Wait for a place; False when ``wanted`` said no before one was free."""
        with self._changed:
            self._waiting.append(job)
            try:
                while wanted():
                    if self._waiting[0] is job and len(self._running) < self._places:
                        self._running.add(job)
                        return True
                    self._changed.wait(_LOOK_S)
                return False
            finally:
                self._waiting.remove(job)
                self._changed.notify_all()

    def release(self, job: object) -> None:
        """Give the place back; no effect for a job that has none."""
        with self._changed:
            self._running.discard(job)
            self._changed.notify_all()

    def position(self, job: object) -> int | None:
        """Return how many jobs wait before this one, None when it is not waiting."""
        with self._changed:
            return self._waiting.index(job) if job in self._waiting else None
