"""What each picture tells besides the people in it: is it whole, is it the calibrated view,
are there more people than the detector can tell apart, and how does the picture move?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from backend.core.calibration import Calibration
from backend.core.camera import CameraConfig, SourceType
from backend.core.frame import Detections, Frame
from backend.core.measurements import (
    NO_QUALITIES,
    CrowdMetrics,
    Quality,
    SaturationEvidence,
)
from backend.core.observation import CrowdMap, PictureFlow
from backend.core.places import LineReading, PlaceReadings, ZoneReading
from backend.core.trust import Trust, worst_trust
from backend.crowd.params import AnalysisParams
from backend.pipeline.ports import FlowMeter, PipelineParts, SaturationExaminer, ViewCheck
from backend.vision.camera_moved import ViewState
from backend.vision.detector import Detector
from backend.vision.picture_health import PictureHealth, PictureVerdict

_Reading = TypeVar("_Reading", ZoneReading, LineReading)

ASPECT_TOLERANCE = 0.02
"""Share by which a stream's aspect ratio may differ from the calibration's picture."""


@dataclass(frozen=True, slots=True)
class PictureFindings:
    """What was found in one picture.

    Attributes:
        health: Whether the picture shows the world at all.
        saturation: Newest examination of the counter, None before the first.
        calibration_fault: Why the calibration does not fit this picture, empty when it does.
        flow: Dense optical flow up to this picture, None where it was not computed.
        crowd_map: Newest density map, None before the first.
    """

    health: PictureVerdict
    saturation: SaturationEvidence | None = None
    calibration_fault: str = ""
    flow: PictureFlow | None = None
    crowd_map: CrowdMap | None = None

    @property
    def fault(self) -> str:
        """What people should be told is wrong with this camera's picture, empty if nothing."""
        return self.health.reason or self.calibration_fault


class PictureWatch:
    """Examines one camera's pictures, each thing only as often as it must; one thread.

    Args:
        config: The camera.
        parts: Factories of the examiners.
        params: Analysis parameters to begin with.
    """

    def __init__(self, config: CameraConfig, parts: PipelineParts, params: AnalysisParams) -> None:
        self._config = config
        self._parts = parts
        self._params = params
        self._saturation: SaturationExaminer | None = None
        self._evidence: SaturationEvidence | None = None
        self._health = (
            None
            if config.spec.source_type is SourceType.SIMULATED
            else PictureHealth(may_be_blind=_films_the_world(config))
        )
        self._view_check: ViewCheck | None = None
        self._calibration_fault = config.calibration.fault if config.calibration else ""
        self._flow: FlowMeter | None = None

    def open(self, detector: Detector) -> None:
        """Take the detector through which saturation is examined."""
        self._saturation = self._parts.make_saturation(detector)

    def set_params(self, params: AnalysisParams) -> None:
        """Examine with ``params`` from the next picture on."""
        self._params = params

    def enter_segment(self) -> None:
        """Forget what must not span a break in the stream; a moved camera stays moved."""
        self._evidence = None
        self._flow = None
        if self._health is not None:
            self._health.reset()

    def examine(
        self,
        frame: Frame,
        detections: Detections,
        *,
        crowd_map: CrowdMap | None = None,
        is_dense: bool = False,
    ) -> PictureFindings:
        """Return what is found in ``frame``, in which ``detections`` were made.

        Args:
            frame: One picture.
            detections: Those of this picture.
            crowd_map: Newest density map, for the findings.
            is_dense: Whether it still holds and shows a dense place: motion is then measured
                on the picture as well.
        """
        if frame.truth is not None:
            # a simulation says itself who is there: nobody can be missed
            self._evidence = SaturationEvidence(False, "", 0.0, frame.stream_time_s)
        elif self._saturation is not None and self._saturation.due(
            frame.stream_time_s, frame.segment
        ):
            self._evidence = self._saturation.examine(frame, detections)
        health = PictureVerdict.good()
        if self._health is not None:
            health = self._health.examine(frame.image, stream_time_s=frame.stream_time_s)
        calibration = self._config.calibration
        if calibration is None:
            return PictureFindings(health, self._evidence, crowd_map=crowd_map)
        if health.shows_places:  # a black picture says nothing of where the camera points
            self._calibration_fault = self._compare(calibration, frame, detections)
        flow = self._flow_to(frame, health, is_dense=is_dense)
        return PictureFindings(health, self._evidence, self._calibration_fault, flow, crowd_map)

    def _compare(self, calibration: Calibration, frame: Frame, detections: Detections) -> str:
        """Return why the calibration does not fit this picture, empty when it does."""
        if calibration.fault:  # a person has to confirm it first
            return calibration.fault
        if self._config.spec.source_type is SourceType.SIMULATED:
            return ""  # drawn with this very calibration
        height, width = frame.image.shape[:2]
        made_for = calibration.picture_wh
        if not is_same_shape((width, height), made_for):
            return (
                f"The stream is now {width}×{height}, the calibration was made for "
                f"{made_for[0]}×{made_for[1]}: calibrate again."
            )
        if self._view_check is None:
            self._view_check = self._parts.make_view_check(calibration.background)
        verdict = self._view_check.examine(
            frame.image, everybody(detections), stream_time_s=frame.stream_time_s
        )
        return verdict.reason if verdict.state is ViewState.MOVED else ""

    def _flow_to(
        self, frame: Frame, health: PictureVerdict, *, is_dense: bool
    ) -> PictureFlow | None:
        """Return dense flow where it is wanted; what was seen before a pause is forgotten."""
        is_saturated = self._evidence is not None and self._evidence.saturated
        is_usable = health.shows_places and not self._calibration_fault
        is_wanted = is_saturated or is_dense or self._params.optical_flow
        if not (is_usable and is_wanted):
            self._flow = None
            return None
        if self._flow is None:
            self._flow = self._parts.make_flow()
        return self._flow.update(
            frame.image, stream_time_s=frame.stream_time_s, segment=frame.segment
        )


def is_same_shape(picture_wh: tuple[int, int], made_for_wh: tuple[int, int]) -> bool:
    """Return whether a picture has the aspect ratio that something was made for."""
    (width, height), made_for = picture_wh, made_for_wh
    return abs(width * made_for[1] / (height * made_for[0]) - 1) <= ASPECT_TOLERANCE


def everybody(detections: Detections) -> npt.NDArray[np.float32]:
    """Return the boxes of everybody who may be there: uncertain people are no background."""
    if detections.weak is None:
        return detections.boxes_xyxy
    return np.concatenate([detections.boxes_xyxy, detections.weak.boxes_xyxy])


def distrust(metrics: CrowdMetrics, health: PictureVerdict) -> CrowdMetrics:
    """Return what may be believed of numbers that were taken from such a picture.

    A picture that does not show what happens makes every number unknown; a blurred or shaking
    one leaves none better than degraded, what was worse before stays.
    """
    if health.is_good:
        return metrics
    if health.is_blind:
        return replace(
            metrics, trust=Trust.UNKNOWN, trust_reason=health.reason, quality=NO_QUALITIES
        )
    overall = _degraded(Quality(metrics.trust, metrics.trust_reason), health.reason)
    return replace(
        metrics,
        trust=overall.trust,
        trust_reason=overall.reason,
        quality={
            name: _degraded(quality, health.reason) for name, quality in metrics.quality.items()
        },
    )


def distrust_places(readings: PlaceReadings, health: PictureVerdict) -> PlaceReadings:
    """Return what may be believed of places that were read from such a picture; see `distrust`."""
    if health.is_good:
        return readings
    return replace(
        readings,
        zones=tuple(_distrusted(zone, health) for zone in readings.zones),
        lines=tuple(_distrusted(line, health) for line in readings.lines),
    )


def degraded_reading(reading: _Reading, reason: str) -> _Reading:
    """Return the same reading, of trust `degraded` at best; what was worse before stays."""
    quality = _degraded(Quality(reading.trust, reading.trust_reason), reason)
    return replace(reading, trust=quality.trust, trust_reason=quality.reason)


def _distrusted(reading: _Reading, health: PictureVerdict) -> _Reading:
    if health.is_blind:
        return replace(reading, trust=Trust.UNKNOWN, trust_reason=health.reason)
    return degraded_reading(reading, health.reason)


def _degraded(quality: Quality, reason: str) -> Quality:
    trust = worst_trust((quality.trust, Trust.DEGRADED))
    if trust is not Trust.DEGRADED:
        return quality
    if quality.trust is Trust.DEGRADED and quality.reason:
        reason = f"{quality.reason} {reason}"
    return replace(quality, trust=trust, reason=reason)


def _films_the_world(config: CameraConfig) -> bool:
    """Only such a source can freeze: a recording may well be perfectly still."""
    return config.spec.source_type in {SourceType.RTSP, SourceType.HTTP, SourceType.USB}
