"""A camera as the pipeline sees it: what to open, how to measure, what state it is in."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from backend.core.calibration import Calibration, Exit
from backend.core.places import CameraPlaces

DEFAULT_OVERLAYS_TEXT = "places,boxes,clusters,proximity,arrows,trails,hud"


class SourceType(StrEnum):
    """What kind of thing `SourceSpec.source` names."""

    RTSP = "rtsp"
    HTTP = "http"
    USB = "usb"
    FILE = "file"
    UPLOAD = "upload"
    SIMULATED = "simulated"

    @property
    def is_live(self) -> bool:
        """Newest frame wins; everything but an upload, which is a recorded job."""
        return self is not SourceType.UPLOAD


class CameraState(StrEnum):
    """Life of a camera's thread (HOUSE-STYLE 4.3)."""

    NEW = "new"
    CONNECTING = "connecting"
    RUNNING = "running"
    RECONNECTING = "reconnecting"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FAILED = "failed"

    @property
    def status(self) -> str:
        """The word shown to people: connecting, live, reconnecting, offline or failed."""
        return {
            CameraState.NEW: "offline",
            CameraState.CONNECTING: "connecting",
            CameraState.RUNNING: "live",
            CameraState.RECONNECTING: "reconnecting",
            CameraState.STOPPING: "offline",
            CameraState.STOPPED: "offline",
            CameraState.FAILED: "failed",
        }[self]


class JobState(StrEnum):
    """Life of the analysis of an uploaded recording (PRODUCT S1)."""

    EMPTY = "empty"
    """The camera exists, no video has been uploaded yet."""
    QUEUED = "queued"
    ANALYSING = "analysing"
    PAUSED = "paused"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Overlay(StrEnum):
    """One switchable part of the drawing."""

    PLACES = "places"
    BOXES = "boxes"
    CLUSTERS = "clusters"
    PROXIMITY = "proximity"
    ARROWS = "arrows"
    TRAILS = "trails"
    HEAT = "heat"
    HUD = "hud"


DEFAULT_OVERLAYS: frozenset[Overlay] = frozenset(
    Overlay(name) for name in DEFAULT_OVERLAYS_TEXT.split(",")
)


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """What to open.

    Attributes:
        source_type: Decides which FFmpeg protocols and demuxers are allowed.
        source: URL, device index or path in clear text. Never logged or shown: use
            ``vision.sources.redact_source``. Left out of ``repr``.
        true_fps: True-frame-rate override in Hz for files whose header lies, else None.
        loop: Play a ``file`` again from its start when it ends (a new segment each time).
    """

    source_type: SourceType
    source: str = field(repr=False)
    true_fps: float | None = None
    loop: bool = False


class TrackerKind(StrEnum):
    """How detections are joined to tracks."""

    BOTSORT = "botsort"
    BYTETRACK = "bytetrack"
    DEEPSORT = "deepsort"


@dataclass(frozen=True, slots=True)
class DetectionChoice:
    """How people are found and followed on one camera.

    Attributes:
        model: Name of a model in ``models/``, None = the installation's own.
        tiles: Columns × rows the picture is cut into, None = what the model is made for.
        tracker: Kind of tracker.
        moves: The camera pans, sways or is carried: tracks are compensated for its motion.
    """

    model: str | None = None
    tiles: tuple[int, int] | None = None
    tracker: TrackerKind = TrackerKind.BOTSORT
    moves: bool = False


@dataclass(frozen=True, slots=True)
class CameraConfig:
    """Everything a `VideoProcessor` needs to know of one camera.

    Attributes:
        camera_id: Row id.
        name: Shown to people.
        spec: What to open.
        area_m2: Monitored area in square metres typed in by hand, else None.
        people_limit: People the place may hold, else None.
        target_fps: Analysed frames per second at most for live sources; None = as many as come.
        record: Whether the annotated video is recorded.
        calibration: Ground plane in force, None uncalibrated.
        exits: Ways out of the monitored place; empty = clearance time is not defined.
        detection: Model, tiles and tracker.
        places: Zones and counting lines to begin with.
    """

    camera_id: int
    name: str
    spec: SourceSpec
    area_m2: float | None = None
    people_limit: int | None = None
    target_fps: float | None = None
    record: bool = True
    calibration: Calibration | None = None
    exits: tuple[Exit, ...] = ()
    detection: DetectionChoice = DetectionChoice()
    places: CameraPlaces = field(default_factory=CameraPlaces)


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What a source turned out to be once opened.

    Attributes:
        width, height: Pixels, after rotation.
        nominal_fps: Declared frame rate in Hz, None if the stream does not say.
        duration_s: Seconds, None for live streams or where unknown.
        frames_total: Number of frames if known or estimated from duration, else None.
        codec: FFmpeg's codec name.
        container: FFmpeg's demuxer name.
        decoder: ``software``, or the device that decodes it (``cuda``, ``vaapi`` …).
        decoder_note: Why no device does, for a person; empty where one does or none is wanted.
    """

    width: int
    height: int
    nominal_fps: float | None
    duration_s: float | None
    frames_total: int | None
    codec: str
    container: str
    decoder: str = "software"
    decoder_note: str = ""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """Which detector produced the numbers.

    Attributes:
        name: Model name, for instance ``yolo11s``.
        runtime: ``openvino``, ``onnxruntime`` or ``torch``.
        precision: ``f32``, ``bf16``, ``int8`` …
        input_hw: Network input height and width in pixels.
        tiles: Tiles a frame is cut into (1 = whole picture).
        reduced_accuracy: True for the fallback detector.
        remedy: What to do about reduced accuracy; empty when there is nothing to do.
        path: File or folder the weights came from, relative or base name (for people).
        device: What computes it: ``cpu``, ``cuda:0`` …
        parallel: Pictures it computes at once before more of them only wait.
    """

    name: str
    runtime: str
    precision: str
    input_hw: tuple[int, int]
    tiles: int = 1
    reduced_accuracy: bool = False
    remedy: str = ""
    path: str = ""
    device: str = "cpu"
    parallel: int = 2


SIMULATION_MODEL = ModelInfo(
    name="simulation", runtime="simulation", precision="exact", input_hw=(0, 0)
)
"""Stands where a detector would: the source itself says who is in the picture."""
