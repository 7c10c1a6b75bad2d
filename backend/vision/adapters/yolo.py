"""Opens a YOLO detector: OpenVINO first, ONNX Runtime for .onnx files OpenVINO cannot read."""

from __future__ import annotations

from pathlib import Path

from backend.core.errors import ModelError
from backend.vision.adapters.onnx_network import OnnxNetwork
from backend.vision.adapters.openvino_network import OpenVinoNetwork
from backend.vision.heads import Head, choose_yolo_head
from backend.vision.network import Network


def open_yolo(path: Path, *, precision: str, name: str = "") -> tuple[Network, Head]:
    """Return the compiled network and the head that reads it.

    Args:
        path: OpenVINO folder or ``.onnx`` file.
        precision: See `OpenVinoNetwork`.
        name: Name for people; the file's by default.

    Raises:
        ModelError: Not readable by any runtime, or not a person detector.
    """
    network: OpenVinoNetwork | OnnxNetwork
    try:
        network = OpenVinoNetwork(path, precision=precision, name=name)
    except ModelError as error:
        if path.suffix != ".onnx" or not path.is_file():
            raise
        try:
            network = OnnxNetwork(path, name=name)
        except ModelError:
            raise error from None  # one reason is enough; OpenVINO's runs first
    try:
        return network, choose_yolo_head(network.info, network.output_shape)
    except ModelError:
        network.close()
        raise
