"""Validation lists: fixed, by the hash of the name, and none of what is trained on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from training.datasets.base import Dataset, DatasetError, LabelledPicture, Problem
from training.splits import choose_validation, load_validation_names, split_dataset

PARTS = {"shanghaitech-a": ("part_A", 300), "shanghaitech-b": ("part_B", 400)}


def published(dataset: str) -> list[str]:
    part, pictures = PARTS[dataset]
    return [f"{part}/IMG_{number}" for number in range(1, pictures + 1)]


def whole(dataset: str, names: list[str]) -> Dataset:
    nobody = np.zeros((0, 2), np.float32)
    pictures = tuple(LabelledPicture(name, Path(name), nobody) for name in names)
    return Dataset(dataset, pictures, (Problem("x", "broken"),))


@pytest.mark.parametrize("dataset", PARTS)
def test_the_lists_that_are_shipped(dataset: str) -> None:
    names = load_validation_names(dataset)
    assert names == set(choose_validation(published(dataset)))
    assert len(names) == 0.15 * PARTS[dataset][1]


@pytest.mark.parametrize("dataset", PARTS)
def test_training_and_validation_share_nothing(dataset: str) -> None:
    trained, validated = split_dataset(whole(dataset, published(dataset)))
    train = {each.name for each in trained.pictures}
    validation = {each.name for each in validated.pictures}
    assert not train & validation
    assert train | validation == set(published(dataset))
    assert validation == load_validation_names(dataset)
    assert trained.problems == validated.problems == (Problem("x", "broken"),)


def test_the_choice_depends_on_the_names_alone() -> None:
    names = published("shanghaitech-b")
    assert choose_validation(names[::-1]) == choose_validation(names)
    assert choose_validation(names) == sorted(choose_validation(names))
    assert choose_validation([]) == []
    assert len(choose_validation(names, share=0.5)) == 200


def test_a_list_with_missing_pictures_is_refused() -> None:
    names = [name for name in published("shanghaitech-a") if name.endswith("1")]
    with pytest.raises(DatasetError, match="pictures of the validation list are missing"):
        split_dataset(whole("shanghaitech-a", names))


def test_a_dataset_without_a_list_is_refused() -> None:
    with pytest.raises(DatasetError, match="no validation list for nowhere"):
        load_validation_names("nowhere")
