"""Head positions from a density map, where heads stand far enough apart to be told one by one.

The rule, for a cell of the map:

1. Peak: no cell of the 3 x 3 block around it holds more people.
2. One person: the block holds `least_people` to `most_people`. Less is a suspicion, more are
   several heads run together, whose places the map does not tell.
3. It stands out: the mean of the block is at least `prominence` times the mean of the ring of
   16 cells around it; of both, what lies in the picture. In the middle of a dense crowd the map
   is a plateau whose maxima are chance.

The position is the block's centre of mass. What the rule finds of the labelled heads:
docs/methods/dense.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backend.core.frame import FloatArray

MapArray = npt.NDArray[np.float32]

_EARLIER = ((-1, -1), (-1, 0), (-1, 1), (0, -1))
_LATER = ((0, 1), (1, -1), (1, 0), (1, 1))
"""Neighbours (row, column) before and after a cell in reading order: of equal cells the first
is the peak."""

_REACH = 2
"""Cells from the peak to the ring."""


@dataclass(frozen=True, slots=True)
class HeadParams:
    """Limits of the rule.

    Attributes:
        least_people, most_people: What the 3 x 3 block of a single head may hold.
        prominence: Mean of the block relative to the mean of the ring around it.
    """

    least_people: float = 0.5
    most_people: float = 2.0
    prominence: float = 1.3


_DEFAULT = HeadParams()


def find_heads(people: MapArray, params: HeadParams = _DEFAULT) -> MapArray:
    """Return the heads that stand out one by one.

    Args:
        people: (R, C) float32, people per cell, not negative, finite.
        params: Limits of the rule.

    Returns:
        (K, 2) float32, positions (x, y) in cells from the map's upper left corner (the centre
        of cell (0, 0) is (0.5, 0.5)), the most prominent first; (0, 2) where nobody stands out.

    Example:
        A map of zeros with 0.8 in row 4, column 7 and 0.2 in column 8 gives one head at
        (7.7, 4.5).
    """
    near = _neighbours(people)
    is_peak = people > 0
    for each in _EARLIER:
        is_peak &= people > near[each]
    for each in _LATER:
        is_peak &= people >= near[each]
    block = _sum_of_square(people, 1)
    prominence = _prominence(people, block)
    is_one = (block >= params.least_people) & (block <= params.most_people)
    row, column = np.nonzero(is_peak & is_one & (prominence >= params.prominence))
    aside = sum(step * near[place, step] for place, step in near if step)
    down = sum(step * near[step, place] for step, place in near if step)
    mass = block[row, column]
    found = np.stack(
        [
            column + 0.5 + np.asarray(aside)[row, column] / mass,
            row + 0.5 + np.asarray(down)[row, column] / mass,
        ],
        axis=1,
    )
    order = np.argsort(-prominence[row, column], kind="stable")
    return np.asarray(found[order], np.float32).reshape(-1, 2)


def _neighbours(people: MapArray) -> dict[tuple[int, int], MapArray]:
    """Return the map moved by one cell each way; beyond the border there is nobody."""
    rows, columns = people.shape
    padded = np.pad(people, 1)
    return {
        (down, aside): padded[1 + down : 1 + down + rows, 1 + aside : 1 + aside + columns]
        for down, aside in (*_EARLIER, *_LATER)
    }


def _prominence(people: MapArray, block: FloatArray) -> FloatArray:
    """Return the mean of the 3 x 3 block of every cell relative to the mean of its ring."""
    seen = np.ones_like(people)
    block_cells = _sum_of_square(seen, 1)
    ring_cells = _sum_of_square(seen, _REACH) - block_cells
    ring = (_sum_of_square(people, _REACH) - block) / np.maximum(ring_cells, 1.0)
    # What rounding leaves of an empty ring is nobody.
    return (block / block_cells) / np.maximum(ring, 1e-6)


def _sum_of_square(people: MapArray, reach: int) -> FloatArray:
    """Return the sum of all cells at most ``reach`` rows and columns away, for every cell."""
    rows, columns = people.shape
    side = 2 * reach + 1
    padded = np.pad(people.astype(np.float64), reach)
    lines = np.sum([padded[row : row + rows] for row in range(side)], axis=0)
    total = np.sum([lines[:, column : column + columns] for column in range(side)], axis=0)
    return np.asarray(total, np.float64)
