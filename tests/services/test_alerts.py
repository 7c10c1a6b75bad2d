"""AlertManager: one incident per breach, committed before told, surviving what fails."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from backend.core.camera import CameraState, SourceType
from backend.core.errors import ConflictError, NotFoundError, PermissionDeniedError
from backend.core.risk import RiskLevel
from backend.core.trust import Trust
from backend.db.alert_store import AlertFilter
from backend.db.alerts import AlertStatus
from backend.db.cameras import Camera
from tests.builders import ManualClock
from tests.database import make_engine
from tests.services.alert_world import OPERATOR, VIEWER, AlertWorld, crowding

SAFE, CAUTION, WARNING, CRITICAL = (crowding(level) for level in RiskLevel)


@pytest.fixture
def world(manual_clock: ManualClock, tmp_path: Path) -> Iterator[AlertWorld]:
    engine = make_engine()
    made = AlertWorld(manual_clock, tmp_path / "evidence", engine)
    made.add_camera()
    yield made
    engine.dispose()


def test_a_calm_place_is_silent(world: AlertWorld) -> None:
    world.play(SAFE, seconds=120)
    assert world.alerts() == []
    assert world.deliveries() == []
    assert world.notices == []


def test_a_breach_is_one_incident_however_long_it_lasts(world: AlertWorld) -> None:
    world.play(WARNING, seconds=300)
    alert = world.only()
    assert (alert.level, alert.status, alert.origin) == (2, "ACTIVE", "LIVE")
    assert (alert.place_name, alert.family, alert.cause) == ("Gate 1", "crowding", "density")
    assert alert.causes[0]["level"] == "WARNING"
    assert alert.metrics["count"] == 120.0
    assert alert.peak_count == 120.0
    assert world.kinds(alert.id) == ["opened"]
    assert len(world.deliveries()) == 1
    assert world.woken > 0


def test_the_message_says_what_where_since_when_and_what_to_do(world: AlertWorld) -> None:
    world.play(WARNING, seconds=2)
    (delivery,) = world.deliveries()
    assert delivery.payload["headline"] == "WARNING · Gate 1: crowding"
    body = "\n".join(delivery.payload["lines"])
    for words in (
        "Density is 4.6 people per m², the limit is 4.0.",
        "Since 01 Jan 2026, 12:00:01 UTC.",
        "People: 120 (120–120).",
        "The numbers are reliable.",
        "What to do: Slow the inflow",
        f"incident {world.only().id}",
    ):
        assert words in body
    assert delivery.payload["picture"] == world.only().snapshot_path


def test_caution_is_shown_but_not_sent(world: AlertWorld) -> None:
    world.play(CAUTION, seconds=5)
    assert world.only().level == 1
    assert world.deliveries() == []


def test_the_picture_is_kept_with_the_incident(world: AlertWorld) -> None:
    world.play(WARNING, seconds=1)
    path = world.service.picture(VIEWER, world.only().id)
    assert path.read_bytes() == b"\xff\xd8jpeg"


@pytest.mark.parametrize("is_ill", [False, True])
def test_no_picture_holds_no_alarm_back(world: AlertWorld, is_ill: bool) -> None:
    world.picture, world.encoder_is_ill = None, is_ill
    world.play(WARNING, seconds=1)
    assert world.manager.stats().pictures_failed == int(is_ill)
    assert world.only().snapshot_path is None
    with pytest.raises(NotFoundError):
        world.service.picture(VIEWER, world.only().id)


def test_getting_worse_is_told_again_and_has_to_be_acknowledged_again(world: AlertWorld) -> None:
    world.play(WARNING, seconds=3)
    world.service.acknowledge(OPERATOR, world.only().id, "on my way")
    assert world.only().status == "ACKNOWLEDGED"
    world.play(CRITICAL, seconds=3)
    alert = world.only()
    assert (alert.level, alert.peak_level, alert.status) == (3, 3, "ACTIVE")
    assert world.kinds(alert.id) == ["opened", "acknowledged", "escalated"]
    assert [d.payload["headline"].split(" ")[0] for d in world.deliveries()] == [
        "WARNING",
        "CRITICAL",
    ]


def test_it_clears_by_itself_and_says_so(world: AlertWorld) -> None:
    world.play(WARNING, seconds=3)
    world.play(SAFE, seconds=40)
    alert = world.only()
    assert (alert.status, alert.resolved_by) == ("RESOLVED", None)
    assert alert.resolved_at is not None
    assert world.kinds(alert.id) == ["opened", "cleared"]
    assert world.deliveries()[-1].payload["headline"].startswith("OVER")
    world.play(WARNING, seconds=5)
    assert len(world.alerts()) == 1, "the cooldown holds"
    world.play(WARNING, seconds=70)
    assert len(world.alerts()) == 2


def test_nobody_is_told_before_the_commit(world: AlertWorld) -> None:
    with world.database() as session, session.begin():
        session.execute(text("ALTER TABLE alert_events RENAME TO away"))
    world.play(CRITICAL, seconds=3)
    assert world.alerts() == [], "all or nothing"
    assert world.notices == []
    stats = world.manager.stats()
    assert stats.unwritten >= 1
    assert stats.write_errors >= 1
    with world.database() as session, session.begin():
        session.execute(text("ALTER TABLE away RENAME TO alert_events"))
    world.silence(seconds=2)
    assert world.only().level == 3
    assert len(world.deliveries()) == 1
    assert world.notices[0].alert.level == "CRITICAL"
    assert world.manager.stats().unwritten == 0


def test_a_restart_goes_on_with_the_incident(world: AlertWorld) -> None:
    world.play(WARNING, seconds=5)
    after = world.restart()
    after.play(WARNING, seconds=60)
    assert len(after.alerts()) == 1
    assert len(after.deliveries()) == 1
    after.play(SAFE, seconds=40)
    assert after.only().status == "RESOLVED"


def test_a_place_that_was_crowded_and_goes_dark_is_blind(world: AlertWorld) -> None:
    world.play(CAUTION, seconds=3)
    world.status(CameraState.RECONNECTING, message="No answer.")
    world.silence(seconds=60)
    crowd, blind = world.alerts()
    assert (crowd.status, crowd.level) == ("ACTIVE", 1), "nothing resolves by itself"
    assert (blind.family, blind.level, blind.trust) == ("blindness", 2, "unknown")
    current = world.live.current(1)
    assert current is not None
    assert (current.risk_level, current.trust) == ("WARNING", "unknown")
    assert current.causes[0].name == "blindness"
    assert "Send a steward" in "\n".join(world.deliveries()[-1].payload["lines"])


def test_a_safe_place_that_goes_dark_raises_nothing(world: AlertWorld) -> None:
    world.play(SAFE, seconds=3)
    world.silence(seconds=60)
    assert world.alerts() == []
    current = world.live.current(1)
    assert current is not None
    assert (current.trust, current.risk_level) == ("unknown", "SAFE")


def test_a_frozen_picture_is_blind_too(world: AlertWorld) -> None:
    world.play(WARNING, seconds=3)
    for _ in range(30):
        world.clock.advance(1)
        world.show(SAFE, trust=Trust.UNKNOWN)
    families = {alert.family: alert.status for alert in world.alerts()}
    assert families == {"crowding": "ACTIVE", "blindness": "ACTIVE"}


def test_a_restart_does_not_forget_that_a_place_was_crowded(world: AlertWorld) -> None:
    world.play(CRITICAL, seconds=3)
    after = world.restart()
    after.silence(seconds=30)
    assert {alert.family for alert in after.alerts()} == {"crowding", "blindness"}


def test_stopping_the_camera_resolves_nothing(world: AlertWorld) -> None:
    world.play(WARNING, seconds=3)
    world.status(CameraState.STOPPED)
    world.silence(seconds=120)
    assert {alert.status for alert in world.alerts()} == {"ACTIVE"}


def test_a_person_decides_that_a_blind_place_is_fine(world: AlertWorld) -> None:
    world.play(CAUTION, seconds=3)
    world.silence(seconds=30)
    crowd, blind = world.alerts()
    world.service.resolve(OPERATOR, blind.id, "I went there, it is empty")
    world.service.resolve(OPERATOR, crowd.id, "")
    world.silence(seconds=120)
    assert len(world.alerts()) == 2
    current = world.live.current(1)
    assert current is not None
    assert current.trust == "unknown"


def test_fresh_pictures_end_blindness(world: AlertWorld) -> None:
    world.play(CAUTION, seconds=3)
    world.silence(seconds=30)
    world.play(SAFE, seconds=60)
    assert {alert.status for alert in world.alerts()} == {"RESOLVED"}
    current = world.live.current(1)
    assert current is not None
    assert (current.trust, current.risk_level) == ("ok", "SAFE")


def test_resolving_is_refused_while_it_is_critical(world: AlertWorld) -> None:
    world.play(CRITICAL, seconds=3)
    with pytest.raises(ConflictError, match="CRITICAL right now: Density is"):
        world.service.resolve(OPERATOR, world.only().id, "")
    assert world.only().status == "ACTIVE"


def test_a_resolved_breach_that_goes_on_opens_again_after_the_cooldown(world: AlertWorld) -> None:
    world.play(WARNING, seconds=3)
    resolved = world.service.resolve(OPERATOR, world.only().id, "false alarm")
    assert (resolved.status, resolved.resolved_by) == ("RESOLVED", "olga")
    world.play(WARNING, seconds=50)
    assert len(world.alerts()) == 1
    world.play(WARNING, seconds=20)
    assert [alert.status for alert in world.alerts()] == ["RESOLVED", "ACTIVE"]


def test_decisions_are_made_once_and_by_operators(world: AlertWorld) -> None:
    world.play(WARNING, seconds=1)
    alert_id = world.only().id
    with pytest.raises(PermissionDeniedError):
        world.service.acknowledge(VIEWER, alert_id, "")
    with pytest.raises(NotFoundError):
        world.service.acknowledge(OPERATOR, 999, "")
    world.service.acknowledge(OPERATOR, alert_id, " seen ")
    with pytest.raises(ConflictError, match="already by olga"):
        world.service.acknowledge(OPERATOR, alert_id, "")
    world.service.resolve(OPERATOR, alert_id, "")
    with pytest.raises(ConflictError):
        world.service.resolve(OPERATOR, alert_id, "")
    detail = world.service.get(VIEWER, alert_id)
    assert [event.kind for event in detail.events] == ["opened", "acknowledged", "resolved"]
    assert detail.events[1].detail == {"note": "seen"}
    assert [delivery.state for delivery in detail.deliveries] == ["PENDING"]


def test_a_recording_is_marked_kept_apart_and_never_sent(world: AlertWorld) -> None:
    world.add_camera(2, source_type=SourceType.UPLOAD)
    for second in range(30):
        world.show(CRITICAL, camera_id=2, stream_time_s=float(second), is_recorded=True)
    alert = world.only()
    assert (alert.origin, alert.opened_at.second) == ("RECORDED", 0)
    assert world.deliveries() == []
    assert world.notices[0].is_private
    assert world.service.page(VIEWER, AlertFilter(), page=1, per_page=10).total == 0
    assert world.service.page(OPERATOR, AlertFilter(), page=1, per_page=10).total == 1
    with pytest.raises(NotFoundError):
        world.service.get(VIEWER, alert.id)
    world.silence(seconds=60)
    assert len(world.alerts()) == 1, "a finished recording is not blind"


def test_analysing_a_recording_again_finds_the_same_incident(world: AlertWorld) -> None:
    world.add_camera(2, source_type=SourceType.UPLOAD)
    for run_id in (1, 2):
        for second in range(20):
            world.show(
                WARNING if second >= 10 else SAFE,
                camera_id=2,
                stream_time_s=float(second),
                run_id=run_id,
                is_recorded=True,
            )
    assert world.kinds(world.only().id) == ["opened"]


def test_a_simulated_crush_is_marked_counted_apart_and_never_sent(world: AlertWorld) -> None:
    world.add_camera(2, source_type=SourceType.SIMULATED)
    world.play(CRITICAL, seconds=20, camera_id=2)
    alert = world.only()
    assert (alert.origin, alert.level, alert.status) == ("SIMULATED", 3, "ACTIVE")
    assert world.deliveries() == []
    assert not world.notices[0].is_private, "whoever sees the camera sees its incident"
    assert world.service.page(VIEWER, AlertFilter(), page=1, per_page=10).total == 1
    assert world.service.count_unacknowledged(OPERATOR) == 0, "it waits for nobody"
    world.play(WARNING, seconds=2)
    assert [row.origin for row in world.alerts()] == ["SIMULATED", "LIVE"]
    assert len(world.deliveries()) == 1
    assert world.service.count_unacknowledged(OPERATOR) == 1
    world.play(SAFE, seconds=120, camera_id=2)
    assert world.alerts()[0].status == "RESOLVED"
    assert alert.id not in {sent.alert_id for sent in world.deliveries()}, "nor is its end"


@pytest.mark.parametrize("is_deleted", [False, True])
def test_with_the_simulation_its_incidents_are_over(world: AlertWorld, is_deleted: bool) -> None:
    world.add_camera(2, source_type=SourceType.SIMULATED)
    world.play(CRITICAL, seconds=5, camera_id=2)
    if is_deleted:
        world.live.forget(2)
        world.manager.forget(2)
    else:
        world.status(CameraState.STOPPED, camera_id=2)
    world.silence(seconds=30)
    alert = world.only()
    assert (alert.status, alert.resolved_by, alert.family) == ("RESOLVED", "system", "crowding")
    assert world.notices[-1].alert.status == "RESOLVED"
    if not is_deleted:
        world.status(CameraState.RUNNING, camera_id=2)
        world.play(CRITICAL, seconds=5, camera_id=2)
        assert [row.status for row in world.alerts()] == ["RESOLVED", "ACTIVE"]


def test_after_a_restart_a_simulated_incident_goes_on_as_one(world: AlertWorld) -> None:
    world.add_camera(2, source_type=SourceType.SIMULATED)
    world.play(CRITICAL, seconds=5, camera_id=2)
    after = world.restart()
    after.play(CRITICAL, seconds=5, camera_id=2)
    assert (after.only().origin, after.deliveries()) == ("SIMULATED", [])


def test_a_deleted_camera_leaves_its_open_incident(world: AlertWorld) -> None:
    world.play(WARNING, seconds=3)
    with world.database() as session, session.begin():
        session.delete(session.get(Camera, 1))
    world.live.forget(1)
    world.manager.forget(1)
    world.show(WARNING)
    alert = world.only()
    assert (alert.camera_id, alert.status) == (None, AlertStatus.ACTIVE.value)
    assert world.service.resolve(OPERATOR, alert.id, "camera gone").status == "RESOLVED"


def test_the_queue_is_bounded_and_counts_what_it_drops(world: AlertWorld) -> None:
    seen = world.show(SAFE)
    for _ in range(80):
        world.manager.take(seen)
    stats = world.manager.stats()
    assert (stats.waiting, stats.dropped) == (50, 30)


def test_the_thread_commits_what_is_queued_before_it_ends(world: AlertWorld) -> None:
    world.manager.start()
    world.manager.take(world.show(CRITICAL))
    world.manager.stop()
    world.manager.stop()
    assert world.only().level == 3
    assert not world.manager.stats().is_running


def test_unacknowledged_are_counted(world: AlertWorld) -> None:
    world.play(WARNING, seconds=1)
    assert world.service.count_unacknowledged(VIEWER) == 1
    world.service.acknowledge(OPERATOR, world.only().id, "")
    assert world.service.count_unacknowledged(VIEWER) == 0
