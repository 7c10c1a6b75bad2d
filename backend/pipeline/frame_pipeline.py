"""One camera's chain from picture to snapshot, detection overlapping everything after it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from backend.core.camera import (
    SIMULATION_MODEL,
    CameraConfig,
    ModelInfo,
    SourceInfo,
    SourceType,
)
from backend.core.clock import Clock
from backend.core.frame import Frame
from backend.core.places import CameraPlaces
from backend.core.risk import RiskLevel
from backend.core.snapshot import CameraLoad, Snapshot, StageTimings
from backend.pipeline.density_seat import DensitySeat
from backend.pipeline.density_watch import DensityPace, DensityWatch
from backend.pipeline.detection_queue import DetectionQueue, PendingFrame
from backend.pipeline.frame_assessor import AssessedFrame, FrameAssessor, SeenFrame
from backend.pipeline.load_watch import LoadWatch
from backend.pipeline.ports import (
    PipelineParams,
    PipelineParts,
    SaturationExaminer,
    SnapshotOutlet,
)
from backend.pipeline.survey_pace import PacedExaminer
from backend.pipeline.tracker_rate import RatedTracker
from backend.vision.detector import Detector
from backend.vision.inference.scheduler import InferenceScheduler, Rivals, Seat, SeatPlan, Turn
from backend.vision.inference.seated import SeatedDetector

_REGION_S = 5.0
"""What one region of a survey may take on a busy machine before the thread counts as stuck."""


@dataclass(frozen=True, slots=True)
class PipelineLimits:
    """How the chain paces itself.

    Attributes:
        detect_timeout_s: A detection that takes longer has failed.
        depth: Detections under way at once. 1 adds no latency (live); more keep every
            inference stream busy while this thread works on an earlier frame (recordings).
        depth_behind: The same for a live camera that falls behind and has the processor to
            itself.
    """

    detect_timeout_s: float = 30.0
    depth: int = 1
    depth_behind: int = 2


class FramePipeline:
    """Detector handle, tracker, analyser and risk of one camera, and nothing that waits for it.

    ``step`` starts the detection of the new frame, then finishes the previous one (tracking,
    measuring, risk, publication) while the network works, then waits for the network. Used by
    one thread only.

    Args:
        config: The camera.
        run_id: Number of this run.
        parts: Factories of the stages.
        params: Parameters to begin with.
        outlet: Where snapshots go.
        clock: Both clocks.
        limits: Pacing.
        on_wait: Called about once a second while waiting for the network, and before work that
            may take long, with the seconds to allow for it.
    """

    def __init__(
        self,
        config: CameraConfig,
        *,
        run_id: int,
        parts: PipelineParts,
        params: PipelineParams,
        outlet: SnapshotOutlet,
        clock: Clock,
        limits: PipelineLimits,
        on_wait: Callable[[float], None] = lambda _allow_s: None,
    ) -> None:
        self._config = config
        self._run_id = run_id
        self._parts = parts
        self._outlet = outlet
        self._clock = clock
        self._limits = limits
        self._seat: Seat | None = None
        self._on_wait = on_wait
        self._detector: Detector | None = None
        self._tracker = RatedTracker(config, parts.make_tracker)
        self._load = LoadWatch(config)
        self._surveys: PacedExaminer | None = None
        self._level = RiskLevel.SAFE
        self._assessor = FrameAssessor(config, self._paced(parts), params, clock)
        self._queue = DetectionQueue(clock, timeout_s=limits.detect_timeout_s, on_wait=on_wait)
        self._density = self._make_density_watch()
        self._ready: PendingFrame | None = None
        self._segment: int | None = None
        self._seen_mono_s = 0.0
        self._sequence = 0

    @property
    def _is_simulated(self) -> bool:
        return self._config.spec.source_type is SourceType.SIMULATED

    @property
    def seat(self) -> Seat | None:
        """The camera's place at its device; None where it needs no turns, or before `load`."""
        return self._seat

    @property
    def cost(self) -> float:
        """What one picture costs at the device, in pictures of one tile."""
        return 1.0 if self._detector is None else float(self._detector.info.tiles)

    @property
    def load_watch(self) -> LoadWatch:
        """Rates of the camera."""
        return self._load

    @property
    def is_idle(self) -> bool:
        """Whether no frame is on its way."""
        return self._ready is None and not len(self._queue)

    @property
    def model(self) -> ModelInfo | None:
        """The model in use, None until loaded."""
        if self._is_simulated:
            return SIMULATION_MODEL
        return None if self._detector is None else self._detector.info

    @property
    def picture_fault(self) -> str:
        """What is wrong with the picture, its view, the tracker or the density counter, else ""."""
        return self._assessor.findings.fault or self._tracker.fault or self._density.fault

    @property
    def density_fault(self) -> str:
        """Why dense crowds are not counted, else ""; may be asked by any thread."""
        return self._density.fault

    @property
    def calibration_fault(self) -> str:
        """Why the calibration does not fit the picture, empty when it does."""
        return self._assessor.findings.calibration_fault

    @property
    def places_fault(self) -> str:
        """Why zones and lines may lie on other ground; empty where nothing speaks against them."""
        return self._assessor.places_fault

    def load_now(self, snapshot: Snapshot) -> CameraLoad | None:
        """Return how the camera fares at the processor, None for a recording."""
        rivals = Rivals() if self._seat is None else self._seat.rivals()
        return self._load.load(snapshot.published_mono_s, rivals, snapshot.lag_s)

    def load(self, scheduler: InferenceScheduler | None = None) -> None:
        """Open the detector and make the tracker (the first camera loads libraries: seconds).

        Args:
            scheduler: Where the camera gets its seat; None for pictures that need no turns.
        """
        if self._is_simulated:
            return
        self._detector = self._parts.open_detector(self._config)
        self._queue.open(self._detector)
        self._assessor.open(self._seated(self._detector, scheduler))
        self._tracker.load()

    def connected(self, info: SourceInfo) -> None:
        """A source was opened: forget the frame rate measured before, expect the declared one."""
        self._load.connected(info)
        self._tracker.connected(info, self._clock.monotonic())

    def set_params(self, params: PipelineParams) -> None:
        """Measure and assess with ``params`` from the next frame on."""
        self._assessor.set_params(params)

    def set_places(self, places: CameraPlaces) -> None:
        """Measure these zones and lines from the next frame on."""
        self._assessor.set_places(places)

    def step(
        self, frame: Frame | None, *, turn: Turn | None = None, decode_ms: float = 0.0
    ) -> Snapshot | None:
        """Take the next frame (None: there is none now); return the snapshot finished, if any.

        Args:
            frame: Submitted to the network at once.
            turn: The turn it was fetched under; given back with its answer.
            decode_ms: What decoding it took.

        Raises:
            UnavailableError: The network did not answer in time.
        """
        if frame is not None:
            self._queue.submit(frame, turn, decode_ms)
        snapshot = self._finish_ready()
        if len(self._queue) and (frame is None or len(self._queue) >= self._depth):
            self._ready = self._queue.take()
        return snapshot

    def drain(self) -> None:
        """Finish everything under way."""
        while not self.is_idle:
            self.step(None)

    def abandon(self) -> None:
        """From another thread: give back the turns of a thread that is stuck."""
        if self._seat is not None:
            self._seat.close()
        self._density.abandon()

    def close(self) -> None:
        """Let go of what is under way, of the networks and of the seat; idempotent."""
        self._queue.clear()
        self._ready = None
        self.abandon()
        self._density.close()
        if self._detector is not None:
            self._detector.close()

    @property
    def _depth(self) -> int:
        """Frames that may be under way before the oldest is waited for."""
        return self._limits.depth_behind if self._load.is_short else self._limits.depth

    def _paced(self, parts: PipelineParts) -> PipelineParts:
        """Return the parts with examinations that let frames go first."""

        def make(detector: Detector) -> SaturationExaminer:
            self._surveys = PacedExaminer(
                parts.make_saturation(detector),
                self._can_wait,
                now_s=self._clock.monotonic,
                defers=self._config.spec.source_type.is_live,
            )
            return self._surveys

        return replace(parts, make_saturation=make)

    def _make_density_watch(self) -> DensityWatch:
        is_live = self._config.spec.source_type.is_live
        return DensityWatch(
            lambda: self._parts.make_counter(self._config),
            DensityPace(self._parts.density_interval_s, defers=is_live),
            clock=self._clock,
            is_short=self._can_wait,
            announce=self._on_wait,
            give_turns_back=self._queue.read_answers,
        )

    def _can_wait(self) -> bool:
        """Whether frames are lacking more than examinations of the counter."""
        return self._load.is_short and self._level < RiskLevel.WARNING

    def _seated(self, detector: Detector, scheduler: InferenceScheduler | None) -> Detector:
        """Sit down at the detector's device; return the handle that surveys under its turns."""
        if scheduler is None:
            return detector
        info = detector.info
        is_live = self._config.spec.source_type.is_live
        self._seat = scheduler.open_seat(SeatPlan(info.device, info.parallel, is_live))
        self._density.sit_at(
            DensitySeat(self._seat, own_device=info.device, scheduler=scheduler, is_live=is_live)
        )
        return SeatedDetector(
            detector,
            self._seat,
            announce=lambda regions: self._on_wait(_REGION_S * regions),
        )

    def _finish_ready(self) -> Snapshot | None:
        pending, self._ready = self._ready, None
        if pending is None:
            return None
        model = self.model
        assert model is not None, "load() comes first"
        frame = pending.frame
        outage_s = self._enter_segment(frame)
        self._density.lead(frame)
        started_s = self._clock.monotonic()
        tracks = self._tracker.follow(pending)
        tracked_s = self._clock.monotonic()
        assessed = self._assessor.assess(
            SeenFrame(
                frame,
                pending.detections,
                tracks,
                model,
                crowd_map=self._density.newest,
                is_dense=self._density.is_map_dense(frame.stream_time_s),
                outage_s=outage_s,
            )
        )
        finished_s = self._clock.monotonic()
        timings = StageTimings(
            decode_ms=pending.decode_ms,
            detect_ms=pending.detect_ms,
            track_ms=1000 * (tracked_s - started_s),
            analyse_ms=1000 * (assessed.measured_mono_s - tracked_s),
            risk_ms=1000 * (finished_s - assessed.measured_mono_s),
            count_ms=self._density.count_ms,
            total_ms=1000 * (finished_s - pending.submitted_mono_s),
        )
        self._level = assessed.level
        snapshot = self._snapshot(frame, assessed, timings, model)
        self._outlet.publish(snapshot, frame)
        self._look_closer(pending, assessed)
        return snapshot

    def _look_closer(self, pending: PendingFrame, assessed: AssessedFrame) -> None:
        """Survey and count what was published, as far as frames leave time for it."""
        frame = pending.frame
        if self._surveys is not None:
            may_look = self._seat is None or self._seat.may_survey(can_wait=self._can_wait())
            self._on_wait(0.0)
            self._surveys.catch_up(frame, pending.detections, may_look=may_look)
        self._density.follow(
            frame, is_saturated=assessed.is_saturated, map_share=assessed.metrics.map_share
        )

    def _enter_segment(self, frame: Frame) -> float | None:
        """Forget what must not span a break in the stream; return how long a live one was, s."""
        seen_mono_s, self._seen_mono_s = self._seen_mono_s, frame.captured_mono_s
        if frame.segment == self._segment:
            return None
        is_back = self._segment is not None
        if is_back:
            self._tracker.reset()
        self._segment = frame.segment
        self._assessor.enter_segment()
        if not (is_back and self._config.spec.source_type.is_live):
            return None
        return max(frame.captured_mono_s - seen_mono_s, 0.0)

    def _snapshot(
        self, frame: Frame, assessed: AssessedFrame, timings: StageTimings, model: ModelInfo
    ) -> Snapshot:
        now_s = self._clock.monotonic()
        self._load.analysed(now_s)
        if self._seat is not None:
            self._seat.set_level(self._level)
            self._seat.set_can_wait(self._can_wait())
        self._tracker.analysed(now_s)
        self._sequence += 1
        return Snapshot(
            camera_id=self._config.camera_id,
            camera_name=self._config.name,
            sequence=self._sequence,
            run_id=self._run_id,
            frame_index=frame.index,
            segment=frame.segment,
            stream_time_s=frame.stream_time_s,
            captured_at=frame.captured_at,
            captured_mono_s=frame.captured_mono_s,
            published_mono_s=now_s,
            picture_wh=frame.picture_wh,
            picture=assessed.picture,
            metrics=assessed.metrics,
            risk=assessed.risk,
            model=model,
            timings=timings,
            is_recorded=not self._config.spec.source_type.is_live,
            fps=self._tracker.rate_hz(now_s),
            lag_s=self._assessor.lag_s(frame),
            planned_interval_s=self._load.planned_interval_s(now_s),
            camera_places=assessed.camera_places,
            places=assessed.places,
            zone_risks=assessed.zone_risks,
        )
