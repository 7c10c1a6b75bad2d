"""ONNX Runtime, on the processor or (with onnxruntime-gpu) on an NVIDIA GPU.

The first choice only where it is asked for (INFERENCE_RUNTIME=onnxruntime); otherwise for .onnx
files that OpenVINO cannot read. The pictures are scaled to [0, 1] and laid out by NumPy: that is
faster than every way of doing it by nodes in front of the graph (ADR 0011).
"""

from __future__ import annotations

import importlib
import os
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.core.errors import ModelError, UnavailableError
from backend.core.frame import Image
from backend.vision.adapters.model_facts import ModelFacts
from backend.vision.network import NetworkInfo, Output

RUNNERS = 2
"""Pictures computed at once; together they use as many threads as there are cores."""
CUDA, CPU = "CUDAExecutionProvider", "CPUExecutionProvider"
_INPUT_TYPES: dict[str, type[np.floating[Any]]] = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
}
_QUANTISED = frozenset({"QuantizeLinear", "QLinearConv", "ConvInteger"})


def choose_providers(wanted: str, available: Sequence[str]) -> tuple[str, list[Any]]:
    """Return the device and ONNX Runtime's providers for the setting INFERENCE_DEVICE.

    Args:
        wanted: ``auto`` (CUDA where ONNX Runtime offers it), ``cpu``, ``cuda`` or ``cuda:1`` …
        available: What ONNX Runtime offers here.

    Raises:
        ModelError: ONNX Runtime does not offer that device; names the setting.
    """
    if wanted == "cpu" or (wanted == "auto" and CUDA not in available):
        return "cpu", [CPU]
    if wanted.startswith("gpu"):
        raise ModelError(
            f"INFERENCE_DEVICE={wanted} (an Intel GPU) is for OpenVINO: set "
            "INFERENCE_RUNTIME=openvino, or INFERENCE_DEVICE=auto"
        )
    if CUDA not in available:
        raise ModelError(
            f"INFERENCE_DEVICE={wanted}: the installed ONNX Runtime has no CUDA; replace the "
            "package onnxruntime by onnxruntime-gpu, or set INFERENCE_DEVICE=auto"
        )
    number = int(wanted.partition(":")[2] or 0) if wanted != "auto" else 0
    return f"cuda:{number}", [(CUDA, {"device_id": number}), CPU]


class OnnxRequest:
    """One input buffer and its run (implements `network.NetworkRequest`)."""

    def __init__(
        self, session: Any, runners: ThreadPoolExecutor, input_hw: tuple[int, int]
    ) -> None:
        self._session = session
        self._runners = runners
        self._input_name = session.get_inputs()[0].name
        self._dtype = _INPUT_TYPES[session.get_inputs()[0].type]
        self._canvas: Image = np.empty((*input_hw, 3), np.uint8)
        self._run: Future[list[Any]] | None = None

    @property
    def canvas(self) -> Image:
        """See `NetworkRequest.canvas`."""
        return self._canvas

    def start(self) -> None:
        """See `NetworkRequest.start`."""
        self._run = self._runners.submit(self._infer)

    def wait(self, timeout_s: float) -> bool:
        """See `NetworkRequest.wait`."""
        if self._run is None:
            return False
        try:
            self._run.exception(timeout_s)
        except FutureTimeoutError:
            return False
        return True

    def outputs(self) -> tuple[Output, ...]:
        """See `NetworkRequest.outputs`."""
        assert self._run is not None, "asked for before the first start"
        return tuple(np.asarray(part, np.float32) for part in self._run.result())

    def close(self) -> None:
        """See `NetworkRequest.close`."""
        if self._run is not None:
            self._run.exception()
            self._run = None

    def _infer(self) -> list[Any]:
        picture = scale_picture(self._canvas, self._dtype)
        outputs: list[Any] = self._session.run(None, {self._input_name: picture})
        return outputs


class OnnxNetwork:
    """An .onnx file in ONNX Runtime (implements `network.Network`).

    Args:
        path: The file.
        name: Name for people; the file's by default.
        device: See `choose_providers`.

    Raises:
        ModelError: The file cannot be read or takes something else than one picture, or the
            device is not there, or ONNX Runtime itself cannot be loaded.
    """

    def __init__(self, path: Path, *, name: str = "", device: str = "auto") -> None:
        ort = _load_onnxruntime()
        chosen, providers = choose_providers(device, ort.get_available_providers())
        self._lock = threading.Lock()
        try:
            self._session: Any = ort.InferenceSession(path, _options(), providers=providers)
        except _load_errors() as error:
            raise ModelError(f"{path.name} cannot be used: {str(error)[:200]}") from error
        if chosen != "cpu" and CUDA not in self._session.get_providers():
            chosen = "cpu"  # a CUDA library is missing: ONNX Runtime goes on without it
        self._runners = ThreadPoolExecutor(RUNNERS, thread_name_prefix="onnx")
        facts = ModelFacts.from_text(self._session.get_modelmeta().custom_metadata_map)
        self._info = NetworkInfo(
            name=name or path.stem,
            runtime="onnxruntime",
            precision=self._read_precision(path),
            fixed_hw=self._fixed_hw(path),
            output_names=tuple(output.name for output in self._session.get_outputs()),
            path=path.name,
            labels=facts.labels,
            task=facts.task,
            stride=facts.stride,
            device=chosen,
            parallel=RUNNERS,
        )

    @property
    def info(self) -> NetworkInfo:
        """See `Network.info`."""
        return self._info

    @property
    def output_shape(self) -> tuple[int | None, ...]:
        """Shape of the first output, None for lengths that follow the input's size."""
        shape = self._session.get_outputs()[0].shape
        return tuple(side if isinstance(side, int) else None for side in shape)

    def open_request(self, input_hw: tuple[int, int]) -> OnnxRequest:
        """See `Network.open_request`."""
        with self._lock:
            if self._session is None:
                raise UnavailableError(f"{self._info.path} has been closed")
            return OnnxRequest(self._session, self._runners, input_hw)

    def close(self) -> None:
        """See `Network.close`; a run that is still under way ends by itself."""
        with self._lock:
            self._session = None
        self._runners.shutdown(wait=False)

    def _fixed_hw(self, path: Path) -> tuple[int, int] | None:
        inputs = self._session.get_inputs()
        if len(inputs) != 1 or len(inputs[0].shape) != 4 or inputs[0].type not in _INPUT_TYPES:
            raise ModelError(f"{path.name} does not take one float picture as its input")
        rows, columns = inputs[0].shape[2:]
        if isinstance(rows, int) and isinstance(columns, int):
            return rows, columns
        return None

    def _read_precision(self, path: Path) -> str:
        """Return what the file's weights are kept in: ONNX Runtime computes as it is told."""
        import onnx  # noqa: PLC0415 - heavy; loaded with the first model

        nodes = onnx.load(path, load_external_data=False).graph.node
        if any(node.op_type in _QUANTISED for node in nodes):
            return "int8"
        return "f16" if self._session.get_inputs()[0].type == "tensor(float16)" else "f32"


def scale_picture(
    picture: Image, dtype: type[np.floating[Any]] = np.float32
) -> npt.NDArray[np.floating[Any]]:
    """Return a (H, W, 3) uint8 BGR picture as (1, 3, H, W) RGB in [0, 1]."""
    planes = picture[..., ::-1].transpose(2, 0, 1)[None]
    scaled: npt.NDArray[np.floating[Any]] = np.ascontiguousarray(planes, dtype) / dtype(255.0)
    return scaled


def _load_onnxruntime() -> Any:
    """Return the ``onnxruntime`` package (heavy: loaded with the first model).

    Raises:
        ModelError: It, or the ``onnx`` package that reads a file's facts, cannot be loaded.
    """
    try:
        importlib.import_module("onnx")
        return importlib.import_module("onnxruntime")
    except (ImportError, OSError) as error:
        raise ModelError(
            f"ONNX Runtime cannot be loaded ({str(error)[:200]}): install the packages onnx and "
            "onnxruntime again, or set INFERENCE_RUNTIME=openvino"
        ) from error


def _options() -> Any:
    """Return session options under which two runs and the rest of the house share the cores.

    ONNX Runtime's idle threads spin for the next layer by default, which takes the cores away
    from decoding: 105 ms of processor time a picture instead of 64 (YOLO11n, 384×640, 2 cores).
    """
    import onnxruntime as ort  # noqa: PLC0415 - heavy; loaded with the first model

    options = ort.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = max(1, (os.cpu_count() or 1) // RUNNERS)
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


def _load_errors() -> tuple[type[Exception], ...]:
    """Return what ONNX Runtime raises for files it cannot use; they share no base of its own."""
    from onnxruntime.capi import onnxruntime_pybind11_state as state  # noqa: PLC0415 - see above

    return (
        state.Fail,
        state.InvalidArgument,
        state.InvalidGraph,
        state.InvalidProtobuf,
        state.NoSuchFile,
        state.NotImplemented,
        state.RuntimeException,
        RuntimeError,
        ValueError,
    )
