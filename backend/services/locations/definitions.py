"""Locations as people define them, shown with what is wrong with them and what is known now."""

from __future__ import annotations

from dataclasses import dataclass

from backend.core.calibration import Point
from backend.core.locations import AreaRef, LocationReading, MapPosition
from backend.services.locations.known import Known, read_outline
from backend.services.locations.parts import Parts, part_problems
from backend.services.locations.stored import (
    StoredLocation,
    areas_gone,
    is_simulated,
    lines_gone,
    outline_of,
    position_of,
    stored_overlaps,
)
from backend.services.locations.views import LocationNumbersView, numbers_view


@dataclass(frozen=True, slots=True)
class AreaView:
    """A part of a location that one camera sees; ``zone_id`` None = its whole picture."""

    camera_id: int
    camera_name: str
    zone_id: int | None
    zone_name: str | None
    map_outline: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class LineView:
    """A counting line on the border of a location."""

    camera_id: int
    camera_name: str
    line_id: int
    line_name: str
    is_reversed: bool


@dataclass(frozen=True, slots=True)
class AreaRefView:
    """An area by its ids; ``zone_id`` None = the camera's whole picture."""

    camera_id: int
    zone_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationView:
    """One location; see `core.locations.Location`.

    Attributes:
        is_simulated: Simulated cameras show it: nobody is there.
        problems: What is wrong with it since cameras, zones or lines were changed, each with
            its remedy; empty for nothing.
        numbers: What is known now; None until it is watched.
    """

    id: int
    name: str
    description: str
    capacity: int | None
    cameras_see_all: bool
    entry_valid_s: float
    is_sample: bool
    version: int
    position: MapPosition | None
    outline: tuple[Point, ...]
    areas: tuple[AreaView, ...]
    lines: tuple[LineView, ...]
    overlaps: tuple[tuple[AreaRefView, ...], ...]
    is_simulated: bool
    problems: tuple[str, ...]
    numbers: LocationNumbersView | None


def location_view(
    stored: StoredLocation, known: Known, reading: LocationReading | None
) -> LocationView:
    """Return what is shown of a location.

    Args:
        stored: As it is stored.
        known: What there is of its cameras.
        reading: What is known now.
    """
    row, location = stored.rows.row, stored.location
    return LocationView(
        id=row.id,
        name=row.name,
        description=row.description,
        capacity=row.capacity,
        cameras_see_all=row.cameras_see_all,
        entry_valid_s=row.entry_valid_s,
        is_sample=row.is_sample,
        version=row.version,
        position=position_of(stored.rows),
        outline=outline_of(stored.rows),
        areas=_areas(stored, known),
        lines=_lines(stored, known),
        overlaps=tuple(
            tuple(AreaRefView(area.camera_id, area.zone_id or None) for area in overlap.areas)
            for overlap in location.overlaps
        ),
        is_simulated=is_simulated(location, known),
        problems=find_problems(stored, known),
        numbers=None if reading is None else numbers_view(location, reading),
    )


def find_problems(stored: StoredLocation, known: Known) -> tuple[str, ...]:
    """Return what is wrong with a stored location by now, each with its remedy."""
    rows, location = stored.rows, stored.location
    found = []
    if areas_gone(rows):
        found.append(
            f"{areas_gone(rows)} of its {rows.row.area_count} areas are gone with their camera or "
            "zone: people there are not counted any more. Choose its areas again."
        )
    if lines_gone(rows):
        found.append(
            f"{lines_gone(rows)} of its {rows.row.line_count} counting lines are gone: who is "
            "inside cannot be counted over the others alone. Choose its lines again."
        )
    lines = tuple(line for line in location.lines)
    parts = Parts(location.areas, lines, stored_overlaps(rows))
    found += [problem.detail for problem in part_problems(parts, known)]
    return tuple(dict.fromkeys(found))


def _areas(stored: StoredLocation, known: Known) -> tuple[AreaView, ...]:
    outlines = {
        AreaRef(row.camera_id, row.zone_id or 0): read_outline(row.map_outline)
        for row in stored.rows.areas
    }
    is_on_map = position_of(stored.rows) is not None
    return tuple(
        AreaView(
            camera_id=area.camera_id,
            camera_name=known.cameras[area.camera_id].name,
            zone_id=area.zone_id or None,
            zone_name=known.zones[area.zone_id].name if area.zone_id else None,
            map_outline=outlines[area] if is_on_map else (),
        )
        for area in stored.location.areas
    )


def _lines(stored: StoredLocation, known: Known) -> tuple[LineView, ...]:
    return tuple(
        LineView(
            camera_id=line.camera_id,
            camera_name=known.cameras[line.camera_id].name,
            line_id=line.line_id,
            line_name=known.lines[line.line_id].name,
            is_reversed=line.is_reversed,
        )
        for line in stored.rows.lines
        if known.has_line(line.camera_id, line.line_id)
    )
