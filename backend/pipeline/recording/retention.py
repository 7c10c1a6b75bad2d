"""Which recordings have to go, and the slow tick that removes them."""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from backend.core.clock import Clock
from backend.pipeline.recording.segments import StoredSegment

logger = logging.getLogger(__name__)

_RESERVE = 1.1
"""An emergency purge frees a tenth more than asked, so that the next one is not at once."""


@dataclass(frozen=True, slots=True)
class RetentionParams:
    """When recordings go.

    Attributes:
        keep_days: Age at which a recording expires.
        min_free_bytes: Below this much free disk the oldest go whatever their age.
        interval_s: Seconds between two looks.
    """

    keep_days: float = 14.0
    min_free_bytes: int = 1024 * 1024 * 1024
    interval_s: float = 10.0


@dataclass(frozen=True, slots=True)
class PurgePlan:
    """What to delete, oldest first.

    Attributes:
        expired: Older than the retention.
        emergency: Younger, but there is no room.
        missing_bytes: What is still missing after all of it; 0 when there will be room.
    """

    expired: tuple[StoredSegment, ...] = ()
    emergency: tuple[StoredSegment, ...] = ()
    missing_bytes: int = 0


def plan_purge(
    segments: Sequence[StoredSegment], *, now: datetime, free_bytes: int, params: RetentionParams
) -> PurgePlan:
    """Choose closed segments to delete, by the age of the file.

    The analysis of a video filmed long ago makes young files: they are kept like any other.

    Args:
        segments: Closed segments in any order; open ones (``ended_at`` None) are left alone.
        now: Aware time.
        free_bytes: Free on the disk now.
        params: Limits.
    """
    closed = [segment for segment in segments if segment.ended_at is not None]
    closed.sort(key=lambda segment: (segment.age_at, segment.row_id))
    oldest_kept = now - timedelta(days=params.keep_days)
    expired = [segment for segment in closed if segment.age_at < oldest_kept]
    younger = closed[len(expired) :]
    free = free_bytes + sum(segment.size_bytes for segment in expired)
    if free >= params.min_free_bytes:
        return PurgePlan(expired=tuple(expired))
    emergency = []
    for segment in younger:
        if free >= params.min_free_bytes * _RESERVE:
            break
        emergency.append(segment)
        free += segment.size_bytes
    missing = max(params.min_free_bytes - free, 0)
    return PurgePlan(tuple(expired), tuple(emergency), missing)


def free_disk_bytes(folder: Path) -> int:
    """Return the bytes an ordinary user may still write below ``folder``."""
    return shutil.disk_usage(folder).free


class StorageKeeper:
    """Looks after the recordings folder on its own thread (``recordings-keeper``).

    Every look measures the free disk, deletes what the plan names (the file first, then the
    row, so that nothing keeps disk without a row) and reports whether there is room.

    Args:
        folder: The recordings folder.
        list_segments: Closed segments, read from the rows.
        forget_segment: Deletes one row.
        on_room: Told after each look: is there room, how much is free.
        clock: For ages.
        params: Limits.
        measure_free: Free bytes below a folder.
    """

    def __init__(
        self,
        folder: Path,
        *,
        list_segments: Callable[[], Sequence[StoredSegment]],
        forget_segment: Callable[[int], None],
        on_room: Callable[[bool, int], None],
        clock: Clock,
        params: RetentionParams,
        measure_free: Callable[[Path], int] = free_disk_bytes,
    ) -> None:
        self._folder = folder
        self._list = list_segments
        self._forget = forget_segment
        self._on_room = on_room
        self._clock = clock
        self._params = params
        self._measure = measure_free
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Look once, then again and again on the own thread."""
        if self._thread is None:
            self._stop.clear()
            self._thread = threading.Thread(target=self._run, name="recordings-keeper", daemon=True)
            self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> bool:
        """End the thread; return whether it ended. Idempotent."""
        self._stop.set()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join(timeout_s)
        return thread is None or not thread.is_alive()

    def tick(self) -> PurgePlan:
        """Look once: delete what has to go, report the room; return what was planned."""
        free = self._measure(self._folder)
        segments = [self._as_on_disk(segment) for segment in self._list()]
        plan = plan_purge(segments, now=self._clock.now(), free_bytes=free, params=self._params)
        for segment in (*plan.expired, *plan.emergency):
            if self._stop.is_set():
                break
            self._delete(segment)
        if plan.emergency:
            logger.warning(
                "recordings_emergency_purge segments=%s free_bytes=%s", len(plan.emergency), free
            )
        if plan.expired or plan.emergency:
            free = self._measure(self._folder)
        self._on_room(free >= self._params.min_free_bytes, free)
        return plan

    def _run(self) -> None:
        while True:
            try:
                self.tick()
            except Exception:
                # the database or the disk may be away for a while: the next look tries again
                logger.exception("recordings_keeper_failed")
            if self._stop.wait(self._params.interval_s):
                return

    def _as_on_disk(self, segment: StoredSegment) -> StoredSegment:
        """Size and age of the file itself; a row without a file frees nothing."""
        try:
            facts = (self._folder / segment.path).stat()
        except OSError:
            return replace(segment, size_bytes=0)
        written_at = datetime.fromtimestamp(facts.st_mtime, UTC)
        return replace(segment, size_bytes=facts.st_size, written_at=written_at)

    def _delete(self, segment: StoredSegment) -> None:
        root = self._folder.resolve()
        path = (root / segment.path).resolve()
        if not path.is_relative_to(root) or path == root:
            logger.error("recordings_path_outside path=%s", segment.path)
            return
        path.unlink(missing_ok=True)
        remove_empty_folders(path.parent, root)
        self._forget(segment.row_id)


def remove_empty_folders(folder: Path, root: Path) -> None:
    """Remove ``folder`` and its parents below ``root`` as far as they are empty."""
    while folder != root and folder.is_relative_to(root):
        try:
            folder.rmdir()
        except OSError:
            return
        folder = folder.parent
