"""Tiny YOLO-shaped .onnx files whose answer can be worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

COCO_LIKE = {0: "bicycle", 1: "person", 2: "car"}


def save_detector(
    path: Path,
    *,
    boxes_cxcywh: Sequence[tuple[float, float, float, float]],
    names: dict[int, str] | None = None,
    person: int = 1,
    task: str = "detect",
    side: int | None = 64,
    end_to_end: bool = False,
) -> Path:
    """Save a network that always answers with the same boxes.

    Their person score is the mean of the input's first channel (red after BGR → RGB), so a
    picture's red share comes back as the confidence.

    Args:
        path: The .onnx file.
        boxes_cxcywh: Boxes on the canvas, at least eight so that the shape is a detector's.
        names: Class names in the metadata; `COCO_LIKE` by default, none for ``{}``.
        person: Class whose scores are set.
        task: Task in the metadata.
        side: Fixed input side, None for a free one.
        end_to_end: Write rows of x0, y0, x1, y1, score, class instead.
    """
    names = COCO_LIKE if names is None else names
    classes = max(len(names), person + 1)
    boxes = np.asarray(boxes_cxcywh, np.float32).reshape(-1, 4)
    if end_to_end:
        corners = np.concatenate(
            [boxes[:, :2] - boxes[:, 2:] / 2, boxes[:, :2] + boxes[:, 2:] / 2], axis=1
        )
        fixed = np.zeros((1, len(boxes), 6), np.float32)
        fixed[0, :, :4], fixed[0, :, 5] = corners, person
        scaled = np.zeros_like(fixed)
        scaled[0, :, 4] = 1.0
    else:
        fixed = np.zeros((1, 4 + classes, len(boxes)), np.float32)
        fixed[0, :4] = boxes.T
        scaled = np.zeros_like(fixed)
        scaled[0, 4 + person] = 1.0
    rows: int | str = side or "height"
    columns: int | str = side or "width"
    nodes = [
        helper.make_node("Gather", ["images", "channel"], ["red"], axis=1),
        helper.make_node("ReduceMean", ["red"], ["mean"], keepdims=0),
        helper.make_node("Mul", ["scaled", "mean"], ["scores"]),
        helper.make_node("Add", ["fixed", "scores"], ["output0"]),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, rows, columns])],
        [helper.make_tensor_value_info("output0", TensorProto.FLOAT, fixed.shape)],
        [
            numpy_helper.from_array(np.array([0], np.int64), "channel"),
            numpy_helper.from_array(fixed, "fixed"),
            numpy_helper.from_array(scaled, "scaled"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    if names:
        helper.set_model_props(model, {"names": str(names), "task": task, "stride": "32"})
    onnx.save(model, path)
    return path


def save_classifier(path: Path) -> Path:
    """Save an .onnx file that is a sound network and no detector: 1 × 10 class scores."""
    graph = helper.make_graph(
        [helper.make_node("ReduceMean", ["images"], ["output0"], axes=[2, 3], keepdims=0)],
        "classifier",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, 64, 64])],
        [helper.make_tensor_value_info("output0", TensorProto.FLOAT, [1, 3])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, path)
    return path


def spread_boxes(*, count: int = 8, side: float = 64.0) -> list[tuple[float, float, float, float]]:
    """Return ``count`` boxes in a row that do not touch each other, standing on the canvas."""
    step = side / count
    return [((index + 0.5) * step, side / 2, step * 0.5, side / 4) for index in range(count)]
