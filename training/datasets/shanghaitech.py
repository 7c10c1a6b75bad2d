"""ShanghaiTech parts A and B (Zhang et al. 2016, doi:10.1109/CVPR.2016.70).

Layout: ``part_A/train_data/images/IMG_1.jpg`` with ``part_A/train_data/ground_truth/
GT_IMG_1.mat``, the same with ``test_data`` and ``part_B``. The positions stand at
``image_info[0, 0][0, 0][0]``, N x 2.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy.io import loadmat

from training.datasets.base import (
    Dataset,
    DatasetError,
    HeadArray,
    LabelledPicture,
    Problem,
    check_heads,
    read_picture_wh,
)

PARTS = ("A", "B")


def load_shanghaitech(root: Path, part: str, split: str) -> Dataset:
    """Read one part.

    Args:
        root: Folder that holds ``part_A`` and ``part_B`` (or ``part_A_final`` …).
        part: ``A`` or ``B``.
        split: ``train`` or ``test``.

    Raises:
        DatasetError: The folder is not there or holds no picture; names it.
    """
    folder = _find_folder(root, part, split)
    pictures: list[LabelledPicture] = []
    problems: list[Problem] = []
    for path in sorted((folder / "images").glob("IMG_*.jpg"), key=lambda each: _number(each.stem)):
        labels = folder / "ground_truth" / f"GT_{path.stem}.mat"
        found = _read_labels(labels)
        if isinstance(found, str):
            problems.append(Problem(path.name, found))
            continue
        fault, is_useless = _check(path, found)
        if fault:
            problems.append(Problem(path.name, fault, is_left_out=is_useless))
        if is_useless:
            continue
        pictures.append(LabelledPicture(f"part_{part}/{path.stem}", path, found))
    known = {each.stem for each in (folder / "images").glob("IMG_*.jpg")}
    for labels in sorted((folder / "ground_truth").glob("GT_IMG_*.mat")):
        if labels.stem.removeprefix("GT_") not in known:
            problems.append(Problem(labels.name, "labels without a picture"))
    if not pictures:
        raise DatasetError(f"{folder}: holds no usable picture ({len(problems)} problems)")
    return Dataset(f"shanghaitech-{part.lower()}", tuple(pictures), tuple(problems))


def _find_folder(root: Path, part: str, split: str) -> Path:
    if part not in PARTS:
        raise DatasetError(f"part must be A or B, got {part!r}")
    for name in (f"part_{part}", f"part_{part}_final"):
        folder = root / name / f"{split}_data"
        if (folder / "images").is_dir() and (folder / "ground_truth").is_dir():
            return folder
    raise DatasetError(
        f"{root}: part_{part}/{split}_data with images/ and ground_truth/ is not there; "
        "give the folder that holds part_A and part_B"
    )


def _number(stem: str) -> int:
    digits = stem.removeprefix("IMG_")
    return int(digits) if digits.isdigit() else 0


def _read_labels(path: Path) -> HeadArray | str:
    if not path.is_file():
        return f"{path.name} is missing"
    try:
        positions = loadmat(path)["image_info"][0, 0][0, 0][0]
    except (KeyError, IndexError, ValueError, OSError, NotImplementedError) as error:
        return f"{path.name} is no ShanghaiTech label file ({error})"
    return np.asarray(positions, dtype=np.float32).reshape(-1, 2)


def _check(path: Path, heads_px: HeadArray) -> tuple[str, bool]:
    picture_wh = read_picture_wh(path)
    if picture_wh is None:
        return "cannot be decoded as a picture", True
    return check_heads(heads_px, picture_wh)
