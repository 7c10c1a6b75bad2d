"""Cameras: what exists, who may do what with it, and whether it should run."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.core.camera import JobState, SourceType
from backend.core.clock import Clock
from backend.core.errors import ConflictError, IllegalCommandError, InvalidInputError
from backend.db import calibration_store, camera_store, place_store
from backend.db.base import SessionFactory
from backend.db.calibrations import CalibrationVersion
from backend.db.cameras import AnalysisJob, Camera
from backend.services import camera_rules as rules
from backend.services.actor import Actor
from backend.services.audit import AuditLog, changed_values
from backend.services.calibration.stored import SOURCE_CHANGED
from backend.services.calibration.views import CalibrationSummary, summary_of
from backend.services.camera.detection import CheckModel
from backend.services.camera.rows import CameraRows, public_values
from backend.services.camera_rules import CameraFields
from backend.services.camera_views import CameraView, camera_view, job_view
from backend.services.engine import SourceTools
from backend.services.jobs import JobKeeper
from backend.services.launcher import CameraLauncher, camera_facts
from backend.services.live_state import LiveState
from backend.services.recordings import RecordingService
from backend.services.secret_box import SecretBox
from backend.services.simulation.known import known_summary, scenario_of
from backend.services.source_address import source_of
from backend.services.upload_files import UploadFiles

logger = logging.getLogger(__name__)


class CameraService:
    """Use cases on cameras.

    Args:
        session_factory, clock, audit: As everywhere.
        secret_box: Encrypts sources at rest; they never come back out through the API.
        sources: Validation and redaction.
        launcher: Starts and stops threads.
        live: Current numbers and states.
        jobs: Progress not yet persisted.
        files: Uploaded videos, deleted with their camera.
        recordings: Recorded segments, deleted with their camera.
        on_deleted: Called with the id of a deleted camera, after the commit.
        check_model: Refuses a model that cannot be chosen.
        on_source_changed: Called with the id of a camera that may show another place from now
            on, after the commit.
    """

    def __init__(  # noqa: PLR0913 - one collaborator per concern
        self,
        *,
        session_factory: SessionFactory,
        clock: Clock,
        audit: AuditLog,
        secret_box: SecretBox,
        sources: SourceTools,
        launcher: CameraLauncher,
        live: LiveState,
        jobs: JobKeeper,
        files: UploadFiles,
        recordings: RecordingService,
        on_deleted: Callable[[int], None],
        check_model: CheckModel,
        on_source_changed: Callable[[int], None] = lambda _camera_id: None,
    ) -> None:
        self._open = session_factory
        self._clock = clock
        self._audit = audit
        self._secret_box = secret_box
        self._rows = CameraRows(sources=sources, secret_box=secret_box, check_model=check_model)
        self._launcher = launcher
        self._live = live
        self._jobs = jobs
        self._files = files
        self._recordings = recordings
        self._on_deleted = on_deleted
        self._on_source_changed = on_source_changed

    def visible(self, actor: Actor) -> list[CameraView]:
        """Return the cameras the actor may see, by name, without numbers of zones and lines."""
        with self._open() as session:
            cameras = camera_store.list_cameras(session, rules.viewpoint_of(actor))
            ids = [camera.id for camera in cameras]
            jobs = camera_store.jobs_of(session, ids)
            versions = calibration_store.current_of(session, ids)
        return [
            self._view(c, jobs.get(c.id), versions.get(c.id), with_places=False) for c in cameras
        ]

    def get(self, actor: Actor, camera_id: int) -> CameraView:
        """Return one camera; raises NotFoundError, also for other people's uploads."""
        with self._open() as session:
            camera = self._find(session, actor, camera_id)
            job = camera_store.find_job(session, camera_id)
            version = calibration_store.find_current(session, camera_id)
        return self._view(camera, job, version)

    def check_visible(self, actor: Actor, camera_id: int) -> None:
        """Raise NotFoundError unless the actor may see the camera."""
        with self._open() as session:
            self._find(session, actor, camera_id)

    def create(self, actor: Actor, fields: CameraFields) -> CameraView:
        """Add a camera; it does not start by itself.

        Raises:
            PermissionDeniedError: Cameras need an administrator, uploads an operator.
            InvalidInputError: Naming field and remedy.
            ConflictError: The name is taken.
        """
        tidy = rules.check_fields(fields)
        source_type = tidy.get("source_type")
        if source_type is None or "name" not in tidy:
            raise InvalidInputError("A camera needs a name and a source_type.", field="name")
        rules.require_may_create(actor, source_type)
        now = self._clock.now()
        camera = Camera(owner_id=actor.user_id, created_at=now, updated_at=now, run_count=0)
        self._rows.apply(camera, tidy)
        with self._open() as session, session.begin():
            self._store_named(session, camera)
            job = None
            if source_type is SourceType.UPLOAD:
                job = AnalysisJob(camera_id=camera.id, state=JobState.EMPTY.value, frames_done=0)
                session.add(job)
                session.flush()
            self._record(session, actor, "camera.create", camera, after=public_values(camera))
            facts = camera_facts(camera)
        self._live.remember(facts)
        return self.get(actor, camera.id)

    def update(self, actor: Actor, camera_id: int, fields: CameraFields) -> CameraView:
        """Change a camera; a missing field stays; a running camera restarts with the change.

        Raises:
            NotFoundError, PermissionDeniedError, InvalidInputError, ConflictError.
        """
        tidy = rules.check_fields(fields)
        with self._launcher.command(camera_id):
            with self._open() as session, session.begin():
                camera = self._find(session, actor, camera_id)
                rules.require_may_manage(actor, camera)
                before, source_before = public_values(camera), source_of(camera, self._secret_box)
                scenario_before = scenario_of(camera)
                self._rows.apply(camera, tidy)
                self._store_named(session, camera)
                changed_before, changed_after = changed_values(before, public_values(camera))
                is_elsewhere = source_before != source_of(camera, self._secret_box)
                is_doubted = is_elsewhere and calibration_store.note_source_changed(
                    session, camera_id, at=self._clock.now()
                )
                is_redrawn = scenario_before != "" and scenario_before == scenario_of(camera)
                if is_elsewhere and not is_redrawn:
                    place_store.note_source_changed(session, camera_id, at=self._clock.now())
                is_changed = bool(changed_after) or "source" in tidy
                if is_changed:
                    camera.updated_at = self._clock.now()
                    self._record(
                        session,
                        actor,
                        "camera.update",
                        camera,
                        before=changed_before,
                        after=changed_after,
                    )
                facts = camera_facts(camera)
            self._live.remember(facts)
            if is_doubted:
                doubted = replace(self._live.calibration(camera_id), fault=SOURCE_CHANGED)
                self._live.set_calibration(camera_id, doubted)
            if is_changed:
                self._restart(camera_id, is_elsewhere=is_elsewhere)
        return self.get(actor, camera_id)

    def delete(self, actor: Actor, camera_id: int) -> None:
        """Stop and delete a camera with its metrics, recordings and uploaded video.

        Rows go first, files after the commit: what a crash leaves behind is a file without a
        row, which the next start removes. Incidents stay, and stay open.
        """
        with self._open() as session:
            rules.require_may_manage(actor, self._find(session, actor, camera_id))
        with self._launcher.command(camera_id), self._launcher.drawing(camera_id):
            self._launcher.retire(camera_id)
            with self._open() as session, session.begin():
                camera = self._find(session, actor, camera_id)
                job = camera_store.find_job(session, camera_id)
                stored_name = job.stored_name if job else None
                segments = self._recordings.paths_of(session, camera_id)
                self._record(session, actor, "camera.delete", camera, before=public_values(camera))
                session.delete(camera)
            self._jobs.discard(camera_id)
            self._live.forget(camera_id)
            self._recordings.delete_files(segments)
            if stored_name:
                self._files.delete(stored_name)
        self._on_deleted(camera_id)

    def start(self, actor: Actor, camera_id: int) -> CameraView:
        """Wish that the camera runs, and start it; an upload is analysed (again).

        Raises:
            IllegalCommandError: It is running.
            ConflictError: An upload without a video.
        """
        with self._launcher.command(camera_id):
            self._check_operate(actor, camera_id)
            if self._launcher.is_running(camera_id):
                raise IllegalCommandError("It is already running.")
            self._wish(actor, camera_id, should_run=True)
            self._launcher.launch(camera_id)
        return self.get(actor, camera_id)

    def stop(self, actor: Actor, camera_id: int) -> CameraView:
        """Wish that the camera rests, and stop it; the analysis of an upload is cancelled."""
        with self._launcher.command(camera_id):
            camera = self._check_operate(actor, camera_id)
            self._wish(actor, camera_id, should_run=False)
            if SourceType(camera.source_type).is_live:
                self._launcher.halt(camera_id)
            else:
                self._launcher.cancel(camera_id)
        return self.get(actor, camera_id)

    def pause(self, actor: Actor, camera_id: int) -> CameraView:
        """Pause the analysis of an upload; raises IllegalCommandError."""
        return self._command_job(actor, camera_id, self._launcher.pause)

    def resume(self, actor: Actor, camera_id: int) -> CameraView:
        """Go on with a paused analysis; raises IllegalCommandError."""
        return self._command_job(actor, camera_id, self._launcher.resume)

    def cancel(self, actor: Actor, camera_id: int) -> CameraView:
        """Give the analysis of an upload up; raises IllegalCommandError."""
        return self._command_job(actor, camera_id, self._launcher.cancel)

    def _command_job(
        self, actor: Actor, camera_id: int, command: Callable[[int], None]
    ) -> CameraView:
        camera = self._check_operate(actor, camera_id)
        if SourceType(camera.source_type).is_live:
            raise IllegalCommandError("A live camera can only be started and stopped.")
        command(camera_id)
        return self.get(actor, camera_id)

    def _check_operate(self, actor: Actor, camera_id: int) -> Camera:
        with self._open() as session:
            camera = self._find(session, actor, camera_id)
        rules.require_may_operate(actor, camera)
        return camera

    def _wish(self, actor: Actor, camera_id: int, *, should_run: bool) -> None:
        """Persist the wish before the command: a crash in between keeps it."""
        with self._open() as session, session.begin():
            camera = rules.require_found(camera_store.find_camera(session, camera_id))
            if SourceType(camera.source_type).is_live:
                camera.should_run = should_run
            verb = "camera.start" if should_run else "camera.stop"
            self._record(session, actor, verb, camera)

    def _restart(self, camera_id: int, *, is_elsewhere: bool) -> None:
        """Restart a running camera; between its runs nothing comes of the former source."""
        was_running = self._launcher.is_running(camera_id)
        if was_running:
            self._launcher.halt(camera_id)
        if is_elsewhere:
            self._on_source_changed(camera_id)
        if was_running:
            self._launcher.launch(camera_id)

    def _store_named(self, session: Session, camera: Camera) -> None:
        """Write the row; raises ConflictError when the name is taken."""
        with session.no_autoflush:
            taken = camera_store.name_taken(session, camera.name, except_id=camera.id)
        message = f"There is a camera named {camera.name!r} already. Choose another name."
        if taken:
            raise ConflictError(message)
        session.add(camera)
        try:
            session.flush()
        except IntegrityError as error:
            raise ConflictError(message) from error

    def _find(self, session: Session, actor: Actor, camera_id: int) -> Camera:
        return rules.require_found(
            camera_store.find_camera(session, camera_id, rules.viewpoint_of(actor))
        )

    def _record(
        self,
        session: Session,
        actor: Actor,
        action: str,
        camera: Camera,
        *,
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
    ) -> None:
        self._audit.record(
            session,
            actor,
            action=action,
            object_type="camera",
            object_id=camera.id,
            before=before,
            after=after,
        )

    def _view(
        self,
        camera: Camera,
        job: AnalysisJob | None,
        version: CalibrationVersion | None,
        *,
        with_places: bool = True,
    ) -> CameraView:
        status = self._live.status(camera.id)
        return camera_view(
            camera,
            status=status,
            job=job_view(job, self._jobs.newest(camera.id)) if job else None,
            calibration=_calibration(camera, version, status.calibration_fault),
            current=self._live.current(camera.id, with_places=with_places),
        )


def _calibration(
    camera: Camera, version: CalibrationVersion | None, fault: str
) -> CalibrationSummary | None:
    """Return what turns its pixels into metres; of a simulation that is known, not stored."""
    if rules.is_simulated(camera):
        return known_summary(camera)
    return summary_of(version, fault) if version else None
