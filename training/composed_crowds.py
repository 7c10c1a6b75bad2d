"""A crowd that grows from 5 to 300 people, composed of real crops with known labels.

A recording in which a square fills from empty to packed, every head labelled, does not exist.
Here it is put together: a picture of `Composition.grid` places, each showing a crop of some
labelled picture. At first all are empty. Then one place after the other fills, in several rounds:
to a few people, whom a detector tells apart, to more, and to as many as it will hold, here fewer
and there more. Of each step the true number, and where every head is, is therefore known, and from
step to step little else changes.

A seam cuts through bodies and light changes across it: both counters see the same picture, so
they are compared fairly, but neither is at its best.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backend.core.frame import Image
from training.datasets.base import DatasetError, HeadArray, LabelledPicture, read_picture_wh

FEWEST, MOST, STEP = 5, 300, 5
"""People of the first and the last step, and how many come with each."""

ROUNDS = (3, 8)
"""People to whom every place fills in the rounds before the last."""


@dataclass(frozen=True, slots=True)
class Composition:
    """How the pictures are put together.

    Attributes:
        grid: Columns and rows of places.
        place_wh: Width and height of a place, pixels.
        stride_px: Distance of two crops taken from one picture.
        unevenness: How much fuller some places become than others: standard deviation of the
            logarithm of their final number.
        seed: Everything random follows from it.
    """

    grid: tuple[int, int] = (6, 4)
    place_wh: tuple[int, int] = (192, 192)
    stride_px: int = 64
    unevenness: float = 0.6
    seed: int = 1

    @property
    def picture_wh(self) -> tuple[int, int]:
        """Width and height of the composed pictures, pixels."""
        return self.grid[0] * self.place_wh[0], self.grid[1] * self.place_wh[1]


@dataclass(frozen=True, slots=True)
class RampStep:
    """One composed picture.

    Attributes:
        picture: (H, W, 3) uint8 BGR.
        heads_px: (N, 2) float32, its heads, pixels.
    """

    picture: Image
    heads_px: HeadArray

    @property
    def count(self) -> int:
        """True number of people."""
        return int(self.heads_px.shape[0])


@dataclass(frozen=True, slots=True)
class _Crop:
    """Part of a labelled picture: its number, upper left corner, heads and how clean it is cut.

    ``spoilt`` counts heads so near the border that half a head, or a body without one, shows.
    """

    picture: int
    corner_xy: tuple[int, int]
    heads_px: HeadArray
    spoilt: int


def compose_ramp(
    pictures: Sequence[LabelledPicture],
    counts: Sequence[int] = tuple(range(FEWEST, MOST + 1, STEP)),
    how: Composition | None = None,
) -> Iterator[RampStep]:
    """Compose one picture for each number of people, in turn.

    Args:
        pictures: Where the crops come from; they must offer every number a place needs.
        counts: True numbers of people, 0 or more.
        how: Size, seed.

    Raises:
        DatasetError: No crop without people, or none with as many as a place needs.
    """
    how = how or Composition()
    chosen_by = np.random.default_rng(how.seed)
    pool = _collect(pictures, how)
    loaded: dict[int, Image] = {}
    final = _final_counts(max(counts, default=0), pool, how, chosen_by)
    crops = [_pick(pool, 0, (), chosen_by) for _ in final]
    for count in counts:
        for place, people in enumerate(_fill(final, count)):
            if len(crops[place].heads_px) != people:
                crops[place] = _pick(pool, people, crops, chosen_by)
        for crop in crops:
            if crop.picture not in loaded:
                loaded[crop.picture] = pictures[crop.picture].load()
        yield _paste(crops, loaded, how)


def _collect(pictures: Sequence[LabelledPicture], how: Composition) -> dict[int, list[_Crop]]:
    """All crops by their number of people."""
    pool: dict[int, list[_Crop]] = {}
    for number, labelled in enumerate(pictures):
        width, height = read_picture_wh(labelled.path) or (0, 0)
        for top in range(0, height - how.place_wh[1] + 1, how.stride_px):
            for left in range(0, width - how.place_wh[0] + 1, how.stride_px):
                crop = _cut(number, labelled.heads_px, (left, top), how.place_wh)
                pool.setdefault(len(crop.heads_px), []).append(crop)
    if not any(crop.spoilt == 0 for crop in pool.get(0, [])):
        raise DatasetError(
            f"none of the {len(pictures)} pictures has an empty part of "
            f"{how.place_wh[0]} x {how.place_wh[1]} pixels: give more pictures or smaller places"
        )
    return pool


_NEAR_PX = 10
"""A head so near the border is half cut off."""

_SHOULDER_PX, _BODY_PX = 40, 320
"""How far beside and below its head a body reaches: it would be seen in a crop without its head.
Of somebody close to the camera of ShanghaiTech's streets."""


def _cut(
    number: int, heads_px: HeadArray, corner_xy: tuple[int, int], wh: tuple[int, int]
) -> _Crop:
    within = heads_px - np.array(corner_xy, np.float32)
    width, height = wh
    x, y = within[:, 0], within[:, 1]
    inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    around = (
        (x >= -_SHOULDER_PX)
        & (x < width + _SHOULDER_PX)
        & (y >= -_BODY_PX)
        & (y < height + _NEAR_PX)
    )
    deep = (x >= _NEAR_PX) & (x < width - _NEAR_PX) & (y >= _NEAR_PX) & (y < height - _NEAR_PX)
    return _Crop(number, corner_xy, within[inside], int((around & ~deep).sum()))


def _final_counts(
    most: int, pool: dict[int, list[_Crop]], how: Composition, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """People of each place when all have come; no place is asked for more than crops hold."""
    fullest = next(people for people in range(len(pool) + 1) if people + 1 not in pool)
    places = how.grid[0] * how.grid[1]
    if most > places * fullest:
        raise DatasetError(
            f"{most} people do not fit into {places} places: there are crops of up to {fullest} "
            "people; give more pictures or larger places"
        )
    weight = np.exp(rng.normal(0.0, how.unevenness, places))
    final = np.zeros(places, np.int64)
    while (missing := most - int(final.sum())) > 0:
        free = np.where(final < fullest, weight, 0.0)
        final = np.minimum(final + _apportion(free, missing), fullest)
    return final


def _fill(final: npt.NDArray[np.int64], count: int) -> list[int]:
    """People of each place when ``count`` have come, round by round and place by place."""
    tops = np.array([np.minimum(final, most) for most in (0, *ROUNDS, final.max())])
    gains = np.diff(tops, axis=0).reshape(-1)
    before = np.cumsum(gains) - gains
    came = np.clip(count - before, 0, gains).reshape(-1, len(final))
    filled: list[int] = came.sum(axis=0).tolist()
    return filled


def _apportion(weight: npt.NDArray[np.float64], count: int) -> npt.NDArray[np.int64]:
    """Whole numbers in proportion to ``weight`` that sum to ``count`` (largest remainders)."""
    exact = count * weight / max(float(weight.sum()), 1e-12)
    whole = np.floor(exact).astype(np.int64)
    rest = np.argsort(whole - exact, kind="stable")[: count - int(whole.sum())]
    whole[rest] += 1
    return whole


def _pick(
    pool: dict[int, list[_Crop]], people: int, shown: Sequence[_Crop], rng: np.random.Generator
) -> _Crop:
    """One of the more cleanly cut crops of so many people, of a picture not shown already."""
    seen = {crop.picture for crop in shown}
    fitting = sorted(pool[people], key=lambda crop: (crop.picture in seen, crop.spoilt))
    least = fitting[0].spoilt
    if people == 0:  # nobody, not even half a body
        best = sum(crop.spoilt == 0 for crop in fitting)
        return sorted(fitting, key=lambda crop: crop.spoilt)[int(rng.integers(best))]
    alike = sum(crop.picture not in seen and crop.spoilt <= least + 1 for crop in fitting)
    return fitting[int(rng.integers(max(alike, 1)))]


def _paste(crops: Sequence[_Crop], loaded: dict[int, Image], how: Composition) -> RampStep:
    width, height = how.place_wh
    picture = np.empty((how.picture_wh[1], how.picture_wh[0], 3), np.uint8)
    heads: list[HeadArray] = []
    for place, crop in enumerate(crops):
        row, column = divmod(place, how.grid[0])
        left, top = crop.corner_xy
        part = loaded[crop.picture][top : top + height, left : left + width]
        picture[row * height : (row + 1) * height, column * width : (column + 1) * width] = part
        heads.append(crop.heads_px + np.array([column * width, row * height], np.float32))
    return RampStep(picture, np.concatenate(heads).astype(np.float32))
