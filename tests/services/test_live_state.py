"""Current numbers: never shown as live when they are not."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import pytest

from backend.core.camera import CameraState, JobState, SourceType
from backend.core.measurements import NO_QUALITIES, Quality
from backend.core.risk import Cause, RiskLevel
from backend.core.snapshot import CameraStatus, JobProgress
from backend.core.trust import Trust
from backend.pipeline.snapshot_bus import SnapshotBus
from backend.risk.blindness import HeldRisk
from backend.services.calibration.facts import CalibrationFacts
from backend.services.live_state import CameraFacts, LiveState
from backend.services.metric_views import MetricView
from tests import builders
from tests.builders import ManualClock

BLIND = Cause("blindness", RiskLevel.WARNING, None, None, "", "Nobody can see it.")


class World:
    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.bus = SnapshotBus()
        self.live = LiveState(mailboxes=self.bus, clock=clock)

    def know(
        self, source_type: SourceType = SourceType.RTSP, *, target_fps: float | None = None
    ) -> None:
        self.live.remember(CameraFacts(1, "Gate", source_type, None, target_fps))

    def publish(
        self,
        *,
        trust: Trust = Trust.OK,
        is_recorded: bool = False,
        quality: Mapping[str, Quality] = NO_QUALITIES,
        planned_interval_s: float | None = None,
    ) -> None:
        reason = "" if trust is Trust.OK else "?"
        crowd = builders.metrics(count=7.0, trust=trust, trust_reason=reason, quality=quality)
        drawn = builders.camera_places(builders.zone(), builders.counting_line())
        snapshot = builders.snapshot(
            crowd=crowd,
            published_mono_s=self.clock.monotonic(),
            is_recorded=is_recorded,
            camera_places=drawn,
            places=builders.place_readings(drawn, count=2.0),
        )
        planned = dataclasses.replace(snapshot, planned_interval_s=planned_interval_s)
        self.bus.publish(planned, builders.frame())

    def current(self) -> MetricView:
        found, apart = self.live.current(1), self.live.places(1)
        assert found is not None
        assert apart is not None
        assert (apart.camera_id, apart.run_id, apart.age_s, apart.places) == (
            found.camera_id,
            found.run_id,
            found.age_s,
            found.places,
        ), "zones and lines are the same, asked for with the camera's numbers or alone"
        return found

    def place_trusts(self) -> tuple[str, str]:
        places = self.current().places
        assert places is not None
        return places.zones[0].trust, places.lines[0].trust

    def zone_level(self) -> str | None:
        places = self.current().places
        assert places is not None
        return places.zones[0].risk_level

    def is_fresh_and_trusted(self) -> bool:
        return self.live.is_fresh(1) and self.current().trust == "ok"


@pytest.fixture
def world(manual_clock: ManualClock) -> World:
    return World(manual_clock)


def test_nothing_is_known_before_the_first_frame(world: World) -> None:
    assert world.live.current(1) is None
    assert world.live.places(1) is None
    world.know()
    assert world.live.current(1) is None
    assert world.live.status(1).status == "offline"
    assert not world.live.is_fresh(1)


def test_zones_and_lines_become_unknown_with_the_rest(world: World) -> None:
    world.know()
    world.publish()
    assert world.place_trusts() == ("ok", "ok")
    world.clock.advance(3.1)
    assert world.place_trusts() == ("unknown", "unknown")
    places = world.current().places
    assert places is not None
    assert places.zones[0].count == 2.0
    assert "No picture" in places.zones[0].trust_reason


def test_a_zone_that_cannot_be_seen_keeps_the_level_held_for_it(world: World) -> None:
    world.know()
    world.publish()
    calm, full = HeldRisk(RiskLevel.SAFE, is_unknown=True), HeldRisk(RiskLevel.WARNING)
    world.live.set_hold(1, calm, {1: full})
    assert world.zone_level() is None, "fresh numbers speak for themselves"
    world.clock.advance(3.1)
    assert world.zone_level() == "WARNING"
    assert world.current().risk_level == "SAFE"
    world.live.set_hold(1, HeldRisk(RiskLevel.SAFE), {1: full})
    assert world.zone_level() is None


@pytest.mark.parametrize(("target_fps", "stale_s"), [(None, 3.0), (25.0, 3.0), (0.2, 15.0)])
def test_numbers_age_and_become_unknown(
    world: World, target_fps: float | None, stale_s: float
) -> None:
    world.know(target_fps=target_fps)
    world.publish()
    world.clock.advance(stale_s)
    assert (world.current().trust, world.current().age_s) == ("ok", stale_s)
    assert world.live.is_fresh(1)
    world.clock.advance(0.1)
    metric = world.current()
    assert (metric.trust, metric.count) == ("unknown", 7.0)
    assert "No picture" in metric.trust_reason
    assert not world.live.is_fresh(1)


def test_frames_left_out_for_want_of_processor_time_do_not_make_numbers_old(world: World) -> None:
    world.know(target_fps=5.0)
    world.publish(planned_interval_s=2.5)
    world.clock.advance(7.5)
    assert world.is_fresh_and_trusted()
    world.clock.advance(0.1)
    assert world.current().trust == "unknown"


def test_the_held_level_is_shown_while_unknown_and_only_then(world: World) -> None:
    world.know()
    world.publish()
    world.live.set_hold(1, HeldRisk(RiskLevel.WARNING, (BLIND,), is_unknown=True, reason="dark"))
    assert world.current().risk_level == "SAFE"
    world.clock.advance(10)
    assert world.current().risk_level == "WARNING"
    assert [cause.name for cause in world.current().causes] == ["blindness"]
    world.live.set_hold(1, HeldRisk(RiskLevel.SAFE))
    assert world.current().risk_level == "SAFE"


def test_a_frame_of_unknown_trust_shows_the_held_level_at_once(world: World) -> None:
    world.know()
    world.publish(trust=Trust.UNKNOWN)
    world.live.set_hold(1, HeldRisk(RiskLevel.CRITICAL, (BLIND,), is_unknown=True))
    assert (world.current().trust, world.current().risk_level) == ("unknown", "CRITICAL")


def test_of_a_frame_without_its_calibration_the_count_is_still_believed(world: World) -> None:
    world.know()
    moved = Quality(Trust.UNKNOWN, "It was moved.")
    world.publish(trust=Trust.UNKNOWN, quality={"count": Quality(Trust.OK, ""), "area_m2": moved})
    shown = world.current().quantities
    assert shown is not None
    assert (shown["count"].trust, shown["area_m2"].trust) == ("ok", "unknown")
    world.clock.advance(10)
    shown = world.current().quantities
    assert shown is not None
    assert shown["count"].trust == "unknown"


def test_a_recording_is_current_only_while_it_is_analysed(world: World) -> None:
    world.know(SourceType.UPLOAD)
    world.publish(is_recorded=True)
    assert world.current().trust == "unknown"
    for state, trust in ((JobState.ANALYSING, "ok"), (JobState.FINISHED, "unknown")):
        world.bus.publish_status(CameraStatus(1, CameraState.RUNNING, job=JobProgress(state)))
        assert world.current().trust == trust
    assert "not being analysed" in world.current().trust_reason


def test_the_fault_of_a_calibration_is_said_while_it_matters(world: World) -> None:
    world.know()
    assert world.live.calibration(1) == CalibrationFacts()
    moved = CameraStatus(1, CameraState.RUNNING, "It was moved.", calibration_fault="It was moved.")
    world.bus.publish_status(moved)
    assert world.live.status(1).calibration_fault == "It was moved."
    world.bus.publish_status(dataclasses.replace(moved, state=CameraState.STOPPED, message=""))
    assert world.live.status(1).calibration_fault == ""
    world.live.set_calibration(1, CalibrationFacts(fault="Damaged."))
    shown = world.live.status(1)
    assert (shown.calibration_fault, shown.message) == ("Damaged.", "")
    world.bus.publish_status(CameraStatus(1, CameraState.RUNNING))
    assert world.live.status(1).message == "Damaged."
    world.bus.publish_status(CameraStatus(1, CameraState.RUNNING, "Black."))
    assert world.live.status(1).message == "Black."
    world.live.note_landmarks(1, 3)
    assert world.live.calibration(1).has_background is False
    world.live.set_calibration(1, CalibrationFacts(version=3))
    world.live.note_landmarks(1, 2)
    assert world.live.calibration(1).has_background is False
    world.live.note_landmarks(1, 3)
    assert world.live.calibration(1) == CalibrationFacts(3, has_background=True)
    world.live.forget(1)
    assert world.live.calibration(1).version is None


def test_the_status_says_how_old_the_last_frame_is_now(world: World) -> None:
    world.know()
    world.publish()
    world.bus.publish_status(
        CameraStatus(1, CameraState.RECONNECTING, "No answer.", last_frame_age_s=0.5)
    )
    world.clock.advance(4)
    status = world.live.status(1)
    assert (status.status, status.last_frame_age_s) == ("reconnecting", 4.0)
    world.live.forget(1)
    assert world.live.current(1) is None
