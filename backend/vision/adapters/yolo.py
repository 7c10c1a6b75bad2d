"""Opens a YOLO detector in the runtime that suits the file, the machine and the settings."""

from __future__ import annotations

from pathlib import Path

from backend.core.errors import ModelError
from backend.vision.adapters.onnx_network import OnnxNetwork
from backend.vision.adapters.openvino_network import OpenVinoNetwork
from backend.vision.heads import ClassMap, Head, choose_yolo_head
from backend.vision.network import Network

RuntimeNetwork = OpenVinoNetwork | OnnxNetwork


def open_yolo(
    path: Path,
    *,
    precision: str,
    name: str = "",
    runtime: str = "auto",
    device: str = "auto",
    classes: ClassMap | None = None,
) -> tuple[Network, Head]:
    """Return the compiled network and the head that reads it.

    Args:
        path: OpenVINO folder or ``.onnx`` file.
        precision: See `OpenVinoNetwork`.
        name: Name for people; the file's by default.
        runtime: The setting INFERENCE_RUNTIME.
        device: The setting INFERENCE_DEVICE.
        classes: Which classes are people; the usual names by default.

    Raises:
        ModelError: Not readable by any runtime, not a person detector, or the settings ask for
            a runtime or device that cannot be had.
    """
    network = _open(path, precision=precision, name=name, runtime=runtime, device=device)
    try:
        return network, choose_yolo_head(network.info, network.output_shape, classes)
    except ModelError:
        network.close()
        raise


def _open(path: Path, *, precision: str, name: str, runtime: str, device: str) -> RuntimeNetwork:
    is_onnx = path.suffix == ".onnx" and path.is_file()
    if runtime == "onnxruntime":
        if path.exists() and not is_onnx:
            raise ModelError(
                f"INFERENCE_RUNTIME=onnxruntime reads .onnx files, not {path.name}; export the "
                "weights anew or set INFERENCE_RUNTIME=auto"
            )
        return OnnxNetwork(path, name=name, device=device)
    try:
        return OpenVinoNetwork(path, precision=precision, name=name, device=device)
    except ModelError as error:
        if not is_onnx or runtime == "openvino":
            raise
        try:
            return OnnxNetwork(path, name=name, device=device)
        except ModelError:
            raise error from None  # one reason is enough; OpenVINO's runs first
