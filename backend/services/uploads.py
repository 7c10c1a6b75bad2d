"""Receiving a video: streamed to the disk, looked into, put in place, queued for analysis."""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePath
from typing import BinaryIO, Final, TypeAlias

from backend.core.camera import JobState, SourceInfo, SourceType
from backend.core.clock import Clock
from backend.core.errors import ConflictError, InvalidInputError, SourceRefusedError
from backend.db import calibration_store, camera_store, place_store
from backend.db.accounts import Role
from backend.db.base import SessionFactory
from backend.services import camera_rules as rules
from backend.services.actor import Actor
from backend.services.audit import AuditLog
from backend.services.engine import SourceTools
from backend.services.launcher import CameraLauncher
from backend.services.upload_files import IncomingFile, UploadFiles

logger = logging.getLogger(__name__)

_EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)
_NAME_MAX: Final = 255


@dataclass(frozen=True, slots=True)
class UploadForm:
    """What came with the video.

    Attributes:
        filename: As the browser called it; shown, never used as a path.
        recorded_at: Aware start of the recording as typed in, None when not given.
    """

    filename: str
    recorded_at: datetime | None


ReadForm: TypeAlias = Callable[[BinaryIO], UploadForm]
"""Writes the video to the given stream as it arrives and returns the rest of the form."""


class UploadService:
    """Use case "give this camera a video".

    Args:
        session_factory, clock, audit: As everywhere.
        files: Where videos lie.
        sources: Looks into the file.
        launcher: Queues the analysis.
    """

    def __init__(
        self,
        *,
        session_factory: SessionFactory,
        clock: Clock,
        audit: AuditLog,
        files: UploadFiles,
        sources: SourceTools,
        launcher: CameraLauncher,
    ) -> None:
        self._open = session_factory
        self._clock = clock
        self._audit = audit
        self._files = files
        self._sources = sources
        self._launcher = launcher

    @property
    def max_bytes(self) -> int:
        """Largest video accepted, in bytes."""
        return self._files.max_bytes

    def receive(
        self, actor: Actor, camera_id: int, read_form: ReadForm, *, expected_bytes: int | None
    ) -> None:
        """Receive a video and queue its analysis; the old video goes once the new one is good.

        Permission is checked before a byte is read. ``expected_bytes`` is the announced length
        of the whole request, None when unknown.

        Raises:
            InvalidInputError: Too large, empty, or not a video that can be analysed; says why.
            ConflictError: The camera is not an upload.
            UnavailableError: No room on the disk.
        """
        actor.require(Role.OPERATOR)
        with self._open() as session:
            camera = rules.require_found(
                camera_store.find_camera(session, camera_id, rules.viewpoint_of(actor))
            )
        rules.require_may_manage(actor, camera)
        if SourceType(camera.source_type) is not SourceType.UPLOAD:
            raise ConflictError("Only a camera of the type 'upload' takes a video.")
        incoming = self._files.open_incoming(expected_bytes)
        try:
            form = read_form(incoming.stream)
            size_bytes = incoming.seal()
            source = self._examine(incoming, size_bytes, form)
            recorded_at = self._start_of_recording(form, incoming)
            self._put_in_place(actor, camera_id, incoming, form, (size_bytes, source, recorded_at))
        finally:
            incoming.discard()

    def prune(self, *, older_than: datetime) -> int:
        """After a crash: delete half-received videos and videos without a row; return how many."""
        with self._open() as session:
            known = camera_store.stored_names(session)
        return self._files.prune(known, older_than=older_than)

    def _examine(self, incoming: IncomingFile, size_bytes: int, form: UploadForm) -> SourceInfo:
        if size_bytes == 0:
            raise InvalidInputError("The file is empty. Choose a video.", field="video")
        self._files.check_size(size_bytes)
        try:
            return self._sources.probe_upload(incoming.path)
        except SourceRefusedError as error:
            # people know the file by the name they gave it, not by ours
            message = str(error).replace(incoming.path.name, display_name(form.filename))
            raise InvalidInputError(message, field="video") from error

    def _start_of_recording(self, form: UploadForm, incoming: IncomingFile) -> datetime:
        """Return the form's time, else the container's, else now; nonsense is passed over."""
        now = self._clock.now()
        if form.recorded_at is not None:
            if not _EARLIEST <= form.recorded_at <= now:
                raise InvalidInputError(
                    "The start of the recording must lie between 1990 and now.",
                    field="recorded_at",
                )
            return form.recorded_at
        stated = self._sources.creation_time(incoming.path)
        if stated is not None and _EARLIEST <= stated <= now:
            return stated
        return now

    def _put_in_place(
        self,
        actor: Actor,
        camera_id: int,
        incoming: IncomingFile,
        form: UploadForm,
        facts: tuple[int, SourceInfo, datetime],
    ) -> None:
        size_bytes, source, recorded_at = facts
        original_name = display_name(form.filename)
        with self._launcher.command(camera_id):
            self._launcher.halt(camera_id)
            stored_name = self._files.keep(incoming, camera_id=camera_id)
            try:
                with self._open() as session, session.begin():
                    camera = rules.require_found(camera_store.find_camera(session, camera_id))
                    job = camera_store.find_job(session, camera_id)
                    if job is None:
                        raise ConflictError("The upload camera has been deleted meanwhile.")
                    old_name = job.stored_name
                    job.stored_name, job.original_name = stored_name, original_name
                    job.size_bytes, job.recorded_at = size_bytes, recorded_at
                    job.duration_s, job.frames_total = source.duration_s, source.frames_total
                    job.state, job.queued_at = JobState.QUEUED.value, self._clock.now()
                    if old_name:
                        calibration_store.note_source_changed(
                            session,
                            camera_id,
                            at=self._clock.now(),
                            only_without_background=True,
                        )
                        place_store.note_source_changed(
                            session,
                            camera_id,
                            at=self._clock.now(),
                            only_without_background=True,
                        )
                    camera.source_display = original_name
                    camera.updated_at = self._clock.now()
                    self._audit.record(
                        session,
                        actor,
                        action="camera.upload",
                        object_type="camera",
                        object_id=camera_id,
                        after={"name": original_name, "size_bytes": size_bytes},
                    )
            except BaseException:
                self._files.delete(stored_name)
                raise
            if old_name:
                self._files.delete(old_name)
            self._launcher.launch(camera_id)


def display_name(filename: str) -> str:
    """Return a browser's file name fit to be shown: last part only, printable, bounded."""
    name = PurePath(filename.replace("\\", "/")).name
    name = unicodedata.normalize("NFC", "".join(c for c in name if c.isprintable())).strip()
    return name[:_NAME_MAX] or "video"
