"""The bounded queue between a camera's thread and its recording."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass

from backend.core.frame import Frame
from backend.core.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class QueuedFrame:
    """One analysed frame on its way into the video."""

    snapshot: Snapshot
    frame: Frame


class FrameQueue:
    """First in, first out, with a declared overflow.

    Live frames replace the oldest one when the queue is full, and are counted. Recorded
    frames wait for room: every frame of an upload ends up in the video.

    Args:
        capacity: Frames held at most (a full-HD frame is 6 MB).
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._changed = threading.Condition()
        self._frames: deque[QueuedFrame] = deque()
        self._closed = False
        self._dropped = 0

    def __len__(self) -> int:
        return len(self._frames)

    @property
    def dropped(self) -> int:
        """Frames that found no room."""
        return self._dropped

    @property
    def has_room(self) -> bool:
        """Whether at least half of the queue is free."""
        return self._closed or len(self._frames) * 2 <= self._capacity

    def put_live(self, item: QueuedFrame) -> bool:
        """Append; the oldest goes when the queue is full. False when the queue is closed."""
        with self._changed:
            if self._closed:
                return False
            if len(self._frames) >= self._capacity:
                self._frames.popleft()
                self._dropped += 1
            self._frames.append(item)
            self._changed.notify_all()
            return True

    def put_recorded(self, item: QueuedFrame, timeout_s: float) -> bool:
        """Append when there is room; False, and the frame is counted as dropped, when not."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._closed or len(self._frames) < self._capacity, timeout_s
            )
            if self._closed:
                return False
            if len(self._frames) >= self._capacity:
                self._dropped += 1
                return False
            self._frames.append(item)
            self._changed.notify_all()
            return True

    def take(self, timeout_s: float) -> QueuedFrame | None:
        """Return the oldest frame; None when none came in time or the queue is closed and empty."""
        with self._changed:
            self._changed.wait_for(lambda: self._frames or self._closed, timeout_s)
            if not self._frames:
                return None
            item = self._frames.popleft()
            self._changed.notify_all()
            return item

    def wait_for_room(self, timeout_s: float) -> bool:
        """Wait until half of the queue is free."""
        with self._changed:
            return self._changed.wait_for(lambda: self.has_room, timeout_s)

    def close(self) -> None:
        """Take nothing more; what waits can still be taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    @property
    def is_closed(self) -> bool:
        """Whether nothing more is taken."""
        return self._closed
