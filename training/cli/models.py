"""Which model files a command measures, and in what."""

from __future__ import annotations

import argparse
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

from backend.vision.density.store import SHIPPED
from training.cli.interval_file import read_interval
from training.networks import NETWORK_NAMES
from training.opening import RUNTIMES, OpenedModel, OpeningParams, open_model

MODEL_HELP = (
    "weights of a run (best.pt; mcnn=best.pt where the network is another than --network) or an "
    "exported network (.onnx with its card, .json, beside it)"
)

_LONG_SIDES = (64, 4096)


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model file and, for weights, the network they belong to; None = that of --network."""

    path: Path
    network: str | None = None


def parse_model(text: str) -> ModelChoice:
    """Read ``FILE`` or ``NETWORK=FILE``."""
    network, separator, path = text.partition("=")
    if separator and network in NETWORK_NAMES:
        return ModelChoice(Path(path), network)
    return ModelChoice(Path(text))


def open_chosen(choice: ModelChoice, params: OpeningParams) -> AbstractContextManager[OpenedModel]:
    """Open a chosen file, see `open_model`."""
    return open_model(choice.path, replace(params, network=choice.network or params.network))


def add_model_arguments(parser: argparse.ArgumentParser) -> None:
    """Add ``--model`` (one or several) and how they are opened."""
    parser.add_argument(
        "--model",
        type=parse_model,
        nargs="+",
        default=[ModelChoice(SHIPPED)],
        metavar="FILE",
        help=f"{MODEL_HELP}; several are measured one after another (default: the network that is "
        "shipped)",
    )
    add_opening_arguments(parser)
    parser.add_argument(
        "--interval",
        type=Path,
        metavar="FILE",
        help="model of the error written by calibrate-interval, in place of the card's",
    )


def add_opening_arguments(parser: argparse.ArgumentParser) -> None:
    """Add how model files are opened."""
    parser.add_argument(
        "--network",
        choices=NETWORK_NAMES,
        default="light",
        help="network whose weights a .pt file holds (default: light)",
    )
    parser.add_argument(
        "--runtime",
        choices=RUNTIMES,
        default=RUNTIMES[0],
        help=f"what computes an exported network (default: {RUNTIMES[0]})",
    )
    parser.add_argument(
        "--precision",
        default="f32",
        help="numbers OpenVINO computes in: f32, bf16 or f16 (default: f32)",
    )
    parser.add_argument(
        "--input-long",
        type=_long_side,
        metavar="PX",
        help="count as the server does: pictures scaled to this long side, pixels (1024 by its "
        "default), padding left out. Without it the protocol holds; results with it are not "
        "comparable with published ones",
    )


def _long_side(text: str) -> int:
    if not text.isdigit() or not _LONG_SIDES[0] <= int(text) <= _LONG_SIDES[1]:
        raise argparse.ArgumentTypeError(
            f"must be a whole number of pixels from {_LONG_SIDES[0]} to {_LONG_SIDES[1]}, "
            f"got {text!r}"
        )
    return int(text)


def opening_params(args: argparse.Namespace) -> OpeningParams:
    """Return how the files are to be opened.

    Raises:
        DatasetError: ``--interval`` cannot be read.
    """
    interval: Path | None = getattr(args, "interval", None)
    return OpeningParams(
        network=args.network,
        runtime=args.runtime,
        precision=args.precision,
        long_px=args.input_long,
        error=None if interval is None else read_interval(interval).error,
    )
