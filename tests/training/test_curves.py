"""Curves of real logs, resumed ones and damaged ones."""

from __future__ import annotations

from pathlib import Path

import cv2
import pytest

from training.curves import draw_curves, read_log
from training.datasets.base import DatasetError

HEAD = "epoch,loss,learning_rate,seconds,mall_mae,mall_rmse,mall_bias\n"


def write_log(folder: Path, *lines: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "log.csv").write_text(HEAD + "".join(f"{each}\n" for each in lines), "utf-8")
    return folder


def test_a_log_is_read_and_the_later_of_two_lines_counts(tmp_path: Path) -> None:
    folder = write_log(
        tmp_path / "light",
        "1,9.5,1e-4,10,,,",
        "2,8.0,1e-4,10,30.5,40,-1",
        "2,7.0,1e-4,10,20.5,30,-1",
        "3,6.0,1e-4,10,,,",
    )
    log = read_log(folder)
    assert log.name == "light"
    assert log.epochs == (1, 2, 3)
    assert log.losses == (9.5, 7.0, 6.0)
    assert log.mae == {"mall": ((2, 20.5),)}


def test_a_log_kept_elsewhere_is_read_by_its_own_name(tmp_path: Path) -> None:
    folder = write_log(tmp_path / "light", "1,9.5,1e-4,10,30.5,40,-1")
    kept = (folder / "log.csv").rename(tmp_path / "stage-1.csv")
    log = read_log(kept)
    assert log.name == "stage-1"
    assert log.mae == {"mall": ((1, 30.5),)}


def test_several_runs_in_one_picture(tmp_path: Path) -> None:
    runs = [
        read_log(write_log(tmp_path / name, "1,9.5,1e-4,10,30,40,-1", "2,8,1e-4,9,20,30,1"))
        for name in ("one", "two")
    ]
    path = tmp_path / "curves.png"
    draw_curves(runs, path)
    picture = cv2.imread(str(path))
    assert picture is not None
    assert picture.shape == (504, 1200, 3)
    assert picture.std() > 5


def test_what_cannot_be_drawn_is_said(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="give the folder of a run"):
        read_log(tmp_path)
    with pytest.raises(DatasetError, match="no epoch has been finished"):
        read_log(write_log(tmp_path / "new"))
    with pytest.raises(DatasetError, match="damaged log"):
        read_log(write_log(tmp_path / "damaged", "1,much,1e-4,10,,,"))
    with pytest.raises(ValueError, match="at least one run"):
        draw_curves([], tmp_path / "none.png")
