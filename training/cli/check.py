"""``check``: what is wrong with a dataset."""

from __future__ import annotations

import argparse

from training.cli.selection import (
    add_data_argument,
    add_dataset_argument,
    add_split_argument,
    describe_problems,
    load_split,
)
from training.datasets.base import Dataset
from training.datasets.registry import DATASETS, load_dataset

NAME = "check"
SUMMARY = "list what is missing or mislabelled in a dataset"
EXAMPLE = "python -m training check --data data/ShanghaiTech --dataset shanghaitech-a"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_data_argument(parser)
    add_dataset_argument(parser)
    add_split_argument(parser, "train")


def run(args: argparse.Namespace) -> int:
    """List problems; 1 where a picture had to be left out."""
    is_faulty = False
    for name in args.dataset:
        dataset = _load(name, args)
        heads = [each.count for each in dataset.pictures]
        print(
            f"{dataset.name} {args.split}: {len(heads)} pictures, {sum(heads)} heads "
            f"({min(heads)} to {max(heads)} a picture)"
        )
        for line in describe_problems([dataset], shown=len(dataset.problems)):
            print(line)
        is_faulty |= any(each.is_left_out for each in dataset.problems)
    return int(is_faulty)


def _load(name: str, args: argparse.Namespace) -> Dataset:
    """The published split as a whole, where there is one of this name."""
    published = name in DATASETS and args.split in DATASETS[name].splits
    load = load_dataset if published else load_split
    return load(name, args.data, args.split)
