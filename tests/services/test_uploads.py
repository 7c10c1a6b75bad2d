"""Receiving videos: nothing half-done is kept, the old goes only when the new is good."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import BinaryIO

import pytest

from backend.core.camera import JobState, SourceType
from backend.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
    TooLargeError,
    UnavailableError,
)
from backend.core.snapshot import JobProgress
from backend.services.camera_views import CameraView
from backend.services.upload_files import UploadFiles
from backend.services.uploads import UploadForm, display_name
from tests.builders import EPOCH
from tests.services.camera_world import ADMIN, LONG_AGO, OPERATOR, VIEWER, CameraWorld


@pytest.fixture
def clip(cameras: CameraWorld) -> CameraView:
    return cameras.cameras.create(OPERATOR, {"name": "Clip", "source_type": SourceType.UPLOAD})


def test_a_video_is_kept_and_queued(cameras: CameraWorld, clip: CameraView) -> None:
    view = cameras.send(clip, b"a video", filename="C:\\films\\my clip.mp4")
    assert view.job is not None
    assert (view.job.state, view.job.original_name, view.job.size_bytes) == (
        "queued",
        "my clip.mp4",
        7,
    )
    assert (view.job.duration_s, view.job.frames_total) == (12.0, 300)
    assert view.source_display == "my clip.mp4"
    assert cameras.stored_files() == [b"a video"]
    config = cameras.engine.running[clip.id]
    assert config.spec.source_type is SourceType.UPLOAD
    assert config.spec.source.startswith(str(cameras.home / "uploads"))


def test_the_start_is_the_forms_then_the_containers_then_now(
    cameras: CameraWorld, clip: CameraView
) -> None:
    cameras.send(clip, b"video")
    cameras.stated_time = LONG_AGO
    cameras.send(clip, b"video")
    cameras.send(clip, b"video", recorded_at=LONG_AGO + timedelta(days=1))
    cameras.stated_time = LONG_AGO.replace(year=1970)
    cameras.send(clip, b"video")
    starts = [recorded_at for _, _, recorded_at in cameras.engine.started]
    assert starts == [EPOCH, LONG_AGO, LONG_AGO + timedelta(days=1), EPOCH]
    with pytest.raises(InvalidInputError) as caught:
        cameras.send(clip, b"video", recorded_at=EPOCH + timedelta(days=1))
    assert caught.value.field == "recorded_at"


@pytest.mark.parametrize(
    ("content", "error", "words"),
    [
        (b"", InvalidInputError, "empty"),
        (b"a song", InvalidInputError, "'clip.mp4' is not a video"),
        (b"video" * 300, TooLargeError, "larger than"),
    ],
)
def test_a_bad_video_leaves_the_good_one_alone(
    cameras: CameraWorld,
    clip: CameraView,
    content: bytes,
    error: type[InvalidInputError],
    words: str,
) -> None:
    cameras.send(clip, b"a good video")
    with pytest.raises(error, match=words) as caught:
        cameras.send(clip, content)
    assert caught.value.field == "video"
    assert cameras.stored_files() == [b"a good video"]
    assert clip.id in cameras.engine.running


def test_a_new_video_replaces_the_old_one(cameras: CameraWorld, clip: CameraView) -> None:
    cameras.send(clip, b"first video")
    cameras.send(clip, b"second video")
    assert cameras.stored_files() == [b"second video"]
    assert cameras.engine.log == [f"start {clip.id}", f"stop {clip.id}", f"start {clip.id}"]


def test_a_broken_upload_leaves_no_file(cameras: CameraWorld, clip: CameraView) -> None:
    def read_form(stream: BinaryIO) -> UploadForm:
        stream.write(b"half a vid")
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        cameras.uploads.receive(OPERATOR, clip.id, read_form, expected_bytes=None)
    assert cameras.stored_files() == []


def test_permission_is_checked_before_a_byte_is_read(
    cameras: CameraWorld, clip: CameraView
) -> None:
    def read_form(_stream: BinaryIO) -> UploadForm:
        raise AssertionError("the body must not be read")

    with pytest.raises(PermissionDeniedError):
        cameras.uploads.receive(VIEWER, clip.id, read_form, expected_bytes=1)
    with pytest.raises(NotFoundError):
        cameras.uploads.receive(OPERATOR, 999, read_form, expected_bytes=1)
    live = cameras.cameras.create(
        ADMIN, {"name": "Gate", "source_type": SourceType.RTSP, "source": "rtsp://a/b"}
    )
    with pytest.raises(ConflictError, match="upload"):
        cameras.uploads.receive(ADMIN, live.id, read_form, expected_bytes=1)


def test_a_full_disk_is_said_before_a_byte_is_written(cameras: CameraWorld) -> None:
    files = UploadFiles(cameras.home / "uploads", max_bytes=1000, reserve_bytes=10**18)
    with pytest.raises(UnavailableError, match="room"):
        files.open_incoming(100)


def test_unfinished_jobs_are_queued_again_after_a_restart(cameras: CameraWorld) -> None:
    states = (JobState.QUEUED, JobState.ANALYSING, JobState.PAUSED, JobState.FINISHED)
    clips = {}
    for state in states:
        view = cameras.cameras.create(
            OPERATOR, {"name": state.value, "source_type": SourceType.UPLOAD}
        )
        cameras.send(view, b"video")
        cameras.jobs.report(view.id, JobProgress(state, frames_done=100))
        clips[state] = view.id
    cameras.jobs.flush()
    after = cameras.restart()
    assert set(after.engine.running) == {clips[JobState.QUEUED], clips[JobState.ANALYSING]}
    assert after.job_row(clips[JobState.ANALYSING]).frames_done == 0
    assert after.job_row(clips[JobState.FINISHED]).state == "finished"
    paused = clips[JobState.PAUSED]
    assert after.job_row(paused).state == "paused"
    after.cameras.resume(OPERATOR, paused)
    assert paused in after.engine.running


def test_a_paused_job_of_an_earlier_process_can_be_cancelled(
    cameras: CameraWorld, clip: CameraView
) -> None:
    cameras.send(clip, b"video")
    cameras.jobs.report(clip.id, JobProgress(JobState.PAUSED, frames_done=7))
    cameras.jobs.flush()
    after = cameras.restart()
    view = after.cameras.cancel(OPERATOR, clip.id)
    assert view.job is not None
    assert view.job.state == "cancelled"
    assert after.job_row(clip.id).state == "cancelled"


def test_a_second_analysis_starts_from_nothing(cameras: CameraWorld, clip: CameraView) -> None:
    cameras.send(clip, b"video")
    cameras.jobs.report(clip.id, JobProgress(JobState.FINISHED, frames_done=300))
    cameras.jobs.flush()
    assert cameras.job_row(clip.id).finished_at == EPOCH
    cameras.engine.stop(clip.id)
    cameras.cameras.start(OPERATOR, clip.id)
    job = cameras.job_row(clip.id)
    assert (job.state, job.frames_done, job.finished_at) == ("queued", 0, None)


def test_what_a_crash_left_is_removed_and_what_is_coming_in_is_not(
    cameras: CameraWorld, clip: CameraView
) -> None:
    cameras.send(clip, b"a video")
    folder = cameras.home / "uploads"
    for name, age_s in (("a.part", 100), ("b.video", 100), ("c.part", -100)):
        path = folder / name
        path.write_bytes(b"x")
        at = EPOCH.timestamp() - age_s
        os.utime(path, (at, at))
    assert cameras.uploads.prune(older_than=EPOCH) == 2
    assert sorted(cameras.stored_files()) == [b"a video", b"x"]


def test_names_from_outside_are_only_shown(cameras: CameraWorld) -> None:
    assert display_name("../../etc/passwd") == "passwd"
    assert display_name("a\x00b\n.mp4") == "ab.mp4"
    assert display_name("") == "video"
    assert len(display_name("x" * 1000)) == 255
    with pytest.raises(NotFoundError):
        cameras.files.path("../secret.video")
