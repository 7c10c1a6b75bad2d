"""Progress of recorded jobs: persisted at most once a second, then told to the browsers."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from sqlalchemy.exc import SQLAlchemyError

from backend.core.camera import JobState
from backend.core.clock import Clock
from backend.core.snapshot import JobProgress
from backend.db import camera_store
from backend.db.base import SessionFactory
from backend.services.camera_views import JobView, job_view

logger = logging.getLogger(__name__)

JobListener: TypeAlias = Callable[[int, JobView], None]

FINAL_STATES: Final = frozenset({JobState.FINISHED, JobState.FAILED, JobState.CANCELLED})


@dataclass(frozen=True, slots=True)
class JobKeeperStats:
    """Health of the persistence of progress."""

    written: int
    errors: int
    waiting: int
    is_running: bool


class JobKeeper:
    """Thread ``jobs``: writes the newest progress of every job to its row once a second.

    Only the newest progress of a job counts, so nothing is lost by replacing: a final state
    is the last thing a run reports.

    Args:
        session_factory: Opens database sessions.
        clock: Stamps.
        on_change: Called with every job after its progress was committed; must only enqueue.
        interval_s: Shortest time between two writes.
        chores: Done once a round on the same thread: work for the database that is nobody's
            hurry. One that raises is logged and counted.
    """

    def __init__(
        self,
        *,
        session_factory: SessionFactory,
        clock: Clock,
        on_change: JobListener,
        interval_s: float = 1.0,
        chores: Sequence[Callable[[], object]] = (),
    ) -> None:
        self._open = session_factory
        self._clock = clock
        self._on_change = on_change
        self._interval_s = interval_s
        self._chores = tuple(chores)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._box_lock = threading.Lock()
        self._write_lock = threading.Lock()
        self._box: dict[int, JobProgress] = {}
        self._written = 0
        self._errors = 0

    def report(self, camera_id: int, progress: JobProgress) -> None:
        """Take newer progress; only enqueues, so any thread may call it."""
        with self._box_lock:
            self._box[camera_id] = progress

    def newest(self, camera_id: int) -> JobProgress | None:
        """Return progress that is not persisted yet."""
        with self._box_lock:
            return self._box.get(camera_id)

    def discard(self, camera_id: int) -> None:
        """Forget what an ended run reported; after the return none of it will be written."""
        with self._write_lock, self._box_lock:
            self._box.pop(camera_id, None)

    def start(self) -> None:
        """Start the thread; no effect while it runs."""
        if self._thread is not None and self._thread.is_alive():
            return
        self._stop.clear()
        self._thread = threading.Thread(target=self.run, name="jobs")
        self._thread.start()

    def stop(self, timeout_s: float = 15.0) -> None:
        """Write what is left and end; idempotent."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout_s)

    def run(self) -> None:
        """Write until stopped, and once more at the end."""
        while not self._stop.wait(self._interval_s):
            self._guarded(self.flush)
            for chore in self._chores:
                self._guarded(chore)
        self._guarded(self.flush)

    def flush(self) -> None:
        """Persist all waiting progress; what cannot be written stays for the next time."""
        with self._box_lock:
            waiting = sorted(self._box)
        for camera_id in waiting:
            try:
                self._persist(camera_id)
            except SQLAlchemyError:
                with self._box_lock:
                    self._errors += 1
                logger.exception("jobs.write_failed camera=%s", camera_id)

    def _guarded(self, work: Callable[[], object]) -> None:
        try:
            work()
        except Exception:  # one bad job must not end the thread that keeps them all
            with self._box_lock:
                self._errors += 1
            logger.exception("jobs.failed")

    def stats(self) -> JobKeeperStats:
        """Return counters for health."""
        with self._box_lock:
            is_running = self._thread is not None and self._thread.is_alive()
            return JobKeeperStats(self._written, self._errors, len(self._box), is_running)

    def _persist(self, camera_id: int) -> None:
        with self._write_lock:
            progress = self.newest(camera_id)
            if progress is None:
                return
            view = self._write(camera_id, progress)
            with self._box_lock:
                if self._box.get(camera_id) is progress:
                    del self._box[camera_id]
                self._written += 1
        if view is not None:
            self._on_change(camera_id, view)

    def _write(self, camera_id: int, progress: JobProgress) -> JobView | None:
        """Update the row; None when the camera has been deleted meanwhile."""
        now = self._clock.now()
        with self._open() as session, session.begin():
            job = camera_store.find_job(session, camera_id)
            if job is None:
                return None
            job.state = progress.state.value
            job.frames_done = progress.frames_done
            job.stream_time_s = progress.stream_time_s
            job.error = progress.error
            job.frames_total = progress.frames_total or job.frames_total
            job.duration_s = progress.duration_s or job.duration_s
            if progress.state is JobState.QUEUED:
                job.started_at = job.finished_at = None
            if progress.state is JobState.ANALYSING and job.started_at is None:
                job.started_at = now
            if progress.state in FINAL_STATES:
                job.finished_at = job.finished_at or now
            return job_view(job, progress)
