"""A camera with zones before an AlertManager: scripted counts, real levels, real incidents."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any

from sqlalchemy import delete

from backend.core.camera import CameraState
from backend.core.places import CameraPlaces, PlaceReadings, Zone, ZoneReading
from backend.core.risk import RiskAssessment, RiskLevel
from backend.core.trust import Trust
from backend.db.alerts import Alert
from backend.db.places import PlaceSet, ZoneRow
from backend.risk.params import RiskParams
from backend.risk.zone_risks import ZoneRisks
from tests import builders
from tests.services.alert_world import AlertWorld, crowding

CALM = crowding(RiskLevel.SAFE)


def zone_reading(count: float, *, zone_id: int = 1, **values: Any) -> ZoneReading:
    """Return what is measured of a zone with so many people."""
    fields = {"count_low": count, "count_high": count, "trust": Trust.OK} | values
    return ZoneReading(zone_id, count, **fields)


@dataclass
class ZoneWorld:
    """Camera 1 and its zones."""

    world: AlertWorld
    zones: tuple[Zone, ...]
    camera_id: int = 1
    is_recorded: bool = False
    run_id: int = 1
    risks: ZoneRisks = field(default_factory=lambda: ZoneRisks(RiskParams()))

    def __post_init__(self) -> None:
        self.places = builders.camera_places(*self.zones)
        self.stream_s = 0.0
        self.store()

    def store(self) -> None:
        """Write what is drawn now, as the service does before it tells anybody."""
        with self.world.database() as session, session.begin():
            session.merge(PlaceSet(camera_id=self.camera_id, version=self.places.version))
            session.execute(delete(ZoneRow).where(ZoneRow.camera_id == self.camera_id))
            for position, zone in enumerate(self.places.zones):
                row = asdict(zone) | {"camera_id": self.camera_id, "position": position}
                row["id"] = row.pop("zone_id")
                session.add(ZoneRow(**row))

    def play(
        self,
        *counts: float,
        seconds: int,
        camera: RiskAssessment = CALM,
        trust: Trust = Trust.OK,
        **values: Any,
    ) -> None:
        """Analyse one frame a second with so many people in the first, second, … zone."""
        for _ in range(seconds):
            self.world.clock.advance(1)
            self.stream_s += 1.0
            self.frame(*counts, camera=camera, trust=trust, **values)

    def frame(
        self,
        *counts: float,
        camera: RiskAssessment = CALM,
        trust: Trust = Trust.OK,
        places: CameraPlaces | None = None,
        **values: Any,
    ) -> None:
        """Analyse one frame, of ``places`` as they were drawn some time."""
        drawn = places or self.places
        readings = PlaceReadings(
            drawn.version,
            tuple(
                zone_reading(count, zone_id=zone.zone_id, **({"trust": trust} | values))
                for zone, count in zip(drawn.zones, counts, strict=True)
            ),
        )
        self.world.show(
            camera,
            camera_id=self.camera_id,
            trust=trust,
            stream_time_s=self.stream_s,
            run_id=self.run_id,
            is_recorded=self.is_recorded,
            camera_places=drawn,
            places=readings,
            zone_risks=self.risks.update(
                drawn, readings, stream_time_s=self.stream_s, segment=self.run_id
            ),
        )

    def draw(self, *zones: Zone, tells: bool = True) -> None:
        """Change the zones; ``tells`` the manager as the service does."""
        self.places = builders.camera_places(*zones, version=self.places.version + 1)
        self.store()
        if tells:
            self.world.manager.set_places(self.camera_id, self.places)

    def restart_camera(self) -> None:
        """Begin a new run of the camera: nothing of the old one's levels is left."""
        self.run_id += 1
        self.stream_s = 0.0
        self.risks = ZoneRisks(RiskParams())

    def restart_process(self) -> ZoneWorld:
        """Return the same camera in the next process."""
        after = replace(self, world=self.world.restart(), risks=ZoneRisks(RiskParams()))
        after.places, after.run_id = self.places, self.run_id + 1
        after.store()
        return after

    def lose(self, *, seconds: int, state: CameraState = CameraState.RECONNECTING) -> None:
        """Let the camera deliver nothing for so long."""
        self.world.status(state, camera_id=self.camera_id, message="No answer.")
        self.world.silence(seconds=seconds)
        self.world.status(CameraState.RUNNING, camera_id=self.camera_id)

    def of(self, zone_id: int | None) -> list[Alert]:
        """Return the incidents of a zone, or of the camera as a whole."""
        return [row for row in self.world.alerts() if row.zone_id == zone_id]
