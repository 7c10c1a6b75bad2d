"""What one picture comes to: numbers of the camera and its places, their trust, and the risk."""

from __future__ import annotations

from dataclasses import dataclass

from backend.core.camera import CameraConfig, ModelInfo
from backend.core.clock import Clock
from backend.core.frame import Detections, Frame, Tracks
from backend.core.measurements import CrowdMetrics, CrowdPicture
from backend.core.observation import CrowdMap, FrameFacts
from backend.core.places import CameraPlaces, PlaceReadings
from backend.core.risk import RiskAssessment, RiskLevel, ZoneRisk
from backend.core.trust import Trust
from backend.pipeline.picture_watch import (
    PictureFindings,
    PictureWatch,
    distrust,
    distrust_places,
)
from backend.pipeline.places_watch import PlacesWatch
from backend.pipeline.ports import Analyzer, PipelineParams, PipelineParts
from backend.vision.detector import Detector
from backend.vision.picture_health import PictureVerdict


@dataclass(frozen=True, slots=True)
class SeenFrame:
    """One picture with everybody who was found in it.

    Attributes:
        frame: The picture.
        detections: Made in it.
        tracks: The same people, followed.
        model: Network that found them.
        crowd_map: Newest density map, None before the first.
        is_dense: Whether that map still holds and shows a dense place.
        outage_s: How long a live stream was interrupted just before, seconds; None if it was not.
    """

    frame: Frame
    detections: Detections
    tracks: Tracks
    model: ModelInfo
    crowd_map: CrowdMap | None = None
    is_dense: bool = False
    outage_s: float | None = None


@dataclass(frozen=True, slots=True)
class AssessedFrame:
    """What a picture came to.

    Attributes:
        found: What it tells besides the people in it.
        metrics, picture: What was measured.
        camera_places, places: Zones and lines in force, and what was measured of them.
        risk, zone_risks: What that means.
        measured_mono_s: When all was measured and only the risk was still to be found.
    """

    found: PictureFindings
    metrics: CrowdMetrics
    picture: CrowdPicture
    camera_places: CameraPlaces
    places: PlaceReadings
    risk: RiskAssessment
    zone_risks: tuple[ZoneRisk, ...]
    measured_mono_s: float

    @property
    def level(self) -> RiskLevel:
        """That of the camera or of the worst of its zones."""
        return max([self.risk.level, *(zone.risk.level for zone in self.zone_risks)])

    @property
    def is_saturated(self) -> bool:
        """Whether there may be more people than the detector can tell apart."""
        seen = self.found.saturation
        return self.metrics.trust is Trust.SATURATED or (seen is not None and seen.saturated)


class FrameAssessor:
    """Measures and judges one camera's pictures in their order; used by one thread only.

    Knows nothing of networks, turns and queues: people come in found and followed.

    Args:
        config: The camera.
        parts: Factories of the stages.
        params: Parameters to begin with.
        clock: Says how old a live picture is by now.
    """

    def __init__(
        self, config: CameraConfig, parts: PipelineParts, params: PipelineParams, clock: Clock
    ) -> None:
        self._config = config
        self._parts = parts
        self._params = params
        self._clock = clock
        self._places = config.places
        self._watch = PictureWatch(config, parts, params.analysis)
        self._drawn = PlacesWatch(config, parts.make_view_check)
        self._risk = parts.make_risk(config, params.risk)
        self._zone_risks = parts.make_zone_risks(params.risk)
        self._analyzer: Analyzer | None = None
        self._findings = PictureFindings(PictureVerdict.good())

    @property
    def findings(self) -> PictureFindings:
        """What was found in the newest picture."""
        return self._findings

    @property
    def places_fault(self) -> str:
        """Why zones and lines may lie on other ground; empty where nothing speaks against them."""
        return self._drawn.fault

    def open(self, detector: Detector) -> None:
        """Take the detector through which saturation is examined."""
        self._watch.open(detector)

    def set_params(self, params: PipelineParams) -> None:
        """Measure and assess with ``params`` from the next picture on."""
        self._params = params
        self._watch.set_params(params.analysis)
        if self._analyzer is not None:
            self._analyzer.set_params(params.analysis)
        self._risk.set_params(params.risk)
        self._zone_risks.set_params(params.risk)

    def set_places(self, places: CameraPlaces) -> None:
        """Measure these zones and lines from the next picture on."""
        self._places = places
        self._drawn.set_places(places)
        if self._analyzer is not None:
            self._analyzer.set_places(places)

    def enter_segment(self) -> None:
        """Forget of the picture what must not span a break in the stream."""
        self._watch.enter_segment()

    def assess(self, seen: SeenFrame) -> AssessedFrame:
        """Return what a picture comes to."""
        frame = seen.frame
        found = self._findings = self._watch.examine(
            frame, seen.detections, crowd_map=seen.crowd_map, is_dense=seen.is_dense
        )
        self._drawn.examine(frame, seen.detections, found.health)
        analyzer = self._analyzer_for(seen.model)
        metrics, picture = analyzer.update(seen.tracks, self._facts(seen, found))
        metrics = distrust(metrics, found.health)
        places = distrust_places(self._drawn.doubt(analyzer.place_readings), found.health)
        measured_mono_s = self._clock.monotonic()
        at, segment = frame.stream_time_s, frame.segment
        return AssessedFrame(
            found,
            metrics,
            picture,
            self._places,
            places,
            self._risk.update(metrics, stream_time_s=at, segment=segment),
            self._zone_risks.update(self._places, places, stream_time_s=at, segment=segment),
            measured_mono_s,
        )

    def lag_s(self, frame: Frame) -> float | None:
        """Return how old a live picture is by now, seconds; None for one of a recording."""
        if not self._config.spec.source_type.is_live:
            return None
        return max(self._clock.monotonic() - frame.captured_mono_s, 0.0)

    def _facts(self, seen: SeenFrame, found: PictureFindings) -> FrameFacts:
        frame = seen.frame
        return FrameFacts(
            stream_time_s=frame.stream_time_s,
            segment=frame.segment,
            picture_wh=frame.picture_wh,
            saturation=found.saturation,
            reduced_accuracy=seen.model.reduced_accuracy,
            lag_s=self.lag_s(frame),
            calibration_fault=found.calibration_fault,
            picture_flow=found.flow,
            crowd_map=found.crowd_map,
            outage_s=seen.outage_s,
        )

    def _analyzer_for(self, model: ModelInfo) -> Analyzer:
        """Make the analyser at the first picture: only then is the network's input size known."""
        if self._analyzer is None:
            self._analyzer = self._parts.make_analyzer(self._config, self._params.analysis, model)
            self._analyzer.set_places(self._places)
        return self._analyzer
