"""What a model file says about itself without being compiled: cheap enough for a list.

Nothing of a model is run here, and no pickle is read.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backend.core.errors import ModelError
from backend.vision.adapters.model_facts import ModelFacts, load_facts
from backend.vision.adapters.openvino_network import find_graph
from backend.vision.adapters.ssdlite import BOXES, INPUT_HW
from backend.vision.adapters.torch_network import load_torchscript_facts

_INPUT_SHAPE = re.compile(rb'type="Parameter"[^>]*>\s*<data shape="([^"]*)"')
_NAMES_INSIDE = re.compile(rb'<names value="([^"]*)"')
_QUANTISED = frozenset({"QuantizeLinear", "DequantizeLinear", "QLinearConv", "QLinearMatMul"})
_F16 = 10
"""ONNX's number of the type float16 (TensorProto.FLOAT16)."""


@dataclass(frozen=True, slots=True)
class PeekedModel:
    """Facts read off a file.

    Attributes:
        precision: Of the stored weights: ``f32``, ``f16`` or ``int8``; empty if not known.
        input_hw: Fixed input height and width, None where they are free or not known.
        facts: Class names, task and stride.
        is_ssd: A TensorFlow detection graph (the fallback's family), not a YOLO.
    """

    precision: str
    input_hw: tuple[int, int] | None
    facts: ModelFacts
    is_ssd: bool = False


def peek_openvino(path: Path) -> PeekedModel:
    """Return what an OpenVINO folder or .xml says about itself.

    Raises:
        ModelError: Not one .xml with its .bin; names the folder.
    """
    text = find_graph(path).read_bytes()
    if b"<net" not in text:
        raise ModelError(f"{path.name} is not an OpenVINO model")
    is_ssd = f"{BOXES}".encode() in text
    precision = "f16" if b'element_type="f16"' in text else "f32"
    if b'type="FakeQuantize"' in text:
        precision = "int8"
    return PeekedModel(
        precision=precision,
        input_hw=INPUT_HW if is_ssd else _input_hw(text),
        facts=load_facts(path) or _facts_inside(text),
        is_ssd=is_ssd,
    )


def peek_onnx(path: Path) -> PeekedModel:
    """Return what an .onnx file says about itself.

    Raises:
        ModelError: Not an ONNX model; names the file.
    """
    import onnx  # noqa: PLC0415 - only needed while models are listed

    try:
        model: Any = onnx.load(path, load_external_data=False)
    except Exception as error:
        raise ModelError(f"{path.name} is not an ONNX model") from error
    if not model.graph.node or not model.graph.input:
        raise ModelError(f"{path.name} is not an ONNX model")
    stored = {entry.key: entry.value for entry in model.metadata_props}
    shape = model.graph.input[0].type.tensor_type.shape.dim
    sides = tuple(side.dim_value for side in shape)[2:4]
    precision = "f16" if any(part.data_type == _F16 for part in model.graph.initializer) else "f32"
    if any(node.op_type in _QUANTISED for node in model.graph.node):
        precision = "int8"
    return PeekedModel(
        precision=precision,
        input_hw=(sides[0], sides[1]) if len(sides) == 2 and all(sides) else None,
        facts=ModelFacts.from_text(stored),
    )


def peek_torchscript(path: Path) -> PeekedModel:
    """Return what the metadata in a TorchScript file says; its code is not loaded.

    Raises:
        ModelError: Not a TorchScript file with metadata; names the file.
    """
    found = load_torchscript_facts(path)
    return PeekedModel(
        precision="",
        input_hw=None if found.is_free else found.imgsz_hw,
        facts=found.facts,
    )


def _input_hw(text: bytes) -> tuple[int, int] | None:
    """Return the picture's height and width of the first input, laid out N, C, H, W."""
    found = _INPUT_SHAPE.search(text)
    sides = found.group(1).decode("ascii", "replace").split(",")[2:4] if found else []
    numbers = [side.strip() for side in sides]
    if len(numbers) != 2 or not all(side.isdecimal() for side in numbers):
        return None
    return int(numbers[0]), int(numbers[1])


def _facts_inside(text: bytes) -> ModelFacts:
    found = _NAMES_INSIDE.search(text)
    if found is None:
        return ModelFacts()
    return ModelFacts.from_text({"names": html.unescape(found.group(1).decode("utf-8", "replace"))})
