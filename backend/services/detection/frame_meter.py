"""Single pictures through the chain every camera has: same boxes, same count, same doubts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

from backend.core.camera import CameraConfig, SourceInfo
from backend.core.clock import Clock
from backend.core.errors import UnavailableError
from backend.core.frame import Frame, Tracks
from backend.core.measurements import CrowdMetrics, CrowdPicture
from backend.core.observation import FrameFacts
from backend.core.places import CameraPlaces, PlaceReadings
from backend.core.risk import RiskLevel
from backend.core.snapshot import Snapshot
from backend.crowd.params import AnalysisParams
from backend.pipeline.frame_pipeline import FramePipeline, PipelineLimits
from backend.pipeline.ports import Analyzer, PipelineParams, PipelineParts
from backend.services.detection.every_detection import EveryDetection
from backend.vision.inference.scheduler import InferenceScheduler, Turn

DETECT_TIMEOUT_S = 30.0
TURN_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class MeterParts:
    """What a `FrameMeter` is made of.

    Attributes:
        parts: The factories cameras are made of; their tracker is not used.
        params: Measurement and risk as set now.
        clock: Both clocks.
        scheduler: Grants turns at the networks, to the cameras as well.
    """

    parts: PipelineParts
    params: Callable[[], PipelineParams]
    clock: Clock
    scheduler: InferenceScheduler


class _Newest:
    """Keeps the snapshot published last."""

    def __init__(self) -> None:
        self.snapshot: Snapshot | None = None

    def publish(self, snapshot: Snapshot, frame: Frame) -> None:
        """Take a snapshot; nobody else hears of it."""
        self.snapshot = snapshot


class _WithoutLag:
    """An analyser that is not told how old the picture is by now.

    Numbers that lag are doubted because somebody watches them live. Here whoever asks is told
    the picture's age, and much of it is the time its own examination took.
    """

    def __init__(self, analyzer: Analyzer) -> None:
        self._analyzer = analyzer

    @property
    def place_readings(self) -> PlaceReadings:
        """What was measured of the places last."""
        return self._analyzer.place_readings

    def update(self, tracks: Tracks, facts: FrameFacts) -> tuple[CrowdMetrics, CrowdPicture]:
        """Measure one frame."""
        return self._analyzer.update(tracks, replace(facts, lag_s=None))

    def set_params(self, params: AnalysisParams) -> None:
        """Measure with ``params`` from now on."""
        self._analyzer.set_params(params)

    def set_places(self, places: CameraPlaces) -> None:
        """Measure these zones and lines from now on."""
        self._analyzer.set_places(places)


class FrameMeter:
    """Measures pictures of one place one by one; people are not followed.

    Used by one thread, as a context manager. Nothing is published or stored.

    Args:
        config: What is looked at, and with which model.
        given: Parts and parameters.

    Raises:
        ModelError: There is no detector.
    """

    def __init__(self, config: CameraConfig, given: MeterParts) -> None:
        self._newest = _Newest()
        self._pipeline = FramePipeline(
            config,
            run_id=0,
            parts=_for_single_pictures(given.parts),
            params=given.params(),
            outlet=self._newest,
            clock=given.clock,
            limits=PipelineLimits(detect_timeout_s=DETECT_TIMEOUT_S),
        )
        try:
            self._pipeline.load(given.scheduler)
            if self._pipeline.seat is not None:
                self._pipeline.seat.set_level(RiskLevel.SAFE)  # the smallest share of all
        except BaseException:
            self._pipeline.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pipeline.close()

    def connected(self, info: SourceInfo) -> None:
        """A source of pictures was opened."""
        self._pipeline.connected(info)

    def measure(self, frame: Frame, *, decode_ms: float = 0.0) -> Snapshot:
        """Return what is found in ``frame``; blocks for a detection and its examination.

        Raises:
            UnavailableError: No turn came, or the network did not answer in time.
        """
        self._pipeline.step(frame, turn=self._take_turn(), decode_ms=decode_ms)
        self._pipeline.drain()
        assert self._newest.snapshot is not None, "a frame that went in comes out measured"
        return self._newest.snapshot

    def _take_turn(self) -> Turn | None:
        """Wait for a turn among the cameras; a simulation needs none."""
        seat = self._pipeline.seat
        if seat is None:
            return None
        turn = seat.take(TURN_TIMEOUT_S, self._pipeline.cost)
        if turn is None:
            raise UnavailableError(
                "The cameras keep the detector busy. Ask again in a moment.", retry_after_s=5
            )
        return turn


def _for_single_pictures(parts: PipelineParts) -> PipelineParts:
    return replace(
        parts,
        make_tracker=lambda _config, _rate: EveryDetection(),
        make_analyzer=lambda config, params, model: _WithoutLag(
            parts.make_analyzer(config, params, model)
        ),
        make_counter=lambda _config: None,  # a share of the count grows over seconds, not in one
    )
