"""The evaluation protocol: what is computed from counted pictures, and for which groups of them.

Protocol, for every number in the tables:

* Every picture of the split counts, and every label, also those beyond the picture's border.
* A picture whose short side is below 512 pixels is enlarged to it, a longer one than 2048 pixels
  reduced to that; then its last row and column are continued to multiples of 16 pixels.
* One pass over the whole picture, no mirror image, no parts. The count is the sum of the whole
  map, that of the continued border included, unrounded.
* Where a dataset gives a region to count in, the map counts inside it only.
* MAE, RMSE (called MSE in the papers), bias and GAME over all pictures of a group alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backend.core.observation import CountError
from training.bands import BANDS
from training.counters import CountedPicture
from training.evaluation import score_counts
from training.interval import compute_interval
from training.regions import pool

GAME_LEVELS = (1, 2, 3)

PROTOCOL = (
    "all pictures and all labels; short side at least 512 px, long side at most 2048 px, border "
    "continued to multiples of 16 px; one pass, sum of the whole map, no rounding"
)
"""In one line, for tables and files."""


def describe_protocol(long_px: int | None) -> str:
    """Return `PROTOCOL`, or what takes its place where pictures are scaled as the server does."""
    if long_px is None:
        return PROTOCOL
    return (
        f"as the server counts: long side scaled to {long_px} px, padding left out; not the "
        "protocol published errors are measured by"
    )


@dataclass(frozen=True, slots=True)
class ResultRow:
    """What came of one group of pictures.

    Attributes:
        group: ``all`` or the band of true counts.
        pictures: How many.
        mean_true: Mean true count.
        mae, rmse, bias: People; bias is counted minus true.
        relative: Sum of the absolute errors over the sum of the true counts; None where nobody is.
        game: GAME(1), GAME(2), GAME(3), people.
        coverage: Share of pictures whose truth lies in the 90 % interval; None without a model
            of the error.
        width: Mean width of that interval, people.
    """

    group: str
    pictures: int
    mean_true: float
    mae: float
    rmse: float
    bias: float
    relative: float | None
    game: tuple[float, ...]
    coverage: float | None
    width: float | None


def summarise(counted: Sequence[CountedPicture], error: CountError | None) -> list[ResultRow]:
    """Return the row of all pictures and one for each band that has any.

    Args:
        counted: At least one picture.
        error: How far the counter says its counts err.

    Raises:
        ValueError: There is no picture.
    """
    if not counted:
        raise ValueError("nothing to summarise: the split holds no picture")
    rows = [_row("all", counted, error)]
    for band in BANDS:
        chosen = [each for each in counted if band.holds(each.true)]
        if chosen:
            rows.append(_row(band.name, chosen, error))
    return rows


def compute_game(counted: CountedPicture, level: int) -> float:
    """Return the grid-average error of one picture: absolute errors over 4^level regions, summed.

    Args:
        counted: The picture.
        level: 0 (the absolute error of the count) to 3.

    References:
        Guerrero-Gómez-Olmedo et al. 2015, Extremely Overlapping Vehicle Counting,
        doi:10.1007/978-3-319-19390-8_48, eq. 1. A cell of the map on a border is shared by area.

    Example:
        10 people counted left and none right where 4 and 6 are: GAME(0) = 0, GAME(1) = 12.
    """
    side = 2**level
    off = pool(counted.regions_counted - counted.regions_true, side, side)
    return float(np.abs(off).sum())


def _row(group: str, counted: Sequence[CountedPicture], error: CountError | None) -> ResultRow:
    found = np.array([each.counted for each in counted])
    true = np.array([each.true for each in counted])
    scores = score_counts(list(found), list(true))
    coverage = width = None
    if error is not None:
        low, high = compute_interval(error, found)
        coverage = float(((true >= low) & (true <= high)).mean())
        width = float((high - low).mean())
    return ResultRow(
        group=group,
        pictures=len(counted),
        mean_true=scores.mean_count,
        mae=scores.mae,
        rmse=scores.rmse,
        bias=scores.bias,
        relative=float(np.abs(found - true).sum() / true.sum()) if true.sum() else None,
        game=tuple(
            float(np.mean([compute_game(each, level) for each in counted])) for level in GAME_LEVELS
        ),
        coverage=coverage,
        width=width,
    )
