"""A camera's choice of model, tiles and tracker: what may be given, and what it means."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Final, TypeAlias

from backend.core.camera import DetectionChoice, SourceType, TrackerKind
from backend.core.errors import InvalidInputError
from backend.db.cameras import Camera

MODEL_MAX: Final = 120
TILES_SIDE_MAX: Final = 6
TILES_MAX: Final = 16
"""Tiles of one picture: each costs as much as a whole picture would."""

CheckModel: TypeAlias = Callable[[str], None]
"""Raises InvalidInputError, naming what there is, for a model that cannot be chosen."""

_TILES = re.compile(rf"([1-{TILES_SIDE_MAX}])x([1-{TILES_SIDE_MAX}])")

logger = logging.getLogger(__name__)


def tidy_model(name: str | None) -> str | None:
    """Return the name of a model, None for the installation's own; raises InvalidInputError."""
    tidy = (name or "").strip()
    if len(tidy) > MODEL_MAX or not tidy.isprintable():
        raise InvalidInputError(
            f"The name of a model has at most {MODEL_MAX} visible characters.",
            field="detection_model",
        )
    return tidy or None


def tidy_tiles(text: str) -> str:
    """Return columns × rows as they are stored: ``3x2``, empty for what the model is made for.

    Raises:
        InvalidInputError: It says no grid, or one with too many tiles.
    """
    tidy = text.strip().lower().replace("×", "x")
    if not tidy:
        return ""
    found = _TILES.fullmatch(tidy)
    if found is None or int(found[1]) * int(found[2]) > TILES_MAX:
        raise InvalidInputError(
            f"Tiles are columns x rows, 1 to {TILES_SIDE_MAX} each and at most {TILES_MAX} in "
            f"all, such as 3x2; or empty. {text[:20]!r} was given.",
            field="detection_tiles",
        )
    return tidy


def tidy_tracker(name: str) -> str:
    """Return the name of a tracker; raises InvalidInputError."""
    known = [kind.value for kind in TrackerKind]
    if name not in known:
        raise InvalidInputError(
            f"The tracker is one of {', '.join(known)}; {name[:20]!r} was given.", field="tracker"
        )
    return name


def choice_of(camera: Camera) -> DetectionChoice:
    """Return the choice of a row; a part that cannot be read is left out and logged."""
    try:
        tiles = _as_grid(tidy_tiles(camera.detection_tiles or ""))
        tracker = TrackerKind(camera.tracker or TrackerKind.BOTSORT.value)
    except (InvalidInputError, ValueError):
        logger.error("camera.detection_unreadable camera=%s", camera.id)
        tiles, tracker = None, TrackerKind.BOTSORT
    return DetectionChoice(
        model=camera.detection_model or None,
        tiles=tiles,
        tracker=tracker,
        moves=bool(camera.is_moving),
    )


def check_choice(camera: Camera, before: str | None, check_model: CheckModel) -> None:
    """Raise InvalidInputError where a row's choice cannot be carried out.

    Args:
        camera: As it is to be stored.
        before: Model it had. One that is kept is not asked about: its file may be gone, and
            the camera's name must still be changeable.
        check_model: Knows the models of this installation.
    """
    if SourceType(camera.source_type) is SourceType.SIMULATED:
        _refuse_for_simulation(camera)
    elif camera.detection_model and camera.detection_model != before:
        check_model(camera.detection_model)


def _refuse_for_simulation(camera: Camera) -> None:
    given = {
        "detection_model": camera.detection_model,
        "detection_tiles": camera.detection_tiles,
        "tracker": (camera.tracker or "") not in {"", TrackerKind.BOTSORT.value},
        "is_moving": camera.is_moving,
    }
    for name, is_given in given.items():
        if is_given:
            raise InvalidInputError(
                "A simulated camera knows who is in its picture: it has no detector and no "
                f"tracker. Leave {name} out.",
                field=name,
            )


def _as_grid(tiles: str) -> tuple[int, int] | None:
    if not tiles:
        return None
    columns, _, rows = tiles.partition("x")
    return int(columns), int(rows)
