"""Progress of jobs: newest wins, the last one is never lost."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import text

from backend.core.camera import JobState, SourceType
from backend.core.snapshot import JobProgress
from backend.services.camera_views import CameraView
from backend.services.jobs import JobKeeper
from tests.services.camera_world import OPERATOR, CameraWorld


@pytest.fixture
def clip(cameras: CameraWorld) -> CameraView:
    view = cameras.cameras.create(OPERATOR, {"name": "Clip", "source_type": SourceType.UPLOAD})
    return cameras.send(view, b"video")


def test_only_the_newest_progress_is_written_and_told(
    cameras: CameraWorld, clip: CameraView
) -> None:
    for done in (10, 20, 30):
        cameras.jobs.report(clip.id, JobProgress(JobState.ANALYSING, frames_done=done))
    cameras.jobs.flush()
    cameras.jobs.flush()
    assert [(camera_id, job.frames_done) for camera_id, job in cameras.told] == [(clip.id, 30)]
    row = cameras.job_row(clip.id)
    assert (row.frames_done, row.state) == (30, "analysing")
    assert row.started_at == cameras.clock.now()
    assert row.frames_total == 300, "what the probe knew stays"


def test_progress_of_a_deleted_camera_is_dropped(cameras: CameraWorld, clip: CameraView) -> None:
    cameras.cameras.delete(OPERATOR, clip.id)
    cameras.jobs.report(clip.id, JobProgress(JobState.CANCELLED))
    cameras.jobs.flush()
    assert cameras.told == []
    assert cameras.jobs.stats().waiting == 0


def test_what_the_database_does_not_take_is_tried_again(
    cameras: CameraWorld, clip: CameraView
) -> None:
    with cameras.database() as session, session.begin():
        session.execute(text("ALTER TABLE analysis_jobs RENAME TO away"))
    cameras.jobs.report(clip.id, JobProgress(JobState.FINISHED, frames_done=300))
    cameras.jobs.flush()
    assert (cameras.jobs.stats().errors, cameras.jobs.stats().waiting) == (1, 1)
    with cameras.database() as session, session.begin():
        session.execute(text("ALTER TABLE away RENAME TO analysis_jobs"))
    cameras.jobs.flush()
    assert cameras.job_row(clip.id).state == "finished"


def test_a_discarded_run_writes_nothing_any_more(cameras: CameraWorld, clip: CameraView) -> None:
    cameras.jobs.report(clip.id, JobProgress(JobState.FAILED, error="old run"))
    cameras.jobs.discard(clip.id)
    cameras.jobs.flush()
    assert cameras.job_row(clip.id).state == "queued"


def test_the_thread_writes_and_flushes_at_its_end(cameras: CameraWorld, clip: CameraView) -> None:
    was_told = threading.Event()
    keeper = JobKeeper(
        session_factory=cameras.database,
        clock=cameras.clock,
        on_change=lambda _camera, _job: was_told.set(),
        interval_s=0.02,
    )
    keeper.start()
    keeper.start()
    keeper.report(clip.id, JobProgress(JobState.ANALYSING, frames_done=5))
    assert was_told.wait(5)
    keeper.report(clip.id, JobProgress(JobState.FINISHED, frames_done=300))
    keeper.stop()
    assert cameras.job_row(clip.id).state == "finished"
    assert not keeper.stats().is_running


def test_chores_are_done_on_the_same_thread_and_may_fail(cameras: CameraWorld) -> None:
    names: list[str] = []
    was_done = threading.Event()

    def broken() -> None:
        raise RuntimeError("broken")

    def chore() -> None:
        names.append(threading.current_thread().name)
        was_done.set()

    keeper = JobKeeper(
        session_factory=cameras.database,
        clock=cameras.clock,
        on_change=lambda _camera, _job: None,
        interval_s=0.02,
        chores=(broken, chore),
    )
    keeper.start()
    assert was_done.wait(5)
    keeper.stop()
    assert set(names) == {"jobs"}
    assert keeper.stats().errors >= 1
