"""ONNX Runtime on the CPU, for .onnx files OpenVINO cannot read.

Chosen by the model store only after OpenVINO has refused a file: it needs about three times as
long for the same network (FACTS.md).
"""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from pathlib import Path
from typing import Any

import numpy as np

from backend.core.errors import ModelError, UnavailableError
from backend.core.frame import Image
from backend.vision.adapters.model_facts import ModelFacts
from backend.vision.network import NetworkInfo, Output

RUNNERS = 2
"""Pictures computed at once; each run uses the session's own threads besides."""


class OnnxRequest:
    """One input buffer and its run (implements `network.NetworkRequest`)."""

    def __init__(
        self, session: Any, runners: ThreadPoolExecutor, input_hw: tuple[int, int]
    ) -> None:
        self._session = session
        self._runners = runners
        self._input_name = session.get_inputs()[0].name
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
        rgb = self._canvas[..., ::-1].transpose(2, 0, 1)[None]
        picture = np.ascontiguousarray(rgb, np.float32) / np.float32(255.0)
        outputs: list[Any] = self._session.run(None, {self._input_name: picture})
        return outputs


class OnnxNetwork:
    """An .onnx file in ONNX Runtime (implements `network.Network`).

    Raises:
        ModelError: The file cannot be read or takes something else than one picture.
    """

    def __init__(self, path: Path, *, name: str = "") -> None:
        import onnxruntime as ort  # noqa: PLC0415 - heavy; loaded with the first model

        options = ort.SessionOptions()
        options.log_severity_level = 4
        self._lock = threading.Lock()
        try:
            self._session: Any = ort.InferenceSession(
                path, options, providers=["CPUExecutionProvider"]
            )
        except _load_errors() as error:
            raise ModelError(f"{path.name} cannot be used: {str(error)[:200]}") from error
        self._runners = ThreadPoolExecutor(RUNNERS, thread_name_prefix="onnx")
        facts = ModelFacts.from_text(self._session.get_modelmeta().custom_metadata_map)
        self._info = NetworkInfo(
            name=name or path.stem,
            runtime="onnxruntime",
            precision="f32",
            fixed_hw=self._fixed_hw(path),
            output_names=tuple(output.name for output in self._session.get_outputs()),
            path=path.name,
            labels=facts.labels,
            task=facts.task,
            stride=facts.stride,
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
        """See `Network.close`."""
        with self._lock:
            self._session = None
        self._runners.shutdown(wait=True)

    def _fixed_hw(self, path: Path) -> tuple[int, int] | None:
        inputs = self._session.get_inputs()
        if len(inputs) != 1 or len(inputs[0].shape) != 4 or inputs[0].type != "tensor(float)":
            raise ModelError(f"{path.name} does not take one float picture as its input")
        rows, columns = inputs[0].shape[2:]
        if isinstance(rows, int) and isinstance(columns, int):
            return rows, columns
        return None


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
