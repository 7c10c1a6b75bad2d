"""Builders for tests of quantisation: a small network, footage, a stand-in for NNCF."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from backend.core.frame import Image
from backend.vision.adapters.openvino_runtime import load_openvino
from backend.vision.frame_sampling import Sample
from backend.vision.model_store.programs import Programs
from tests.builders import image
from tests.vision.tiny_networks import spread_boxes


def save_conv_detector(
    path: Path, *, boxes: int = 8, gain: float = 1.0, side: float = 64.0
) -> Path:
    """Save an .onnx of free input size that finds ``boxes`` persons in a red picture.

    They stand in a row across a canvas of ``side`` pixels.

    A 1×1 convolution takes the red of the picture's mean, so NNCF has something to quantise.
    """
    fixed = np.zeros((1, 5, 8), np.float32)
    fixed[0, :4] = np.asarray(spread_boxes(side=side), np.float32).T
    scaled = np.zeros_like(fixed)
    scaled[0, 4, :boxes] = gain
    weights = np.array([[[[1.0]], [[0.0]], [[0.0]]]], np.float32)
    nodes = [
        helper.make_node("ReduceMean", ["images", "sides"], ["mean"], keepdims=1),
        helper.make_node("Conv", ["mean", "weights"], ["red"], kernel_shape=[1, 1]),
        helper.make_node("Reshape", ["red", "flat"], ["share"]),
        helper.make_node("Mul", ["scaled", "share"], ["scores"]),
        helper.make_node("Add", ["fixed", "scores"], ["output0"]),
    ]
    free = [1, 3, "height", "width"]
    graph = helper.make_graph(
        nodes,
        "conv",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, free)],
        [helper.make_tensor_value_info("output0", TensorProto.FLOAT, fixed.shape)],
        [
            numpy_helper.from_array(np.array([2, 3], np.int64), "sides"),
            numpy_helper.from_array(np.array([1, 1, 1], np.int64), "flat"),
            numpy_helper.from_array(weights, "weights"),
            numpy_helper.from_array(fixed, "fixed"),
            numpy_helper.from_array(scaled, "scaled"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    helper.set_model_props(model, {"names": "{0: 'person'}", "task": "detect", "stride": "32"})
    onnx.save(model, path)
    return path


def reds(count: int) -> list[Image]:
    """Return pictures from half to fully red."""
    return [
        image(width=64, height=64, value=(0, 0, 128 + 127 * number // max(1, count - 1)))
        for number in range(count)
    ]


@dataclass(frozen=True)
class FixedFootage:
    """Pictures in memory (see `quantise.Footage`)."""

    pictures: Sequence[Image]
    shown_as: str = "test clip"

    def take(self, count: int) -> Iterator[Sample]:
        """See `Footage.take`."""
        chosen = self.pictures[:count]
        for number, picture in enumerate(chosen):
            yield Sample(picture, number / len(chosen))


@dataclass(frozen=True, slots=True)
class StandInPrograms(Programs):
    """Writes another network where NNCF would write the quantised one.

    Attributes:
        answer: The .onnx that takes its place.
    """

    answer: Path = Path()

    def run_nncf(self, *arguments: str, timeout_s: float, cwd: Path) -> str:
        """Convert the answer; see `Programs.run_nncf`."""
        del timeout_s, cwd
        openvino = load_openvino()
        model = openvino.Core().read_model(self.answer)
        openvino.save_model(model, arguments[3], compress_to_fp16=False)
        return json.dumps({"nncf": "none"})


def stand_in(folder: Path, answer: Path) -> StandInPrograms:
    """Return programs whose quantisation gives ``answer``."""
    return StandInPrograms(folder / "ultralytics", threading.Event(), answer)
