"""Net inflow, time to capacity and egress time (CROWD-SCIENCE section 4)."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backend.core.calibration import Exit, ExitKind
from backend.core.frame import FloatArray
from backend.crowd.counting import Tally, median_tally

WINDOW_S = 60
MIN_SPAN_S = 20
MIN_SECONDS_SEEN = 5
"""Seconds with a known count that a slope needs; a camera polled every 5 s gives 5 in 20 s."""

MAX_AGE_S = 6
"""A slope whose newest known count is older, seconds, is no longer one of now."""

Z_90 = 1.6449
"""Standard normal quantile of a two-sided 90 % interval."""

COUNT_ERROR_LASTS_S = 10.0
"""How long the counter errs the same way, seconds (assumption: somebody hidden stays hidden for
about as long as it takes to walk out from behind others). A minute holds six errors."""

TURN_S = 20
"""The latest part of the window, seconds, asked whether the inflow has changed."""

MAX_CORRELATION = 0.9
"""Highest correlation of successive residuals believed."""

SPECIFIC_FLOW_PER_M_S = {ExitKind.LEVEL: 1.37, ExitKind.STAIRS: 1.10}
"""People per metre of clear width and second: 82 and 66 persons/m/min (Guide to Safety at Sports
Grounds)."""


@dataclass(frozen=True, slots=True)
class NetInflow:
    """Change of the number of people per second, with its 90 % interval; negative = they leave."""

    per_s: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Span:
    """A time to something, seconds, with its 90 % interval; ``high_s`` None = no upper end."""

    value_s: float
    low_s: float
    high_s: float | None


class InflowWindow:
    """Least-squares slope of the count over the last 60 s of one segment.

    Whole seconds enter, each by the median of its frames, so the result changes once a second
    and does not depend on the frame rate. A second in which the count had no upper end
    (saturated) counts as not seen: an inflow cannot be read off a counter that is full.

    Where boxes and density map share the count, the past is retold at the share of the present
    and also taken as it was counted then, as in `surge.SurgeWindow`: the smaller slope is told,
    so that a hand-over from one to the other is no inflow, and the interval holds both.
    """

    def __init__(self) -> None:
        self._seconds: deque[tuple[int, Tally, float]] = deque()
        self._current: int | None = None
        self._position = 0.0
        self._counts: list[Tally] = []
        self._margins: list[float] = []
        self._inflow: NetInflow | None = None

    def clear(self) -> None:
        """Forget everything (a new segment has begun)."""
        self._seconds.clear()
        self._current = None
        self._position = 0.0
        self._counts, self._margins = [], []
        self._inflow = None

    def update(
        self, count: float | Tally, margin: float | None, stream_time_s: float
    ) -> NetInflow | None:
        """Take the count of one frame.

        Args:
            count: Pedestrians now; a number is one of boxes alone.
            margin: Upper end of the count interval less the count; None without upper end.
            stream_time_s: Presentation time, seconds; one that runs backwards starts afresh.

        Returns:
            Net inflow; None until the seconds with a known count span 20 s, and from 6 s after
            the last of them on.
        """
        second = math.floor(stream_time_s)
        if self._current is not None and second < self._current:
            self.clear()
        if self._current is not None and second > self._current:
            self._close_second(self._current, now=second)
            self._inflow = self._fit(second)
        self._current = second
        tally = count if isinstance(count, Tally) else Tally(count)
        self._position = tally.position
        if margin is not None:
            self._counts.append(tally)
            self._margins.append(margin)
        return self._inflow

    def _close_second(self, second: int, *, now: int) -> None:
        if self._counts:
            median = median_tally(self._counts)
            self._seconds.append((second, median, float(np.median(self._margins))))
        self._counts, self._margins = [], []
        while self._seconds and self._seconds[0][0] < now - WINDOW_S:
            self._seconds.popleft()

    def _fit(self, now: int) -> NetInflow | None:
        told = [(at, tally, tally.at(self._position), m) for at, tally, m in self._seconds]
        known = [(at, count, tally.count, m) for at, tally, count, m in told if count is not None]
        if len(known) < MIN_SECONDS_SEEN or known[-1][0] < now - MAX_AGE_S:
            return None
        seconds, retold, counted, margins = np.array(known, np.float64).T
        if seconds[-1] - seconds[0] < MIN_SPAN_S:
            return None
        found = compute_net_inflow(seconds, retold, margins)
        if np.array_equal(retold, counted):
            return found
        return smaller_inflow(found, compute_net_inflow(seconds, counted, margins))


def compute_net_inflow(seconds: FloatArray, counts: FloatArray, margins: FloatArray) -> NetInflow:
    """Slope of the count with a 90 % interval.

    Two errors are added in quadrature. The scatter of the counts about the line, widened by the
    correlation of successive residuals. And the count's own margin, as an error that stays the
    same for about 10 s: it is not seen in the scatter when the counter errs slowly, and bends
    the slope all the more.

    The slope is the mean over the window. Where the last 20 s alone differ from it by more than
    the margin explains, the inflow is changing: the interval is stretched to take their slope in.

    Args:
        seconds: (K,) float64, seconds, increasing, K >= 3.
        counts: (K,) float64, people.
        margins: (K,) float64, half width of the 90 % interval of each count, people.

    Returns:
        Net inflow, people per second.

    References:
        Ordinary least squares; Bayley & Hammersley 1946, J. R. Stat. Soc. Suppl. 8:184 (variance
        of correlated errors).

    Example:
        >>> t = np.arange(60.0)
        >>> flow = compute_net_inflow(t, 100 + 0.5 * t, np.full(60, 10.0))
        >>> round(flow.per_s, 3), round(flow.low, 2), round(flow.high, 2)
        (0.5, 0.26, 0.74)
    """
    slope, square = _slope(seconds, counts)
    residual = counts - counts.mean() - slope * (seconds - seconds.mean())
    scatter = Z_90 * math.sqrt(_residual_variance(residual) / square)
    half = math.hypot(scatter, _margin_of_slope(seconds, margins))
    low, high = slope - half, slope + half
    recent = seconds >= seconds[-1] - TURN_S
    if MIN_SECONDS_SEEN <= int(recent.sum()) < seconds.size:
        latest, _ = _slope(seconds[recent], counts[recent])
        if abs(latest - slope) > _margin_of_slope(seconds[recent], margins[recent]):
            low, high = min(low, latest), max(high, latest)
    return NetInflow(slope, low, high)


def smaller_inflow(retold: NetInflow, counted: NetInflow) -> NetInflow:
    """Return the smaller of one inflow told in two ways; its interval takes in the other's slope.

    Example:
        >>> smaller_inflow(NetInflow(0.97, 0.7, 1.2), NetInflow(0.0, -0.2, 0.2))
        NetInflow(per_s=0.0, low=-0.2, high=0.97)
    """
    least, other = sorted((counted, retold), key=lambda inflow: abs(inflow.per_s))
    return NetInflow(least.per_s, min(least.low, other.per_s), max(least.high, other.per_s))


def _slope(seconds: FloatArray, counts: FloatArray) -> tuple[float, float]:
    """Least-squares slope, and the sum of squared distances from the mean time."""
    centred = seconds - seconds.mean()
    square = float((centred**2).sum())
    return float((centred * counts).sum()) / square, square


def _margin_of_slope(seconds: FloatArray, margins: FloatArray) -> float:
    """Half width the margins of the counts give a slope."""
    # K errors of variance s² give the slope s²/(K var t); only span/10 s of them are independent.
    errors = max(float(seconds[-1] - seconds[0]) / COUNT_ERROR_LASTS_S, 1.0)
    return math.sqrt(float((margins**2).mean()) / (errors * float(seconds.var())))


def _residual_variance(residual: FloatArray) -> float:
    """Variance about the line as it acts on the slope when successive residuals are alike."""
    everything = float((residual**2).sum())
    if everything <= 0:
        return 0.0
    alike = float((residual[1:] * residual[:-1]).sum()) / everything
    alike = min(max(alike, 0.0), MAX_CORRELATION)
    return everything / (residual.size - 2) * (1 + alike) / (1 - alike)


def time_to_capacity(
    count: float,
    limit: float | None,
    inflow: NetInflow | None,
    *,
    count_low: float | None = None,
    count_high: float | None = None,
) -> Span | None:
    """Seconds until the people limit is reached if the inflow stays as it is.

    ``t = (limit - N) / inflow``. The interval joins the ends of the inflow's interval with those
    of the count's, where given.

    Args:
        count: Pedestrians now.
        limit: People the place may hold; None = no limit is set.
        inflow: Net inflow, None while unknown.
        count_low: Lower end of the count's 90 % interval.
        count_high: Upper end of it; infinite when there is none ("at least").

    Returns:
        0 when the limit is reached already, whatever the inflow. None where it is not
        approached: no inflow known, nobody comes, or it cannot be told from standing still (less
        than half of what separates it from its lower end). No upper end where the inflow may
        be 0.

    Example:
        >>> time_to_capacity(100, 160, NetInflow(0.5, 0.25, 0.75))
        Span(value_s=120.0, low_s=80.0, high_s=240.0)
        >>> time_to_capacity(100, 160, NetInflow(0.5, -0.1, 1.1)).high_s is None
        True
        >>> time_to_capacity(100, 160, NetInflow(0.1, -0.5, 0.7)) is None
        True
    """
    if limit is None:
        return None
    most_room = limit - (count if count_low is None else count_low)
    least_room = limit - (count if count_high is None else count_high)
    if count >= limit:
        return Span(0.0, 0.0, _time_to_fill(most_room, inflow))
    if inflow is None or inflow.per_s <= 0 or inflow.per_s < (inflow.per_s - inflow.low) / 2:
        return None
    value = (limit - count) / inflow.per_s
    low = max(least_room, 0.0) / inflow.high
    return Span(value, low, _time_to_fill(most_room, inflow))


def _time_to_fill(room: float, inflow: NetInflow | None) -> float | None:
    """Longest time to fill ``room`` places; None where it may never be filled."""
    if room <= 0:
        return 0.0
    if inflow is None or inflow.low <= 0:
        return None
    return room / inflow.low


def egress_capacity(exits: Sequence[Exit], *, specific_flow: float | None = None) -> float:
    """People per second that pass all exits together.

    Args:
        exits: Ways out.
        specific_flow: Measured specific flow, 1/(m·s), used for every exit in place of the
            planning values; None = 1.37 on the level, 1.10 over stairs.

    Returns:
        1/s, 0 without exits.

    Example:
        >>> exits = [Exit(2.0), Exit(1.0, ExitKind.STAIRS)]
        >>> round(egress_capacity(exits), 2)
        3.84
    """
    return sum(
        way.width_m * (SPECIFIC_FLOW_PER_M_S[way.kind] if specific_flow is None else specific_flow)
        for way in exits
    )


def egress_time(
    count: float,
    count_low: float,
    count_high: float | None,
    exits: Sequence[Exit],
    *,
    specific_flow: float | None = None,
) -> Span | None:
    """Seconds to clear the place through its exits.

    ``T = N / sum(width · specific flow)``: people share the exits in proportion to their widths
    and none is blocked; the way to the exit and the time until people set off come on top.

    Args:
        count: Pedestrians now.
        count_low: Lower end of the count's 90 % interval.
        count_high: Upper end of it, None when there is none ("at least").
        exits: Ways out.
        specific_flow: Measured specific flow, 1/(m·s), in place of the planning values.

    Returns:
        Time with the interval of the count, without upper end where that has none; None without
        exits or where they pass nobody.

    References:
        Guide to Safety at Sports Grounds (Green Guide): 82 persons/m/min on the level, 66 over
        stairs.

    Example:
        >>> span = egress_time(274, 260, 290, [Exit(2.0)])
        >>> round(span.value_s, 1), round(span.low_s, 1), round(span.high_s, 1)
        (100.0, 94.9, 105.8)
    """
    per_s = egress_capacity(exits, specific_flow=specific_flow)
    if not per_s > 0:
        return None
    high_s = None if count_high is None else count_high / per_s
    return Span(count / per_s, count_low / per_s, high_s)
