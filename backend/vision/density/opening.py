"""Opens a density network in the runtime the settings ask for, and makes sure it is one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from backend.core.errors import ModelError
from backend.vision.adapters.onnx_network import OnnxNetwork
from backend.vision.adapters.openvino_network import OpenVinoNetwork
from backend.vision.density.card import DensityCard
from backend.vision.density.network_counter import TIMEOUT_S
from backend.vision.inference.shared_network import SharedNetwork
from backend.vision.network import Network

OUTPUT = "density"
_REFUSALS = (ModelError, ImportError, OSError)
"""What a runtime raises for a file, a device or a library of its own that it cannot use."""
_PROBE_HW = (64, 96)
_PROBE_TIMEOUT_S = 20.0
"""A small picture takes milliseconds; the rest is for a machine that starts everything at once."""


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


class Opener(Protocol):
    """Opens a weight file in one runtime: `OpenVinoNetwork` or `OnnxNetwork`."""

    def __call__(self, path: Path, /, *, name: str, device: str, precision: str) -> Network:
        """Return the network.

        Raises:
            ModelError: The file, the device or the runtime cannot be used.
        """


def _open_openvino(path: Path, *, name: str, device: str, precision: str) -> Network:
    return OpenVinoNetwork(path, precision=precision, name=name, device=device)


def _open_onnx(path: Path, *, name: str, device: str, precision: str) -> Network:
    del precision  # ONNX Runtime computes as the graph says
    return OnnxNetwork(path, name=name, device=device)


@dataclass(frozen=True, slots=True)
class Runtimes:
    """What can open a density network.

    Attributes:
        openvino, onnxruntime: The two runtimes.
        probe_timeout_s: A network must have answered the first small picture by then.
    """

    openvino: Opener = _open_openvino
    onnxruntime: Opener = _open_onnx
    probe_timeout_s: float = _PROBE_TIMEOUT_S


def open_density_network(
    path: Path, card: DensityCard, choice: RuntimeChoice, *, runtimes: Runtimes | None = None
) -> OpenedNetwork:
    """Return a network that has answered once as its card says.

    Args:
        path: The .onnx file, already compared with the card's hash.
        card: What it should be.
        choice: The settings.
        runtimes: What opens it; OpenVINO and ONNX Runtime by default.

    Raises:
        ModelError: No runtime reads it, it is no density network, or the settings ask for a
            device that cannot be had; names the file or the setting.
    """
    chosen = runtimes or Runtimes()
    opened = _Opening(path, card, choice, chosen).open()
    # Shared from here on: what is given back without an answer is then waited for by nobody.
    network = SharedNetwork(opened.network, lend_timeout_s=TIMEOUT_S)
    try:
        _expect_density(network, path, card, timeout_s=chosen.probe_timeout_s)
    except BaseException:
        network.close()
        raise
    return OpenedNetwork(network, opened.remark)


@dataclass(frozen=True, slots=True)
class _Opening:
    """One attempt to open a weight file in the runtime the settings ask for, or the next best."""

    path: Path
    card: DensityCard
    choice: RuntimeChoice
    runtimes: Runtimes

    def open(self) -> OpenedNetwork:
        """Return the network as the runtime gave it."""
        runtime, device = self.choice.runtime, self.choice.device
        if runtime == "onnxruntime":
            network = self._open_onnx()
            return OpenedNetwork(network, self._missing_cuda(network))
        if runtime != "openvino" and device.startswith("cuda"):
            return self._open_on_cuda()
        if runtime == "torch":
            remark = "INFERENCE_RUNTIME=torch is for detectors: density is counted by OpenVINO."
            return OpenedNetwork(self._open_openvino(device), remark)
        if runtime == "openvino":
            return OpenedNetwork(self._open_openvino(device))
        return self._open_first()

    def _open_first(self) -> OpenedNetwork:
        try:
            return OpenedNetwork(self._open_openvino(self.choice.device))
        except _REFUSALS as error:
            try:
                network = self._open_onnx()
            except _REFUSALS:
                raise error from None  # one reason is enough; OpenVINO's runs first
            return OpenedNetwork(network, f"Density is counted by ONNX Runtime: {_reason(error)}.")

    def _open_on_cuda(self) -> OpenedNetwork:
        try:
            network = self._open_onnx()
        except _REFUSALS as error:
            remark = f"Density is counted by OpenVINO on the processor: {_reason(error)}."
            return OpenedNetwork(self._open_openvino("cpu"), remark)
        remark = "" if self.choice.runtime == "auto" else "Density is counted by ONNX Runtime."
        return OpenedNetwork(network, self._missing_cuda(network) or remark)

    def _missing_cuda(self, network: Network) -> str:
        """Say where ONNX Runtime went on without the CUDA it was asked for."""
        device = self.choice.device
        if not device.startswith("cuda") or network.info.device != "cpu":
            return ""
        return (
            f"INFERENCE_DEVICE={device}: ONNX Runtime could not load CUDA, density is counted on "
            "the processor; install CUDA and cuDNN in the versions onnxruntime-gpu asks for, or "
            "set INFERENCE_DEVICE=auto."
        )

    def _open_openvino(self, device: str) -> Network:
        precision = "f32" if self.choice.precision == "auto" else self.choice.precision
        opener = self.runtimes.openvino
        return opener(self.path, name=self.card.name, device=device, precision=precision)

    def _open_onnx(self) -> Network:
        opener, choice = self.runtimes.onnxruntime, self.choice
        return opener(
            self.path, name=self.card.name, device=choice.device, precision=choice.precision
        )


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())[:300].rstrip(".")


def _expect_density(network: Network, path: Path, card: DensityCard, *, timeout_s: float) -> None:
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
        found = _probe(network, timeout_s)
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


def _probe(network: Network, timeout_s: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    request = network.open_request(_PROBE_HW)
    try:
        request.canvas[...] = 128
        request.start()
        if not request.wait(timeout_s):
            raise ModelError(
                f"{network.info.path} gave no answer within {timeout_s:g} s; the machine "
                "is too busy or the device does not work"
            )
        return request.outputs()[0].copy()
    finally:
        request.close()


def _shape(sides: tuple[int, ...]) -> str:
    return "×".join(map(str, sides))
