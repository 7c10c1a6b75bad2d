"""Everything around LocationService: real tables, cameras with zones, a watch that remembers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, select

from backend.core.camera import SourceType
from backend.core.locations import CountEntry, LocationReading
from backend.core.trust import Trust
from backend.db.accounts import AuditEntry, User
from backend.db.base import make_session_factory
from backend.db.cameras import Camera
from backend.db.locations import FloorPlan, LocationMinute
from backend.db.places import CountingLineRow, ZoneRow
from backend.services.audit import AuditLog
from backend.services.locations.service import LocationService
from tests.builders import EPOCH, ManualClock
from tests.services.camera_world import PEOPLE

LEFT = [[0.0, 0.0], [0.5, 0.0], [0.5, 1.0], [0.0, 1.0]]
RIGHT = [[0.5, 0.0], [1.0, 0.0], [1.0, 1.0], [0.5, 1.0]]
MIDDLE = [[0.25, 0.0], [0.75, 0.0], [0.75, 1.0], [0.25, 1.0]]
BERLIN = ZoneInfo("Europe/Berlin")


class FakeWatch:
    """Remembers what it was told; knows what it is told to know."""

    def __init__(self) -> None:
        self.reloads = 0
        self.known: dict[int, LocationReading] = {}
        self.entered: list[tuple[int, CountEntry]] = []
        self.corrected: list[tuple[int, float, datetime]] = []

    def reload(self) -> None:
        self.reloads += 1

    def reading(self, location_id: int) -> LocationReading | None:
        return self.known.get(location_id)

    def readings(self) -> tuple[LocationReading, ...]:
        return tuple(self.known.values())

    def enter(self, location_id: int, entry: CountEntry) -> None:
        self.entered.append((location_id, entry))

    def correct(self, location_id: int, count: float, *, at: datetime) -> None:
        self.corrected.append((location_id, count, at))


class LocationWorld:
    """Cameras 1 to 3 are real, 4 is simulated, 5 an upload; 1 has zones and lines."""

    def __init__(self, clock: ManualClock, engine: Engine) -> None:
        self.clock = clock
        self.database = make_session_factory(engine)
        self.watch = FakeWatch()
        self.service = LocationService(
            session_factory=self.database,
            clock=clock,
            audit=AuditLog(clock=clock),
            watch=self.watch,
            zone=BERLIN,
        )

    def add_cameras(self) -> None:
        """Create people, and the cameras with what is drawn on them."""
        types = [SourceType.RTSP] * 3 + [SourceType.SIMULATED, SourceType.UPLOAD]
        with self.database() as session, session.begin():
            session.add_all(
                User(
                    id=actor.user_id,
                    username=actor.username,
                    password_hash="x",
                    role=actor.role.value,
                    created_at=EPOCH,
                )
                for actor in PEOPLE
            )
            session.add_all(
                camera(number, source_type) for number, source_type in enumerate(types, start=1)
            )
            session.flush()
            session.add_all(
                [
                    zone(1, 1, "Left", LEFT),
                    zone(2, 1, "Right", RIGHT),
                    zone(3, 1, "Middle", MIDDLE),
                    zone(4, 2, "Stage", LEFT),
                    zone(5, 2, "Bar", RIGHT),
                    line(1, 1, "Door"),
                    line(2, 2, "Gate"),
                ]
            )

    def add_plan(self) -> int:
        """Create a floor plan."""
        with self.database() as session, session.begin():
            plan = FloorPlan(
                name="Hall",
                stored_name="hall.png",
                width_px=100,
                height_px=50,
                size_bytes=10,
                created_at=EPOCH,
            )
            session.add(plan)
            session.flush()
            return plan.id

    def redraw(self, zone_id: int, corners: Sequence[Sequence[float]]) -> None:
        """Draw a zone elsewhere, as the places' own service would."""
        with self.database() as session, session.begin():
            session.get_one(ZoneRow, zone_id).corners = [list(corner) for corner in corners]

    def delete(self, row: type[Any], row_id: int) -> None:
        """Delete a row; what rests on it goes with it."""
        with self.database() as session, session.begin():
            session.delete(session.get_one(row, row_id))

    def log_minutes(self, location_id: int, *minutes: LocationMinute) -> None:
        """Write minutes as the watch does."""
        with self.database() as session, session.begin():
            for one in minutes:
                one.location_id = location_id
                session.add(one)

    def trail(self) -> list[AuditEntry]:
        """Return the audit trail, the oldest first."""
        with self.database() as session:
            return list(session.scalars(select(AuditEntry).order_by(AuditEntry.id)))


def camera(camera_id: int, source_type: SourceType = SourceType.RTSP) -> Camera:
    return Camera(
        id=camera_id,
        name=f"Camera {camera_id}",
        source_type=source_type.value,
        created_at=EPOCH,
        updated_at=EPOCH,
    )


def zone(zone_id: int, camera_id: int, name: str, corners: list[list[float]]) -> ZoneRow:
    return ZoneRow(
        id=zone_id,
        camera_id=camera_id,
        position=zone_id,
        name=name,
        corners=corners,
        profile="standing",
        colour="#4ea1ff",
    )


def line(line_id: int, camera_id: int, name: str) -> CountingLineRow:
    return CountingLineRow(
        id=line_id,
        camera_id=camera_id,
        position=line_id,
        name=name,
        start_x=0.1,
        start_y=0.5,
        end_x=0.9,
        end_y=0.5,
        colour="#ffb454",
    )


def minute(at: datetime, mean: float, **changes: Any) -> LocationMinute:
    """Return a wholly known minute of ``mean`` people."""
    fields: dict[str, Any] = {
        "at": at,
        "count_min": mean,
        "count_mean": mean,
        "count_max": mean,
        "seconds": 60,
        "source": "CAMERA",
        "trust": "ok",
    }
    return LocationMinute(**(fields | changes))


def reading(location_id: int, count: float | None = None, **changes: Any) -> LocationReading:
    """Return a reading of exactly ``count`` people; None = nothing is known."""
    fields: dict[str, Any] = {
        "location_id": location_id,
        "at": EPOCH,
        "count": count,
        "count_low": count,
        "count_high": count,
        "source": None,
        "trust": Trust.UNKNOWN if count is None else Trust.OK,
    }
    return LocationReading(**(fields | changes))
