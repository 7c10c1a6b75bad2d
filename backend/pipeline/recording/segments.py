"""What the recorder tells about its segments; whoever owns the rows is handed these."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Protocol

from backend.core.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class SegmentOpened:
    """A segment has begun.

    Attributes:
        path: Relative to the recordings folder, with forward slashes; unique.
        started_at: Aware UTC capture time of its first frame.
    """

    camera_id: int
    run_id: int
    path: str
    started_at: datetime
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class SegmentProgress:
    """How far a segment has come.

    Attributes:
        duration_s: Stream time from its first frame to the end of its last one.
        size_bytes: On disk.
    """

    duration_s: float
    frames: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class SegmentClosed:
    """A segment is complete and will not change any more.

    Attributes:
        ended_at: Aware UTC: start plus duration.
        path: As when opened.
    """

    path: str
    ended_at: datetime
    duration_s: float
    frames: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class StoredSegment:
    """A row as retention and recovery see it.

    Attributes:
        started_at, ended_at: Capture time, as in the row; ``ended_at`` None while open.
        written_at: When the file was last written, None if it was not looked at.
    """

    row_id: int
    camera_id: int
    path: str
    started_at: datetime
    ended_at: datetime | None
    size_bytes: int
    written_at: datetime | None = None

    @property
    def age_at(self) -> datetime:
        """What its age is counted from."""
        return self.written_at or self.ended_at or self.started_at


class SegmentRows(Protocol):
    """The rows behind the segments; called on the recorder's threads, never on a camera's.

    Each call is one transaction and may raise: what failed is tried again.
    """

    def opened(self, segment: SegmentOpened) -> int:
        """Insert a row, return its id."""

    def progressed(self, row_id: int, progress: SegmentProgress) -> None:
        """Update an open row."""

    def closed(self, row_id: int, segment: SegmentClosed) -> None:
        """Complete the row; it is not open any more."""

    def lost(self, row_id: int) -> None:
        """Delete the row of a segment that holds no picture."""


class RecordingState(StrEnum):
    """State of one camera's recording, shown to people."""

    IDLE = "idle"
    RECORDING = "recording"
    DISK_FULL = "disk_full"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class CameraRecordingStatus:
    """One camera's recording.

    Attributes:
        message: Sentence for a person when it is not recording as it should.
        dropped_frames: Analysed frames that are missing from the video.
        waiting_frames: In the queue.
    """

    camera_id: int
    state: RecordingState
    message: str
    path: str
    frames: int
    dropped_frames: int
    waiting_frames: int


@dataclass(frozen=True, slots=True)
class RecorderStatus:
    """The recorder as a whole, for health and page.

    Attributes:
        has_room: Whether there is enough free disk to record.
        free_bytes: Measured last; None before the first look.
        message: Why nothing is recorded; empty when all is well.
        dropped_frames: Analysed frames missing from the videos since the start, all cameras.
        cameras: Those being recorded now.
    """

    has_room: bool
    free_bytes: int | None
    message: str
    dropped_frames: int
    cameras: tuple[CameraRecordingStatus, ...]


def segment_path(snapshot: Snapshot, *, claim: Callable[[str], bool]) -> str:
    """Return ``camera-<id>/<date>/<time>-r<run>.mp4`` in UTC, the first such path not taken.

    Args:
        snapshot: Of the first frame.
        claim: Takes a path; False when somebody else has it (a number is added then).
    """
    at = snapshot.captured_at
    folder = PurePosixPath(f"camera-{snapshot.camera_id}") / at.strftime("%Y-%m-%d")
    stem = f"{at.strftime('%H%M%S')}-r{snapshot.run_id}"
    path, number = str(folder / f"{stem}.mp4"), 1
    while not claim(path):
        number += 1
        path = str(folder / f"{stem}-{number}.mp4")
    return path
