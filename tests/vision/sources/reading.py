"""Reading sources to their end, and counting what they hold."""

from __future__ import annotations

import threading
from pathlib import Path

from backend.core.errors import SourceEnded
from backend.core.frame import Frame
from backend.vision.sources import FrameSource


def read_all(source: FrameSource) -> list[Frame]:
    """Read a recording to its end."""
    frames: list[Frame] = []
    try:
        while True:
            frame = source.read(5.0)
            assert frame is not None, "nothing came for five seconds"
            frames.append(frame)
    except SourceEnded:
        return frames


def read_some(source: FrameSource, count: int) -> list[Frame]:
    """Read ``count`` frames, whatever comes first."""
    frames: list[Frame] = []
    while len(frames) < count:
        frame = source.read(5.0)
        assert frame is not None, "nothing came for five seconds"
        frames.append(frame)
    return frames


def open_handles() -> tuple[int, int]:
    """Return how many file handles and how many threads (native ones too) this process has."""
    descriptors = len(list(Path("/proc/self/fd").iterdir()))
    return descriptors, len(list(Path("/proc/self/task").iterdir()))


def python_threads() -> set[str]:
    """Return the names of running threads of sources."""
    return {
        thread.name
        for thread in threading.enumerate()
        if thread.name.startswith(("source-", "rtsp-relay", "resolve-host"))
    }
