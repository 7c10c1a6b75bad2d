"""Use cases on calibrations: look, try, put in force, take out of force."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.core.camera import CameraState
from backend.core.clock import Clock
from backend.core.errors import ConflictError, InvalidInputError, NotFoundError
from backend.db import calibration_store, camera_store
from backend.db.base import SessionFactory
from backend.db.calibrations import CalibrationVersion
from backend.db.cameras import Camera
from backend.services import camera_rules as rules
from backend.services.actor import Actor
from backend.services.audit import AuditLog
from backend.services.calibration import views
from backend.services.calibration.draft import (
    CalibrationDraft,
    check_draft,
    check_field_of_view,
)
from backend.services.calibration.facts import CalibrationFacts
from backend.services.calibration.height_samples import HeightSamples
from backend.services.calibration.landmarks import pack_landmarks
from backend.services.calibration.scenery import NewestFrame, present_landmarks
from backend.services.calibration.solving import SolvedGround, estimate, same_aspect, solve
from backend.services.calibration.stored import row_of
from backend.services.calibration.views import (
    AutomaticView,
    CalibrationVersionView,
    CalibrationView,
)
from backend.services.launcher import CameraLauncher
from backend.services.live_state import LiveState
from backend.services.simulation.known import known_calibration, refuse_calibration

if TYPE_CHECKING:
    from backend.core.calibration import BackgroundFeatures

logger = logging.getLogger(__name__)


class CalibrationService:
    """Use cases on calibrations.

    Whoever may see a camera sees its calibration; whoever may manage it may change it.

    Args:
        session_factory, clock, audit: As everywhere.
        launcher: Restarts a running camera with what is in force now.
        live: What cameras run with, and the size of their pictures.
        people: Heights of people seen lately.
        newest: Newest picture of a camera.
    """

    def __init__(
        self,
        *,
        session_factory: SessionFactory,
        clock: Clock,
        audit: AuditLog,
        launcher: CameraLauncher,
        live: LiveState,
        people: HeightSamples,
        newest: NewestFrame,
    ) -> None:
        self._open = session_factory
        self._clock = clock
        self._audit = audit
        self._launcher = launcher
        self._live = live
        self._people = people
        self._newest = newest

    def get(self, actor: Actor, camera_id: int) -> CalibrationView:
        """Return the calibration in force; an uncalibrated camera has an empty one."""
        with self._open() as session:
            camera = self._find(session, actor, camera_id)
            if rules.is_simulated(camera):
                return known_calibration(camera)
            row = calibration_store.find_current(session, camera_id)
            if row is None:
                return CalibrationView(camera_id=camera_id, calibrated=False)
            return views.calibration_view(
                row,
                fault=self._live.status(camera_id).calibration_fault,
                created_by=self._author(session, row),
                has_background=calibration_store.has_background(session, row),
            )

    def versions(self, actor: Actor, camera_id: int) -> list[CalibrationVersionView]:
        """Return every version the camera has or had, the newest first."""
        with self._open() as session:
            self._find(session, actor, camera_id)
            rows = calibration_store.list_versions(session, camera_id)
            names = calibration_store.usernames(
                session, {row.created_by for row in rows if row.created_by is not None}
            )
        return [views.version_view(row, names.get(row.created_by or -1)) for row in rows]

    def preview(self, actor: Actor, camera_id: int, draft: CalibrationDraft) -> CalibrationView:
        """Return what a calibration would be, without storing anything; raises as `put`."""
        solved = self._solve(actor, camera_id, draft)
        row = row_of(draft, solved, camera_id=camera_id, version=0, now=self._clock.now())
        return views.preview(row)

    def put(self, actor: Actor, camera_id: int, draft: CalibrationDraft) -> CalibrationView:
        """Put a new version in force; a running camera restarts with it.

        Raises:
            NotFoundError, PermissionDeniedError: As for every change of a camera.
            InvalidInputError: Naming field, reason and remedy.
            ConflictError: A simulated camera; too few people seen for the method heights; or
                changed by somebody else at the same moment.
        """
        solved = self._solve(actor, camera_id, draft)
        with self._launcher.command(camera_id):
            landmarks = self._landmarks(camera_id, draft.picture_wh)
            with self._open() as session, session.begin():
                camera = self._find_to_change(session, actor, camera_id)
                before = calibration_store.find_current(session, camera_id)
                row = row_of(
                    draft,
                    solved,
                    camera_id=camera_id,
                    version=calibration_store.last_version(session, camera_id) + 1,
                    now=self._clock.now(),
                )
                row.created_by = actor.user_id
                row.background = None if landmarks is None else pack_landmarks(landmarks)
                self._replace(session, camera, row)
                self._record(session, actor, camera, before=before, after=row)
            self._live.set_calibration(
                camera_id, CalibrationFacts(row.version, landmarks is not None)
            )
            self._restart(camera_id)
        return self.get(actor, camera_id)

    def remove(self, actor: Actor, camera_id: int) -> None:
        """Take the calibration out of force; its versions stay in the history.

        Raises:
            NotFoundError: No such camera, or it has no calibration.
            ConflictError: A simulated camera: its ground is known by construction.
        """
        with self._launcher.command(camera_id):
            with self._open() as session, session.begin():
                camera = self._find_to_change(session, actor, camera_id)
                before = calibration_store.find_current(session, camera_id)
                if before is None:
                    raise NotFoundError("This camera is not calibrated.")
                camera.updated_at = self._clock.now()
                calibration_store.end_current(session, camera_id, at=camera.updated_at)
                self._record(session, actor, camera, before=before, after=None)
            self._live.set_calibration(camera_id, CalibrationFacts())
            self._restart(camera_id)

    def automatic(
        self, actor: Actor, camera_id: int, field_of_view_deg: float | None
    ) -> AutomaticView:
        """Return what people's heights say, with the evidence; nothing is stored.

        Raises:
            InvalidInputError: The field of view is none.
            ConflictError: Too few people have been seen, or their heights follow no
                perspective, or the camera is simulated; the message says what to do.
        """
        with self._open() as session:
            refuse_calibration(self._find(session, actor, camera_id))
        check_field_of_view(field_of_view_deg)
        people = self._people.seen(camera_id)
        picture_wh = (0, 0) if people is None else people.picture_wh
        found = estimate(people, picture_wh=picture_wh, field_of_view_deg=field_of_view_deg)
        return views.automatic_view(camera_id, picture_wh, found)

    def _solve(self, actor: Actor, camera_id: int, draft: CalibrationDraft) -> SolvedGround:
        """Check and solve a draft of somebody who may put it in force."""
        with self._open() as session:
            self._find_to_change(session, actor, camera_id)
        check_draft(draft)
        self._check_shape(camera_id, draft.picture_wh)
        return solve(draft, self._people.seen(camera_id))

    def _check_shape(self, camera_id: int, picture_wh: tuple[int, int]) -> None:
        """Refuse a picture that cannot be one of the running stream's."""
        status = self._live.status(camera_id)
        if status.state != CameraState.RUNNING.value or not status.width or not status.height:
            return
        if not same_aspect((status.width, status.height), picture_wh):
            raise InvalidInputError(
                f"The camera delivers {status.width} × {status.height} px; a picture of "
                f"{picture_wh[0]} × {picture_wh[1]} px has another shape. Take a new picture.",
                field="/picture_wh",
            )

    def _landmarks(self, camera_id: int, picture_wh: tuple[int, int]) -> BackgroundFeatures | None:
        """Take landmarks of what was clicked in, unless that may be another picture."""
        with self._open() as session:
            camera = rules.require_found(camera_store.find_camera(session, camera_id))
        return present_landmarks(
            camera_id,
            picture_wh,
            run_count=camera.run_count,
            live=self._live,
            newest=self._newest,
        )

    def _replace(self, session: Session, camera: Camera, row: CalibrationVersion) -> None:
        camera.updated_at = row.created_at
        calibration_store.end_current(session, camera.id, at=row.created_at)
        session.add(row)
        try:
            session.flush()
        except IntegrityError as error:
            raise ConflictError(
                "Somebody else calibrated this camera at the same moment. Look at the result first."
            ) from error

    def _restart(self, camera_id: int) -> None:
        if self._launcher.is_running(camera_id):
            self._launcher.halt(camera_id)
            self._launcher.launch(camera_id)

    def _find(self, session: Session, actor: Actor, camera_id: int) -> Camera:
        return rules.require_found(
            camera_store.find_camera(session, camera_id, rules.viewpoint_of(actor))
        )

    def _find_to_change(self, session: Session, actor: Actor, camera_id: int) -> Camera:
        camera = self._find(session, actor, camera_id)
        rules.require_may_manage(actor, camera)
        refuse_calibration(camera)
        return camera

    def _author(self, session: Session, row: CalibrationVersion) -> str | None:
        if row.created_by is None:
            return None
        return calibration_store.usernames(session, {row.created_by}).get(row.created_by)

    def _record(
        self,
        session: Session,
        actor: Actor,
        camera: Camera,
        *,
        before: CalibrationVersion | None,
        after: CalibrationVersion | None,
    ) -> None:
        self._audit.record(
            session,
            actor,
            action="camera.calibrate" if after else "camera.uncalibrate",
            object_type="camera",
            object_id=camera.id,
            before=_audited(before),
            after=_audited(after),
        )


def _audited(row: CalibrationVersion | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {
        "version": row.version,
        "method": row.method,
        "picture_wh": [row.picture_width, row.picture_height],
        "inputs": row.inputs,
        "area_m2": row.area_m2,
        "rms_error_m": row.rms_error_m,
    }
