"""``calibrate-interval``: the model of the error for the card, and up to which density it holds."""

from __future__ import annotations

import argparse
from pathlib import Path

from training.cli.interval_file import Calibration, write_interval
from training.cli.models import (
    MODEL_HELP,
    add_opening_arguments,
    open_chosen,
    opening_params,
    parse_model,
)
from training.cli.progress import count_with_progress
from training.cli.selection import (
    VALIDATION,
    add_data_argument,
    add_dataset_argument,
    add_split_argument,
    describe_problems,
    load_split,
)
from training.counters import CountedPicture
from training.crowded import (
    TOLERANCE,
    DensityClass,
    choose_crowded_per_cell,
    class_densities,
)
from training.evaluate import describe_protocol
from training.interval import FittedInterval, fit_interval
from training.tables import (
    COVERAGE_HEAD,
    DENSITY_HEAD,
    coverage_cells,
    density_cells,
    format_table,
)

NAME = "calibrate-interval"
SUMMARY = "fit the 90 % interval on validation pictures and their parts"
EXAMPLE = (
    "python -m training calibrate-interval --data data/ShanghaiTech "
    "--datasets shanghaitech-a,shanghaitech-b --model runs/light/best.pt --json interval.json"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_data_argument(parser)
    add_dataset_argument(parser, default="shanghaitech-a,shanghaitech-b")
    add_split_argument(parser, VALIDATION)
    parser.add_argument(
        "--model",
        type=parse_model,
        required=True,
        metavar="FILE",
        help=MODEL_HELP,
    )
    add_opening_arguments(parser)
    parser.add_argument(
        "--folds",
        type=int,
        default=10,
        help="parts of the cross-validation, pictures kept together; as many as pictures leaves "
        "one out (default: 10)",
    )
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="write the model of the error, for export"
    )


def run(args: argparse.Namespace) -> int:
    """Fit, print what the interval is worth, write it."""
    datasets = [load_split(name, args.data, args.split) for name in args.dataset]
    for line in describe_problems(datasets):
        print(line)
    counted: list[CountedPicture] = []
    with open_chosen(args.model, opening_params(args)) as model:
        for dataset in datasets:
            counted += count_with_progress(model.counter, dataset)
    fitted = fit_interval(counted, folds=args.folds)
    classes = class_densities(counted)
    crowded = round(choose_crowded_per_cell(classes), 3)
    calibration = Calibration(fitted.error, crowded, model.sha256, args.input_long)
    print("\n".join(describe_fit(fitted, classes, calibration)))
    if args.json is not None:
        source = {
            "file": model.file,
            "datasets": list(args.dataset),
            "split": args.split,
            "protocol": describe_protocol(args.input_long),
        }
        write_interval(args.json, calibration, fitted=fitted, classes=classes, source=source)
        print(f"written: {args.json}")
    return 0


def describe_fit(
    fitted: FittedInterval, classes: list[DensityClass], calibration: Calibration
) -> list[str]:
    """Return what is said of a fit."""
    error = fitted.error
    return [
        f"standard error of a sum of n people: hypot({error.own:.3f} √n, {error.common:.4f} n, "
        f"{error.least:.2f}); widened by {fitted.scale:.3f}",
        f"coverage by {fitted.folds}-fold cross-validation over {fitted.pictures} pictures:",
        *format_table(COVERAGE_HEAD, [coverage_cells(each) for each in fitted.coverage]),
        "",
        "blocks of 4 × 4 cells by counted density (in line: people of all blocks together within "
        f"{TOLERANCE:.0%}):",
        *format_table(DENSITY_HEAD, [density_cells(each) for each in classes]),
        f"crowded_per_cell: {calibration.crowded_per_cell:.3f}",
    ]
