"""``evaluate``: errors on a dataset, as the protocol of docs/methods/dense.md says."""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from training.cli.models import add_model_arguments, open_chosen, opening_params
from training.cli.progress import count_with_progress
from training.cli.selection import (
    TRAIN,
    VALIDATION,
    add_data_argument,
    add_dataset_argument,
    add_split_argument,
    describe_problems,
    is_incomplete,
    load_split,
)
from training.counters import CountedPicture
from training.datasets.base import Dataset
from training.evaluate import GAME_LEVELS, ResultRow, compute_game, describe_protocol, summarise
from training.interval import compute_interval
from training.opening import OpenedModel
from training.tables import (
    COMPARISON_HEAD,
    RESULT_HEAD,
    comparison_cells,
    format_table,
    published_rows,
    result_cells,
)

NAME = "evaluate"
SUMMARY = "measure MAE, RMSE, GAME and the 90 % interval on a dataset"
EXAMPLE = (
    "python -m training evaluate --data data/ShanghaiTech "
    "--dataset shanghaitech-a,shanghaitech-b --split test"
)


@dataclass(frozen=True, slots=True)
class Result:
    """What one model gave on one dataset."""

    model: OpenedModel
    dataset: Dataset
    counted: list[CountedPicture]
    rows: list[ResultRow]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_data_argument(parser)
    add_dataset_argument(parser)
    add_split_argument(parser, "test")
    add_model_arguments(parser)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything as JSON")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write one line a picture as CSV")


def run(args: argparse.Namespace) -> int:
    """Measure every model on every dataset."""
    params = opening_params(args)
    datasets = [load_split(name, args.data, args.split) for name in args.dataset]
    for line in describe_problems(datasets):
        print(line)
    print(f"Protocol: {describe_protocol(args.input_long)}")
    results: list[Result] = []
    for choice in args.model:
        with open_chosen(choice, params) as model:
            for dataset in datasets:
                counted = count_with_progress(model.counter, dataset)
                rows = summarise(counted, model.counter.error)
                result = Result(model, dataset, counted, rows)
                results.append(result)
                print_result(result, args.split)
    if args.json is not None:
        write_json(args.json, results, split=args.split, long_px=args.input_long)
    if args.csv is not None:
        write_csv(args.csv, results, split=args.split)
    return 0


def print_result(result: Result, split: str) -> None:
    """Print the table of one model on one dataset, with the published marks below."""
    model, dataset = result.model, result.dataset
    print(f"\n{dataset.name}, {split}: {model.counter.name}, {model.file}, {model.runtime}")
    print("\n".join(format_table(RESULT_HEAD, [result_cells(row) for row in result.rows])))
    if is_incomplete(dataset) and split not in {TRAIN, VALIDATION}:
        print("The split is incomplete: these errors are not comparable with published ones.")
    marks = published_rows(dataset.name, len(COMPARISON_HEAD))
    if marks:
        own = comparison_cells(f"{model.counter.name}, here, {split}", result.rows[0])
        print()
        print("\n".join(format_table(COMPARISON_HEAD, [own, *marks])))


def write_json(path: Path, results: Sequence[Result], *, split: str, long_px: int | None) -> None:
    """Write tables and pictures of all results."""
    content = {
        "created_by": "training evaluate",
        "protocol": describe_protocol(long_px),
        "split": split,
        "results": [_describe(each) for each in results],
    }
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _describe(result: Result) -> dict[str, Any]:
    error = result.model.counter.error
    return {
        "model": result.model.counter.name,
        "file": result.model.file,
        "sha256": result.model.sha256,
        "runtime": result.model.runtime,
        "error": None if error is None else asdict(error),
        "dataset": result.dataset.name,
        "rows": [asdict(row) for row in result.rows],
        "problems": [asdict(each) for each in result.dataset.problems],
        "pictures": [
            {"name": each.name, "true": each.true, "counted": round(each.counted, 3)}
            for each in result.counted
        ],
    }


def write_csv(path: Path, results: Sequence[Result], *, split: str) -> None:
    """Write one line for every picture and model."""
    head = ["model", "dataset", "split", "picture", "true", "counted", "low", "high"]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*head, *(f"game{level}" for level in GAME_LEVELS)])
        for result in results:
            for each in result.counted:
                writer.writerow(
                    [
                        result.model.counter.name,
                        result.dataset.name,
                        split,
                        each.name,
                        f"{each.true:g}",
                        f"{each.counted:.3f}",
                        *_ends(result, each),
                        *(f"{compute_game(each, level):.3f}" for level in GAME_LEVELS),
                    ]
                )


def _ends(result: Result, counted: CountedPicture) -> tuple[str, str]:
    error = result.model.counter.error
    if error is None:
        return "", ""
    low, high = compute_interval(error, np.array([counted.counted]))
    return f"{low[0]:.3f}", f"{high[0]:.3f}"
