"""Use cases "upload, name, scale and delete a floor plan"."""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeAlias

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.core.clock import Clock
from backend.core.errors import ConflictError, InvalidInputError, NotFoundError
from backend.core.wording import is_visible
from backend.db import floor_plan_store
from backend.db.accounts import Role
from backend.db.base import SessionFactory
from backend.db.locations import FloorPlan, LocationRow
from backend.services.actor import Actor
from backend.services.audit import AuditLog, changed_values
from backend.services.floor_plans.files import MIME_TYPES, PlanFiles
from backend.services.floor_plans.picture import LIMITS, PlanPicture, redraw_plan
from backend.services.floor_plans.views import FloorPlanView, PlanFile, floor_plan_view
from backend.vision.still_image import StillLimits

NAME_MAX: Final = 80
WIDTH_LIMITS_M: Final = (1.0, 100_000.0)
MOST_PLANS: Final = 100
_NAMED: Final = 5
"""Locations named in a refusal; of more only the number is told."""


@dataclass(frozen=True, slots=True)
class PlanForm:
    """What somebody sends.

    Attributes:
        content: The picture's file.
        width_m: What its width is in reality, metres; None = not known.
    """

    content: bytes
    name: str
    width_m: float | None = None


ReadForm: TypeAlias = Callable[[], PlanForm]
"""Receives the form; called once it is clear that the sender may send one."""


class FloorPlanService:
    """Owns the plans and their pictures.

    Args:
        session_factory, clock, audit: As everywhere.
        files: Where pictures lie.
    """

    def __init__(
        self,
        *,
        session_factory: SessionFactory,
        clock: Clock,
        audit: AuditLog,
        files: PlanFiles,
    ) -> None:
        self._open = session_factory
        self._clock = clock
        self._audit = audit
        self._files = files
        self._drawing = threading.Lock()
        """A large picture takes hundreds of megabytes while it is drawn anew: one at a time."""

    @property
    def limits(self) -> StillLimits:
        """What the picture of a plan may cost."""
        return LIMITS

    def plans(self, actor: Actor) -> Sequence[FloorPlanView]:
        """Return all plans by name."""
        actor.require(Role.VIEWER)
        with self._open() as session:
            return [floor_plan_view(row) for row in floor_plan_store.list_plans(session)]

    def get(self, actor: Actor, plan_id: int) -> FloorPlanView:
        """Return one plan; raises NotFoundError."""
        actor.require(Role.VIEWER)
        with self._open() as session:
            return floor_plan_view(_found(floor_plan_store.find_plan(session, plan_id)))

    def picture(self, actor: Actor, plan_id: int) -> PlanFile:
        """Return a plan's picture, which never changes; raises NotFoundError."""
        actor.require(Role.VIEWER)
        with self._open() as session:
            name = _found(floor_plan_store.find_plan(session, plan_id)).stored_name
        path = self._files.path(name)
        if not path.is_file():
            raise NotFoundError(
                "The picture of this plan is missing on the disk. Delete the plan and upload it "
                "again."
            )
        return PlanFile(path, MIME_TYPES[path.suffix], path.stem)

    def add(self, actor: Actor, read_form: ReadForm) -> FloorPlanView:
        """Receive a plan; permission is checked before a byte is read.

        Raises:
            InvalidInputError: Names the field: picture, name or width; TooLargeError and
                UnsupportedFormatError as `redraw_plan`.
            ConflictError: The name is taken, or there are too many plans.
            UnavailableError: No room on the disk.
        """
        actor.require(Role.ADMIN)
        form = read_form()
        name, width_m = _tidy_name(form.name), _tidy_width(form.width_m)
        with self._open() as session:
            _refuse_another(session, name)  # before the work of drawing
        with self._drawing:
            picture = redraw_plan(form.content)
        stored_name = self._files.keep(picture.content, picture.suffix)
        try:
            return self._store(actor, name, width_m, picture, stored_name)
        except BaseException:
            self._files.delete(stored_name)
            raise

    def change(self, actor: Actor, plan_id: int, changes: Mapping[str, Any]) -> FloorPlanView:
        """Change ``name`` or ``width_m``; a missing one stays.

        Raises:
            NotFoundError: There is no such plan.
            InvalidInputError: Names the field.
            ConflictError: Another plan has the name.
        """
        actor.require(Role.ADMIN)
        with self._open() as session, session.begin():
            row = _found(floor_plan_store.find_plan(session, plan_id))
            before = {"name": row.name, "width_m": row.width_m}
            if "name" in changes:
                name = _tidy_name(changes["name"])
                _refuse_taken(session, name, except_id=plan_id)
                row.name = name
            if "width_m" in changes:
                row.width_m = _tidy_width(changes["width_m"])
            was, now = changed_values(before, {"name": row.name, "width_m": row.width_m})
            if now:
                _flush_named(session, row.name)
                self._record(session, actor, "floor_plan.update", plan_id, (was, now))
            return floor_plan_view(row)

    def remove(self, actor: Actor, plan_id: int, *, force: bool = False) -> None:
        """Delete a plan and its picture.

        Args:
            actor: Who does it.
            plan_id: Which.
            force: Take the locations that stand on it off the map.

        Raises:
            NotFoundError: There is no such plan.
            ConflictError: Locations stand on it, and ``force`` was not said; names them.
        """
        actor.require(Role.ADMIN)
        with self._open() as session, session.begin():
            row = _found(floor_plan_store.claim_plan(session, plan_id))
            standing = floor_plan_store.locations_on(session, plan_id)
            if standing and not force:
                raise ConflictError(_in_use(row.name, [one.name for one in standing]))
            self._unplace(session, standing)
            stored_name = row.stored_name
            was = {"name": row.name, "locations": [one.name for one in standing]}
            session.delete(row)
            self._record(session, actor, "floor_plan.delete", plan_id, (was, None))
        self._files.delete(stored_name)

    def prune(self, *, older_than: datetime) -> int:
        """After a crash: delete half-written pictures and those without a row."""
        with self._open() as session:
            known = floor_plan_store.stored_names(session)
        return self._files.prune(known, older_than=older_than)

    def _store(
        self,
        actor: Actor,
        name: str,
        width_m: float | None,
        picture: PlanPicture,
        stored_name: str,
    ) -> FloorPlanView:
        with self._open() as session, session.begin():
            _refuse_another(session, name)
            row = FloorPlan(
                name=name,
                stored_name=stored_name,
                width_px=picture.width,
                height_px=picture.height,
                size_bytes=len(picture.content),
                width_m=width_m,
                created_at=self._clock.now(),
                created_by=actor.username[:64],
            )
            session.add(row)
            _flush_named(session, name)
            after = {"name": name, "width_m": width_m, "size_bytes": row.size_bytes}
            self._record(session, actor, "floor_plan.create", row.id, (None, after))
            return floor_plan_view(row)

    def _unplace(self, session: Session, standing: Sequence[LocationRow]) -> None:
        """Take locations off the map: shares of a picture mean nothing without it."""
        for location in standing:
            location.floor_plan_id = location.map_x = location.map_y = None
            location.outline = []
            location.version += 1
            location.updated_at = self._clock.now()
        floor_plan_store.clear_area_outlines(session, [one.id for one in standing])

    def _record(
        self,
        session: Session,
        actor: Actor,
        action: str,
        plan_id: int,
        change: tuple[Mapping[str, Any] | None, Mapping[str, Any] | None],
    ) -> None:
        before, after = change
        self._audit.record(
            session,
            actor,
            action=action,
            object_type="floor_plan",
            object_id=plan_id,
            before=before,
            after=after,
        )


def _found(row: FloorPlan | None) -> FloorPlan:
    if row is None:
        raise NotFoundError("There is no such floor plan.")
    return row


def _tidy_name(text: str) -> str:
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not name or len(name) > NAME_MAX or not is_visible(name):
        raise InvalidInputError(
            f"Give the plan a name of 1 to {NAME_MAX} visible characters.", field="name"
        )
    return name


def _tidy_width(width_m: float | None) -> float | None:
    low, high = WIDTH_LIMITS_M
    if width_m is not None and not low <= width_m <= high:  # NaN is not within them either
        raise InvalidInputError(
            f"The width of the plan must be {low:g} to {high:,.0f} m, or left empty.",
            field="width_m",
        )
    return width_m


def _refuse_another(session: Session, name: str) -> None:
    _refuse_taken(session, name)
    if floor_plan_store.count_plans(session) >= MOST_PLANS:
        raise ConflictError(
            f"There are {MOST_PLANS} plans already. Delete one that is no longer needed."
        )


def _refuse_taken(session: Session, name: str, *, except_id: int | None = None) -> None:
    if floor_plan_store.name_taken(session, name, except_id=except_id):
        raise _taken(name)


def _taken(name: str) -> ConflictError:
    return ConflictError(f"Another plan is called {name!r} already. Choose another name.")


def _flush_named(session: Session, name: str) -> None:
    """Write the row now, so that its id is known; somebody may have been faster with the name."""
    try:
        session.flush()
    except IntegrityError as error:
        raise _taken(name) from error


def _in_use(plan: str, names: Sequence[str]) -> str:
    told = ", ".join(repr(name) for name in names[:_NAMED])
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    stand = "stands" if len(names) == 1 else "stand"
    return (
        f"{told}{more} {stand} on the plan {plan!r}. Move them to another plan first, or delete "
        "it with force=true: they are then on no map."
    )
