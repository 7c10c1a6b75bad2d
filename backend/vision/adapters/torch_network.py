"""TorchScript networks on an NVIDIA GPU (or the processor), run in batches across cameras.

A weight file of PyTorch's (.pt) is a pickle, and reading it runs what is in it; the server never
does. It loads the TorchScript that a subprocess exported: a graph and its tensors.
"""

from __future__ import annotations

import json
import warnings
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from backend.core.errors import ModelError
from backend.core.frame import Image
from backend.vision.adapters.micro_batching import BatchedNetwork, BatchParams, Outputs
from backend.vision.adapters.model_facts import ModelFacts
from backend.vision.adapters.torch_cuda import choose_torch_device
from backend.vision.network import NetworkInfo

METADATA_MEMBER = "extra/config.txt"
MAX_METADATA_BYTES = 1 << 20
FREE_SIZE_TRIAL_HW = (320, 320)
ON_GPU = BatchParams()
ON_CPU = BatchParams(limit=2, window_s=0.0)
"""Several pictures at once cost a processor as much as one after the other."""


@dataclass(frozen=True, slots=True)
class ExportFacts:
    """What ultralytics writes into a TorchScript file or before a TensorRT engine.

    Attributes:
        facts: Class names, task and stride.
        imgsz_hw: Input height and width it was made for; None where it does not say.
        is_free: Whether other sizes work as well.
    """

    facts: ModelFacts
    imgsz_hw: tuple[int, int] | None
    is_free: bool

    @classmethod
    def from_json(cls, text: str) -> ExportFacts:
        """Read the metadata; what is missing or malformed counts as not said."""
        try:
            stored = json.loads(text)
        except ValueError:
            stored = {}
        if not isinstance(stored, Mapping):
            stored = {}
        size, options = stored.get("imgsz"), stored.get("args")
        is_size = isinstance(size, list) and len(size) == 2
        is_size = is_size and all(isinstance(side, int) and side > 0 for side in size)
        return cls(
            facts=ModelFacts.from_text(stored),
            imgsz_hw=(size[0], size[1]) if is_size else None,
            is_free=isinstance(options, Mapping) and options.get("dynamic") is True,
        )


def load_torchscript_facts(path: Path) -> ExportFacts:
    """Return what the metadata in a TorchScript file says.

    Raises:
        ModelError: Missing, not a TorchScript file, or one without a stated input size.
    """
    if not path.is_file():
        raise ModelError(f"{path.name} does not exist")
    try:
        with zipfile.ZipFile(path) as archive:
            members = [item for item in archive.infolist() if "/" in item.filename]
            found = [item for item in members if item.filename.endswith(f"/{METADATA_MEMBER}")]
            if not found or found[0].file_size > MAX_METADATA_BYTES:
                raise ModelError(f"{path.name} carries no metadata; export it with ultralytics")
            facts = ExportFacts.from_json(archive.read(found[0]).decode("utf-8", "replace"))
    except (zipfile.BadZipFile, OSError) as error:
        raise ModelError(f"{path.name} is not a TorchScript file (or it is cut short)") from error
    if facts.imgsz_hw is None:
        raise ModelError(f"{path.name} does not say its input size; export it with ultralytics")
    return facts


def open_torchscript(
    path: Path,
    *,
    precision: str = "auto",
    name: str = "",
    device: str = "auto",
    params: BatchParams | None = None,
) -> BatchedNetwork:
    """Return a TorchScript network, tried once and ready.

    Args:
        path: ``.torchscript`` file exported by ultralytics.
        precision: On a GPU f16 unless ``f32`` is wished; on the processor always f32.
        name: Name for people; the file's by default.
        device: The setting INFERENCE_DEVICE, see `choose_torch_device`.
        params: How to batch.

    Raises:
        ModelError: The file cannot be used, or the device is not there.
    """
    chosen = choose_torch_device(device)
    stored = load_torchscript_facts(path)
    is_half = chosen != "cpu" and precision != "f32"
    trial_hw = stored.imgsz_hw or FREE_SIZE_TRIAL_HW
    try:
        run = TorchScriptRun(path, device=chosen, is_half=is_half)
        answer = run([np.zeros((*trial_hw, 3), np.uint8)])[0]
    except RuntimeError as error:  # what torch raises for whatever it cannot load or run
        reason = (str(error).strip().splitlines() or ["unreadable"])[-1][:200]
        raise ModelError(f"{path.name} cannot be used: {reason}") from error
    shape: tuple[int | None, ...] = answer[0].shape
    return BatchedNetwork(
        run,
        info=NetworkInfo(
            name=name or path.stem,
            runtime="torch",
            precision="f16" if is_half else "f32",
            fixed_hw=None if stored.is_free else stored.imgsz_hw,
            output_names=tuple(f"output{number}" for number in range(len(answer))),
            path=path.name,
            labels=stored.facts.labels,
            task=stored.facts.task,
            stride=stored.facts.stride,
            device=chosen,
        ),
        output_shape=(*shape[:2], None) if stored.is_free and len(shape) == 3 else shape,
        params=params or (ON_CPU if chosen == "cpu" else ON_GPU),
    )


class TorchScriptRun:
    """Runs pictures of one size through a TorchScript graph (see `micro_batching.BatchRun`)."""

    def __init__(self, path: Path, *, device: str, is_half: bool) -> None:
        import torch  # noqa: PLC0415 - heavy; loaded with the first model of this kind

        self._torch: Any = torch
        self._device = torch.device(device)
        self._dtype = torch.float16 if is_half else torch.float32
        with warnings.catch_warnings():
            # torch calls TorchScript deprecated without having another format that ultralytics
            # exports to and that needs neither a compiler nor a pickle where it is loaded.
            warnings.simplefilter("ignore", DeprecationWarning)
            graph: Any = torch.jit.load(str(path), map_location=self._device)
        self._graph: Any = (graph.half() if is_half else graph.float()).eval()

    def __call__(self, pictures: Sequence[Image]) -> list[Outputs]:
        """Return the outputs of every picture."""
        torch = self._torch
        # Without this the first runs of every new batch size compile for seconds.
        with torch.inference_mode(), torch.jit.optimized_execution(False):
            answer = self._graph(to_batch(torch, pictures, device=self._device, dtype=self._dtype))
            return split_batch(answer, len(pictures))


def to_batch(torch: Any, pictures: Sequence[Image], *, device: Any, dtype: Any) -> Any:
    """Return (H, W, 3) uint8 BGR pictures as one (N, 3, H, W) RGB tensor in [0, 1].

    They travel to the device as bytes, a quarter of what float32 would take.
    """
    packed = torch.from_numpy(np.stack(pictures)).to(device, non_blocking=True)
    return packed.permute(0, 3, 1, 2).flip(1).to(dtype).div(255.0).contiguous()


def split_batch(answer: Any, count: int) -> list[Outputs]:
    """Return each picture's part of a network's output tensors, batch axis kept, float32."""
    tensors = (
        [answer] if hasattr(answer, "shape") else [part for part in answer if part is not None]
    )
    arrays = [part[:count].float().cpu().numpy() for part in tensors if hasattr(part, "shape")]
    return [tuple(array[at : at + 1] for array in arrays) for at in range(count)]
