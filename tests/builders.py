"""Builders and hand-written fakes shared by the tests; keyword defaults everywhere."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from backend.core.camera import CameraConfig, ModelInfo, SourceSpec, SourceType
from backend.core.frame import Detections, Frame, Tracks
from backend.core.measurements import CrowdMetrics, CrowdPicture, TrackView
from backend.core.places import (
    CameraPlaces,
    CountingLine,
    LineReading,
    PlaceReadings,
    Zone,
    ZoneReading,
)
from backend.core.risk import RiskAssessment, RiskLevel, RiskParts, ZoneRisk
from backend.core.snapshot import Snapshot, StageTimings
from backend.core.trust import Trust

EPOCH = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)


class ManualClock:
    """A clock that moves only when told; safe to read from several threads."""

    def __init__(self, *, now: datetime = EPOCH, monotonic_s: float = 1000.0) -> None:
        self._lock = threading.Lock()
        self._now = now
        self._mono_s = monotonic_s

    def now(self) -> datetime:
        with self._lock:
            return self._now

    def monotonic(self) -> float:
        with self._lock:
            return self._mono_s

    def advance(self, seconds: float) -> None:
        """Move both clocks forward."""
        with self._lock:
            self._now += timedelta(seconds=seconds)
            self._mono_s += seconds

    def set_back(self, seconds: float) -> None:
        """Set the wall clock back; monotonic time knows nothing of it."""
        with self._lock:
            self._now -= timedelta(seconds=seconds)


def image(
    *, width: int = 320, height: int = 240, value: int | tuple[int, int, int] = 40
) -> npt.NDArray[np.uint8]:
    """Return a uniform (height, width, 3) picture."""
    picture = np.empty((height, width, 3), np.uint8)
    picture[:] = value
    return picture


def frame(
    *,
    index: int = 0,
    stream_time_s: float | None = None,
    segment: int = 0,
    width: int = 320,
    height: int = 240,
    picture: npt.NDArray[np.uint8] | None = None,
    captured_mono_s: float = 1000.0,
) -> Frame:
    """Return a frame; stream time defaults to 25 frames a second."""
    time_s = index / 25 if stream_time_s is None else stream_time_s
    return Frame(
        index=index,
        image=image(width=width, height=height) if picture is None else picture,
        stream_time_s=time_s,
        segment=segment,
        captured_at=EPOCH + timedelta(seconds=time_s),
        captured_mono_s=captured_mono_s,
    )


def boxes(*rows: tuple[float, float, float, float]) -> npt.NDArray[np.float32]:
    """Return (N, 4) boxes x1, y1, x2, y2."""
    return np.asarray(rows, np.float32).reshape(-1, 4)


def detections(*rows: tuple[float, float, float, float], confidence: float = 0.8) -> Detections:
    """Return detections with one confidence."""
    return Detections(boxes(*rows), np.full(len(rows), confidence, np.float32))


def tracks(*rows: tuple[float, float, float, float], first_id: int = 1) -> Tracks:
    """Return tracks numbered from ``first_id``."""
    n = len(rows)
    return Tracks(
        np.arange(first_id, first_id + n, dtype=np.int64), boxes(*rows), np.full(n, 0.8, np.float32)
    )


def track_views(
    *rows: tuple[float, float, float, float], first_id: int = 1, confidence: float = 0.8
) -> tuple[TrackView, ...]:
    """Return people as measured, standing still in these boxes, numbered from ``first_id``."""
    return tuple(
        TrackView(
            track_id=first_id + number,
            box_xyxy=row,
            confidence=confidence,
            foot_px=((row[0] + row[2]) / 2, row[3]),
            velocity_px_per_s=None,
            speed_mps=None,
            trail_px=np.zeros((0, 2), np.float32),
        )
        for number, row in enumerate(rows)
    )


def scenery(width: int, height: int, *, seed: int = 0) -> npt.NDArray[np.uint8]:
    """Return a (height, width, 3) picture with landmarks all over: little tiles of any grey."""
    random = np.random.default_rng(seed)
    tiles = random.integers(30, 226, (height // 8 + 1, width // 8 + 1), np.uint8)
    grey = np.kron(tiles, np.ones((8, 8), np.uint8))[:height, :width]
    return np.repeat(grey[:, :, None], 3, axis=2)


def model_info(*, name: str = "test", reduced_accuracy: bool = False) -> ModelInfo:
    """Return a detector description."""
    return ModelInfo(
        name=name,
        runtime="openvino",
        precision="f32",
        input_hw=(640, 640),
        reduced_accuracy=reduced_accuracy,
    )


def metrics(*, count: float = 0.0, **changes: object) -> CrowdMetrics:
    """Return metrics of ``count`` people with everything else undefined."""
    fields: dict[str, object] = {"count": count, "count_low": count, "count_high": count}
    return CrowdMetrics(**(fields | changes))  # type: ignore[arg-type]


def assessment(
    *, level: RiskLevel = RiskLevel.SAFE, score: float | None = None, **changes: object
) -> RiskAssessment:
    """Return an assessment without causes."""
    return RiskAssessment(level=level, score=score, parts=RiskParts(), **changes)  # type: ignore[arg-type]


def zone(zone_id: int = 1, **changes: object) -> Zone:
    """Return a zone that covers the middle of the picture."""
    fields: dict[str, object] = {
        "name": f"Zone {zone_id}",
        "corners": ((0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75)),
    }
    return Zone(zone_id, **(fields | changes))  # type: ignore[arg-type]


def counting_line(line_id: int = 1, **changes: object) -> CountingLine:
    """Return a line across the picture from left to right."""
    fields: dict[str, object] = {
        "name": f"Line {line_id}",
        "start": (0.2, 0.5),
        "end": (0.8, 0.5),
    }
    return CountingLine(line_id, **(fields | changes))  # type: ignore[arg-type]


def camera_places(*drawn: Zone | CountingLine, version: int = 1) -> CameraPlaces:
    """Return what is drawn on a camera."""
    return CameraPlaces(
        version,
        tuple(place for place in drawn if isinstance(place, Zone)),
        tuple(place for place in drawn if isinstance(place, CountingLine)),
    )


def place_readings(
    places: CameraPlaces, *, count: float = 0.0, trust: Trust = Trust.OK, trust_reason: str = ""
) -> PlaceReadings:
    """Return readings of ``count`` people in every zone and nobody over any line."""
    return PlaceReadings(
        places.version,
        tuple(
            ZoneReading(zone.zone_id, count, count, count, trust, trust_reason)
            for zone in places.zones
        ),
        tuple(LineReading(line.line_id, 0, 0, trust, trust_reason) for line in places.lines),
    )


def snapshot(
    *,
    camera_id: int = 1,
    sequence: int = 1,
    run_id: int = 1,
    stream_time_s: float = 0.0,
    segment: int = 0,
    crowd: CrowdMetrics | None = None,
    risk: RiskAssessment | None = None,
    picture: CrowdPicture | None = None,
    picture_wh: tuple[int, int] = (320, 240),
    published_mono_s: float = 1000.0,
    is_recorded: bool = False,
    camera_places: CameraPlaces | None = None,
    places: PlaceReadings | None = None,
    zone_risks: tuple[ZoneRisk, ...] = (),
) -> Snapshot:
    """Return a snapshot of a calm, empty camera unless told otherwise."""
    return Snapshot(
        camera_id=camera_id,
        camera_name=f"Camera {camera_id}",
        sequence=sequence,
        run_id=run_id,
        frame_index=sequence,
        segment=segment,
        stream_time_s=stream_time_s,
        captured_at=EPOCH + timedelta(seconds=stream_time_s),
        captured_mono_s=published_mono_s,
        published_mono_s=published_mono_s,
        picture_wh=picture_wh,
        picture=picture or CrowdPicture(),
        metrics=crowd or metrics(),
        risk=risk or assessment(),
        model=model_info(),
        timings=StageTimings(),
        is_recorded=is_recorded,
        camera_places=camera_places or CameraPlaces(),
        places=places or PlaceReadings(),
        zone_risks=zone_risks,
    )


def camera_config(
    *,
    camera_id: int = 1,
    source_type: SourceType = SourceType.RTSP,
    source: str = "rtsp://c/1",
    places: CameraPlaces | None = None,
) -> CameraConfig:
    """Return a camera."""
    return CameraConfig(
        camera_id=camera_id,
        name=f"Camera {camera_id}",
        spec=SourceSpec(source_type, source),
        places=places or CameraPlaces(),
    )


def cut_video(whole: Path, path: Path, *, seconds: float) -> Path:
    """Write the beginning of a video, not encoded anew, up to the key frame at ``seconds``."""
    with av.open(str(whole)) as source, av.open(str(path), "w") as target:
        stream = source.streams.video[0]
        copy = target.add_stream_from_template(stream)
        for packet in source.demux(stream):
            if packet.dts is None:
                break
            if packet.is_keyframe and float(packet.pts * stream.time_base) >= seconds:
                break
            packet.stream = copy
            target.mux(packet)
    return path


def write_video(
    path: Path,
    *,
    frames: int = 30,
    width: int = 320,
    height: int = 240,
    fps: int = 25,
    codec: str = "libx264",
    moving: bool = True,
) -> Path:
    """Write a small real video whose square moves a few pixels a frame; return ``path``."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=Fraction(fps))
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for index in range(frames):
            picture = image(width=width, height=height)
            x = (index * 4) % max(width - 40, 1) if moving else 10
            picture[20:60, x : x + 40] = (30, 180, 220)
            for packet in stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")):
                container.mux(packet)
        for packet in stream.encode(None):
            container.mux(packet)
    return path
