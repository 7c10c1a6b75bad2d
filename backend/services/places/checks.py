"""What zones and counting lines may be; everything wrong with them is told at once."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from backend.core.calibration import Point
from backend.core.errors import FieldProblem, InvalidInputError
from backend.core.places import ZoneProfile
from backend.core.wording import is_visible
from backend.services.places.draft import LineDraft, PlaceDraft, PlacesDraft, ZoneDraft
from backend.services.places.outline import find_outline_faults

MOST_PLACES: Final = 200
"""Zones and lines of one camera together."""
NAME_MAX: Final = 80
CORNERS_LIMITS: Final = (3, 100)
COUNT_LIMITS: Final = (1, 1_000_000)
DENSITY_LIMITS_PER_M2: Final = (0.01, 100.0)
WIDTH_LIMITS_M: Final = (0.1, 1000.0)
LEAST_LENGTH: Final = 0.005
"""Of a line, shares of the picture: ten pixels of a Full HD one."""
COLOUR: Final = "^#[0-9a-fA-F]{6}$"
_MOST_TOLD: Final = 100
_BEYOND_FLOATS: Final = 1e300
"""Whole numbers have no largest one; those from here on cannot all be written as others are."""
_PROFILES: Final = tuple(profile.value for profile in ZoneProfile)


def check_places(draft: PlacesDraft) -> None:
    """Refuse tidy places that cannot be meant.

    Raises:
        InvalidInputError: With a pointer such as ``/zones/0/corners/2`` for each wrong value.
    """
    refuse(_places_problems(draft))


def check_place(draft: PlaceDraft, *, others: Collection[str]) -> None:
    """Refuse one tidy zone or line that cannot be meant.

    Args:
        draft: The zone or line.
        others: Names of the camera's other zones and lines.

    Raises:
        InvalidInputError: With a pointer such as ``/corners/2`` for each wrong value.
    """
    taken = {_name_key(name) for name in others}
    refuse([*_name_problems(draft, "", taken), *_place_problems(draft, "")])


def refuse(problems: Collection[FieldProblem]) -> None:
    """Raise InvalidInputError for what is wrong; no effect where nothing is."""
    told = tuple(problems)[:_MOST_TOLD]
    if not told:
        return
    message = told[0].detail
    if len(problems) > 1:
        message = f"{len(problems)} values are missing or wrong; see errors."
    raise InvalidInputError(message, problems=told)


def _places_problems(draft: PlacesDraft) -> list[FieldProblem]:
    total = len(draft.zones) + len(draft.lines)
    if total > MOST_PLACES:
        more = "zones" if len(draft.zones) > MOST_PLACES else "lines"
        return [
            FieldProblem(
                f"/{more}",
                f"A camera has at most {MOST_PLACES} zones and lines together; {total} were "
                "given. Leave some out.",
            )
        ]
    found: list[FieldProblem] = []
    taken: set[str] = set()
    kinds: tuple[tuple[str, Sequence[PlaceDraft]], ...] = (
        ("zones", draft.zones),
        ("lines", draft.lines),
    )
    for kind, places in kinds:
        for number, place in enumerate(places):
            pointer = f"/{kind}/{number}"
            found += _name_problems(place, pointer, taken)
            found += _place_problems(place, pointer)
            taken.add(_name_key(place.name))
    return found


def _name_problems(draft: PlaceDraft, root: str, taken: Collection[str]) -> Iterator[FieldProblem]:
    name = draft.name
    if not name or len(name) > NAME_MAX or not is_visible(name):
        yield FieldProblem(f"{root}/name", f"Give it a name of 1 to {NAME_MAX} visible characters.")
    elif _name_key(name) in taken:
        yield FieldProblem(
            f"{root}/name",
            f"Another zone or line of this camera is called {name!r} already. Choose another name.",
        )


def _name_key(name: str) -> str:
    """Return what names have in common that people would take for the same."""
    return unicodedata.normalize("NFKC", name).casefold()


def _place_problems(draft: PlaceDraft, root: str) -> Iterator[FieldProblem]:
    if not re.fullmatch(COLOUR, draft.colour):
        yield FieldProblem(
            f"{root}/colour", "A colour is written as #rrggbb, for instance #4ea1ff."
        )
    if isinstance(draft, ZoneDraft):
        yield from _zone_problems(draft, root)
    else:
        yield from _line_problems(draft, root)


def _zone_problems(draft: ZoneDraft, root: str) -> Iterator[FieldProblem]:
    if draft.profile not in _PROFILES:
        yield FieldProblem(f"{root}/profile", f"Choose one of {', '.join(_PROFILES)}.")
    yield from _range_problems(draft.count_limit, COUNT_LIMITS, f"{root}/count_limit", "people")
    yield from _range_problems(
        draft.density_limit_per_m2, DENSITY_LIMITS_PER_M2, f"{root}/density_limit_per_m2", "per m²"
    )
    fewest, most = CORNERS_LIMITS
    if not fewest <= len(draft.corners) <= most:
        yield FieldProblem(
            f"{root}/corners",
            f"A zone has {fewest} to {most} corners; {len(draft.corners)} were given. "
            f"{'Add' if len(draft.corners) < fewest else 'Leave out'} some.",
        )
        return
    outside = [
        problem
        for number, corner in enumerate(draft.corners)
        for problem in _spot_problems(corner, f"{root}/corners/{number}", f"Corner {number + 1}")
    ]
    if outside:
        yield from outside
        return
    for fault in find_outline_faults(draft.corners):
        corner = "" if fault.corner is None else f"/{fault.corner}"
        yield FieldProblem(f"{root}/corners{corner}", fault.detail)


def _line_problems(draft: LineDraft, root: str) -> Iterator[FieldProblem]:
    yield from _range_problems(draft.width_m, WIDTH_LIMITS_M, f"{root}/width_m", "m")
    outside = [
        *_spot_problems(draft.start, f"{root}/start", "The start"),
        *_spot_problems(draft.end, f"{root}/end", "The end"),
    ]
    if outside:
        yield from outside
    elif math.dist(draft.start, draft.end) < LEAST_LENGTH:
        yield FieldProblem(
            f"{root}/end", "Start and end lie at the same place. Move one of them away."
        )


def _spot_problems(spot: Point, pointer: str, what: str) -> Iterator[FieldProblem]:
    x, y = spot
    if not (math.isfinite(x) and math.isfinite(y)):
        yield FieldProblem(
            pointer, f"{what} needs two numbers, shares of the picture's width and height."
        )
    elif not (0 <= x <= 1 and 0 <= y <= 1):
        yield FieldProblem(
            pointer,
            f"{what} at ({x:g}, {y:g}) lies outside the picture, which reaches from 0 to 1. "
            "Move it into the picture.",
        )


def _range_problems(
    value: float | None, limits: tuple[float, float], pointer: str, unit: str
) -> Iterator[FieldProblem]:
    low, high = limits
    if value is not None and not low <= value <= high:  # NaN is not within them either
        given = "far more" if value >= _BEYOND_FLOATS else f"{value:g}"
        yield FieldProblem(
            pointer, f"Give {low:g} to {high:,.0f} {unit}, or leave it empty; {given} was given."
        )
