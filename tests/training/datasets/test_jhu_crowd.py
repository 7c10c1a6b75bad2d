"""JHU-CROWD++ in its published layout, and damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.training.dataset_files import left_out, names_of, problems_of, save_picture
from training.datasets.base import DatasetError
from training.datasets.jhu_crowd import list_pictures, load_jhu_crowd


def write_picture(root: Path, name: str, lines: list[str], *, split: str = "train") -> Path:
    folder = root / split
    (folder / "gt").mkdir(parents=True, exist_ok=True)
    (folder / "gt" / f"{name}.txt").write_text("\n".join(lines), encoding="utf-8")
    return save_picture(folder / "images" / f"{name}.jpg", mark=int(name))


def write_list(root: Path, *lines: str, split: str = "train") -> None:
    (root / split / "image_labels.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_heads_are_the_first_two_of_six_values(tmp_path: Path) -> None:
    write_picture(tmp_path, "0010", ["5 6 3 4 1 0", "40 10 8 8 3 1", ""])
    write_picture(tmp_path, "0002", [])
    write_list(tmp_path, "0002,0,stadium,0,1", "0010,2,street view,2,0")
    dataset = load_jhu_crowd(tmp_path, "train")
    assert names_of(dataset) == ["jhu_train/0002", "jhu_train/0010"]
    assert [each.count for each in dataset.pictures] == [0, 2]
    assert dataset.pictures[1].heads_px.tolist() == [[5, 6], [40, 10]]
    assert problems_of(dataset) == {"train": "incomplete: 2 of 2272 published pictures are used"}


def test_the_folder_inside_the_archive_may_be_given_from_above(tmp_path: Path) -> None:
    write_picture(tmp_path / "jhu_crowd_v2.0", "0001", [], split="val")
    assert len(list_pictures(tmp_path, "val")) == 1


def test_damage_is_listed(tmp_path: Path) -> None:
    write_picture(tmp_path, "0001", ["5 6 3 4 1 0"])
    write_picture(tmp_path, "0002", ["5 6 3 4 1"])
    write_picture(tmp_path, "0003", ["5 6 3 4 1 0", "x y 3 4 1 0"])
    write_picture(tmp_path, "0004", ["500 600 3 4 1 0"])
    write_picture(tmp_path, "0005", []).write_bytes(b"none")
    write_picture(tmp_path, "0006", [])
    (tmp_path / "train" / "gt" / "0006.txt").unlink()
    write_picture(tmp_path, "0007", [])
    (tmp_path / "train" / "images" / "0007.jpg").unlink()
    write_picture(tmp_path, "0008", ["5 6 3 4 1 0"])
    write_list(
        tmp_path,
        "0001,3,street,0,0",
        *(f"000{number},0,street,0,0" for number in range(2, 7)),
        "0009,4,street,0,0",
        "0010 4 street",
        "0011,many,street,0,0",
    )
    dataset = load_jhu_crowd(tmp_path, "train")
    found = problems_of(dataset)
    assert names_of(dataset) == ["jhu_train/0001", "jhu_train/0008"]
    assert "says 3 people, the labels hold 1" in found["0001.jpg"]
    assert "0002.txt, line 1: x y w h o b are six, got 5" in found["0002.jpg"]
    assert "0003.txt, line 2" in found["0003.jpg"]
    assert "another picture" in found["0004.jpg"]
    assert found["0005.jpg"] == "cannot be decoded as a picture"
    assert found["0006.jpg"] == "0006.txt is missing"
    assert found["0007.txt"] == "labels without a picture"
    assert found["0008.jpg"] == "is not in image_labels.txt"
    assert found["0009.jpg"] == "is in image_labels.txt, the picture is missing"
    assert "line 8" in found["image_labels.txt"]
    assert "line 9" in found["image_labels.txt"]
    assert "0001.jpg" not in left_out(dataset)


def test_without_the_list_no_count_is_compared(tmp_path: Path) -> None:
    write_picture(tmp_path, "0001", ["5 6 3 4 1 0"])
    found = problems_of(load_jhu_crowd(tmp_path, "train"))
    assert found["image_labels.txt"] == "is missing: no count can be compared"


def test_a_wrong_folder_or_split_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"test/ with images/ and gt/ is not there"):
        load_jhu_crowd(tmp_path, "test")
    with pytest.raises(DatasetError, match="train, val, test, got 'fold-1'"):
        load_jhu_crowd(tmp_path, "fold-1")
