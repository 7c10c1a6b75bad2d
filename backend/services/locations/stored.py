"""Stored locations: written from what was checked, read with suspicion."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from backend.core.locations import AreaRef, LineRef, Location, MapPosition, Overlap
from backend.db import location_store
from backend.db.location_store import LocationRows
from backend.db.locations import LocationArea, LocationLine
from backend.services.locations.draft import AreaDraft, LocationDraft
from backend.services.locations.known import Known, load_known, read_outline

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StoredLocation:
    """One location as it is stored.

    Attributes:
        rows: Its rows.
        location: As it is in force: without what is gone.
    """

    rows: LocationRows
    location: Location


def load_locations(session: Session) -> tuple[Location, ...]:
    """Return all locations as they are in force, by name; six queries, however many there are.

    What is gone meanwhile, or cannot be read, is left out and never keeps a location from
    being watched. Where an area is gone, the others do not show everybody any more; where a
    counting line is gone, the others say nothing of who is inside.
    """
    return tuple(stored.location for stored in load_stored(session)[0])


def load_stored(
    session: Session, location_id: int | None = None
) -> tuple[list[StoredLocation], Known]:
    """Return all locations by name, or the one, and what there is of their cameras."""
    kept = location_store.list_locations(session, location_id)
    known = load_known(session, {camera_id for rows in kept for camera_id in _camera_ids(rows)})
    return [StoredLocation(rows, _in_force(rows, known)) for rows in kept], known


def is_simulated(location: Location, known: Known) -> bool:
    """Return whether simulated cameras show the location; never without a camera."""
    cameras = [known.cameras.get(camera_id) for camera_id in location.camera_ids]
    return any(camera is not None and camera.is_simulated for camera in cameras)


def draft_of(stored: StoredLocation) -> LocationDraft:
    """Return what would leave a stored location as it is, without what is gone."""
    row, location = stored.rows.row, stored.location
    outlines = {_area_of(area): read_outline(area.map_outline) for area in stored.rows.areas}
    return LocationDraft(
        name=row.name,
        description=row.description,
        capacity=row.capacity,
        cameras_see_all=row.cameras_see_all,
        entry_valid_s=row.entry_valid_s,
        position=position_of(stored.rows),
        outline=outline_of(stored.rows),
        areas=tuple(AreaDraft(area, outlines.get(area, ())) for area in location.areas),
        lines=tuple(_line_of(line) for line in stored.rows.lines),
        overlaps=tuple(overlap.areas for overlap in location.overlaps),
    )


def position_of(rows: LocationRows) -> MapPosition | None:
    """Return where a location stands on its map."""
    row = rows.row
    if row.map_x is None or row.map_y is None:
        return None
    if not (math.isfinite(row.map_x) and math.isfinite(row.map_y)):
        return None
    return MapPosition(row.floor_plan_id, row.map_x, row.map_y)


def outline_of(rows: LocationRows) -> tuple[tuple[float, float], ...]:
    """Return a location's outline; one that is on no map shows nothing."""
    return () if position_of(rows) is None else read_outline(rows.row.outline)


def areas_gone(rows: LocationRows) -> int:
    """Return how many of a location's areas are gone with their camera or zone."""
    return max((rows.row.area_count or 0) - len(rows.areas), 0)


def lines_gone(rows: LocationRows) -> int:
    """Return how many of a location's lines are gone, with their camera or by themselves."""
    return max((rows.row.line_count or 0) - len(rows.lines), 0)


def stored_overlaps(rows: LocationRows) -> tuple[tuple[AreaRef, ...], ...]:
    """Return the overlaps as people declared them, whatever is left of them."""
    try:
        return tuple(
            tuple(AreaRef(int(camera_id), int(zone_id)) for camera_id, zone_id in overlap)
            for overlap in rows.row.overlaps
        )
    except (TypeError, ValueError) as error:
        logger.error("location.overlaps_unreadable location=%s reason=%s", rows.row.id, error)
        return ()


def store_location(
    session: Session,
    rows: LocationRows,
    draft: LocationDraft,
    *,
    areas_are_meant: bool = True,
    lines_are_meant: bool = True,
) -> None:
    """Make a location's rows those of a checked, tidy draft; unchanged areas keep their ids.

    Args:
        session: Open, with the next version claimed.
        rows: As they are stored; the location's own is in the session.
        draft: What they shall be.
        areas_are_meant, lines_are_meant: Somebody has chosen them: what was gone is not missed
            any more.
    """
    row = rows.row
    row.name = draft.name
    row.description = draft.description
    row.capacity = draft.capacity
    row.cameras_see_all = draft.cameras_see_all
    row.entry_valid_s = draft.entry_valid_s
    position = draft.position
    row.floor_plan_id = None if position is None else position.floor_plan_id
    row.map_x, row.map_y = (None, None) if position is None else (position.x, position.y)
    row.outline = [[x, y] for x, y in draft.outline]
    row.overlaps = [
        [[area.camera_id, area.zone_id] for area in overlap] for overlap in draft.overlaps
    ]
    if areas_are_meant:
        row.area_count = len(draft.areas)
    if lines_are_meant:
        row.line_count = len(draft.lines)
    _store_areas(session, rows, draft.areas)
    _store_lines(session, rows, draft.lines)
    session.flush()


def _store_areas(session: Session, rows: LocationRows, wanted: Sequence[AreaDraft]) -> None:
    stored = {_area_of(area): area for area in rows.areas}
    for position, given in enumerate(wanted):
        ref = given.area
        area = stored.pop(ref, None)
        if area is None:
            area = LocationArea(
                location_id=rows.row.id, camera_id=ref.camera_id, zone_id=ref.zone_id or None
            )
        area.position = position
        area.map_outline = [[x, y] for x, y in given.map_outline or ()]
        session.add(area)
    for gone in stored.values():
        session.delete(gone)


def _store_lines(session: Session, rows: LocationRows, wanted: Sequence[LineRef]) -> None:
    stored = {line.line_id: line for line in rows.lines}
    for position, given in enumerate(wanted):
        line = stored.pop(given.line_id, None)
        if line is None:
            line = LocationLine(
                location_id=rows.row.id, camera_id=given.camera_id, line_id=given.line_id
            )
        line.position = position
        line.is_reversed = given.is_reversed
        session.add(line)
    for gone in stored.values():
        session.delete(gone)
    if not wanted:
        location_store.delete_balance(session, rows.row.id)


def _in_force(rows: LocationRows, known: Known) -> Location:
    row = rows.row
    areas = tuple(area for kept in rows.areas if known.has_area(area := _area_of(kept)))
    lines = tuple(
        _line_of(kept) for kept in rows.lines if known.has_line(kept.camera_id, kept.line_id)
    )
    if len(lines) < len(rows.lines) or lines_gone(rows):
        lines = ()
    are_all_areas = len(areas) == len(rows.areas) and not areas_gone(rows)
    return Location(
        location_id=row.id,
        name=row.name,
        capacity=row.capacity,
        areas=areas,
        lines=lines,
        overlaps=_overlaps_in_force(stored_overlaps(rows), areas, known),
        cameras_see_all=row.cameras_see_all and are_all_areas,
        entry_valid_s=row.entry_valid_s,
        is_sample=row.is_sample,
        version=row.version,
        is_incomplete=not are_all_areas or len(lines) < (row.line_count or 0),
    )


def _overlaps_in_force(
    declared: Sequence[Sequence[AreaRef]], areas: Sequence[AreaRef], known: Known
) -> tuple[Overlap, ...]:
    left = (
        tuple(
            area
            for area in overlap
            if known.has_area(area) and (area in areas or AreaRef(area.camera_id) in areas)
        )
        for overlap in declared
    )
    return tuple(Overlap(overlap) for overlap in left if len(overlap) > 1)


def _camera_ids(rows: LocationRows) -> Iterable[int]:
    yield from (area.camera_id for area in rows.areas)
    yield from (line.camera_id for line in rows.lines)


def _area_of(row: LocationArea) -> AreaRef:
    return AreaRef(row.camera_id, row.zone_id or 0)


def _line_of(row: LocationLine) -> LineRef:
    return LineRef(row.camera_id, row.line_id, row.is_reversed)
