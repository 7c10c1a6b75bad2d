"""The broadcaster: fixed rate, numbered, only to those who may see it."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import pytest

from backend.core.camera import SourceType
from backend.core.errors import AuthenticationError
from backend.core.locations import CountSource, Location, LocationReading
from backend.core.risk import RiskLevel
from backend.core.trust import Trust
from backend.db.accounts import Role
from backend.pipeline.snapshot_bus import SnapshotBus
from backend.realtime.connections import Connection, Connections
from backend.realtime.publisher import PublisherParams, RealtimePublisher
from backend.services.actor import Actor, Identity
from backend.services.alert_views import AlertView
from backend.services.camera_views import JobView
from backend.services.events import AlertNotice
from backend.services.live_state import CameraFacts, LiveState
from tests import builders
from tests.builders import EPOCH, ManualClock

JOB = JobView(
    state="analysing",
    fraction=0.5,
    frames_done=5,
    frames_total=10,
    stream_time_s=1.0,
    duration_s=2.0,
    original_name="clip.mp4",
    size_bytes=10,
    recorded_at=EPOCH,
    queued_at=EPOCH,
    started_at=EPOCH,
    finished_at=None,
    error="",
)
ALERT = AlertView(
    id=1,
    camera_id=1,
    place_name="Gate",
    family="crowding",
    level=RiskLevel.WARNING.name,
    peak_level=RiskLevel.WARNING.name,
    status="ACTIVE",
    origin="LIVE",
    cause="density",
    message="",
    causes=(),
    metrics={},
    trust="ok",
    score=None,
    peak_count=None,
    peak_density_per_m2=None,
    opened_at=EPOCH,
    updated_at=EPOCH,
    acknowledged_at=None,
    acknowledged_by=None,
    acknowledge_note="",
    resolved_at=None,
    resolved_by=None,
    resolve_note="",
    has_snapshot=False,
)


class FakeEmitter:
    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any], str | list[str]]] = []
        self.joined: list[tuple[str, str]] = []
        self.closed: list[str] = []
        self.was_called = threading.Event()

    def emit(self, event: str, payload: Mapping[str, Any], *, to: str | list[str]) -> None:
        self.events.append((event, dict(payload), to))
        self.was_called.set()

    def join(self, sid: str, room: str) -> None:
        self.joined.append((sid, room))

    def disconnect(self, sid: str) -> None:
        self.closed.append(sid)

    def take(self, event: str) -> list[dict[str, Any]]:
        """Return and forget the payloads of one event."""
        found = [payload for name, payload, _ in self.events if name == event]
        self.events = [entry for entry in self.events if entry[0] != event]
        return found


class FakeWatch:
    """A watch whose readings are set by hand."""

    def __init__(self) -> None:
        self.found: dict[int, LocationReading] = {}

    def locations(self) -> tuple[Location, ...]:
        return tuple(Location(location_id, f"Hall {location_id}") for location_id in self.found)

    def reading(self, location_id: int) -> LocationReading | None:
        return self.found.get(location_id)


class World:
    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.bus = SnapshotBus()
        self.live = LiveState(mailboxes=self.bus, clock=clock)
        self.watch = FakeWatch()
        self.connections = Connections()
        self.emitter = FakeEmitter()
        self.identities: dict[str, Identity] = {}
        self.publisher = RealtimePublisher(
            live=self.live,
            locations=self.watch,
            connections=self.connections,
            emitter=self.emitter,
            identify=self.identify,
            system_status=lambda: {"cameras": {"total": 1}},
            clock=clock,
            params=PublisherParams(interval_s=0.01, backlog=3),
        )
        self.sequence = 0

    def identify(self, known: Identity) -> Identity:
        if known.session_id not in self.identities:
            raise AuthenticationError("ended")
        return self.identities[known.session_id]

    def camera(
        self, camera_id: int = 1, *, kind: SourceType = SourceType.RTSP, owner: int | None = None
    ) -> None:
        self.live.remember(CameraFacts(camera_id, "Gate", kind, owner, None))

    def connect(
        self,
        sid: str = "a",
        *,
        role: Role = Role.VIEWER,
        user_id: int = 7,
        cameras: tuple[int, ...] = (1,),
        wants_all: bool = False,
        locations: tuple[int, ...] = (),
        wants_all_locations: bool = False,
    ) -> Identity:
        identity = Identity(Actor(user_id, sid, role), f"session-{sid}", must_change_password=False)
        self.identities[identity.session_id] = identity
        self.connections.add(
            Connection(
                sid,
                identity,
                wants_all,
                frozenset(cameras),
                wants_all_locations,
                frozenset(locations),
            )
        )
        return identity

    def frame(self, camera_id: int = 1) -> None:
        self.sequence += 1
        snapshot = builders.snapshot(
            camera_id=camera_id,
            sequence=self.sequence,
            crowd=builders.metrics(count=3.0),
            published_mono_s=self.clock.monotonic(),
        )
        self.bus.publish(snapshot, builders.frame())

    def read(self, count: float, *, location_id: int = 1, trust: Trust = Trust.OK) -> None:
        """Have the watch read so many people now."""
        self.watch.found[location_id] = LocationReading(
            location_id, self.clock.now(), count, count, count, CountSource.CAMERA, trust
        )

    def steps(self, count: int, *, frames: bool = False) -> None:
        for _ in range(count):
            self.clock.advance(0.2)
            if frames:
                for _ in range(5):
                    self.frame()
            self.publisher.step()


@pytest.fixture
def world(manual_clock: ManualClock) -> World:
    made = World(manual_clock)
    made.camera()
    return made


def test_a_watched_camera_gets_at_most_five_events_a_second(world: World) -> None:
    world.connect()
    world.steps(10, frames=True)
    sent = world.emitter.take("metrics")
    assert len(sent) == 10
    assert [payload["seq"] for payload in sent] == list(range(5, 55, 5))
    assert sent[0]["run_id"] == 1
    assert sent[0]["count"] == 3.0
    assert isinstance(sent[0]["time"], str)


def test_numbers_of_zones_come_once_a_second_and_in_no_other_event(world: World) -> None:
    world.connect()
    world.steps(25, frames=True)
    assert all("places" not in payload for payload in world.emitter.take("metrics"))
    assert [to for name, _, to in world.emitter.events if name == "places"] == ["places:1"] * 5
    sent = world.emitter.take("places")
    assert len(sent) == 5
    assert [payload["seq"] for payload in sent] == [5, 30, 55, 80, 105]
    assert {name: sent[0][name] for name in ("camera_id", "run_id", "places")} == {
        "camera_id": 1,
        "run_id": 1,
        "places": {"version": 0, "zones": [], "lines": []},
    }


def test_who_shows_every_camera_is_not_sent_their_zones(world: World) -> None:
    world.connect(wants_all=True)
    world.steps(10, frames=True)
    assert world.emitter.take("places") == []
    assert len(world.emitter.take("metrics")) == 10


def test_zones_of_a_silent_camera_are_shown_ageing(world: World) -> None:
    world.connect()
    world.frame()
    world.steps(50)
    sent = world.emitter.take("places")
    assert sent[0]["age_s"] < 1
    assert 6 <= len(sent) <= 9, "one when fresh, then one a second from 3 to 10 s"


def test_nobody_watching_nothing_is_sent(world: World) -> None:
    world.connect(cameras=())
    world.steps(5, frames=True)
    assert world.emitter.take("metrics") == []


def test_a_silent_camera_is_shown_ageing_once_a_second(world: World) -> None:
    world.connect()
    world.frame()
    world.steps(50)
    sent = world.emitter.take("metrics")
    assert [payload["trust"] for payload in sent] == ["ok"] + ["unknown"] * (len(sent) - 1)
    assert 6 <= len(sent) <= 9, "one when fresh, then one a second from 3 to 10 s"
    assert sent[-1]["age_s"] > 9


def test_alerts_reach_those_who_may_see_them(world: World) -> None:
    world.publisher.tell_alert(AlertNotice(ALERT))
    world.publisher.tell_alert(AlertNotice(ALERT, is_private=True, owner_id=7))
    world.publisher.tell_alert(AlertNotice(ALERT, is_private=True))
    world.steps(1)
    rooms = [to for event, _, to in world.emitter.events if event == "alert"]
    assert rooms == [["operators", "viewers"], ["operators", "user:7"], ["operators"]]
    payloads = world.emitter.take("alert")
    assert [payload["seq"] for payload in payloads] == [1, 2, 3]
    assert payloads[0]["alert"]["opened_at"] == EPOCH.isoformat()


def test_a_full_backlog_is_counted(world: World) -> None:
    for _ in range(5):
        world.publisher.tell_alert(AlertNotice(ALERT))
    assert world.publisher.stats().dropped == 2


def test_only_the_newest_state_and_progress_are_sent(world: World) -> None:
    world.connect()
    for _ in range(4):
        world.publisher.tell_job(1, JOB)
        world.publisher.tell_status(1)
    world.steps(2)
    (progress,) = world.emitter.take("job_progress")
    (status,) = world.emitter.take("camera_status")
    assert progress["job"]["fraction"] == 0.5
    assert (status["status"]["status"], status["job"]["state"]) == ("offline", "analysing")


def test_who_wants_all_cameras_gets_new_ones_it_may_see(world: World) -> None:
    world.connect("all", wants_all=True, cameras=(1,))
    world.connect("one", cameras=(1,))
    world.camera(2)
    world.camera(3, kind=SourceType.UPLOAD, owner=99)
    world.camera(4, kind=SourceType.UPLOAD, owner=7)
    world.steps(1)
    assert world.emitter.joined == [("all", "camera:2"), ("all", "camera:4")]
    world.frame(2)
    world.steps(1)
    assert len(world.emitter.take("metrics")) == 1


def test_revoked_sessions_are_closed_at_once(world: World) -> None:
    world.connect("a")
    world.connect("b")
    world.connections.mark_revoked(["session-a"])
    world.steps(1)
    assert world.emitter.closed == ["a"]
    assert [one.sid for one in world.connections.all()] == ["b"]


def test_a_session_that_ended_or_changed_role_is_closed_within_seconds(world: World) -> None:
    world.connect("ended")
    changed = world.connect("changed", role=Role.OPERATOR)
    world.connect("fine")
    world.steps(1)
    assert world.emitter.closed == []
    del world.identities["session-ended"]
    world.identities[changed.session_id] = Identity(
        Actor(7, "changed", Role.VIEWER), changed.session_id, must_change_password=False
    )
    world.steps(80)
    assert sorted(world.emitter.closed) == ["changed", "ended"]


def test_everybody_hears_how_the_system_is(world: World) -> None:
    world.steps(60)
    sent = world.emitter.take("system_status")
    assert 2 <= len(sent) <= 3
    assert sent[0]["cameras"] == {"total": 1}


def test_deleted_cameras_are_forgotten(world: World) -> None:
    world.connect()
    world.frame()
    world.steps(1)
    world.live.forget(1)
    world.bus.forget(1)
    world.steps(5)
    assert len(world.emitter.take("metrics")) == 1


def test_the_thread_survives_a_failing_round(world: World) -> None:
    failed = threading.Event()

    def ill() -> Mapping[str, Any]:
        failed.set()
        raise RuntimeError("ill")

    publisher = RealtimePublisher(
        live=world.live,
        locations=world.watch,
        connections=world.connections,
        emitter=world.emitter,
        identify=world.identify,
        system_status=ill,
        clock=world.clock,
        params=PublisherParams(interval_s=0.01),
    )
    publisher.start()
    publisher.start()
    assert failed.wait(5)
    publisher.tell_alert(AlertNotice(ALERT))
    assert world.emitter.was_called.wait(5)
    publisher.stop()
    assert publisher.stats().errors >= 1
    assert not publisher.stats().is_running


def test_who_watches_a_location_hears_of_each_reading_once(world: World) -> None:
    world.connect(locations=(1,))
    world.read(7.0)
    world.steps(5)
    world.read(8.0)
    world.steps(5)
    sent = [(payload, to) for name, payload, to in world.emitter.events if name == "crowd_update"]
    assert [(payload["current_count"], to) for payload, to in sent] == [
        (7.0, "location:1"),
        (8.0, "location:1"),
    ]
    assert sent[0][0]["location_name"] == "Hall 1"
    assert sent[0][0]["seq"] < sent[1][0]["seq"]
    assert isinstance(sent[0][0]["time"], str)


def test_a_location_nobody_watches_is_not_sent(world: World) -> None:
    world.connect(locations=(2,))
    world.read(7.0)
    world.steps(5)
    assert world.emitter.take("crowd_update") == []


def test_a_number_that_is_no_longer_known_is_shown_ageing(world: World) -> None:
    world.connect(locations=(1,))
    world.read(7.0, trust=Trust.UNKNOWN)
    world.steps(11)
    sent = world.emitter.take("crowd_update")
    assert [payload["trust"] for payload in sent] == ["unknown"] * 3


def test_who_shows_every_location_joins_the_room_of_a_new_one(world: World) -> None:
    world.connect(wants_all_locations=True)
    world.connect("b", user_id=8)
    world.read(7.0, location_id=3)
    world.steps(2)
    assert world.emitter.joined == [("a", "location:3")]
    assert len(world.emitter.take("crowd_update")) == 1
    connection = world.connections.get("a")
    assert connection is not None
    assert connection.location_ids == {3}


def test_a_deleted_location_is_sent_anew_when_it_comes_back(world: World) -> None:
    world.connect(locations=(1,))
    world.read(7.0)
    world.steps(1)
    known = world.watch.found.pop(1)
    world.steps(1)
    world.watch.found[1] = known
    world.steps(1)
    assert len(world.emitter.take("crowd_update")) == 2
