from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Iterator

import pytest

from backend.core.backoff import BackoffParams
from backend.core.camera import CameraConfig, CameraState, JobState, SourceType
from backend.core.clock import Clock
from backend.core.errors import IllegalCommandError, SourceRefusedError, UnavailableError
from backend.core.snapshot import JobProgress
from backend.crowd.params import AnalysisParams
from backend.pipeline.camera_manager import CameraManager
from backend.pipeline.shared_parts import ProcessorLimits, SharedParts
from backend.pipeline.snapshot_bus import SnapshotBus
from backend.risk.params import RiskParams
from tests import builders
from tests.builders import ManualClock
from tests.pipeline.fakes import (
    PARAMS,
    Bench,
    ScriptedSource,
    SourceShelf,
    StuckSource,
    config,
    frames,
    info,
)

LIMITS = ProcessorLimits(reconnect=BackoffParams(first_s=0.01, cap_s=0.01))
WAIT_S = 5.0


def until(condition: Callable[[], bool]) -> None:
    """Wait for another thread to get there."""
    deadline = threading.Event()
    for _ in range(int(WAIT_S / 0.005)):
        if condition():
            return
        deadline.wait(0.005)
    raise AssertionError("it did not happen in time")


class House:
    """A manager over fakes."""

    def __init__(self, clock: Clock, *sources: ScriptedSource, **changes: object) -> None:
        self.bench = Bench(clock, SourceShelf(list(sources)), limits=LIMITS)
        self.bus = SnapshotBus()
        self.progress: list[tuple[int, JobProgress]] = []
        stop_timeout_s = changes.pop("stop_timeout_s", 5.0)
        shared: SharedParts = self.bench.shared(outlet=self.bus, **changes)
        self.manager = CameraManager(
            shared,
            bus=self.bus,
            params=PARAMS,
            on_job=lambda camera_id, job: self.progress.append((camera_id, job)),
            stop_timeout_s=stop_timeout_s,  # type: ignore[arg-type]
        )

    def state(self, camera_id: int = 1) -> CameraState | None:
        status = self.manager.status(camera_id)
        return None if status is None else status.state

    def job_state(self, camera_id: int = 1) -> JobState | None:
        status = self.manager.status(camera_id)
        return None if status is None or status.job is None else status.job.state

    def frames(self, camera_id: int = 1) -> int:
        latest = self.bus.latest(camera_id)
        return 0 if latest is None else latest.sequence


@pytest.fixture
def houses() -> Iterator[list[House]]:
    """Houses to be torn down whatever happens."""
    opened: list[House] = []
    yield opened
    for house in opened:
        house.manager.stop_all(WAIT_S)


def endless(count: int = 2) -> ScriptedSource:
    """A live source that delivers a little and then stays open."""
    return StuckSource(frames(count))


def upload(**changes: object) -> CameraConfig:
    return config(source_type=SourceType.UPLOAD, source="a.mp4", **changes)


def test_a_camera_starts_runs_and_stops(houses: list[House], manual_clock: ManualClock) -> None:
    house = House(manual_clock, endless())
    houses.append(house)
    assert house.state() is None
    house.manager.start(config(), run_id=4)
    until(lambda: house.frames() == 2)
    assert house.state() is CameraState.RUNNING
    assert house.manager.is_running(1)
    latest = house.bus.latest(1)
    assert latest is not None
    assert latest.run_id == 4
    house.manager.stop(1)
    assert house.state() is CameraState.STOPPED
    assert not house.manager.is_running(1)
    house.manager.stop(1)  # no effect while it has none


def test_starting_twice_is_refused_and_starting_again_is_a_new_run(
    houses: list[House], manual_clock: ManualClock
) -> None:
    house = House(manual_clock, endless(), endless(1))
    houses.append(house)
    house.manager.start(config(), run_id=1)
    with pytest.raises(IllegalCommandError, match="cannot start now"):
        house.manager.start(config(), run_id=2)
    until(lambda: house.frames() == 2)
    house.manager.stop(1)
    house.manager.start(config(), run_id=1)
    until(lambda: house.frames() == 1)
    latest = house.bus.latest(1)
    assert latest is not None
    assert latest.run_id == 2, "a run id is never used twice"


def test_commands_of_jobs_mean_nothing_to_live_cameras(
    houses: list[House], manual_clock: ManualClock
) -> None:
    house = House(manual_clock, endless())
    houses.append(house)
    with pytest.raises(IllegalCommandError):
        house.manager.pause(1)
    house.manager.start(config(), run_id=1)
    for command in (house.manager.pause, house.manager.resume, house.manager.cancel):
        with pytest.raises(IllegalCommandError, match="uploaded video"):
            command(1)


def test_a_recording_is_analysed_to_its_end(houses: list[House], manual_clock: ManualClock) -> None:
    house = House(manual_clock, ScriptedSource(frames(6), facts=info(frames_total=6)))
    houses.append(house)
    house.manager.start(upload(), run_id=1)
    until(lambda: house.job_state() is JobState.FINISHED)
    states = [job.state for _, job in house.progress]
    assert states[0] is JobState.QUEUED
    assert JobState.ANALYSING in states
    until(lambda: house.progress[-1][1].state is JobState.FINISHED)
    assert house.progress[-1][1].frames_done == 6


def test_recordings_are_analysed_one_at_a_time_and_can_be_cancelled_while_waiting(
    houses: list[House], manual_clock: ManualClock
) -> None:
    first = StuckSource(frames(2))
    house = House(manual_clock, first, ScriptedSource(frames(1)))
    houses.append(house)
    house.manager.start(upload(camera_id=1), run_id=1)
    until(lambda: house.job_state(1) is JobState.ANALYSING)
    house.manager.start(upload(camera_id=2), run_id=1)
    house.manager.start(upload(camera_id=3), run_id=1)
    assert house.job_state(2) is JobState.QUEUED
    assert house.state(2) is CameraState.CONNECTING, "a waiting job counts as running"
    house.manager.cancel(3)
    assert house.job_state(3) is JobState.CANCELLED
    assert house.progress[-1] == (3, JobProgress(JobState.CANCELLED))
    house.manager.cancel(1)
    until(lambda: house.job_state(2) is JobState.FINISHED)


def test_a_paused_job_gives_its_place_to_the_next(
    houses: list[House], manual_clock: ManualClock
) -> None:
    first = StuckSource(frames(2))
    house = House(manual_clock, first, ScriptedSource(frames(3)))
    houses.append(house)
    house.manager.start(upload(camera_id=1), run_id=1)
    until(lambda: house.job_state(1) is JobState.ANALYSING)
    house.manager.pause(1)
    with pytest.raises(IllegalCommandError, match="The analysis is paused"):
        house.manager.pause(1)
    house.manager.start(upload(camera_id=2), run_id=1)
    until(lambda: house.job_state(2) is JobState.FINISHED)
    assert house.job_state(1) is JobState.PAUSED
    first.release.set()
    house.manager.resume(1)
    until(lambda: house.job_state(1) is JobState.FINISHED)


def test_a_shutdown_stops_everything_and_queues_jobs_again(
    houses: list[House], manual_clock: ManualClock
) -> None:
    house = House(manual_clock, endless(), StuckSource(frames(2)))
    houses.append(house)
    house.manager.start(config(camera_id=1), run_id=1)
    until(lambda: house.frames(1) == 2)
    house.manager.start(upload(camera_id=2), run_id=1)
    until(lambda: house.job_state(2) is JobState.ANALYSING)
    assert house.manager.stop_all(WAIT_S)
    assert house.manager.stats().running == ()
    assert house.progress[-1][1].state is JobState.QUEUED
    assert house.state(1) is CameraState.STOPPED
    with pytest.raises(UnavailableError, match="shutting down"):
        house.manager.start(config(camera_id=9), run_id=1)


def test_the_tick_publishes_the_status_of_running_cameras(
    houses: list[House], manual_clock: ManualClock
) -> None:
    house = House(manual_clock, endless())
    houses.append(house)
    house.manager.start(config(), run_id=1)
    until(lambda: house.frames() == 2)
    manual_clock.advance(2.5)
    house.manager.tick()
    status = house.bus.status(1)
    assert status is not None
    assert status.last_frame_age_s is not None
    assert status.last_frame_age_s >= 2.5


def test_a_stuck_camera_is_restarted_and_its_old_thread_says_nothing_more(
    houses: list[House], manual_clock: ManualClock
) -> None:
    stuck = StuckSource(frames(1), stays=True)
    house = House(manual_clock, stuck, endless(3))
    houses.append(house)
    house.manager.start(config(), run_id=1)
    until(lambda: house.frames() == 1)
    manual_clock.advance(14.0)
    house.manager.tick()
    assert house.manager.stats().restarts == 0, "not stuck yet"
    manual_clock.advance(2.0)
    house.manager.tick()
    assert house.manager.stats().restarts == 1
    until(lambda: house.frames() == 3)
    latest, status = house.bus.latest(1), house.manager.status(1)
    assert latest is not None
    assert status is not None
    assert (latest.run_id, status.restarts, status.state) == (2, 1, CameraState.RUNNING)
    assert house.manager.stats().abandoned_threads == 1
    stuck.release.set()
    until(lambda: house.manager.stats().abandoned_threads == 0)


def test_a_loading_model_is_not_a_stuck_camera(
    houses: list[House], manual_clock: ManualClock
) -> None:
    house = House(manual_clock, endless())
    houses.append(house)
    loading, loaded = threading.Event(), threading.Event()

    def load() -> None:
        loading.set()
        loaded.wait(WAIT_S)

    house.bench.on_load = load
    house.manager.start(config(), run_id=1)
    assert loading.wait(WAIT_S)
    manual_clock.advance(300.0)
    house.manager.tick()
    assert house.manager.stats().restarts == 0
    loaded.set()
    until(lambda: house.frames() == 2)


def test_a_crashed_live_camera_is_tried_again_with_growing_waits(
    houses: list[House], manual_clock: ManualClock
) -> None:
    house = House(manual_clock, *[ScriptedSource(frames(3)) for _ in range(3)])
    houses.append(house)
    house.bench.failure = ZeroDivisionError("oops")
    house.manager.start(config(), run_id=1)
    until(lambda: house.state() is CameraState.FAILED)
    for wait_s, restarts in ((10.0, 1), (20.0, 2)):
        until(lambda: house.state() is CameraState.FAILED)
        until(lambda: house.manager.stats().running == ())
        house.manager.tick()
        manual_clock.advance(wait_s - 1.0)
        house.manager.tick()
        assert house.manager.stats().restarts == restarts - 1
        manual_clock.advance(1.5)
        house.manager.tick()
        assert house.manager.stats().restarts == restarts
    until(lambda: house.manager.stats().running == ())
    house.manager.stop(1)
    assert house.state() is CameraState.STOPPED
    manual_clock.advance(1000.0)
    house.manager.tick()
    house.manager.tick()
    assert house.manager.stats().restarts == 2, "nobody wants it any more"


def test_a_refused_source_is_not_tried_again(
    houses: list[House], manual_clock: ManualClock
) -> None:
    house = House(manual_clock, ScriptedSource([], opening=SourceRefusedError("No.")))
    houses.append(house)
    house.manager.start(config(), run_id=1)
    until(lambda: house.state() is CameraState.FAILED)
    for _ in range(3):
        manual_clock.advance(1000.0)
        house.manager.tick()
    assert house.manager.stats().restarts == 0


def test_a_stuck_recording_fails_and_lets_the_next_one_in(
    houses: list[House], manual_clock: ManualClock
) -> None:
    stuck = StuckSource(frames(1), stays=True)
    house = House(manual_clock, stuck, ScriptedSource(frames(2)))
    houses.append(house)
    house.manager.start(upload(camera_id=1), run_id=1)
    until(lambda: house.frames(1) == 1)
    house.manager.start(upload(camera_id=2), run_id=1)
    manual_clock.advance(20.0)
    house.manager.tick()
    assert house.job_state(1) is JobState.FAILED
    assert (1, JobState.FAILED) in [(camera_id, job.state) for camera_id, job in house.progress]
    until(lambda: house.job_state(2) is JobState.FINISHED)
    stuck.release.set()


def test_a_thread_that_does_not_stop_is_given_up(
    houses: list[House], manual_clock: ManualClock
) -> None:
    stuck = StuckSource(frames(1), stays=True)
    house = House(manual_clock, stuck, stop_timeout_s=0.05)
    houses.append(house)
    house.manager.start(config(), run_id=1)
    until(lambda: house.frames() == 1)
    until(stuck.is_stuck.is_set)
    house.manager.stop(1)
    assert house.state() is CameraState.STOPPED
    assert house.manager.stats().abandoned_threads == 1
    stuck.release.set()
    until(lambda: house.manager.stats().abandoned_threads == 0)


def test_new_parameters_reach_running_and_later_cameras(
    houses: list[House], manual_clock: ManualClock
) -> None:
    house = House(manual_clock, endless())
    houses.append(house)
    house.manager.start(config(), run_id=1)
    until(lambda: house.frames() == 2)
    analysis, risk = AnalysisParams(ema_alpha=0.5), RiskParams(risk_caution=20.0)
    house.manager.apply_params(analysis, risk)
    until(lambda: house.bench.analyzer.params == [analysis])
    assert house.bench.risk.params == [risk]


def test_places_reach_the_running_camera_and_its_later_runs(
    houses: list[House], manual_clock: ManualClock
) -> None:
    source = StuckSource(frames(4))
    house = House(manual_clock, source, endless(1))
    houses.append(house)
    older, newer = (builders.camera_places(builders.zone(n), version=n) for n in (2, 3))
    house.manager.start(config(), run_id=1)
    until(lambda: house.frames() == 4)
    house.manager.set_places(1, newer)
    house.manager.set_places(1, older)  # overtaken on its way here
    until(lambda: house.bench.analyzer.places[-1] == newer)
    house.manager.stop(1)
    house.manager.start(config(places=older), run_id=2)  # read before the change was stored
    until(lambda: house.frames() == 1)
    latest = house.bus.latest(1)
    assert latest is not None
    assert latest.camera_places == newer
    assert older not in house.bench.analyzer.places


def test_new_places_wait_for_no_stop_and_reach_the_run_after_it(
    houses: list[House], manual_clock: ManualClock
) -> None:
    stuck = StuckSource(frames(1), stays=True)
    house = House(manual_clock, stuck, endless(1))
    houses.append(house)
    house.manager.start(config(), run_id=1)
    until(stuck.is_stuck.is_set)
    stopping = threading.Thread(target=house.manager.stop, args=(1,))
    stopping.start()
    drawn = builders.camera_places(builders.zone(), version=2)
    drawing = threading.Thread(target=house.manager.set_places, args=(1, drawn))
    drawing.start()
    drawing.join(2.0)
    told, still_stopping = not drawing.is_alive(), stopping.is_alive()
    stuck.release.set()
    drawing.join()
    stopping.join()
    assert (told, still_stopping) == (True, True)
    house.manager.start(config(), run_id=2)
    until(lambda: house.bench.analyzer.places[-1:] == [drawn])


def test_a_camera_made_anew_begins_with_its_own_places(
    houses: list[House], manual_clock: ManualClock
) -> None:
    house = House(manual_clock, endless(1))
    houses.append(house)
    house.manager.set_places(1, builders.camera_places(builders.zone(), version=9))
    house.manager.forget(1)
    own = builders.camera_places(builders.zone(7), version=1)
    house.manager.start(config(places=own), run_id=1)
    until(lambda: house.frames() == 1)
    assert house.bench.analyzer.places == [own]


def test_a_changed_configuration_restarts_the_camera(
    houses: list[House], manual_clock: ManualClock
) -> None:
    house = House(manual_clock, endless(), endless(1))
    houses.append(house)
    house.manager.start(config(), run_id=1)
    until(lambda: house.frames() == 2)
    house.manager.stop(1)
    renamed = dataclasses.replace(config(), name="Gate B")
    house.manager.start(renamed, run_id=2)
    until(lambda: house.frames() == 1)
    latest = house.bus.latest(1)
    assert latest is not None
    assert latest.camera_name == "Gate B"


def test_a_deleted_camera_leaves_nothing_behind(
    houses: list[House], manual_clock: ManualClock
) -> None:
    house = House(manual_clock, endless())
    houses.append(house)
    house.manager.start(config(), run_id=1)
    until(lambda: house.frames() == 2)
    house.manager.forget(1)
    assert house.manager.status(1) is None
    assert house.bus.latest(1) is None
    assert house.manager.stats().running == ()
