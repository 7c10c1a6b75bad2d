"""Writing small datasets in the layouts they are published in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from scipy.io import savemat

from training.datasets.base import Dataset

WH = (64, 48)

Heads = Sequence[tuple[float, float]]


def save_picture(path: Path, *, wh: tuple[int, int] = WH, value: int = 90, mark: int = 0) -> Path:
    """Write a plain JPEG with a spot as bright as ``mark``, so that no two need be alike."""
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = np.full((wh[1], wh[0], 3), value, np.uint8)
    picture[:8, :8] = mark % 256
    picture[:8, 8:16] = mark // 256
    assert cv2.imwrite(str(path), picture)
    return path


def save_mat(path: Path, **variables: Any) -> Path:
    """Write a MATLAB file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    savemat(path, variables)
    return path


def positions(heads: Heads) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return N x 2 positions as MATLAB keeps them."""
    return np.array(heads, np.float64).reshape(-1, 2)


def problems_of(dataset: Dataset) -> dict[str, str]:
    """Return the reasons by file name; several for one file are joined."""
    found: dict[str, str] = {}
    for each in dataset.problems:
        found[each.name] = (
            f"{found[each.name]}; {each.reason}" if each.name in found else each.reason
        )
    return found


def left_out(dataset: Dataset) -> set[str]:
    """Return the names of what is not used."""
    return {each.name for each in dataset.problems if each.is_left_out}


def names_of(dataset: Dataset) -> list[str]:
    """Return the names of the pictures, in their order."""
    return [each.name for each in dataset.pictures]


def cut_off(path: Path) -> None:
    """Leave two thirds of a file, as a broken download does."""
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 2 // 3])
