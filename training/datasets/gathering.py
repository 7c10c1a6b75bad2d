"""Collecting the pictures of a dataset and everything that is wrong with the rest."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np

from training.datasets.base import (
    Dataset,
    DatasetError,
    HeadArray,
    LabelError,
    LabelledPicture,
    Problem,
    check_heads,
    find_inside,
    read_picture_wh,
)

_END_OF_JPEG = b"\xff\xd9"
_TAIL_BYTES = 4096
"""Some cameras and programs append a few bytes to the picture."""


class Gathering:
    """Takes pictures one by one and lists those that cannot be used; one per loading.

    Args:
        name: Of the dataset, for tables: ``mall``.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._pictures: list[LabelledPicture] = []
        self._problems: list[Problem] = []
        self._outside: defaultdict[str, int] = defaultdict(int)

    def report(self, name: str, reason: str, *, is_left_out: bool = True) -> None:
        """List what is wrong with the file ``name``."""
        self._problems.append(Problem(name, reason, is_left_out))

    def add(
        self,
        name: str,
        path: Path,
        read_labels: Callable[[], HeadArray],
        *,
        region_px: HeadArray | None = None,
        region_name: str = "",
    ) -> LabelledPicture | None:
        """Add a picture, or list why it cannot be used.

        Args:
            name: Unique within all datasets: ``mall/seq_000001``.
            path: The picture's file.
            read_labels: Returns the heads or raises `LabelError`.
            region_px: Outline outside which nobody is counted; heads there are dropped.
            region_name: File of the outline; the dropped heads are listed under it.

        Returns:
            The picture added, None where it cannot be used.
        """
        try:
            picture_wh = _check_picture(path)
            heads_px = read_labels()
        except LabelError as error:
            self.report(path.name, str(error))
            return None
        fault, is_useless = check_heads(heads_px, picture_wh)
        if fault:
            self.report(path.name, fault, is_left_out=is_useless)
        if is_useless:
            return None
        if not _ends_as_jpeg(path):
            reason = "is cut off: the file does not end as a JPEG picture; used as far as it goes"
            self.report(path.name, reason, is_left_out=False)
        if region_px is not None:
            inside = find_inside(heads_px, region_px)
            self._outside[region_name] += int(np.count_nonzero(~inside))
            heads_px = heads_px[inside]
        picture = LabelledPicture(name, path, heads_px, region_px)
        self._pictures.append(picture)
        return picture

    def compare_count(self, path: Path, listed: int | None, found: int, source: str) -> None:
        """List a picture whose count in some list is not its number of positions."""
        if listed is not None and listed != found:
            reason = f"{source} says {listed} people, the labels hold {found}; the labels are used"
            self.report(path.name, reason, is_left_out=False)

    def report_orphans(
        self, labels: Iterable[Path], stems: Iterable[str], suffix: str = ""
    ) -> None:
        """List label files whose picture is not there.

        Args:
            labels: Label files.
            stems: Names of the pictures without ending.
            suffix: What follows the picture's name in a label file's: ``_ann``.
        """
        known = set(stems)
        for each in sorted(labels):
            if each.stem.removesuffix(suffix) not in known:
                self.report(each.name, "labels without a picture")

    def build(self, folder: Path, *, published: int) -> Dataset:
        """Return the dataset.

        Args:
            folder: Where the pictures were looked for.
            published: Number of pictures of the published split; fewer are listed.

        Raises:
            DatasetError: Not one picture can be used; names the folder.
        """
        if not self._pictures:
            reasons = [each.reason for each in self._problems if each.is_left_out]
            first = f", the first: {reasons[0]}" if reasons else ""
            raise DatasetError(
                f"{folder}: holds no usable picture ({len(reasons)} left out{first})"
            )
        for region, dropped in self._outside.items():
            if dropped:
                reason = f"{dropped} heads outside the region are not counted"
                self.report(region, reason, is_left_out=False)
        if len(self._pictures) < published:
            reason = f"incomplete: {len(self._pictures)} of {published} published pictures are used"
            self.report(folder.name, reason, is_left_out=False)
        return Dataset(self._name, tuple(self._pictures), tuple(self._problems))


def sort_by_number(paths: Iterable[Path]) -> list[Path]:
    """Sort files by the number in their name: IMG_2 before IMG_10."""
    return sorted(paths, key=lambda each: (_number(each.stem), each.name))


def find_duplicates(
    pictures: Sequence[LabelledPicture], others: dict[str, list[Path]]
) -> tuple[Problem, ...]:
    """List pictures that are also part of another split, byte for byte.

    Args:
        pictures: Of one split.
        others: Picture files of the splits it must share nothing with, by their names.
    """
    of_size: defaultdict[int, list[tuple[str, Path]]] = defaultdict(list)
    for split, paths in others.items():
        for path in paths:
            of_size[path.stat().st_size].append((split, path))
    found: list[Problem] = []
    for picture in pictures:
        same = of_size.get(picture.path.stat().st_size, [])
        own = _hash(picture.path) if same else ""
        for split, path in same:
            if path != picture.path and _hash(path) == own:
                reason = f"the same file as {path.name} of {split}: what is tested was learned"
                found.append(Problem(picture.path.name, reason, is_left_out=False))
    return tuple(found)


def _check_picture(path: Path) -> tuple[int, int]:
    if not path.is_file():
        raise LabelError("the picture is missing")
    picture_wh = read_picture_wh(path)
    if picture_wh is None:
        raise LabelError("cannot be decoded as a picture")
    return picture_wh


def _ends_as_jpeg(path: Path) -> bool:
    if path.suffix.lower() not in {".jpg", ".jpeg"}:
        return True
    with path.open("rb") as file:
        if file.read(2) != b"\xff\xd8":
            return True  # a picture of another kind under this name, which was decoded
        file.seek(max(0, path.stat().st_size - _TAIL_BYTES))
        return _END_OF_JPEG in file.read()


def _number(stem: str) -> int:
    digits = "".join(each for each in stem if each.isdigit())
    return int(digits) if digits else 0


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
