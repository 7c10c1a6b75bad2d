"""Cameras, the watch of all locations and the AlertManager on one real database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy import Engine, select, text

from backend.core.calibration import Point
from backend.core.camera import CameraState, SourceType
from backend.core.locations import AreaRef, LineRef, LocationReading, Overlap
from backend.core.places import CameraPlaces, LineReading, PlaceReadings, Zone
from backend.core.risk import RiskLevel
from backend.core.trust import Trust
from backend.db.alerts import Alert
from backend.db.locations import (
    LocationArea,
    LocationBalance,
    LocationEntry,
    LocationLine,
    LocationMinute,
    LocationRow,
)
from backend.db.places import CountingLineRow, ZoneRow
from backend.risk.params import RiskParams
from backend.services.locations.watch import LocationWatch
from tests import builders
from tests.builders import EPOCH, ManualClock
from tests.services.alert_world import AlertWorld, crowding
from tests.services.zone_world import zone_reading

CALM = crowding(RiskLevel.SAFE)
CORNERS = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]


@dataclass
class WatchWorld:
    """One process; `restart` gives the next one on the same rows.

    Attributes:
        counts: People each camera sees; one that is not among them delivers nothing.
        zones: People in each zone, by camera and zone.
        passages: In and out over each line of a camera in its run so far, by its id.
        corners: Of zones that were drawn anew, by their id.
    """

    alerts: AlertWorld
    counts: dict[int, float] = field(default_factory=dict)
    zones: dict[int, dict[int, float]] = field(default_factory=dict)
    passages: dict[int, tuple[int, int, int]] = field(default_factory=dict)
    corners: dict[int, tuple[Point, ...]] = field(default_factory=dict)
    run_id: int = 1

    def __post_init__(self) -> None:
        self.clock = self.alerts.clock
        self.database = self.alerts.database
        self.watch = LocationWatch(
            session_factory=self.database,
            clock=self.clock,
            live=self.alerts.live,
            alerts=self.alerts.manager,
            params=RiskParams(),
        )

    def restart(self, *, away_s: float = 0.0) -> WatchWorld:
        """Return the next process, so many seconds later; cameras begin anew."""
        self.clock.advance(away_s)
        return WatchWorld(self.alerts.restart(), self.counts, self.zones, run_id=self.run_id + 1)

    def add_camera(
        self, camera_id: int, *, count: float, source_type: SourceType = SourceType.RTSP
    ) -> None:
        """Add a camera that sees so many people."""
        self.alerts.add_camera(camera_id, source_type=source_type)
        self.counts[camera_id] = count

    def add_zone(self, camera_id: int, zone_id: int, *, count: float) -> None:
        """Draw a zone with so many people in it."""
        with self.database() as session, session.begin():
            session.add(
                ZoneRow(
                    id=zone_id,
                    camera_id=camera_id,
                    position=zone_id,
                    name=f"Zone {zone_id}",
                    corners=CORNERS,
                    profile="standing",
                    colour="#ffffff",
                )
            )
        self.zones.setdefault(camera_id, {})[zone_id] = count

    def add_line(self, camera_id: int, line_id: int) -> None:
        """Draw a counting line nobody has passed yet."""
        with self.database() as session, session.begin():
            session.add(
                CountingLineRow(
                    id=line_id,
                    camera_id=camera_id,
                    position=line_id,
                    name=f"Line {line_id}",
                    start_x=0.2,
                    start_y=0.5,
                    end_x=0.8,
                    end_y=0.5,
                    colour="#ffffff",
                )
            )
        self.passages[line_id] = (camera_id, 0, 0)

    def add_location(
        self,
        name: str = "Hall",
        *areas: AreaRef,
        capacity: int | None = 10,
        lines: Iterable[LineRef] = (),
        overlaps: Iterable[Overlap] = (),
        cameras_see_all: bool = True,
        is_sample: bool = False,
    ) -> int:
        """Create a location and tell the watch; return its id."""
        wanted = tuple(lines)
        with self.database() as session, session.begin():
            row = LocationRow(
                name=name,
                capacity=capacity,
                entry_valid_s=900.0,
                cameras_see_all=cameras_see_all,
                is_sample=is_sample,
                overlaps=[
                    [[area.camera_id, area.zone_id] for area in overlap.areas]
                    for overlap in overlaps
                ],
                area_count=len(areas),
                line_count=len(wanted),
                created_at=EPOCH,
                updated_at=EPOCH,
            )
            session.add(row)
            session.flush()
            for position, area in enumerate(areas):
                session.add(
                    LocationArea(
                        location_id=row.id,
                        position=position,
                        camera_id=area.camera_id,
                        zone_id=area.zone_id or None,
                    )
                )
            for position, line in enumerate(wanted):
                session.add(
                    LocationLine(
                        location_id=row.id,
                        position=position,
                        camera_id=line.camera_id,
                        line_id=line.line_id,
                        is_reversed=line.is_reversed,
                    )
                )
            location_id = row.id
        self.watch.reload()
        return location_id

    def change(self, location_id: int, **values: object) -> None:
        """Change columns of a location, as its service would."""
        with self.database() as session, session.begin():
            row = session.get_one(LocationRow, location_id)
            for name, value in values.items():
                setattr(row, name, value)
        self.watch.reload()

    def delete(self, row: type, row_id: int) -> None:
        """Delete a row and tell the watch."""
        with self.database() as session, session.begin():
            session.delete(session.get_one(row, row_id))
        self.watch.reload()

    def send_in(self, location_id: int, *entries: LocationEntry) -> None:
        """Write entries, without telling the watch."""
        with self.database() as session, session.begin():
            for entry in entries:
                entry.location_id = location_id
                session.add(entry)

    def play(self, seconds: int = 1) -> None:
        """Let time pass: cameras that see anything deliver a frame a second."""
        for _ in range(seconds):
            self.clock.advance(1)
            for camera_id, count in self.counts.items():
                self._frame(camera_id, count)
            self.watch.step()
            self.alerts.manager.step()

    def reading(self, location_id: int) -> LocationReading:
        """Return what is known of a location."""
        found = self.watch.reading(location_id)
        assert found is not None
        return found

    def lose(self, camera_id: int) -> None:
        """Have a camera deliver nothing any more."""
        del self.counts[camera_id]
        self.alerts.status(CameraState.RECONNECTING, camera_id=camera_id, message="No answer.")

    def of(self, location_id: int) -> list[Alert]:
        """Return the incidents of a location, oldest first."""
        return [row for row in self.alerts.alerts() if row.location_id == location_id]

    def minutes(self) -> list[LocationMinute]:
        """Return all minutes that are stored, oldest first."""
        with self.database() as session:
            return list(session.scalars(select(LocationMinute).order_by(LocationMinute.at)))

    def balance(self, location_id: int) -> LocationBalance | None:
        """Return a balance as it is stored."""
        with self.database() as session:
            return session.get(LocationBalance, location_id)

    def rename_table(self, name: str, other: str) -> None:
        """Take a table away, or bring it back."""
        with self.database() as session, session.begin():
            session.execute(text(f"ALTER TABLE {name} RENAME TO {other}"))

    def _frame(self, camera_id: int, count: float) -> None:
        drawn, readings = self._drawn(camera_id)
        self.alerts.show(
            CALM,
            camera_id=camera_id,
            count=count,
            run_id=self.run_id,
            camera_places=drawn,
            places=readings,
        )

    def _zone(self, zone_id: int) -> Zone:
        drawn = builders.zone(zone_id)
        return replace(drawn, corners=self.corners.get(zone_id, drawn.corners))

    def _drawn(self, camera_id: int) -> tuple[CameraPlaces, PlaceReadings]:
        zones = self.zones.get(camera_id, {})
        lines = {key: row[1:] for key, row in self.passages.items() if row[0] == camera_id}
        drawn = builders.camera_places(*map(self._zone, zones), *map(builders.counting_line, lines))
        readings = PlaceReadings(
            drawn.version,
            tuple(zone_reading(count, zone_id=key) for key, count in zones.items()),
            tuple(LineReading(key, *passed, Trust.OK) for key, passed in lines.items()),
        )
        return drawn, readings


def make_world(clock: ManualClock, folder: Path, engine: Engine) -> WatchWorld:
    """Return a process without cameras and locations."""
    return WatchWorld(AlertWorld(clock, folder, engine))
