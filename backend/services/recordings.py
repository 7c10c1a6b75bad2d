"""Recorded segments: rows written by the recorder, files served and deleted."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from backend.core.errors import ConflictError, NotFoundError
from backend.db import camera_store, recording_store
from backend.db.accounts import Role
from backend.db.base import SessionFactory
from backend.db.cameras import Camera, Recording
from backend.db.paging import Page
from backend.services import camera_rules as rules
from backend.services.actor import Actor
from backend.services.audit import AuditLog

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RecordingFilter:
    """What a list of segments is narrowed to; None leaves a field open."""

    camera_id: int | None = None
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingView:
    """One segment as shown."""

    id: int
    camera_id: int
    camera_name: str
    run_id: int
    started_at: datetime
    ended_at: datetime | None
    duration_s: float
    frames: int
    width: int
    height: int
    size_bytes: int
    is_open: bool
    is_simulated: bool


@dataclass(frozen=True, slots=True)
class RecordingFile:
    """A segment to be sent.

    Attributes:
        path: Existing file below the recordings folder.
        download_name: Name offered to the browser.
        is_open: Still growing: it must not be cached.
    """

    path: Path
    download_name: str
    is_open: bool


class RecordingService:
    """Use cases on recorded segments.

    Args:
        session_factory, audit: As everywhere.
        folder: The recordings folder; rows hold paths relative to it.
    """

    def __init__(self, *, session_factory: SessionFactory, audit: AuditLog, folder: Path) -> None:
        self._open = session_factory
        self._audit = audit
        self._folder = folder

    def page(
        self, actor: Actor, wanted: RecordingFilter, *, page: int, per_page: int
    ) -> Page[RecordingView]:
        """Return segments the actor may see, newest first."""
        with self._open() as session:
            found = recording_store.list_recordings(
                session,
                rules.viewpoint_of(actor),
                camera_id=wanted.camera_id,
                start=wanted.start,
                end=wanted.end,
                page=page,
                per_page=per_page,
            )
            cameras = {camera.id: camera for camera in camera_store.list_cameras(session)}
        return found.map(lambda row: _view(row, cameras.get(row.camera_id)))

    def get(self, actor: Actor, recording_id: int) -> RecordingView:
        """Return one segment; raises NotFoundError."""
        with self._open() as session:
            row = self._find(session, actor, recording_id)
            camera = camera_store.find_camera(session, row.camera_id)
        return _view(row, camera)

    def file(self, actor: Actor, recording_id: int) -> RecordingFile:
        """Return the file of a segment; raises NotFoundError when it is gone."""
        with self._open() as session:
            row = self._find(session, actor, recording_id)
            camera = camera_store.find_camera(session, row.camera_id)
        path = self._safe_path(row.path)
        if path is None or not path.is_file():
            raise NotFoundError("The file of this recording is no longer there.")
        stamp = row.started_at.strftime("%Y%m%dT%H%M%SZ")
        name = "".join(c if c.isalnum() else "-" for c in (camera.name if camera else "camera"))
        # a file leaves the house without the page that marks it
        mark = "SIMULATED-" if camera is not None and rules.is_simulated(camera) else ""
        return RecordingFile(path, f"{mark}{name}-{stamp}.mp4", row.is_open)

    def delete(self, actor: Actor, recording_id: int) -> None:
        """Delete a finished segment, the row first.

        Raises:
            ConflictError: It is still being written.
        """
        actor.require(Role.OPERATOR)
        with self._open() as session, session.begin():
            row = self._find(session, actor, recording_id)
            camera = rules.require_found(camera_store.find_camera(session, row.camera_id))
            rules.require_may_operate(actor, camera)
            if row.is_open:
                raise ConflictError("This segment is still being recorded. Stop the camera first.")
            self._audit.record(
                session,
                actor,
                action="recording.delete",
                object_type="recording",
                object_id=row.id,
                before={"camera": camera.name, "started_at": row.started_at.isoformat()},
            )
            path = row.path
            session.delete(row)
        self.delete_files([path])

    def paths_of(self, session: Session, camera_id: int) -> list[str]:
        """Return the relative paths of a camera's segments."""
        return [row.path for row in recording_store.recordings_of(session, camera_id)]

    def delete_files(self, relative_paths: Iterable[str]) -> None:
        """Delete files below the recordings folder; missing ones are fine, trouble is logged."""
        for relative in relative_paths:
            path = self._safe_path(relative)
            if path is None:
                logger.error("recordings.path_outside path=%s", relative)
                continue
            try:
                path.unlink(missing_ok=True)
                if path.parent != self._folder.resolve() and not any(path.parent.iterdir()):
                    path.parent.rmdir()
            except OSError:
                logger.exception("recordings.delete_failed path=%s", relative)

    def _find(self, session: Session, actor: Actor, recording_id: int) -> Recording:
        row = recording_store.find_recording(session, recording_id, rules.viewpoint_of(actor))
        if row is None:
            raise NotFoundError("There is no such recording.")
        return row

    def _safe_path(self, relative: str) -> Path | None:
        """Return the absolute path if it lies below the recordings folder."""
        root = self._folder.resolve()
        path = (root / relative).resolve()
        return path if path.is_relative_to(root) and path != root else None


def _view(row: Recording, camera: Camera | None) -> RecordingView:
    return RecordingView(
        id=row.id,
        camera_id=row.camera_id,
        camera_name=camera.name if camera else "",
        run_id=row.run_id,
        started_at=row.started_at,
        ended_at=row.ended_at,
        duration_s=row.duration_s,
        frames=row.frames,
        width=row.width,
        height=row.height,
        size_bytes=row.size_bytes,
        is_open=row.is_open,
        is_simulated=camera is not None and rules.is_simulated(camera),
    )
