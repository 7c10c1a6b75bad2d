"""What one picture takes in each runtime and precision, in a process of its own; prints JSON.

``python -m benchmarks.precision_child yolo11s ASSETS``: the architecture of YOLO11s at 960×960,
untrained (its trained weights cannot be had offline; they would be as fast). Torch computes the
bare forward pass in full precision on all cores. Every other path is the application's own, from
the picture to the boxes: painting, network and suppression, with as many pictures under way as
one camera may have. The INT8 network comes out of the application's own quantisation.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.core.clock import SystemClock
from backend.vision.adapters import nncf_job
from backend.vision.adapters.ultralytics_env import confine_ultralytics
from backend.vision.adapters.yolo import open_yolo
from backend.vision.detector import DetectorParams
from backend.vision.detector_speed import measure_speed
from backend.vision.network_detector import DetectorPlan, NetworkDetector
from benchmarks.pipeline_child import VIDEO, pictures_of

if TYPE_CHECKING:
    from backend.core.frame import Image

INPUT_PX = 960
PICTURES = 8
TORCH_ROUNDS = 5


def _torch_ms(model: Any) -> float:
    """Return the median of a forward pass, milliseconds."""
    import torch  # noqa: PLC0415 - only in the child

    picture = torch.rand(1, 3, INPUT_PX, INPUT_PX)
    taken = []
    with torch.inference_mode():
        for _ in range(TORCH_ROUNDS + 1):
            began_s = time.perf_counter()
            model(picture)
            taken.append(1000 * (time.perf_counter() - began_s))
    return statistics.median(taken[1:])


def _export(folder: Path) -> tuple[Any, Path, Path]:
    """Build YOLO11s; return the fused torch network and its OpenVINO and ONNX exports."""
    from ultralytics import YOLO  # noqa: PLC0415 - only in the child

    YOLO("yolo11s.yaml").save(str(folder / "yolo11s.pt"))
    weights = YOLO(str(folder / "yolo11s.pt"))
    made = weights.export(format="openvino", imgsz=INPUT_PX, dynamic=True, verbose=False)
    onnx = YOLO(str(folder / "yolo11s.pt")).export(format="onnx", imgsz=INPUT_PX, verbose=False)
    network = YOLO(str(folder / "yolo11s.pt")).model.fuse(verbose=False).eval()
    return network, Path(made), Path(onnx)


def _quantised(full: Path, pictures: list[Image], folder: Path) -> Path:
    """Quantise the export on ``pictures``; return the new model's folder."""
    canvases, out = folder / "canvases", folder / "yolo11s_int8_openvino_model"
    canvases.mkdir()
    out.mkdir()
    np.save(canvases / "0.npy", np.stack(pictures))
    job = [str(next(full.glob("*.xml"))), str(canvases), str(out / "yolo11s.xml"), "yolo"]
    command = [sys.executable, "-P", nncf_job.__file__, "quantise", *job]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    shutil.copyfile(full / "metadata.yaml", out / "metadata.yaml")
    return out


def yolo11s(assets: Path, folder: Path) -> dict[str, float]:
    """Return milliseconds a picture by runtime and precision."""
    frames = pictures_of(assets / "videos" / VIDEO, PICTURES)
    pictures = [np.ascontiguousarray(frame[:INPUT_PX, :INPUT_PX]) for frame in frames]
    network, full, onnx = _export(folder)
    int8 = _quantised(full, pictures, folder)
    plan = DetectorPlan(DetectorParams(), size=INPUT_PX)
    paths = {
        "openvino_f32": open_yolo(full, precision="f32"),
        "openvino_bf16": open_yolo(full, precision="bf16"),
        "openvino_int8": open_yolo(int8, precision="auto"),
        "onnxruntime_f32": open_yolo(onnx, precision="f32", runtime="onnxruntime"),
    }
    detectors = [NetworkDetector(opened, head, plan) for opened, head in paths.values()]
    torch_ms = [_torch_ms(network)]
    speeds = measure_speed(detectors, pictures, clock=SystemClock())
    torch_ms.append(_torch_ms(network))
    for detector, (opened, _) in zip(detectors, paths.values(), strict=True):
        detector.close()
        opened.close()
    found = {name: 1000 / speed.frames_per_s for name, speed in zip(paths, speeds, strict=True)}
    return {"torch_f32": statistics.fmean(torch_ms), **found}


def main() -> int:
    """Measure what the command line names."""
    _, assets = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        confine_ultralytics(Path(folder) / "settings")
        print(json.dumps(yolo11s(Path(assets), Path(folder))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
