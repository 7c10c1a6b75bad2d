"""What one analysed frame publishes, and the state of the camera behind it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from backend.core.camera import CameraState, JobState, ModelInfo, SourceInfo
from backend.core.measurements import CrowdMetrics, CrowdPicture
from backend.core.places import CameraPlaces, PlaceReadings
from backend.core.risk import RiskAssessment, ZoneRisk


@dataclass(frozen=True, slots=True)
class StageTimings:
    """Milliseconds spent on one frame, stage by stage (wall time; stages overlap).

    Attributes:
        count_ms: What the newest density map took, whichever frame it was counted in; 0 before
            the first. A live camera's is counted between frames, outside of ``total_ms``.
    """

    decode_ms: float = 0.0
    detect_ms: float = 0.0
    track_ms: float = 0.0
    analyse_ms: float = 0.0
    risk_ms: float = 0.0
    total_ms: float = 0.0
    count_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything known after one frame; immutable, published once.

    Attributes:
        sequence: Grows by one with every snapshot of this camera run.
        run_id: Grows with every start of the camera; ``(run_id, sequence)`` orders events.
        picture_wh: Width and height of the full frame in pixels.
        captured_at: Aware UTC capture time of the frame (recording time for uploads).
        published_mono_s: Monotonic time of publication: age is measured from here.
        fps: Measured analysed frames per second, None until known.
        lag_s: Seconds between capture and publication (live) or None (upload).
        planned_interval_s: Seconds between two analysed frames as planned when this one was
            made: that of the target rate, or longer while the processor is shared. None = as
            many as come.
        camera_places: Zones and lines as they were drawn when the frame was measured.
        places: What was measured of them; of the same version.
        zone_risks: Risk of each zone, in the order of the readings.
    """

    camera_id: int
    camera_name: str
    sequence: int
    run_id: int
    frame_index: int
    segment: int
    stream_time_s: float
    captured_at: datetime
    captured_mono_s: float
    published_mono_s: float
    picture_wh: tuple[int, int]
    picture: CrowdPicture
    metrics: CrowdMetrics
    risk: RiskAssessment
    model: ModelInfo
    timings: StageTimings
    is_recorded: bool = False
    fps: float | None = None
    lag_s: float | None = None
    planned_interval_s: float | None = None
    camera_places: CameraPlaces = field(default_factory=CameraPlaces)
    places: PlaceReadings = field(default_factory=PlaceReadings)
    zone_risks: tuple[ZoneRisk, ...] = ()


@dataclass(frozen=True, slots=True)
class CameraLoad:
    """How much of what a live camera delivers is analysed.

    Attributes:
        wanted_hz: Frames a second that would be analysed if there were room for all: the
            target rate, or what the source delivers. None while not known.
        analysed_hz: Frames a second that are, None while not known.
        shed_share: Share of the wanted frames that is left out, in [0, 1]; 0 while the camera
            keeps up.
        reason: Why frames are left out, a sentence for a person; empty while none are.
        lag_s: Age of the newest analysed frame when it was published.
    """

    wanted_hz: float | None = None
    analysed_hz: float | None = None
    shed_share: float = 0.0
    reason: str = ""
    lag_s: float | None = None

    @property
    def is_short(self) -> bool:
        """Whether frames are left out for want of processor time."""
        return self.shed_share > 0.0


@dataclass(frozen=True, slots=True)
class JobProgress:
    """How far the analysis of an upload has come."""

    state: JobState
    frames_done: int = 0
    frames_total: int | None = None
    stream_time_s: float = 0.0
    duration_s: float | None = None
    fps: float | None = None
    error: str = ""

    @property
    def fraction(self) -> float | None:
        """Done share in [0, 1], None where the length is unknown."""
        if self.state is JobState.FINISHED:
            return 1.0
        if self.frames_total:
            return min(self.frames_done / self.frames_total, 1.0)
        if self.duration_s:
            return min(self.stream_time_s / self.duration_s, 1.0)
        return None


@dataclass(frozen=True, slots=True)
class CameraStatus:
    """State of one camera's thread, published on every change and once a second.

    Attributes:
        message: Sentence for a person: why it is reconnecting, failed or refused.
        last_frame_age_s: Seconds since the last analysed frame, None if there was none.
        reconnects: Times the source was lost since the start.
        dropped_frames: Live frames skipped because a newer one had come.
        restarts: Times the watchdog restarted this camera.
        calibration_fault: Why the calibration does not fit the picture; empty when it does.
        places_fault: Why zones and lines may lie on other ground than they were drawn on; empty
            where nothing speaks against them.
        load: How the camera fares at the processor; None for a recording and before the first
            frame.
    """

    camera_id: int
    state: CameraState
    message: str = ""
    source: SourceInfo | None = None
    last_frame_age_s: float | None = None
    reconnects: int = 0
    dropped_frames: int = 0
    restarts: int = 0
    fps: float | None = None
    job: JobProgress | None = None
    model: ModelInfo | None = None
    calibration_fault: str = ""
    places_fault: str = ""
    load: CameraLoad | None = None
