"""What a camera shows now: taken where it runs, opened for the moment where it does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from backend.core.camera import SIMULATION_MODEL, SourceType
from backend.core.errors import (
    ConflictError,
    ModelError,
    NotFoundError,
    PermissionDeniedError,
    SourceLostError,
    SourceRefusedError,
    UnavailableError,
)
from backend.core.frame import Frame
from backend.db.accounts import Role
from backend.pipeline.camera_feed import AnalysedFrame
from backend.services.actor import Actor
from backend.services.camera_rules import CameraFields
from backend.services.detection.camera_detection import CameraDetection, CameraWish
from backend.services.detection.desk import Wish
from backend.services.detection.source_looks import SourceDoor, SourceLooks
from backend.services.detection.views import DetectionView, LocationUpdateView
from backend.vision.sources.redact import redact_source
from tests import builders
from tests.builders import ManualClock
from tests.pipeline.fakes import ScriptedSource
from tests.services.camera_world import ADMIN, OPERATOR, SECRET_SOURCE, VIEWER, CameraWorld
from tests.services.detection.detection_world import DetectionHouse

ONE = CameraWish(Wish())


class World:
    """A camera, what it shows, and a clock that moves while somebody waits."""

    def __init__(self, cameras: CameraWorld) -> None:
        self.cameras = cameras
        self.clock: ManualClock = cameras.clock
        self.house = DetectionHouse(self.clock)
        self.is_ending = False
        self.on_wait: Callable[[], None] = lambda: None
        door = SourceDoor(
            make_source=self.house.bench.shelf,
            redact=redact_source,
            first_picture_s=5.0,
            wait=self.wait,
        )
        self.service = CameraDetection(
            session_factory=cameras.database,
            launcher=cameras.launcher,
            live=cameras.live,
            newest=cameras.frames.get,
            looks=SourceLooks(door, self.house.desk),
            desk=self.house.desk,
            wait=self.wait,
            note_count=self.note_count,
        )
        self.noted: list[tuple[str, float]] = []

    def note_count(self, actor: Actor, view: DetectionView) -> tuple[LocationUpdateView, ...]:
        """The count is entered in the camera's only location."""
        self.noted.append((actor.username, view.count))
        return (LocationUpdateView(9, "Hall", True, ""),)

    def wait(self, seconds: float) -> bool:
        """Let time pass; whatever happens meanwhile happens."""
        if seconds:
            self.clock.advance(seconds)
            self.on_wait()
        return self.is_ending

    def add(self, actor: Actor = ADMIN, **fields: Any) -> int:
        wanted = CameraFields(
            **{  # type: ignore[typeddict-item]
                "name": "Gate A",
                "source_type": SourceType.RTSP,
                "source": SECRET_SOURCE,
                **fields,
            }
        )
        if wanted["source_type"] is SourceType.UPLOAD:
            del wanted["source"]
        return self.cameras.cameras.create(actor, wanted).id

    def publish(self, camera_id: int, count: float = 3.0, *, sequence: int = 1) -> None:
        """The running camera publishes a picture."""
        snapshot = builders.snapshot(
            camera_id=camera_id,
            sequence=sequence,
            crowd=builders.metrics(count=count, count_low=count - 1, count_high=count + 2),
            published_mono_s=self.clock.monotonic(),
        )
        frame = builders.frame(captured_mono_s=self.clock.monotonic())
        self.cameras.frames[camera_id] = AnalysedFrame(snapshot, frame)
        self.cameras.bus.publish(snapshot, frame)

    def detect(
        self, camera_id: int, wanted: CameraWish = ONE, *, actor: Actor = OPERATOR
    ) -> DetectionView:
        return self.service.detect(actor, camera_id, wanted)

    def shows(self, *script: Frame | Exception | None, **changes: Any) -> ScriptedSource:
        """The source that is opened next shows this."""
        source = ScriptedSource(script, **changes)
        self.house.show(source)
        return source


@pytest.fixture
def world(cameras: CameraWorld) -> World:
    return World(cameras)


def stream(world: World, count: int, *, every_s: float = 0.5) -> list[Frame]:
    """Return frames that are this far apart in the stream."""
    return [
        builders.frame(index=n, stream_time_s=n * every_s, captured_mono_s=world.clock.monotonic())
        for n in range(count)
    ]


def test_of_a_running_camera_the_newest_picture_is_taken_as_it_is(world: World) -> None:
    camera_id = world.add()
    world.cameras.cameras.start(ADMIN, camera_id)
    world.publish(camera_id, 3.0)
    world.clock.advance(0.4)
    found = world.detect(camera_id)
    assert (found.count, found.count_low, found.count_high) == (3, 2, 5)
    assert (found.camera_id, found.is_running, found.age_s) == (camera_id, True, 0.4)
    assert found.span is None
    assert world.house.configs == [], "nothing is detected anew"
    assert world.noted == [("olga", 3.0)]
    assert found.locations == (LocationUpdateView(9, "Hall", True, ""),)


def test_a_span_of_a_running_camera_averages_what_it_publishes(world: World) -> None:
    camera_id = world.add()
    world.cameras.cameras.start(ADMIN, camera_id)
    world.publish(camera_id, 2.0)
    counts = iter(range(3, 100))

    def go_on() -> None:
        count = next(counts)
        world.publish(camera_id, float(count), sequence=count)

    world.on_wait = go_on
    began_s = world.clock.monotonic()
    found = world.detect(camera_id, CameraWish(Wish(), 2.0))
    assert world.clock.monotonic() - began_s == pytest.approx(2.0, abs=0.2)
    assert found.span is not None
    assert found.span.pictures == pytest.approx(21, abs=1)
    assert found.span.minimum == 2
    assert found.span.maximum == found.span.pictures + 1
    assert found.count == found.span.mean == pytest.approx((2 + found.span.maximum) / 2)
    assert found.count_low == pytest.approx(found.count - 1)
    assert found.count_high == pytest.approx(found.count + 2)


def test_a_span_in_which_the_camera_falls_silent_says_so(world: World) -> None:
    camera_id = world.add()
    world.cameras.cameras.start(ADMIN, camera_id)
    world.publish(camera_id)
    found = world.detect(camera_id, CameraWish(Wish(), 10.0))
    assert found.trust == "degraded"
    assert "1 picture" in found.trust_reason


def test_a_camera_that_is_just_connecting_is_given_a_moment(world: World) -> None:
    camera_id = world.add()
    world.cameras.cameras.start(ADMIN, camera_id)
    world.on_wait = lambda: world.publish(camera_id, 7.0)
    assert world.detect(camera_id).count == 7


def test_a_running_camera_without_a_fresh_picture_is_not_opened_twice(world: World) -> None:
    camera_id = world.add()
    world.cameras.cameras.start(ADMIN, camera_id)
    world.publish(camera_id)
    world.clock.advance(60)
    began_s = world.clock.monotonic()
    with pytest.raises(UnavailableError, match="no picture") as refused:
        world.detect(camera_id)
    assert refused.value.retry_after_s == 10
    assert world.clock.monotonic() - began_s < 6
    assert world.house.bench.shelf.starts == []


def test_the_source_of_a_camera_that_does_not_run_is_opened_and_closed(world: World) -> None:
    camera_id = world.add(area_m2=50.0)
    source = world.shows(None, *stream(world, 5))
    found = world.detect(camera_id)
    assert found.is_running is False
    assert len(found.detections) == 2
    assert found.count == pytest.approx(2.05, abs=0.3)
    assert source.is_closed
    assert world.house.is_tidy
    config = world.house.configs[0]
    assert (config.camera_id, config.area_m2) == (camera_id, 50.0)
    row = world.cameras.camera_row(camera_id)
    assert (row.run_count, row.should_run) == (0, False), "it was no run"


def test_the_time_the_look_itself_takes_casts_no_doubt_on_the_count(world: World) -> None:
    camera_id = world.add()
    world.shows(*stream(world, 1))
    world.house.on_submit = lambda: world.clock.advance(7)
    found = world.detect(camera_id)
    assert (found.trust, found.trust_reason, found.age_s) == ("ok", "", 7.0)


def test_a_span_of_an_opened_source_takes_two_pictures_a_second(world: World) -> None:
    camera_id = world.add()
    source = world.shows(*stream(world, 400), on_read=lambda _number: world.clock.advance(0.04))
    found = world.detect(camera_id, CameraWish(Wish(), 3.0))
    assert found.span is not None
    assert 6 <= found.span.pictures <= 8
    assert found.span.duration_s == pytest.approx(3.0, abs=0.6)
    assert source.wanted_rates == [2.0]
    assert world.house.is_tidy


def test_a_recording_shows_its_beginning_in_its_own_time(world: World) -> None:
    camera = world.cameras.cameras.get(OPERATOR, world.add(OPERATOR, source_type=SourceType.UPLOAD))
    world.cameras.send(camera, b"video")
    world.cameras.engine.running.clear()
    world.shows(*stream(world, 100, every_s=0.1))
    found = world.detect(camera.id, CameraWish(Wish(), 4.0))
    assert found.span is not None
    assert (found.span.pictures, found.span.duration_s) == (9, 4.0)


def test_a_source_that_ends_early_gives_what_there_was(world: World) -> None:
    camera_id = world.add()
    world.shows(*stream(world, 1))
    found = world.detect(camera_id, CameraWish(Wish(), 5.0))
    assert found.span is not None
    assert found.span.pictures == 1
    assert found.trust == "degraded"


def test_errors_of_a_source_show_no_password(world: World) -> None:
    camera_id = world.add()
    world.shows(opening=SourceLostError(f"No answer from {SECRET_SOURCE}."))
    with pytest.raises(SourceLostError) as failed:
        world.detect(camera_id)
    assert "hunter2" not in str(failed.value)
    assert world.house.is_tidy


def test_a_source_that_breaks_off_before_its_first_picture(world: World) -> None:
    camera_id = world.add()
    world.shows(None, SourceRefusedError("It is no video."))
    with pytest.raises(SourceRefusedError, match="no video"):
        world.detect(camera_id)
    assert world.house.is_tidy


def test_a_silent_source_is_given_up(world: World) -> None:
    camera_id = world.add()
    world.shows(*[None] * 1000, on_read=lambda _number: world.clock.advance(0.25))
    with pytest.raises(SourceLostError, match="within 5 s"):
        world.detect(camera_id)
    assert world.house.is_tidy


def test_without_a_detector_the_camera_is_left_alone(world: World) -> None:
    camera_id = world.add()
    world.shows(*stream(world, 1))
    world.house.failure = ModelError("No person detector can be loaded.")
    with pytest.raises(ModelError):
        world.detect(camera_id)
    assert world.house.bench.shelf.starts == []


def test_a_simulation_tells_itself_who_is_there(world: World) -> None:
    camera_id = world.add(source_type=SourceType.SIMULATED, source="peak:7")
    truth = builders.tracks((10, 10, 20, 40), (40, 10, 50, 40), (70, 10, 80, 40))
    (frame,) = stream(world, 1)
    world.shows(
        Frame(
            frame.index, frame.image, 0.0, 0, frame.captured_at, frame.captured_mono_s, truth=truth
        )
    )
    found = world.detect(camera_id)
    assert found.model == SIMULATION_MODEL
    assert len(found.detections) == 3
    assert world.house.configs == [], "nobody detects where everybody is known"


def test_the_end_of_the_server_ends_a_span(world: World) -> None:
    camera_id = world.add()
    world.cameras.cameras.start(ADMIN, camera_id)
    world.publish(camera_id)

    def end() -> None:
        world.is_ending = True

    world.on_wait = end
    with pytest.raises(UnavailableError, match="shutting down"):
        world.detect(camera_id, CameraWish(Wish(), 60.0))


def test_who_may_ask(world: World) -> None:
    camera_id = world.add()
    with pytest.raises(PermissionDeniedError):
        world.detect(camera_id, actor=VIEWER)
    with pytest.raises(NotFoundError):
        world.detect(camera_id + 1)
    upload = world.add(OPERATOR, name="Clip", source_type=SourceType.UPLOAD)
    with pytest.raises(ConflictError, match="No video"):
        world.detect(upload, actor=Actor(1, "ada", Role.ADMIN))


def test_few_sources_are_open_at_once(world: World) -> None:
    camera_id = world.add()
    refusals: list[int | None] = []

    def look_within(_number: int) -> None:
        """While a source is open look at another one."""
        if len(world.house.shown) == 3:
            return
        world.shows(*stream(world, 1), on_read=look_within)
        try:
            world.detect(camera_id)
        except UnavailableError as refused:
            refusals.append(refused.retry_after_s)

    world.shows(*stream(world, 1), on_read=look_within)
    world.detect(camera_id)
    assert refusals == [5]
    assert len(world.house.bench.shelf.starts) == 2
