from __future__ import annotations

import pytest

from backend.crowd.line_tally import LineTally, poisson_interval


@pytest.fixture
def tally() -> LineTally:
    tally = LineTally()
    tally.begin(100.0)
    return tally


def test_nobody_says_how_many_come_before_ten_seconds(tally: LineTally) -> None:
    tally.add(1, 104.0)
    assert LineTally().recent(1, 500.0) is None
    assert tally.recent(1, 109.9) is None
    assert tally.flow(1, 109.9, None) is None
    assert tally.recent(1, 110.0) == (1, 10.0)


def test_only_the_last_minute_flows_and_the_totals_stay(tally: LineTally) -> None:
    for second in range(100, 300, 2):
        tally.add(1 if second % 4 else -1, float(second))
    assert (tally.total(1), tally.total(-1)) == (50, 50)
    assert tally.recent(1, 300.0) == (15, 60.0)
    flow = tally.flow(-1, 300.0, 2.0)
    assert flow is not None
    assert (flow.people, flow.per_s, flow.specific_per_m_s) == (14, 14 / 60, 7 / 60)
    assert flow.low < flow.per_s < flow.high


def test_passages_may_be_told_out_of_order(tally: LineTally) -> None:
    for time_s in (161.0, 158.5, 160.5, 159.5):
        tally.add(1, time_s)
    assert tally.recent(1, 220.0) == (2, 60.0)


def test_a_new_segment_forgets_the_minute(tally: LineTally) -> None:
    tally.add(1, 105.0)
    tally.begin(0.0)
    assert tally.total(1) == 1
    assert tally.recent(1, 5.0) is None
    assert tally.recent(1, 30.0) == (0, 30.0)


def test_poisson_interval_is_garwoods() -> None:
    assert poisson_interval(0) == pytest.approx((0, 2.996), abs=1e-3)
    assert poisson_interval(1) == pytest.approx((0.0513, 4.744), abs=1e-3)
