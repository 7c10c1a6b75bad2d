"""``export``: the ONNX graph and the card that CrowdSafe counts with."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from backend.vision.density.card import DatasetResult, hash_weights
from backend.vision.density.store import SHIPPED
from training.cli.interval_file import read_interval
from training.cli.selection import (
    VALIDATION,
    add_data_argument,
    add_dataset_argument,
    add_split_argument,
    load_split,
)
from training.datasets.base import DatasetError
from training.evaluation import load_for_network
from training.export import ExportPlan, export_model
from training.networks import NETWORK_NAMES

NAME = "export"
SUMMARY = "write the ONNX graph and the card of trained weights"
EXAMPLE = (
    "python -m training export --data data/ShanghaiTech --weights runs/light/best.pt "
    "--interval interval.json --results validation.json --version 1"
)

_PICTURES = 2
"""Of every dataset: what the runtimes are compared on."""
_LICENCE = "AGPL-3.0-or-later; trained on pictures released for research"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_data_argument(parser)
    add_dataset_argument(parser, default="shanghaitech-a,shanghaitech-b")
    add_split_argument(parser, VALIDATION)
    parser.add_argument(
        "--weights", type=Path, required=True, metavar="FILE", help="best.pt of a run"
    )
    parser.add_argument("--network", choices=NETWORK_NAMES, default="light")
    parser.add_argument(
        "--interval",
        type=Path,
        required=True,
        metavar="FILE",
        help="written by calibrate-interval --json with the same weights",
    )
    parser.add_argument(
        "--results",
        type=Path,
        nargs="+",
        required=True,
        metavar="FILE",
        help="written by evaluate --json with the same weights; one or several",
    )
    parser.add_argument("--name", default=SHIPPED.stem, help=f"(default: {SHIPPED.stem})")
    parser.add_argument("--version", required=True, help="of the weights: 1, 2 …")
    parser.add_argument("--licence", default=_LICENCE, help=f"(default: {_LICENCE})")
    parser.add_argument(
        "--trained-on",
        metavar="SENTENCE",
        help="the data (default: the datasets' names, without the validation pictures)",
    )
    parser.add_argument(
        "--input-long",
        type=int,
        default=ExportPlan.__dataclass_fields__["input_long_px"].default,
        metavar="PX",
        help="long side of the network's input at run time (default: %(default)s)",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=SHIPPED.parent,
        metavar="FOLDER",
        help="where the files go (default: the folder of the shipped network)",
    )


def run(args: argparse.Namespace) -> int:
    """Export, compare the runtimes on validation pictures, write both files."""
    calibration = read_interval(args.interval)
    if calibration.long_px != args.input_long:
        measured = "at the size of the protocol" if calibration.long_px is None else "otherwise"
        raise DatasetError(
            f"{args.interval}: was measured {measured}; at another scale errors are others. Run "
            f"calibrate-interval with --input-long {args.input_long}"
        )
    sha256 = hash_weights(args.weights)
    _refuse_others(args.interval, calibration.sha256, sha256)
    results: dict[str, DatasetResult] = {}
    for path in args.results:
        results |= read_results(path, sha256)
    pictures = [
        load_for_network(each)[0]
        for name in args.dataset
        for each in load_split(name, args.data, args.split).pictures[:_PICTURES]
    ]
    names = " and ".join(args.dataset)
    plan = ExportPlan(
        network=args.network,
        name=args.name,
        version=args.version,
        error=calibration.error,
        crowded_per_cell=calibration.crowded_per_cell,
        licence=args.licence,
        trained_on=args.trained_on or f"training pictures of {names} without those that validate",
        results=results,
        input_long_px=args.input_long,
    )
    report = export_model(args.weights, args.out, plan, pictures=pictures)
    agreement = report.agreement
    print(
        f"{report.weights.name}: {report.size_bytes / 1e6:.2f} MB, "
        f"{report.parameters / 1e6:.2f} M parameters"
    )
    print(f"ONNX Runtime and OpenVINO (f32) differ by {agreement.worst_change:.3%} at most,")
    print(f"OpenVINO in {agreement.auto_precision} by {agreement.auto_change:.3%}")
    print(f"written: {report.weights} and {report.card.name}")
    return 0


def read_results(path: Path, sha256: str) -> dict[str, DatasetResult]:
    """Read the results of `evaluate --json` for a card.

    Args:
        path: The file.
        sha256: Of the weights the results must be of.

    Raises:
        DatasetError: Not such a file, or of other weights; names it.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        results = {}
        for each in content["results"]:
            _refuse_others(path, each["sha256"], sha256)
            row = each["rows"][0]
            results[str(each["dataset"])] = DatasetResult(
                mae=round(float(row["mae"]), 3),
                rmse=round(float(row["rmse"]), 3),
                bias=round(float(row["bias"]), 3),
                pictures=int(row["pictures"]),
                split=str(content["split"]),
            )
        return results
    except OSError as error:
        raise DatasetError(f"{path}: cannot be read ({error.strerror})") from None
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise DatasetError(
            f"{path}: was not written by evaluate --json ({type(error).__name__}: {error})"
        ) from None


def _refuse_others(path: Path, found: str, wanted: str) -> None:
    if found != wanted:
        raise DatasetError(
            f"{path}: was measured with other weights (sha256 {found[:12]}…, not "
            f"{wanted[:12]}…); measure --weights again"
        )
