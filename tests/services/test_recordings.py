"""Recorded segments: seen by whom they may be, deleted row first, never outside the folder."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest

from backend.core.camera import JobState, SourceType
from backend.core.errors import ConflictError, NotFoundError, PermissionDeniedError
from backend.core.snapshot import JobProgress
from backend.pipeline.recording.segments import SegmentClosed, SegmentOpened, SegmentProgress
from backend.services.recording_rows import RecordingRows
from backend.services.recordings import RecordingFilter
from tests.builders import EPOCH
from tests.services.camera_world import ADMIN, OPERATOR, OTHER_OPERATOR, VIEWER, CameraWorld


@pytest.fixture
def gate(cameras: CameraWorld) -> int:
    return cameras.cameras.create(
        ADMIN, {"name": "Gate 1/A", "source_type": SourceType.RTSP, "source": "rtsp://a/b"}
    ).id


@pytest.fixture
def rows(cameras: CameraWorld) -> RecordingRows:
    return RecordingRows(
        session_factory=cameras.database, clock=cameras.clock, folder=cameras.home / "recordings"
    )


def test_the_file_is_offered_under_the_cameras_name(cameras: CameraWorld, gate: int) -> None:
    recording = cameras.add_recording(gate, "camera-1/2026-01-01/120000-r1.mp4")
    found = cameras.recordings.file(VIEWER, recording)
    assert found.path.read_bytes() == b"video"
    assert found.download_name == "Gate-1-A-20260101T120000Z.mp4"
    assert cameras.recordings.get(VIEWER, recording).camera_name == "Gate 1/A"


def test_a_path_out_of_the_folder_is_never_served_or_deleted(
    cameras: CameraWorld, gate: int
) -> None:
    secret = cameras.home / "secret.mp4"
    recording = cameras.add_recording(gate, "../secret.mp4")
    with pytest.raises(NotFoundError):
        cameras.recordings.file(ADMIN, recording)
    cameras.recordings.delete(ADMIN, recording)
    assert secret.exists()


def test_deleting_is_for_operators_and_finished_segments(cameras: CameraWorld, gate: int) -> None:
    done = cameras.add_recording(gate, "camera-1/2026-01-01/a.mp4")
    growing = cameras.add_recording(gate, "camera-1/2026-01-01/b.mp4", is_open=True)
    with pytest.raises(PermissionDeniedError):
        cameras.recordings.delete(VIEWER, done)
    with pytest.raises(ConflictError, match="still being recorded"):
        cameras.recordings.delete(OPERATOR, growing)
    cameras.recordings.delete(OPERATOR, done)
    assert not (cameras.home / "recordings/camera-1/2026-01-01/a.mp4").exists()
    with pytest.raises(NotFoundError):
        cameras.recordings.get(ADMIN, done)


def test_recordings_of_uploads_are_their_owners(cameras: CameraWorld) -> None:
    clip = cameras.cameras.create(OPERATOR, {"name": "Clip", "source_type": SourceType.UPLOAD}).id
    recording = cameras.add_recording(clip, "camera-1/2026-01-01/a.mp4")
    everything = RecordingFilter()
    assert cameras.recordings.page(VIEWER, everything, page=1, per_page=9).total == 0
    assert cameras.recordings.page(OTHER_OPERATOR, everything, page=1, per_page=9).total == 1
    with pytest.raises(NotFoundError):
        cameras.recordings.file(VIEWER, recording)
    with pytest.raises(PermissionDeniedError):
        cameras.recordings.delete(OTHER_OPERATOR, recording)


def test_the_recorders_rows_live_from_open_to_closed(
    cameras: CameraWorld, gate: int, rows: RecordingRows
) -> None:
    row_id = rows.opened(SegmentOpened(gate, 1, "camera-1/d/x.mp4", EPOCH, 640, 360))
    rows.progressed(row_id, SegmentProgress(5.0, 125, 1000))
    assert [segment.row_id for segment in rows.open_segments()] == [row_id]
    assert rows.closed_segments() == []
    ended = EPOCH + timedelta(seconds=6)
    rows.closed(row_id, SegmentClosed("camera-1/d/x.mp4", ended, 6.0, 150, 1200))
    (segment,) = rows.closed_segments()
    assert (segment.ended_at, segment.size_bytes) == (ended, 1200)
    rows.lost(row_id)
    rows.lost(row_id)
    assert rows.closed_segments() == []


def test_a_segment_that_outlives_its_camera_leaves_no_file(
    cameras: CameraWorld, gate: int, rows: RecordingRows
) -> None:
    path = "camera-1/d/x.mp4"
    row_id = rows.opened(SegmentOpened(gate, 1, path, EPOCH, 640, 360))
    cameras.cameras.delete(ADMIN, gate)
    file = cameras.home / "recordings" / path
    file.parent.mkdir(parents=True)
    file.write_bytes(b"last frames")
    rows.progressed(row_id, SegmentProgress(1.0, 1, 1))
    rows.closed(row_id, SegmentClosed(path, EPOCH, 1.0, 1, 1))
    assert not file.exists()
    with pytest.raises(NotFoundError):
        rows.opened(SegmentOpened(gate, 1, "y.mp4", EPOCH, 640, 360))


def test_old_footage_does_not_expire_the_moment_it_is_analysed(
    cameras: CameraWorld, rows: RecordingRows
) -> None:
    clip = cameras.cameras.create(OPERATOR, {"name": "Clip", "source_type": SourceType.UPLOAD})
    long_ago = EPOCH - timedelta(days=4000)
    cameras.send(clip, b"video", recorded_at=long_ago)
    path = "camera-1/d/x.mp4"
    row_id = rows.opened(SegmentOpened(clip.id, 1, path, long_ago, 640, 360))
    rows.closed(row_id, SegmentClosed(path, long_ago, 6.0, 150, 1200))
    cameras.clock.advance(3600)
    assert rows.closed_segments()[0].ended_at == cameras.clock.now()
    cameras.jobs.report(clip.id, JobProgress(JobState.FINISHED))
    cameras.jobs.flush()
    finished = cameras.clock.now()
    cameras.clock.advance(3600)
    assert rows.closed_segments()[0].ended_at == finished


def test_files_without_a_row_go_at_the_next_start(
    cameras: CameraWorld, gate: int, rows: RecordingRows
) -> None:
    cameras.add_recording(gate, "camera-1/2026-01-01/known.mp4")
    folder = cameras.home / "recordings/camera-1/2026-01-01"
    (folder / "stray.mp4").write_bytes(b"x")
    for path in folder.iterdir():
        os.utime(path, (EPOCH.timestamp() - 60,) * 2)
    (folder / "new.mp4").write_bytes(b"x")
    os.utime(folder / "new.mp4", (EPOCH.timestamp() + 60,) * 2)
    assert rows.prune(older_than=EPOCH) == 1
    assert sorted(path.name for path in folder.iterdir()) == ["known.mp4", "new.mp4"]
