"""OpenVINO: one compiled model for all cameras, an infer request for each picture.

Scaling to [0, 1], BGR → RGB and NHWC → NCHW happen inside the graph, where they are exact and
run without the interpreter; the letterbox does not, because OpenCV is the faster (ADR 0011). Two
inference streams with one core each (the throughput hint) cost less processor time than one
stream over two cores, whose threads wait for each other whenever decoding or tracking takes a
core away.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from backend.core.errors import ModelError, UnavailableError
from backend.core.frame import Image
from backend.vision.adapters.model_facts import ModelFacts, load_facts, parse_names
from backend.vision.adapters.openvino_facts import (
    choose_device,
    choose_precision,
    read_precision,
)
from backend.vision.adapters.openvino_runtime import load_openvino
from backend.vision.network import NetworkInfo, Output

MAX_SHAPES = 8
"""Compiled shapes of a free-size model kept at most; the one longest unused is let go. No fewer
than `inference.shared_network.MAX_SIZES`, whose requests would keep theirs alive anyway."""


class OpenVinoRequest:
    """One infer request with its input buffer (implements `network.NetworkRequest`)."""

    def __init__(self, compiled: Any, input_hw: tuple[int, int]) -> None:
        ov = load_openvino()
        self._buffer = np.empty((1, *input_hw, 3), np.uint8)
        self._request: Any = compiled.create_infer_request()
        self._request.set_input_tensor(ov.Tensor(self._buffer, shared_memory=True))

    @property
    def canvas(self) -> Image:
        """See `NetworkRequest.canvas`."""
        return self._buffer[0]

    def start(self) -> None:
        """See `NetworkRequest.start`."""
        self._request.start_async()

    def wait(self, timeout_s: float) -> bool:
        """See `NetworkRequest.wait`."""
        return bool(self._request.wait_for(max(1, int(timeout_s * 1000))))

    def outputs(self) -> tuple[Output, ...]:
        """See `NetworkRequest.outputs`."""
        return tuple(
            np.asarray(tensor.data, dtype=np.float32) for tensor in self._request.output_tensors
        )

    def close(self) -> None:
        """See `NetworkRequest.close`."""
        if self._request is not None:
            self._request.wait()
            self._request = None


class OpenVinoNetwork:
    """A model read by OpenVINO, compiled per input shape (implements `network.Network`).

    Args:
        path: Folder with one .xml and its .bin, or an .onnx or .xml file.
        precision: ``auto`` or what is wished, see `choose_precision`; int8 models stay int8.
        name: Name for people; the file's by default.
        device: ``auto``, ``cpu``, ``gpu`` …, see `choose_device`.
        rgb_u8_hw: For graphs that take 1×H×W×3 RGB uint8 themselves (TensorFlow detection
            models): the size to fix them to.

    Raises:
        ModelError: The file is missing, broken, or cannot be compiled (names the file), or the
            device is not there (names the setting), or OpenVINO itself cannot be loaded.
    """

    def __init__(
        self,
        path: Path,
        *,
        precision: str = "auto",
        name: str = "",
        device: str = "auto",
        rgb_u8_hw: tuple[int, int] | None = None,
    ) -> None:
        self._path = path
        self._rgb_u8_hw = rgb_u8_hw
        self._core: Any = _start_openvino()
        self._lock = threading.Lock()
        self._compiled: dict[tuple[int, int], Any] = {}
        self._device = choose_device(device, self._core.available_devices)
        graph = find_graph(path)
        try:
            self._model: Any = self._core.read_model(graph)
            self._facts = load_facts(path) or _facts_in_graph(self._model)
            able = self._core.get_property(self._device, "OPTIMIZATION_CAPABILITIES")
            hint = choose_precision(precision, able)
            self._properties = {"PERFORMANCE_HINT": "THROUGHPUT", "INFERENCE_PRECISION_HINT": hint}
            self._info = NetworkInfo(
                name=name or _plain_name(path),
                runtime="openvino",
                precision="int8" if _is_int8(self._model) else hint,
                fixed_hw=self._fixed_hw(),
                output_names=tuple(_output_name(port) for port in self._model.outputs),
                path=path.name,
                labels=self._facts.labels,
                task=self._facts.task,
                stride=self._facts.stride,
                device=self._device.lower(),
            )
            if self._info.fixed_hw is not None:
                self._compile(self._info.fixed_hw)
        except RuntimeError as error:  # what OpenVINO raises for whatever it cannot read
            raise ModelError(f"{path.name} cannot be used: {_first_line(error)}") from error

    @property
    def info(self) -> NetworkInfo:
        """See `Network.info`; precision and parallel requests are as measured once compiled."""
        return self._info

    @property
    def output_shape(self) -> tuple[int | None, ...]:
        """Shape of the first output, None for lengths that follow the input's size."""
        shape = self._model.outputs[0].get_partial_shape()
        if shape.rank.is_dynamic:
            return ()
        return tuple(None if side.is_dynamic else side.get_length() for side in shape)

    def open_request(self, input_hw: tuple[int, int]) -> OpenVinoRequest:
        """See `Network.open_request`; compiles the model the first time a shape is asked for."""
        with self._lock:
            if self._model is None:
                raise UnavailableError(f"{self._path.name} has been closed")
            if input_hw not in self._compiled:
                self._compile(input_hw)
            compiled = self._compiled.pop(input_hw)
            self._compiled[input_hw] = compiled  # last in order: used most recently
            while len(self._compiled) > MAX_SHAPES:
                del self._compiled[next(iter(self._compiled))]  # open requests keep theirs alive
            return OpenVinoRequest(compiled, input_hw)

    def close(self) -> None:
        """See `Network.close`."""
        with self._lock:
            self._compiled.clear()
            self._model = None

    def _fixed_hw(self) -> tuple[int, int] | None:
        if len(self._model.inputs) != 1:
            raise ModelError(f"{self._path.name} has {len(self._model.inputs)} inputs, not one")
        shape = self._model.inputs[0].get_partial_shape()
        if shape.rank.is_dynamic or len(shape) != 4:
            raise ModelError(f"{self._path.name} does not take pictures: its input is {shape}")
        if self._rgb_u8_hw is not None:
            return self._rgb_u8_hw
        rows, columns = shape[2], shape[3]
        if rows.is_dynamic or columns.is_dynamic:
            return None
        return rows.get_length(), columns.get_length()

    def _compile(self, input_hw: tuple[int, int]) -> None:
        """Compile for one input shape, with picture preparation inside the graph."""
        ov = load_openvino()
        shaping = ov.preprocess
        model = self._model.clone()
        steps = shaping.PrePostProcessor(model)
        picture = steps.input()
        picture.tensor().set_element_type(ov.Type.u8).set_layout(ov.Layout("NHWC"))
        picture.tensor().set_color_format(shaping.ColorFormat.BGR)
        if self._rgb_u8_hw is not None:
            model.reshape([1, *input_hw, 3])
            picture.model().set_layout(ov.Layout("NHWC"))
            picture.preprocess().convert_color(shaping.ColorFormat.RGB)
        else:
            model.reshape([1, 3, *input_hw])
            picture.model().set_layout(ov.Layout("NCHW"))
            picture.preprocess().convert_element_type(ov.Type.f32)
            picture.preprocess().convert_color(shaping.ColorFormat.RGB).scale(255.0)
        compiled = self._core.compile_model(steps.build(), self._device, self._properties)
        self._compiled[input_hw] = compiled
        self._info = replace(
            self._info,
            precision=read_precision(compiled),
            parallel=int(compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS")),
        )


def find_graph(path: Path) -> Path:
    """Return the graph file of a model path: itself, or the one .xml with its .bin in a folder.

    Raises:
        ModelError: Missing, several, or an .xml without its .bin.
    """
    if not path.exists():
        raise ModelError(f"{path.name} does not exist")
    graph = path
    if path.is_dir():
        graphs = sorted(path.glob("*.xml"))
        if len(graphs) != 1:
            raise ModelError(
                f"{path.name} is not an OpenVINO model folder: one .xml expected, "
                f"found {len(graphs)}"
            )
        graph = graphs[0]
    if graph.suffix == ".xml" and not graph.with_suffix(".bin").is_file():
        raise ModelError(f"{path.name} is incomplete: {graph.stem}.bin is missing")
    return graph


def _start_openvino() -> Any:
    """Return OpenVINO's core.

    Raises:
        ModelError: The package is missing, or one of its libraries is or is another's.
    """
    try:
        return load_openvino().Core()
    except (ImportError, OSError, RuntimeError) as error:
        raise ModelError(
            f"OpenVINO cannot be loaded ({_first_line(error)}): install the package openvino "
            "again, or set INFERENCE_RUNTIME=onnxruntime"
        ) from error


def _facts_in_graph(model: Any) -> ModelFacts:
    """Read the labels OpenVINO and ONNX models may carry inside."""
    if model.has_rt_info(["framework", "names"]):
        stored = {
            key: model.get_rt_info(["framework", key]).astype(str)
            for key in ("names", "task", "stride")
            if model.has_rt_info(["framework", key])
        }
        return ModelFacts.from_text(stored)
    if model.has_rt_info(["model_info", "labels"]):
        words = model.get_rt_info(["model_info", "labels"]).astype(str).split()
        return ModelFacts(labels=parse_names(dict(enumerate(words))))
    return ModelFacts()


def _is_int8(model: Any) -> bool:
    return any(node.get_type_name() == "FakeQuantize" for node in model.get_ops())


def _output_name(port: Any) -> str:
    names = sorted(port.get_names(), key=lambda name: (name.count("/"), len(name), name))
    return str(names[0]) if names else str(port.get_node().get_friendly_name())


def _plain_name(path: Path) -> str:
    """Return ``yolo11n`` for ``yolo11n_int8_openvino_model`` or ``yolo11n.onnx``."""
    name = path.name if path.is_dir() else path.stem
    return name.removesuffix("_openvino_model").removesuffix("_int8")


def _first_line(error: Exception) -> str:
    """Return the telling line of one of OpenVINO's long messages."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    telling = [line for line in lines if not line.startswith(("Exception from", "Check '"))]
    return (telling or lines or ["unreadable"])[0][:200]
