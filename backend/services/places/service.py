"""Use cases on zones and counting lines: look, draw, change, delete."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from backend.core.clock import Clock
from backend.core.errors import ConflictError
from backend.core.places import CameraPlaces, CountingLine, Zone
from backend.db import camera_store, place_store
from backend.db.base import SessionFactory
from backend.db.cameras import Camera
from backend.services import camera_rules as rules
from backend.services.actor import Actor
from backend.services.audit import AuditLog
from backend.services.launcher import CameraLauncher
from backend.services.places import edits
from backend.services.places.draft import LineDraft, PlacesDraft, ZoneDraft, places_draft
from backend.services.places.stored import audited_change, load_places, store_places
from backend.services.places.views import PlacesView, places_view

_OUTRUN = (
    "Somebody else changed the zones and lines of this camera meanwhile. "
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
        on_changed: Told of the places of a camera once they are committed, in their order.
    """

    def __init__(
        self,
        *,
        session_factory: SessionFactory,
        clock: Clock,
        audit: AuditLog,
        launcher: CameraLauncher,
        on_changed: Callable[[int, CameraPlaces], None],
    ) -> None:
        self._open = session_factory
        self._clock = clock
        self._audit = audit
        self._launcher = launcher
        self._on_changed = on_changed

    def get(self, actor: Actor, camera_id: int) -> PlacesView:
        """Return all places of a camera; raises NotFoundError for no such camera."""
        return places_view(camera_id, self._look(actor, camera_id))

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
        )
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
    ) -> CameraPlaces:
        """Carry out a change; one that changes nothing leaves the version as it is."""
        with self._launcher.drawing(camera_id):
            with self._open() as session, session.begin():
                camera = self._find(session, actor, camera_id)
                rules.require_may_manage(actor, camera)
                before = load_places(session, camera_id)
                if version is not None and version != before.version:
                    raise ConflictError(_OUTRUN)
                wanted = edit(before)
                if wanted == places_draft(before):
                    return before
                after = self._store(session, camera, before, wanted)
                self._record(session, actor, camera_id, before, after)
            self._launcher.set_places(camera_id, after)
            self._on_changed(camera_id, after)
        return after

    def _store(
        self, session: Session, camera: Camera, before: CameraPlaces, wanted: PlacesDraft
    ) -> CameraPlaces:
        if not place_store.claim_next_version(session, camera.id, before.version):
            raise ConflictError(_OUTRUN)
        camera.updated_at = self._clock.now()
        return store_places(session, camera.id, wanted, version=before.version + 1)

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
