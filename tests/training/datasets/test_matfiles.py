"""MATLAB files, right and wrong ones."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from scipy.io import savemat

from tests.training.dataset_files import cut_off, positions, save_mat
from training.datasets.base import LabelError
from training.datasets.matfiles import as_heads, read_heads, read_mat, read_number


def test_positions_are_read(tmp_path: Path) -> None:
    path = save_mat(tmp_path / "1.mat", points=positions([(1.5, 2), (3, 4)]))
    found = read_heads(path, "points")
    assert found.dtype == np.float32
    assert found.tolist() == [[1.5, 2.0], [3.0, 4.0]]


def test_nobody_is_an_empty_array(tmp_path: Path) -> None:
    path = save_mat(tmp_path / "1.mat", points=np.zeros((0, 0)))
    assert read_heads(path, "points").shape == (0, 2)


def test_files_of_matlab_7_3_are_read(tmp_path: Path) -> None:
    path = tmp_path / "1.mat"
    with h5py.File(path, "w", userblock_size=512) as file:
        file["points"] = positions([(1, 2), (3, 4), (5, 6)]).T
        file["nobody"] = np.array([0, 0], np.uint64)
        file["nobody"].attrs["MATLAB_empty"] = 1
    with path.open("r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM")
    assert read_heads(path, "points").tolist() == [[1, 2], [3, 4], [5, 6]]
    assert read_heads(path, "nobody").shape == (0, 2)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match=r"1\.mat is missing"):
        read_mat(tmp_path / "1.mat")


@pytest.mark.parametrize(
    "content", [b"", b"text", b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM", b"\0" * 600]
)
def test_a_file_of_another_kind_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "1.mat"
    path.write_bytes(content)
    with pytest.raises(LabelError, match=r"1\.mat is no MATLAB file"):
        read_mat(path)


@pytest.mark.parametrize("is_compressed", [False, True])
def test_a_file_cut_off_is_named(tmp_path: Path, is_compressed: bool) -> None:

    path = tmp_path / "1.mat"
    savemat(path, {"points": np.arange(400.0).reshape(-1, 2)}, do_compression=is_compressed)
    cut_off(path)
    with pytest.raises(LabelError, match=r"1\.mat"):
        read_heads(path, "points")


def test_a_missing_variable_is_named(tmp_path: Path) -> None:
    path = save_mat(tmp_path / "1.mat", other=1)
    with pytest.raises(LabelError, match="holds no points"):
        read_heads(path, "points")


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (np.zeros((3, 4)), "N x 2, got 3 x 4"),
        (np.float64(7), "N x 2, got one number"),
        ("text", "must be numbers"),
        (np.array([{}], object), "must be numbers"),
    ],
)
def test_positions_of_a_wrong_kind(wrong: object, reason: str) -> None:
    with pytest.raises(LabelError, match=f"1.mat: .*{reason}"):
        as_heads(wrong, "1.mat")


def test_one_number() -> None:
    variables = {
        "n": np.array([[3]]),
        "many": np.arange(2),
        "text": "3",
        "nan": np.array([[np.nan]]),
    }
    assert read_number(variables, "n") == 3
    assert [read_number(variables, name) for name in ("many", "text", "nan", "none")] == [None] * 4
