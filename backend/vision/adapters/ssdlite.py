"""The reduced-accuracy fallback: an SSDLite-MobileNetV2 pedestrian network run through OpenVINO."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from backend.core.errors import ModelError
from backend.vision.adapters.openvino_network import OpenVinoNetwork
from backend.vision.adapters.openvino_runtime import load_openvino
from backend.vision.heads import Head, SsdHead

INPUT_HW = (300, 300)
BOXES, SCORES = "detection_boxes", "detection_scores"


def convert_frozen_graph(graph: Path, target: Path) -> None:
    """Convert a TensorFlow frozen graph to OpenVINO's own format.

    Args:
        graph: The ``.pb`` file.
        target: The ``.xml`` file to write, its ``.bin`` beside it.

    Raises:
        ModelError: OpenVINO cannot read the graph.
    """
    ov = load_openvino()
    try:
        model: Any = ov.Core().read_model(graph)
    except RuntimeError as error:
        raise ModelError(f"{graph.name} cannot be converted: {str(error)[:200]}") from error
    ov.save_model(model, target, compress_to_fp16=False)


def open_ssdlite(path: Path, *, precision: str, name: str) -> tuple[OpenVinoNetwork, Head]:
    """Return the compiled network of a converted graph and the head that reads it.

    Raises:
        ModelError: Broken files, or outputs other than a TensorFlow detector's.
    """
    network = OpenVinoNetwork(path, precision=precision, name=name, rgb_u8_hw=INPUT_HW)
    outputs = [output.partition(":")[0] for output in network.info.output_names]
    if BOXES not in outputs or SCORES not in outputs:
        network.close()
        raise ModelError(f"{path.name} is not a TensorFlow detector: its outputs are {outputs}")
    return network, SsdHead(boxes_at=outputs.index(BOXES), scores_at=outputs.index(SCORES))
