"""Totals and flow of one measurement line, from the passages counted over it."""

from __future__ import annotations

from bisect import bisect_right, insort
from dataclasses import dataclass

FLOW_WINDOW_S = 60.0
MIN_FLOW_SPAN_S = 10.0
"""Below this time nobody says how many people come per second."""

_LATE_S = 5.0
"""A passage is told this much after the line itself was passed, at most: as long as a track is
remembered."""


@dataclass(frozen=True, slots=True)
class LineFlow:
    """Flow in one direction over the last minute, with its 90 % interval.

    Attributes:
        people: Passages in the window.
        span_s: Length of the window, at most 60 s.
        per_s, low, high: Flow, 1/s.
        specific_per_m_s: Flow per metre of width, 1/(m·s), None without a width.
    """

    people: int
    span_s: float
    per_s: float
    low: float
    high: float
    specific_per_m_s: float | None


class LineTally:
    """Counts the passages of one line: totals for ever, the last minute for the flow.

    A new segment forgets the minute and keeps the totals.

    Example:
        >>> tally = LineTally()
        >>> tally.begin(0.0)
        >>> tally.add(1, 4.0)
        >>> tally.total(1), tally.recent(1, 5.0), tally.recent(1, 20.0)
        (1, None, (1, 20.0))
    """

    def __init__(self) -> None:
        self._totals = {1: 0, -1: 0}
        self._recent_s: dict[int, list[float]] = {1: [], -1: []}
        self._began_s: float | None = None

    def begin(self, now_s: float) -> None:
        """A segment, or the line, begins at this stream time."""
        for times_s in self._recent_s.values():
            times_s.clear()
        self._began_s = now_s

    def add(self, direction: int, time_s: float) -> None:
        """Count somebody who passed in ``direction`` (+1 or -1) at this stream time."""
        self._totals[direction] += 1
        times_s = self._recent_s[direction]
        insort(times_s, time_s)
        del times_s[: bisect_right(times_s, time_s - FLOW_WINDOW_S - _LATE_S)]

    def total(self, direction: int) -> int:
        """People who passed in this direction since the tally was made."""
        return self._totals[direction]

    def recent(self, direction: int, now_s: float) -> tuple[int, float] | None:
        """People of the last minute in one direction, and the seconds they are of.

        Returns:
            None until 10 s of the segment have been seen.
        """
        if self._began_s is None:
            return None
        span_s = min(now_s - self._began_s, FLOW_WINDOW_S)
        if span_s < MIN_FLOW_SPAN_S:
            return None
        times_s = self._recent_s[direction]
        return len(times_s) - bisect_right(times_s, now_s - span_s), span_s

    def flow(self, direction: int, now_s: float, width_m: float | None) -> LineFlow | None:
        """Flow over the last minute in one direction (+1 or -1).

        The interval is Garwood's for a Poisson number: what the number of passages tells of the
        rate behind it. People missed by the detector are not part of it.

        Args:
            direction: +1 or -1.
            now_s: Stream time, seconds.
            width_m: Width of the passage for specific flow, None = not given.

        Returns:
            None until 10 s of the segment have been seen.

        References:
            Garwood 1936, Biometrika 28:437.
        """
        found = self.recent(direction, now_s)
        if found is None:
            return None
        people, span_s = found
        low, high = poisson_interval(people)
        per_s = people / span_s
        specific = None if width_m is None else per_s / width_m
        return LineFlow(people, span_s, per_s, low / span_s, high / span_s, specific)


def poisson_interval(people: int) -> tuple[float, float]:
    """90 % interval of the mean behind a Poisson count.

    Args:
        people: Counted, >= 0.

    Returns:
        Lower and upper end, people.

    References:
        Garwood 1936, Biometrika 28:437.

    Example:
        >>> low, high = poisson_interval(10)
        >>> round(low, 2), round(high, 2)
        (5.43, 16.96)
    """
    from scipy.special import gammaincinv  # noqa: PLC0415 - heavy

    low = float(gammaincinv(people, 0.05)) if people else 0.0
    return low, float(gammaincinv(people + 1, 0.95))
