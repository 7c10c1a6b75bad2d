"""How far sums of a density map err: fitted where the truth is known, with 90 % coverage.

The server sums parts of a picture (zones), so the model must hold for parts too. It is fitted on
whole pictures and on their halves, quarters and sixteenths together.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from backend.core.observation import CountError
from backend.crowd.counting import Z_90
from training.bands import BANDS
from training.counters import CountedPicture
from training.regions import pool

Floats = npt.NDArray[np.float64]

COVERAGE = 0.9

SIZES: dict[str, tuple[tuple[int, int], ...]] = {
    "whole pictures": ((1, 1),),
    "halves": ((1, 2), (2, 1)),
    "quarters": ((2, 2),),
    "sixteenths": ((4, 4),),
}
"""Parts of a picture: rows and columns of the grids they are cut by."""

WHOLE = "whole pictures"

_SMALLEST_ERROR = 0.1
"""People: smaller errors are all alike, their logarithm says nothing."""

_STARTS = (
    CountError(own=0.5, common=0.1, least=1.0),
    CountError(own=1.0, common=0.05, least=0.5),
    CountError(own=0.2, common=0.3, least=2.0),
)
"""Where the search begins."""

_LIMITS = ((1e-3, 20.0), (1e-3, 3.0), (0.1, 50.0))
"""Smallest and largest own, common, least."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Parts of pictures, counted, beside the truth; all arrays are (N,).

    Attributes:
        counted, true: People.
        size: Number of the part's size in `SIZES`.
        picture: Number of the picture it belongs to.
        weight: Every size of every dataset weighs alike; sums to 1.
    """

    counted: Floats
    true: Floats
    size: npt.NDArray[np.int64]
    picture: npt.NDArray[np.int64]
    weight: Floats

    def select(self, wanted: npt.NDArray[np.bool_]) -> Parts:
        """Return some of them; the weights sum to 1 again."""
        weight = self.weight[wanted]
        return Parts(
            self.counted[wanted],
            self.true[wanted],
            self.size[wanted],
            self.picture[wanted],
            weight / weight.sum(),
        )


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """What the interval is worth for one group of parts.

    Attributes:
        group: Size of the parts, with dataset or band where it is one.
        parts: How many.
        coverage: Share whose truth lies inside, by models fitted without their picture.
        width: Mean width, people.
        mean_counted: Mean count, people.
    """

    group: str
    parts: int
    coverage: float
    width: float
    mean_counted: float


@dataclass(frozen=True, slots=True)
class FittedInterval:
    """A model of the error and what it is worth.

    Attributes:
        error: For the card.
        scale: Factor by which the fitted model was widened (or narrowed) for its coverage.
        pictures, folds: What it was fitted on; cross-validation in so many parts.
        coverage: Cross-validated, by size of part, dataset and band.
    """

    error: CountError
    scale: float
    pictures: int
    folds: int
    coverage: tuple[CoverageRow, ...]


def compute_standard_error(error: CountError, counted: Floats) -> Floats:
    """Return the standard error of every sum: ``hypot(own sqrt(n), common n, least)``.

    Example:
        own 1, common 0.1, least 2: a sum of 100 errs by sqrt(100 + 100 + 4) = 14.3.
    """
    people = np.maximum(counted, 0.0)
    return np.sqrt(error.own**2 * people + (error.common * people) ** 2 + error.least**2)


def compute_interval(error: CountError, counted: Floats) -> tuple[Floats, Floats]:
    """Return the ends of the 90 % interval of every sum; the lower end is never negative."""
    half = Z_90 * compute_standard_error(error, counted)
    return np.maximum(counted - half, 0.0), counted + half


def cut_parts(counted: Sequence[CountedPicture]) -> Parts:
    """Cut counted pictures into halves, quarters and sixteenths; the wholes are among the parts.

    Raises:
        ValueError: There is no picture.
    """
    if not counted:
        raise ValueError("the interval needs pictures to be fitted on, got none")
    found: list[tuple[float, float, int, int, str]] = []
    for number, each in enumerate(counted):
        for size, grids in enumerate(SIZES.values()):
            for rows, columns in grids:
                pairs = zip(
                    pool(each.regions_counted, rows, columns).flat,
                    pool(each.regions_true, rows, columns).flat,
                    strict=True,
                )
                found += [(sum_, true, size, number, each.dataset) for sum_, true in pairs]
    groups = [(dataset, size) for _, _, size, _, dataset in found]
    members = {group: groups.count(group) for group in set(groups)}
    weight = np.array([1.0 / members[group] for group in groups])
    return Parts(
        np.array([each[0] for each in found]),
        np.array([each[1] for each in found]),
        np.array([each[2] for each in found], np.int64),
        np.array([each[3] for each in found], np.int64),
        weight / weight.sum(),
    )


def fit_interval(counted: Sequence[CountedPicture], *, folds: int = 10) -> FittedInterval:
    """Fit the model of the error and measure its coverage on pictures it was not fitted on.

    The 90 % quantile of the absolute error is fitted as a function of the predicted number by
    quantile regression of its logarithm (Koenker & Bassett 1978, doi:10.2307/1913643), so that
    parts of 5 and of 500 people weigh alike. One factor then brings the coverage to 90 %, as in
    split conformal prediction (Lei et al. 2018, doi:10.1080/01621459.2017.1307116): the larger
    of what all parts together need and what whole pictures need.

    Args:
        counted: Pictures the network has not learned from; 20 at least.
        folds: Parts of the cross-validation, by picture; as many as pictures = leave one out.

    Raises:
        ValueError: Too few pictures, or folds below 2.
    """
    if len(counted) < 20:
        raise ValueError(
            f"a 90 % interval needs 20 validation pictures at least, got {len(counted)}: "
            "add datasets"
        )
    if folds < 2:
        raise ValueError(f"folds must be at least 2, got {folds}")
    parts = cut_parts(counted)
    error, scale = fit_error(parts)
    folds = min(folds, len(counted))
    low, high = _cross_validate(parts, counted, folds, start=error)
    rows = _coverage_rows(parts, counted, low, high)
    return FittedInterval(error, scale, len(counted), folds, tuple(rows))


def fit_error(parts: Parts, starts: Sequence[CountError] = _STARTS) -> tuple[CountError, float]:
    """Return the model of the error of ``parts``, already scaled, and the scale.

    Args:
        parts: At least one whole picture.
        starts: Where the search begins; the best of what is found from each is taken.
    """
    off = np.maximum(np.abs(parts.counted - parts.true), _SMALLEST_ERROR)
    own, common, least = _fit_quantile(parts, np.log(off), starts)
    fitted = CountError(own, common, least)
    ratio = off / (Z_90 * compute_standard_error(fitted, parts.counted))
    whole = parts.size == list(SIZES).index(WHOLE)
    pictures = int(whole.sum())
    # The (m + 1) / m of conformal prediction: the next picture is one more.
    wanted = min(COVERAGE * (pictures + 1) / pictures, 1.0)
    scale = max(
        _weighted_quantile(ratio, parts.weight, wanted),
        _weighted_quantile(ratio[whole], parts.weight[whole], wanted),
    )
    digits = 4  # beyond what a hundred pictures can tell
    widened = [round(each * scale, digits) for each in (own, common, least)]
    return CountError(*widened), scale


def _fit_quantile(
    parts: Parts, log_off: Floats, starts: Sequence[CountError]
) -> tuple[float, float, float]:
    low, high = np.log(np.array(_LIMITS)).T
    people = np.maximum(parts.counted, 0.0)

    def loss(logarithms: Floats) -> float:
        own, common, least = np.exp(np.clip(logarithms, low, high))
        spread = np.sqrt(own**2 * people + (common * people) ** 2 + least**2)
        beyond = log_off - np.log(Z_90 * spread)
        punished = np.where(beyond > 0, COVERAGE * beyond, (COVERAGE - 1) * beyond)
        return float((parts.weight * punished).sum())

    options = {"xatol": 1e-3, "fatol": 1e-7, "maxiter": 400}
    found = [
        minimize(
            loss,
            np.log(np.maximum([start.own, start.common, start.least], np.exp(low))),
            method="Nelder-Mead",
            options=options,
        )
        for start in starts
    ]
    best = min(found, key=lambda each: float(each.fun))
    own, common, least = np.exp(np.clip(best.x, low, high))
    return float(own), float(common), float(least)


def _weighted_quantile(values: Floats, weights: Floats, share: float) -> float:
    """Return the least value below or at which ``share`` of the weight lies."""
    order = np.argsort(values, kind="stable")
    cumulated = np.cumsum(weights[order]) / weights.sum()
    place = int(np.searchsorted(cumulated, share - 1e-12))
    return float(values[order][min(place, len(values) - 1)])


def _cross_validate(
    parts: Parts, counted: Sequence[CountedPicture], folds: int, *, start: CountError
) -> tuple[Floats, Floats]:
    """Intervals of every part by a model that knows nothing of its picture."""
    ranked = sorted(range(len(counted)), key=lambda number: _hash(counted[number]))
    fold = np.empty(len(counted), int)
    fold[ranked] = np.arange(len(counted)) % folds
    low, high = np.empty_like(parts.counted), np.empty_like(parts.counted)
    for each in range(folds):
        left_out = fold[parts.picture] == each
        error, _ = fit_error(parts.select(~left_out), (start,))
        low[left_out], high[left_out] = compute_interval(error, parts.counted[left_out])
    return low, high


def _hash(counted: CountedPicture) -> str:
    return hashlib.sha256(f"{counted.dataset}/{counted.name}".encode()).hexdigest()


def _coverage_rows(
    parts: Parts, counted: Sequence[CountedPicture], low: Floats, high: Floats
) -> list[CoverageRow]:
    inside = (parts.true >= low) & (parts.true <= high)
    width = high - low
    rows: list[CoverageRow] = []

    def add(group: str, chosen: npt.NDArray[np.bool_]) -> None:
        if chosen.any():
            rows.append(
                CoverageRow(
                    group,
                    int(chosen.sum()),
                    float(inside[chosen].mean()),
                    float(width[chosen].mean()),
                    float(parts.counted[chosen].mean()),
                )
            )

    datasets = np.array([each.dataset for each in counted])[parts.picture]
    for number, name in enumerate(SIZES):
        of_size = parts.size == number
        add(name, of_size)
        for dataset in sorted(set(datasets)):
            add(f"{name}, {dataset}", of_size & (datasets == dataset))
        for band in BANDS:
            in_band = np.array([band.holds(true) for true in parts.true])
            add(f"{name}, {band.name} people", of_size & in_band)
    return rows
