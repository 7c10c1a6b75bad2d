"""What cameras see of locations: nothing that is old is shown as live."""

from __future__ import annotations

from typing import Any

import pytest

from backend.core.camera import CameraState, SourceType
from backend.core.locations import AreaRef, LineRef, Location, Overlap
from backend.core.measurements import Quality
from backend.core.places import LineReading, PlaceReadings
from backend.core.risk import RiskLevel, ZoneRisk
from backend.core.snapshot import CameraStatus
from backend.core.trust import Trust
from backend.pipeline.snapshot_bus import SnapshotBus
from backend.risk.blindness import HeldRisk
from backend.services.live_state import CameraFacts, LiveState
from backend.services.locations.sights import CameraSights
from tests import builders
from tests.builders import ManualClock
from tests.services.zone_world import zone_reading

WHOLE, GATE = AreaRef(1), AreaRef(1, 7)
DOOR = LineRef(1, 5, is_reversed=True)
HALL = Location(1, "Hall", areas=(WHOLE, GATE), lines=(DOOR,))
PLACES = builders.camera_places(builders.zone(7), builders.zone(8), builders.counting_line(5))
RISKS = (
    ZoneRisk(7, builders.assessment(level=RiskLevel.CAUTION)),
    ZoneRisk(8, builders.assessment(level=RiskLevel.WARNING)),
)


class Scene:
    """One camera and who looks at it."""

    def __init__(self, clock: ManualClock, kind: SourceType = SourceType.RTSP) -> None:
        self.clock = clock
        self.bus = SnapshotBus()
        self.live = LiveState(mailboxes=self.bus, clock=clock)
        self.live.remember(CameraFacts(1, "Gate", kind, None, None))
        self.cameras = CameraSights(self.live)
        self.cameras.want([HALL])

    def show(self, **values: Any) -> None:
        """Publish a frame with 40 people, 12 of them in the gate."""
        readings = PlaceReadings(
            PLACES.version,
            (
                zone_reading(12, zone_id=7, density_per_m2=1.5, peak_density_per_m2=2.5),
                zone_reading(9, zone_id=8),
            ),
            (LineReading(5, 30, 10, Trust.OK),),
        )
        crowd = {"count": 40.0, "count_low": 36.0, "count_high": 45.0} | values
        self.bus.publish(
            builders.snapshot(
                crowd=builders.metrics(**crowd),
                camera_places=PLACES,
                places=readings,
                zone_risks=RISKS,
                published_mono_s=self.clock.monotonic(),
                run_id=3,
            ),
            builders.frame(),
        )


@pytest.fixture
def scene(manual_clock: ManualClock) -> Scene:
    return Scene(manual_clock)


def test_areas_and_lines_are_as_they_were_measured(scene: Scene) -> None:
    scene.show(peak_density_per_m2=3.1, density_per_m2=1.1)
    seen = scene.cameras.look()
    whole, gate, door = seen.areas[WHOLE], seen.areas[GATE], seen.lines[DOOR]
    assert (whole.count, whole.count_low, whole.count_high) == (40, 36, 45)
    assert (whole.trust, whole.peak_density_per_m2) == (Trust.OK, 3.1)
    assert whole.risk_level is RiskLevel.WARNING, "the worst of the camera and its zones"
    assert (gate.count, gate.risk_level, gate.peak_density_per_m2) == (12, RiskLevel.CAUTION, 2.5)
    assert door.reading is not None
    assert (door.run_id, door.drawn.line_id, door.reading.count_in) == (3, 5, 30)


def test_what_nobody_has_seen_is_not_there(scene: Scene) -> None:
    assert scene.cameras.look().areas == {}
    scene.cameras.want([Location(1, "Hall", areas=(AreaRef(1, 99), AreaRef(2)))])
    scene.show()
    assert scene.cameras.look().areas == {}


def test_zones_of_an_overlap_are_looked_at_too(scene: Scene) -> None:
    overlap = Overlap((AreaRef(1, 8), AreaRef(2)))
    scene.cameras.want([Location(1, "Hall", areas=(WHOLE, AreaRef(2)), overlaps=(overlap,))])
    scene.show()
    assert set(scene.cameras.look().areas) == {WHOLE, AreaRef(1, 8)}


def test_a_silent_camera_keeps_its_numbers_and_loses_its_trust(scene: Scene) -> None:
    scene.show()
    scene.clock.advance(5)
    scene.bus.publish_status(CameraStatus(1, CameraState.RECONNECTING, "No answer."))
    held = HeldRisk(RiskLevel.CRITICAL, is_unknown=True, reason="lost")
    scene.live.set_hold(1, held, {7: held})
    seen = scene.cameras.look()
    for area, count in ((WHOLE, 40), (GATE, 12)):
        sight = seen.areas[area]
        assert (sight.count, sight.trust) == (count, Trust.UNKNOWN)
        assert sight.trust_reason == "No picture has been analysed for 5 s. No answer."
        assert sight.risk_level is RiskLevel.CRITICAL, "what is held counts"
    assert seen.lines[DOOR].reading is None


def test_a_picture_that_says_nothing_says_nothing_of_its_places(scene: Scene) -> None:
    scene.show(trust=Trust.UNKNOWN, trust_reason="The picture is frozen.")
    seen = scene.cameras.look()
    assert seen.areas[GATE].trust is Trust.UNKNOWN
    assert seen.areas[GATE].trust_reason == "The picture is frozen."
    assert seen.lines[DOOR].reading is None


def test_a_density_that_cannot_be_believed_is_none(scene: Scene) -> None:
    moved = {name: Quality(Trust.UNKNOWN) for name in ("peak_density_per_m2", "density_per_m2")}
    scene.show(peak_density_per_m2=3.1, density_per_m2=1.1, quality=moved)
    assert scene.cameras.look().areas[WHOLE].peak_density_per_m2 is None


def test_a_recording_shows_nothing_of_now(manual_clock: ManualClock) -> None:
    scene = Scene(manual_clock, SourceType.UPLOAD)
    scene.show()
    assert scene.cameras.look().areas == {}


def test_a_deleted_camera_shows_nothing(scene: Scene) -> None:
    scene.show()
    scene.live.forget(1)
    assert scene.cameras.look().areas == {}
    assert not scene.cameras.is_simulated(HALL)


def test_nobody_stands_before_a_simulation(manual_clock: ManualClock) -> None:
    assert Scene(manual_clock, SourceType.SIMULATED).cameras.is_simulated(HALL)
    assert not Scene(manual_clock).cameras.is_simulated(HALL)


def test_a_bug_with_one_camera_hides_that_one_only(scene: Scene) -> None:
    scene.live.remember(CameraFacts(2, "Bar", SourceType.RTSP, None, None))
    scene.cameras.want([Location(1, "Hall", areas=(AreaRef(2), WHOLE))])
    scene.bus.publish(
        builders.snapshot(
            camera_id=2,
            crowd=builders.metrics(quality=None),
            published_mono_s=scene.clock.monotonic(),
        ),
        builders.frame(),
    )
    scene.show()
    assert set(scene.cameras.look().areas) == {WHOLE}
    assert scene.cameras.failures == 1


def test_what_a_camera_no_longer_says_is_not_nobody(scene: Scene) -> None:
    scene.show()
    assert scene.cameras.look().areas[GATE].trust is Trust.OK
    scene.clock.advance(1)
    scene.bus.publish(
        builders.snapshot(
            crowd=builders.metrics(count=40.0),
            camera_places=PLACES,
            places=PlaceReadings(PLACES.version),
            published_mono_s=scene.clock.monotonic(),
        ),
        builders.frame(),
    )
    seen = scene.cameras.look().areas
    assert (seen[GATE].count, seen[GATE].trust) == (12, Trust.UNKNOWN)
    assert (seen[WHOLE].count, seen[WHOLE].trust) == (40, Trust.OK)
    scene.clock.advance(1)
    scene.show(quality=None)
    seen = scene.cameras.look().areas
    assert scene.cameras.failures == 1
    assert (seen[WHOLE].count, seen[WHOLE].trust) == (40, Trust.UNKNOWN)
