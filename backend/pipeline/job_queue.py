"""Who may analyse a recording, and when it has to let live cameras go first."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

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


class InferenceGate:
    """Lets recorded jobs infer in the gaps between live cameras.

    A job's turn comes when no live inference is under way, or after ``live_per_job`` live
    ones, or after ``patience_s``: on a machine that live cameras keep fully busy recordings
    get one inference in ``live_per_job + 1`` and never starve.

    Args:
        live_per_job: Live inferences a job lets pass at most.
        patience_s: Longest wait of a job in seconds.
    """

    def __init__(self, *, live_per_job: int = 4, patience_s: float = 2.0) -> None:
        self._live_per_job = live_per_job
        self._patience_s = patience_s
        self._changed = threading.Condition()
        self._live_under_way = 0
        self._live_done = 0

    @contextmanager
    def live_turn(self) -> Iterator[None]:
        """Mark a live inference as under way; never waits."""
        with self._changed:
            self._live_under_way += 1
        try:
            yield
        finally:
            with self._changed:
                self._live_under_way -= 1
                self._live_done += 1
                self._changed.notify_all()

    def wait_for_job_turn(self) -> bool:
        """Wait until a job may infer; False when its patience ran out."""
        with self._changed:
            first = self._live_done
            return self._changed.wait_for(
                lambda: self._live_under_way == 0 or self._live_done - first >= self._live_per_job,
                self._patience_s,
            )
