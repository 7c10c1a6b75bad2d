"""A real picture sent in says what the pipeline says of the same frame."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from backend.core.camera import CameraConfig, SourceSpec, SourceType
from backend.core.clock import SystemClock
from backend.core.frame import Frame
from backend.core.snapshot import Snapshot
from backend.pipeline.picture_encoder import PictureEncoder
from backend.pipeline.shared_parts import SharedParts
from backend.pipeline.video_processor import VideoProcessor
from backend.services.actor import SYSTEM_ACTOR
from backend.services.detection.desk import DetectionDesk, Wish
from backend.services.detection.frame_meter import MeterParts
from backend.services.detection.picture_detection import PictureDetection, PictureForm
from backend.services.parts import build_model_store, build_pipeline_parts
from backend.vision.model_store import ModelStore
from backend.vision.overlay import OverlayRenderer
from backend.vision.still_image import StillLimits
from tests.pipeline.fakes import PARAMS
from tests.web import settings

CLOCK = SystemClock()
FRAMES = 8
"""After so many the tracker has taken on whom the detector finds."""

pytestmark = [pytest.mark.assets, pytest.mark.weights]


class Last:
    """Keeps what was published last."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        self.snapshot: Snapshot | None = None
        self.frame: Frame | None = None

    def publish(self, snapshot: Snapshot, frame: Frame) -> None:
        if not self.stop.is_set():
            self.snapshot, self.frame = snapshot, frame
        if snapshot.frame_index >= FRAMES:
            self.stop.set()


@pytest.fixture
def models(assets: Path, tmp_path: Path) -> Iterator[ModelStore]:
    weights = str(assets / "models" / "yolo11n_int8_openvino_model")
    wanted = settings(tmp_path, CROWDSAFE_OFFLINE=True, YOLO_MODEL=weights)
    store = build_model_store(wanted, CLOCK)
    yield store
    store.close()


@pytest.mark.parametrize("video", ["town-centre.mp4", "stadium-stand-dense.mp4"])
def test_a_frame_sent_in_counts_as_it_does_in_the_pipeline(
    models: ModelStore, assets: Path, tmp_path: Path, video: str
) -> None:
    wanted = settings(tmp_path, CROWDSAFE_FILE_FOLDERS=str(assets / "videos"))
    parts = build_pipeline_parts(
        wanted, clock=CLOCK, open_detector=lambda config: models.open_detector(config.detection)
    )
    last = Last()
    shared = SharedParts(parts=parts, outlet=last, clock=CLOCK)
    (tmp_path / "uploads").mkdir()
    clip = tmp_path / "uploads" / "clip.mp4"
    clip.write_bytes((assets / "videos" / video).read_bytes())
    spec = SourceSpec(SourceType.UPLOAD, str(clip))
    VideoProcessor(CameraConfig(1, "clip", spec), run_id=1, shared=shared, params=PARAMS).run(
        last.stop
    )
    assert last.frame is not None
    assert last.snapshot is not None
    meters = MeterParts(parts, lambda: PARAMS, CLOCK, shared.scheduler)
    pictures = PictureDetection(
        DetectionDesk(meters, PictureEncoder(OverlayRenderer()), confidence=0.25),
        check_model=models.check_choice,
        limits=StillLimits(),
    )
    done, file = cv2.imencode(".png", last.frame.image)
    assert done
    found = pictures.detect(SYSTEM_ACTOR, lambda: PictureForm(file.tobytes(), Wish()))

    detector = models.open_detector()
    direct = detector.detect(last.frame.image)
    detector.close()
    boxes = np.array([person.box for person in found.detections]).reshape(-1, 4)
    order = np.argsort(-direct.confidence, kind="stable")
    assert boxes == pytest.approx(direct.boxes_xyxy[order], abs=0.06)

    there = last.snapshot.metrics
    assert (found.trust, found.count_high is None) == (
        there.quality["count"].trust.value,
        there.count_high is None,
    )
    if there.count_high is not None:
        assert found.count_high is not None
        assert found.count_low <= there.count <= found.count_high
