"""Use cases on spot counts: take a still, count it, look at the errors, take a count back."""

from __future__ import annotations

from typing import Final

from sqlalchemy.orm import Session

from backend.core.camera import SourceType
from backend.core.clock import Clock
from backend.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
    UnavailableError,
)
from backend.core.trust import Trust
from backend.db import camera_store, spot_count_store
from backend.db.accounts import Role
from backend.db.base import SessionFactory
from backend.db.cameras import Camera
from backend.db.spot_counts import SpotCount
from backend.pipeline.camera_feed import AnalysedFrame
from backend.pipeline.picture_encoder import encode_jpeg
from backend.services import camera_rules as rules
from backend.services.actor import Actor
from backend.services.audit import AuditLog
from backend.services.calibration.scenery import NewestFrame
from backend.services.live_state import LiveState
from backend.services.places.stored import load_places
from backend.services.spot_counts.draft import SpotCountDraft, check_draft
from backend.services.spot_counts.rolling import WINDOW
from backend.services.spot_counts.sight import Sight, border_of, sight_of
from backend.services.spot_counts.still_shelf import Still, StillShelf
from backend.services.spot_counts.stored import audited_values, row_of
from backend.services.spot_counts.views import (
    CountedArea,
    EnteredCount,
    SpotCountList,
    StillView,
    place_errors,
    rolling_of,
    spot_count_view,
)
from backend.vision.overlay.border import render_bordered
from backend.vision.overlay.palette import MONITORED, bgr

JPEG_QUALITY: Final = 88
_AGAIN_S: Final = 5
_GONE = "This picture is not kept any more, or it is somebody else's. Take a new one."


class SpotCountService:
    """Use cases on spot counts, of live cameras only.

    Whoever may see a camera sees its errors; operators count. The measured number of a still is
    told after the count, so that it does not sway the person who counts.

    Args:
        session_factory, clock, audit: As everywhere.
        live: Whether the newest picture is of now.
        newest: Newest picture of a camera.
    """

    def __init__(
        self,
        *,
        session_factory: SessionFactory,
        clock: Clock,
        audit: AuditLog,
        live: LiveState,
        newest: NewestFrame,
    ) -> None:
        self._open = session_factory
        self._clock = clock
        self._audit = audit
        self._live = live
        self._newest = newest
        self._shelf = StillShelf(clock=clock)

    def begin(self, actor: Actor, camera_id: int, *, zone_id: int | None = None) -> StillView:
        """Take a still of now, with what was measured of it.

        Raises:
            NotFoundError, PermissionDeniedError: As for everything an operator does.
            ConflictError: It is no live camera.
            InvalidInputError: It has no such zone.
            UnavailableError: There is no picture of now, or no count of it to compare with.
        """
        newest, sight = self._look(actor, camera_id, zone_id)
        border = border_of(newest.snapshot, sight)
        colour = bgr(sight.zone.colour) if sight.zone else MONITORED
        picture = render_bordered(newest.frame.image, border, colour=colour)
        still = Still(
            user_id=actor.user_id,
            camera_id=camera_id,
            jpeg=encode_jpeg(picture, quality=JPEG_QUALITY),
            sight=sight,
            taken_mono_s=self._clock.monotonic(),
        )
        area = CountedArea.ZONE if sight.zone else CountedArea.PICTURE
        return StillView(
            token=self._shelf.put(still),
            camera_id=camera_id,
            taken_at=sight.at,
            expires_in_s=self._shelf.lifetime_s,
            zone_id=zone_id,
            zone_name=sight.zone.name if sight.zone else None,
            area=CountedArea.MONITORED if border and not sight.zone else area,
        )

    def picture(self, actor: Actor, camera_id: int, token: str) -> bytes:
        """Return a still of one's own as JPEG; raises NotFoundError."""
        actor.require(Role.OPERATOR)
        still = self._shelf.find(token, user_id=actor.user_id, camera_id=camera_id)
        if still is None:
            raise NotFoundError(_GONE)
        return still.jpeg

    def enter(self, actor: Actor, camera_id: int, draft: SpotCountDraft) -> EnteredCount:
        """Note what a person counted beside what was measured; a still can be counted once.

        Raises:
            InvalidInputError: No possible count, too long a note, no such zone or still.
            And everything that `begin` raises, without a still.
        """
        check_draft(draft)
        if draft.token is None:
            _, sight = self._look(actor, camera_id, draft.zone_id)
            return self._store(actor, camera_id, draft, sight)
        with self._open() as session:
            self._find_to_count(session, actor, camera_id)
        still = self._take(actor, camera_id, draft, draft.token)
        try:
            return self._store(actor, camera_id, draft, still.sight)
        except Exception:
            self._shelf.put_back(draft.token, still)  # nothing was noted: it may be sent again
            raise

    def page(
        self, actor: Actor, camera_id: int, *, zone_id: int | None, page: int, per_page: int
    ) -> SpotCountList:
        """Return what was counted on a camera, the newest picture first.

        Args:
            actor: Who asks.
            camera_id: The camera.
            zone_id: Only of this zone, 0 = of the whole picture; None = of every place.
            page, per_page: Which part of the list.
        """
        with self._open() as session:
            self._find(session, actor, camera_id)
            found = spot_count_store.list_spot_counts(
                session, camera_id, zone_id=zone_id, page=page, per_page=per_page
            )
            of_each = spot_count_store.newest_of_each_place(session, camera_id, limit=WINDOW)
        asked = [row for row in of_each if (row.zone_id or 0) == (zone_id or 0)]
        return SpotCountList(found.map(spot_count_view), rolling_of(asked), place_errors(of_each))

    def delete(self, actor: Actor, camera_id: int, spot_count_id: int) -> None:
        """Take a count back, one's own or as an administrator.

        Raises:
            NotFoundError: No such camera or count.
            PermissionDeniedError: It is somebody else's.
        """
        actor.require(Role.OPERATOR)
        with self._open() as session, session.begin():
            self._find(session, actor, camera_id)
            row = spot_count_store.find_spot_count(session, camera_id, spot_count_id)
            if row is None:
                raise NotFoundError("There is no such count on this camera.")
            if row.by != actor.username and not actor.role.includes(Role.ADMIN):
                raise PermissionDeniedError(
                    f"{row.by} counted this. Only {row.by} and administrators may take it back."
                )
            self._record(session, actor, "camera.spot_count_delete", row, is_gone=True)
            session.delete(row)

    def forget(self, camera_id: int) -> None:
        """Drop the stills of a deleted camera."""
        self._shelf.forget(camera_id)

    def _look(
        self, actor: Actor, camera_id: int, zone_id: int | None
    ) -> tuple[AnalysedFrame, Sight]:
        """Return the picture of now and what was measured of exactly this one."""
        with self._open() as session:
            self._find_to_count(session, actor, camera_id)
            zones = load_places(session, camera_id).zones
        if zone_id is not None and zone_id not in {zone.zone_id for zone in zones}:
            raise InvalidInputError(
                f"This camera has no zone {zone_id}. Choose one of its zones, or leave it out "
                "to count the whole picture.",
                field="/zone_id",
            )
        newest = self._newest(camera_id)
        if newest is None:
            raise UnavailableError("There is no picture yet: the camera has not delivered any.")
        reason = self._live.why_outdated(newest.snapshot)
        if reason:
            raise UnavailableError(f"There is no picture of now to count. {reason}")
        sight = sight_of(newest.snapshot, zone_id)
        if sight is None:
            raise UnavailableError(
                "This zone has not been measured as it is drawn now. Try again in some seconds.",
                retry_after_s=_AGAIN_S,
            )
        if sight.trust is Trust.UNKNOWN:
            raise UnavailableError(
                f"There is no number to compare with a count. {sight.trust_reason}".strip()
            )
        return newest, sight

    def _take(self, actor: Actor, camera_id: int, draft: SpotCountDraft, token: str) -> Still:
        still = self._shelf.find(token, user_id=actor.user_id, camera_id=camera_id)
        if still is None:
            raise InvalidInputError(_GONE, field="/token")
        zone_id = still.sight.zone.zone_id if still.sight.zone else None
        if draft.zone_id not in {None, zone_id}:
            raise InvalidInputError(
                "The picture was taken to count another place. Leave the zone out, or take a "
                "new picture of this one.",
                field="/zone_id",
            )
        taken = self._shelf.take(token, user_id=actor.user_id, camera_id=camera_id)
        if taken is None:  # sent twice at the same moment
            raise InvalidInputError(_GONE, field="/token")
        return taken

    def _store(
        self, actor: Actor, camera_id: int, draft: SpotCountDraft, sight: Sight
    ) -> EnteredCount:
        row = row_of(draft, sight, actor=actor, camera_id=camera_id, now=self._clock.now())
        with self._open() as session, session.begin():
            self._find_to_count(session, actor, camera_id)
            session.add(row)
            session.flush()
            self._record(session, actor, "camera.spot_count", row)
            rows = spot_count_store.newest_of_place(session, camera_id, row.zone_id, limit=WINDOW)
            return EnteredCount(spot_count_view(row), rolling_of(rows))

    def _find(self, session: Session, actor: Actor, camera_id: int) -> Camera:
        return rules.require_found(
            camera_store.find_camera(session, camera_id, rules.viewpoint_of(actor))
        )

    def _find_to_count(self, session: Session, actor: Actor, camera_id: int) -> Camera:
        actor.require(Role.OPERATOR)
        camera = self._find(session, actor, camera_id)
        if not SourceType(camera.source_type).is_live:
            raise ConflictError(
                "This is a recording. People are counted on live cameras, in the picture of now."
            )
        return camera

    def _record(
        self, session: Session, actor: Actor, action: str, row: SpotCount, *, is_gone: bool = False
    ) -> None:
        values = audited_values(row)
        self._audit.record(
            session,
            actor,
            action=action,
            object_type="camera",
            object_id=row.camera_id,
            before=values if is_gone else None,
            after=None if is_gone else values,
        )
