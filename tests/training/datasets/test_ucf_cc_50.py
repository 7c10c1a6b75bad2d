"""UCF_CC_50 in its published layout, and damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.training.dataset_files import (
    left_out,
    names_of,
    positions,
    problems_of,
    save_mat,
    save_picture,
)
from training.datasets.base import DatasetError
from training.datasets.ucf_cc_50 import SPLITS, list_pictures, load_ucf_cc_50


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    for number in range(1, 51):
        save_picture(tmp_path / f"{number}.jpg", mark=number * 5)
        save_mat(tmp_path / f"{number}_ann.mat", annPoints=positions([(number, 3)] * number))
    return tmp_path


def test_the_folds_are_tens_in_the_published_order(whole: Path) -> None:
    tested: list[str] = []
    for fold in range(1, 6):
        test = load_ucf_cc_50(whole, f"fold-{fold}-test")
        train = load_ucf_cc_50(whole, f"fold-{fold}-train")
        assert (len(test.pictures), len(train.pictures)) == (10, 40)
        assert test.problems == train.problems == ()
        assert not set(names_of(test)) & set(names_of(train))
        tested += names_of(test)
    assert tested == [f"ucf_cc_50/{number}" for number in range(1, 51)]


def test_positions_are_read(whole: Path) -> None:
    picture = load_ucf_cc_50(whole, "fold-2-test").pictures[0]
    assert (picture.name, picture.count) == ("ucf_cc_50/11", 11)
    assert picture.heads_px[0].tolist() == [11, 3]


def test_the_folder_inside_the_archive_may_be_given_from_above(whole: Path, tmp_path: Path) -> None:
    above = tmp_path / "above"
    above.mkdir()
    inside = above / "UCF_CC_50"
    inside.symlink_to(whole, target_is_directory=True)
    assert len(list_pictures(above, "fold-5-train")) == 40


def test_damage_is_listed(whole: Path) -> None:
    (whole / "1_ann.mat").unlink()
    (whole / "2.jpg").unlink()
    save_mat(whole / "3_ann.mat", points=positions([]))
    (whole / "4.jpg").write_bytes(b"")
    (whole / "5.jpg").unlink()
    (whole / "5_ann.mat").unlink()
    save_picture(whole / "51.jpg")
    dataset = load_ucf_cc_50(whole, "fold-1-test")
    found = problems_of(dataset)
    assert found["1.jpg"] == "1_ann.mat is missing"
    assert found["2.jpg"] == "the picture is missing"
    assert found["3.jpg"] == "3_ann.mat holds no annPoints"
    assert found["4.jpg"] == "cannot be decoded as a picture"
    assert "belongs to no fold" in found["51.jpg"]
    assert "5 of 10 published pictures" in found[whole.name]
    assert left_out(dataset) == {"1.jpg", "2.jpg", "3.jpg", "4.jpg", "51.jpg"}


def test_a_wrong_folder_or_split_is_refused(tmp_path: Path, whole: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(DatasetError, match=r"empty: no N\.jpg with N_ann\.mat"):
        load_ucf_cc_50(empty, "fold-1-test")
    with pytest.raises(DatasetError, match="fold-5-test, got 'test'"):
        load_ucf_cc_50(whole, "test")
    assert len(SPLITS) == 10
