"""Opens a density network in the runtime the settings ask for, and makes sure it is one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from backend.core.errors import ModelError
from backend.vision.adapters.onnx_network import OnnxNetwork
from backend.vision.adapters.openvino_network import OpenVinoNetwork
from backend.vision.density.card import DensityCard
from backend.vision.inference.shared_network import SharedNetwork
from backend.vision.network import Network

OUTPUT = "density"
_PROBE_HW = (64, 96)
_PROBE_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class RuntimeChoice:
    """What computes density networks: the detector's settings, as far as they apply.

    Attributes:
        runtime, device: The settings INFERENCE_RUNTIME and INFERENCE_DEVICE.
        precision: ``auto``, ``f32``, ``bf16`` or ``f16``. ``auto`` is single precision here:
            bf16 changed the counts of pictures by 1 to 3 % and was no faster.
    """

    runtime: str = "auto"
    device: str = "auto"
    precision: str = "auto"


@dataclass(frozen=True, slots=True)
class OpenedNetwork:
    """A density network in memory.

    Attributes:
        network: Shared by all cameras.
        remark: Where it runs otherwise than the settings say, a sentence; empty when it does not.
    """

    network: Network
    remark: str = ""


def open_density_network(path: Path, card: DensityCard, choice: RuntimeChoice) -> OpenedNetwork:
    """Return a network that has answered once as its card says.

    Args:
        path: The .onnx file, already compared with the card's hash.
        card: What it should be.
        choice: The settings.

    Raises:
        ModelError: No runtime reads it, it is no density network, or the settings ask for a
            device that cannot be had; names the file or the setting.
    """
    opened = _open(path, card, choice)
    try:
        _expect_density(opened.network, path, card)
    except ModelError:
        opened.network.close()
        raise
    return OpenedNetwork(SharedNetwork(opened.network), opened.remark)


def _open(path: Path, card: DensityCard, choice: RuntimeChoice) -> OpenedNetwork:
    wants_cuda = choice.device.startswith("cuda")
    if choice.runtime == "onnxruntime":
        return OpenedNetwork(OnnxNetwork(path, name=card.name, device=choice.device))
    if choice.runtime != "openvino" and wants_cuda:
        try:
            network: Network = OnnxNetwork(path, name=card.name, device=choice.device)
        except ModelError as error:
            remark = f"Density is counted by OpenVINO on the processor: {error}."
            return OpenedNetwork(_open_openvino(path, card, choice, device="cpu"), remark)
        remark = "" if choice.runtime == "auto" else "Density is counted by ONNX Runtime."
        return OpenedNetwork(network, remark)
    if choice.runtime == "torch":
        remark = "INFERENCE_RUNTIME=torch is for detectors: density is counted by OpenVINO."
        return OpenedNetwork(_open_openvino(path, card, choice, device=choice.device), remark)
    try:
        return OpenedNetwork(_open_openvino(path, card, choice, device=choice.device))
    except ModelError as error:
        if choice.runtime == "openvino":
            raise
        try:
            return OpenedNetwork(OnnxNetwork(path, name=card.name, device=choice.device))
        except ModelError:
            raise error from None  # one reason is enough; OpenVINO's runs first


def _open_openvino(
    path: Path, card: DensityCard, choice: RuntimeChoice, *, device: str
) -> OpenVinoNetwork:
    precision = "f32" if choice.precision == "auto" else choice.precision
    return OpenVinoNetwork(path, precision=precision, name=card.name, device=device)


def _expect_density(network: Network, path: Path, card: DensityCard) -> None:
    """Refuse a graph that is no density network: run it once on a small grey picture.

    Raises:
        ModelError: It has a fixed size, other outputs, another stride, or answers no numbers.
    """
    facts = network.info
    if facts.fixed_hw is not None:
        raise ModelError(
            f"{path.name} takes pictures of {facts.fixed_hw[1]} × {facts.fixed_hw[0]} pixels "
            "only; export it with free height and width"
        )
    if facts.output_names != (OUTPUT,):
        raise ModelError(
            f"{path.name} is no density network: one output {OUTPUT!r} was expected, it has "
            f"{', '.join(facts.output_names) or 'none'}; export it with the training package"
        )
    try:
        found = _probe(network)
    except ModelError:
        raise
    except Exception as error:  # every runtime raises something else for what it cannot run
        reason = " ".join(str(error).split())[-200:]
        raise ModelError(
            f"{path.name} is no density network: it cannot be run on a picture ({reason})"
        ) from error
    expected = (1, 1, _PROBE_HW[0] // card.stride, _PROBE_HW[1] // card.stride)
    if found.shape != expected:
        raise ModelError(
            f"{path.name} is not what its card says: a stride of {card.stride} gives "
            f"{_shape(expected)}, the network gives {_shape(found.shape)}; export it again"
        )
    if not np.isfinite(found).all():
        raise ModelError(f"{path.name} answers no numbers: its weights are broken; export it again")


def _probe(network: Network) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    request = network.open_request(_PROBE_HW)
    try:
        request.canvas[...] = 128
        request.start()
        if not request.wait(_PROBE_TIMEOUT_S):
            raise ModelError(
                f"{network.info.path} gave no answer within {_PROBE_TIMEOUT_S:g} s; the machine "
                "is too busy or the device does not work"
            )
        return request.outputs()[0].copy()
    finally:
        request.close()


def _shape(sides: tuple[int, ...]) -> str:
    return "×".join(map(str, sides))
