"""What a camera's fields may be, and who may touch which camera."""

from __future__ import annotations

import logging
import math
from typing import Any, Final, TypedDict

from backend.core.calibration import Exit, ExitKind
from backend.core.camera import SourceType
from backend.core.errors import InvalidInputError, NotFoundError, PermissionDeniedError
from backend.core.wording import is_visible
from backend.db.accounts import Role
from backend.db.camera_store import Viewpoint
from backend.db.cameras import Camera
from backend.services.actor import Actor
from backend.services.camera.detection import tidy_model, tidy_tiles, tidy_tracker

NAME_MAX: Final = 80
SOURCE_MAX: Final = 2000
DISPLAY_MAX: Final = 300
EXITS_MAX: Final = 50
EXIT_LIMITS_M: Final = (0.3, 100.0)

logger = logging.getLogger(__name__)


class ExitFields(TypedDict):
    """One way out as given: clear width in metres, and ``level`` or ``stairs``."""

    width_m: float
    kind: str


class CameraFields(TypedDict, total=False):
    """Fields of a camera as given from outside; a missing one is left as it is.

    Units: ``true_fps`` and ``target_fps`` Hz, ``area_m2`` square metres. ``exits`` is the whole
    list, ``detection_tiles`` columns x rows.
    """

    name: str
    source_type: SourceType
    source: str
    true_fps: float | None
    loop: bool
    area_m2: float | None
    people_limit: int | None
    target_fps: float | None
    record: bool
    exits: list[ExitFields]
    detection_model: str | None
    detection_tiles: str
    tracker: str
    is_moving: bool


_RANGES: Final = {
    "true_fps": (0.1, 240.0, "frames per second"),
    "area_m2": (0.5, 1_000_000.0, "m²"),
    "people_limit": (1, 1_000_000, "people"),
    "target_fps": (0.1, 60.0, "frames per second"),
}


def check_fields(fields: CameraFields) -> CameraFields:
    """Return the fields tidied; raises InvalidInputError naming field, range and remedy."""
    tidy = CameraFields(**fields)
    if "name" in tidy:
        tidy["name"] = _tidy_name(tidy["name"])
    if "source" in tidy:
        tidy["source"] = _tidy_source(tidy["source"])
    _tidy_detection(tidy)
    values: dict[str, Any] = dict(tidy)
    for name, (low, high, unit) in _RANGES.items():
        value = values.get(name)
        if value is not None and not (math.isfinite(value) and low <= value <= high):
            raise InvalidInputError(
                f"{name} must be between {low:g} and {high:g} {unit}, or left empty; "
                f"{value:g} was given.",
                field=name,
            )
    if "exits" in tidy:
        tidy["exits"] = [_tidy_exit(way, number) for number, way in enumerate(tidy["exits"])]
        if len(tidy["exits"]) > EXITS_MAX:
            raise InvalidInputError(
                f"A place has at most {EXITS_MAX} exits; {len(tidy['exits'])} were given.",
                field="/exits",
            )
    return tidy


def _tidy_detection(tidy: CameraFields) -> None:
    if "detection_model" in tidy:
        tidy["detection_model"] = tidy_model(tidy["detection_model"])
    if "detection_tiles" in tidy:
        tidy["detection_tiles"] = tidy_tiles(tidy["detection_tiles"])
    if "tracker" in tidy:
        tidy["tracker"] = tidy_tracker(tidy["tracker"])


def stored_exits(camera: Camera) -> tuple[Exit, ...]:
    """Return the exits of a row; one that cannot be read is left out and logged."""
    found: list[Exit] = []
    for way in camera.exits or []:
        try:
            found.append(Exit(float(way["width_m"]), ExitKind(way["kind"])))
        except (TypeError, KeyError, ValueError):
            logger.error("camera.exit_unreadable camera=%s", camera.id)
    return tuple(found)


def _tidy_exit(way: ExitFields, number: int) -> ExitFields:
    low, high = EXIT_LIMITS_M
    width_m, kind = float(way["width_m"]), way["kind"]
    if not low <= width_m <= high:
        raise InvalidInputError(
            f"The clear width of exit {number + 1} must be between {low:g} and {high:g} m; "
            f"{width_m:g} was given.",
            field=f"/exits/{number}/width_m",
        )
    if kind not in {known.value for known in ExitKind}:
        raise InvalidInputError(
            f"Exit {number + 1} leads over level ground or stairs; {kind!r} was given.",
            field=f"/exits/{number}/kind",
        )
    return {"width_m": width_m, "kind": kind}


def _tidy_name(name: str) -> str:
    tidy = " ".join(name.split())
    if not tidy or len(tidy) > NAME_MAX or not is_visible(tidy):
        raise InvalidInputError(
            f"The name must have 1 to {NAME_MAX} visible characters.", field="name"
        )
    return tidy


def _tidy_source(source: str) -> str:
    tidy = source.strip()
    if not tidy or len(tidy) > SOURCE_MAX or not tidy.isprintable():
        raise InvalidInputError(
            f"The source must be an address, device number or path of at most {SOURCE_MAX} "
            "visible characters.",
            field="source",
        )
    return tidy


def viewpoint_of(actor: Actor) -> Viewpoint:
    """Return whose eyes the actor's queries look through."""
    return Viewpoint(user_id=actor.user_id, sees_all=actor.role.includes(Role.OPERATOR))


def visible_to(actor: Actor, *, source_type: SourceType, owner_id: int | None) -> bool:
    """Return whether the actor may see a camera: uploads only their owner and operators."""
    if source_type.is_live or actor.role.includes(Role.OPERATOR):
        return True
    return actor.user_id is not None and owner_id == actor.user_id


def is_simulated(camera: Camera) -> bool:
    """Return whether nobody stands before this camera: what it shows is drawn."""
    return SourceType(camera.source_type) is SourceType.SIMULATED


def require_found(camera: Camera | None) -> Camera:
    """Return the camera; raises NotFoundError for None."""
    if camera is None:
        raise NotFoundError("There is no such camera.")
    return camera


def require_may_create(actor: Actor, source_type: SourceType) -> None:
    """Cameras are an administrator's, uploads also an operator's."""
    actor.require(Role.ADMIN if source_type.is_live else Role.OPERATOR)


def require_may_manage(actor: Actor, camera: Camera) -> None:
    """Change, delete or upload to: administrators, and operators their own uploads."""
    if actor.role.includes(Role.ADMIN):
        return
    actor.require(Role.OPERATOR)
    if SourceType(camera.source_type).is_live:
        actor.require(Role.ADMIN)
    if camera.owner_id != actor.user_id:
        raise PermissionDeniedError("This recording belongs to somebody else.")


def require_may_operate(actor: Actor, camera: Camera) -> None:
    """Start, stop, pause, test: operators; a recording only its owner and administrators."""
    actor.require(Role.OPERATOR)
    if not SourceType(camera.source_type).is_live:
        require_may_manage(actor, camera)
