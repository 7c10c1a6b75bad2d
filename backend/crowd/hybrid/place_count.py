"""The count of a place by boxes and map together: sums that add up over places, then a count.

`sum_place` takes any selection of boxes and of cells (the whole picture, a monitored area, a
zone). The sums of two places without common ground add up to those of both (`+`), errors that
everybody shares included; `PlaceSums.count` turns them into a count with its interval.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from backend.core.frame import FloatArray
from backend.core.observation import CountError
from backend.crowd.counting import Z_90, CountEstimate, PeopleWeights, Tally
from backend.crowd.hybrid.reading import HybridReading
from backend.crowd.hybrid.shares import ShareMap

NO_MAP_ERROR = CountError(0.0, 0.0, 0.0)

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class BlendSums:
    """People of a place with one set of shares, and what their count may err.

    Attributes:
        boxes: People the boxes stand for, each by its share.
        variance: Sum of their variances, people².
        common: Sum of the errors they share, people.
        mapped: People of the map, each cell by its share.
        mapped_square: The same with squared shares: what averages out over people.
        in_use: Squared shares over the cells of the place, as part of the whole picture.
    """

    boxes: float = 0.0
    variance: float = 0.0
    common: float = 0.0
    mapped: float = 0.0
    mapped_square: float = 0.0
    in_use: float = 0.0

    @property
    def people(self) -> float:
        """People of the place."""
        return self.boxes + self.mapped

    def __add__(self, other: BlendSums) -> BlendSums:
        return BlendSums(
            self.boxes + other.boxes,
            self.variance + other.variance,
            self.common + other.common,
            self.mapped + other.mapped,
            self.mapped_square + other.mapped_square,
            self.in_use + other.in_use,
        )

    def half_width(self, error: CountError) -> float:
        """Half width of the 90 % interval, people.

        Variance ``V = Σ (1−w)² Var_i + (Σ (1−w) c_i)² + own² Σ w² m + (common Σ w m)² +
        least² A``: every box and the recall they share as in `counting.estimate_count`, the map
        as its error was measured, ``least`` by the part A of the picture that is in use.
        """
        return Z_90 * math.sqrt(
            self.variance
            + self.common**2
            + error.own**2 * self.mapped_square
            + (error.common * self.mapped) ** 2
            + error.least**2 * self.in_use
        )

    def low(self, error: CountError) -> float:
        """Lower end of the 90 % interval, people, not below 0."""
        return max(self.people - self.half_width(error), 0.0)

    def high(self, error: CountError) -> float:
        """Upper end of the 90 % interval, people."""
        return self.people + self.half_width(error)


@dataclass(frozen=True, slots=True)
class HybridCount:
    """How many people a place holds.

    Attributes:
        estimate: The count and its 90 % interval.
        boxes: People by boxes alone.
        by_map: People by the map alone; None where no live map is.
        map_share: Part of the count that comes from the map, in [0, 1]; 0 for nobody.
        tally: The same for windows that compare this count with earlier ones.
    """

    estimate: CountEstimate
    boxes: CountEstimate
    by_map: float | None
    map_share: float
    tally: Tally


@dataclass(frozen=True, slots=True)
class PlaceSums:
    """Everything that is added up over a place.

    Attributes:
        now: By the shares as they are.
        settled: By the shares as they will be when they have stopped moving.
        boxes: By boxes alone.
        by_map: By the map alone.
        seen: Chances of the boxes to be people, added up: who is certainly there.
        seen_variance: Variance of that, people².
        error: How far sums of the map err.
        is_live: The map says something of now.
    """

    now: BlendSums
    settled: BlendSums
    boxes: BlendSums
    by_map: BlendSums
    seen: float
    seen_variance: float
    error: CountError = NO_MAP_ERROR
    is_live: bool = False

    def __add__(self, other: PlaceSums) -> PlaceSums:
        return replace(
            self,
            now=self.now + other.now,
            settled=self.settled + other.settled,
            boxes=self.boxes + other.boxes,
            by_map=self.by_map + other.by_map,
            seen=self.seen + other.seen,
            seen_variance=self.seen_variance + other.seen_variance,
        )

    def count(self) -> HybridCount:
        """Return the count of the place.

        It lies between the count by boxes alone and by the map alone, so that it is never worse
        than the worse of them; and, where boxes count more, not below the people they surely
        see. The interval holds the counts now, unclamped, and where the shares will have come
        to rest.
        """
        alone, mapped = self.boxes.people, self.by_map.people
        surely = max(self.seen - Z_90 * math.sqrt(self.seen_variance), 0.0)
        boxes_low = min(max(self.boxes.low(NO_MAP_ERROR), surely), alone)
        boxes = CountEstimate(alone, boxes_low, self.boxes.high(NO_MAP_ERROR))
        by_map = mapped if self.is_live else None
        if self.now.in_use <= 0 and self.settled.in_use <= 0:
            return HybridCount(boxes, boxes, by_map, 0.0, Tally(alone, by_map))
        count = min(max(self.now.people, min(alone, mapped)), max(alone, mapped))
        count = max(count, min(surely, alone))
        ends = (self.now, self.settled)
        low = min(max(min(each.low(self.error) for each in ends), surely), count)
        high = max(count, *(each.high(self.error) for each in ends))
        share = min(self.now.mapped / self.now.people, 1.0) if self.now.people > 0 else 0.0
        apart = mapped - alone
        position = min(max((count - alone) / apart, 0.0), 1.0) if abs(apart) > 1e-6 else share
        tally = Tally(alone, by_map, position, count)
        return HybridCount(CountEstimate(count, low, high), boxes, by_map, share, tally)


def sum_place(
    weights: PeopleWeights,
    hybrid: HybridReading | None,
    *,
    tracks: BoolArray | None = None,
    cells: FloatArray | BoolArray | None = None,
) -> PlaceSums:
    """Add up the people of one place.

    Args:
        weights: How many people each of the N boxes stands for.
        hybrid: How boxes and map share the picture; None = boxes alone.
        tracks: (N,) bool, boxes that stand in the place; None = all.
        cells: (R, C), share of each cell's people who stand in the place, in [0, 1], or
            whether they do; None = all.

    Example:
        >>> three = PeopleWeights(np.ones(3), np.ones(3), 0.0)
        >>> sum_place(three, None, tracks=np.array([True, True, False])).count().estimate.count
        2.0
    """
    here = weights if tracks is None else weights.of(tracks)
    chance = here.chance
    seen, seen_variance = float(chance.sum()), float(chance @ (1 - chance))
    boxes = sum_boxes(here, np.ones(len(chance)))
    if hybrid is None:
        return PlaceSums(boxes, boxes, boxes, BlendSums(), seen, seen_variance)
    share, later = hybrid.track_share, hybrid.track_wanted
    part = None if cells is None else np.asarray(cells, np.float32)
    now = sum_boxes(here, share if tracks is None else share[tracks])
    now += _sum_cells(hybrid.people, hybrid.shares, part)
    settled = now
    if later is not None and hybrid.wanted is not None and hybrid.wanted is not hybrid.shares:
        settled = sum_boxes(here, later if tracks is None else later[tracks])
        settled += _sum_cells(hybrid.people, hybrid.wanted, part)
    return PlaceSums(
        now=now,
        settled=settled,
        boxes=boxes,
        by_map=_sum_cells(hybrid.people, None, part),
        seen=seen,
        seen_variance=seen_variance,
        error=hybrid.map_people.error,
        is_live=hybrid.is_live,
    )


def sum_boxes(weights: PeopleWeights, share: FloatArray) -> BlendSums:
    """Add up boxes that count by these shares, (N,) float64 in [0, 1]."""
    return BlendSums(
        boxes=float(share @ weights.people),
        variance=float(share**2 @ weights.variance),
        common=float(share @ weights.common_error),
    )


def _sum_cells(people: ShareMap, shares: ShareMap | None, part: ShareMap | None) -> BlendSums:
    """Cells that count by these shares; None = each wholly."""
    here = people if part is None else people * part
    if shares is None:
        mapped = float(here.sum(dtype=np.float64))
        size = float(people.size if part is None else part.sum())
        return BlendSums(mapped=mapped, mapped_square=mapped, in_use=size / people.size)
    square = shares * shares
    used = square if part is None else square * part
    return BlendSums(
        mapped=float(np.vdot(shares, here)),
        mapped_square=float(np.vdot(square, here)),
        in_use=float(used.sum()) / people.size,
    )
