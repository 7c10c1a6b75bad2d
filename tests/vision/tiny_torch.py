"""Tiny TorchScript detectors: one worked out by hand, one a real YOLO that was never trained."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch

from tests.vision.tiny_networks import COCO_LIKE


class _FixedBoxes(torch.nn.Module):
    """Answers with the same boxes always; their person score is the mean of the red channel."""

    def __init__(self, fixed: torch.Tensor, scaled: torch.Tensor) -> None:
        super().__init__()
        self.register_buffer("fixed", fixed)
        self.register_buffer("scaled", scaled)

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        red = pictures[:, 0].mean(dim=(1, 2)).reshape(-1, 1, 1)
        fixed: Any = self.fixed
        return fixed + red * self.scaled


def save_torchscript(
    path: Path,
    *,
    boxes_cxcywh: list[tuple[float, float, float, float]],
    side: int = 64,
    metadata: dict[str, object] | None = None,
) -> Path:
    """Save a detector of `COCO_LIKE` classes with ultralytics' metadata (``metadata`` adds)."""
    boxes = np.asarray(boxes_cxcywh, np.float32)
    fixed = np.zeros((1, 4 + len(COCO_LIKE), len(boxes)), np.float32)
    fixed[0, :4] = boxes.T
    scaled = np.zeros_like(fixed)
    scaled[0, 5] = 1.0
    module = _FixedBoxes(torch.from_numpy(fixed), torch.from_numpy(scaled))
    stated: dict[str, object] = {
        "names": COCO_LIKE, "task": "detect", "stride": 32, "imgsz": [side, side], "args": {},
    }  # fmt: skip
    _save(module, torch.zeros(1, 3, side, side), path, stated | (metadata or {}))
    return path


def save_untrained_yolo(path: Path, folder: Path, *, hw: tuple[int, int]) -> None:
    """Save YOLO11n's architecture with random weights as TorchScript and as an OpenVINO folder."""
    import openvino as ov  # noqa: PLC0415 - after its usage reports have been forbidden
    from ultralytics.nn.tasks import DetectionModel  # noqa: PLC0415 - slow to import

    torch.manual_seed(0)
    model: Any = DetectionModel("yolo11n.yaml", nc=3, verbose=False).eval().fuse(verbose=False)
    model.model[-1].export, model.model[-1].format = True, "torchscript"
    for parameter in model.parameters():
        parameter.requires_grad = False
    example = torch.rand(1, 3, *hw)
    model(example)
    stated = {"names": COCO_LIKE, "task": "detect", "stride": 32, "imgsz": list(hw), "args": {}}
    graph = _save(model, example, path, stated)
    folder.mkdir()
    converted = ov.convert_model(graph, example_input=example, input=[1, 3, *hw])
    ov.save_model(converted, folder / "yolo.xml", compress_to_fp16=False)


def _save(module: Any, example: torch.Tensor, path: Path, stated: dict[str, object]) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tracing warns of everything that depends on a shape
        graph: Any = torch.jit.trace(module, example, strict=False, check_trace=False)
        torch.jit.save(graph, str(path), _extra_files={"config.txt": json.dumps(stated)})  # type: ignore[no-untyped-call]
    return graph
