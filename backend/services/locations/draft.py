"""Locations as people give them, before anything of them is believed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from backend.core.calibration import Point
from backend.core.locations import AreaRef, LineRef, Location, MapPosition

_LOCATION: Final = Location(0, "")


@dataclass(frozen=True, slots=True)
class AreaDraft:
    """An area as given.

    Attributes:
        area: Which.
        map_outline: Of its ground on the location's map; empty for none, None = as it is.
    """

    area: AreaRef
    map_outline: tuple[Point, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationDraft:
    """A location as given; fields as in `core.locations.Location`.

    Attributes:
        position: Where it stands on its map; None = on none.
        outline: Of its ground on that map; empty for none.
        overlaps: The same ground seen more than once, each as its areas.
    """

    name: str
    description: str = ""
    capacity: int | None = _LOCATION.capacity
    cameras_see_all: bool = _LOCATION.cameras_see_all
    entry_valid_s: float = _LOCATION.entry_valid_s
    position: MapPosition | None = None
    outline: tuple[Point, ...] = ()
    areas: tuple[AreaDraft, ...] = ()
    lines: tuple[LineRef, ...] = ()
    overlaps: tuple[tuple[AreaRef, ...], ...] = ()


def tidy_draft(draft: LocationDraft, before: LocationDraft | None = None) -> LocationDraft:
    """Return the draft as it is stored: texts without needless blanks, every outline told.

    An outline that is left out of an area stays what it was, as long as the map is the same.

    Args:
        draft: As given.
        before: What is stored; None = nothing.
    """
    known: dict[AreaRef, tuple[Point, ...] | None] = {}
    if before is not None and map_of(before) == map_of(draft):
        known = {kept.area: kept.map_outline for kept in before.areas}
    areas = tuple(
        given
        if given.map_outline is not None
        else replace(given, map_outline=known.get(given.area) or ())
        for given in draft.areas
    )
    return replace(
        draft,
        name=" ".join(draft.name.split()),
        description=draft.description.strip(),
        areas=areas,
    )


def is_made_own(before: LocationDraft, wanted: LocationDraft) -> bool:
    """Return whether a sample is somebody's own from now on: renamed, or made of other things."""
    was, now = (
        (draft.name, {given.area for given in draft.areas}, set(draft.lines))
        for draft in (before, wanted)
    )
    return was != now


def with_changes(before: LocationDraft, changes: Mapping[str, Any]) -> LocationDraft:
    """Return a stored location with fields changed, named as in `LocationDraft`.

    A missing field stays, but for outlines on another map than the location stands on now.
    """
    changed = replace(before, **changes)
    if map_of(changed) == map_of(before):
        return tidy_draft(changed, before)
    if "outline" not in changes:
        changed = replace(changed, outline=())
    if "areas" not in changes:
        changed = replace(
            changed, areas=tuple(replace(kept, map_outline=()) for kept in changed.areas)
        )
    return tidy_draft(changed, before)


def map_of(draft: LocationDraft) -> int | None:
    """Return the map a location stands on: a floor plan's id, 0 = the earth, None = none."""
    if draft.position is None:
        return None
    return draft.position.floor_plan_id or 0
