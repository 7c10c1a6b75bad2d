"""One camera's recording: its queue, its thread, its present segment."""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from backend.core.camera import DEFAULT_OVERLAYS, Overlay
from backend.core.clock import Clock
from backend.core.frame import Frame
from backend.core.snapshot import Snapshot
from backend.pipeline.count_history import CountHistory
from backend.pipeline.recording.frame_queue import FrameQueue, QueuedFrame
from backend.pipeline.recording.segment_writer import EncodingParams, SegmentWriter, even_size
from backend.pipeline.recording.segments import (
    CameraRecordingStatus,
    RecordingState,
    SegmentClosed,
    SegmentOpened,
    SegmentProgress,
    SegmentRows,
    segment_path,
)
from backend.vision.overlay import OverlayRenderer

logger = logging.getLogger(__name__)

_SLICE_S = 0.5


@dataclass(frozen=True, slots=True)
class RecorderParams:
    """How recordings are cut and drawn.

    Attributes:
        segment_s: Stream time after which a new file begins.
        height: Lines of the recorded picture at most.
        overlays: What is drawn.
        live_queue, recorded_queue: Frames that may wait; see `FrameQueue`.
        block_s: Longest an upload's thread waits for room with one frame.
        longest_gap_s: A longer pause in the stream begins a new file.
        progress_s: Seconds between two updates of an open row.
        idle_s: Seconds without a frame after which the file is closed and the thread ends.
        retry_s: Seconds until recording is tried again after a failure.
        encoding: Compression.
    """

    segment_s: float = 300.0
    height: int = 720
    overlays: frozenset[Overlay] = DEFAULT_OVERLAYS
    live_queue: int = 6
    recorded_queue: int = 12
    block_s: float = 10.0
    longest_gap_s: float = 30.0
    progress_s: float = 5.0
    idle_s: float = 30.0
    retry_s: float = 10.0
    encoding: EncodingParams = field(default_factory=EncodingParams)


@dataclass(frozen=True, slots=True)
class RecordingParts:
    """What all cameras' recordings share.

    Attributes:
        has_room: Whether there is enough free disk.
        look_at_disk: Measures the free disk now: a write has failed.
    """

    folder: Path
    rows: SegmentRows
    renderer: OverlayRenderer
    clock: Clock
    params: RecorderParams
    has_room: Callable[[], bool]
    look_at_disk: Callable[[], None]


@dataclass(slots=True)
class _Segment:
    """The file being written."""

    row_id: int
    path: str
    writer: SegmentWriter
    run_id: int
    segment: int
    began_s: float
    last_s: float
    started_at: datetime
    picture_wh: tuple[int, int]
    told_mono_s: float


class CameraRecording:
    """Lives from the first frame of a camera until it falls silent or is told to finish.

    `offer` is called on the camera's thread, everything else happens on ``record-<id>``.
    """

    def __init__(self, camera_id: int, *, is_recorded: bool, parts: RecordingParts) -> None:
        params = parts.params
        self.camera_id = camera_id
        self.is_recorded = is_recorded
        self._parts = parts
        self._params = params
        self._queue = FrameQueue(params.recorded_queue if is_recorded else params.live_queue)
        self._history = CountHistory()
        self._segment: _Segment | None = None
        self._unsaved: list[tuple[int, SegmentClosed]] = []
        self._frames = 0
        self._skipped = 0
        self._failure = ""
        self._retry_mono_s = -math.inf
        self._give_up = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"record-{camera_id}", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    @property
    def is_over(self) -> bool:
        """No more frames are taken: a new recording has to be made for the camera."""
        return self._queue.is_closed

    @property
    def has_room(self) -> bool:
        """Whether an upload may go on."""
        return self._queue.has_room

    def wait_for_room(self, timeout_s: float) -> bool:
        """Wait until an upload may go on."""
        return self._queue.wait_for_room(timeout_s)

    @property
    def is_alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    @property
    def dropped_frames(self) -> int:
        """Analysed frames that are missing from the video."""
        return self._queue.dropped + self._skipped

    def offer(self, snapshot: Snapshot, frame: Frame) -> bool:
        """Queue one frame; see `FrameQueue` for what happens when there is no room.

        Returns:
            False when this recording is over and another one has to take the frame.
        """
        item = QueuedFrame(snapshot, frame)
        if self.is_recorded:
            return self._queue.put_recorded(item, self._params.block_s) or not self.is_over
        return self._queue.put_live(item)

    def finish(self) -> None:
        """Write what waits, close the file, end the thread; returns at once."""
        self._queue.close()

    def join(self, timeout_s: float) -> bool:
        """Wait for the thread; past the time it drops what waits. Return whether it ended."""
        self._thread.join(max(timeout_s, 0.0))
        if self._thread.is_alive():
            self._give_up.set()
            self._thread.join(2.0)
        return not self._thread.is_alive()

    def status(self) -> CameraRecordingStatus:
        """Return the present state."""
        segment = self._segment
        if not self._parts.has_room():
            state, message = RecordingState.DISK_FULL, "The disk is full; nothing is recorded."
        elif self._failure:
            state, message = RecordingState.FAILED, self._failure
        elif segment is not None:
            state, message = RecordingState.RECORDING, ""
        else:
            state, message = RecordingState.IDLE, ""
        return CameraRecordingStatus(
            camera_id=self.camera_id,
            state=state,
            message=message,
            path="" if segment is None else segment.path,
            frames=self._frames,
            dropped_frames=self.dropped_frames,
            waiting_frames=len(self._queue),
        )

    # ── on the recording thread ──────────────────────────────────────────────────────────

    def _run(self) -> None:
        last_mono_s = self._parts.clock.monotonic()
        try:
            while not self._give_up.is_set():
                item = self._queue.take(_SLICE_S)
                now_s = self._parts.clock.monotonic()
                if item is not None:
                    last_mono_s = now_s
                    self._record(item)
                elif self._queue.is_closed:
                    break
                elif now_s - last_mono_s > self._params.idle_s:
                    # an offer may come right now: take what it queued before leaving
                    self._queue.close()
                self._tell_progress(now_s)
        finally:
            self._queue.close()
            self._skipped += len(self._queue)
            self._close_segment()
            self._save_closed()

    def _record(self, item: QueuedFrame) -> None:
        """Write one frame; trouble is a state people see, never the end of the thread."""
        self._history.add(item.snapshot)
        if not self._parts.has_room():
            self._skipped += 1
            self._close_segment()
            return
        if self._parts.clock.monotonic() < self._retry_mono_s:
            self._skipped += 1
            return
        try:
            self._write(item)
            self._failure = ""
        except Exception as error:
            # disk, encoder or database: the analysis goes on, recording is tried again
            logger.exception("recording_failed camera=%s", self.camera_id)
            self._skipped += 1
            self._note_failure(error)

    def _write(self, item: QueuedFrame) -> None:
        snapshot, frame = item.snapshot, item.frame
        if self._segment is not None and not self._continues(self._segment, snapshot):
            self._close_segment()
        if self._segment is None:
            self._segment = self._open_segment(snapshot)
        segment = self._segment
        picture = self._parts.renderer.render(
            frame.image,
            snapshot,
            overlays=self._params.overlays,
            out_wh=segment.writer.wh,
            history=self._history.values(),
        )
        segment.writer.write(picture, snapshot.stream_time_s)
        segment.last_s = snapshot.stream_time_s
        self._frames += 1

    def _continues(self, segment: _Segment, snapshot: Snapshot) -> bool:
        """Whether the frame belongs into the present file."""
        time_s = snapshot.stream_time_s
        return (
            segment.run_id == snapshot.run_id
            and segment.segment == snapshot.segment
            and segment.picture_wh == snapshot.picture_wh
            and time_s - segment.began_s < self._params.segment_s
            and time_s - segment.last_s <= self._params.longest_gap_s
            and segment.writer.may_follow(time_s)
        )

    def _open_segment(self, snapshot: Snapshot) -> _Segment:
        self._save_closed()
        folder = self._parts.folder
        path = segment_path(snapshot, claim=lambda name: _claim(folder / name))
        absolute, wh = folder / path, even_size(snapshot.picture_wh, self._params.height)
        writer = SegmentWriter(absolute, wh, self._params.encoding)
        opened = SegmentOpened(
            self.camera_id, snapshot.run_id, path, snapshot.captured_at, wh[0], wh[1]
        )
        try:
            row_id = self._parts.rows.opened(opened)
        except Exception:
            writer.close()
            absolute.unlink(missing_ok=True)  # no row would ever find it
            raise
        return _Segment(
            row_id=row_id,
            path=path,
            writer=writer,
            run_id=snapshot.run_id,
            segment=snapshot.segment,
            began_s=snapshot.stream_time_s,
            last_s=snapshot.stream_time_s,
            started_at=snapshot.captured_at,
            picture_wh=snapshot.picture_wh,
            told_mono_s=self._parts.clock.monotonic(),
        )

    def _close_segment(self) -> None:
        """Complete the file and its row; a row that cannot be saved now is saved later."""
        segment, self._segment = self._segment, None
        if segment is None:
            return
        try:
            segment.writer.close()
        except Exception:
            # the fragments written so far stay readable
            logger.exception("recording_close_failed path=%s", segment.path)
        writer = segment.writer
        closed = SegmentClosed(
            path=segment.path,
            ended_at=segment.started_at + timedelta(seconds=writer.duration_s),
            duration_s=writer.duration_s,
            frames=writer.frames,
            size_bytes=writer.size_bytes,
        )
        self._unsaved.append((segment.row_id, closed))
        self._save_closed()

    def _save_closed(self) -> None:
        """Complete rows; what fails stays for the next time, at the latest for `recover`."""
        waiting, self._unsaved = self._unsaved, []
        for row_id, closed in waiting:
            try:
                if closed.frames:
                    self._parts.rows.closed(row_id, closed)
                else:
                    (self._parts.folder / closed.path).unlink(missing_ok=True)
                    self._parts.rows.lost(row_id)
            except Exception:
                # the database may be away for a moment
                logger.exception("recording_row_failed path=%s", closed.path)
                self._unsaved.append((row_id, closed))

    def _tell_progress(self, now_s: float) -> None:
        segment = self._segment
        if segment is None or now_s - segment.told_mono_s < self._params.progress_s:
            return
        segment.told_mono_s = now_s
        writer = segment.writer
        progress = SegmentProgress(writer.duration_s, writer.frames, writer.size_bytes)
        try:
            self._parts.rows.progressed(segment.row_id, progress)
        except Exception:
            # the next update carries the same facts
            logger.exception("recording_progress_failed path=%s", segment.path)

    def _note_failure(self, error: Exception) -> None:
        self._failure = f"Recording failed ({type(error).__name__}); it is tried again."
        self._retry_mono_s = self._parts.clock.monotonic() + self._params.retry_s
        self._parts.look_at_disk()
        self._close_segment()


def _claim(path: Path) -> bool:
    """Make the empty file; False when there is one already."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        path.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True
