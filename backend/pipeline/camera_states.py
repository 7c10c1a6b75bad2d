"""State machines of a camera run and of a recorded job: tables, and errors for people."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from backend.core.camera import CameraState, JobState
from backend.core.errors import IllegalCommandError


class CameraEvent(StrEnum):
    """What moves a camera run from state to state."""

    CONNECT = "connect"
    CONNECTED = "connected"
    LOST = "lost"
    STOP = "stop"
    ENDED = "ended"
    FAIL = "fail"


class CameraCommand(StrEnum):
    """What a person may ask of a camera."""

    START = "start"
    STOP = "stop"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"


class JobEvent(StrEnum):
    """What moves a recorded job from state to state."""

    QUEUE = "queue"
    GRANT = "grant"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    FINISH = "finish"
    FAIL = "fail"
    INTERRUPT = "interrupt"


_C, _J = CameraState, JobState

CAMERA_TRANSITIONS: Mapping[tuple[CameraState, CameraEvent], CameraState] = MappingProxyType(
    {
        (_C.NEW, CameraEvent.CONNECT): _C.CONNECTING,
        (_C.NEW, CameraEvent.STOP): _C.STOPPING,
        (_C.NEW, CameraEvent.FAIL): _C.FAILED,
        (_C.CONNECTING, CameraEvent.CONNECTED): _C.RUNNING,
        (_C.CONNECTING, CameraEvent.LOST): _C.RECONNECTING,
        (_C.CONNECTING, CameraEvent.STOP): _C.STOPPING,
        (_C.CONNECTING, CameraEvent.FAIL): _C.FAILED,
        (_C.RUNNING, CameraEvent.LOST): _C.RECONNECTING,
        (_C.RUNNING, CameraEvent.STOP): _C.STOPPING,
        (_C.RUNNING, CameraEvent.ENDED): _C.STOPPED,
        (_C.RUNNING, CameraEvent.FAIL): _C.FAILED,
        (_C.RECONNECTING, CameraEvent.CONNECTED): _C.RUNNING,
        (_C.RECONNECTING, CameraEvent.LOST): _C.RECONNECTING,
        (_C.RECONNECTING, CameraEvent.STOP): _C.STOPPING,
        (_C.RECONNECTING, CameraEvent.FAIL): _C.FAILED,
        (_C.STOPPING, CameraEvent.STOP): _C.STOPPING,
        (_C.STOPPING, CameraEvent.ENDED): _C.STOPPED,
        (_C.STOPPING, CameraEvent.FAIL): _C.FAILED,
        (_C.FAILED, CameraEvent.STOP): _C.STOPPED,
    }
)
"""A run is never started twice: a new start is a new run. Stopping a failed camera means that
nobody wants it any more: it is not tried again."""

JOB_TRANSITIONS: Mapping[tuple[JobState, JobEvent], JobState] = MappingProxyType(
    {
        **{
            (state, JobEvent.QUEUE): _J.QUEUED
            for state in (_J.EMPTY, _J.FINISHED, _J.FAILED, _J.CANCELLED)
        },
        (_J.QUEUED, JobEvent.GRANT): _J.ANALYSING,
        (_J.QUEUED, JobEvent.CANCEL): _J.CANCELLED,
        (_J.QUEUED, JobEvent.FAIL): _J.FAILED,
        (_J.QUEUED, JobEvent.INTERRUPT): _J.QUEUED,
        (_J.ANALYSING, JobEvent.PAUSE): _J.PAUSED,
        (_J.ANALYSING, JobEvent.CANCEL): _J.CANCELLED,
        (_J.ANALYSING, JobEvent.FINISH): _J.FINISHED,
        (_J.ANALYSING, JobEvent.FAIL): _J.FAILED,
        (_J.ANALYSING, JobEvent.INTERRUPT): _J.QUEUED,
        (_J.PAUSED, JobEvent.RESUME): _J.QUEUED,
        (_J.PAUSED, JobEvent.CANCEL): _J.CANCELLED,
        (_J.PAUSED, JobEvent.FAIL): _J.FAILED,
        (_J.PAUSED, JobEvent.INTERRUPT): _J.PAUSED,
    }
)
"""A paused job gives its place to the next; resuming queues it until a place is free."""

_RESTING = frozenset({_C.STOPPED, _C.FAILED})

LIVE_COMMANDS: Mapping[CameraCommand, frozenset[CameraState]] = MappingProxyType(
    {
        CameraCommand.START: _RESTING,
        CameraCommand.STOP: frozenset(CameraState),
        CameraCommand.PAUSE: frozenset(),
        CameraCommand.RESUME: frozenset(),
        CameraCommand.CANCEL: frozenset(),
    }
)
"""Which command is legal in which state of a live camera."""

_UNFINISHED = frozenset({_J.QUEUED, _J.ANALYSING, _J.PAUSED})

JOB_COMMANDS: Mapping[CameraCommand, frozenset[JobState]] = MappingProxyType(
    {
        CameraCommand.START: frozenset({_J.EMPTY, _J.FINISHED, _J.FAILED, _J.CANCELLED}),
        CameraCommand.STOP: frozenset(JobState),
        CameraCommand.PAUSE: frozenset({_J.ANALYSING}),
        CameraCommand.RESUME: frozenset({_J.PAUSED}),
        CameraCommand.CANCEL: _UNFINISHED,
    }
)
"""Which command is legal in which state of a recorded job; stop means cancel what is unfinished."""


def next_camera_state(state: CameraState, event: CameraEvent) -> CameraState:
    """Return the state after ``event``.

    Raises:
        IllegalCommandError: The table knows no such step.
    """
    try:
        return CAMERA_TRANSITIONS[state, event]
    except KeyError:
        raise IllegalCommandError(f"a camera that is {state} cannot {event}") from None


def next_job_state(state: JobState, event: JobEvent) -> JobState:
    """Return the job's state after ``event``.

    Raises:
        IllegalCommandError: The table knows no such step.
    """
    try:
        return JOB_TRANSITIONS[state, event]
    except KeyError:
        raise IllegalCommandError(f"an analysis that is {state} cannot {event}") from None


def check_live_command(command: CameraCommand, state: CameraState) -> None:
    """Raise IllegalCommandError unless ``command`` is legal for a live camera in ``state``."""
    allowed = LIVE_COMMANDS[command]
    if state in allowed:
        return
    if not allowed:
        raise IllegalCommandError(
            f"A live camera cannot {command}; only the analysis of an uploaded video can."
        )
    raise IllegalCommandError(f"The camera is {state.status}; it cannot {command} now.")


def check_job_command(command: CameraCommand, state: JobState) -> None:
    """Raise IllegalCommandError unless ``command`` is legal for a job in ``state``."""
    if state not in JOB_COMMANDS[command]:
        raise IllegalCommandError(f"The analysis is {state}; it cannot {command} now.")
