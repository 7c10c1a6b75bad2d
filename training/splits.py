"""Which pictures validate: fixed lists, made once before any training."""

from __future__ import annotations

import hashlib
from pathlib import Path

from training.datasets.base import Dataset, DatasetError

FOLDER = Path(__file__).parent / "splits"
VALIDATION_SHARE = 0.15


def choose_validation(names: list[str], share: float = VALIDATION_SHARE) -> list[str]:
    """Choose by the hash of the name, so that neither order nor luck has a say.

    Returns:
        ``round(share * len(names))`` names, sorted.
    """
    ranked = sorted(names, key=lambda name: hashlib.sha256(name.encode()).hexdigest())
    return sorted(ranked[: round(share * len(names))])


def load_validation_names(dataset: str) -> frozenset[str]:
    """Return the names of the pictures that validate.

    Raises:
        DatasetError: There is no list for this dataset.
    """
    path = FOLDER / f"{dataset}-validation.txt"
    if not path.is_file():
        raise DatasetError(f"{path.name}: no validation list for {dataset}")
    return frozenset(path.read_text(encoding="utf-8").split())


def split_dataset(dataset: Dataset) -> tuple[Dataset, Dataset]:
    """Split a training set into what is trained on and what validates.

    Raises:
        DatasetError: No list, or a picture of the list is missing.
    """
    names = load_validation_names(dataset.name)
    missing = names - {each.name for each in dataset.pictures}
    if missing:
        raise DatasetError(
            f"{dataset.name}: {len(missing)} pictures of the validation list are missing, "
            f"the first is {min(missing)}"
        )
    return dataset.select(lambda name: name not in names), dataset.select(names.__contains__)
