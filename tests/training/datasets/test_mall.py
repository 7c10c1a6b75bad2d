"""Mall in its published layout, and damaged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.training.dataset_files import (
    WH,
    Heads,
    left_out,
    names_of,
    positions,
    problems_of,
    save_mat,
    save_picture,
)
from training.datasets.base import DatasetError
from training.datasets.mall import list_pictures, load_mall

PRESENT = (1, 2, 799, 800, 801, 802, 803)


def save_labels(folder: Path, heads: dict[int, Heads], *, frames: int = 803) -> None:
    """Write the labels of ``frames`` frames, nobody in those not named."""
    cells = np.empty((1, frames), object)
    for number in range(1, frames + 1):
        cells[0, number - 1] = {"loc": positions(heads.get(number, []))}
    counts = np.array([len(heads.get(number, [])) for number in range(1, frames + 1)])
    save_mat(folder / "mall_gt.mat", frame=cells, count=counts.reshape(-1, 1))


def save_region(folder: Path, mask: object) -> None:
    save_mat(folder / "perspective_roi.mat", roi={"mask": mask}, pMapN=np.ones((48, 64)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in PRESENT:
        save_picture(tmp_path / "frames" / f"seq_{number:06d}.jpg", mark=number)
    save_labels(tmp_path, {1: [(5, 6), (40, 10)], 801: [(7, 8)]})
    save_region(tmp_path, np.ones((WH[1], WH[0]), np.uint8))
    return tmp_path


def test_the_first_800_frames_train(folder: Path) -> None:
    train, test = load_mall(folder, "train"), load_mall(folder, "test")
    assert names_of(train) == [f"mall/seq_{number:06d}" for number in (1, 2, 799, 800)]
    assert names_of(test) == [f"mall/seq_{number:06d}" for number in (801, 802, 803)]
    assert train.pictures[0].heads_px.tolist() == [[5, 6], [40, 10]]
    assert [each.count for each in test.pictures] == [1, 0, 0]
    assert len(list_pictures(folder, "train")) == 4


def test_every_frame_that_is_missing_is_listed(folder: Path) -> None:
    train = load_mall(folder, "train")
    found = problems_of(train)
    missing = [name for name, reason in found.items() if reason == "the picture is missing"]
    assert len(missing) == 796
    assert "4 of 800 published pictures" in found[folder.name]
    assert "labels 803 frames, the published file 2000" in found["mall_gt.mat"]


def test_only_the_region_counts(folder: Path) -> None:
    mask = np.zeros((WH[1], WH[0]), np.uint8)
    mask[4:20, 2:30] = 1
    save_region(folder, mask)
    train = load_mall(folder, "train")
    first = train.pictures[0]
    assert first.heads_px.tolist() == [[5, 6]]
    assert first.region_px is not None
    assert (first.region_px.min(axis=0).tolist(), first.region_px.max(axis=0).tolist()) == (
        [2, 4],
        [29, 19],
    )
    assert "1 heads outside the region" in problems_of(train)["perspective_roi.mat"]
    assert (first.load()[:, 30:] == 114).all()


def test_a_region_of_two_parts_is_said(folder: Path) -> None:
    mask = np.zeros((WH[1], WH[0]), np.uint8)
    mask[4:20, 2:50] = 1
    mask[30:33, 3:6] = 1
    save_region(folder, mask)
    assert "2 parts" in problems_of(load_mall(folder, "train"))["perspective_roi.mat"]


def test_damage_is_listed(folder: Path) -> None:
    save_labels(folder, {1: [(5, 6)], 2: [(900, 900)]}, frames=800)
    (folder / "perspective_roi.mat").unlink()
    (folder / "frames" / "seq_000799.jpg").write_bytes(b"none")
    save_picture(folder / "frames" / "seq_002001.jpg")
    train = load_mall(folder, "train")
    found = problems_of(train)
    assert names_of(train) == ["mall/seq_000001", "mall/seq_000800"]
    assert "another picture" in found["seq_000002.jpg"]
    assert found["seq_000799.jpg"] == "cannot be decoded as a picture"
    assert found["seq_002001.jpg"] == "is none of the published frames"
    assert "whole frames are counted" in found["perspective_roi.mat"]
    assert "perspective_roi.mat" not in left_out(train)
    assert train.pictures[0].region_px is None
    with pytest.raises(DatasetError, match=r"mall_gt\.mat labels 800 frames only"):
        load_mall(folder, "test")


def test_counts_and_cells_that_are_wrong_are_listed(folder: Path) -> None:
    cells = np.empty((1, 2), object)
    cells[0, 0] = {"loc": positions([(5, 6)])}
    cells[0, 1] = {"position": positions([(5, 6)])}
    save_mat(folder / "mall_gt.mat", frame=cells, count=np.array([[4], [1]]))
    found = problems_of(load_mall(folder, "train"))
    assert "count in mall_gt.mat says 4 people, the labels hold 1" in found["seq_000001.jpg"]
    assert "frame 2 holds no loc" in found["seq_000002.jpg"]


@pytest.mark.parametrize("content", [b"", None])
def test_labels_that_cannot_be_read_are_refused(folder: Path, content: bytes | None) -> None:
    if content is None:
        save_mat(folder / "mall_gt.mat", other=1)
    else:
        (folder / "mall_gt.mat").write_bytes(content)
    with pytest.raises(DatasetError, match=r"mall_gt\.mat"):
        load_mall(folder, "train")


def test_a_wrong_folder_or_split_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"frames/ is not there"):
        load_mall(tmp_path, "train")
    with pytest.raises(DatasetError, match="train or test, got 'val'"):
        load_mall(tmp_path, "val")
