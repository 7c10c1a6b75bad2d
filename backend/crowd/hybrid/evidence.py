"""The density map as a witness: do boxes miss people, and does the map count them?

Evidence for `saturated` that is independent of the boxes (CROWD-SCIENCE section 5). It speaks of
the whole picture, as the survey of the detector does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backend.crowd.counting import PeopleWeights
from backend.crowd.hybrid.blend import MAP_EXPIRES_S
from backend.crowd.hybrid.place_count import NO_MAP_ERROR, PlaceSums, sum_boxes
from backend.crowd.hybrid.reading import HybridReading
from backend.crowd.reliability import MapStanding

EXCESS_PEOPLE = 10.0
"""The map shows far more than the boxes where the lower end of its interval lies this far above
the upper end of theirs, people."""

CARRIES = (0.6, 0.8)
"""Share of the people whom boxes miss, by the map, that has to lie where the map counts: it
carries the crowd from the upper number on and down to the lower."""

CARRIES_UNASKED = (0.3, 0.5)
"""The same where only the map sees more, not the survey: less is at stake, and a crowd that is
just growing into the band must not be called "at least" for a second."""

ACCOUNTS_FOR = (0.25, 0.4)
"""The same of the people whom the survey says may have been missed, against what the map adds.
On 31 ShanghaiTech images the map added 0.26 to 10 times as many, 0.5 and more in all but two."""

CLEAR_S = 10.0
"""Stream time for which live maps must show no such sign before it is lifted: added up over the
frames with a live map, so that time without one neither counts nor starts it afresh."""


@dataclass(frozen=True, slots=True)
class MapView:
    """What one frame's map says of the boxes.

    Attributes:
        sees_more: Far more people than the boxes count, in the whole picture.
        leaves_more: The same of the part of the picture where the map has no say.
        added: People it adds where it counts (once the shares have settled).
        left: People it would add where it does not.
    """

    sees_more: bool
    leaves_more: bool
    added: float
    left: float


def compare_with_boxes(weights: PeopleWeights, hybrid: HybridReading, sums: PlaceSums) -> MapView:
    """Compare map and boxes, where the map counts and where it does not.

    Args:
        weights: How many people each of the N boxes stands for.
        hybrid: The map and where it counts.
        sums: Those of the whole picture.
    """
    whole, error = sums.by_map, sums.error
    shares = hybrid.shares if hybrid.wanted is None else hybrid.wanted
    still = hybrid.track_share if hybrid.track_wanted is None else hybrid.track_wanted
    left_boxes = sum_boxes(weights, still)
    carried = float(np.vdot(shares, hybrid.people))
    left = whole.people - carried
    # what is left errs as the whole does, by its part of the people
    left_low = left - left / max(whole.people, 1e-9) * whole.half_width(error)
    return MapView(
        sees_more=whole.low(error) - sums.boxes.high(NO_MAP_ERROR) >= EXCESS_PEOPLE,
        leaves_more=left_low - left_boxes.high(NO_MAP_ERROR) >= EXCESS_PEOPLE,
        added=max(carried - (sums.boxes.people - left_boxes.people), 0.0),
        left=max(left - left_boxes.people, 0.0),
    )


class MapWitness:
    """Remembers what the maps said of the boxes; quick to believe the worst, slow to forget.

    That the map shows far more than the boxes, also where it does not count, or a crowd denser
    than it was validated on, holds until live maps have said otherwise for 10 s of stream time;
    silence lifts nothing. That it carries the crowd ends with the map: it counts most of whom
    the boxes miss, leaves no crowd where it does not count, and accounts for what the survey
    saw where that calls the boxes saturated.
    """

    def __init__(self) -> None:
        self._sees_more = _SlowlyLifted()
        self._is_beyond = _SlowlyLifted()
        self._leaves_more = _SlowlyLifted()
        self._carries = False
        self._seen_at_s = 0.0

    def update(
        self,
        weights: PeopleWeights,
        hybrid: HybridReading | None,
        sums: PlaceSums,
        *,
        is_saturated: bool,
        missed_high: float,
        total_s: float,
    ) -> MapStanding:
        """Take one frame.

        Args:
            weights: How many people each of the N boxes stands for.
            hybrid: None without a map.
            sums: Those of the whole picture, by `place_count.sum_place`.
            is_saturated: By the detector's own survey its boxes are saturated.
            missed_high: People who may have been missed, by the detector's own survey: the worst
                while it calls the boxes saturated.
            total_s: Stream time over all segments.
        """
        # of a longer time than a map holds, one map says nothing
        lived_s = min(total_s - self._seen_at_s, MAP_EXPIRES_S)
        self._seen_at_s = total_s
        if hybrid is None or not hybrid.is_live:
            self._carries = False
            return MapStanding(self._sees_more.holds, self._carries, self._is_beyond.holds)
        view = compare_with_boxes(weights, hybrid, sums)
        self._sees_more.update(view.sees_more, lived_s)
        self._is_beyond.update(hybrid.is_beyond, lived_s)
        self._leaves_more.update(view.leaves_more, lived_s)
        which = 0 if self._carries else 1
        most = (CARRIES if is_saturated else CARRIES_UNASKED)[which]
        self._carries = (
            view.added > 0
            and not self._leaves_more.holds
            and view.added >= most * (view.added + view.left)
        )
        if is_saturated:
            # what the survey saw must be somewhere on the map, and where it counts
            self._carries &= view.added >= ACCOUNTS_FOR[which] * missed_high
        return MapStanding(self._sees_more.holds, self._carries, self._is_beyond.holds)


class _SlowlyLifted:
    """A sign that holds at once, and until live maps have not shown it for `CLEAR_S`."""

    def __init__(self) -> None:
        self.holds = False
        self._absent_s: float | None = None

    def update(self, is_seen: bool, lived_s: float) -> None:
        """Take a frame with a live map.

        Args:
            is_seen: Whether the map shows the sign.
            lived_s: Stream time for which this map speaks, since the frame before.
        """
        if is_seen:
            self.holds, self._absent_s = True, None
        elif self.holds:
            self._absent_s = 0.0 if self._absent_s is None else self._absent_s + lived_s
            self.holds = self._absent_s < CLEAR_S
