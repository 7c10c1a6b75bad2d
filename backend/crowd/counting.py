"""From confirmed tracks to a count with an interval (CROWD-SCIENCE section 6)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backend.core.frame import FloatArray
from backend.crowd.box_grid import overlap_candidates

Z_90 = 1.6449
"""Standard normal quantile of a two-sided 90 % interval."""

CROWDED_COVER = 0.3
"""A box counts as crowded when another box covers this share of it or more."""


@dataclass(frozen=True, slots=True)
class RecallTable:
    """Share of people a detector finds, by height and crowding.

    Attributes:
        heights_px: (B,) increasing person heights in pixels *of the network input*; between
            them recall is interpolated, outside it stays constant.
        free: (B,) recall of people standing clear of others, in (0, 1].
        crowded: (B,) recall of people partly covered by others, in (0, 1].
        uncertainty: Standard error of recall itself (one number: the error is shared by all
            people in a picture, it does not average out).
        confidence: (C,) increasing detector confidences.
        precision: (C,) share of tracked boxes of that confidence that are people.
        source: Where the numbers come from, for the methods page.
    """

    heights_px: tuple[float, ...]
    free: tuple[float, ...]
    crowded: tuple[float, ...]
    uncertainty: float
    confidence: tuple[float, ...]
    precision: tuple[float, ...]
    source: str

    def __post_init__(self) -> None:
        if not len(self.heights_px) == len(self.free) == len(self.crowded):
            raise ValueError("heights_px, free and crowded must be equally long")
        if len(self.confidence) != len(self.precision):
            raise ValueError("confidence and precision must be equally long")
        if not all(0 < recall <= 1 for recall in (*self.free, *self.crowded)):
            raise ValueError("recall must lie in (0, 1]")

    def recall(self, heights_px: FloatArray, is_crowded: npt.NDArray[np.bool_]) -> FloatArray:
        """Recall for people of these heights (network pixels), (N,) float64."""
        free = np.interp(heights_px, self.heights_px, self.free)
        crowded = np.interp(heights_px, self.heights_px, self.crowded)
        return np.where(is_crowded, crowded, free)


YOLO_RECALL = RecallTable(
    heights_px=(12.0, 18.0, 22.0, 27.0, 35.0),
    free=(0.35, 0.50, 0.73, 0.90, 0.95),
    crowded=(0.30, 0.35, 0.42, 0.50, 0.60),
    uncertainty=0.08,
    confidence=(0.10, 0.40, 0.55, 0.65, 0.80),
    precision=(0.80, 0.82, 0.89, 0.97, 0.99),
    source=(
        "recall measured: YOLO11n INT8 at 640 px with BoT-SORT on PETS09-S2L1, whole and shrunk "
        "1.5 to 3.2 times; below 18 px kept at 0.35 or more, where the truth is lower, because "
        "weighting by less would be noise. precision measured: the mean of PETS09-S2L1 and "
        "MOT17-04. uncertainty: assumption. See docs/methods/count.md"
    ),
)
"""Default for YOLO detectors."""

FALLBACK_RECALL = RecallTable(
    heights_px=(10.0, 15.0, 25.0, 40.0, 80.0),
    free=(0.25, 0.35, 0.50, 0.65, 0.80),
    crowded=(0.15, 0.25, 0.35, 0.50, 0.60),
    uncertainty=0.12,
    confidence=(0.25, 0.5, 0.7),
    precision=(0.6, 0.85, 0.95),
    source=(
        "assumption, drawn through two observations: 6 of 13 street pedestrians found in one "
        "pass over a 1080p picture, 8 to 9 in overlapping tiles"
    ),
)
"""Default for the reduced-accuracy fallback detector."""


PERFECT_RECALL = RecallTable(
    heights_px=(1.0,),
    free=(1.0,),
    crowded=(1.0,),
    uncertainty=0.0,
    confidence=(0.0, 1.0),
    precision=(1.0, 1.0),
    source="a detector that finds everybody and nothing else: analytic scenes and simulations",
)
"""For tracks that are the truth itself."""


@dataclass(frozen=True, slots=True)
class CountEstimate:
    """A count and its 90 % interval.

    Attributes:
        count: Estimated pedestrians.
        low, high: 90 % interval, ``low <= count <= high``; both equal to ``count`` for nobody.
    """

    count: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Tally:
    """One count told by both counters, so that it can be compared with earlier ones.

    Attributes:
        boxes: People by boxes alone.
        by_map: People by the density map alone, None where it says nothing of now.
        position: Where the count lies between the two, in [0, 1]: 0 = boxes, 1 = map.
        published: The count itself; None: as the two tell it at ``position``.
    """

    boxes: float
    by_map: float | None = None
    position: float = 0.0
    published: float | None = None

    @property
    def count(self) -> float:
        """The count as it was told then; by boxes where nothing else is known."""
        told = self.at(self.position) if self.published is None else self.published
        return self.boxes if told is None else told

    def at(self, position: float) -> float | None:
        """The count as it would be at another position; None where no map says so.

        Example:
            >>> Tally(40.0, 100.0).at(0.25), Tally(40.0).at(0.0), Tally(40.0).at(0.5)
            (55.0, 40.0, None)
        """
        if position <= 0:
            return self.boxes
        if self.by_map is None:
            return None
        return self.boxes + position * (self.by_map - self.boxes)


def median_tally(tallies: Sequence[Tally]) -> Tally:
    """Medians of several counts, at the position of the last.

    Args:
        tallies: At least one; the map's median is that of those in which it said something.

    Example:
        >>> median_tally([Tally(40.0, 90.0, 0.0), Tally(41.0), Tally(42.0, 100.0, 0.5)])
        Tally(boxes=41.0, by_map=95.0, position=0.5, published=41.0)
    """
    mapped = [tally.by_map for tally in tallies if tally.by_map is not None]
    return Tally(
        float(np.median([tally.boxes for tally in tallies])),
        float(np.median(mapped)) if mapped else None,
        tallies[-1].position,
        float(np.median([tally.count for tally in tallies])),
    )


@dataclass(frozen=True, slots=True)
class PeopleWeights:
    """How many people each box stands for, and how uncertain that is.

    Attributes:
        chance: (N,) float64, chance that the box is a person, in [0, 1].
        recall: (N,) float64, chance that such a person is found, in (0, 1].
        uncertainty: Standard error of recall, shared by all.
    """

    chance: FloatArray
    recall: FloatArray
    uncertainty: float

    @property
    def people(self) -> FloatArray:
        """(N,) float64, people each box stands for: ``p / r``."""
        return self.chance / self.recall

    @property
    def variance(self) -> FloatArray:
        """(N,) float64, people²: is the box a person, and how many like it were missed."""
        p, r = self.chance, self.recall
        return np.asarray((p * (1 - p) + p * (1 - r)) / r**2)

    @property
    def common_error(self) -> FloatArray:
        """(N,) float64, people: standard error that comes from the error of recall itself.

        It adds up linearly over people: everybody in a picture shares it.
        """
        return np.asarray(self.chance / self.recall**2 * self.uncertainty)

    def of(self, chosen: npt.NDArray[np.bool_] | npt.NDArray[np.int64]) -> PeopleWeights:
        """Return the weights of the boxes ``chosen``: (N,) bool, or (K,) int64 row numbers."""
        return PeopleWeights(self.chance[chosen], self.recall[chosen], self.uncertainty)

    def total(self) -> CountEstimate:
        """Add everybody up; all zero for N = 0 (see `estimate_count`)."""
        if self.chance.size == 0:
            return CountEstimate(0.0, 0.0, 0.0)
        p = self.chance
        count = float(self.people.sum())
        spread = Z_90 * math.hypot(
            math.sqrt(float(self.variance.sum())), float(self.common_error.sum())
        )
        seen_low = float(p.sum()) - Z_90 * math.sqrt(float((p * (1 - p)).sum()))
        low = min(max(count - spread, seen_low, 0.0), count)
        return CountEstimate(count, low, count + spread)


def people_weights(
    confidence: FloatArray,
    heights_px: FloatArray,
    is_crowded: npt.NDArray[np.bool_],
    *,
    table: RecallTable,
) -> PeopleWeights:
    """Weigh every box by the inverse chance of its being found.

    Args:
        confidence: (N,) float64, detector confidence in [0, 1].
        heights_px: (N,) float64, box heights in pixels of the network input.
        is_crowded: (N,) bool.
        table: What is known of the detector.

    Returns:
        N weights; none for N = 0.

    Example:
        >>> found = people_weights(np.array([0.9]), np.array([60.0]), np.array([False]),
        ...                        table=YOLO_RECALL)
        >>> found.people.round(3).tolist()
        [1.042]
    """
    return PeopleWeights(
        np.interp(confidence, table.confidence, table.precision),
        table.recall(heights_px, is_crowded),
        table.uncertainty,
    )


def covered_share(boxes_xyxy: FloatArray) -> FloatArray:
    """Share of each box covered by the other box that covers it most.

    Args:
        boxes_xyxy: (N, 4) float64, pixels.

    Returns:
        (N,) float64 in [0, 1]; 0 for a box of no area.

    Example:
        >>> covered_share(np.array([[0, 0, 10, 20], [5, 0, 15, 20.0]])).tolist()
        [0.5, 0.5]
    """
    n = boxes_xyxy.shape[0]
    share = np.zeros(n)
    if n < 2:
        return share
    first, second = overlap_candidates(boxes_xyxy)
    x1, y1, x2, y2 = np.ascontiguousarray(boxes_xyxy.T)
    wide = np.minimum(x2[first], x2[second]) - np.maximum(x1[first], x1[second])
    tall = np.minimum(y2[first], y2[second]) - np.maximum(y1[first], y1[second])
    overlap = (wide > 0) & (tall > 0)
    shared = (wide * tall)[overlap]
    for chosen in (first, second):
        np.maximum.at(share, chosen[overlap], shared)
    area = (x2 - x1) * (y2 - y1)
    return np.where(area > 0, share / np.where(area > 0, area, 1.0), 0.0)


def estimate_count(
    confidence: FloatArray,
    heights_px: FloatArray,
    is_crowded: npt.NDArray[np.bool_],
    *,
    table: RecallTable,
) -> CountEstimate:
    """Count people, correcting for those the detector misses.

    ``count = sum p_i / r_i`` where p_i is the chance that box i is a person and r_i the recall
    for a person of that height and crowding. The variance has three addends: whether each box
    is a person, ``sum p(1-p)/r²``; how many were missed, ``sum p(1-r)/r²``; and the error of r
    itself, ``(sum p/r² · se)²``, which all people share. The interval is normal; its lower end
    is never below the people actually seen, less their own uncertainty.

    Args:
        confidence: (N,) float64, detector confidence in [0, 1].
        heights_px: (N,) float64, box heights in pixels of the network input.
        is_crowded: (N,) bool.
        table: What is known of the detector.

    Returns:
        All zero for N = 0. That nobody was *found* does not show that nobody is there; whether
        the counter can see at all is judged by the saturation evidence, not here.

    References:
        Horvitz & Thompson 1952, J. Am. Stat. Assoc. 47:663 (weighting by the inverse chance of
        being observed); CROWD-SCIENCE section 6.

    Example:
        >>> sure = RecallTable((10.0,), (0.8,), (0.8,), 0.0, (0.0, 1.0), (1.0, 1.0), "example")
        >>> found = estimate_count(np.ones(8), np.full(8, 50.0), np.zeros(8, bool), table=sure)
        >>> found.count, round(found.low, 1), round(found.high, 1)
        (10.0, 8.0, 12.6)
    """
    return people_weights(confidence, heights_px, is_crowded, table=table).total()
