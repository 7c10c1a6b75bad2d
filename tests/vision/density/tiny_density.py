"""Tiny density networks whose map can be worked out by hand, with their cards."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from backend.vision.density.card import hash_weights


def save_network(
    path: Path,
    *,
    per_cell: float = 1.0,
    stride: int = 8,
    output: str = "density",
    side: int | None = None,
    channels: int = 3,
    breaks_above: float = 2.0,
) -> Path:
    """Save a network that counts ``per_cell`` people where a whole cell is red, none where none is.

    Args:
        path: The .onnx file.
        per_cell: People in a cell whose red (of RGB) is 255; NaN is allowed.
        stride: Side of a cell, pixels.
        output: Name of the output.
        side: Fixed side of the input, None for a free one.
        channels: Of the input.
        breaks_above: Share of red above which a cell's answer is no number.
    """
    rows: int | str = side or "height"
    columns: int | str = side or "width"
    red_of_cell = np.zeros((1, channels, stride, stride), np.float32)
    red_of_cell[0, 0] = 1 / stride**2
    sides = [stride, stride]
    nodes = [
        helper.make_node(
            "Conv", ["images", "red_of_cell"], ["share"], kernel_shape=sides, strides=sides
        ),
        helper.make_node("Sub", ["breaks_above", "share"], ["left"]),
        helper.make_node("Sqrt", ["left"], ["root"]),  # of a negative there is none
        helper.make_node("Div", ["root", "root"], ["one"]),
        helper.make_node("Mul", ["share", "one"], ["sound"]),
        helper.make_node("Mul", ["sound", "per_cell"], [output]),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, channels, rows, columns])],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, [1, 1, None, None])],
        [
            numpy_helper.from_array(red_of_cell, "red_of_cell"),
            numpy_helper.from_array(np.array(breaks_above, np.float32), "breaks_above"),
            numpy_helper.from_array(np.array(per_cell, np.float32), "per_cell"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, path)
    return path


def card_values(weights: Path, **changes: Any) -> dict[str, Any]:
    """Return what a sound card of ``weights`` says, with ``changes``."""
    values: dict[str, Any] = {
        "name": "tiny",
        "version": "1",
        "file": weights.name,
        "sha256": hash_weights(weights),
        "stride": 8,
        "short_side_px": 512,
        "input_long_px": 256,
        "error": {"own": 0.5, "common": 0.1, "least": 1.0},
        "crowded_per_cell": 2.0,
        "licence": "AGPL-3.0-or-later",
        "trained_on": "nothing: made by hand",
        "created_by": "a test",
        "results": {
            "shanghaitech-b": {
                "mae": 10.5,
                "rmse": 17.0,
                "bias": -1.25,
                "pictures": 60,
                "split": "validation",
            }
        },
    }
    return {**values, **changes}


def save_card(weights: Path, **changes: Any) -> Path:
    """Write the card beside ``weights``."""
    path = weights.with_suffix(".json")
    path.write_text(json.dumps(card_values(weights, **changes)), encoding="utf-8")
    return path


def save_model(folder: Path, name: str = "tiny", *, per_cell: float = 1.0) -> Path:
    """Save a sound network with its card; returns the weight file."""
    weights = save_network(folder / f"{name}.onnx", per_cell=per_cell)
    save_card(weights)
    return weights
