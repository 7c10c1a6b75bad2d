"""ShanghaiTech in its published layout, and damaged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.training.dataset_files import (
    Heads,
    left_out,
    names_of,
    positions,
    problems_of,
    save_mat,
    save_picture,
)
from training.datasets.base import DatasetError
from training.datasets.shanghaitech import list_pictures, load_shanghaitech


def save_labels(path: Path, heads: Heads) -> None:
    inner = np.empty((1, 1), object)
    inner[0, 0] = {"location": positions(heads), "number": len(heads)}
    save_mat(path, image_info=inner)


def write_picture(root: Path, number: int, heads: Heads, *, split: str = "train") -> Path:
    folder = root / "part_B" / f"{split}_data"
    save_labels(folder / "ground_truth" / f"GT_IMG_{number}.mat", heads)
    return save_picture(folder / "images" / f"IMG_{number}.jpg", mark=number)


def test_pictures_and_heads_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    for number in (10, 2, 1):
        write_picture(tmp_path, number, [(number, 5), (7.5, 8)])
    dataset = load_shanghaitech(tmp_path, "B", "train")
    assert dataset.name == "shanghaitech-b"
    assert names_of(dataset) == ["part_B/IMG_1", "part_B/IMG_2", "part_B/IMG_10"]
    assert dataset.pictures[2].heads_px.tolist() == [[10, 5], [7.5, 8]]
    assert problems_of(dataset) == {
        "train_data": "incomplete: 3 of 400 published pictures are used"
    }
    assert [each.name for each in list_pictures(tmp_path, "B", "train")] == [
        "IMG_1.jpg",
        "IMG_2.jpg",
        "IMG_10.jpg",
    ]


def test_damage_is_listed(tmp_path: Path) -> None:
    write_picture(tmp_path, 1, [(5, 5)])
    labels = tmp_path / "part_B" / "train_data" / "ground_truth"
    write_picture(tmp_path, 2, [])
    (labels / "GT_IMG_2.mat").unlink()
    write_picture(tmp_path, 3, [])
    (labels / "GT_IMG_3.mat").write_bytes(b"")
    write_picture(tmp_path, 4, [])
    save_mat(labels / "GT_IMG_4.mat", annPoints=positions([(1, 1)]))
    write_picture(tmp_path, 5, [(500, 500)])
    write_picture(tmp_path, 6, [(5, 5), (5, 6), (70, 5)])
    write_picture(tmp_path, 7, []).write_bytes(b"no picture")
    save_labels(labels / "GT_IMG_8.mat", [(1, 1)])
    save_mat(labels / "GT_IMG_9.mat", image_info=np.zeros((3, 5)))
    save_picture(tmp_path / "part_B" / "train_data" / "images" / "IMG_9.jpg")
    dataset = load_shanghaitech(tmp_path, "B", "train")
    assert names_of(dataset) == ["part_B/IMG_1", "part_B/IMG_6"]
    found = problems_of(dataset)
    assert found["IMG_2.jpg"] == "GT_IMG_2.mat is missing"
    assert "GT_IMG_3.mat is no MATLAB file" in found["IMG_3.jpg"]
    assert "GT_IMG_4.mat is no ShanghaiTech label file" in found["IMG_4.jpg"]
    assert "another picture" in found["IMG_5.jpg"]
    assert "1 of 3 heads lie outside" in found["IMG_6.jpg"]
    assert found["IMG_7.jpg"] == "cannot be decoded as a picture"
    assert found["GT_IMG_8.mat"] == "labels without a picture"
    assert "IMG_9.jpg" in left_out(dataset)
    assert "IMG_6.jpg" not in left_out(dataset)


@pytest.mark.parametrize(
    ("part", "split", "reason"),
    [
        ("C", "train", "part must be A or B"),
        ("B", "val", "split must be train or test"),
        ("A", "train", "part_A/train_data with images/ and ground_truth/"),
    ],
)
def test_a_wrong_folder_or_name_is_refused(
    tmp_path: Path, part: str, split: str, reason: str
) -> None:
    write_picture(tmp_path, 1, [])
    with pytest.raises(DatasetError, match=reason):
        load_shanghaitech(tmp_path, part, split)


def test_the_other_name_of_the_folder(tmp_path: Path) -> None:
    write_picture(tmp_path, 1, [])
    (tmp_path / "part_B").rename(tmp_path / "part_B_final")
    assert len(load_shanghaitech(tmp_path, "B", "train").pictures) == 1


@pytest.mark.assets
def test_the_published_training_pictures(assets: Path) -> None:
    root = assets / "data" / "counting" / "ShanghaiTech"
    for part, pictures, heads in (("A", 300, 162_707), ("B", 400, 49_280)):
        dataset = load_shanghaitech(root, part, "train")
        assert (len(dataset.pictures), left_out(dataset)) == (pictures, set())
        assert sum(each.count for each in dataset.pictures) == heads
