"""When a place is full, as it is and with one gate held (docs/methods/locations.md)."""

from __future__ import annotations

import math

from backend.core.locations import TimeToLimit
from backend.crowd.capacity import NetInflow, time_to_capacity
from backend.crowd.line_tally import FLOW_WINDOW_S, poisson_interval


def compute_time_to_limit(
    count: float | None,
    count_low: float | None,
    count_high: float | None,
    limit: int | None,
    inflow: NetInflow | None,
) -> TimeToLimit:
    """Seconds until the limit is reached if the net inflow stays as it is.

    Args:
        count: People now; None = not known.
        count_low: Lower end of their 90 % interval.
        count_high: Upper end of it; None = "at least".
        limit: People the place may hold; None = not known.
        inflow: Net inflow; None while unknown.

    Returns:
        The inflow, and the time as `crowd.capacity.time_to_capacity` has it: 0 when the limit is
        reached, None where it is not approached. Without an upper end of the count the place
        may be full already: the lower end is 0.

    Example:
        >>> found = compute_time_to_limit(100, 90, 110, 160, NetInflow(0.5, 0.25, 0.75))
        >>> round(found.low_s), found.seconds, found.high_s
        (67, 120.0, 280.0)
        >>> compute_time_to_limit(100, 90, None, 160, NetInflow(0.5, 0.25, 0.75)).low_s
        0.0
    """
    span = None
    if count is not None:
        high = math.inf if count_high is None else count_high
        span = time_to_capacity(count, limit, inflow, count_low=count_low, count_high=high)
    return TimeToLimit(
        inflow_per_s=None if inflow is None else inflow.per_s,
        inflow_low=None if inflow is None else inflow.low,
        inflow_high=None if inflow is None else inflow.high,
        seconds=None if span is None else span.value_s,
        low_s=None if span is None else span.low_s,
        high_s=None if span is None else span.high_s,
    )


def without_flow(inflow: NetInflow, flow_per_s: float, passages: int | None) -> NetInflow:
    """Net inflow of a place if nobody came through one of its gates any more.

    ``inflow - flow``. The flow's own error is that of a Poisson number (Garwood 1936): what the
    passages counted tell of the rate behind them. Both errors are taken to be independent and
    added in quadrature. People the line misses are not in its flow: holding the gate then does
    more than is said here.

    Args:
        inflow: Net inflow of the place with the gate open.
        flow_per_s: People a second through the gate into the place, >= 0.
        passages: How many were counted to find that flow; None = those of the last minute.

    Returns:
        Net inflow without them, with its 90 % interval.

    Raises:
        ValueError: The flow is negative.

    Example:
        >>> held = without_flow(NetInflow(0.5, 0.3, 0.7), 0.4, 24)
        >>> round(held.per_s, 2), round(held.low, 2), round(held.high, 2)
        (0.1, -0.16, 0.34)
    """
    if flow_per_s < 0:
        raise ValueError(f"expected the flow into the place, 1/s, >= 0, got {flow_per_s}")
    counted = round(flow_per_s * FLOW_WINDOW_S) if passages is None else passages
    # where nobody has passed, the minute is what it was found in
    window_s = counted / flow_per_s if counted and flow_per_s > 0 else FLOW_WINDOW_S
    least, most = (people / window_s for people in poisson_interval(counted))
    per_s = inflow.per_s - flow_per_s
    low = per_s - math.hypot(inflow.per_s - inflow.low, most - flow_per_s)
    high = per_s + math.hypot(inflow.high - inflow.per_s, flow_per_s - least)
    return NetInflow(per_s, low, high)
