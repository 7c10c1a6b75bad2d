"""Many cameras at one network: shares, risk, and what one camera's end does to the others."""

from __future__ import annotations

import dataclasses
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backend.core.backoff import BackoffParams
from backend.core.camera import CameraConfig, CameraState, SourceSpec, SourceType
from backend.core.clock import SystemClock
from backend.core.errors import SourceLostError
from backend.core.frame import Detections, Frame, Image
from backend.core.measurements import CrowdMetrics
from backend.core.risk import RiskAssessment, RiskLevel
from backend.core.snapshot import Snapshot
from backend.pipeline.camera_manager import CameraManager
from backend.pipeline.ports import PipelineParts
from backend.pipeline.shared_parts import ProcessorLimits, SharedParts
from backend.pipeline.snapshot_bus import SnapshotBus
from backend.services.parts import build_model_store, build_pipeline_parts, source_limits
from backend.vision.sources.base import SourceStart
from backend.vision.sources.factory import make_source
from tests import builders
from tests.pipeline.fakes import (
    PARAMS,
    Bench,
    FakeDetector,
    FakeRisk,
    FakeTicket,
    FakeTracker,
    ScriptedSource,
    SourceShelf,
)
from tests.web import settings

CLOCK = SystemClock()
WAIT_S = 60.0
LOAD_S = 150.0


class EverReadySource(ScriptedSource):
    """A camera that always has a newer picture than the one analysed last, until it is broken."""

    def __init__(self, broken: threading.Event) -> None:
        super().__init__([])
        self._broken = broken
        self._index = 0

    def open(self) -> None:
        if self._broken.is_set():
            raise SourceLostError("Nobody answers.")

    def read(self, timeout_s: float) -> Frame:
        if self._broken.is_set():
            raise SourceLostError("The stream broke off.")
        self._index += 3  # two more have come and gone
        return builders.frame(
            index=self._index,
            stream_time_s=self._index / 25,
            captured_mono_s=CLOCK.monotonic(),
            width=32,
            height=24,
        )


class BusyDetector(FakeDetector):
    """Takes two milliseconds for a picture."""

    def submit(self, image: Image) -> FakeTicket:
        return BusyTicket([], 0, None)


class BusyTicket(FakeTicket):
    def result(self, timeout_s: float = 30.0) -> Detections:
        threading.Event().wait(0.002)
        return super().result(timeout_s)


class Steady(FakeRisk):
    """Always finds the same level."""

    def __init__(self, level: RiskLevel) -> None:
        super().__init__()
        self._level = level

    def update(
        self, metrics: CrowdMetrics, *, stream_time_s: float, segment: int
    ) -> RiskAssessment:
        return dataclasses.replace(builders.assessment(), level=self._level)


class Count:
    """Counts what is published, and says when enough was."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._frames: Counter[int] = Counter()

    def take(self, snapshot: Snapshot) -> None:
        with self._changed:
            self._frames[snapshot.camera_id] += 1
            self._changed.notify_all()

    def next(self, frames: int, cameras: set[int]) -> Counter[int]:
        """Wait until ``cameras`` published ``frames`` more together; return how many each did."""
        with self._changed:
            before = self._frames.copy()
            assert self._changed.wait_for(
                lambda: sum((self._frames - before)[camera] for camera in cameras) >= frames,
                WAIT_S,
            )
            return self._frames - before

    def all_begun(self, cameras: set[int], wait_s: float = WAIT_S) -> None:
        """Wait until every camera has published something."""
        with self._changed:
            assert self._changed.wait_for(lambda: cameras <= set(self._frames), wait_s)


class House:
    """The real manager and scheduler over fake cameras, numbered from 1."""

    def __init__(self, levels: list[RiskLevel]) -> None:
        self.cameras = set(range(1, len(levels) + 1))
        self.broken = {camera: threading.Event() for camera in self.cameras}
        limits = ProcessorLimits(reconnect=BackoffParams(first_s=0.01, cap_s=0.05))
        bench = Bench(CLOCK, SourceShelf([]), limits=limits)
        parts = dataclasses.replace(
            bench.parts(),
            make_source=self._make_source,
            open_detector=lambda _config: BusyDetector([]),
            make_risk=lambda config, _params: Steady(levels[config.camera_id - 1]),
        )
        self.count = Count()
        self.bus = SnapshotBus()
        self.bus.subscribe(self.count.take, name="count")
        shared = bench.shared(outlet=self.bus, parts=parts)
        self.manager = CameraManager(shared, bus=self.bus, params=PARAMS)

    def start(self) -> None:
        for camera in self.cameras:
            spec = SourceSpec(SourceType.RTSP, str(camera))
            self.manager.start(CameraConfig(camera, f"Camera {camera}", spec), run_id=1)
        self.count.all_begun(self.cameras)

    def _make_source(self, spec: SourceSpec, _start: SourceStart) -> EverReadySource:
        return EverReadySource(self.broken[int(spec.source)])


@pytest.fixture
def houses() -> Iterator[Callable[[list[RiskLevel]], House]]:
    opened: list[House] = []

    def build(levels: list[RiskLevel]) -> House:
        opened.append(House(levels))
        opened[-1].start()
        return opened[-1]

    yield build
    for house in opened:
        assert house.manager.stop_all(WAIT_S)


def test_eleven_cameras_do_not_notice_that_the_twelfth_dies(
    houses: Callable[[list[RiskLevel]], House],
) -> None:
    house = houses([RiskLevel.SAFE] * 12)
    others = house.cameras - {7}
    house.count.next(240, house.cameras)
    house.broken[7].set()
    house.count.next(120, others)  # whatever it had under way is through
    after = house.count.next(660, others)
    assert after[7] == 0
    assert min(after[camera] for camera in others) >= 20, "60 each on the average"
    dead = house.manager.status(7)
    assert dead is not None
    assert dead.state in {CameraState.RECONNECTING, CameraState.CONNECTING}
    for camera in others:
        status = house.manager.status(camera)
        assert status is not None
        assert (status.state, status.reconnects) == (CameraState.RUNNING, 0)
    house.broken[7].clear()
    house.count.next(30, {7})


def test_a_risky_place_keeps_its_frames_while_quiet_ones_lose_theirs(
    houses: Callable[[list[RiskLevel]], House],
) -> None:
    house = houses([RiskLevel.CRITICAL, *[RiskLevel.SAFE] * 11])
    house.count.next(120, house.cameras)
    found = house.count.next(1200, house.cameras)
    quiet = [found[camera] for camera in house.cameras - {1}]
    assert found[1] > 1.5 * max(quiet)
    assert min(quiet) > 0, "nobody starves"


def test_overload_is_said_with_its_reason(houses: Callable[[list[RiskLevel]], House]) -> None:
    house = houses([RiskLevel.CRITICAL, *[RiskLevel.SAFE] * 3])
    house.count.next(400, house.cameras)
    status = house.manager.status(2)
    assert status is not None
    assert status.load is not None
    assert status.load.analysed_hz is not None
    assert status.load.lag_s is not None


@pytest.fixture(scope="module")
def real_parts(assets: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PipelineParts]:
    """The application's own parts with the INT8 network, allowed to play the clips.

    People are not followed: the tracker's libraries take longer to load than all the rest.
    """
    wanted = settings(
        tmp_path_factory.mktemp("home"),
        CROWDSAFE_OFFLINE=True,
        YOLO_MODEL=str(assets / "models" / "yolo11n_int8_openvino_model"),
    )
    models = build_model_store(wanted, CLOCK)
    parts = build_pipeline_parts(
        wanted, clock=CLOCK, open_detector=lambda _camera: models.open_detector()
    )
    limits = dataclasses.replace(source_limits(wanted), file_folders=(assets / "videos",))
    yield dataclasses.replace(
        parts,
        make_source=lambda spec, start: make_source(spec, limits=limits, clock=CLOCK, start=start),
        make_tracker=lambda _config, _rate: FakeTracker(),
    )
    models.close()


@pytest.mark.assets
@pytest.mark.weights
@pytest.mark.timeout(300)  # the first camera loads libraries: minutes beside other work
def test_four_full_hd_cameras_share_one_network_fairly(
    real_parts: PipelineParts, assets: Path
) -> None:
    bus, count = SnapshotBus(), Count()
    bus.subscribe(count.take, name="count")
    shared = SharedParts(parts=real_parts, outlet=bus, clock=CLOCK)
    manager = CameraManager(shared, bus=bus, params=PARAMS)
    videos = ("town-centre.mp4", "atrium-escalator.mp4")
    cameras = {1, 2, 3, 4}
    try:
        for camera in cameras:
            source = str(assets / "videos" / videos[camera % 2])
            spec = SourceSpec(SourceType.FILE, source, true_fps=25.0, loop=True)
            manager.start(CameraConfig(camera, f"Camera {camera}", spec), run_id=1)
        count.all_begun(cameras, LOAD_S)
        found = count.next(40, cameras)
        assert min(found[camera] for camera in cameras) >= 5, "10 each on the average"
        for camera in cameras:
            latest = bus.latest(camera)
            assert latest is not None
            assert latest.metrics.count > 0
    finally:
        assert manager.stop_all(WAIT_S)
