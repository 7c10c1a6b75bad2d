"""A plaza that feeds the ground before a stage through two gates, and a hall counted by hand."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from sqlalchemy import Engine

from backend.core.camera import SourceType
from backend.core.locations import CountSource, Location, LocationReading, TimeToLimit
from backend.core.place_graph import PlaceKind, PlaceRef
from backend.core.places import LineReading, PlaceReadings, ZoneReading
from backend.core.trust import Trust
from backend.db.accounts import AuditEntry, Role, User
from backend.db.base import make_session_factory
from backend.db.cameras import Camera
from backend.db.locations import LocationRow
from backend.db.places import CountingLineRow, ZoneRow
from backend.pipeline.snapshot_bus import SnapshotBus
from backend.services.actor import Actor
from backend.services.audit import AuditLog
from backend.services.live_state import CameraFacts, LiveState
from backend.services.place_graph.draft import LineChoice, LinkDraft
from backend.services.place_graph.forecasts import PlaceForecasts
from backend.services.place_graph.service import PlaceGraphService
from tests import builders
from tests.builders import EPOCH, ManualClock

ADMIN = Actor(1, "ada", Role.ADMIN)
OPERATOR = Actor(2, "olga", Role.OPERATOR)
VIEWER = Actor(3, "vera", Role.VIEWER)

PLAZA = PlaceRef(PlaceKind.ZONE, 1)
STAGE = PlaceRef(PlaceKind.ZONE, 2)
HALL = PlaceRef(PlaceKind.LOCATION, 1)
DRAWN = PlaceRef(PlaceKind.ZONE, 3)
"""A zone of a simulated camera."""
RECORDED = PlaceRef(PlaceKind.ZONE, 4)
"""A zone of an uploaded recording."""
STAGE_LIMIT = 130
GATE_LINE, DRAWN_LINE, RECORDED_LINE = 1, 2, 3

GATE_B = LinkDraft(
    name="Gate B",
    source=PLAZA,
    target=STAGE,
    line=LineChoice(line_id=GATE_LINE),
    is_gate=True,
    walk_s=40.0,
)


class FakeLocations:
    """Locations whose numbers are given."""

    def __init__(self) -> None:
        self.known: dict[int, Location] = {1: Location(1, "Hall", capacity=300)}
        self.numbers: dict[int, LocationReading] = {}

    def locations(self) -> tuple[Location, ...]:
        return tuple(self.known.values())

    def reading(self, location_id: int) -> LocationReading | None:
        return self.numbers.get(location_id)


def location_reading(
    count: float | None, *, trust: Trust = Trust.OK, time: TimeToLimit | None = None
) -> LocationReading:
    """Return what is known of the hall."""
    source = None if count is None else CountSource.MANUAL
    return LocationReading(
        1,
        EPOCH,
        count,
        count,
        count,
        source,
        trust,
        time_to_limit=time or TimeToLimit(),
    )


@dataclass
class GraphWorld:
    """The services of one process; camera 1 sees zones 1 and 2 and the line at Gate B."""

    clock: ManualClock
    engine: Engine
    flow_per_s: float | None = 0.3
    back_per_s: float | None = 0.1
    line_trust: Trust = Trust.OK
    locations: FakeLocations = field(default_factory=FakeLocations)
    sequence: int = 0
    run_id: int = 1
    segment: int = 0

    def __post_init__(self) -> None:
        self.database = make_session_factory(self.engine)
        self.bus = SnapshotBus()
        self.live = LiveState(mailboxes=self.bus, clock=self.clock)
        self.forecasts = PlaceForecasts(
            session_factory=self.database, live=self.live, locations=self.locations
        )
        self.service = PlaceGraphService(
            session_factory=self.database,
            clock=self.clock,
            audit=AuditLog(clock=self.clock),
            live=self.live,
            locations=self.locations,
            forecasts=self.forecasts,
        )
        self.zones = (
            builders.zone(1, name="Plaza"),
            builders.zone(2, name="Stage", count_limit=STAGE_LIMIT),
        )
        self.version = 1
        self._store()

    def _store(self) -> None:
        kinds = {
            1: ("North", SourceType.RTSP),
            2: ("Drawn", SourceType.SIMULATED),
            3: ("Film", SourceType.UPLOAD),
        }
        with self.database() as session, session.begin():
            for actor in (ADMIN, OPERATOR, VIEWER):
                session.add(
                    User(
                        id=actor.user_id,
                        username=actor.username,
                        password_hash="x",
                        role=actor.role.value,
                        created_at=EPOCH,
                    )
                )
            for camera_id, (name, kind) in kinds.items():
                session.add(
                    Camera(
                        id=camera_id,
                        name=name,
                        source_type=kind.value,
                        created_at=EPOCH,
                        updated_at=EPOCH,
                    )
                )
                self.live.remember(CameraFacts(camera_id, name, kind, None, None))
            session.add_all(
                [
                    _zone(1, 1, "Plaza"),
                    _zone(2, 1, "Stage", STAGE_LIMIT),
                    _zone(3, 2, "Drawn plaza"),
                    _zone(4, 3, "Filmed plaza"),
                    _line(GATE_LINE, 1, "Gate B line"),
                    _line(DRAWN_LINE, 2, "Drawn line"),
                    _line(RECORDED_LINE, 3, "Filmed line"),
                    LocationRow(
                        id=1,
                        name="Hall",
                        capacity=300,
                        entry_valid_s=900.0,
                        created_at=EPOCH,
                        updated_at=EPOCH,
                    ),
                ]
            )

    def show(
        self, *, plaza: float, stage: float, trust: Trust = Trust.OK, map_share: float = 0.0
    ) -> None:
        """Publish one analysed frame of camera 1."""
        self.sequence += 1
        drawn = builders.camera_places(
            *self.zones, builders.counting_line(GATE_LINE), version=self.version
        )
        zones = tuple(
            replace(
                ZoneReading(zone.zone_id, count, count - 4, count + 4, trust), map_share=map_share
            )
            for zone, count in zip(self.zones, (plaza, stage), strict=True)
        )
        line = LineReading(
            GATE_LINE, 0, 0, self.line_trust, in_per_s=self.flow_per_s, out_per_s=self.back_per_s
        )
        snapshot = builders.snapshot(
            sequence=self.sequence,
            run_id=self.run_id,
            segment=self.segment,
            published_mono_s=self.clock.monotonic(),
            camera_places=drawn,
            places=PlaceReadings(self.version, zones, (line,)),
        )
        self.bus.publish(snapshot, builders.frame())

    def step(self) -> None:
        """Let the forecasts look once, as the watch of locations has them do."""
        self.forecasts.step(self.clock.now(), self.clock.monotonic())

    def fill(
        self,
        seconds: int,
        *,
        stage: float = 70.0,
        rate: float = 0.5,
        plaza: float = 50.0,
        plaza_rate: float = 0.0,
    ) -> None:
        """Show frames once a second while the stage (and the plaza) fills, from now on."""
        for second in range(seconds):
            self.clock.advance(1)
            self.show(plaza=plaza + plaza_rate * second, stage=stage + rate * second)
            self.step()

    def wait(self, seconds: int) -> None:
        """Let time pass without a frame."""
        for _ in range(seconds):
            self.clock.advance(1)
            self.step()

    def audit_rows(self) -> list[AuditEntry]:
        """Return the audit trail, oldest first."""
        with self.database() as session:
            return list(session.query(AuditEntry).order_by(AuditEntry.id))


def _zone(zone_id: int, camera_id: int, name: str, count_limit: int | None = None) -> ZoneRow:
    return ZoneRow(
        id=zone_id,
        camera_id=camera_id,
        position=zone_id,
        name=name,
        corners=[[0.1, 0.1], [0.9, 0.1], [0.9, 0.9]],
        profile="standing",
        colour="#4ea1ff",
        count_limit=count_limit,
    )


def _line(line_id: int, camera_id: int, name: str) -> CountingLineRow:
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
