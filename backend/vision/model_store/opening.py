"""Opens one model file or folder, whatever family and runtime it is made for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from backend.core.errors import ModelError
from backend.vision.adapters.hog import open_hog_network
from backend.vision.adapters.model_peek import peek_openvino
from backend.vision.adapters.ssdlite import open_ssdlite
from backend.vision.adapters.yolo import ENGINE, ONNX, TORCHSCRIPT, choose_export_format, open_yolo
from backend.vision.heads import ClassMap, Head
from backend.vision.inference.shared_network import SharedNetwork
from backend.vision.network import Network
from backend.vision.tiling import TilingParams

FILE_SUFFIXES = {ONNX, TORCHSCRIPT, ENGINE}


@dataclass(frozen=True, slots=True)
class OpenedModel:
    """A network in memory with what reads it.

    Attributes:
        tiling: How pictures are cut for a network that sees only little at once.
        reduced_accuracy: It finds fewer people than the usual detector.
    """

    network: Network
    head: Head
    tiling: TilingParams | None = None
    reduced_accuracy: bool = False


@dataclass(frozen=True, slots=True)
class ModelOpener:
    """Opens models as the settings ask for.

    Attributes:
        precision: ``auto``, ``f32``, ``bf16`` or ``f16``.
        classes: Which classes count as people.
        runtime, device: The settings INFERENCE_RUNTIME and INFERENCE_DEVICE.
    """

    precision: str
    classes: ClassMap
    runtime: str = "auto"
    device: str = "auto"

    def export_kind(self) -> str:
        """Return what ``.pt`` files are exported to: ``openvino``, ``onnx`` or ``torchscript``.

        Raises:
            ModelError: The settings ask for a device this machine lacks.
        """
        return choose_export_format(self.runtime, self.device)

    def open(self, path: Path, *, name: str = "") -> OpenedModel:
        """Return the model at ``path``, an OpenVINO folder or an exported file, in memory.

        Args:
            path: Never a ``.pt`` file: those are exported first, elsewhere.
            name: Name for people; the file's by default.

        Raises:
            ModelError: Missing, broken, or not a person detector; names the file.
        """
        if not path.exists():
            raise ModelError(f"{path.name} does not exist")
        if not path.is_dir() and path.suffix not in FILE_SUFFIXES:
            raise ModelError(
                f"{path.name} is of an unknown kind: a .pt, an .onnx, a .torchscript, an .engine "
                "or an OpenVINO folder is needed"
            )
        if path.is_dir() and peek_openvino(path).is_ssd:
            return self.open_ssd(path, name=name)
        network, head = open_yolo(
            path,
            precision=self.precision,
            name=name,
            runtime=self.runtime,
            device=self.device,
            classes=self.classes,
        )
        return OpenedModel(SharedNetwork(network), head)

    def open_ssd(self, path: Path, *, name: str) -> OpenedModel:
        """Return a TensorFlow detection graph, the family of the fallback, in memory.

        Raises:
            ModelError: Broken, or of another family.
        """
        network, head = open_ssdlite(path, precision=self.precision, name=name)
        return OpenedModel(
            SharedNetwork(network), head, tiling=TilingParams(), reduced_accuracy=True
        )

    def open_hog(self) -> OpenedModel:
        """Return the classic detector, which needs no file.

        Raises:
            ModelError: The installed OpenCV lacks it; names the remedy.
        """
        network, head = open_hog_network()
        return OpenedModel(SharedNetwork(network), head, reduced_accuracy=True)


def plain_name(file: str) -> str:
    """Return the model's name for people from its file's.

    Example:
        ``yolo11s.pt`` is ``yolo11s``, ``yolo11n_int8_openvino_model`` is ``yolo11n``.
    """
    name = file
    for suffix in (".pt", ".onnx", ".torchscript", ".engine", "_openvino_model", "_int8"):
        name = name.removesuffix(suffix)
    return name
