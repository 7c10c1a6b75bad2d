"""Which cameras, zones and counting lines there are that locations speak of."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from backend.core.calibration import Point
from backend.core.camera import SourceType
from backend.core.locations import AreaRef
from backend.db import location_store


@dataclass(frozen=True, slots=True)
class KnownCamera:
    """A camera that exists."""

    name: str
    source_type: SourceType

    @property
    def is_simulated(self) -> bool:
        """Whether nobody stands before it."""
        return self.source_type is SourceType.SIMULATED


@dataclass(frozen=True, slots=True)
class KnownZone:
    """A zone that exists.

    Attributes:
        corners: As drawn; empty where they cannot be read.
    """

    camera_id: int
    name: str
    corners: tuple[Point, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownLine:
    """A counting line that exists."""

    camera_id: int
    name: str


@dataclass(frozen=True, slots=True)
class Known:
    """Everything there is, by id."""

    cameras: dict[int, KnownCamera] = field(default_factory=dict)
    zones: dict[int, KnownZone] = field(default_factory=dict)
    lines: dict[int, KnownLine] = field(default_factory=dict)

    def has_area(self, area: AreaRef) -> bool:
        """Return whether there is such an area."""
        if area.camera_id not in self.cameras:
            return False
        if not area.zone_id:
            return True
        zone = self.zones.get(area.zone_id)
        return zone is not None and zone.camera_id == area.camera_id

    def has_line(self, camera_id: int, line_id: int) -> bool:
        """Return whether the camera has such a line."""
        line = self.lines.get(line_id)
        return line is not None and line.camera_id == camera_id

    def name_of(self, area: AreaRef) -> str:
        """Return what people call an area: its camera, or its zone on that camera."""
        camera = self.cameras.get(area.camera_id)
        on = camera.name if camera else f"camera {area.camera_id}"
        if not area.zone_id:
            return f"“{on}”"
        zone = self.zones.get(area.zone_id)
        return f"“{zone.name if zone else area.zone_id}” on “{on}”"


def load_known(session: Session, camera_ids: Collection[int]) -> Known:
    """Return what there is of these cameras; three queries, however many they are."""
    if not camera_ids:
        return Known()
    return Known(
        cameras={
            row.id: KnownCamera(row.name, SourceType(row.source_type))
            for row in location_store.cameras_of(session, camera_ids)
        },
        zones={
            row.id: KnownZone(row.camera_id, row.name, read_outline(row.corners))
            for row in location_store.zones_of(session, camera_ids)
        },
        lines={
            row.id: KnownLine(row.camera_id, row.name)
            for row in location_store.lines_of(session, camera_ids)
        },
    )


def read_outline(stored: object) -> tuple[Point, ...]:
    """Return a stored outline, empty where it cannot be read."""
    try:
        return tuple((float(x), float(y)) for x, y in stored)  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        return ()
