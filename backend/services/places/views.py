"""Places as pages and clients are shown them."""

from __future__ import annotations

from dataclasses import dataclass

from backend.core.places import CameraPlaces, CountingLine, Zone


@dataclass(frozen=True, slots=True)
class PlacesView:
    """All zones and lines of one camera; field names are the JSON keys.

    Attributes:
        fault: Why they may lie on another ground than they were drawn on; empty where nothing
            speaks against them.
    """

    camera_id: int
    version: int
    zones: tuple[Zone, ...]
    lines: tuple[CountingLine, ...]
    fault: str = ""


def places_view(camera_id: int, places: CameraPlaces, *, fault: str = "") -> PlacesView:
    """Return what is shown of a camera's places.

    Args:
        camera_id: The camera.
        places: As stored.
        fault: What the running camera has found of its view.
    """
    found = "" if places.is_empty else places.view.fault or fault
    return PlacesView(camera_id, places.version, places.zones, places.lines, found)
