"""Places of one camera without a database: never more incidents than breaches."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.core.places import CameraPlaces, PlaceReadings
from backend.core.risk import RiskLevel
from backend.core.trust import Trust
from backend.risk.alert_params import AlertParams
from backend.risk.alert_rules import ChangeKind, IncidentFamily
from backend.risk.params import RiskParams
from backend.risk.zone_risks import ZoneRisks
from backend.services.camera_alerts import CameraAlerts, PlaceChange
from tests import builders
from tests.services.zone_world import zone_reading

LIMIT = 50
ZONE = builders.zone(1, name="Gate B", count_limit=LIMIT)


@dataclass
class Script:
    """One camera driven second by second."""

    camera: CameraAlerts = field(default_factory=lambda: CameraAlerts(1, AlertParams()))
    places: CameraPlaces = field(default_factory=lambda: builders.camera_places(ZONE))
    risks: ZoneRisks = field(default_factory=lambda: ZoneRisks(RiskParams()))
    now_s: float = 1000.0
    run_id: int = 1
    changes: list[PlaceChange] = field(default_factory=list)

    def frame(self, count: float, trust: Trust = Trust.OK) -> None:
        """Analyse one frame and let a second pass."""
        readings = PlaceReadings(
            self.places.version,
            tuple(
                zone_reading(count, zone_id=zone.zone_id, trust=trust) for zone in self.places.zones
            ),
        )
        seen = builders.snapshot(
            run_id=self.run_id,
            stream_time_s=self.now_s,
            published_mono_s=self.now_s,
            camera_places=self.places,
            places=readings,
            zone_risks=self.risks.update(
                self.places, readings, stream_time_s=self.now_s, segment=self.run_id
            ),
        )
        self.camera.set_places(self.places)
        self.changes += self.camera.observe(seen, at_s=self.now_s, planned_interval_s=1.0)
        self.tick()

    def tick(self) -> None:
        """Let a second pass."""
        self.changes += self.camera.tick(now_mono_s=self.now_s, lost_reason="")
        self.now_s += 1.0

    def restart(self) -> None:
        """Begin a new run of the camera."""
        self.run_id += 1
        self.risks = ZoneRisks(RiskParams())

    def kinds(self, family: IncidentFamily = IncidentFamily.CAPACITY) -> list[ChangeKind]:
        """Return what happened to the incidents of a family."""
        return [
            found.change.kind
            for found in self.changes
            if found.change.incident.family is family and found.change.kind is not ChangeKind.UPDATE
        ]


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["count", "count", "count", "unknown", "silence", "restart"]),
        st.integers(0, 100),
        st.integers(1, 40),
    ),
    min_size=1,
    max_size=12,
)


@settings(deadline=None, max_examples=60)
@given(EVENTS)
def test_there_are_never_more_incidents_than_breaches(
    events: list[tuple[str, int, int]],
) -> None:
    script = Script()
    breaches, was_over = 0, False
    for kind, count, seconds in events:
        if kind == "restart":
            script.restart()
        for _ in range(seconds):
            if kind == "silence":
                script.tick()
            elif kind == "unknown":
                script.frame(count, Trust.UNKNOWN)
            else:
                script.frame(count)
                breaches += count >= LIMIT and not was_over
                was_over = count >= LIMIT
    kinds = script.kinds()
    assert kinds.count(ChangeKind.OPEN) <= breaches
    assert kinds == [ChangeKind.OPEN, ChangeKind.CLEAR] * (len(kinds) // 2) + (
        [ChangeKind.OPEN] if len(kinds) % 2 else []
    )
    if breaches == 0:
        assert script.changes == []


def test_every_breach_that_lasts_is_an_incident() -> None:
    script = Script()
    for _ in range(5):
        for count, seconds in ((LIMIT, 15), (0, 130)):
            for _ in range(seconds):
                script.frame(count)
    assert script.kinds() == [ChangeKind.OPEN, ChangeKind.CLEAR] * 5


@pytest.mark.parametrize("version", [0, 1])
def test_older_places_change_nothing(version: int) -> None:
    camera = CameraAlerts(1, AlertParams())
    camera.set_places(builders.camera_places(ZONE, version=5))
    assert camera.set_places(builders.camera_places(version=version)) == ()
    assert camera.set_places(builders.camera_places(ZONE, version=5)) == ()


def test_a_zone_without_a_state_closes_nothing() -> None:
    camera = CameraAlerts(1, AlertParams())
    camera.set_places(builders.camera_places(ZONE, version=1))
    assert camera.set_places(builders.camera_places(version=2)) == ()


def test_readings_of_zones_that_are_not_drawn_are_left_out() -> None:
    script = Script()
    script.frame(60)
    stray = replace(script.places, zones=())
    seen = builders.snapshot(
        camera_places=stray,
        places=PlaceReadings(1, (zone_reading(60),)),
        zone_risks=script.risks.update(
            script.places, PlaceReadings(1, (zone_reading(60),)), stream_time_s=1.0, segment=1
        ),
    )
    camera = CameraAlerts(1, AlertParams())
    camera.set_places(stray)
    assert camera.observe(seen, at_s=0.0, planned_interval_s=None) == ()
    assert list(camera.zones) == []


def test_the_camera_comes_first_and_its_zones_after_it() -> None:
    script = Script(places=builders.camera_places(ZONE, builders.zone(2)))
    script.frame(10)
    names = [place.name.zone_id for place in script.camera.places]
    assert names == [None, 1, 2]


def test_settings_reach_every_place() -> None:
    script = Script()
    for _ in range(15):
        script.frame(60)
    script.camera.set_params(AlertParams(clear_s=2.0))
    for _ in range(34):
        script.frame(0)
    assert script.kinds() == [ChangeKind.OPEN, ChangeKind.CLEAR]


def test_held_levels_are_those_of_each_place() -> None:
    script = Script()
    for _ in range(15):
        script.frame(60)
    for _ in range(30):
        script.tick()
    held = script.camera.zones[1].held
    assert (held.is_unknown, held.level) == (True, RiskLevel.WARNING)
    assert script.camera.whole.held.level is RiskLevel.SAFE
    assert script.kinds(IncidentFamily.BLINDNESS) == [ChangeKind.OPEN]
