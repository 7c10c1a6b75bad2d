"""Collecting pictures: what is wrong is listed, and what is the same file is found."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.training.dataset_files import cut_off, left_out, names_of, problems_of, save_picture
from training.datasets.base import DatasetError, HeadArray, LabelError, LabelledPicture
from training.datasets.gathering import Gathering, find_duplicates, sort_by_number

NOBODY = np.zeros((0, 2), np.float32)


def no_labels() -> HeadArray:
    raise LabelError("1.txt is missing")


def one_head() -> HeadArray:
    return np.array([[3, 4]], np.float32)


def test_usable_pictures_are_kept_and_others_listed(tmp_path: Path) -> None:
    gathering = Gathering("d")
    gathering.add("d/1", save_picture(tmp_path / "1.jpg"), one_head)
    gathering.add("d/2", save_picture(tmp_path / "2.jpg"), no_labels)
    gathering.add("d/3", tmp_path / "3.jpg", one_head)
    (tmp_path / "4.jpg").write_bytes(b"no picture")
    gathering.add("d/4", tmp_path / "4.jpg", one_head)
    gathering.add("d/5", save_picture(tmp_path / "5.jpg", wh=(2, 2)), one_head)
    dataset = gathering.build(tmp_path, published=1)
    assert (dataset.name, names_of(dataset)) == ("d", ["d/1"])
    found = problems_of(dataset)
    assert found["2.jpg"] == "1.txt is missing"
    assert found["3.jpg"] == "the picture is missing"
    assert found["4.jpg"] == "cannot be decoded as a picture"
    assert "labels of another picture" in found["5.jpg"]
    assert left_out(dataset) == {"2.jpg", "3.jpg", "4.jpg", "5.jpg"}


def test_a_picture_cut_off_is_used_and_listed(tmp_path: Path) -> None:
    path = save_picture(tmp_path / "1.jpg", wh=(256, 192))
    cut_off(path)
    gathering = Gathering("d")
    gathering.add("d/1", path, one_head)
    dataset = gathering.build(tmp_path, published=1)
    assert "cut off" in problems_of(dataset)["1.jpg"]
    assert (names_of(dataset), left_out(dataset)) == (["d/1"], set())


def test_pictures_with_bytes_appended_and_other_kinds_are_whole(tmp_path: Path) -> None:
    gathering = Gathering("d")
    jpeg = save_picture(tmp_path / "1.jpg")
    jpeg.write_bytes(jpeg.read_bytes() + b"\0" * 100)
    png = save_picture(tmp_path / "2.png")
    disguised = tmp_path / "3.jpg"
    disguised.write_bytes(png.read_bytes())
    for path in (jpeg, png, disguised):
        gathering.add(path.stem, path, one_head)
    assert gathering.build(tmp_path, published=3).problems == ()


def test_heads_outside_the_region_do_not_count(tmp_path: Path) -> None:
    region = np.array([[0, 0], [31, 0], [31, 47], [0, 47]], np.float32)
    gathering = Gathering("d")
    added = gathering.add(
        "d/1",
        save_picture(tmp_path / "1.jpg"),
        lambda: np.array([[3, 4], [40, 4], [50, 4]], np.float32),
        region_px=region,
        region_name="roi.mat",
    )
    assert added is not None
    assert added.heads_px.tolist() == [[3, 4]]
    dataset = gathering.build(tmp_path, published=1)
    assert problems_of(dataset) == {"roi.mat": "2 heads outside the region are not counted"}


def test_counts_that_differ_are_listed(tmp_path: Path) -> None:
    gathering = Gathering("d")
    path = save_picture(tmp_path / "1.jpg")
    gathering.add("d/1", path, one_head)
    gathering.compare_count(path, 1, 1, "list.txt")
    gathering.compare_count(path, None, 1, "list.txt")
    gathering.compare_count(path, 5, 1, "list.txt")
    dataset = gathering.build(tmp_path, published=1)
    assert len(dataset.problems) == 1
    assert "list.txt says 5 people, the labels hold 1" in problems_of(dataset)["1.jpg"]


def test_fewer_pictures_than_published_are_said(tmp_path: Path) -> None:
    gathering = Gathering("d")
    gathering.add("d/1", save_picture(tmp_path / "1.jpg"), one_head)
    dataset = gathering.build(tmp_path, published=3)
    assert problems_of(dataset)[tmp_path.name] == "incomplete: 1 of 3 published pictures are used"


def test_not_one_usable_picture_is_an_error(tmp_path: Path) -> None:
    gathering = Gathering("d")
    with pytest.raises(DatasetError, match="holds no usable picture"):
        gathering.build(tmp_path, published=1)
    gathering.add("d/1", save_picture(tmp_path / "1.jpg"), no_labels)
    with pytest.raises(DatasetError, match=r"1 left out, the first: 1\.txt is missing"):
        gathering.build(tmp_path, published=1)


def test_files_are_sorted_by_their_number() -> None:
    names = ["IMG_10.jpg", "IMG_2.jpg", "other.jpg"]
    assert [each.name for each in sort_by_number(map(Path, names))] == [
        "other.jpg",
        "IMG_2.jpg",
        "IMG_10.jpg",
    ]


def test_the_same_bytes_are_found_in_another_split(tmp_path: Path) -> None:
    own = [save_picture(tmp_path / "train" / f"{n}.jpg", mark=n * 40) for n in range(1, 4)]
    copy = tmp_path / "test" / "9.jpg"
    copy.parent.mkdir()
    copy.write_bytes(own[1].read_bytes())
    pictures = [LabelledPicture(each.stem, each, NOBODY) for each in own]
    problems = find_duplicates(pictures, {"test": [copy, own[0]], "val": []})
    assert [(each.name, each.is_left_out) for each in problems] == [("2.jpg", False)]
    assert "9.jpg of test" in problems[0].reason
