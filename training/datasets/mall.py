"""Mall: 2000 frames of one webcam in a shopping centre, 640 x 480, 13 to 53 people.

Layout: ``frames/seq_000001.jpg`` … ``seq_002000.jpg``; ``mall_gt.mat`` with ``frame``, 1 x 2000
cells whose field ``loc`` holds the N x 2 positions, and ``count``, 2000 x 1;
``perspective_roi.mat`` with ``roi.mask``, the picture's pixels that are looked at (and the
perspective, ``pMapN``, which is not used here).

Protocol: frames 1 to 800 train, 801 to 2000 test (Chen et al. 2012). People outside ``roi.mask``
are not counted, neither in the labels nor by a network; ``count`` includes them.

References:
    Chen, Loy, Gong & Xiang 2012, Feature Mining for Localised Crowd Counting,
    doi:10.5244/C.26.21; layout as distributed by C. C. Loy, The Chinese University of Hong Kong.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from training.datasets.base import Dataset, DatasetError, HeadArray, LabelError
from training.datasets.gathering import Gathering, sort_by_number
from training.datasets.matfiles import as_heads, read_mat

TRAIN_FRAMES, FRAMES = 800, 2000

SPLITS = ("train", "test")

_LABELS, _REGION = "mall_gt.mat", "perspective_roi.mat"


def load_mall(root: Path, split: str) -> Dataset:
    """Read the first 800 frames or the others.

    Args:
        root: Folder that holds ``frames/`` and ``mall_gt.mat``, or ``mall_dataset`` with them.
        split: ``train`` or ``test``.

    Raises:
        DatasetError: The folder or its labels are not there, or there is no such split.
    """
    wanted = _numbers(split)
    folder = _find_folder(root)
    try:
        variables = read_mat(folder / _LABELS)
        cells = _read_cells(variables)
    except LabelError as error:
        raise DatasetError(f"{folder}: {error}") from error
    gathering = Gathering("mall")
    if len(cells) != FRAMES:
        reason = f"labels {len(cells)} frames, the published file {FRAMES}"
        gathering.report(_LABELS, reason, is_left_out=False)
    region_px = _read_region(folder / _REGION, gathering)
    counts = np.asarray(variables.get("count", ())).reshape(-1)
    for number in wanted:
        path = folder / "frames" / f"seq_{number:06d}.jpg"
        read = partial(_read_frame, cells, number)
        if number > len(cells) and not path.is_file():
            continue
        added = gathering.add(
            f"mall/{path.stem}", path, read, region_px=region_px, region_name=_REGION
        )
        if added is not None and len(counts) >= number:
            listed = int(counts[number - 1])
            gathering.compare_count(path, listed, len(read()), f"count in {_LABELS}")
    for path in sort_by_number((folder / "frames").glob("*.jpg")):
        if path.stem not in {f"seq_{number:06d}" for number in range(1, FRAMES + 1)}:
            gathering.report(path.name, "is none of the published frames")
    return gathering.build(folder, published=len(wanted))


def list_pictures(root: Path, split: str) -> list[Path]:
    """Return the picture files of a split.

    Raises:
        DatasetError: The folder is not there, or there is no such split.
    """
    numbers, frames = _numbers(split), _find_folder(root) / "frames"
    paths = (frames / f"seq_{number:06d}.jpg" for number in numbers)
    return [path for path in paths if path.is_file()]


def _find_folder(root: Path) -> Path:
    for folder in (root, root / "mall_dataset"):
        if (folder / "frames").is_dir():
            return folder
    raise DatasetError(
        f"{root}: frames/ is not there; give the folder that holds frames/ and {_LABELS}"
    )


def _numbers(split: str) -> range:
    if split not in SPLITS:
        raise DatasetError(f"split must be train or test, got {split!r}")
    return range(1, TRAIN_FRAMES + 1) if split == "train" else range(TRAIN_FRAMES + 1, FRAMES + 1)


def _read_cells(variables: Any) -> npt.NDArray[np.object_]:
    cells = np.asarray(variables.get("frame", ())).reshape(-1)
    if cells.dtype != object or not len(cells):
        raise LabelError(f"{_LABELS} holds no cells named frame")
    return cells


def _read_frame(cells: npt.NDArray[np.object_], number: int) -> HeadArray:
    if number > len(cells):
        raise LabelError(f"{_LABELS} labels {len(cells)} frames only")
    try:
        positions = cells[number - 1]["loc"][0, 0]
    except (IndexError, TypeError, ValueError) as error:
        raise LabelError(f"{_LABELS}: frame {number} holds no loc ({error})") from error
    return as_heads(positions, f"{_LABELS}, frame {number}")


def _read_region(path: Path, gathering: Gathering) -> HeadArray | None:
    """Return the outline of the region's pixels, None (and a problem) where there is none."""
    try:
        mask = np.asarray(read_mat(path)["roi"]["mask"][0, 0]) != 0
        outlines, _ = cv2.findContours(
            mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE
        )
        largest = max(outlines, key=cv2.contourArea)
    except (LabelError, KeyError, IndexError, TypeError, ValueError, cv2.error) as error:
        reason = f"no region can be read ({error}): whole frames are counted"
        gathering.report(path.name, reason, is_left_out=False)
        return None
    if len(outlines) > 1:
        reason = f"the region has {len(outlines)} parts: only the largest is counted"
        gathering.report(path.name, reason, is_left_out=False)
    return np.asarray(largest, np.float32).reshape(-1, 2)
