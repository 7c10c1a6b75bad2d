"""Opens what is to be measured: trained weights, or an exported network with its card."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from backend.core.errors import ModelError
from backend.core.observation import CountError
from backend.vision.density.card import WEIGHTS_SUFFIX, hash_weights, load_card
from backend.vision.density.opening import RuntimeChoice, open_density_network
from training.counters import GraphCounter, PictureCounter, TorchCounter
from training.evaluation import SHORT_SIDE_PX
from training.export import load_trained

TORCH_SUFFIX = ".pt"

RUNTIMES = ("onnxruntime", "openvino")


@dataclass(frozen=True, slots=True)
class OpeningParams:
    """How model files are opened.

    Attributes:
        network: Name of the network whose weights a .pt file holds.
        runtime: What computes an exported network: ``onnxruntime`` or ``openvino``.
        precision: What OpenVINO computes in: ``f32``, ``bf16`` … or ``auto``.
        error: Model of the error to measure with in place of that on the card.
        long_px: Scale pictures to this long side as the server does; None = the protocol.
    """

    network: str = "light"
    runtime: str = "onnxruntime"
    precision: str = "f32"
    error: CountError | None = None
    long_px: int | None = None


@dataclass(frozen=True, slots=True)
class OpenedModel:
    """A counter and where it came from.

    Attributes:
        counter: Ready to count.
        file, sha256: The weight file.
        runtime: ``torch``, ``onnxruntime`` or ``openvino``, with the precision.
    """

    counter: PictureCounter
    file: str
    sha256: str
    runtime: str


@contextmanager
def open_model(path: Path, params: OpeningParams) -> Iterator[OpenedModel]:
    """Open a .pt file, or an .onnx file through the graph the server counts with.

    Raises:
        ModelError: Missing, of another kind, or not what its card says; names file and remedy.
        ExportError: The weights are of another network.
    """
    if path.suffix not in {TORCH_SUFFIX, WEIGHTS_SUFFIX}:
        raise ModelError(f"{path.name}: --model takes a {TORCH_SUFFIX} or {WEIGHTS_SUFFIX} file")
    opened = (_open_weights if path.suffix == TORCH_SUFFIX else _open_graph)(path, params)
    try:
        yield opened
    finally:
        opened.counter.close()


def _open_weights(path: Path, params: OpeningParams) -> OpenedModel:
    sha256 = hash_weights(path)
    network = load_trained(path, params.network)
    name = f"{params.network} ({path.parent.name}/{path.name})"
    counter = TorchCounter(network, name=name, error=params.error, long_px=params.long_px)
    return OpenedModel(counter, path.name, sha256, "torch f32")


def _open_graph(path: Path, params: OpeningParams) -> OpenedModel:
    card = load_card(path)
    if card.short_side_px != SHORT_SIDE_PX:
        raise ModelError(
            f"{path.stem}.json: short_side_px is {card.short_side_px}, pictures are evaluated at "
            f"{SHORT_SIDE_PX}: export the network with this version of CrowdSafe"
        )
    choice = RuntimeChoice(runtime=params.runtime, device="cpu", precision=params.precision)
    network = open_density_network(path, card, choice).network
    error = card.error if params.error is None else params.error
    counter = GraphCounter(
        network, name=card.name, stride=card.stride, error=error, long_px=params.long_px
    )
    runtime = f"{network.info.runtime} {network.info.precision}"
    return OpenedModel(counter, path.name, card.sha256, runtime)
