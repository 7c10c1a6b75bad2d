"""JHU-CROWD++ (version 2.0): 4372 pictures from the web, bad weather and empty places among them.

Layout: ``train``, ``val`` and ``test``, each with ``images/0001.jpg``, ``gt/0001.txt`` and
``image_labels.txt``. A line of ``gt`` is one head: ``x y w h o b``, the head's centre and size
in pixels, occlusion (1 visible, 2 partly, 3 fully hidden) and blur (0 or 1); an empty file is
nobody. A line of ``image_labels.txt`` is one picture: its name without ending, number of
heads, kind of scene, weather (0 none, 1 fog, 2 rain, 3 snow) and whether it is a distractor
without a crowd, separated by commas.

Protocol: 2272 pictures train, 500 validate, 1600 test; all heads count, hidden ones too.

References:
    Sindagi, Yasarla & Patel 2020, JHU-CROWD++: Large-Scale Crowd Counting Dataset and A
    Benchmark Method, doi:10.1109/TPAMI.2020.3035969.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from training.datasets.base import Dataset, DatasetError, HeadArray, LabelError
from training.datasets.gathering import Gathering, sort_by_number

SPLITS = ("train", "val", "test")

_PUBLISHED = {"train": 2272, "val": 500, "test": 1600}
_HEAD_VALUES, _LIST_VALUES = 6, 5
_LIST = "image_labels.txt"


def load_jhu_crowd(root: Path, split: str) -> Dataset:
    """Read one split.

    Args:
        root: Folder that holds ``train``, ``val`` and ``test``, or ``jhu_crowd_v2.0`` with them.
        split: ``train``, ``val`` or ``test``.

    Raises:
        DatasetError: The folder is not there or holds no picture, or there is no such split.
    """
    folder = _find_folder(root, split)
    gathering = Gathering("jhu-crowd")
    counts = _read_counts(folder / _LIST, gathering)
    pictures = list_pictures(root, split)
    for path in pictures:
        labels = folder / "gt" / f"{path.stem}.txt"
        added = gathering.add(f"jhu_{split}/{path.stem}", path, partial(_read_labels, labels))
        if counts and path.stem not in counts:
            gathering.report(path.name, f"is not in {_LIST}", is_left_out=False)
        elif added is not None:
            gathering.compare_count(path, counts.get(path.stem), added.count, _LIST)
    known = {each.stem for each in pictures}
    gathering.report_orphans((folder / "gt").glob("*.txt"), known)
    for name in sorted(counts.keys() - known):
        gathering.report(f"{name}.jpg", f"is in {_LIST}, the picture is missing")
    return gathering.build(folder, published=_PUBLISHED[split])


def list_pictures(root: Path, split: str) -> list[Path]:
    """Return the picture files of a split.

    Raises:
        DatasetError: The folder is not there, or there is no such split.
    """
    return sort_by_number((_find_folder(root, split) / "images").glob("*.jpg"))


def _find_folder(root: Path, split: str) -> Path:
    if split not in SPLITS:
        raise DatasetError(f"split must be one of {', '.join(SPLITS)}, got {split!r}")
    for folder in (root / split, root / "jhu_crowd_v2.0" / split):
        if (folder / "images").is_dir() and (folder / "gt").is_dir():
            return folder
    raise DatasetError(
        f"{root}: {split}/ with images/ and gt/ is not there; give the folder that holds "
        "train, val and test"
    )


def _read_labels(path: Path) -> HeadArray:
    if not path.is_file():
        raise LabelError(f"{path.name} is missing")
    heads: list[tuple[float, float]] = []
    for number, line in enumerate(_read_lines(path), start=1):
        values = line.split()
        if len(values) != _HEAD_VALUES:
            raise LabelError(f"{path.name}, line {number}: x y w h o b are six, got {len(values)}")
        try:
            heads.append((float(values[0]), float(values[1])))
        except ValueError as error:
            raise LabelError(f"{path.name}, line {number}: {error}") from error
    return np.array(heads, np.float32).reshape(-1, 2)


def _read_counts(path: Path, gathering: Gathering) -> dict[str, int]:
    """Return the number of heads by picture; what is wrong with the list is reported."""
    if not path.is_file():
        gathering.report(path.name, "is missing: no count can be compared", is_left_out=False)
        return {}
    counts: dict[str, int] = {}
    for number, line in enumerate(_read_lines(path), start=1):
        values = [each.strip() for each in line.split(",")]
        if len(values) != _LIST_VALUES or not values[1].isdigit():
            reason = f"line {number} is no name, count, scene, weather, distractor: {line[:40]!r}"
            gathering.report(path.name, reason, is_left_out=False)
        else:
            counts[values[0].removesuffix(".jpg")] = int(values[1])
    return counts


def _read_lines(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8", errors="replace")
    return [line for line in text.splitlines() if line.strip()]
