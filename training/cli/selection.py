"""Which pictures a command works on, and saying what is wrong with them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from training.datasets.base import Dataset, DatasetError, Problem
from training.datasets.registry import DATASET_NAMES, DATASETS, load_dataset
from training.splits import FOLDER as LISTS
from training.splits import choose_validation, split_dataset

TRAIN, VALIDATION = "train", "validation"
_OWN_VALIDATION = "val"
_PROBLEMS_SHOWN = 10


def add_data_argument(parser: argparse.ArgumentParser) -> None:
    """Add ``--data``."""
    parser.add_argument(
        "--data",
        type=Path,
        required=True,
        metavar="ROOT",
        help="folder the datasets were unpacked into; for ShanghaiTech the one that holds "
        "part_A and part_B",
    )


def add_dataset_argument(parser: argparse.ArgumentParser, *, default: str | None = None) -> None:
    """Add ``--dataset`` (one or several, separated by commas)."""
    parser.add_argument(
        "--dataset",
        "--datasets",
        type=split_names,
        default=None if default is None else split_names(default),
        required=default is None,
        metavar="NAME,…",
        help=f"one or several of {', '.join(DATASET_NAMES)}, separated by commas"
        + ("" if default is None else f" (default: {default})"),
    )


def add_split_argument(parser: argparse.ArgumentParser, default: str) -> None:
    """Add ``--split``."""
    parser.add_argument(
        "--split",
        default=default,
        metavar="NAME",
        help="test, validation (the fixed list cut from the training pictures), train (the rest "
        f"of them) or a split of the dataset's own (default: {default})",
    )


def split_names(text: str) -> tuple[str, ...]:
    """Split ``a,b`` at its commas.

    Raises:
        argparse.ArgumentTypeError: Nothing is left.
    """
    names = tuple(each.strip() for each in text.split(",") if each.strip())
    if not names:
        raise argparse.ArgumentTypeError("name one dataset at least, for example shanghaitech-b")
    return names


def load_for_training(name: str, root: Path) -> tuple[Dataset, Dataset]:
    """Return what is trained on and what validates.

    Args:
        name: Dataset, or ``dataset:split`` where its training pictures are called otherwise
            (``ucf-cc-50:fold-1-train``).
        root: Folder.

    Returns:
        Training and validation pictures: by the list made for the dataset, by its own
        validation split, or by the hash of the pictures' names.

    Raises:
        DatasetError: Cannot be read, or a picture of the list is missing.
    """
    name, _, split = name.partition(":")
    dataset = load_dataset(name, root, split or TRAIN)
    if (LISTS / f"{name}-validation.txt").is_file():
        return split_dataset(dataset)
    if _OWN_VALIDATION in DATASETS[name].splits:
        return dataset, load_dataset(name, root, _OWN_VALIDATION)
    chosen = frozenset(choose_validation([each.name for each in dataset.pictures]))
    return dataset.select(lambda each: each not in chosen), dataset.select(chosen.__contains__)


def load_split(name: str, root: Path, split: str) -> Dataset:
    """Return the pictures of one split; ``train`` is without those that validate.

    Raises:
        DatasetError: Cannot be read, or the split is empty.
    """
    if split == VALIDATION:
        dataset = load_for_training(name, root)[1]
    elif split == TRAIN:
        dataset = load_for_training(name, root)[0]
    else:
        dataset = load_dataset(name, root, split)
    if not dataset.pictures:
        raise DatasetError(f"{name}: the split {split} holds no picture")
    return dataset


def describe_problems(datasets: Sequence[Dataset], *, shown: int = _PROBLEMS_SHOWN) -> list[str]:
    """Return lines that say what is wrong with the datasets, the first of each in full."""
    lines = []
    for dataset in datasets:
        left_out = [each for each in dataset.problems if each.is_left_out]
        kept = len(dataset.problems) - len(left_out)
        if not dataset.problems:
            continue
        lines.append(f"{dataset.name}: {len(left_out)} left out, {kept} used with a remark")
        ordered = sorted(dataset.problems, key=_weight)
        for each in ordered[:shown]:
            lines.append(
                f"  {'left out' if each.is_left_out else 'remark  '}  {each.name}: {each.reason}"
            )
        if len(ordered) > shown:
            lines.append(f"  … and {len(ordered) - shown} more")
    return lines


def is_incomplete(dataset: Dataset) -> bool:
    """Whether pictures of the published split are missing or had to be left out."""
    return any(each.is_left_out or _tells_of_missing(each) for each in dataset.problems)


def _weight(problem: Problem) -> int:
    """The gravest problems first."""
    return 0 if _tells_of_missing(problem) else 1 if problem.is_left_out else 2


def _tells_of_missing(problem: Problem) -> bool:
    return problem.reason.startswith("incomplete")


def list_problems(datasets: Sequence[Dataset]) -> list[str]:
    """Return every problem in one line, for a file."""
    return [
        f"{dataset.name}\t{'left out' if each.is_left_out else 'used'}\t{each.name}\t{each.reason}"
        for dataset in datasets
        for each in dataset.problems
    ]
