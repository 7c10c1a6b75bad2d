"""Video on disk: plays in full, survives crashes and full disks, never holds a live camera."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from backend.core.camera import CameraState
from backend.core.clock import SystemClock
from backend.core.frame import Frame
from backend.core.snapshot import CameraStatus, Snapshot
from backend.pipeline.recorder import Recorder
from backend.pipeline.recording.camera_recording import RecorderParams
from backend.pipeline.recording.retention import RetentionParams
from backend.pipeline.recording.segments import (
    RecordingState,
    SegmentClosed,
    SegmentOpened,
    SegmentProgress,
    StoredSegment,
)
from backend.vision.overlay import OverlayRenderer
from tests import builders
from tests.builders import ManualClock

SOON_S = 10.0
PLENTY = 10**12


@dataclass
class Rows:
    """Rows in memory; `broken` makes every call fail, like a database that is away."""

    opened_: dict[int, SegmentOpened] = field(default_factory=dict)
    progress: list[SegmentProgress] = field(default_factory=list)
    closed_: dict[int, SegmentClosed] = field(default_factory=dict)
    lost_: list[int] = field(default_factory=list)
    broken: bool = False

    def opened(self, segment: SegmentOpened) -> int:
        self._check()
        row_id = len(self.opened_) + 1
        self.opened_[row_id] = segment
        return row_id

    def progressed(self, row_id: int, progress: SegmentProgress) -> None:
        self._check()
        assert row_id in self.opened_
        self.progress.append(progress)

    def closed(self, row_id: int, segment: SegmentClosed) -> None:
        self._check()
        self.closed_[row_id] = segment

    def lost(self, row_id: int) -> None:
        self._check()
        self.lost_.append(row_id)

    def stored(self) -> Sequence[StoredSegment]:
        return [
            StoredSegment(n, o.camera_id, o.path, o.started_at, c.ended_at, c.size_bytes)
            for n, o in self.opened_.items()
            if (c := self.closed_.get(n)) and n not in self.lost_
        ]

    def _check(self) -> None:
        if self.broken:
            raise ConnectionError("database is away")


class Disk:
    """Free space that a test can take away."""

    def __init__(self) -> None:
        self.free = PLENTY

    def measure(self, _folder: Path) -> int:
        return self.free


@dataclass
class Studio:
    """A recorder with its rows and disk."""

    recorder: Recorder
    rows: Rows
    disk: Disk
    folder: Path

    def feed(
        self,
        frames: int,
        *,
        first: int = 0,
        step_s: float = 0.04,
        is_recorded: bool = True,
        wh: tuple[int, int] = (320, 240),
        **changes: int,
    ) -> None:
        for number in range(first, first + frames):
            self.recorder.offer(
                *shot(number, step_s=step_s, is_recorded=is_recorded, wh=wh, **changes)
            )

    def closed(self, count: int) -> list[SegmentClosed]:
        assert until(lambda: len(self.rows.closed_) >= count), self.recorder.status()
        return [self.rows.closed_[n] for n in sorted(self.rows.closed_)]


def shot(
    number: int, *, step_s: float, is_recorded: bool, wh: tuple[int, int], **changes: int
) -> tuple[Snapshot, Frame]:
    """Frame ``number``: its grey value tells its number."""
    stream_time_s = number * step_s
    snapshot = builders.snapshot(
        sequence=number,
        stream_time_s=stream_time_s,
        is_recorded=is_recorded,
        picture_wh=wh,
        **changes,  # type: ignore[arg-type]
    )
    image = builders.image(width=wh[0], height=wh[1], value=20 + number * 4 % 200)
    return snapshot, builders.frame(index=number, stream_time_s=stream_time_s, picture=image)


def until(condition: Callable[[], bool]) -> bool:
    """Poll on a real deadline: what is waited for happens on another thread."""
    deadline = time.monotonic() + SOON_S
    pause = threading.Event()
    while not condition():
        if time.monotonic() > deadline:
            return False
        pause.wait(0.005)
    return True


@pytest.fixture
def make_studio(tmp_path: Path) -> Iterator[Callable[..., Studio]]:
    made: list[Studio] = []

    def make(
        *, clock: ManualClock | None = None, min_free_bytes: int = 1000, **params: object
    ) -> Studio:
        rows, disk, folder = Rows(), Disk(), tmp_path / "recordings"
        fields: dict[str, object] = {"overlays": frozenset(), "progress_s": 0.0}
        recorder = Recorder(
            folder,
            rows=rows,
            list_closed=rows.stored,
            renderer=OverlayRenderer(),
            clock=clock or SystemClock(),
            params=replace(RecorderParams(), **(fields | params)),  # type: ignore[arg-type]
            retention=RetentionParams(min_free_bytes=min_free_bytes, interval_s=0.05),
            measure_free=disk.measure,
        )
        recorder.start()
        made.append(Studio(recorder, rows, disk, folder))
        return made[-1]

    yield make
    for studio in made:
        assert studio.recorder.stop()


def decode(path: Path) -> list[tuple[float, float]]:
    """(time in seconds, mean grey value) of every frame."""
    with av.open(str(path)) as container:
        return [
            (float(frame.pts * frame.time_base), float(frame.to_ndarray(format="gray").mean()))
            for frame in container.decode(video=0)
            if frame.pts is not None and frame.time_base is not None
        ]


def test_every_frame_of_an_upload_is_in_the_video_at_its_time(
    make_studio: Callable[..., Studio],
) -> None:
    studio = make_studio(recorded_queue=3)
    times = [0.0, 0.04, 0.08, 0.5, 0.51, 1.7, 2.9, 3.0, 3.03, 4.4]
    for number, stream_time_s in enumerate(times):
        snapshot, frame = shot(number, step_s=0.04, is_recorded=True, wh=(320, 240))
        studio.recorder.offer(replace(snapshot, stream_time_s=stream_time_s), frame)
    studio.recorder.finish(1)
    (closed,) = studio.closed(1)
    shown = decode(studio.folder / closed.path)
    assert [time_s for time_s, _ in shown] == pytest.approx(times, abs=1e-4)
    greys = np.array([grey for _, grey in shown])
    assert greys == pytest.approx(20 + 4 * np.arange(10), abs=6)
    assert closed.frames == 10
    assert closed.duration_s == pytest.approx(4.4 + 1.37, abs=0.01)
    assert closed.size_bytes == (studio.folder / closed.path).stat().st_size
    opened = studio.rows.opened_[1]
    assert (opened.width, opened.height, opened.camera_id) == (320, 240, 1)
    assert opened.path == "camera-1/2026-01-01/120000-r1.mp4"
    assert (closed.ended_at - opened.started_at).total_seconds() == pytest.approx(closed.duration_s)
    assert studio.recorder.status().dropped_frames == 0


def test_the_format_is_one_that_browsers_play(make_studio: Callable[..., Studio]) -> None:
    studio = make_studio(height=200)
    studio.feed(120, wh=(427, 241))
    studio.recorder.finish(1)
    (closed,) = studio.closed(1)
    path = studio.folder / closed.path
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p"
        assert (stream.width, stream.height) == (354, 200)
        keys = [
            float(p.pts * p.time_base)
            for p in container.demux(stream)
            if p.is_keyframe and p.pts is not None and p.time_base is not None
        ]
    assert keys == pytest.approx([0.0, 2.0, 4.0], abs=0.05)
    content = path.read_bytes()
    assert content.index(b"moov") < content.index(b"moof") < content.index(b"mdat")


def test_a_new_file_begins_by_time_size_run_and_break(make_studio: Callable[..., Studio]) -> None:
    studio = make_studio(segment_s=1.0)
    studio.feed(60)
    studio.feed(5, first=60, segment=1)
    studio.feed(5, first=65, segment=1, wh=(160, 120))
    studio.feed(5, first=0, segment=0, run_id=2)
    studio.feed(5, first=5000, run_id=2)
    studio.feed(5, first=4990, run_id=2)
    studio.recorder.finish(1)
    closed = studio.closed(8)
    assert [segment.frames for segment in closed] == [25, 25, 10, 5, 5, 5, 5, 5]
    assert len({segment.path for segment in closed}) == 8
    for segment in closed:
        assert len(decode(studio.folder / segment.path)) == segment.frames


def test_an_open_file_is_playable_and_its_row_follows(make_studio: Callable[..., Studio]) -> None:
    studio = make_studio()
    studio.feed(130)
    assert until(lambda: studio.recorder.wait_for_room(0.1))
    assert until(lambda: bool(studio.rows.progress) and studio.rows.progress[-1].frames > 120)
    (status,) = studio.recorder.status().cameras
    assert status.state is RecordingState.RECORDING
    assert len(decode(studio.folder / status.path)) >= 100
    progress = studio.rows.progress[-1]
    assert progress.size_bytes > 0
    assert progress.duration_s == pytest.approx(progress.frames * 0.04, abs=0.01)


def test_after_a_crash_the_row_is_completed_from_the_file(
    make_studio: Callable[..., Studio], tmp_path: Path
) -> None:
    studio = make_studio()
    studio.feed(130)
    assert until(lambda: bool(studio.rows.progress) and studio.rows.progress[-1].frames == 130)
    opened = studio.rows.opened_[1]
    after = tmp_path / "after"
    for number, cut in ((1, 1.0), (2, 0.9), (3, 0.02)):
        target = after / f"{number}.mp4"
        target.parent.mkdir(exist_ok=True)
        shutil.copy(studio.folder / opened.path, target)
        with target.open("r+b") as file:
            file.truncate(round(target.stat().st_size * cut))
    open_rows = [StoredSegment(n, 1, f"{n}.mp4", opened.started_at, None, 0) for n in (1, 2, 3, 4)]
    rows = Rows()
    again = Recorder(
        after,
        rows=rows,
        list_closed=rows.stored,
        renderer=OverlayRenderer(),
        clock=SystemClock(),
        measure_free=studio.disk.measure,
    )
    again.start(open_rows)
    assert again.stop()
    assert sorted(rows.closed_) == [1, 2]
    assert rows.closed_[1].frames >= 100  # all but the last, unfinished fragment
    assert 50 <= rows.closed_[2].frames <= rows.closed_[1].frames
    assert rows.lost_ == [3, 4]
    assert not (after / "3.mp4").exists()
    for number in (1, 2):
        shown = decode(after / f"{number}.mp4")
        assert len(shown) == rows.closed_[number].frames


class SlowRenderer(OverlayRenderer):
    """A renderer that waits for the test's permission."""

    def __init__(self) -> None:
        super().__init__()
        self.permission = threading.Event()

    def render(self, *args: object, **kwargs: object):  # type: ignore[no-untyped-def,override]
        assert self.permission.wait(SOON_S)
        return super().render(*args, **kwargs)  # type: ignore[arg-type]


def slow_studio(tmp_path: Path) -> tuple[Studio, SlowRenderer]:
    rows, disk, renderer = Rows(), Disk(), SlowRenderer()
    recorder = Recorder(
        tmp_path,
        rows=rows,
        list_closed=rows.stored,
        renderer=renderer,
        clock=SystemClock(),
        params=RecorderParams(live_queue=4, recorded_queue=4, block_s=0.05, overlays=frozenset()),
        measure_free=disk.measure,
    )
    recorder.start()
    return Studio(recorder, rows, disk, tmp_path), renderer


def test_a_live_camera_is_never_held_and_lost_frames_are_counted(tmp_path: Path) -> None:
    studio, renderer = slow_studio(tmp_path)
    began = time.monotonic()
    studio.feed(50, is_recorded=False)
    assert time.monotonic() - began < 1
    renderer.permission.set()
    studio.recorder.finish(1)
    (closed,) = studio.closed(1)
    assert closed.frames in {4, 5}
    assert studio.recorder.status().dropped_frames == 50 - closed.frames
    assert decode(tmp_path / closed.path)[-1][1] == pytest.approx(20 + 4 * 49 % 200, abs=6)
    assert studio.recorder.stop()


def test_an_upload_waits_for_room(tmp_path: Path) -> None:
    studio, renderer = slow_studio(tmp_path)
    studio.feed(4)
    assert not studio.recorder.wait_for_room(0.02)
    renderer.permission.set()
    assert studio.recorder.wait_for_room(SOON_S)
    assert studio.recorder.stop()
    assert studio.rows.closed_[1].frames == 4


def test_a_full_disk_stops_recording_visibly_and_it_goes_on_by_itself(
    make_studio: Callable[..., Studio],
) -> None:
    studio = make_studio()
    studio.feed(20, is_recorded=False)
    studio.disk.free = 10
    assert until(lambda: not studio.recorder.status().has_room)
    status = studio.recorder.status()
    assert "disk" in status.message
    assert status.free_bytes == 10
    studio.feed(5, first=20, is_recorded=False)
    studio.closed(1)
    states = [camera.state for camera in studio.recorder.status().cameras]
    assert states == [RecordingState.DISK_FULL]
    opened = len(studio.rows.opened_)
    studio.disk.free = PLENTY
    assert until(lambda: studio.recorder.status().has_room)
    studio.feed(5, first=40, is_recorded=False)
    assert until(lambda: len(studio.rows.opened_) == opened + 1)
    assert studio.recorder.status().message == ""


def test_an_emergency_deletes_the_oldest_closed_recordings(
    make_studio: Callable[..., Studio],
) -> None:
    studio = make_studio(segment_s=0.2)
    studio.feed(20)
    studio.recorder.finish(1)
    closed = studio.closed(4)
    studio.disk.free = 1000 - 1
    assert until(lambda: bool(studio.rows.lost_))
    assert studio.rows.lost_[0] == 1
    assert until(lambda: not (studio.folder / closed[0].path).exists())
    studio.disk.free = PLENTY


def test_a_database_that_is_away_costs_no_thread_and_leaves_no_orphan(
    make_studio: Callable[..., Studio],
) -> None:
    clock = ManualClock()
    studio = make_studio(clock=clock)
    studio.rows.broken = True
    studio.feed(5)
    assert until(lambda: studio.recorder.status().dropped_frames == 5)
    (status,) = studio.recorder.status().cameras
    assert status.state is RecordingState.FAILED
    assert "tried again" in status.message
    assert not list(studio.folder.rglob("*.mp4"))
    studio.rows.broken = False
    clock.advance(11)
    studio.feed(5, first=5)
    assert until(lambda: studio.recorder.status().cameras[0].frames == 5)
    assert studio.recorder.status().cameras[0].state is RecordingState.RECORDING


def test_a_row_that_could_not_be_closed_is_closed_later(
    make_studio: Callable[..., Studio],
) -> None:
    studio = make_studio(segment_s=0.2)
    studio.feed(3)
    assert until(lambda: studio.recorder.status().cameras[0].frames == 3)
    studio.rows.broken = True
    studio.feed(5, first=5)
    assert until(lambda: studio.recorder.status().cameras[0].state is RecordingState.FAILED)
    studio.rows.broken = False
    studio.recorder.finish(1)
    closed = studio.closed(1)
    assert closed[0].frames == 3


@pytest.mark.parametrize(
    "state", [CameraState.STOPPED, CameraState.FAILED, CameraState.RECONNECTING]
)
def test_the_end_of_the_stream_closes_the_file(
    make_studio: Callable[..., Studio], state: CameraState
) -> None:
    studio = make_studio()
    studio.recorder.camera_status(CameraStatus(1, CameraState.RUNNING))
    studio.feed(5)
    studio.recorder.camera_status(CameraStatus(1, CameraState.RUNNING))
    studio.recorder.camera_status(CameraStatus(1, state))
    assert studio.closed(1)[0].frames == 5
    assert studio.recorder.status().cameras == ()


def test_silence_closes_the_file_and_a_new_frame_opens_another(
    make_studio: Callable[..., Studio],
) -> None:
    clock = ManualClock()
    studio = make_studio(clock=clock, idle_s=5.0)
    studio.feed(5)
    assert until(lambda: studio.recorder.status().cameras[0].frames == 5)
    clock.advance(6)
    studio.closed(1)
    studio.feed(3, first=10)
    studio.recorder.finish(1)
    assert [segment.frames for segment in studio.closed(2)] == [5, 3]


def test_a_camera_that_is_not_wanted_is_not_recorded(make_studio: Callable[..., Studio]) -> None:
    studio = make_studio()
    studio.recorder.set_wanted(1, False)
    studio.feed(5)
    assert studio.recorder.status().cameras == ()
    studio.recorder.set_wanted(1, True)
    studio.feed(5)
    studio.recorder.set_wanted(1, False)
    assert studio.closed(1)[0].frames == 5


def test_stop_writes_what_waits_and_takes_nothing_more(make_studio: Callable[..., Studio]) -> None:
    studio = make_studio()
    for camera_id in (1, 2, 3):
        studio.feed(10, camera_id=camera_id)
    began = time.monotonic()
    assert studio.recorder.stop()
    assert time.monotonic() - began < SOON_S
    assert [segment.frames for segment in studio.closed(3)] == [10, 10, 10]
    studio.feed(3)
    assert studio.recorder.stop()
    assert len(studio.rows.opened_) == 3


def test_no_handle_is_left_open(make_studio: Callable[..., Studio]) -> None:
    handles = Path("/proc/self/fd")
    if not handles.is_dir():
        pytest.skip("needs /proc")

    def open_videos() -> int:
        names = []
        for entry in handles.iterdir():
            try:
                names.append(str(entry.readlink()))
            except OSError:
                continue
        return sum(name.endswith(".mp4") for name in names)

    studio = make_studio(segment_s=0.2)
    studio.feed(40)
    studio.recorder.finish(1)
    studio.closed(8)
    assert open_videos() == 0


def test_time_base_of_the_file_is_fine_enough_for_any_frame_rate(
    make_studio: Callable[..., Studio],
) -> None:
    studio = make_studio()
    studio.feed(30, step_s=float(Fraction(1001, 60000)))
    studio.recorder.finish(1)
    (closed,) = studio.closed(1)
    steps = np.diff([time_s for time_s, _ in decode(studio.folder / closed.path)])
    assert steps == pytest.approx(1001 / 60000, abs=2e-5)
