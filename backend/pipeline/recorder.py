"""Annotated video of every camera in segments a browser can play."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from backend.core.camera import CameraState
from backend.core.clock import Clock
from backend.core.frame import Frame
from backend.core.snapshot import CameraStatus, Snapshot
from backend.pipeline.recording.camera_recording import (
    CameraRecording,
    RecorderParams,
    RecordingParts,
)
from backend.pipeline.recording.recovery import recover
from backend.pipeline.recording.retention import RetentionParams, StorageKeeper, free_disk_bytes
from backend.pipeline.recording.segments import (
    RecorderStatus,
    SegmentRows,
    StoredSegment,
)
from backend.vision.overlay import OverlayRenderer

logger = logging.getLogger(__name__)

_ENDED = frozenset({CameraState.STOPPED, CameraState.FAILED, CameraState.RECONNECTING})


class Recorder:
    """Takes snapshots with their frames, writes video.

    ``offer`` belongs on the bus as a frame sink, ``camera_status`` as a status sink. Live
    cameras never wait; an upload's thread waits for room (`wait_for_room` lets it do so
    between frames), so every frame of an upload is recorded.

    Args:
        folder: The recordings folder, made when missing.
        rows: Rows behind the segments.
        list_closed: Closed segments, for retention.
        renderer: Draws the overlays.
        clock: Both clocks.
        params, retention: How and for how long.
        measure_free: Free bytes below a folder.
    """

    def __init__(
        self,
        folder: Path,
        *,
        rows: SegmentRows,
        list_closed: Callable[[], Sequence[StoredSegment]],
        renderer: OverlayRenderer,
        clock: Clock,
        params: RecorderParams | None = None,
        retention: RetentionParams | None = None,
        measure_free: Callable[[Path], int] = free_disk_bytes,
    ) -> None:
        self._folder = folder
        self._rows = rows
        self._clock = clock
        self._lock = threading.Lock()
        self._recordings: dict[int, CameraRecording] = {}
        self._unwanted: set[int] = set()
        self._finished: list[CameraRecording] = []
        self._dropped_before = 0
        self._has_room = True
        self._free_bytes: int | None = None
        self._stopped = False
        self._parts = RecordingParts(
            folder=folder,
            rows=rows,
            renderer=renderer,
            clock=clock,
            params=params or RecorderParams(),
            has_room=lambda: self._has_room,
            look_at_disk=self._look_at_disk,
        )
        self._retention = retention or RetentionParams()
        self._measure_free = measure_free
        self._keeper = StorageKeeper(
            folder,
            list_segments=list_closed,
            forget_segment=rows.lost,
            on_room=self._note_room,
            clock=clock,
            params=self._retention,
            measure_free=measure_free,
        )

    def start(self, open_segments: Sequence[StoredSegment] = ()) -> None:
        """Complete what a crash left open, then look after the disk."""
        self._folder.mkdir(parents=True, exist_ok=True)
        recover(self._folder, open_segments, self._rows)
        self._look_at_disk()
        self._keeper.start()

    def set_wanted(self, camera_id: int, wanted: bool) -> None:
        """Record a camera or not (every camera is recorded until told otherwise)."""
        with self._lock:
            if wanted:
                self._unwanted.discard(camera_id)
            else:
                self._unwanted.add(camera_id)
        if not wanted:
            self.finish(camera_id)

    def offer(self, snapshot: Snapshot, frame: Frame) -> None:
        """Take one analysed frame; may wait, and only for uploads."""
        recording = self._recording_for(snapshot)
        if recording is not None and not recording.offer(snapshot, frame):
            # it ended between the two calls: the next one takes the frame
            recording = self._recording_for(snapshot)
            if recording is not None:
                recording.offer(snapshot, frame)

    def camera_status(self, status: CameraStatus) -> None:
        """Close a camera's file when its stream has ended or broken off."""
        if status.state in _ENDED:
            self.finish(status.camera_id)

    def finish(self, camera_id: int) -> None:
        """Write what waits and close the camera's file; returns at once."""
        with self._lock:
            recording = self._recordings.pop(camera_id, None)
            if recording is not None:
                self._retire(recording)

    def wait_for_room(self, timeout_s: float) -> bool:
        """Wait until no upload's queue is more than half full; True when it is so."""
        deadline_s = self._clock.monotonic() + timeout_s
        with self._lock:
            crowded = [r for r in self._recordings.values() if r.is_recorded and not r.has_room]
        return all(
            recording.wait_for_room(max(deadline_s - self._clock.monotonic(), 0.0))
            for recording in crowded
        )

    def status(self) -> RecorderStatus:
        """Return the state of every camera's recording."""
        with self._lock:
            recordings = list(self._recordings.values())
            has_room, free = self._has_room, self._free_bytes
            dropped = self._dropped_before + sum(
                r.dropped_frames for r in (*recordings, *self._finished)
            )
        message = ""
        if not has_room:
            limit = self._retention.min_free_bytes // (1024 * 1024)
            message = (
                f"Less than {limit} MB of disk are free: recording has stopped and goes on by "
                "itself when there is room. The analysis is not affected."
            )
        cameras = tuple(sorted((r.status() for r in recordings), key=lambda s: s.camera_id))
        return RecorderStatus(has_room, free, message, dropped, cameras)

    def stop(self, timeout_s: float = 10.0) -> bool:
        """Write what waits, close every file, end every thread; return whether all ended."""
        with self._lock:
            self._stopped = True
            for recording in self._recordings.values():
                self._retire(recording)
            self._recordings.clear()
            finished = list(self._finished)
        deadline_s = self._clock.monotonic() + timeout_s
        ended = self._keeper.stop(timeout_s)
        for recording in finished:
            if not recording.join(deadline_s - self._clock.monotonic()):
                logger.error("recording_stop_timed_out camera=%s", recording.camera_id)
                ended = False
        return ended

    def _recording_for(self, snapshot: Snapshot) -> CameraRecording | None:
        camera_id = snapshot.camera_id
        with self._lock:
            if self._stopped or camera_id in self._unwanted:
                return None
            recording = self._recordings.get(camera_id)
            if recording is not None and not recording.is_over:
                return recording
            if recording is not None:
                self._retire(recording)
            is_recorded = snapshot.is_recorded
            recording = CameraRecording(camera_id, is_recorded=is_recorded, parts=self._parts)
            self._recordings[camera_id] = recording
            recording.start()
            return recording

    def _retire(self, recording: CameraRecording) -> None:
        """Let a recording end by itself; it is joined by `stop`. Under the lock."""
        recording.finish()
        ended = [r for r in self._finished if not r.is_alive]
        self._dropped_before += sum(r.dropped_frames for r in ended)
        self._finished = [r for r in self._finished if r not in ended]
        self._finished.append(recording)

    def _note_room(self, has_room: bool, free_bytes: int) -> None:
        if has_room != self._has_room:
            logger.warning("recording_room has_room=%s free_bytes=%s", has_room, free_bytes)
        self._has_room, self._free_bytes = has_room, free_bytes

    def _look_at_disk(self) -> None:
        try:
            free = self._measure_free(self._folder)
        except OSError:
            logger.exception("recordings_folder_unreadable path=%s", self._folder.name)
            return
        self._note_room(free >= self._retention.min_free_bytes, free)
