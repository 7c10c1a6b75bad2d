"""WorldExpo'10 in its published layout, and damaged."""

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
from training.datasets.worldexpo10 import TEST_SCENES, list_pictures, load_worldexpo10

SCENES = ("100156", "104242")
LEFT = [(1, 1), (32, 1), (32, 48), (1, 48)]


def save_region(folder: Path, corners: Heads = LEFT) -> None:
    outline = positions(corners)
    save_mat(
        folder / "roi.mat",
        maskVerticesXCoordinates=outline[:, :1],
        maskVerticesYCoordinates=outline[:, 1:],
    )


def save_labels(path: Path, heads: Heads, *, listed: int | None = None) -> None:
    number = len(heads) if listed is None else listed
    save_mat(path, point_position=positions(heads), point_num=number)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for mark, scene in enumerate(SCENES):
        labels = tmp_path / "train_label" / scene
        save_region(labels)
        # One scene's names go on with a line, the others' with an underscore.
        name = f"{scene}{'_-'[mark]}A02-S2010_clip1_1"
        save_picture(tmp_path / "train_frame" / f"{name}.jpg", mark=mark)
        save_labels(labels / f"{name}.mat", [(5, 5), (40, 5)])
    for mark, scene in enumerate(TEST_SCENES):
        labels = tmp_path / "test_label" / scene
        save_region(labels)
        name = f"{scene}_C09-S2010_clip1_1"
        save_picture(tmp_path / "test_frame" / scene / f"{name}.jpg", mark=100 + mark)
        save_labels(labels / f"{name}.mat", [(5, 5)] * (mark + 1))
    return tmp_path


def test_every_frame_has_the_region_of_its_scene(root: Path) -> None:
    save_region(root / "train_label" / SCENES[1], [(1, 1), (64, 1), (64, 48)])
    train = load_worldexpo10(root, "train")
    assert [each.count for each in train.pictures] == [1, 2]
    assert names_of(train)[0] == "worldexpo10/100156_A02-S2010_clip1_1"
    assert train.pictures[0].region_px is not None
    assert train.pictures[0].region_px.tolist() == [list(corner) for corner in LEFT]
    found = problems_of(train)
    assert found["100156/roi.mat"] == "1 heads outside the region are not counted"
    assert "2 of 3380 published pictures" in found["train_frame"]


def test_the_five_test_scenes_are_splits_too(root: Path) -> None:
    test = load_worldexpo10(root, "test")
    assert [each.count for each in test.pictures] == [1, 2, 3, 4, 5]
    for number, scene in enumerate(TEST_SCENES, start=1):
        alone = load_worldexpo10(root, f"test-{scene}")
        assert [each.count for each in alone.pictures] == [number]
        assert list_pictures(root, f"test-{scene}") == [alone.pictures[0].path]


def test_damage_is_listed(root: Path) -> None:
    labels = root / "train_label" / "100156"
    frames = root / "train_frame"
    wrong = {
        "100156_2": "missing",
        "100156_3": "no MATLAB",
        "100156_4": "point_position",
        "100156_5": "another",
        "100156_6": "6 people, the labels hold 1",
        "100156_7": "3 x 4",
    }
    for mark, name in enumerate(wrong):
        save_picture(frames / f"{name}.jpg", mark=20 + mark)
    (labels / "100156_3.mat").write_bytes(b"text")
    save_mat(labels / "100156_4.mat", points=positions([]))
    save_labels(labels / "100156_5.mat", [(900, 900)])
    save_labels(labels / "100156_6.mat", [(5, 5)], listed=6)
    save_mat(labels / "100156_7.mat", point_position=np.zeros((3, 4)))
    save_labels(labels / "100156_8.mat", [])
    save_picture(frames / "999999_1.jpg")
    train = load_worldexpo10(root, "train")
    found = problems_of(train)
    for name, reason in wrong.items():
        assert reason in found[f"{name}.jpg"]
    assert found["100156_8.mat"] == "labels without a picture"
    assert "what counts is unknown" in found["999999_1.jpg"]
    assert found["999999/roi.mat"] == "roi.mat is missing"
    assert "100156_6.jpg" not in left_out(train)
    assert len(train.pictures) == 3


@pytest.mark.parametrize("corners", [[(1, 1), (5, 5)], [(1, 1), (5, 5), (np.nan, 3)]])
def test_a_region_that_is_none_is_listed(root: Path, corners: Heads) -> None:
    save_region(root / "train_label" / SCENES[0], corners)
    train = load_worldexpo10(root, "train")
    assert len(train.pictures) == 1
    assert "three finite corners" in problems_of(train)["100156/roi.mat"]


def test_a_region_file_of_another_kind_is_listed(root: Path) -> None:
    save_mat(root / "train_label" / SCENES[0] / "roi.mat", mask=1)
    assert "holds no outline" in problems_of(load_worldexpo10(root, "train"))["100156/roi.mat"]


def test_a_test_scene_that_is_missing_is_listed(root: Path) -> None:
    folder = root / "test_frame" / TEST_SCENES[0]
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    test = load_worldexpo10(root, "test")
    assert "folder is not in test_frame" in problems_of(test)[TEST_SCENES[0]]
    assert len(test.pictures) == 4


def test_a_wrong_folder_or_split_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"train_frame/ is not there; give the folder"):
        load_worldexpo10(tmp_path, "train")
    with pytest.raises(DatasetError, match="got 'test-1'"):
        load_worldexpo10(tmp_path, "test-1")
