"""Opens a YOLO detector in the runtime that suits the file, the machine and the settings."""

from __future__ import annotations

from pathlib import Path

from backend.core.errors import ModelError
from backend.vision.adapters.micro_batching import BatchedNetwork
from backend.vision.adapters.onnx_network import OnnxNetwork
from backend.vision.adapters.openvino_network import OpenVinoNetwork
from backend.vision.adapters.tensorrt_network import open_tensorrt
from backend.vision.adapters.torch_cuda import choose_torch_device
from backend.vision.adapters.torch_network import open_torchscript
from backend.vision.heads import ClassMap, Head, choose_yolo_head
from backend.vision.network import Network

RuntimeNetwork = OpenVinoNetwork | OnnxNetwork | BatchedNetwork

TORCHSCRIPT, ENGINE, ONNX = ".torchscript", ".engine", ".onnx"
_READABLE = {"onnxruntime": (ONNX,), "torch": (TORCHSCRIPT, ENGINE)}
_FORMATS = {"openvino": "openvino", "onnxruntime": "onnx", "torch": "torchscript"}


def choose_export_format(runtime: str, device: str) -> str:
    """Return what weights are to be exported to for these settings.

    ``auto`` is OpenVINO, several times faster on processors than torch; on a machine with an
    NVIDIA GPU that the installed torch can use it is TorchScript.

    Args:
        runtime: The setting INFERENCE_RUNTIME.
        device: The setting INFERENCE_DEVICE.

    Returns:
        ``openvino``, ``onnx`` or ``torchscript``, as ultralytics names them.

    Raises:
        ModelError: The device is not there.
    """
    if runtime != "auto":
        return _FORMATS[runtime]
    if device.startswith("gpu") or choose_torch_device(device) == "cpu":
        return "openvino"
    return "torchscript"


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
        path: OpenVINO folder, ``.onnx``, ``.torchscript`` or ``.engine`` file.
        precision: The setting CROWDSAFE_PRECISION; int8 models stay int8.
        name: Name for people; the file's by default.
        runtime: The setting INFERENCE_RUNTIME; ``auto`` takes what reads the file fastest.
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
    _refuse_foreign(path, runtime)
    if path.suffix == TORCHSCRIPT:
        return open_torchscript(path, precision=precision, name=name, device=device)
    if path.suffix == ENGINE:
        return open_tensorrt(path, name=name, device=device)
    is_for_cuda = runtime == "auto" and path.suffix == ONNX and device.startswith("cuda")
    if runtime == "onnxruntime" or is_for_cuda:
        return OnnxNetwork(path, name=name, device=device)
    try:
        return OpenVinoNetwork(path, precision=precision, name=name, device=device)
    except ModelError as error:
        if runtime == "openvino" or path.suffix != ONNX or not path.is_file():
            raise
        try:
            return OnnxNetwork(path, name=name, device=device)
        except ModelError:
            raise error from None  # one reason is enough; OpenVINO's runs first


def _refuse_foreign(path: Path, runtime: str) -> None:
    """Refuse a file that the runtime asked for does not read."""
    if runtime == "auto" or not path.exists():
        return
    if runtime == "openvino":
        reads = path.suffix not in _READABLE["torch"]
    else:
        reads = path.suffix in _READABLE[runtime]
    if not reads:
        raise ModelError(
            f"INFERENCE_RUNTIME={runtime} cannot use {path.name}; choose weights exported as "
            f"{_FORMATS[runtime]}, or set INFERENCE_RUNTIME=auto"
        )
