"""What an inference runtime must offer; the adapters implement it.

A `Network` is compiled once and shared by all cameras; a `NetworkRequest` belongs to one
camera and holds one picture at a time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from backend.core.frame import Image

Output = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class NetworkInfo:
    """Facts about a compiled network.

    Attributes:
        name: Model name for people, for instance ``yolo11s``.
        runtime: ``openvino`` or ``onnxruntime``.
        precision: ``f32``, ``bf16``, ``f16`` or ``int8``.
        fixed_hw: Input height and width where the graph is fixed, None where they are free.
        output_names: Names of the outputs, in the order `NetworkRequest.outputs` gives them.
        path: Base name of the file or folder the weights came from.
        labels: Class number -> class name where the file says so.
        task: Task the file was made for (``detect``, ``pose`` …), empty if it does not say.
        stride: Inputs are multiples of this many pixels.
        device: What computes it: ``cpu``, ``cuda:0`` …
        parallel: Pictures that may be under way at once before more of them only wait.
    """

    name: str
    runtime: str
    precision: str
    fixed_hw: tuple[int, int] | None
    output_names: tuple[str, ...]
    path: str
    labels: dict[int, str] = field(default_factory=dict)
    task: str = ""
    stride: int = 32
    device: str = "cpu"
    parallel: int = 2


class NetworkRequest(Protocol):
    """One picture's way through a network."""

    @property
    def canvas(self) -> Image:
        """(H, W, 3) uint8 BGR input buffer; written before `start`, not between it and `wait`."""

    def start(self) -> None:
        """Begin; returns at once."""

    def wait(self, timeout_s: float) -> bool:
        """Return whether the outputs are there, waiting at most ``timeout_s``."""

    def outputs(self) -> tuple[Output, ...]:
        """Return the outputs as float32 arrays, valid until the next `start`."""

    def close(self) -> None:
        """Wait for what is under way and let go of the buffers."""


class Network(Protocol):
    """A network compiled for this machine, shared by all cameras; thread-safe."""

    @property
    def info(self) -> NetworkInfo:
        """What it is."""

    def open_request(self, input_hw: tuple[int, int]) -> NetworkRequest:
        """Return a request for pictures of ``input_hw`` (the fixed size if there is one)."""

    def close(self) -> None:
        """Let go of the compiled network once no request is open."""
