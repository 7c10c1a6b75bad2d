"""Time to the limit, and what holding a gate would change."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.locations import TimeToLimit
from backend.crowd.capacity import NetInflow
from backend.crowd.locations.forecast import compute_time_to_limit, without_flow

HALF = NetInflow(0.5, 0.25, 0.75)


def test_room_by_inflow_with_the_interval_of_both() -> None:
    assert compute_time_to_limit(100, 90, 115, 160, HALF) == TimeToLimit(
        0.5, 0.25, 0.75, seconds=120, low_s=60, high_s=280
    )


def test_a_full_place_has_no_time_left_whatever_comes() -> None:
    found = compute_time_to_limit(160, 150, 170, 160, None)
    assert (found.inflow_per_s, found.seconds, found.low_s, found.high_s) == (None, 0, 0, None)


def test_at_least_so_many_may_be_the_limit_already() -> None:
    found = compute_time_to_limit(100, 90, None, 160, HALF)
    assert (found.seconds, found.low_s, found.high_s) == (120, 0, 280)


@pytest.mark.parametrize(
    ("count", "limit", "inflow"),
    [
        (100, None, HALF),
        (None, 160, HALF),
        (100, 160, None),
        (100, 160, NetInflow(-0.5, -0.75, -0.25)),
        (100, 160, NetInflow(0.1, -0.5, 0.7)),
    ],
)
def test_no_time_where_it_is_not_approached(
    count: float | None, limit: int | None, inflow: NetInflow | None
) -> None:
    found = compute_time_to_limit(count, count, count, limit, inflow)
    assert (found.seconds, found.low_s, found.high_s) == (None, None, None)
    assert found.inflow_per_s == (None if inflow is None else inflow.per_s)


def test_a_held_gate_takes_its_flow_off() -> None:
    held = without_flow(NetInflow(0.5, 0.5, 0.5), 0.4, 24)
    assert held.per_s == pytest.approx(0.1)
    # Garwood: 24 passages a minute are 16.5 to 33.8
    assert held.low == pytest.approx(0.5 - 33.75 / 60, abs=0.005)
    assert held.high == pytest.approx(0.5 - 16.55 / 60, abs=0.005)


def test_more_passages_tell_more_and_the_last_minute_is_taken_where_none_are_given() -> None:
    wide, narrow = without_flow(HALF, 0.4, 24), without_flow(HALF, 0.4, 2400)
    assert narrow.high - narrow.low < wide.high - wide.low
    assert without_flow(HALF, 0.4, None) == wide
    assert narrow.high - narrow.low == pytest.approx(0.5, abs=0.01)


def test_a_gate_nobody_came_through_may_still_have_brought_somebody() -> None:
    held = without_flow(HALF, 0.0, 0)
    assert held.per_s == 0.5
    assert held.low < HALF.low
    assert held.high == HALF.high


def test_a_flow_out_of_the_place_is_refused() -> None:
    with pytest.raises(ValueError, match="flow into the place, 1/s, >= 0"):
        without_flow(HALF, -0.1, 6)


@given(st.floats(-5, 5), st.floats(0, 3), st.floats(0, 3), st.floats(0, 5), st.integers(0, 500))
def test_the_interval_holds_the_value_and_is_never_narrower(
    per_s: float, down: float, up: float, flow: float, passages: int
) -> None:
    inflow = NetInflow(per_s, per_s - down, per_s + up)
    held = without_flow(inflow, flow, passages)
    assert held.low <= held.per_s <= held.high
    assert held.high - held.low >= inflow.high - inflow.low - 1e-9
