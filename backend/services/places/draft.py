"""Zones and counting lines as people give them, before anything of them is believed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from backend.core.calibration import Point
from backend.core.places import CameraPlaces, CountingLine, Zone

_ZONE: Final = Zone(0, "", ())
_LINE: Final = CountingLine(0, "", (0.0, 0.0), (0.0, 0.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneDraft:
    """A zone as given; fields as in `core.places.Zone`.

    Attributes:
        place_id: Of the stored zone it replaces; None = a new one.
        profile: Value of a `ZoneProfile`, if it is one.
    """

    place_id: int | None = None
    name: str
    corners: tuple[Point, ...]
    profile: str = _ZONE.profile.value
    colour: str = _ZONE.colour
    count_limit: int | None = None
    density_limit_per_m2: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDraft:
    """A counting line as given; fields as in `core.places.CountingLine`.

    Attributes:
        place_id: Of the stored line it replaces; None = a new one.
    """

    place_id: int | None = None
    name: str
    start: Point
    end: Point
    colour: str = _LINE.colour
    width_m: float | None = None


PlaceDraft: TypeAlias = ZoneDraft | LineDraft


@dataclass(frozen=True, slots=True)
class PlacesDraft:
    """All zones and lines a camera shall have.

    Attributes:
        zones, lines: In the order they shall have.
        version: Of the places it was made from; None = it replaces whatever is there.
        camera_id: Camera it was made for; None = the one it is given for.
    """

    zones: tuple[ZoneDraft, ...] = ()
    lines: tuple[LineDraft, ...] = ()
    version: int | None = None
    camera_id: int | None = None


def zone_draft(zone: Zone) -> ZoneDraft:
    """Return what would leave a stored zone as it is."""
    return ZoneDraft(
        place_id=zone.zone_id,
        name=zone.name,
        corners=zone.corners,
        profile=zone.profile.value,
        colour=zone.colour,
        count_limit=zone.count_limit,
        density_limit_per_m2=zone.density_limit_per_m2,
    )


def line_draft(line: CountingLine) -> LineDraft:
    """Return what would leave a stored line as it is."""
    return LineDraft(
        place_id=line.line_id,
        name=line.name,
        start=line.start,
        end=line.end,
        colour=line.colour,
        width_m=line.width_m,
    )


def places_draft(places: CameraPlaces) -> PlacesDraft:
    """Return what would leave all places of a camera as they are."""
    return PlacesDraft(
        zones=tuple(zone_draft(zone) for zone in places.zones),
        lines=tuple(line_draft(line) for line in places.lines),
    )


def tidy_zone(draft: ZoneDraft) -> ZoneDraft:
    """Return the zone as it is stored: name without needless blanks, colour in small letters.

    Corners that came in lists are those of a stored zone, which are in tuples.
    """
    corners = tuple((x, y) for x, y in draft.corners)
    return replace(draft, name=_tidy_name(draft.name), corners=corners, colour=draft.colour.lower())


def tidy_line(draft: LineDraft) -> LineDraft:
    """Return the line as it is stored: name without needless blanks, colour in small letters."""
    return replace(draft, name=_tidy_name(draft.name), colour=draft.colour.lower())


def _tidy_name(name: str) -> str:
    return " ".join(name.split())
