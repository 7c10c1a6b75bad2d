"""The loop most projects write, as a yardstick; prints one line of JSON.

``python -m benchmarks.usual_recipe torch|openvino ASSETS``: OpenCV decodes, ``YOLO.track``
(ultralytics' own letterbox, network, suppression and BoT-SORT with its default settings) finds
and follows, ``Results.plot`` draws, one frame after the other on one thread.

``openvino`` runs the INT8 weights of the test material. ``torch`` runs YOLO11n in full precision;
its trained weights cannot be had offline, so an untrained network of that architecture computes
its forward pass and its suppression, and tracking and drawing are then fed the INT8 network's
boxes of the same frame: with nobody found they would cost nothing. Neither ever imports
torchvision, which is a CUDA build beside a CPU torch: suppression is ultralytics' ``TorchNMS``.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

VIDEO = "town-centre.mp4"
MODEL = "yolo11n_int8_openvino_model"
INPUT_PX = 640
WARM_FRAMES = 15
FRAMES = {"torch": 90, "openvino": 280}
CONFIDENCE, IOU = 0.1, 0.5
PERSON = 0


def _warm_predictor(boxes: list[Any] | None) -> type[Any]:
    """Return ultralytics' predictor without its warm-up, which would import torchvision.

    Args:
        boxes: (N, 6) tensors (xyxy, confidence, class), one a frame, put in place of what the
            network found after it has been computed and suppressed; None = its own.
    """
    from ultralytics.models.yolo.detect.predict import DetectionPredictor  # noqa: PLC0415

    class Predictor(DetectionPredictor):  # type: ignore[misc]
        def setup_model(self, model: Any, verbose: bool = True) -> None:
            super().setup_model(model, verbose)
            self.done_warmup = True

        def postprocess(self, preds: Any, img: Any, orig_imgs: Any, **more: Any) -> Any:
            found = super().postprocess(preds, img, orig_imgs, **more)
            if boxes is not None:
                found[0].update(boxes=boxes[self.frames_done % len(boxes)])
                self.frames_done += 1
            return found

        frames_done = 0

    return Predictor


def run(model: Any, video: Path, frames: int, boxes: list[Any] | None) -> tuple[float, list[Any]]:
    """Return frames a second after the first `WARM_FRAMES`, and the boxes of every frame."""
    import cv2  # noqa: PLC0415 - only in the child

    capture = cv2.VideoCapture(str(video))
    found: list[Any] = []
    predictor = _warm_predictor(boxes)
    began_s = time.perf_counter()
    try:
        for number in range(WARM_FRAMES + frames):
            if number == WARM_FRAMES:
                began_s = time.perf_counter()
            is_there, picture = capture.read()
            if not is_there:
                raise RuntimeError(f"{video.name} has only {number} frames")
            results = model.track(
                picture,
                persist=True,
                predictor=predictor,
                imgsz=INPUT_PX,
                conf=CONFIDENCE,
                iou=IOU,
                classes=[PERSON],
                verbose=False,
            )
            results[0].plot()
            found.append(results[0].boxes.data[:, [0, 1, 2, 3, -2, -1]].clone())
        return frames / (time.perf_counter() - began_s), found
    finally:
        capture.release()


def main() -> int:
    """Measure what the command line names."""
    kind, assets = sys.argv[1], Path(sys.argv[2])
    with tempfile.TemporaryDirectory() as settings:
        os.environ.update(YOLO_CONFIG_DIR=settings, YOLO_AUTOINSTALL="false", YOLO_OFFLINE="true")
        from ultralytics import YOLO  # noqa: PLC0415 - reads the environment when imported

        frames = FRAMES[kind]
        int8 = YOLO(str(assets / "models" / MODEL), task="detect")
        fps, boxes = run(int8, assets / "videos" / VIDEO, frames, None)
        if kind == "torch":
            full = YOLO("yolo11n.yaml", task="detect")
            fps, _ = run(full, assets / "videos" / VIDEO, frames, boxes)
        if "torchvision" in sys.modules:
            raise RuntimeError("torchvision was imported: the comparison is not what it says")
    people = sum(len(found) for found in boxes) / len(boxes)
    print(json.dumps({"fps": fps, "people": people}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
