"""What a location may be; everything wrong with it is told at once."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from backend.core.calibration import Point
from backend.core.errors import FieldProblem
from backend.core.locations import MapPosition
from backend.core.wording import is_visible
from backend.services.locations.draft import LocationDraft, map_of
from backend.services.places.outline import find_outline_faults

MOST_LOCATIONS: Final = 500
NAME_MAX: Final = 80
DESCRIPTION_MAX: Final = 2000
CAPACITY_LIMITS: Final = (1, 1_000_000)
ENTRY_VALID_LIMITS_S: Final = (60.0, 86_400.0)
CORNERS_LIMITS: Final = (3, 200)
LONGITUDE_LIMITS: Final = (-180.0, 180.0)
LATITUDE_LIMITS: Final = (-90.0, 90.0)
SHARE_LIMITS: Final = (0.0, 1.0)
_BEYOND_FLOATS: Final = 1e300


def own_problems(
    draft: LocationDraft, *, others: Collection[str], has_plan: bool
) -> Iterator[FieldProblem]:
    """Yield what is wrong with a tidy location by itself, whatever it is made of.

    Args:
        draft: The location.
        others: Names of all other locations.
        has_plan: Whether the floor plan it stands on exists; True where it stands on none.
    """
    yield from _name_problems(draft.name, others)
    if len(draft.description) > DESCRIPTION_MAX:
        yield FieldProblem(
            "/description",
            f"At most {DESCRIPTION_MAX} characters; {len(draft.description)} were given. "
            "Leave some out.",
        )
    yield from _range_problems(
        draft.capacity, CAPACITY_LIMITS, "/capacity", "people, or leave it empty"
    )
    yield from _range_problems(
        draft.entry_valid_s, ENTRY_VALID_LIMITS_S, "/entry_valid_s", "seconds"
    )
    if not has_plan:
        yield FieldProblem(
            "/position/floor_plan_id",
            "There is no such floor plan. Choose one of those that exist, or none.",
        )
    yield from _map_problems(draft)


def name_key(name: str) -> str:
    """Return what names have in common that people would take for the same."""
    return unicodedata.normalize("NFKC", name).casefold()


def _name_problems(name: str, others: Collection[str]) -> Iterator[FieldProblem]:
    if not name or len(name) > NAME_MAX or not is_visible(name):
        yield FieldProblem("/name", f"Give it a name of 1 to {NAME_MAX} visible characters.")
    elif name_key(name) in {name_key(other) for other in others}:
        yield FieldProblem(
            "/name", f"Another location is called {name!r} already. Choose another name."
        )


def _map_problems(draft: LocationDraft) -> Iterator[FieldProblem]:
    if draft.position is not None:
        spot = (draft.position.x, draft.position.y)
        yield from _spot_problems(spot, draft.position, "/position", "The location")
    outlines = [("/outline", draft.outline)]
    outlines += [
        (f"/areas/{number}/map_outline", area.map_outline or ())
        for number, area in enumerate(draft.areas)
    ]
    for pointer, outline in outlines:
        if outline and draft.position is None:
            yield FieldProblem(
                pointer,
                "It is drawn on the location's map, and the location is on none. Give its "
                "position, or leave the outline out.",
            )
        elif outline and draft.position is not None:
            yield from _outline_problems(outline, draft.position, pointer)


def _outline_problems(
    outline: Sequence[Point], on: MapPosition, pointer: str
) -> Iterator[FieldProblem]:
    fewest, most = CORNERS_LIMITS
    if not fewest <= len(outline) <= most:
        yield FieldProblem(
            pointer,
            f"An outline has {fewest} to {most} corners; {len(outline)} were given. "
            f"{'Add' if len(outline) < fewest else 'Leave out'} some.",
        )
        return
    outside = [
        problem
        for number, corner in enumerate(outline)
        for problem in _spot_problems(corner, on, f"{pointer}/{number}", f"Corner {number + 1}")
    ]
    if outside:
        yield from outside
        return
    for fault in find_outline_faults(_enlarged(outline), least_area=0.0):
        corner = "" if fault.corner is None else f"/{fault.corner}"
        yield FieldProblem(f"{pointer}{corner}", fault.detail)


def _enlarged(outline: Sequence[Point]) -> list[Point]:
    """Return an outline as large as a picture: a stand is a thousandth of a degree wide."""
    left, top = min(x for x, _ in outline), min(y for _, y in outline)
    across = max(max(x for x, _ in outline) - left, max(y for _, y in outline) - top)
    scale = 1.0 / across if across > 0 else 1.0
    return [((x - left) * scale, (y - top) * scale) for x, y in outline]


def _spot_problems(spot: Point, on: MapPosition, pointer: str, what: str) -> Iterator[FieldProblem]:
    if not all(math.isfinite(part) for part in spot):
        yield FieldProblem(pointer, f"{what} needs two numbers.")
        return
    if on.floor_plan_id is not None:
        limits = (SHARE_LIMITS, SHARE_LIMITS)
        names = ("share of the plan's width", "share of the plan's height")
    else:
        limits = (LONGITUDE_LIMITS, LATITUDE_LIMITS)
        names = ("longitude, degrees", "latitude, degrees")
    for axis, part, (low, high), name in zip(("x", "y"), spot, limits, names, strict=True):
        if not low <= part <= high:
            yield FieldProblem(
                f"{pointer}/{axis}" if pointer == "/position" else pointer,
                f"{what}: {axis} ({name}) must be between {low:g} and {high:g}; "
                f"{part:g} was given.",
            )


def _range_problems(
    value: float | None, limits: tuple[float, float], pointer: str, unit: str
) -> Iterator[FieldProblem]:
    low, high = limits
    if value is not None and not low <= value <= high:  # NaN is not within them either
        given = "far more" if value >= _BEYOND_FLOATS else f"{value:g}"
        yield FieldProblem(pointer, f"Give {low:,.0f} to {high:,.0f} {unit}; {given} was given.")


def plan_of(draft: LocationDraft) -> int | None:
    """Return the floor plan a location stands on; None for none."""
    return map_of(draft) or None
