"""ShanghaiTech parts A and B (Zhang et al. 2016, doi:10.1109/CVPR.2016.70).

Layout: ``part_A/train_data/images/IMG_1.jpg`` with ``part_A/train_data/ground_truth/
GT_IMG_1.mat``, the same with ``test_data`` and ``part_B``. The positions stand at
``image_info[0, 0][0, 0][0]``, N x 2.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from training.datasets.base import Dataset, DatasetError, HeadArray, LabelError
from training.datasets.gathering import Gathering, sort_by_number
from training.datasets.matfiles import as_heads, read_mat

PARTS = ("A", "B")

_PUBLISHED = {("A", "train"): 300, ("A", "test"): 182, ("B", "train"): 400, ("B", "test"): 316}


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
    label_folder = _find_labels(folder)
    gathering = Gathering(f"shanghaitech-{part.lower()}")
    pictures = sort_by_number((folder / "images").glob("IMG_*.jpg"))
    for path in pictures:
        labels = label_folder / f"GT_{path.stem}.mat"
        gathering.add(f"part_{part}/{path.stem}", path, partial(_read_labels, labels))
    gathering.report_orphans(
        label_folder.glob("GT_IMG_*.mat"), (f"GT_{each.stem}" for each in pictures)
    )
    return gathering.build(folder, published=_PUBLISHED[part, split])


def list_pictures(root: Path, part: str, split: str) -> list[Path]:
    """Return the picture files of a split.

    Raises:
        DatasetError: The folder is not there.
    """
    return sort_by_number((_find_folder(root, part, split) / "images").glob("IMG_*.jpg"))


def _find_labels(folder: Path) -> Path:
    """Return the folder of the labels; some copies of the dataset write it with a hyphen."""
    hyphened = folder / "ground-truth"
    return hyphened if hyphened.is_dir() else folder / "ground_truth"


def _find_folder(root: Path, part: str, split: str) -> Path:
    if part not in PARTS:
        raise DatasetError(f"part must be A or B, got {part!r}")
    if split not in {"train", "test"}:
        raise DatasetError(f"split must be train or test, got {split!r}")
    for name in (f"part_{part}", f"part_{part}_final"):
        folder = root / name / f"{split}_data"
        if (folder / "images").is_dir() and _find_labels(folder).is_dir():
            return folder
    raise DatasetError(
        f"{root}: part_{part}/{split}_data with images/ and ground_truth/ is not there; "
        "give the folder that holds part_A and part_B"
    )


def _read_labels(path: Path) -> HeadArray:
    variables = read_mat(path)
    try:
        positions = variables["image_info"][0, 0][0, 0][0]
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise LabelError(f"{path.name} is no ShanghaiTech label file ({error})") from error
    return as_heads(positions, path.name)
