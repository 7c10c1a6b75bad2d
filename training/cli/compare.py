"""``compare``: several networks and person detectors on the same pictures."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from training.baselines import open_detectors
from training.cli.models import add_model_arguments, open_chosen, opening_params
from training.cli.progress import count_with_progress
from training.cli.selection import (
    VALIDATION,
    add_data_argument,
    add_dataset_argument,
    add_split_argument,
    describe_problems,
    load_split,
)
from training.counters import PictureCounter
from training.datasets.base import Dataset
from training.evaluate import describe_protocol, summarise
from training.tables import (
    COMPARISON_HEAD,
    comparison_cells,
    format_markdown,
    format_table,
    published_rows,
)

NAME = "compare"
SUMMARY = "one table of several networks, of a detector whole and tiled, and of published marks"
EXAMPLE = (
    "python -m training compare --data data/ShanghaiTech --datasets shanghaitech-b "
    "--model backend/vision/weights/crowdsafe-light.onnx mcnn=runs/mcnn/best.pt "
    "--detector models/yolo11n_int8_openvino_model"
)

Rows = dict[str, list[list[str]]]
"""Dataset -> rows of its table."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_data_argument(parser)
    add_dataset_argument(parser, default="shanghaitech-a,shanghaitech-b")
    add_split_argument(parser, VALIDATION)
    add_model_arguments(parser)
    parser.add_argument(
        "--detector",
        type=Path,
        nargs="*",
        default=[],
        metavar="PATH",
        help="YOLO detectors (OpenVINO folder or .onnx), each measured as it usually runs, at "
        "confidence 0.1, and at that on 4 x 3 tiles",
    )
    parser.add_argument(
        "--detector-size",
        type=int,
        default=640,
        metavar="PX",
        help="long side of a detector's input where its file leaves it free (default: 640)",
    )
    parser.add_argument(
        "--markdown", type=Path, metavar="FILE", help="write the tables as Markdown"
    )


def run(args: argparse.Namespace) -> int:
    """Measure everything on the same pictures; one table a dataset."""
    datasets = [load_split(name, args.data, args.split) for name in args.dataset]
    for line in describe_problems(datasets):
        print(line)
    print(f"Protocol: {describe_protocol(args.input_long)}")
    rows: Rows = {each.name: [] for each in datasets}
    params = opening_params(args)
    for choice in args.model:
        with open_chosen(choice, params) as model:
            _measure((model.counter,), datasets, rows)
    for path in args.detector:
        with open_detectors(path, size=args.detector_size) as counters:
            _measure(counters, datasets, rows)
    lines = []
    for name, own in rows.items():
        table = [*own, *published_rows(name, len(COMPARISON_HEAD))]
        print("\n".join(["", f"{name}, {args.split}", *format_table(COMPARISON_HEAD, table)]))
        lines += [f"**{name}**, {args.split}", "", *format_markdown(COMPARISON_HEAD, table), ""]
    if args.markdown is not None:
        args.markdown.write_text("\n".join(lines), encoding="utf-8")
    return 0


def _measure(counters: Sequence[PictureCounter], datasets: Sequence[Dataset], rows: Rows) -> None:
    """Add a row for every counter to the table of every dataset."""
    for counter in counters:
        for dataset in datasets:
            found = summarise(count_with_progress(counter, dataset), counter.error)
            rows[dataset.name].append(comparison_cells(counter.name, found[0]))
