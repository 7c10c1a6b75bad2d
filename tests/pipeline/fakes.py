"""Hand-written collaborators of the pipeline: finite, deterministic, no threads, no waiting."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from backend.core.calibration import BackgroundFeatures, Calibration, CalibrationMethod
from backend.core.camera import CameraConfig, ModelInfo, SourceInfo, SourceSpec
from backend.core.clock import Clock
from backend.core.errors import SourceEnded
from backend.core.frame import Detections, Frame, Image, Tracks
from backend.core.measurements import CrowdMetrics, CrowdPicture, Quality, SaturationEvidence
from backend.core.observation import CountError, CrowdMap, FrameFacts, PictureFlow
from backend.core.places import CameraPlaces, PlaceReadings
from backend.core.risk import RiskAssessment, ZoneRisk
from backend.core.snapshot import Snapshot
from backend.core.trust import Trust
from backend.crowd.params import AnalysisParams
from backend.pipeline.ports import PipelineParams, PipelineParts
from backend.pipeline.shared_parts import ProcessorLimits, SharedParts
from backend.risk.params import RiskParams
from backend.vision.camera_moved import STEADY, ViewVerdict
from backend.vision.density.counter import DensityModelInfo
from backend.vision.sources.base import SourceStart
from tests import builders

PARAMS = PipelineParams(AnalysisParams(), RiskParams())

CALIBRATION = Calibration(
    version=1,
    method=CalibrationMethod.POINTS,
    picture_wh=(320, 240),
    homography=(0.02, 0.0, 0.0, 0.0, 0.02, 0.0, 0.0, 0.0, 1.0),
    monitored_px=None,
    walkable_px=None,
    rms_error_m=None,
    length_spread=0.02,
    area_spread=0.04,
    calibrated_at=builders.EPOCH,
)
"""Of a camera that looks straight down on 6.4 m × 4.8 m."""

Item: TypeAlias = Frame | Exception | None
"""What one `read` does: deliver, raise, or find nothing."""


def info(*, frames_total: int | None = None, nominal_fps: float | None = 25.0) -> SourceInfo:
    """Return what a small video turned out to be."""
    duration_s = None if frames_total is None else frames_total / 25
    return SourceInfo(320, 240, nominal_fps, duration_s, frames_total, "h264", "mp4")


class ScriptedSource:
    """Delivers a script, item by item; ends when it is through.

    Args:
        script: What successive reads do.
        opening: Raised by `open`.
        on_read: Called before each item with its number, to let a test act at that moment.
    """

    def __init__(
        self,
        script: Sequence[Item],
        *,
        opening: Exception | None = None,
        facts: SourceInfo | None = None,
        on_read: Callable[[int], None] = lambda _number: None,
    ) -> None:
        self._script = list(script)
        self._opening = opening
        self._facts = facts or info()
        self._on_read = on_read
        self._reads = 0
        self.timeouts: list[float] = []
        self.dropped_frames = 0
        self.decode_ms = 1.5
        self.is_closed = False
        self.wanted_rates: list[float | None] = []

    @property
    def info(self) -> SourceInfo:
        return self._facts

    def open(self) -> None:
        if self._opening is not None:
            raise self._opening

    def read(self, timeout_s: float) -> Frame | None:
        self.timeouts.append(timeout_s)
        if not self._script:
            raise SourceEnded("The video is over.")
        self._on_read(self._reads)
        self._reads += 1
        item = self._script.pop(0)
        if isinstance(item, Exception):
            raise item
        return item

    def set_wanted_rate(self, rate_hz: float | None) -> None:
        self.wanted_rates.append(rate_hz)

    def close(self) -> None:
        self.is_closed = True


class StuckSource(ScriptedSource):
    """Delivers its script and then stays open without another frame until released: the end.

    Args:
        stays: It does not even keep its timeout, and `close` does not wake it: stuck.
    """

    def __init__(self, script: Sequence[Item], *, stays: bool = False) -> None:
        super().__init__(script)
        self._left = len(script)
        self._stays = stays
        self.release = threading.Event()
        self.is_stuck = threading.Event()

    def read(self, timeout_s: float) -> Frame | None:
        if self._left:
            self._left -= 1
            return super().read(timeout_s)
        if self.release.is_set():
            raise SourceEnded("The video is over.")
        if timeout_s > 0:
            self.is_stuck.set()
            self.release.wait(10 if self._stays else min(timeout_s, 0.02))
        return None


@dataclass
class SourceShelf:
    """Hands out prepared sources in order and remembers where each was to start."""

    sources: list[ScriptedSource]
    starts: list[SourceStart] = field(default_factory=list)

    def __call__(self, spec: SourceSpec, start: SourceStart) -> ScriptedSource:
        self.starts.append(start)
        return self.sources.pop(0)


class FakeDetector:
    """Finds one person per frame; writes down what it is asked."""

    def __init__(self, log: list[str], *, failure: Exception | None = None) -> None:
        self._log = log
        self._failure = failure
        self._count = 0
        self.is_closed = False

    @property
    def info(self) -> ModelInfo:
        return builders.model_info()

    def submit(self, image: Image) -> FakeTicket:
        number = self._count
        self._count += 1
        self._log.append(f"submit {number}")
        return FakeTicket(self._log, number, self._failure)

    def close(self) -> None:
        self.is_closed = True


class FakeTicket:
    def __init__(self, log: list[str], number: int, failure: Exception | None) -> None:
        self._log = log
        self._number = number
        self._failure = failure

    def result(self, timeout_s: float = 30.0) -> Detections:
        if self._failure is not None:
            raise self._failure
        self._log.append(f"result {self._number}")
        return builders.detections((10.0 * self._number, 20.0, 10.0 * self._number + 8, 60.0))


class FakeTracker:
    """Calls every detection a track."""

    fault = ""

    def __init__(self) -> None:
        self.resets = 0

    def update(self, detections: Detections, frame: Frame) -> Tracks:
        ids = np.arange(1, len(detections) + 1, dtype=np.int64)
        return Tracks(ids, detections.boxes_xyxy, detections.confidence)

    def set_frame_rate(self, frame_rate_hz: float) -> None:
        self.frame_rate_hz = frame_rate_hz

    def reset(self) -> None:
        self.resets += 1


class FakeAnalyzer:
    """Counts tracks, all of them in every zone; remembers what it was told."""

    def __init__(self) -> None:
        self.segments: list[int] = []
        self.saturations: list[SaturationEvidence | None] = []
        self.lags: list[float | None] = []
        self.facts: list[FrameFacts] = []
        self.params: list[AnalysisParams] = []
        self.places: list[CameraPlaces] = []
        self.place_readings = PlaceReadings()
        self.map_share = 0.0

    def update(self, tracks: Tracks, facts: FrameFacts) -> tuple[CrowdMetrics, CrowdPicture]:
        self.facts.append(facts)
        self.segments.append(facts.segment)
        self.saturations.append(facts.saturation)
        self.lags.append(facts.lag_s)
        quality = {"count": Quality(Trust.OK)}
        self.place_readings = builders.place_readings(self.places[-1], count=float(len(tracks)))
        crowd = builders.metrics(
            count=float(len(tracks)), quality=quality, map_share=self.map_share
        )
        return crowd, CrowdPicture()

    def set_params(self, params: AnalysisParams) -> None:
        self.params.append(params)

    def set_places(self, places: CameraPlaces) -> None:
        self.places.append(places)


class FakeRisk:
    """Finds everything safe."""

    def __init__(self) -> None:
        self.seen: list[CrowdMetrics] = []
        self.params: list[RiskParams] = []

    def update(
        self, metrics: CrowdMetrics, *, stream_time_s: float, segment: int
    ) -> RiskAssessment:
        self.seen.append(metrics)
        return builders.assessment()

    def set_params(self, params: RiskParams) -> None:
        self.params.append(params)


class FakeZoneRisks:
    """Finds every zone safe; remembers what it was told."""

    def __init__(self) -> None:
        self.seen: list[PlaceReadings] = []
        self.params: list[RiskParams] = []

    def update(
        self, places: CameraPlaces, readings: PlaceReadings, *, stream_time_s: float, segment: int
    ) -> tuple[ZoneRisk, ...]:
        assert places.version == readings.version
        self.seen.append(readings)
        return tuple(ZoneRisk(zone.zone_id, builders.assessment()) for zone in readings.zones)

    def set_params(self, params: RiskParams) -> None:
        self.params.append(params)


class FakeSaturation:
    """Notes when it looked; finds the scene saturated from ``saturated_from_s`` on."""

    def __init__(self) -> None:
        self.looked_at: list[float] = []
        self.saturated_from_s = float("inf")

    def due(self, stream_time_s: float, segment: int) -> bool:
        return not self.looked_at or stream_time_s - self.looked_at[-1] >= 5.0

    def examine(self, frame: Frame, detections: Detections) -> SaturationEvidence:
        self.looked_at.append(frame.stream_time_s)
        saturated = frame.stream_time_s >= self.saturated_from_s
        return SaturationEvidence(saturated, "", float(saturated), frame.stream_time_s)


class FakeViewCheck:
    """Says what it is told to say; remembers what it was shown."""

    def __init__(self) -> None:
        self.references: list[BackgroundFeatures | None] = []
        self.boxes: list[npt.NDArray[np.float32]] = []
        self.verdict_at: Callable[[float], ViewVerdict] = lambda _stream_time_s: STEADY

    def made_for(self, reference: BackgroundFeatures | None) -> FakeViewCheck:
        self.references.append(reference)
        return self

    def examine(
        self, image: Image, boxes_xyxy: npt.NDArray[np.float32], *, stream_time_s: float
    ) -> ViewVerdict:
        self.boxes.append(boxes_xyxy)
        return self.verdict_at(stream_time_s)


class FakeFlow:
    """Finds a picture that stands still; notes when it was asked."""

    def __init__(self) -> None:
        self.asked_at: list[float] = []

    def update(self, image: Image, *, stream_time_s: float, segment: int) -> PictureFlow:
        self.asked_at.append(stream_time_s)
        nothing = np.zeros((0, 2), np.float32)
        return PictureFlow(stream_time_s, nothing, nothing, 0.0)


def crowd_map(
    *,
    stream_time_s: float = 0.0,
    segment: int = 0,
    per_cell: float = 0.0,
    heads: int = 0,
    doubt: str = "",
) -> CrowdMap:
    """Return the map of a picture of 320 x 240.

    Args:
        stream_time_s, segment, doubt: As in `CrowdMap`.
        per_cell: People in every cell.
        heads: Further people, side by side in the first rows of four cells.
    """
    people = np.full((30, 40), per_cell, np.float32)
    people[np.arange(heads) // 4, np.arange(heads) % 4] += 1.0
    return CrowdMap(
        stream_time_s=stream_time_s,
        segment=segment,
        people=people,
        cell_wh_px=(8.0, 8.0),
        picture_wh=(320, 240),
        heads_px=np.zeros((0, 2), np.float32),
        error=CountError(1.0, 0.1, 1.0),
        crowded_per_cell=2.0,
        doubt=doubt,
    )


class FakeCounter:
    """Finds the place dense from ``dense_from_s`` on; notes when it counted.

    Args:
        log: Told of each map.
        device: Where it says it computes.
        failure: Raised by `count` while it is set.
    """

    def __init__(
        self,
        log: list[str] | None = None,
        *,
        device: str = "cpu",
        failure: Exception | None = None,
    ) -> None:
        self._log = log if log is not None else []
        self._device = device
        self.failure = failure
        self.dense_from_s = float("inf")
        self.heads = 0
        self.doubt = ""
        self.counted_at: list[float] = []
        self.is_closed = False

    @property
    def info(self) -> DensityModelInfo:
        return DensityModelInfo("fake", "openvino", "f32", self._device, (432, 768), 8, "0" * 64)

    def count(self, frame: Frame) -> CrowdMap:
        assert not self.is_closed, "a closed counter was asked"
        if self.failure is not None:
            raise self.failure
        self._log.append(f"count {frame.index}")
        self.counted_at.append(frame.stream_time_s)
        return crowd_map(
            stream_time_s=frame.stream_time_s,
            segment=frame.segment,
            per_cell=1.0 if frame.stream_time_s >= self.dense_from_s else 0.0,
            heads=self.heads,
            doubt=self.doubt,
        )

    def close(self) -> None:
        self.is_closed = True


class Collector:
    """An outlet that keeps everything."""

    def __init__(self, log: list[str] | None = None) -> None:
        self.snapshots: list[Snapshot] = []
        self.on_publish: Callable[[int], None] = lambda _number: None
        self._log = log if log is not None else []

    def publish(self, snapshot: Snapshot, frame: Frame) -> None:
        self._log.append(f"publish {snapshot.frame_index}")
        self.snapshots.append(snapshot)
        self.on_publish(len(self.snapshots))


@dataclass
class Bench:
    """Everything one camera is given, at hand for the test."""

    clock: Clock
    shelf: SourceShelf
    log: list[str] = field(default_factory=list)
    tracker: FakeTracker = field(default_factory=FakeTracker)
    analyzer: FakeAnalyzer = field(default_factory=FakeAnalyzer)
    risk: FakeRisk = field(default_factory=FakeRisk)
    zone_risks: FakeZoneRisks = field(default_factory=FakeZoneRisks)
    saturation: FakeSaturation = field(default_factory=FakeSaturation)
    view_check: FakeViewCheck = field(default_factory=FakeViewCheck)
    flows: list[FakeFlow] = field(default_factory=list)
    counter: FakeCounter | None = None
    failure: Exception | None = None
    limits: ProcessorLimits = field(default_factory=ProcessorLimits)
    detectors: list[FakeDetector] = field(default_factory=list)
    on_load: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        self.outlet = Collector(self.log)

    def open_detector(self, _config: CameraConfig) -> FakeDetector:
        self.on_load()
        self.detectors.append(FakeDetector(self.log, failure=self.failure))
        return self.detectors[-1]

    def parts(self) -> PipelineParts:
        return PipelineParts(
            make_source=self.shelf,
            open_detector=self.open_detector,  # type: ignore[arg-type,return-value]
            make_tracker=lambda _config, _rate: self.tracker,
            make_analyzer=lambda _config, _params, _model: self.analyzer,
            make_risk=lambda _config, _params: self.risk,
            make_zone_risks=lambda _params: self.zone_risks,
            make_saturation=lambda _detector: self.saturation,
            make_view_check=self.view_check.made_for,
            make_flow=self.make_flow,
            make_counter=self.open_counter,
        )

    def open_counter(self, _config: CameraConfig) -> FakeCounter | None:
        if self.counter is not None:
            self.counter.is_closed = False
        return self.counter

    def make_flow(self) -> FakeFlow:
        self.flows.append(FakeFlow())
        return self.flows[-1]

    def shared(self, **changes: object) -> SharedParts:
        fields: dict[str, object] = {
            "parts": self.parts(),
            "outlet": self.outlet,
            "clock": self.clock,
            "limits": self.limits,
        }
        return SharedParts(**(fields | changes))  # type: ignore[arg-type]


def frames(
    count: int, *, first: int = 0, segment: int = 0, start: SourceStart | None = None
) -> list[Frame]:
    """Return frames of one segment at 25 frames a second, stamped ``index`` from ``first``."""
    return [
        builders.frame(index=first + n, stream_time_s=n / 25, segment=segment) for n in range(count)
    ]


def config(**changes: object) -> CameraConfig:
    """Return a live camera."""
    return builders.camera_config(**changes)  # type: ignore[arg-type]


def seconds(value: float) -> timedelta:
    """Return a duration."""
    return timedelta(seconds=value)
