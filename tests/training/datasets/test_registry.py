"""Datasets by name, and pictures that are part of two splits."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.training.dataset_files import left_out, positions, problems_of, save_mat, save_picture
from training.datasets.base import DatasetError
from training.datasets.registry import DATASET_NAMES, DATASETS, load_dataset


def write_jhu(root: Path, split: str, name: str, *, mark: int) -> None:
    folder = root / split
    save_picture(folder / "images" / f"{name}.jpg", mark=mark)
    (folder / "gt").mkdir(exist_ok=True)
    (folder / "gt" / f"{name}.txt").write_text("", encoding="utf-8")


def test_the_names() -> None:
    assert DATASET_NAMES == (
        "shanghaitech-a",
        "shanghaitech-b",
        "ucf-cc-50",
        "mall",
        "worldexpo10",
        "jhu-crowd",
    )
    assert DATASETS["jhu-crowd"].splits == ("train", "val", "test")


def test_no_split_is_held_apart_from_itself() -> None:
    for entry in DATASETS.values():
        for split, others in entry.held_apart.items():
            assert others
            assert split not in others
            assert set(others) <= set(entry.splits)


def test_pictures_of_two_splits_are_listed_and_used(tmp_path: Path) -> None:
    write_jhu(tmp_path, "train", "0001", mark=1)
    write_jhu(tmp_path, "train", "0002", mark=100)
    write_jhu(tmp_path, "test", "0900", mark=100)
    train = load_dataset("jhu-crowd", tmp_path, "train")
    assert "the same file as 0900.jpg of test" in problems_of(train)["0002.jpg"]
    assert left_out(train) == set()
    test = load_dataset("jhu-crowd", tmp_path, "test")
    assert "0002.jpg of train" in problems_of(test)["0900.jpg"]


def test_a_fold_is_compared_with_its_own_other_half(tmp_path: Path) -> None:
    for number in (1, 2, 11):
        save_picture(tmp_path / f"{number}.jpg", mark=200 if number != 2 else 9)
        save_mat(tmp_path / f"{number}_ann.mat", annPoints=positions([]))
    found = problems_of(load_dataset("ucf-cc-50", tmp_path, "fold-1-test"))
    assert "11.jpg of fold-1-train" in found["1.jpg"]
    assert "2.jpg" not in found


def test_wrong_names_and_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"dataset must be one of shanghaitech-a, .*got 'mal'"):
        load_dataset("mal", tmp_path, "train")
    with pytest.raises(DatasetError, match="split of mall must be one of train, test, got 'val'"):
        load_dataset("mall", tmp_path, "val")
    with pytest.raises(DatasetError, match="nowhere: there is no such folder"):
        load_dataset("mall", tmp_path / "nowhere", "train")
    for name in DATASET_NAMES:
        split = DATASETS[name].splits[0]
        with pytest.raises(DatasetError, match="give the folder that holds"):
            load_dataset(name, tmp_path, split)


@pytest.mark.assets
def test_training_pictures_alone_are_enough(assets: Path) -> None:
    root = assets / "data" / "counting" / "ShanghaiTech"
    for name, pictures in (("shanghaitech-a", 300), ("shanghaitech-b", 400)):
        assert len(load_dataset(name, root, "train").pictures) == pictures
