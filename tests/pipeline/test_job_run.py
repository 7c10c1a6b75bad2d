"""How a recorded job waits for its place, and goes on after a pause nobody noticed."""

from __future__ import annotations

import threading

from backend.core.camera import JobState
from backend.pipeline.heartbeat import Heartbeat
from backend.pipeline.job_control import JobControl
from backend.pipeline.job_run import JobRun
from backend.pipeline.run_board import RunBoard
from tests.builders import ManualClock
from tests.pipeline.fakes import Bench, SourceShelf


def test_a_pause_taken_back_before_it_was_noticed_costs_no_place() -> None:
    clock = ManualClock()
    shared = Bench(clock, SourceShelf([])).shared()
    job = JobControl()
    run = JobRun(job, RunBoard(1, restarts=0, job=job), shared)
    stop, heartbeat = threading.Event(), Heartbeat(10.0, clock)
    assert run.take_place(stop, heartbeat) and job.state is JobState.ANALYSING
    job.pause()
    job.resume()  # the thread was busy with a frame all the while
    assert run.may_go_on(stop, heartbeat)
    assert job.state is JobState.ANALYSING
    run.leave()
    assert shared.jobs.acquire(object(), wanted=lambda: True), "the only place was given back"
