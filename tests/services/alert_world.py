"""Everything around the AlertManager, with a real database and real state machines."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path

from sqlalchemy import Engine, select

from backend.core.camera import CameraState, SourceType
from backend.core.place_graph import PlaceRef
from backend.core.places import CameraPlaces, PlaceReadings
from backend.core.risk import Cause, RiskAssessment, RiskLevel, RiskParts, ZoneRisk
from backend.core.snapshot import CameraStatus, Snapshot
from backend.core.trust import Trust
from backend.db.accounts import Role, User
from backend.db.alerts import Alert, AlertEvent, Delivery
from backend.db.base import SessionFactory, make_session_factory
from backend.db.cameras import Camera
from backend.pipeline.snapshot_bus import SnapshotBus
from backend.risk.alert_params import AlertParams
from backend.services.actor import Actor
from backend.services.alert_log import AlertLog
from backend.services.alert_service import AlertService
from backend.services.alerts import AlertManager
from backend.services.audit import AuditLog
from backend.services.events import AlertNotice, Events
from backend.services.evidence import EvidenceStore
from backend.services.live_state import CameraFacts, LiveState
from backend.services.place_graph.views import ForecastView
from tests import builders
from tests.builders import EPOCH, ManualClock

OPERATOR = Actor(1, "olga", Role.OPERATOR)
VIEWER = Actor(2, "vera", Role.VIEWER)


def crowding(level: RiskLevel, *, density: float = 4.6) -> RiskAssessment:
    """Return an assessment whose one cause is density."""
    if level is RiskLevel.SAFE:
        return RiskAssessment(level, 3.0, RiskParts())
    limit = {RiskLevel.CAUTION: 2.0, RiskLevel.WARNING: 4.0, RiskLevel.CRITICAL: 6.0}[level]
    text = f"Density is {density} people per m², the limit is {limit}."
    cause = Cause("density", level, density, limit, "1/m²", text)
    return RiskAssessment(level, 25.0 * level, RiskParts(), causes=(cause,))


@dataclass
class AlertWorld:
    """One process with an AlertManager; `restart` gives the next process on the same rows."""

    clock: ManualClock
    folder: Path
    engine: Engine
    channels: list[str] = field(default_factory=lambda: ["telegram"])
    picture: bytes | None = b"\xff\xd8jpeg"
    encoder_is_ill: bool = False
    notices: list[AlertNotice] = field(default_factory=list)
    pictured: list[int] = field(default_factory=list)
    woken: int = 0
    params: AlertParams = field(default_factory=AlertParams)
    forecasts: dict[PlaceRef, ForecastView] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.database: SessionFactory = make_session_factory(self.engine)
        self.bus = SnapshotBus()
        self.live = LiveState(mailboxes=self.bus, clock=self.clock)
        events = Events()
        events.on_alert(self.notices.append)
        self.evidence = EvidenceStore(self.folder, take_picture=self._take_picture)
        log = AlertLog(
            session_factory=self.database,
            clock=self.clock,
            channels=lambda: self.channels,
            zone=UTC,
        )
        self.manager = AlertManager(
            log=log,
            live=self.live,
            statuses=self.bus,
            evidence=self.evidence,
            events=events,
            wake_outbox=self._wake,
            clock=self.clock,
            params=self.params,
            queue_size=50,
        )
        self.service = AlertService(
            session_factory=self.database,
            audit=AuditLog(clock=self.clock),
            manager=self.manager,
            evidence=self.evidence,
            forecast_of=self.forecasts.get,
        )
        self.sequence = 0

    def _take_picture(self, camera_id: int) -> bytes | None:
        self.pictured.append(camera_id)
        if self.encoder_is_ill:
            raise RuntimeError("the encoder is ill")
        return self.picture

    def _wake(self) -> None:
        self.woken += 1

    def restart(self) -> AlertWorld:
        """Return the next process: nothing survives but the rows."""
        after = AlertWorld(self.clock, self.folder, self.engine, channels=self.channels)
        for facts in self.live.cameras():
            after.live.remember(facts)
        after.manager.restore()
        return after

    def add_camera(self, camera_id: int = 1, *, source_type: SourceType = SourceType.RTSP) -> None:
        """Add a camera owned by nobody."""
        with self.database() as session, session.begin():
            for user_id, actor in ((1, OPERATOR), (2, VIEWER)):
                if session.get(User, user_id) is None:
                    session.add(
                        User(
                            id=user_id,
                            username=actor.username,
                            password_hash="x",
                            role=actor.role.value,
                            created_at=EPOCH,
                        )
                    )
            session.add(
                Camera(
                    id=camera_id,
                    name=f"Gate {camera_id}",
                    source_type=source_type.value,
                    created_at=EPOCH,
                    updated_at=EPOCH,
                )
            )
        self.live.remember(CameraFacts(camera_id, f"Gate {camera_id}", source_type, None, None))

    def show(
        self,
        risk: RiskAssessment,
        *,
        camera_id: int = 1,
        count: float = 120.0,
        trust: Trust = Trust.OK,
        stream_time_s: float | None = None,
        run_id: int = 1,
        is_recorded: bool = False,
        camera_places: CameraPlaces | None = None,
        places: PlaceReadings | None = None,
        zone_risks: tuple[ZoneRisk, ...] = (),
    ) -> Snapshot:
        """Publish one analysed frame and let the manager look at it."""
        self.sequence += 1
        seen = builders.snapshot(
            camera_id=camera_id,
            sequence=self.sequence,
            run_id=run_id,
            stream_time_s=self.clock.monotonic() if stream_time_s is None else stream_time_s,
            crowd=builders.metrics(
                count=count, peak_density_per_m2=4.6, trust=trust, trust_reason=""
            ),
            risk=risk,
            published_mono_s=self.clock.monotonic(),
            is_recorded=is_recorded,
            camera_places=camera_places,
            places=places,
            zone_risks=zone_risks,
        )
        self.bus.publish(seen, builders.frame())
        self.manager.take(seen)
        self.manager.step()
        return seen

    def play(self, risk: RiskAssessment, *, seconds: int, camera_id: int = 1) -> None:
        """Show the same for so many seconds, once a second."""
        for _ in range(seconds):
            self.clock.advance(1)
            self.show(risk, camera_id=camera_id)

    def silence(self, *, seconds: int) -> None:
        """Let time pass without a frame."""
        for _ in range(seconds):
            self.clock.advance(1)
            self.manager.step()

    def status(self, state: CameraState, *, camera_id: int = 1, message: str = "") -> None:
        """Publish a camera's state."""
        self.bus.publish_status(CameraStatus(camera_id, state, message))

    def alerts(self) -> list[Alert]:
        """Return every incident row, oldest first."""
        with self.database() as session:
            return list(session.scalars(select(Alert).order_by(Alert.id)))

    def only(self) -> Alert:
        """Return the one incident there is."""
        (row,) = self.alerts()
        return row

    def kinds(self, alert_id: int) -> list[str]:
        """Return the kinds of an incident's events, oldest first."""
        with self.database() as session:
            query = select(AlertEvent).where(AlertEvent.alert_id == alert_id)
            return [event.kind for event in session.scalars(query.order_by(AlertEvent.id))]

    def deliveries(self) -> list[Delivery]:
        """Return every outbox row, oldest first."""
        with self.database() as session:
            return list(session.scalars(select(Delivery).order_by(Delivery.id)))
