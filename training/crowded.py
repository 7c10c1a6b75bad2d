"""Up to which density a counter may be believed: `crowded_per_cell` of its card.

Blocks of 4 x 4 cells of the map are sorted by what the map itself says of them, since nothing
else is known at run time. A counter that runs out of resolution gives ever less than the truth
where the crowd is densest: its densest blocks then hold far more people than it says.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from training.counters import Blocks, CountedPicture

TOLERANCE = 0.25
"""A class of blocks is in line while its people are counted with a relative error up to this."""

LEAST_BLOCKS, LEAST_PICTURES = 40, 5
"""Fewer say nothing of a density: one picture's crowd alone would decide."""

_EDGES = 0.05 * 2.0 ** (np.arange(0, 23) / 2)
"""People per cell: classes from 0.05, each the square root of 2 wider than the last."""


@dataclass(frozen=True, slots=True)
class DensityClass:
    """Blocks of about one density.

    Attributes:
        low, high: People per cell as counted, from and below.
        blocks, pictures: How many, and from how many pictures.
        bias: Counted over true people of all blocks together, less 1; infinite where nobody is.
        spread: Mean absolute error of a block over the mean true people in one; infinite where
            nobody is.
    """

    low: float
    high: float
    blocks: int
    pictures: int
    bias: float
    spread: float

    @property
    def is_in_line(self) -> bool:
        """Whether the class as a whole is counted right."""
        return abs(self.bias) <= TOLERANCE


def class_densities(counted: Sequence[CountedPicture]) -> list[DensityClass]:
    """Return the classes of blocks that have enough of them, thinnest first."""
    empty: Blocks = np.zeros((0, 2), np.float32)
    blocks = np.concatenate([empty, *(each.blocks for each in counted)])
    picture = np.repeat(np.arange(len(counted)), [len(each.blocks) for each in counted])
    classes = []
    for low, high in itertools.pairwise(_EDGES):
        chosen = (blocks[:, 0] >= low) & (blocks[:, 0] < high)
        pictures = len(set(picture[chosen].tolist()))
        if chosen.sum() < LEAST_BLOCKS or pictures < LEAST_PICTURES:
            continue
        found, true = blocks[chosen].astype(np.float64).T
        people = float(true.sum())
        classes.append(
            DensityClass(
                float(low),
                float(high),
                int(chosen.sum()),
                pictures,
                float(found.sum() / people - 1) if people else float("inf"),
                float(np.abs(found - true).sum() / people) if people else float("inf"),
            )
        )
    return classes


def choose_crowded_per_cell(classes: Sequence[DensityClass]) -> float:
    """Return the upper edge of the densest class up to which the counter stays in line.

    Thin classes may be out of line at first (a few people beside much background); the limit
    is the end of the unbroken run of classes in line that begins with the thinnest one in line.

    Args:
        classes: Thinnest first.

    Raises:
        ValueError: No class is in line: the counter is of no use at any density.
    """
    limit = None
    for each in classes:
        if each.is_in_line:
            limit = each.high
        elif limit is not None:
            break
    if limit is None:
        raise ValueError(
            "no density is counted with a relative error below "
            f"{TOLERANCE:.0%}: train longer, or give more validation pictures"
        )
    return limit
