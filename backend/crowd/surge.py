"""Surge of the count (CROWD-SCIENCE section 4)."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from backend.crowd.counting import Tally, median_tally

NOW_S = 30
BEFORE_S = 60
MIN_PEOPLE = 10.0
MIN_SECONDS_SEEN = 3
"""Seconds with a frame that each window needs; a camera polled every 5 s gives 6 and 12."""


@dataclass(frozen=True, slots=True)
class Surge:
    """Change of the count over the last minute and a half.

    Attributes:
        relative: (median of the last 30 s - median of the 60 s before) / the latter; 0.5 = half
            as many again.
        is_significant: At least 10 people, and one median lies outside the count interval
            of the other: the change is larger than the interval's margin.
    """

    relative: float
    is_significant: bool


def compute_surge(now: float, before: float, *, margin: float | None) -> Surge:
    """Relative change between two median counts.

    Args:
        now: Median count of the last 30 s.
        before: Median count of the 60 s before that.
        margin: How far the upper end of the 90 % interval lies above the count, people; None
            where there is no upper end (saturated): the change cannot be told from the error.

    Returns:
        The surge. Below one person before, one person is the divisor: 0 -> 20 people is a
        surge of 20, not an undefined one.

    Example:
        >>> compute_surge(160, 100, margin=30)
        Surge(relative=0.6, is_significant=True)
        >>> compute_surge(9, 6, margin=2).is_significant
        False
    """
    change = now - before
    significant = max(now, before) >= MIN_PEOPLE and margin is not None and abs(change) > margin
    return Surge(change / max(before, 1.0), significant)


def smaller_surge(retold: Surge, counted: Surge) -> Surge:
    """Return the smaller of one change told in two ways, certain only if both ways are.

    Example:
        >>> smaller_surge(Surge(0.67, True), Surge(0.01, False))
        Surge(relative=0.01, is_significant=False)
        >>> smaller_surge(Surge(1.67, True), Surge(0.6, True))
        Surge(relative=0.6, is_significant=True)
    """
    relative = min(counted.relative, retold.relative, key=abs)
    agree = retold.is_significant and counted.is_significant
    return Surge(relative, agree and retold.relative * counted.relative > 0)


class SurgeWindow:
    """Per-second medians of the count over the last 90 s of one segment.

    Where boxes and density map share the count, every second is kept as both tell it and as it
    was counted then. The past is retold at the share of the present: a hand-over from boxes to
    map is no surge, and a real surge during it is one. Seconds the map knows nothing of are left
    out then. The other way round boxes retell a past in which they could not tell people apart,
    so a surge must also show in what was counted then, and the smaller of the two is told.
    """

    def __init__(self) -> None:
        self._seconds: deque[tuple[int, Tally, float]] = deque()
        self._current: int | None = None
        self._counts: list[Tally] = []
        self._margins: list[float] = []
        self._surge: Surge | None = None

    def clear(self) -> None:
        """Forget everything (a new segment has begun)."""
        self._seconds.clear()
        self._current = None
        self._counts, self._margins = [], []
        self._surge = None

    def update(
        self, count: float | Tally, margin: float | None, *, stream_time_s: float
    ) -> Surge | None:
        """Take the count of one frame.

        Whole seconds are compared, each weighing the same whatever its number of frames, so
        the result changes once a second and does not depend on the frame rate.

        Args:
            count: Pedestrians now; a number is one of boxes alone.
            margin: Upper end of the count interval less the count; None without upper end.
            stream_time_s: Presentation time, seconds, not decreasing.

        Returns:
            None until 90 s have been seen.
        """
        second = int(stream_time_s // 1)
        if self._current is not None and second > self._current:
            position = self._counts[-1].position
            self._close_second(self._current)
            self._surge = self._compare(second, position)
        self._current = second
        self._counts.append(count if isinstance(count, Tally) else Tally(count))
        self._margins.append(np.inf if margin is None else margin)
        return self._surge

    def _close_second(self, second: int) -> None:
        self._seconds.append((second, median_tally(self._counts), max(self._margins)))
        self._counts, self._margins = [], []
        while self._seconds and self._seconds[0][0] < second - (NOW_S + BEFORE_S):
            self._seconds.popleft()

    def _compare(self, second: int, position: float) -> Surge | None:
        """Compare the two windows that end just before ``second``, both told at ``position``."""
        if not self._seconds or self._seconds[0][0] > second - (NOW_S + BEFORE_S):
            return None
        told = [(at, tally, tally.at(position), margin) for at, tally, margin in self._seconds]
        known = [
            (at, count, tally.count, margin)
            for at, tally, count, margin in told
            if count is not None
        ]
        now = [item[1:] for item in known if second - NOW_S <= item[0] < second]
        before = [
            item[1:] for item in known if second - NOW_S - BEFORE_S <= item[0] < second - NOW_S
        ]
        if min(len(now), len(before)) < MIN_SECONDS_SEEN:
            return None
        retold_now, counted_now, margin = np.median(now, axis=0).tolist()
        retold_before, counted_before, _ = np.median(before, axis=0).tolist()
        certain = None if np.isinf(margin) else margin
        return smaller_surge(
            compute_surge(retold_now, retold_before, margin=certain),
            compute_surge(counted_now, counted_before, margin=certain),
        )
