"""Places as pages and clients are shown them."""

from __future__ import annotations

from dataclasses import dataclass

from backend.core.places import CameraPlaces, CountingLine, Zone


@dataclass(frozen=True, slots=True)
class PlacesView:
    """All zones and lines of one camera; field names are the JSON keys."""

    camera_id: int
    version: int
    zones: tuple[Zone, ...]
    lines: tuple[CountingLine, ...]


def places_view(camera_id: int, places: CameraPlaces) -> PlacesView:
    """Return what is shown of a camera's places."""
    return PlacesView(camera_id, places.version, places.zones, places.lines)
