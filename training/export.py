"""From trained weights to the files CrowdSafe counts with: an ONNX graph and its card.

Nothing is written unless PyTorch, ONNX Runtime and OpenVINO count the same people in real
pictures with it.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from torch import nn

from backend.core.errors import ModelError
from backend.core.frame import Image
from backend.core.observation import CountError
from backend.vision.adapters.onnx_network import OnnxNetwork
from backend.vision.adapters.openvino_network import OpenVinoNetwork
from backend.vision.density.card import (
    CARD_SUFFIX,
    WEIGHTS_SUFFIX,
    DatasetResult,
    DensityCard,
    hash_weights,
)
from backend.vision.network import Network
from training.evaluation import SHORT_SIDE_PX, predict_map
from training.export_graph import halve_weights, trace_graph
from training.networks import build_network
from training.normalise import pad_to_multiple

CREATED_BY = "training export"
MAX_COUNT_CHANGE = 0.005
"""Largest difference of a count between the runtimes, a share of it."""

_LEAST_COUNT = 1.0
"""Differences are shares of at least so many people: of nobody there is no share."""
_TIMEOUT_S = 600.0


@dataclass(frozen=True, slots=True)
class ExportPlan:
    """What is exported, and what its card is to say.

    Attributes:
        network: Name of the network, as `training.networks.build_network` knows it.
        name: Of the files without suffix, and for people.
        version: Of the weights.
        error: How far sums of the map err, as calibrated on the validation pictures.
        crowded_per_cell: Densest block it was validated on, mean people per cell.
        licence: Under which the weights are given on.
        trained_on: The data, a sentence.
        results: Dataset -> errors there.
        short_side_px: Pictures with a shorter side are enlarged to it when evaluated.
        input_long_px: Long side of the input at run time where nobody asks for another.
    """

    network: str
    name: str
    version: str
    error: CountError
    crowded_per_cell: float
    licence: str
    trained_on: str
    results: Mapping[str, DatasetResult] = field(default_factory=dict)
    short_side_px: int = SHORT_SIDE_PX
    input_long_px: int = 1024


@dataclass(frozen=True, slots=True)
class RuntimeAgreement:
    """How an exported network counts in every runtime.

    Attributes:
        counts: Runtime -> count of every picture, people: ``torch``, ``onnxruntime``,
            ``openvino`` (single precision) and ``openvino-auto`` (what this machine would use).
        worst_change: Largest difference of ONNX Runtime and of OpenVINO in single precision
            from PyTorch, a share of the count.
        auto_precision, auto_change: What ``openvino-auto`` computes in, and its largest
            difference.
    """

    counts: Mapping[str, tuple[float, ...]]
    worst_change: float
    auto_precision: str
    auto_change: float


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written.

    Attributes:
        weights, card: The files.
        size_bytes: Of the weight file.
        parameters: Trained values in it.
        agreement: Of the runtimes.
    """

    weights: Path
    card: Path
    size_bytes: int
    parameters: int
    agreement: RuntimeAgreement


class ExportError(Exception):
    """The weights cannot be exported; the message says why and what to do."""


def export_model(
    weights: Path, out_dir: Path, plan: ExportPlan, *, pictures: Sequence[Image]
) -> ExportReport:
    """Write ``<name>.onnx`` and ``<name>.json``; both or neither.

    Args:
        weights: What training left: ``best.pt``, or ``latest.pt``, whose averaged weights are
            taken.
        out_dir: Made if it is not there; files of the same name are replaced.
        plan: What is exported.
        pictures: (H, W, 3) uint8 BGR, at least one, with people: what the runtimes are compared
            on.

    Raises:
        ExportError: The weights are of another network or no numbers, or the runtimes count
            differently.
        ValueError: There are no pictures, or no such network.
    """
    if not pictures:
        raise ValueError("pictures: at least one is needed to compare the runtimes on")
    network = load_trained(weights, plan.network)
    out_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out_dir, prefix=".export-") as name:
        built = Path(name) / f"{plan.name}{WEIGHTS_SUFFIX}"
        _save_graph(network, built)
        agreement = compare_runtimes(network, built, pictures)
        if agreement.worst_change > MAX_COUNT_CHANGE:
            raise ExportError(
                f"the exported network counts up to {agreement.worst_change:.2%} otherwise than "
                f"the trained one, allowed is {MAX_COUNT_CHANGE:.1%}; nothing was written"
            )
        _as_card(built, plan, network).save(built.with_suffix(CARD_SUFFIX))
        # The card last: one that does not fit the weights beside it is refused.
        target = built.replace(out_dir / built.name)
        built.with_suffix(CARD_SUFFIX).replace(target.with_suffix(CARD_SUFFIX))
    return ExportReport(
        weights=target,
        card=target.with_suffix(CARD_SUFFIX),
        size_bytes=target.stat().st_size,
        parameters=sum(values.numel() for values in network.parameters()),
        agreement=agreement,
    )


def load_trained(weights: Path, network_name: str) -> nn.Module:
    """Return a network with trained weights, ready to count.

    Args:
        weights: ``best.pt`` or ``latest.pt`` of a run.
        network_name: As `training.networks.build_network` knows it.

    Raises:
        ExportError: The file is missing, no weight file, of another network or holds no numbers.
        ValueError: There is no such network.
    """
    network = build_network(network_name)
    try:
        state: Any = torch.load(io.BytesIO(weights.read_bytes()), weights_only=True)
    except OSError as error:
        raise ExportError(f"{weights.name} cannot be read: {error.strerror}") from error
    except Exception as error:  # what torch raises for no weights ranges from pickle to runtime
        raise ExportError(
            f"{weights.name} is no weight file of a run; give its best.pt or latest.pt"
        ) from error
    if isinstance(state, dict) and "averaged" in state:
        state = state["averaged"]
    try:
        network.load_state_dict(state, strict=True)
    except (RuntimeError, TypeError, AttributeError) as error:
        reason = " ".join(str(error).split())[:300]
        raise ExportError(
            f"{weights.name} does not fit the network {network_name!r}: {reason}"
        ) from error
    for name, values in network.state_dict().items():
        if not bool(torch.isfinite(values).all()):
            raise ExportError(f"{weights.name}: {name} holds values that are no numbers")
    return network.eval()


def compare_runtimes(
    network: nn.Module, exported: Path, pictures: Sequence[Image]
) -> RuntimeAgreement:
    """Count pictures with the trained network and with the exported one in every runtime.

    Args:
        network: As `load_trained` gives it.
        exported: The .onnx file.
        pictures: (H, W, 3) uint8 BGR, counted at their size.

    Raises:
        ExportError: A runtime does not read the file.
    """
    padded = [pad_to_multiple(each) for each in pictures]
    wanted = tuple(float(predict_map(network, each).sum(dtype=np.float64)) for each in padded)
    runtimes: dict[str, Callable[[], Network]] = {
        "onnxruntime": lambda: OnnxNetwork(exported, device="cpu"),
        "openvino": lambda: OpenVinoNetwork(exported, precision="f32", device="cpu"),
        "openvino-auto": lambda: OpenVinoNetwork(exported, device="cpu"),
    }
    counts = {"torch": wanted}
    auto_precision = ""
    for runtime, open_network in runtimes.items():
        try:
            opened = open_network()
        except ModelError as error:
            raise ExportError(f"{runtime} does not read the exported network: {error}") from error
        try:
            counts[runtime] = tuple(_count_padded(opened, each) for each in padded)
            auto_precision = opened.info.precision
        finally:
            opened.close()
    changes = {
        runtime: max(
            abs(count - true) / max(true, _LEAST_COUNT)
            for count, true in zip(counts[runtime], wanted, strict=True)
        )
        for runtime in runtimes
    }
    return RuntimeAgreement(
        counts=counts,
        worst_change=max(changes["onnxruntime"], changes["openvino"]),
        auto_precision=auto_precision,
        auto_change=changes["openvino-auto"],
    )


def _count_padded(network: Network, picture: Image) -> float:
    """Return the people an exported network counts in a picture of whole multiples."""
    request = network.open_request((picture.shape[0], picture.shape[1]))
    try:
        request.canvas[...] = picture
        request.start()
        if not request.wait(_TIMEOUT_S):
            raise ExportError(f"{network.info.runtime} gave no answer within {_TIMEOUT_S:g} s")
        return float(request.outputs()[0].sum(dtype=np.float64))
    finally:
        request.close()


def _save_graph(network: nn.Module, path: Path) -> None:
    try:
        model = halve_weights(trace_graph(network))
    except OverflowError as error:
        raise ExportError(f"the network cannot be exported: {error}") from error
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)


def _as_card(weights: Path, plan: ExportPlan, network: nn.Module) -> DensityCard:
    return DensityCard(
        name=plan.name,
        version=plan.version,
        file=weights.name,
        sha256=hash_weights(weights),
        stride=int(getattr(network, "stride", 8)),
        short_side_px=plan.short_side_px,
        input_long_px=plan.input_long_px,
        error=plan.error,
        crowded_per_cell=plan.crowded_per_cell,
        licence=plan.licence,
        trained_on=plan.trained_on,
        created_by=CREATED_BY,
        results=dict(plan.results),
    )
