"""Incidents of zones: named by their place, one for each breach, gone with the zone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from backend.core.camera import CameraState, SourceType
from backend.core.errors import ConflictError
from backend.core.places import Zone
from backend.core.risk import RiskLevel
from backend.core.trust import Trust
from backend.db.cameras import Camera
from tests import builders
from tests.builders import ManualClock
from tests.database import make_engine
from tests.services.alert_world import OPERATOR, VIEWER, AlertWorld, crowding
from tests.services.zone_world import ZoneWorld

GATE = builders.zone(1, name="Gate B", count_limit=50)
STAGE = builders.zone(2, name="Front of stage", count_limit=50)
ELSEWHERE = ((0.0, 0.0), (0.2, 0.0), (0.2, 0.2))


@pytest.fixture
def world(manual_clock: ManualClock, tmp_path: Path) -> Iterator[AlertWorld]:
    engine = make_engine()
    made = AlertWorld(manual_clock, tmp_path / "evidence", engine)
    made.add_camera()
    yield made
    engine.dispose()


@pytest.fixture
def gate(world: AlertWorld) -> ZoneWorld:
    return ZoneWorld(world, (GATE,))


@pytest.fixture
def both(world: AlertWorld) -> ZoneWorld:
    return ZoneWorld(world, (GATE, STAGE))


def test_zones_below_their_limits_are_silent(both: ZoneWorld) -> None:
    both.play(49, 0, seconds=120)
    assert both.world.alerts() == []


def test_a_full_zone_is_one_incident_by_its_name(gate: ZoneWorld) -> None:
    gate.play(60, seconds=300)
    row = gate.world.only()
    assert (row.camera_id, row.zone_id, row.zone_name, row.place_name) == (1, 1, "Gate B", "Gate 1")
    assert (row.family, row.level, row.cause, row.peak_count) == ("capacity", 2, "people_limit", 60)
    assert (row.metrics["count"], row.metrics["zone_id"], row.trust) == (60, 1, "ok")
    assert gate.world.kinds(row.id) == ["opened"]
    alert = gate.world.service.get(VIEWER, row.id)
    assert (alert.place_name, alert.zone_id, alert.zone_name) == ("Gate B on Gate 1", 1, "Gate B")
    assert alert.has_snapshot
    (notice, *_updates) = gate.world.notices
    assert notice.alert.place_name == "Gate B on Gate 1"


def test_the_message_names_the_zone(gate: ZoneWorld) -> None:
    gate.play(60, seconds=12)
    (delivery,) = gate.world.deliveries()
    assert delivery.payload["headline"] == "WARNING · Gate B on Gate 1: too many people"
    body = "\n".join(delivery.payload["lines"])
    assert "60 people, the limit of this zone is 50." in body
    assert "People: 60 (60–60)." in body
    assert "What to do: Hold the entrances" in body
    gate.play(10, seconds=65)
    assert gate.world.deliveries()[-1].payload["headline"] == (
        "OVER · Gate B on Gate 1: too many people"
    )


def test_each_zone_has_its_own(both: ZoneWorld) -> None:
    both.play(60, 70, seconds=15)
    both.play(10, 70, seconds=70)
    assert [row.status for row in both.of(1)] == ["RESOLVED"]
    assert [row.status for row in both.of(2)] == ["ACTIVE"]


def test_the_camera_has_its_own_incident_as_ever(gate: ZoneWorld) -> None:
    gate.play(60, seconds=30, camera=crowding(RiskLevel.WARNING))
    (whole,) = gate.of(None)
    assert (whole.place_name, whole.zone_name, whole.family) == ("Gate 1", None, "crowding")
    assert whole.metrics["count"] == 120.0
    assert whole.metrics["places"] is None
    assert [row.family for row in gate.of(1)] == ["capacity"]


def test_dense_and_full_are_two_families_of_one_zone(gate: ZoneWorld) -> None:
    gate.play(60, seconds=12, peak_density_per_m2=4.5)
    assert {(row.family, row.level) for row in gate.of(1)} == {("capacity", 2), ("crowding", 2)}
    crowd = next(row for row in gate.of(1) if row.family == "crowding")
    assert (crowd.peak_density_per_m2, crowd.score) == (4.5, 50.0)
    gate.play(60, seconds=5, peak_density_per_m2=6.5)
    crowd = next(row for row in gate.of(1) if row.family == "crowding")
    assert (crowd.level, gate.world.kinds(crowd.id)) == (3, ["opened", "escalated"])
    with pytest.raises(ConflictError, match="CRITICAL right now"):
        gate.world.service.resolve(OPERATOR, crowd.id, "")


def test_it_clears_waits_and_opens_again(gate: ZoneWorld) -> None:
    gate.play(60, seconds=15)
    gate.play(10, seconds=62)
    assert gate.world.only().status == "RESOLVED"
    gate.play(60, seconds=30)
    assert len(gate.world.alerts()) == 1, "the cooldown holds"
    gate.play(60, seconds=60)
    assert [row.status for row in gate.of(1)] == ["RESOLVED", "ACTIVE"]


def test_unknown_clears_nothing(gate: ZoneWorld) -> None:
    gate.play(60, seconds=15)
    gate.play(0, seconds=300, trust=Trust.UNKNOWN)
    (full,) = (row for row in gate.of(1) if row.family == "capacity")
    assert full.status == "ACTIVE"


def test_at_least_so_many_is_an_alarm(gate: ZoneWorld) -> None:
    gate.play(60, seconds=12, trust=Trust.SATURATED, count_low=55, count_high=None)
    full = next(row for row in gate.of(1) if row.family == "capacity")
    assert (full.trust, full.status) == ("saturated", "ACTIVE")
    assert "People: at least 55." in "\n".join(gate.world.deliveries()[0].payload["lines"])


def test_a_saturated_counter_is_the_cameras_incident_and_not_one_for_each_zone(
    both: ZoneWorld,
) -> None:
    warned = crowding(RiskLevel.WARNING)
    saturated = replace(warned, causes=(replace(warned.causes[0], name="saturated"),))
    both.play(1, 2, seconds=30, camera=saturated, trust=Trust.SATURATED, count_high=None)
    assert both.world.only().zone_id is None


@pytest.mark.parametrize("tells", [True, False])
def test_a_deleted_zone_takes_its_incident_along_with_the_reason(
    both: ZoneWorld, tells: bool
) -> None:
    both.play(60, 60, seconds=15)
    both.draw(STAGE, tells=tells)
    if not tells:
        both.play(60, seconds=1)
    (gone,) = both.of(1)
    assert (gone.status, gone.resolved_by, gone.resolve_note) == (
        "RESOLVED",
        "system",
        "The zone was deleted.",
    )
    assert both.world.kinds(gone.id) == ["opened", "resolved"]
    assert both.world.notices[-1].alert.id == gone.id
    both.play(60, seconds=60)
    assert [row.status for row in both.of(2)] == ["ACTIVE"]
    assert len(both.world.alerts()) == 2


def test_frames_from_before_the_deletion_bring_nothing_back(gate: ZoneWorld) -> None:
    gate.play(60, seconds=15)
    before = gate.places
    gate.draw()
    for _ in range(20):
        gate.stream_s += 1
        gate.frame(60, places=before)
    assert gate.world.only().status == "RESOLVED"


def test_a_zone_drawn_anew_begins_anew(gate: ZoneWorld) -> None:
    gate.play(60, seconds=15)
    gate.draw(replace(GATE, corners=ELSEWHERE))
    assert gate.world.only().resolve_note == "The zone was drawn anew."
    gate.play(60, seconds=8)
    assert len(gate.world.alerts()) == 1
    gate.play(60, seconds=300)
    assert [row.status for row in gate.of(1)] == ["RESOLVED", "ACTIVE"]


@pytest.mark.parametrize(
    "changed",
    [
        replace(GATE, name="Gate C", colour="#ffffff"),
        replace(GATE, count_limit=55),
        replace(GATE, density_limit_per_m2=3.0),
    ],
)
def test_another_name_or_limit_leaves_an_incident_that_is_still_true(
    gate: ZoneWorld, changed: Zone
) -> None:
    gate.play(60, seconds=15)
    gate.draw(changed)
    gate.play(60, seconds=60)
    assert gate.world.only().status == "ACTIVE"


def test_a_limit_raised_over_the_count_ends_the_incident_by_itself(gate: ZoneWorld) -> None:
    gate.play(60, seconds=15)
    gate.draw(replace(GATE, count_limit=65))
    gate.play(60, seconds=32)
    row = gate.world.only()
    assert (row.status, row.resolved_by) == ("RESOLVED", None)


def test_an_incident_opens_under_the_new_name(gate: ZoneWorld) -> None:
    gate.play(10, seconds=5)
    gate.draw(replace(GATE, name="Gate C"))
    gate.play(60, seconds=12)
    assert gate.world.only().zone_name == "Gate C"


def test_a_camera_that_restarts_goes_on_with_the_incident(gate: ZoneWorld) -> None:
    gate.play(60, seconds=15)
    for _ in range(5):
        gate.restart_camera()
        gate.play(60, seconds=20)
    assert gate.world.only().status == "ACTIVE"
    assert len(gate.world.deliveries()) == 1


def test_a_process_that_restarts_goes_on_with_the_incident(both: ZoneWorld) -> None:
    both.play(60, 70, seconds=15)
    after = both.restart_process()
    after.play(60, 10, seconds=60)
    assert [row.status for row in after.of(1)] == ["ACTIVE"]
    assert [row.status for row in after.of(2)] == ["RESOLVED"]
    assert len(after.world.alerts()) == 2


def test_a_zone_deleted_while_nobody_looked_is_gone_after_a_restart(gate: ZoneWorld) -> None:
    gate.play(60, seconds=15)
    after = gate.restart_process()
    after.draw(STAGE)
    after.play(10, seconds=1)
    assert after.world.only().resolve_note == "The zone was deleted."


def test_a_zone_redrawn_out_of_sight_keeps_its_incident_until_it_is_seen(gate: ZoneWorld) -> None:
    gate.play(60, seconds=15)
    gate.lose(seconds=60)
    gate.draw(replace(GATE, corners=ELSEWHERE))
    assert [row.status for row in gate.of(1)] == ["ACTIVE", "ACTIVE"]
    gate.lose(seconds=600)
    assert {row.family for row in gate.of(1) if row.status == "ACTIVE"} == {"capacity", "blindness"}
    gate.play(10, seconds=120)
    assert [row.status for row in gate.of(1)] == ["RESOLVED", "RESOLVED"]


def test_a_zone_redrawn_after_a_restart_keeps_its_incident_while_the_camera_is_off(
    gate: ZoneWorld,
) -> None:
    gate.play(60, seconds=15)
    after = gate.restart_process()
    after.draw(replace(GATE, corners=ELSEWHERE))
    assert after.world.only().status == "ACTIVE"
    after.play(10, seconds=120)
    assert after.world.only().status == "RESOLVED"


def test_a_zone_renamed_after_a_restart_goes_on(gate: ZoneWorld) -> None:
    gate.play(60, seconds=15)
    after = gate.restart_process()
    after.draw(replace(GATE, name="Gate C", count_limit=55))
    after.play(60, seconds=60)
    assert after.world.only().status == "ACTIVE"


def test_a_zone_whose_deletion_nobody_was_told_of_is_gone_at_the_next_start(
    gate: ZoneWorld,
) -> None:
    gate.play(60, seconds=15)
    gate.draw(STAGE, tells=False)
    after = gate.restart_process()
    assert after.world.only().resolve_note == "The zone was deleted."


def test_a_full_zone_that_can_no_longer_be_seen_is_blind(both: ZoneWorld) -> None:
    both.play(60, 10, seconds=15)
    both.lose(seconds=60)
    full, blind = both.world.alerts()
    assert (full.family, full.status) == ("capacity", "ACTIVE")
    assert (blind.zone_id, blind.family, blind.level, blind.trust) == (1, "blindness", 2, "unknown")
    assert both.of(None) == []
    current = both.world.live.current(1)
    assert current is not None
    assert current.places is not None
    assert [zone.risk_level for zone in current.places.zones] == ["WARNING", "SAFE"]
    assert "blindness" in {cause.name for cause in current.places.zones[0].causes}
    headline = both.world.deliveries()[-1].payload["headline"]
    assert headline == "WARNING · Gate B on Gate 1: the camera can no longer see"
    both.play(60, 10, seconds=60)
    assert [row.status for row in both.world.alerts()] == ["ACTIVE", "RESOLVED"]


def test_a_crowded_camera_that_is_lost_is_one_incident_and_not_one_for_each_zone(
    both: ZoneWorld,
) -> None:
    both.play(60, 60, seconds=15, camera=crowding(RiskLevel.WARNING))
    both.lose(seconds=60)
    assert [row.zone_id for row in both.world.alerts() if row.family == "blindness"] == [None]
    whole = next(row for row in both.world.alerts() if row.family == "blindness")
    both.world.status(CameraState.RECONNECTING)
    both.world.service.resolve(OPERATOR, whole.id, "a steward is there")
    both.world.silence(seconds=120)
    assert len([row for row in both.world.alerts() if row.family == "blindness"]) == 1


def test_a_restart_does_not_forget_that_a_zone_was_full(gate: ZoneWorld) -> None:
    gate.play(60, seconds=15)
    after = gate.restart_process()
    after.world.silence(seconds=30)
    assert {(row.zone_id, row.family) for row in after.world.alerts()} == {
        (1, "capacity"),
        (1, "blindness"),
    }


def test_stopping_the_camera_resolves_nothing(gate: ZoneWorld) -> None:
    gate.play(60, seconds=15)
    gate.world.status(CameraState.STOPPED)
    gate.world.silence(seconds=120)
    assert {row.status for row in gate.world.alerts()} == {"ACTIVE"}


def test_time_unseen_is_no_time_without_breach(gate: ZoneWorld) -> None:
    gate.play(60, seconds=15)
    gate.restart_camera()
    gate.play(10, seconds=20)
    gate.lose(seconds=60)
    gate.play(10, seconds=20)
    assert [row.status for row in gate.of(1) if row.family == "capacity"] == ["ACTIVE"]


def test_a_person_resolves_a_zones_incident(gate: ZoneWorld) -> None:
    gate.play(60, seconds=15)
    gate.world.service.resolve(OPERATOR, gate.world.only().id, "it is meant to be")
    gate.play(60, seconds=50)
    assert len(gate.world.alerts()) == 1, "the cooldown holds"
    gate.play(60, seconds=20)
    assert [row.status for row in gate.of(1)] == ["RESOLVED", "ACTIVE"]


def test_a_deletion_waits_for_the_database(gate: ZoneWorld) -> None:
    gate.play(60, seconds=15)
    with gate.world.database() as session, session.begin():
        session.execute(text("ALTER TABLE alert_events RENAME TO away"))
    gate.draw()
    assert gate.world.only().status == "ACTIVE"
    assert gate.world.manager.stats().unwritten == 1
    with gate.world.database() as session, session.begin():
        session.execute(text("ALTER TABLE away RENAME TO alert_events"))
    gate.world.silence(seconds=2)
    assert gate.world.only().status == "RESOLVED"
    assert gate.world.manager.stats().unwritten == 0


def test_a_deletion_finds_that_a_person_came_first(gate: ZoneWorld) -> None:
    gate.play(60, seconds=15)
    gate.world.service.resolve(OPERATOR, gate.world.only().id, "seen")
    gate.draw()
    assert gate.world.only().resolve_note == "seen"


def test_a_deleted_camera_leaves_the_incidents_of_its_zones(gate: ZoneWorld) -> None:
    gate.play(60, seconds=15)
    with gate.world.database() as session, session.begin():
        session.delete(session.get(Camera, 1))
    gate.world.live.forget(1)
    gate.world.manager.forget(1)
    row = gate.world.only()
    assert (row.camera_id, row.zone_name, row.status) == (None, "Gate B", "ACTIVE")
    resolved = gate.world.service.resolve(OPERATOR, row.id, "camera gone")
    assert resolved.place_name == "Gate B on Gate 1"


def test_the_end_of_a_simulation_ends_the_incidents_of_its_zones(world: AlertWorld) -> None:
    world.add_camera(2, source_type=SourceType.SIMULATED)
    drawn = ZoneWorld(world, (GATE,), camera_id=2)
    drawn.play(60, seconds=15)
    assert (world.only().origin, world.deliveries()) == ("SIMULATED", [])
    world.status(CameraState.STOPPED, camera_id=2)
    world.silence(seconds=2)
    assert world.only().resolve_note == "The simulation has ended."


def test_a_recording_analysed_again_finds_the_incidents_of_its_zones(world: AlertWorld) -> None:
    world.add_camera(3, source_type=SourceType.UPLOAD)
    video = ZoneWorld(world, (GATE, STAGE), camera_id=3, is_recorded=True)
    for _ in range(2):
        video.play(60, 60, seconds=15)
        video.play(10, 60, seconds=65)
        video.restart_camera()
    assert [(row.zone_id, row.origin, row.status) for row in world.alerts()] == [
        (1, "RECORDED", "RESOLVED"),
        (2, "RECORDED", "ACTIVE"),
    ]


def test_a_zone_redrawn_on_a_recording_ends_its_incident(world: AlertWorld) -> None:
    world.add_camera(3, source_type=SourceType.UPLOAD)
    video = ZoneWorld(world, (GATE,), camera_id=3, is_recorded=True)
    video.play(60, seconds=15)
    video.draw(replace(GATE, corners=ELSEWHERE))
    assert world.only().resolve_note == "The zone was drawn anew."


def test_changed_zones_of_a_camera_without_a_state_are_nobodys_business(world: AlertWorld) -> None:
    world.manager.set_places(1, builders.camera_places(GATE))
    world.manager.set_places(99, builders.camera_places(GATE))
    assert world.alerts() == []
