"""What a counting dataset is: pictures, and where every head in them is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import PIL.Image

from backend.core.frame import Image

HeadArray = npt.NDArray[np.float32]
"""(N, 2) float32, head positions (x, y), pixels of the picture."""


CellShares = npt.NDArray[np.float32]
"""(rows, columns) float32 in [0, 1], share of every cell of a map."""

_OUTSIDE_GREY = 114
"""What is painted over where nobody was labelled; surrounds small pictures in training too."""

_ON_THE_LINE_PX = 1.0
"""Heads so far beyond the outline of a region still count as inside: it was drawn by hand."""

_FOREIGN_SHARE = 0.5
"""With more heads than this beyond the border the labels belong to another picture."""


class DatasetError(Exception):
    """A dataset cannot be used; the message says which file and what to do."""


class LabelError(DatasetError):
    """The labels of one picture cannot be used; the message says which file and why."""


@dataclass(frozen=True, slots=True)
class LabelledPicture:
    """One picture of a dataset.

    Attributes:
        name: Unique within the dataset, for lists and splits: ``part_B/IMG_12``.
        path: The picture's file.
        heads_px: Where the heads are.
        region_px: (K, 2) float32 outline outside which nobody was labelled; None = everywhere.
    """

    name: str
    path: Path
    heads_px: HeadArray
    region_px: HeadArray | None = None

    @property
    def count(self) -> int:
        """Number of labelled heads."""
        return int(self.heads_px.shape[0])

    def load(self) -> Image:
        """Decode the picture, (H, W, 3) uint8 BGR.

        What lies outside ``region_px`` is painted grey: people are seen there whom nobody
        labelled, and a network must neither learn that they are none nor count them.

        Raises:
            DatasetError: The file cannot be decoded.
        """
        picture = cv2.imread(str(self.path), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
        if picture is None:
            raise DatasetError(f"{self.path.name}: cannot be decoded as a picture")
        if self.region_px is not None:
            inside = _rasterise(self.region_px, (picture.shape[0], picture.shape[1]))
            picture[inside == 0] = _OUTSIDE_GREY
        return np.asarray(picture, np.uint8)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one picture or its labels.

    Attributes:
        name: File it is about.
        reason: What is wrong, a sentence.
        is_left_out: The picture is not used; otherwise it is, as labelled.
    """

    name: str
    reason: str
    is_left_out: bool = True


@dataclass(frozen=True, slots=True)
class Dataset:
    """Pictures of one dataset and everything that was wrong with the rest.

    Attributes:
        name: For tables: ``shanghaitech-b``.
        pictures: Sorted by name.
        problems: What is wrong with them and what was left out; never silently.
    """

    name: str
    pictures: tuple[LabelledPicture, ...]
    problems: tuple[Problem, ...] = field(default=())

    def select(self, is_wanted: Callable[[str], bool]) -> Dataset:
        """Return the pictures whose name is wanted; the problems stay."""
        chosen = tuple(each for each in self.pictures if is_wanted(each.name))
        return Dataset(self.name, chosen, self.problems)


def read_picture_wh(path: Path) -> tuple[int, int] | None:
    """Return width and height of a picture, None where it is none."""
    try:
        with PIL.Image.open(path) as picture:
            return picture.size
    except (OSError, ValueError, ImportError, PIL.Image.DecompressionBombError):
        # ImportError: ultralytics, once imported, has Pillow look for a HEIF reader first.
        return None


def check_heads(heads_px: HeadArray, picture_wh: tuple[int, int]) -> tuple[str, bool]:
    """Check labels against the size of their picture.

    A few heads beyond the border occur in every published set; such pictures are used, since
    the published errors count every label.

    Returns:
        What is wrong, empty when nothing is; and whether the picture cannot be used.
    """
    if heads_px.ndim != 2 or heads_px.shape[1] != 2:
        return f"labels must be N x 2 positions, got {heads_px.shape}", True
    if not np.isfinite(heads_px).all():
        return "labels are not finite numbers", True
    outside = np.any((heads_px < -1.0) | (heads_px > np.array(picture_wh) + 1.0), axis=1)
    if not outside.any():
        return "", False
    reason = (
        f"{int(outside.sum())} of {len(heads_px)} heads lie outside the picture of "
        f"{picture_wh[0]} x {picture_wh[1]} pixels"
    )
    is_foreign = bool(outside.sum() > _FOREIGN_SHARE * len(heads_px))
    return reason + (": labels of another picture" if is_foreign else ""), is_foreign


def find_inside(heads_px: HeadArray, region_px: HeadArray) -> npt.NDArray[np.bool_]:
    """Tell which heads lie in a region, or within a pixel of its outline.

    Args:
        heads_px: (N, 2), pixels of the picture.
        region_px: (K, 2) outline, K of 3 or more, the same pixels.

    Returns:
        (N,) bool.
    """
    outline = np.ascontiguousarray(region_px, np.float32).reshape(-1, 1, 2)
    return np.array(
        [
            cv2.pointPolygonTest(outline, (float(x), float(y)), measureDist=True)
            >= -_ON_THE_LINE_PX
            for x, y in heads_px
        ],
        dtype=bool,
    )


def region_mask(
    map_hw: tuple[int, int], stride: int, region_px: HeadArray | None, *, scale: float = 1.0
) -> CellShares:
    """Return the share of every cell of a map that lies in a region.

    A map times this mask, summed, is the count inside: ``(density * mask).sum()``. A cell the
    outline cuts in halves counts by half.

    Args:
        map_hw: Rows and columns of the map.
        stride: Side of a cell, pixels of the picture the network saw.
        region_px: `LabelledPicture.region_px`; None = everywhere.
        scale: Factor the picture was resized by before the network saw it.

    Returns:
        (rows, columns) float32 in [0, 1], exact to a pixel's width along the outline.
    """
    if region_px is None:
        return np.ones(map_hw, np.float32)
    rows, columns = map_hw
    inside = _rasterise(region_px * np.float32(scale), (rows * stride, columns * stride))
    cells = inside.reshape(rows, stride, columns, stride)
    return np.asarray(cells.mean(axis=(1, 3)), np.float32)


def _rasterise(region_px: HeadArray, picture_hw: tuple[int, int]) -> npt.NDArray[np.uint8]:
    """(H, W) uint8, 1 inside the outline and on it."""
    inside = np.zeros(picture_hw, np.uint8)
    cv2.fillPoly(inside, [np.rint(region_px).astype(np.int32)], (1,))
    return inside
