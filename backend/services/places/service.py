"""Use cases on zones and counting lines: look, draw, change, delete."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from backend.core.clock import Clock
from backend.core.errors import ConflictError
from backend.core.places import CameraPlaces, CountingLine, DrawnView, Zone
from backend.db import camera_store, place_store
from backend.db.base import SessionFactory
from backend.db.cameras import Camera
from backend.services import camera_rules as rules
from backend.services.actor import Actor
from backend.services.audit import AuditLog
from backend.services.calibration.landmarks import pack_landmarks
from backend.services.calibration.scenery import NewestFrame, present_landmarks
from backend.services.launcher import CameraLauncher
from backend.services.live_state import LiveState
from backend.services.places import edits
from backend.services.places.draft import LineDraft, PlacesDraft, ZoneDraft, places_draft
from backend.services.places.stored import audited_change, load_places, store_places
from backend.services.places.views import PlacesView, places_view

if TYPE_CHECKING:
    from backend.core.calibration import BackgroundFeatures

_OUTRUN = (
    "The zones and lines of this camera were changed meanwhile, or it was given another source. "
    "Look at them as they are now, then make your change again."
)


class PlaceService:
    """Use cases on zones and counting lines.

    Whoever may see a camera sees its places; whoever may manage it may change them. A running
    camera measures them from its next frame on, without a restart.

    Every change takes ``version``: that of the places it was made from. It is refused where
    somebody else has changed them since; None = it is meant whatever they are.

    Args:
        session_factory, clock, audit: As everywhere.
        launcher: Tells running cameras.
        live: What running cameras have found of their views.
        newest: Newest picture of a camera.
        on_changed: Told of the places of a camera once they are committed, in their order.
    """

    def __init__(
        self,
        *,
        session_factory: SessionFactory,
        clock: Clock,
        audit: AuditLog,
        launcher: CameraLauncher,
        live: LiveState,
        newest: NewestFrame,
        on_changed: Callable[[int, CameraPlaces], None],
    ) -> None:
        self._open = session_factory
        self._clock = clock
        self._audit = audit
        self._launcher = launcher
        self._live = live
        self._newest = newest
        self._on_changed = on_changed

    def get(self, actor: Actor, camera_id: int) -> PlacesView:
        """Return all places of a camera; raises NotFoundError for no such camera."""
        places = self._look(actor, camera_id)
        return places_view(camera_id, places, fault=self._live.status(camera_id).places_fault)

    def zone(self, actor: Actor, camera_id: int, zone_id: int) -> Zone:
        """Return one zone; raises NotFoundError."""
        return edits.find_zone(self._look(actor, camera_id), zone_id)

    def line(self, actor: Actor, camera_id: int, line_id: int) -> CountingLine:
        """Return one line; raises NotFoundError."""
        return edits.find_line(self._look(actor, camera_id), line_id)

    def replace(self, actor: Actor, camera_id: int, draft: PlacesDraft) -> PlacesView:
        """Give a camera exactly these places; what has an id stays what it was.

        Raises:
            NotFoundError, PermissionDeniedError: As for every change of a camera.
            InvalidInputError: Naming every wrong value, reason and remedy.
            ConflictError: Changed by somebody else since ``draft.version``.
        """
        is_elsewhere = draft.camera_id not in {None, camera_id}
        after = self._change(
            actor,
            camera_id,
            None if is_elsewhere else draft.version,  # another camera's says nothing of this one
            lambda before: edits.replaced(before, draft, camera_id=camera_id),
            sees_all=True,
        )
        return places_view(camera_id, after)

    def confirm(self, actor: Actor, camera_id: int, *, version: int | None = None) -> PlacesView:
        """Say that all places of a camera fit what it shows now: no reading is doubted any more.

        Raises:
            NotFoundError: No such camera.
            PermissionDeniedError: Whoever may operate the camera may confirm its places.
            ConflictError: Changed by somebody else since ``version``, or there are none.
        """
        with self._launcher.drawing(camera_id):
            with self._open() as session, session.begin():
                camera = self._find(session, actor, camera_id)
                rules.require_may_operate(actor, camera)
                before = self._load(session, camera_id, version)
                if before.is_empty:
                    raise ConflictError("This camera has no zones and lines to confirm. Draw one.")
                after = self._store(session, camera, before, places_draft(before), sees_all=True)
                self._audit.record(
                    session,
                    actor,
                    action="camera.confirm_places",
                    object_type="camera",
                    object_id=camera_id,
                    after={"version": after.version},
                )
            self._tell(camera_id, after)
        return places_view(camera_id, after)

    def add_zone(
        self, actor: Actor, camera_id: int, draft: ZoneDraft, *, version: int | None = None
    ) -> Zone:
        """Add a zone after the others; raises as `replace`, and ConflictError for too many."""
        after = self._change(
            actor, camera_id, version, lambda before: edits.with_added(before, draft)
        )
        return after.zones[-1]

    def add_line(
        self, actor: Actor, camera_id: int, draft: LineDraft, *, version: int | None = None
    ) -> CountingLine:
        """Add a line after the others; raises as `add_zone`."""
        after = self._change(
            actor, camera_id, version, lambda before: edits.with_added(before, draft)
        )
        return after.lines[-1]

    def change_zone(
        self,
        actor: Actor,
        camera_id: int,
        zone_id: int,
        changes: Mapping[str, Any],
        *,
        version: int | None = None,
    ) -> Zone:
        """Change fields of a zone, named as in `ZoneDraft`; a missing one stays."""
        after = self._change(
            actor,
            camera_id,
            version,
            lambda before: edits.with_zone_changed(before, zone_id, changes),
        )
        return edits.find_zone(after, zone_id)

    def change_line(
        self,
        actor: Actor,
        camera_id: int,
        line_id: int,
        changes: Mapping[str, Any],
        *,
        version: int | None = None,
    ) -> CountingLine:
        """Change fields of a line, named as in `LineDraft`; a missing one stays."""
        after = self._change(
            actor,
            camera_id,
            version,
            lambda before: edits.with_line_changed(before, line_id, changes),
        )
        return edits.find_line(after, line_id)

    def remove_zone(
        self, actor: Actor, camera_id: int, zone_id: int, *, version: int | None = None
    ) -> None:
        """Delete a zone for good; its id is never given again."""
        self._change(actor, camera_id, version, lambda before: edits.without_zone(before, zone_id))

    def remove_line(
        self, actor: Actor, camera_id: int, line_id: int, *, version: int | None = None
    ) -> None:
        """Delete a line for good; its id is never given again."""
        self._change(actor, camera_id, version, lambda before: edits.without_line(before, line_id))

    def _change(
        self,
        actor: Actor,
        camera_id: int,
        version: int | None,
        edit: Callable[[CameraPlaces], PlacesDraft],
        *,
        sees_all: bool = False,
    ) -> CameraPlaces:
        """Carry out a change; one that changes nothing leaves the version as it is.

        Args:
            actor, camera_id, version: As everywhere.
            edit: Returns what there shall be.
            sees_all: Whoever makes it has all places and the picture before them: what was
                doubted is settled with it.
        """
        with self._launcher.drawing(camera_id):
            with self._open() as session, session.begin():
                camera = self._find(session, actor, camera_id)
                rules.require_may_manage(actor, camera)
                before = self._load(session, camera_id, version)
                wanted = edit(before)
                is_settled = not sees_all or not self._is_doubted(camera_id, before)
                if wanted == places_draft(before) and is_settled:
                    return before
                after = self._store(
                    session, camera, before, wanted, sees_all=sees_all or before.is_empty
                )
                self._record(session, actor, camera_id, before, after)
            self._tell(camera_id, after)
        return after

    def _is_doubted(self, camera_id: int, places: CameraPlaces) -> bool:
        return bool(places.view.fault or self._live.status(camera_id).places_fault)

    def _load(self, session: Session, camera_id: int, version: int | None) -> CameraPlaces:
        """Return the places a change was made from; raises ConflictError where they are others."""
        places = load_places(session, camera_id)
        if version is not None and version != places.version:
            raise ConflictError(_OUTRUN)
        return places

    def _store(
        self,
        session: Session,
        camera: Camera,
        before: CameraPlaces,
        wanted: PlacesDraft,
        *,
        sees_all: bool,
    ) -> CameraPlaces:
        landmarks = self._landmarks(camera) if sees_all else None
        if not place_store.claim_next_version(session, camera.id, before.version):
            raise ConflictError(_OUTRUN)
        view, camera.updated_at = before.view, self._clock.now()
        if sees_all:
            view = DrawnView(camera.updated_at, landmarks)
            packed = None if landmarks is None else pack_landmarks(landmarks)
            place_store.note_confirmed(session, camera.id, at=camera.updated_at, background=packed)
        return store_places(session, camera.id, wanted, version=before.version + 1, view=view)

    def _landmarks(self, camera: Camera) -> BackgroundFeatures | None:
        """Take landmarks of what the camera shows now; those of a drawn picture are of no use."""
        if rules.is_simulated(camera):
            return None
        return present_landmarks(
            camera.id, run_count=camera.run_count, live=self._live, newest=self._newest
        )

    def _tell(self, camera_id: int, places: CameraPlaces) -> None:
        self._launcher.set_places(camera_id, places)
        self._on_changed(camera_id, places)

    def _look(self, actor: Actor, camera_id: int) -> CameraPlaces:
        with self._open() as session:
            self._find(session, actor, camera_id)
            return load_places(session, camera_id)

    def _find(self, session: Session, actor: Actor, camera_id: int) -> Camera:
        return rules.require_found(
            camera_store.find_camera(session, camera_id, rules.viewpoint_of(actor))
        )

    def _record(
        self,
        session: Session,
        actor: Actor,
        camera_id: int,
        before: CameraPlaces,
        after: CameraPlaces,
    ) -> None:
        was, now = audited_change(before, after)
        self._audit.record(
            session,
            actor,
            action="camera.places",
            object_type="camera",
            object_id=camera_id,
            before=was,
            after=now,
        )
