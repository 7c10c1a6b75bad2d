"""Each ill is said in a sentence, and the worst of them is the state of all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from backend.core.camera import CameraState, SourceType
from backend.core.snapshot import CameraLoad, CameraStatus
from backend.notify.dispatcher import DispatchStats
from backend.pipeline.camera_manager import ManagerStats
from backend.pipeline.listeners import ListenerStats
from backend.pipeline.metrics_writer import WriterStats
from backend.pipeline.recording.segments import RecorderStatus
from backend.pipeline.snapshot_bus import SnapshotBus
from backend.services.alerts import AlertStats
from backend.services.density import DensityStatus
from backend.services.health import Check, HealthCheck, HealthState, Machinery, examine
from backend.services.jobs import JobKeeperStats
from backend.services.live_state import CameraFacts, LiveState
from backend.vision.density.counter import DensityModelInfo
from backend.vision.model_store import ModelStatus, RefusedModel
from tests.builders import EPOCH, ManualClock, model_info

WRITER = WriterStats(5, 0, 0, 0, 0, 0, "")
ALERTS = AlertStats(
    evaluated=5,
    dropped=0,
    waiting=0,
    unwritten=0,
    write_errors=0,
    pictures_failed=0,
    is_running=True,
)
OUTBOX = DispatchStats(
    pending=0,
    sent=1,
    failed=0,
    oldest_pending_at=None,
    failing_since=None,
    last_error="",
    store_errors=0,
    is_running=True,
)


def never_asked() -> Any:
    raise AssertionError("this part is not under test")


LISTENER = ListenerStats("x", 0, 0, "")
MANAGER = ManagerStats((), 0, 0, LISTENER, LISTENER)


def machinery(**parts: Any) -> Machinery:
    clock = ManualClock()
    given = {
        "model",
        "density",
        "manager",
        "writer",
        "sinks",
        "jobs",
        "alerts",
        "outbox",
        "recorder",
    }
    asked = {name: (lambda n=name: parts[n]) if name in parts else never_asked for name in given}
    return Machinery(clock=clock, live=LiveState(mailboxes=SnapshotBus(), clock=clock), **asked)


def only(checks: Iterator[HealthCheck]) -> HealthCheck:
    (check,) = checks
    return check


@pytest.mark.parametrize(
    ("status", "state", "words"),
    [
        (ModelStatus(None, "", ()), HealthState.OK, "first camera"),
        (ModelStatus(None, "No person detector.", ()), HealthState.FAILED, "No person detector"),
        (ModelStatus(model_info(), "", ()), HealthState.OK, "test, openvino f32"),
        (
            ModelStatus(model_info(reduced_accuracy=True), "", ()),
            HealthState.DEGRADED,
            "Reduced accuracy",
        ),
        (
            ModelStatus(model_info(), "", (RefusedModel("a.pt", "it is cut short"),)),
            HealthState.DEGRADED,
            "a.pt: it is cut short",
        ),
    ],
)
def test_model(status: ModelStatus, state: HealthState, words: str) -> None:
    found = only(machinery(model=status).check_model())
    assert found.status is state
    assert words in found.reason


LIGHT = DensityModelInfo("light", "openvino", "f32", "cpu", (432, 768), 8, "0" * 64)


@pytest.mark.parametrize(
    ("status", "state", "words"),
    [
        (DensityStatus(), HealthState.OK, "first camera"),
        (DensityStatus(is_on=False), HealthState.OK, "DENSITY_MODEL=off"),
        (DensityStatus(info=LIGHT), HealthState.OK, "light, openvino f32"),
        (DensityStatus(info=LIGHT, remark="On the processor."), HealthState.OK, "processor"),
        (DensityStatus(fault="light.onnx is missing."), HealthState.DEGRADED, "light.onnx"),
    ],
)
def test_density_counter(status: DensityStatus, state: HealthState, words: str) -> None:
    found = only(machinery(density=status, manager=MANAGER).check_density())
    assert (found.name, found.status) == ("density_counter", state)
    assert words in found.reason


@pytest.mark.parametrize(
    ("faults", "words"),
    [(("It gave no answer.",), "of 1 camera: It gave"), (("It crashed.",) * 3, "of 3 cameras")],
)
def test_a_loaded_density_network_that_fails_at_cameras_is_not_well(
    faults: tuple[str, ...], words: str
) -> None:
    stats = replace(MANAGER, density_faults=faults)
    found = only(machinery(density=DensityStatus(info=LIGHT), manager=stats).check_density())
    assert found.status is HealthState.DEGRADED
    assert words in found.reason


@pytest.mark.parametrize(
    ("stats", "state"),
    [
        (WRITER, HealthState.OK),
        (replace(WRITER, consecutive_failures=2, waiting=9), HealthState.FAILED),
        (replace(WRITER, lost=3), HealthState.DEGRADED),
        (replace(WRITER, refused=3), HealthState.DEGRADED),
    ],
)
def test_metrics(stats: WriterStats, state: HealthState) -> None:
    parts = machinery(writer=stats, jobs=JobKeeperStats(0, 0, 0, is_running=True))
    assert only(parts.check_metrics()).status is state


def test_a_dead_thread_is_said() -> None:
    parts = machinery(writer=WRITER, jobs=JobKeeperStats(0, 0, 0, is_running=False))
    assert {check.name: check.status for check in parts.check_metrics()} == {
        "metrics": HealthState.OK,
        "jobs": HealthState.FAILED,
    }


@pytest.mark.parametrize(
    ("stats", "state"),
    [
        (ALERTS, HealthState.OK),
        (replace(ALERTS, is_running=False), HealthState.FAILED),
        (replace(ALERTS, unwritten=1), HealthState.FAILED),
        (replace(ALERTS, dropped=1), HealthState.DEGRADED),
    ],
)
def test_alerts(stats: AlertStats, state: HealthState) -> None:
    assert only(machinery(alerts=stats).check_alerts()).status is state


@pytest.mark.parametrize(
    ("stats", "state", "words"),
    [
        (OUTBOX, HealthState.OK, "1 sent"),
        (replace(OUTBOX, is_running=False), HealthState.FAILED, "restart"),
        (
            replace(OUTBOX, failing_since=EPOCH, last_error="No connection."),
            HealthState.FAILED,
            "No connection.",
        ),
        (
            replace(OUTBOX, pending=2, oldest_pending_at=EPOCH - timedelta(minutes=10)),
            HealthState.DEGRADED,
            "2 notifications",
        ),
    ],
)
def test_notifications(stats: DispatchStats, state: HealthState, words: str) -> None:
    found = only(machinery(outbox=stats).check_notifications())
    assert found.status is state
    assert words in found.reason


def test_recorder() -> None:
    well = RecorderStatus(
        has_room=True, free_bytes=10**12, message="", dropped_frames=0, cameras=()
    )
    full = replace(well, has_room=False, message="Less than 1024 MB of disk are free.")
    assert only(machinery(recorder=well).check_recorder()).status is HealthState.OK
    found = only(machinery(recorder=full).check_recorder())
    assert (found.status, found.reason) == (HealthState.DEGRADED, full.message)


def test_a_part_that_cannot_take_measurements_is_named() -> None:
    well = ListenerStats("metrics", 9, 0, "")
    faulty = ListenerStats("frames", 9, 2, "ValueError: bad picture")
    assert only(machinery(sinks=(well,)).check_pipeline()).status is HealthState.OK
    found = only(machinery(sinks=(well, faulty)).check_pipeline())
    assert found.status is HealthState.DEGRADED
    assert found.reason == "frames failed 2 times (ValueError: bad picture)."


def watched(
    source_type: SourceType,
    state: CameraState = CameraState.FAILED,
    message: str = "No picture comes.",
) -> Machinery:
    """Return the parts around one camera that has failed, or is otherwise."""
    clock, bus = ManualClock(), SnapshotBus()
    live = LiveState(mailboxes=bus, clock=clock)
    live.remember(CameraFacts(1, "Gate", source_type, owner_id=7, target_fps=None))
    bus.publish_status(CameraStatus(1, state, message=message))
    return replace(machinery(manager=MANAGER), live=live)


def test_a_failed_camera_is_named() -> None:
    found = only(watched(SourceType.RTSP).check_cameras())
    assert found.status is HealthState.FAILED
    assert found.reason == "Gate: No picture comes."


def test_a_running_camera_whose_picture_is_wrong_is_named() -> None:
    moved = watched(SourceType.RTSP, CameraState.RUNNING, "The camera was moved.")
    found = only(moved.check_cameras())
    assert (found.status, found.reason) == (HealthState.DEGRADED, "Gate: The camera was moved.")
    well = only(watched(SourceType.RTSP, CameraState.RUNNING, "").check_cameras())
    assert (well.status, well.reason) == (HealthState.OK, "1 live")


def test_uploads_are_their_owners_business() -> None:
    found = only(watched(SourceType.UPLOAD).check_cameras())
    assert found.status is HealthState.OK
    assert "Gate" not in found.reason


def test_a_simulation_is_no_camera_one_could_miss() -> None:
    failed = only(watched(SourceType.SIMULATED).check_cameras())
    assert (failed.status, failed.reason) == (HealthState.OK, "0 live")
    well = only(watched(SourceType.SIMULATED, CameraState.RUNNING, "").check_cameras())
    assert well.reason == "0 live, 1 simulated"


def saying(name: str, status: HealthState) -> Check:
    return lambda: [HealthCheck(name, status)]


def test_the_worst_is_the_state_of_all() -> None:
    found = examine([saying("a", HealthState.OK), saying("b", HealthState.DEGRADED)])
    assert found.status is HealthState.DEGRADED
    found = examine([saying("a", HealthState.FAILED), saying("b", HealthState.DEGRADED)])
    assert found.status is HealthState.FAILED
    assert examine([]).status is HealthState.OK


def test_a_part_that_cannot_be_asked_has_failed() -> None:
    def check_disk() -> Iterator[HealthCheck]:
        raise OSError("gone")
        yield

    found = examine([check_disk, saying("b", HealthState.OK)])
    assert found.status is HealthState.FAILED
    assert found.checks[0].name == "disk"
    assert found.checks[1].status is HealthState.OK


def live_camera(camera_id: int, *, target_fps: float | None = None) -> CameraFacts:
    return CameraFacts(camera_id, f"Gate {camera_id}", SourceType.RTSP, None, target_fps)


@pytest.mark.parametrize(
    ("target_fps", "wanted_hz", "analysed_hz", "is_slow"),
    [
        (None, 25.0, 9.0, False),  # loses frames that nobody misses
        (None, 25.0, 2.0, True),
        (10.0, 10.0, 5.0, True),
        (1.0, 1.0, 0.7, True),
        (None, 2.0, 1.7, False),  # the camera sends no more
    ],
)
def test_cameras_that_are_analysed_too_seldom_are_named(
    target_fps: float | None,
    wanted_hz: float,
    analysed_hz: float,
    is_slow: bool,
) -> None:
    clock, bus = ManualClock(), SnapshotBus()
    live = LiveState(mailboxes=bus, clock=clock)
    live.remember(live_camera(1, target_fps=target_fps))
    live.remember(live_camera(2))
    share = 1 - analysed_hz / wanted_hz
    load = CameraLoad(wanted_hz, analysed_hz, share if share > 0.2 else 0.0, "Busy.", 0.2)
    bus.publish_status(CameraStatus(1, CameraState.RUNNING, load=load))
    bus.publish_status(
        CameraStatus(2, CameraState.RUNNING, load=CameraLoad(25.0, 24.0, 0.0, "", 0.1))
    )
    check = only(replace(machinery(), live=live).check_load())
    assert check.status is (HealthState.DEGRADED if is_slow else HealthState.OK)
    assert ("1 of 2 cameras" in check.reason) is is_slow
    assert ("Gate 1" in check.reason) is is_slow
