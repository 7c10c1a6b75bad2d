"""Stored zones and lines: written from what was checked, read with suspicion."""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from backend.core.calibration import Point
from backend.core.places import (
    VIEW_CHANGED,
    CameraPlaces,
    CountingLine,
    DrawnView,
    Zone,
    ZoneProfile,
)
from backend.db import place_store
from backend.db.places import CountingLineRow, PlaceSet, ZoneRow
from backend.services.calibration.landmarks import unpack_landmarks
from backend.services.metric_views import as_json
from backend.services.places.draft import LineDraft, PlacesDraft, ZoneDraft

logger = logging.getLogger(__name__)


def load_places(session: Session, camera_id: int) -> CameraPlaces:
    """Return all places of a camera.

    A damaged one never keeps its camera from running: it is left out, with a line in the log,
    and goes with the next change. The version is read first, so that rows written meanwhile are
    never taken for older than they are.
    """
    common = place_store.find_set(session, camera_id)
    return _places(
        0 if common is None else common.version,
        place_store.list_zones(session, camera_id),
        place_store.list_lines(session, camera_id),
        DrawnView() if common is None else _read_view(common),
    )


def store_places(
    session: Session, camera_id: int, draft: PlacesDraft, *, version: int, view: DrawnView
) -> CameraPlaces:
    """Make a camera's rows those of a checked draft; those that are not in it are deleted.

    Args:
        session: Open, with ``version`` claimed.
        camera_id: The camera.
        draft: Whose ids are those of the camera's rows.
        version: Of the places from now on.
        view: What they were drawn in, as it is stored.

    Returns:
        What is stored now.
    """
    stored_zones = {row.id: row for row in place_store.list_zones(session, camera_id)}
    zones = []
    for position, zone in enumerate(draft.zones):
        row = stored_zones.pop(zone.place_id or 0, None) or ZoneRow(camera_id=camera_id)
        _fill_zone(row, zone, position)
        zones.append(row)
    stored_lines = {row.id: row for row in place_store.list_lines(session, camera_id)}
    lines = []
    for position, line in enumerate(draft.lines):
        line_row = stored_lines.pop(line.place_id or 0, None) or CountingLineRow(
            camera_id=camera_id
        )
        _fill_line(line_row, line, position)
        lines.append(line_row)
    for gone in (*stored_zones.values(), *stored_lines.values()):
        session.delete(gone)
    session.add_all([*zones, *lines])
    session.flush()
    return _places(version, zones, lines, view)


def audited_change(
    before: CameraPlaces, after: CameraPlaces
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what differs between two versions, as ``(before, after)`` for the audit trail.

    Places that stayed as they were are left out; where only the order changed, the ids tell it.
    """
    was: dict[str, Any] = {"version": before.version}
    now: dict[str, Any] = {"version": after.version}
    for kind, old, new in (
        ("zones", _by_id(before.zones), _by_id(after.zones)),
        ("lines", _by_id(before.lines), _by_id(after.lines)),
    ):
        was[kind] = [as_json(old[key]) for key in old if old[key] != new.get(key)]
        now[kind] = [as_json(new[key]) for key in new if new[key] != old.get(key)]
        if [key for key in old if key in new] != [key for key in new if key in old]:
            was[f"{kind}_order"], now[f"{kind}_order"] = list(old), list(new)
    return was, now


def _by_id(places: Sequence[Zone] | Sequence[CountingLine]) -> dict[int, Zone | CountingLine]:
    return {place.zone_id if isinstance(place, Zone) else place.line_id: place for place in places}


def _places(
    version: int, zones: Sequence[ZoneRow], lines: Sequence[CountingLineRow], view: DrawnView
) -> CameraPlaces:
    read_zones = tuple(zone for row in zones if (zone := _read_zone(row)) is not None)
    read_lines = tuple(line for row in lines if (line := _read_line(row)) is not None)
    return CameraPlaces(version, read_zones, read_lines, view)


def _read_view(row: PlaceSet) -> DrawnView:
    """Return what is known of the view; damaged landmarks are left out, others can be taken."""
    if row.source_changed_at is not None:
        # the landmarks of another source would only tell that the camera "was moved"
        return DrawnView(row.confirmed_at, fault=VIEW_CHANGED)
    background = None
    if row.background is not None:
        try:
            background = unpack_landmarks(row.background)
        except ValueError as error:
            logger.error("places.landmarks_unreadable camera=%s reason=%s", row.camera_id, error)
    return DrawnView(row.confirmed_at, background)


def _fill_zone(row: ZoneRow, draft: ZoneDraft, position: int) -> None:
    corners = [[x, y] for x, y in draft.corners]
    if row.corners != corners:  # an unchanged outline is not written again
        row.corners = corners
    row.position = position
    row.name = draft.name
    row.profile = draft.profile
    row.colour = draft.colour
    row.count_limit = draft.count_limit
    row.density_limit_per_m2 = draft.density_limit_per_m2


def _fill_line(row: CountingLineRow, draft: LineDraft, position: int) -> None:
    row.position = position
    row.name = draft.name
    row.start_x, row.start_y = draft.start
    row.end_x, row.end_y = draft.end
    row.colour = draft.colour
    row.width_m = draft.width_m


def _read_zone(row: ZoneRow) -> Zone | None:
    try:
        corners = tuple(_spot(x, y) for x, y in row.corners)
        if len(corners) < 3:
            raise ValueError(f"it has {len(corners)} corners")
        profile = ZoneProfile(row.profile)
    except (TypeError, ValueError) as error:
        logger.error("zone.unreadable camera=%s zone=%s reason=%s", row.camera_id, row.id, error)
        return None
    return Zone(
        zone_id=row.id,
        name=row.name,
        corners=corners,
        profile=profile,
        colour=row.colour,
        count_limit=row.count_limit,
        density_limit_per_m2=row.density_limit_per_m2,
    )


def _read_line(row: CountingLineRow) -> CountingLine | None:
    try:
        start, end = _spot(row.start_x, row.start_y), _spot(row.end_x, row.end_y)
        if start == end:
            raise ValueError("it has no length")
    except (TypeError, ValueError) as error:
        logger.error("line.unreadable camera=%s line=%s reason=%s", row.camera_id, row.id, error)
        return None
    return CountingLine(
        line_id=row.id,
        name=row.name,
        start=start,
        end=end,
        colour=row.colour,
        width_m=row.width_m,
    )


def _spot(x: float, y: float) -> Point:
    if not all(math.isfinite(share) and 0 <= share <= 1 for share in (x, y)):
        raise ValueError(f"({x}, {y}) lies outside the picture")
    return float(x), float(y)
