"""What the pipeline is handed: Protocols of its collaborators, nothing of their insides.

`CameraManager` and `VideoProcessor` never construct a source, detector, tracker or analyser:
they call the factories in `PipelineParts`, so that tests hand in finite fakes and the
application hands in the real rooms.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from backend.core.calibration import BackgroundFeatures
from backend.core.camera import CameraConfig, ModelInfo, SourceSpec
from backend.core.frame import Detections, Frame, Image, Tracks
from backend.core.measurements import CrowdMetrics, CrowdPicture, SaturationEvidence
from backend.core.observation import FrameFacts, PictureFlow
from backend.core.places import CameraPlaces, PlaceReadings
from backend.core.risk import RiskAssessment, ZoneRisk
from backend.core.snapshot import JobProgress, Snapshot
from backend.crowd.params import AnalysisParams
from backend.risk.params import RiskParams
from backend.vision.camera_moved import ViewVerdict
from backend.vision.density.counter import DensityCounter
from backend.vision.detector import Detector
from backend.vision.sources.base import FrameSource, SourceStart
from backend.vision.tracker import Tracker


class Analyzer(Protocol):
    """Tracks in, measurements out."""

    @property
    def place_readings(self) -> PlaceReadings:
        """What the last `update` measured of the places."""

    def update(self, tracks: Tracks, facts: FrameFacts) -> tuple[CrowdMetrics, CrowdPicture]:
        """Measure one frame."""

    def set_params(self, params: AnalysisParams) -> None:
        """Change the parameters from the next frame on."""

    def set_places(self, places: CameraPlaces) -> None:
        """Measure these zones and lines from the next frame on."""


class RiskAssessor(Protocol):
    """Measurements in, risk out."""

    def update(
        self, metrics: CrowdMetrics, *, stream_time_s: float, segment: int
    ) -> RiskAssessment:
        """Assess one frame."""

    def set_params(self, params: RiskParams) -> None:
        """Change the parameters from the next frame on."""


class ZoneRiskAssessor(Protocol):
    """Readings of zones in, risk of each zone out."""

    def update(
        self, places: CameraPlaces, readings: PlaceReadings, *, stream_time_s: float, segment: int
    ) -> tuple[ZoneRisk, ...]:
        """Assess one frame; the same readings again say nothing new."""

    def set_params(self, params: RiskParams) -> None:
        """Change the parameters from the next frame on."""


class SaturationExaminer(Protocol):
    """Looks, now and then, for signs that there are more people than the detector can tell."""

    def due(self, stream_time_s: float, segment: int) -> bool:
        """Return whether it is time to look again."""

    def examine(self, frame: Frame, detections: Detections) -> SaturationEvidence:
        """Examine one frame; blocks for a few inferences."""


class ViewCheck(Protocol):
    """Compares the picture, now and then, with the view the camera was calibrated on."""

    def examine(
        self, image: Image, boxes_xyxy: npt.NDArray[np.float32], *, stream_time_s: float
    ) -> ViewVerdict:
        """Return what is known of the view at this frame; people are no background."""


class FlowMeter(Protocol):
    """Measures how the whole picture moves, from frame to frame."""

    def update(self, image: Image, *, stream_time_s: float, segment: int) -> PictureFlow | None:
        """Return the motion since the frame before, None while there is none to compare."""


class SnapshotOutlet(Protocol):
    """Where a processor publishes."""

    def publish(self, snapshot: Snapshot, frame: Frame) -> None:
        """Hand one analysed frame to everybody."""


WaitForRoom: TypeAlias = Callable[[float], bool]
"""Wait up to so many seconds until the writer can take more; True when it can."""

JobListener: TypeAlias = Callable[[int, JobProgress], None]


@dataclass(frozen=True, slots=True)
class PipelineParams:
    """Parameters of measurement and risk that can change while cameras run."""

    analysis: AnalysisParams
    risk: RiskParams


@dataclass(frozen=True, slots=True)
class PipelineParts:
    """What one camera needs; each factory is called on the camera's own thread.

    Attributes:
        make_source: Source of one camera, not yet open.
        open_detector: Handle on the network the camera is to use; the first call may load it
            (seconds).
        make_tracker: The camera's tracker for a stream of so many frames a second.
        make_analyzer, make_risk, make_zone_risks: Pure state of one camera; the model says how
            well it counts.
        make_saturation: Examiner of one camera, looking through the camera's own detector.
        make_view_check: Watch over one camera's view, from the landmarks stored with its
            calibration or its places (None: it learns them from its first pictures).
        make_flow: Dense optical flow of one camera; made anew whenever it is wanted again.
        make_counter: Handle on the density network for one camera, None where nothing is to be
            counted by one; the first call may load it (seconds). Raises ModelError where the
            network cannot be had, UnavailableError where it cannot be had now.
        density_interval_s: Stream time between two density maps of a dense place, seconds.
    """

    make_source: Callable[[SourceSpec, SourceStart], FrameSource]
    open_detector: Callable[[CameraConfig], Detector]
    make_tracker: Callable[[CameraConfig, float], Tracker]
    make_analyzer: Callable[[CameraConfig, AnalysisParams, ModelInfo], Analyzer]
    make_risk: Callable[[CameraConfig, RiskParams], RiskAssessor]
    make_zone_risks: Callable[[RiskParams], ZoneRiskAssessor]
    make_saturation: Callable[[Detector], SaturationExaminer]
    make_view_check: Callable[[BackgroundFeatures | None], ViewCheck]
    make_flow: Callable[[], FlowMeter]
    make_counter: Callable[[CameraConfig], DensityCounter | None]
    density_interval_s: float = 1.0
