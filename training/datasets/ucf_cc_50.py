"""UCF_CC_50: fifty pictures of 94 to 4543 people from the web.

Layout: ``1.jpg`` … ``50.jpg`` in one folder, each with ``1_ann.mat`` whose ``annPoints`` are
N x 2 positions.

Protocol: five-fold cross-validation; the errors of the five tests are averaged. The dataset
comes without a list of folds ("randomly selecting images in each fold"); what has become usual
is the published order in tens: fold 1 is tested on pictures 1 to 10 and trained on the other
forty, fold 5 is tested on 41 to 50.

References:
    Idrees, Saleemi, Seibert & Shah 2013, Multi-Source Multi-Scale Counting in Extremely Dense
    Crowd Images, doi:10.1109/CVPR.2013.329.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from training.datasets.base import Dataset, DatasetError
from training.datasets.gathering import Gathering, sort_by_number
from training.datasets.matfiles import read_heads

FOLDS = 5
_FOLD = 10
_PICTURES = FOLDS * _FOLD

SPLITS = tuple(f"fold-{fold}-{kind}" for fold in range(1, FOLDS + 1) for kind in ("train", "test"))


def load_ucf_cc_50(root: Path, split: str) -> Dataset:
    """Read one half of a fold.

    Args:
        root: Folder that holds ``1.jpg`` and ``1_ann.mat``, or ``UCF_CC_50`` with them in it.
        split: ``fold-1-train``, ``fold-1-test`` … ``fold-5-test``.

    Raises:
        DatasetError: The folder holds no such pictures, or there is no such split; names it.
    """
    folder = _find_folder(root)
    gathering = Gathering("ucf-cc-50")
    wanted = _numbers(split)
    for number in wanted:
        labels = folder / f"{number}_ann.mat"
        path = folder / f"{number}.jpg"
        if path.is_file() or labels.is_file():
            gathering.add(f"ucf_cc_50/{number}", path, partial(read_heads, labels, "annPoints"))
    for path in sort_by_number(folder.glob("*.jpg")):
        if path.stem not in {str(number) for number in range(1, _PICTURES + 1)}:
            gathering.report(path.name, "is none of the pictures 1 to 50 and belongs to no fold")
    return gathering.build(folder, published=len(wanted))


def list_pictures(root: Path, split: str) -> list[Path]:
    """Return the picture files of a split.

    Raises:
        DatasetError: The folder holds no such pictures, or there is no such split.
    """
    folder = _find_folder(root)
    paths = (folder / f"{number}.jpg" for number in _numbers(split))
    return [path for path in paths if path.is_file()]


def _find_folder(root: Path) -> Path:
    for folder in (root, root / "UCF_CC_50"):
        if any(folder.glob("*_ann.mat")):
            return folder
    raise DatasetError(f"{root}: no N.jpg with N_ann.mat there; give the folder that holds 1.jpg")


def _numbers(split: str) -> list[int]:
    if split not in SPLITS:
        raise DatasetError(f"split must be one of {', '.join(SPLITS)}, got {split!r}")
    _, fold, kind = split.split("-")
    is_test = kind == "test"
    return [
        number
        for number in range(1, _PICTURES + 1)
        if ((number - 1) // _FOLD + 1 == int(fold)) == is_test
    ]
