"""The datasets that can be read, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from training.datasets import jhu_crowd, mall, shanghaitech, ucf_cc_50, worldexpo10
from training.datasets.base import Dataset, DatasetError
from training.datasets.gathering import find_duplicates


@dataclass(frozen=True, slots=True)
class DatasetEntry:
    """How one dataset is read.

    Attributes:
        load: Reads a split of what lies in a folder.
        list_pictures: Returns the picture files of a split.
        held_apart: For every split those it must not share a picture with.
    """

    load: Callable[[Path, str], Dataset]
    list_pictures: Callable[[Path, str], list[Path]]
    held_apart: Mapping[str, tuple[str, ...]]

    @property
    def splits(self) -> tuple[str, ...]:
        """Names of the splits."""
        return tuple(self.held_apart)


_HALVES = {"train": ("test",), "test": ("train",)}


def _shanghaitech(part: str) -> DatasetEntry:
    # Both loaders take the part between the folder and the split.
    return DatasetEntry(
        lambda root, split: shanghaitech.load_shanghaitech(root, part, split),
        lambda root, split: shanghaitech.list_pictures(root, part, split),
        _HALVES,
    )


def _fold_mate(split: str) -> str:
    fold, _, kind = split.rpartition("-")
    return f"{fold}-{'test' if kind == 'train' else 'train'}"


DATASETS: Mapping[str, DatasetEntry] = {
    "shanghaitech-a": _shanghaitech("A"),
    "shanghaitech-b": _shanghaitech("B"),
    "ucf-cc-50": DatasetEntry(
        ucf_cc_50.load_ucf_cc_50,
        ucf_cc_50.list_pictures,
        {split: (_fold_mate(split),) for split in ucf_cc_50.SPLITS},
    ),
    "mall": DatasetEntry(mall.load_mall, mall.list_pictures, _HALVES),
    "worldexpo10": DatasetEntry(
        worldexpo10.load_worldexpo10,
        worldexpo10.list_pictures,
        {split: ("test",) if split == "train" else ("train",) for split in worldexpo10.SPLITS},
    ),
    "jhu-crowd": DatasetEntry(
        jhu_crowd.load_jhu_crowd,
        jhu_crowd.list_pictures,
        {
            split: tuple(other for other in jhu_crowd.SPLITS if other != split)
            for split in jhu_crowd.SPLITS
        },
    ),
}

DATASET_NAMES = tuple(DATASETS)


def load_dataset(name: str, root: Path, split: str) -> Dataset:
    """Read a split of a dataset in its published layout.

    Pictures that are also part of a split they must be held apart from are listed among the
    problems, as far as that split lies there too; they stay in the dataset.

    Args:
        name: One of `DATASET_NAMES`.
        root: Folder the dataset was unpacked into.
        split: ``train``, ``test``, or as the dataset's module says.

    Raises:
        DatasetError: No such dataset or split, or the folder does not hold it; names what is
            expected.
    """
    entry = DATASETS.get(name)
    if entry is None:
        raise DatasetError(f"dataset must be one of {', '.join(DATASET_NAMES)}, got {name!r}")
    if split not in entry.splits:
        raise DatasetError(
            f"split of {name} must be one of {', '.join(entry.splits)}, got {split!r}"
        )
    if not root.is_dir():
        raise DatasetError(f"{root}: there is no such folder; give the one {name} is in")
    dataset = entry.load(root, split)
    others = {other: _list_others(entry, root, other) for other in entry.held_apart[split]}
    duplicates = find_duplicates(dataset.pictures, others)
    return replace(dataset, problems=dataset.problems + duplicates)


def _list_others(entry: DatasetEntry, root: Path, split: str) -> list[Path]:
    try:
        return entry.list_pictures(root, split)
    except DatasetError:
        return []  # somebody may hold the training pictures only
