"""TensorRT engines built by ultralytics (.engine), run in batches across cameras.

An engine fits one GPU model and one TensorRT version. It is run through ultralytics' own TensorRT
loader, which knows the differences between the versions; it has been written without such
hardware at hand and is tested up to the point where TensorRT itself is needed.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from backend.core.errors import ModelError
from backend.core.frame import Image
from backend.vision.adapters.micro_batching import BatchedNetwork, BatchParams, Outputs
from backend.vision.adapters.torch_cuda import choose_torch_device
from backend.vision.adapters.torch_network import (
    MAX_METADATA_BYTES,
    ExportFacts,
    split_batch,
    to_batch,
)
from backend.vision.network import NetworkInfo

LENGTH_BYTES = 4


def load_engine_facts(path: Path) -> ExportFacts:
    """Return what ultralytics wrote before the engine: four bytes of length, then JSON.

    Raises:
        ModelError: Missing, or not an engine that ultralytics built.
    """
    if not path.is_file():
        raise ModelError(f"{path.name} does not exist")
    with path.open("rb") as file:
        length = int.from_bytes(file.read(LENGTH_BYTES), "little")
        text = file.read(length) if 0 < length <= MAX_METADATA_BYTES else b""
    facts = ExportFacts.from_json(text.decode("utf-8", "replace"))
    if facts.imgsz_hw is None:
        raise ModelError(
            f"{path.name} does not begin with ultralytics' metadata; build it with "
            "`yolo export format=engine` on this machine"
        )
    return facts


def open_tensorrt(path: Path, *, name: str = "", device: str = "auto") -> BatchedNetwork:
    """Return a TensorRT engine, ready to run.

    Args:
        path: ``.engine`` file built by ultralytics on this machine.
        name: Name for people; the file's by default.
        device: The setting INFERENCE_DEVICE; must come to a GPU.

    Raises:
        ModelError: The engine cannot be used, or GPU or TensorRT are missing; says which.
    """
    stored = load_engine_facts(path)
    chosen = choose_torch_device(device)
    if chosen == "cpu":
        raise ModelError(
            f"{path.name} is a TensorRT engine and needs an NVIDIA GPU and a CUDA build of torch "
            f"(INFERENCE_DEVICE={device} comes to the processor here); use other weights"
        )
    if importlib.util.find_spec("tensorrt") is None:
        raise ModelError(
            f"{path.name} needs NVIDIA's package tensorrt, which is not installed; "
            "`pip install tensorrt` in the version that built the engine, or use other weights"
        )
    assert stored.imgsz_hw is not None, "load_engine_facts refuses files without"
    try:
        run = EngineRun(path, device=chosen)
        answer = run([np.zeros((*stored.imgsz_hw, 3), np.uint8)])[0]
    except (RuntimeError, AttributeError, AssertionError, ValueError, ImportError) as error:
        # The loader answers an engine of another GPU or version with any of these.
        raise ModelError(f"{path.name} cannot be used: {str(error)[:200]}") from error
    return BatchedNetwork(
        run,
        info=NetworkInfo(
            name=name or path.stem,
            runtime="tensorrt",
            precision="f16" if run.is_half else "f32",
            fixed_hw=stored.imgsz_hw,
            output_names=tuple(f"output{number}" for number in range(len(answer))),
            path=path.name,
            labels=stored.facts.labels,
            task=stored.facts.task,
            stride=stored.facts.stride,
            device=chosen,
        ),
        output_shape=answer[0].shape,
        params=BatchParams(limit=run.limit),
    )


class EngineRun:
    """Runs pictures of the engine's size (see `micro_batching.BatchRun`)."""

    def __init__(self, path: Path, *, device: str) -> None:
        import torch  # noqa: PLC0415 - heavy; loaded with the first model of this kind
        from ultralytics.nn.backends.tensorrt import TensorRTBackend  # noqa: PLC0415 - as above

        self._torch: Any = torch
        self._device = torch.device(device)
        self._engine: Any = TensorRTBackend(path, self._device, fp16=True)
        shape = self._engine.bindings["images"].shape
        self.limit = int(shape[0])
        """Pictures the engine takes at once."""
        self.is_half = bool(self._engine.fp16)
        """Whether the engine takes f16 pictures."""

    def __call__(self, pictures: Sequence[Image]) -> list[Outputs]:
        """Return the outputs of every picture."""
        torch = self._torch
        fed = list(pictures)
        if not self._engine.dynamic:  # such an engine takes full batches only
            fed += [fed[-1]] * (self.limit - len(fed))
        dtype = torch.float16 if self.is_half else torch.float32
        with torch.inference_mode(), torch.cuda.device(self._device):
            answer = self._engine.forward(to_batch(torch, fed, device=self._device, dtype=dtype))
            return split_batch(answer, len(pictures))
