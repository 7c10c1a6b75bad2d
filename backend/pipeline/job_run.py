"""How the thread of a recorded job waits: for its place, while paused, for slower parts."""

from __future__ import annotations

import math
import threading

from backend.core.camera import JobState
from backend.pipeline.camera_states import JobEvent
from backend.pipeline.heartbeat import Heartbeat
from backend.pipeline.job_control import JobControl
from backend.pipeline.run_board import RunBoard
from backend.pipeline.shared_parts import SharedParts

_SLICE_S = 0.5


class JobRun:
    """The thread's side of a recorded job.

    Args:
        job: State, commanded by people.
        board: For messages and progress.
        shared: Queue of places, back-pressure, clock.
    """

    def __init__(self, job: JobControl, board: RunBoard, shared: SharedParts) -> None:
        self._job = job
        self._board = board
        self._shared = shared
        self._reported_s = -math.inf
        self._has_place = False

    @property
    def is_paused(self) -> bool:
        """A person paused the job."""
        return self._job.state is JobState.PAUSED

    def take_place(self, stop: threading.Event, heartbeat: Heartbeat) -> bool:
        """Wait in the queue; False when the job is not wanted any more."""
        heartbeat.rest()
        self._board.note(message="Waiting for its turn.")
        self._has_place = self._shared.jobs.acquire(
            self, wanted=lambda: not stop.is_set() and self._job.state is JobState.QUEUED
        )
        heartbeat.beat()
        self._board.note(message="")
        return self._has_place and self._job.advance(JobEvent.GRANT)

    def may_go_on(self, stop: threading.Event, heartbeat: Heartbeat) -> bool:
        """Wait for whatever holds the job up; False when the caller has to look again."""
        if self._job.state is JobState.PAUSED:
            self._rest_while_paused(stop, heartbeat)
            return False
        if self._job.state is JobState.QUEUED:  # resumed: a place is needed again
            self._shared.jobs.release(self)  # it is held still if the pause was never noticed
            return self.take_place(stop, heartbeat)
        if self._job.state is not JobState.ANALYSING:
            stop.wait(_SLICE_S)  # cancelled: whoever did it sets stop
            return False
        return self._shared.wait_for_room(_SLICE_S)

    def report_is_due(self) -> bool:
        """Return True at most every ``progress_interval_s``."""
        now_s = self._shared.clock.monotonic()
        if now_s - self._reported_s < self._shared.limits.progress_interval_s:
            return False
        self._reported_s = now_s
        return True

    def finished(self, lack: str = "") -> None:
        """The last frame was analysed; ``lack`` says for people what the results are without."""
        self._job.advance(JobEvent.FINISH, error=lack)

    def failed(self, error: str) -> None:
        """The job ends with ``error`` for people to read."""
        self._job.advance(JobEvent.FAIL, error=error)

    def leave(self) -> None:
        """Give the place back; a job cut off by a shutdown waits for the next start."""
        self._shared.jobs.release(self)
        self._job.advance(JobEvent.INTERRUPT)

    def _rest_while_paused(self, stop: threading.Event, heartbeat: Heartbeat) -> None:
        self._shared.jobs.release(self)
        self._board.note(fps=None)
        heartbeat.rest()
        while not stop.is_set():
            if self._job.wait_while(JobState.PAUSED, _SLICE_S) is not JobState.PAUSED:
                return
