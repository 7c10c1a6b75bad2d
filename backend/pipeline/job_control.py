"""State of one recorded job, commanded by people, obeyed by its thread."""

from __future__ import annotations

import threading
from collections.abc import Callable

from backend.core.camera import JobState
from backend.core.errors import IllegalCommandError
from backend.pipeline.camera_states import (
    CameraCommand,
    JobEvent,
    check_job_command,
    next_job_state,
)


class JobControl:
    """Thread-safe job state; every step goes through `JOB_TRANSITIONS`.

    Args:
        on_change: Called after each change with the lock released; must only enqueue.
    """

    def __init__(self, on_change: Callable[[], None] = lambda: None) -> None:
        self._changed = threading.Condition()
        self._state = JobState.QUEUED
        self._error = ""
        self._on_change = on_change

    @property
    def state(self) -> JobState:
        """The present state."""
        return self._state

    @property
    def error(self) -> str:
        """Why the job failed, or what the results of a finished one lack; empty otherwise."""
        return self._error

    def pause(self) -> None:
        """Ask the thread to stop after the frame it is at; raises IllegalCommandError."""
        self._command(CameraCommand.PAUSE, JobEvent.PAUSE)

    def resume(self) -> None:
        """Queue a paused job again; raises IllegalCommandError."""
        self._command(CameraCommand.RESUME, JobEvent.RESUME)

    def cancel(self) -> None:
        """Give the job up for good; raises IllegalCommandError."""
        self._command(CameraCommand.CANCEL, JobEvent.CANCEL)

    def advance(self, event: JobEvent, *, error: str = "") -> bool:
        """Take ``event`` from the job's own thread; return False where it came too late.

        A person's command may have come first, for instance a cancel before the last frame.
        """
        with self._changed:
            try:
                self._state = next_job_state(self._state, event)
            except IllegalCommandError:
                return False
            self._error = error
            self._changed.notify_all()
        self._on_change()
        return True

    def wait_while(self, state: JobState, timeout_s: float) -> JobState:
        """Wait until the state is another than ``state`` or time is up; return the state."""
        with self._changed:
            self._changed.wait_for(lambda: self._state is not state, timeout_s)
            return self._state

    def _command(self, command: CameraCommand, event: JobEvent) -> None:
        with self._changed:
            check_job_command(command, self._state)
            self._state = next_job_state(self._state, event)
            self._changed.notify_all()
        self._on_change()
