"""The annotated video of one run as a single file."""

from __future__ import annotations

import math
from pathlib import Path

from backend.core.clock import Clock
from backend.core.frame import Frame
from backend.core.snapshot import Snapshot
from backend.pipeline.recording.camera_recording import (
    CameraRecording,
    RecorderParams,
    RecordingParts,
)
from backend.pipeline.recording.segments import SegmentClosed, SegmentOpened, SegmentProgress
from backend.vision.overlay import OverlayRenderer

_MOST_LINES = 1080
_JOIN_S = 120.0


class AnnotatedVideo:
    """Draws and encodes on its own thread; the analysis waits for it, so no frame is missing.

    Args:
        folder: Where the file is written.
        renderer: Draws.
        clock: Both clocks.
    """

    def __init__(self, folder: Path, *, renderer: OverlayRenderer, clock: Clock) -> None:
        self._folder = folder
        self._paths = _Paths()
        self._recording = CameraRecording(
            0,
            is_recorded=True,
            parts=RecordingParts(
                folder=folder,
                rows=self._paths,
                renderer=renderer,
                clock=clock,
                params=RecorderParams(
                    segment_s=math.inf, longest_gap_s=math.inf, idle_s=math.inf, height=_MOST_LINES
                ),
                has_room=lambda: True,
                look_at_disk=lambda: None,
            ),
        )
        self._recording.start()

    @property
    def missing_frames(self) -> int:
        """Analysed frames that could not be written."""
        return self._recording.dropped_frames

    @property
    def trouble(self) -> str:
        """Why frames are missing, empty when none are."""
        return self._recording.status().message

    def add(self, snapshot: Snapshot, frame: Frame) -> None:
        """Take one analysed frame; waits for room."""
        self._recording.offer(snapshot, frame)

    def wait_for_room(self, timeout_s: float) -> bool:
        """Wait until the analysis may go on."""
        return self._recording.wait_for_room(timeout_s)

    def close(self) -> Path | None:
        """Write what waits; return the file, None when there was no frame."""
        self._recording.finish()
        self._recording.join(_JOIN_S)
        return self._folder / self._paths.files[0] if self._paths.files else None


class _Paths:
    """Takes the place of the rows behind the segments: remembers the files."""

    def __init__(self) -> None:
        self.files: list[str] = []

    def opened(self, segment: SegmentOpened) -> int:
        return 0

    def progressed(self, row_id: int, progress: SegmentProgress) -> None:
        return None

    def closed(self, row_id: int, segment: SegmentClosed) -> None:
        self.files.append(segment.path)

    def lost(self, row_id: int) -> None:
        return None
