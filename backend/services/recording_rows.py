"""The rows behind recorded segments, as the recorder and its retention see them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from backend.core.camera import SourceType
from backend.core.clock import Clock
from backend.core.errors import NotFoundError
from backend.db import camera_store, recording_store
from backend.db.base import SessionFactory
from backend.db.cameras import Camera, Recording
from backend.pipeline.recording.segments import (
    SegmentClosed,
    SegmentOpened,
    SegmentProgress,
    StoredSegment,
)

logger = logging.getLogger(__name__)

_LISTED = 20_000


class RecordingRows:
    """`pipeline.recording.segments.SegmentRows` on the database; one transaction a call.

    Args:
        session_factory, clock: As everywhere.
        folder: The recordings folder.
    """

    def __init__(self, *, session_factory: SessionFactory, clock: Clock, folder: Path) -> None:
        self._open = session_factory
        self._clock = clock
        self._folder = folder

    def opened(self, segment: SegmentOpened) -> int:
        """Insert a row and return its id; raises NotFoundError once the camera is deleted."""
        with self._open() as session, session.begin():
            if session.get(Camera, segment.camera_id) is None:
                raise NotFoundError("The camera has been deleted.")
            row = Recording(
                camera_id=segment.camera_id,
                run_id=segment.run_id,
                path=segment.path,
                started_at=segment.started_at,
                width=segment.width,
                height=segment.height,
                is_open=True,
            )
            session.add(row)
            session.flush()
            return row.id

    def progressed(self, row_id: int, progress: SegmentProgress) -> None:
        """Update an open row; no effect once it is gone."""
        with self._open() as session, session.begin():
            row = session.get(Recording, row_id)
            if row is not None:
                row.duration_s, row.frames = progress.duration_s, progress.frames
                row.size_bytes = progress.size_bytes

    def closed(self, row_id: int, segment: SegmentClosed) -> None:
        """Complete a row; without one (camera deleted meanwhile) the file goes as well."""
        with self._open() as session, session.begin():
            row = session.get(Recording, row_id)
            if row is not None:
                row.ended_at, row.duration_s = segment.ended_at, segment.duration_s
                row.frames, row.size_bytes = segment.frames, segment.size_bytes
                row.is_open = False
                return
        (self._folder / segment.path).unlink(missing_ok=True)

    def lost(self, row_id: int) -> None:
        """Delete the row of a segment that is no longer there."""
        with self._open() as session, session.begin():
            row = session.get(Recording, row_id)
            if row is not None:
                session.delete(row)

    def open_segments(self) -> Sequence[StoredSegment]:
        """Return segments a crash left open."""
        with self._open() as session:
            return [_stored(row, None) for row in recording_store.open_recordings(session)]

    def closed_segments(self) -> Sequence[StoredSegment]:
        """Return finished segments, the oldest first, for retention.

        A recording of old footage is as old as its analysis, not as the footage: otherwise it
        would expire the moment it is made.
        """
        with self._open() as session:
            rows = recording_store.closed_oldest_first(session, limit=_LISTED)
            made_at = self._made_at(session, {row.camera_id for row in rows})
            return [_stored(row, made_at.get(row.camera_id)) for row in rows]

    def prune(self, *, older_than: datetime) -> int:
        """Delete videos below the folder that no row names (after a crash); return how many."""
        with self._open() as session:
            known = recording_store.all_paths(session)
        removed = 0
        for path in self._folder.glob("camera-*/*/*.mp4"):
            is_old = path.stat().st_mtime < older_than.timestamp()
            if is_old and path.relative_to(self._folder).as_posix() not in known:
                path.unlink(missing_ok=True)
                removed += 1
        if removed:
            logger.warning("recordings.pruned files=%s", removed)
        return removed

    def _made_at(self, session: Session, camera_ids: set[int]) -> dict[int, datetime]:
        """Return when the analysis of each upload among these cameras last ran."""
        uploads = {
            camera.id
            for camera in camera_store.list_cameras(session)
            if camera.id in camera_ids and camera.source_type == SourceType.UPLOAD.value
        }
        jobs = camera_store.jobs_of(session, uploads)
        now = self._clock.now()
        return {key: job.finished_at or job.started_at or now for key, job in jobs.items()}


def _stored(row: Recording, made_at: datetime | None) -> StoredSegment:
    return StoredSegment(
        row_id=row.id,
        camera_id=row.camera_id,
        path=row.path,
        started_at=made_at or row.started_at,
        ended_at=None if row.is_open else made_at or row.ended_at or row.started_at,
        size_bytes=row.size_bytes,
    )
