"""One video of the test material through the application's own pipeline, snapshots out."""

from __future__ import annotations

import dataclasses
import json
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from backend.core.calibration import Calibration, CalibrationMethod
from backend.core.camera import CameraConfig, SourceInfo, SourceSpec, SourceType
from backend.core.clock import SystemClock
from backend.core.errors import SourceEnded
from backend.core.frame import Detections, Frame
from backend.core.snapshot import Snapshot
from backend.crowd.params import AnalysisParams
from backend.pipeline.ports import PipelineParams, PipelineParts
from backend.pipeline.shared_parts import SharedParts
from backend.pipeline.video_processor import VideoProcessor
from backend.risk.params import RiskParams
from backend.services.parts import build_model_store, build_pipeline_parts, source_limits
from backend.vision.sources.base import FrameSource, SourceStart
from backend.vision.sources.factory import make_source
from config import Settings

MODEL = "yolo11n_int8_openvino_model"


class EveryNth:
    """A source that loses all but every n-th frame, as an overloaded machine would.

    Args:
        source: Where the frames come from.
        n: 1 loses none.
    """

    def __init__(self, source: FrameSource, n: int) -> None:
        self._source = source
        self._n = n

    @property
    def info(self) -> SourceInfo:
        """What the source turned out to be."""
        return self._source.info

    @property
    def dropped_frames(self) -> int:
        """As the source counts; those lost here are not among them."""
        return self._source.dropped_frames

    @property
    def decode_ms(self) -> float:
        """Milliseconds for the frame delivered last."""
        return self._source.decode_ms

    def open(self) -> None:
        """Open the source."""
        self._source.open()

    def read(self, timeout_s: float) -> Frame | None:
        """Return the next frame that is not lost, or None."""
        frame = self._source.read(timeout_s)
        return frame if frame is not None and frame.index % self._n == 0 else None

    def set_wanted_rate(self, rate_hz: float | None) -> None:
        """Pass the hint on."""
        self._source.set_wanted_rate(rate_hz)

    def close(self) -> None:
        """Close the source."""
        self._source.close()


@dataclass
class _Outlet:
    snapshots: list[Snapshot] = field(default_factory=list)

    def publish(self, snapshot: Snapshot, _frame: Frame) -> None:
        self.snapshots.append(snapshot)


@contextmanager
def pipeline_parts(assets: Path) -> Iterator[PipelineParts]:
    """Give the application's own parts with the INT8 network of the test material."""
    with tempfile.TemporaryDirectory() as home:
        settings = Settings.model_validate(
            {
                "CROWDSAFE_HOME": home,
                "CROWDSAFE_OFFLINE": True,
                "YOLO_MODEL": str(assets / "models" / MODEL),
            }
        )
        clock = SystemClock()
        models = build_model_store(settings, clock)
        limits = dataclasses.replace(source_limits(settings), upload_folder=assets)
        parts = build_pipeline_parts(
            settings,
            clock=clock,
            open_detector=lambda camera: models.open_detector(camera.detection),
        )
        yield dataclasses.replace(
            parts,
            make_source=lambda spec, start: make_source(
                spec, limits=limits, clock=clock, start=start
            ),
        )
        models.close()


def run_clip(
    parts: PipelineParts,
    video: Path,
    *,
    true_fps: float | None = None,
    calibration: Calibration | None = None,
    keep_every: int = 1,
) -> list[Snapshot]:
    """Analyse a whole video as an upload is and return every snapshot.

    Args:
        parts: From `pipeline_parts`.
        video: The file.
        true_fps: True frame rate in Hz where the file's header lies.
        calibration: Ground plane, None uncalibrated.
        keep_every: Analyse every n-th frame only.
    """
    spec = SourceSpec(SourceType.UPLOAD, str(video), true_fps=true_fps)
    config = CameraConfig(1, "clip", spec, people_limit=1000, calibration=calibration)
    make = parts.make_source
    thinned = dataclasses.replace(
        parts, make_source=lambda spec, start: EveryNth(make(spec, start), keep_every)
    )
    outlet = _Outlet()
    shared = SharedParts(parts=thinned, outlet=outlet, clock=SystemClock())
    params = PipelineParams(AnalysisParams(), RiskParams())
    VideoProcessor(config, run_id=1, shared=shared, params=params).run(threading.Event())
    return outlet.snapshots


def detect_clip(assets: Path, video: Path, *, most: int) -> list[tuple[float, Detections]]:
    """Return stream time and detections of the first ``most`` frames of a video.

    For several trackers or analysers on the same detections, which are what takes the time.
    """
    found: list[tuple[float, Detections]] = []
    with pipeline_parts(assets) as parts:
        spec = SourceSpec(SourceType.UPLOAD, str(video))
        detector = parts.open_detector(CameraConfig(1, "clip", spec))
        source = parts.make_source(spec, SourceStart())
        source.open()
        try:
            while len(found) < most:
                frame = source.read(10.0)
                if frame is not None:
                    boxes = detector.submit(frame.image).result(30.0)
                    found.append((frame.stream_time_s, boxes))
        except SourceEnded:
            pass
        finally:
            source.close()
            detector.close()
    return found


def true_calibration(homography_json: Path) -> Calibration:
    """Return the published ground plane of a data set (``…_homography.json``)."""
    told = json.loads(homography_json.read_text(encoding="utf-8"))
    matrix = np.asarray(told["homography_image_px_to_ground_m"], np.float64)
    width, height = told["image_size"]
    return Calibration(
        version=1,
        method=CalibrationMethod.POINTS,
        picture_wh=(int(width), int(height)),
        homography=tuple(matrix.ravel().tolist()),
        monitored_px=None,
        walkable_px=None,
        rms_error_m=told.get("median_err_m"),
        length_spread=0.0,
        area_spread=0.0,
        calibrated_at=datetime(2009, 1, 1, tzinfo=UTC),
    )
