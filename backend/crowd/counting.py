"""From confirmed tracks to a count with an interval (CROWD-SCIENCE section 6)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backend.core.frame import FloatArray

Z_90 = 1.6449
"""Standard normal quantile of a two-sided 90 % interval."""

CROWDED_COVER = 0.3
"""A box counts as crowded when other boxes cover this share of it or more."""


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
    if n < 2:
        return np.zeros(n)
    x1, y1, x2, y2 = boxes_xyxy.T
    wide = np.minimum(x2[:, None], x2) - np.maximum(x1[:, None], x1)
    tall = np.minimum(y2[:, None], y2) - np.maximum(y1[:, None], y1)
    shared = np.clip(wide, 0, None) * np.clip(tall, 0, None)
    np.fill_diagonal(shared, 0.0)
    area = (x2 - x1) * (y2 - y1)
    return np.where(area > 0, shared.max(axis=1) / np.where(area > 0, area, 1.0), 0.0)


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
    if confidence.size == 0:
        return CountEstimate(0.0, 0.0, 0.0)
    p = np.interp(confidence, table.confidence, table.precision)
    r = table.recall(heights_px, is_crowded)
    count = float((p / r).sum())
    real = p * (1 - p)
    missed = p * (1 - r)
    shared = float((p / r**2).sum()) * table.uncertainty
    spread = Z_90 * math.sqrt(float(((real + missed) / r**2).sum()) + shared**2)
    seen_low = float(p.sum()) - Z_90 * math.sqrt(float(real.sum()))
    low = min(max(count - spread, seen_low, 0.0), count)
    return CountEstimate(count, low, count + spread)
