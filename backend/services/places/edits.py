"""Changes of a camera's places, each as all the places there shall be afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from backend.core.errors import ConflictError, FieldProblem, NotFoundError
from backend.core.places import CameraPlaces, CountingLine, Zone
from backend.services.places.checks import MOST_PLACES, check_place, check_places, refuse
from backend.services.places.draft import (
    LineDraft,
    PlaceDraft,
    PlacesDraft,
    ZoneDraft,
    line_draft,
    places_draft,
    tidy_line,
    tidy_zone,
    zone_draft,
)

DraftT = TypeVar("DraftT", ZoneDraft, LineDraft)


def replaced(before: CameraPlaces, draft: PlacesDraft, *, camera_id: int) -> PlacesDraft:
    """Return a checked draft whose ids are all of this camera.

    Places made from no particular version come from a file: what is not known here is new. Of
    those made from the version in force every id must be known.

    Raises:
        InvalidInputError: Naming every wrong value.
    """
    is_elsewhere = draft.camera_id not in {None, camera_id}
    if is_elsewhere and draft.version is not None:
        detail = (
            f"These are the places of camera {draft.camera_id}. "
            "Leave out the version to take them over as new ones."
        )
        refuse([FieldProblem("/camera_id", detail)])
    zones = [tidy_zone(zone) for zone in draft.zones]
    lines = [tidy_line(line) for line in draft.lines]
    if draft.version is None:
        zone_ids = set() if is_elsewhere else {zone.zone_id for zone in before.zones}
        line_ids = set() if is_elsewhere else {line.line_id for line in before.lines}
        zones = [_as_new_unless(zone, zone_ids) for zone in zones]
        lines = [_as_new_unless(line, line_ids) for line in lines]
    wanted = PlacesDraft(tuple(zones), tuple(lines))
    check_places(wanted)
    refuse(
        [
            *_id_problems(zones, {zone.zone_id for zone in before.zones}, "zones"),
            *_id_problems(lines, {line.line_id for line in before.lines}, "lines"),
        ]
    )
    return wanted


def with_added(before: CameraPlaces, draft: PlaceDraft) -> PlacesDraft:
    """Return the places with another zone or line at the end.

    Raises:
        InvalidInputError: Naming every wrong value.
        ConflictError: There are as many as there can be.
    """
    if len(before.zones) + len(before.lines) >= MOST_PLACES:
        raise ConflictError(
            f"This camera has {MOST_PLACES} zones and lines, as many as there can be. "
            "Delete one first."
        )
    wanted = places_draft(before)
    if isinstance(draft, ZoneDraft):
        zone = replace(tidy_zone(draft), place_id=None)
        check_place(zone, others=_names(before))
        return replace(wanted, zones=(*wanted.zones, zone))
    line = replace(tidy_line(draft), place_id=None)
    check_place(line, others=_names(before))
    return replace(wanted, lines=(*wanted.lines, line))


def with_zone_changed(
    before: CameraPlaces, zone_id: int, changes: Mapping[str, Any]
) -> PlacesDraft:
    """Return the places with fields of one zone changed; a missing field stays.

    Raises:
        NotFoundError: There is no such zone.
        InvalidInputError: Naming every wrong value.
    """
    zone = find_zone(before, zone_id)
    _require_same_id(changes, zone_id)
    changed = tidy_zone(replace(zone_draft(zone), **changes))
    check_place(changed, others=_names(before, except_for=zone))
    wanted = places_draft(before)
    return replace(wanted, zones=_exchanged(wanted.zones, changed))


def with_line_changed(
    before: CameraPlaces, line_id: int, changes: Mapping[str, Any]
) -> PlacesDraft:
    """Return the places with fields of one line changed; raises as `with_zone_changed`."""
    line = find_line(before, line_id)
    _require_same_id(changes, line_id)
    changed = tidy_line(replace(line_draft(line), **changes))
    check_place(changed, others=_names(before, except_for=line))
    wanted = places_draft(before)
    return replace(wanted, lines=_exchanged(wanted.lines, changed))


def without_zone(before: CameraPlaces, zone_id: int) -> PlacesDraft:
    """Return the places less one zone; raises NotFoundError."""
    find_zone(before, zone_id)
    wanted = places_draft(before)
    kept = tuple(zone for zone in wanted.zones if zone.place_id != zone_id)
    return replace(wanted, zones=kept)


def without_line(before: CameraPlaces, line_id: int) -> PlacesDraft:
    """Return the places less one line; raises NotFoundError."""
    find_line(before, line_id)
    wanted = places_draft(before)
    kept = tuple(line for line in wanted.lines if line.place_id != line_id)
    return replace(wanted, lines=kept)


def find_zone(places: CameraPlaces, zone_id: int) -> Zone:
    """Return one zone; raises NotFoundError."""
    for zone in places.zones:
        if zone.zone_id == zone_id:
            return zone
    raise NotFoundError("This camera has no such zone.")


def find_line(places: CameraPlaces, line_id: int) -> CountingLine:
    """Return one line; raises NotFoundError."""
    for line in places.lines:
        if line.line_id == line_id:
            return line
    raise NotFoundError("This camera has no such line.")


def _require_same_id(changes: Mapping[str, Any], place_id: int) -> None:
    if changes.get("place_id", place_id) != place_id:
        detail = f"This is the one with the id {place_id}, which it keeps. Leave the id out."
        refuse([FieldProblem("/id", detail)])


def _as_new_unless(draft: DraftT, known: set[int]) -> DraftT:
    return draft if draft.place_id in known else replace(draft, place_id=None)


def _id_problems(
    drafts: Sequence[PlaceDraft], known: set[int], kind: str
) -> Iterable[FieldProblem]:
    seen: set[int] = set()
    for number, draft in enumerate(drafts):
        if draft.place_id is None:
            continue
        pointer = f"/{kind}/{number}/id"
        if draft.place_id not in known:
            yield FieldProblem(
                pointer,
                f"This camera has none with the id {draft.place_id}. "
                "Leave the id out to add it as a new one.",
            )
        elif draft.place_id in seen:
            yield FieldProblem(
                pointer,
                f"The id {draft.place_id} stands here twice. Leave one out to make it a new one.",
            )
        seen.add(draft.place_id)


def _names(places: CameraPlaces, *, except_for: Zone | CountingLine | None = None) -> list[str]:
    every: list[Zone | CountingLine] = [*places.zones, *places.lines]
    return [place.name for place in every if place is not except_for]


def _exchanged(drafts: tuple[DraftT, ...], changed: DraftT) -> tuple[DraftT, ...]:
    return tuple(changed if draft.place_id == changed.place_id else draft for draft in drafts)
