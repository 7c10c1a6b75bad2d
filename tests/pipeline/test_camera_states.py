from __future__ import annotations

import pytest

from backend.core.camera import CameraState, JobState
from backend.core.errors import IllegalCommandError
from backend.pipeline.camera_states import (
    CAMERA_TRANSITIONS,
    JOB_TRANSITIONS,
    CameraCommand,
    CameraEvent,
    JobEvent,
    check_job_command,
    check_live_command,
    next_camera_state,
    next_job_state,
)


def test_the_life_of_a_camera() -> None:
    state = CameraState.NEW
    lived = []
    for event in (
        CameraEvent.CONNECT,
        CameraEvent.CONNECTED,
        CameraEvent.LOST,
        CameraEvent.LOST,
        CameraEvent.CONNECTED,
        CameraEvent.STOP,
        CameraEvent.ENDED,
    ):
        state = next_camera_state(state, event)
        lived.append(state.value)
    assert lived == [
        "connecting", "running", "reconnecting", "reconnecting", "running", "stopping", "stopped",
    ]  # fmt: skip


def test_the_life_of_a_job() -> None:
    state = JobState.QUEUED
    lived = []
    for event in (
        JobEvent.GRANT,
        JobEvent.PAUSE,
        JobEvent.RESUME,
        JobEvent.GRANT,
        JobEvent.FINISH,
        JobEvent.QUEUE,
        JobEvent.CANCEL,
    ):
        state = next_job_state(state, event)
        lived.append(state.value)
    assert lived == [
        "analysing", "paused", "queued", "analysing", "finished", "queued", "cancelled",
    ]  # fmt: skip


@pytest.mark.parametrize("state", CameraState)
@pytest.mark.parametrize("event", CameraEvent)
def test_a_step_the_table_does_not_know_is_an_error(state: CameraState, event: CameraEvent) -> None:
    if (state, event) in CAMERA_TRANSITIONS:
        assert next_camera_state(state, event) is CAMERA_TRANSITIONS[state, event]
    else:
        with pytest.raises(IllegalCommandError):
            next_camera_state(state, event)


@pytest.mark.parametrize("state", JobState)
@pytest.mark.parametrize("event", JobEvent)
def test_a_step_of_a_job_the_table_does_not_know_is_an_error(
    state: JobState, event: JobEvent
) -> None:
    if (state, event) in JOB_TRANSITIONS:
        assert next_job_state(state, event) is JOB_TRANSITIONS[state, event]
    else:
        with pytest.raises(IllegalCommandError):
            next_job_state(state, event)


def test_commands_that_make_no_sense_are_refused_with_a_sentence() -> None:
    with pytest.raises(IllegalCommandError, match="only the analysis of an uploaded video"):
        check_live_command(CameraCommand.PAUSE, CameraState.RUNNING)
    with pytest.raises(IllegalCommandError, match="The camera is live; it cannot start now"):
        check_live_command(CameraCommand.START, CameraState.RUNNING)
    with pytest.raises(IllegalCommandError, match="The analysis is finished; it cannot pause"):
        check_job_command(CameraCommand.PAUSE, JobState.FINISHED)
    check_job_command(CameraCommand.START, JobState.CANCELLED)
    check_live_command(CameraCommand.START, CameraState.FAILED)
