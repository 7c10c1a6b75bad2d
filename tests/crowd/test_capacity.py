from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.core.calibration import Exit, ExitKind
from backend.core.frame import FloatArray
from backend.crowd.capacity import (
    InflowWindow,
    NetInflow,
    Span,
    compute_net_inflow,
    egress_capacity,
    egress_time,
    time_to_capacity,
)
from backend.crowd.counting import Tally


def _fill(
    window: InflowWindow,
    seconds: float,
    *,
    rate_hz: float = 5.0,
    per_s: float = 0.5,
    margin: float | None = 5.0,
    start_s: float = 0.0,
) -> NetInflow | None:
    inflow = None
    for k in range(int(seconds * rate_hz) + 1):
        t = k / rate_hz
        inflow = window.update(100 + per_s * t, margin, start_s + t)
    return inflow


@settings(max_examples=40, deadline=None)
@given(st.sampled_from([1.0, 2.0, 5.0, 12.5, 25.0, 30.0]), st.floats(-2, 2))
def test_reads_a_steady_inflow_at_any_frame_rate(rate_hz: float, per_s: float) -> None:
    inflow = _fill(InflowWindow(), 70, rate_hz=rate_hz, per_s=per_s)
    assert inflow is not None
    assert inflow.per_s == pytest.approx(per_s, abs=1e-6)
    assert inflow.low < per_s < inflow.high


def test_needs_twenty_seconds() -> None:
    assert _fill(InflowWindow(), 20.0) is None
    assert _fill(InflowWindow(), 22.0) is not None


def test_looks_back_one_minute() -> None:
    window = InflowWindow()
    _fill(window, 300, per_s=1.0)
    still = None
    for k in range(62 * 5):
        still = window.update(400.0, 5.0, 300.2 + k / 5)
    assert still is not None
    assert still.per_s == pytest.approx(0, abs=1e-9)


def test_a_new_segment_clears_and_so_does_time_that_runs_backwards() -> None:
    window = InflowWindow()
    assert _fill(window, 30) is not None
    window.clear()
    assert _fill(window, 10) is None
    assert _fill(window, 30) is not None
    assert window.update(100, 5.0, 3.0) is None


def test_a_full_counter_gives_no_inflow_and_one_flash_of_it_costs_a_second() -> None:
    assert _fill(InflowWindow(), 60, margin=None) is None
    window = InflowWindow()
    _fill(window, 25)
    window.update(9000, None, 25.5)
    inflow = window.update(113, 5.0, 27.0)
    assert inflow is not None
    assert inflow.per_s == pytest.approx(0.5, abs=0.01)


def test_an_inflow_of_long_ago_is_not_shown_as_one_of_now() -> None:
    window = InflowWindow()
    assert _fill(window, 40) is not None
    assert window.update(120, None, 46.0) is not None
    assert window.update(120, None, 48.0) is None


def test_a_slowly_polled_camera_is_enough_and_a_stalled_one_goes_blank() -> None:
    window = InflowWindow()
    found = [window.update(100 + k, 5.0, 5.0 * k) for k in range(7)]
    assert found[4] is None
    assert found[5] is not None
    assert found[5].per_s == pytest.approx(0.2)
    assert window.update(100, 5.0, 500.0) is None


def test_the_interval_covers_the_truth_under_noise_that_lasts() -> None:
    rng = np.random.default_rng(1)
    seconds = np.arange(60.0)
    sigma, keep = 6.0, np.exp(-1 / 10)
    held = 0
    for _ in range(300):
        error = np.empty(60)
        error[0] = rng.normal(0, sigma)
        for k in range(1, 60):
            error[k] = keep * error[k - 1] + np.sqrt(1 - keep**2) * rng.normal(0, sigma)
        counts: FloatArray = 100 + 0.4 * seconds + error
        flow = compute_net_inflow(seconds, counts, np.full(60, 1.645 * sigma))
        held += flow.low <= 0.4 <= flow.high
    assert 0.87 <= held / 300 <= 0.99


def test_a_larger_margin_widens_the_interval() -> None:
    seconds = np.arange(40.0)
    narrow = compute_net_inflow(seconds, 50 + seconds, np.full(40, 2.0))
    wide = compute_net_inflow(seconds, 50 + seconds, np.full(40, 20.0))
    assert wide.high - wide.low == pytest.approx(10 * (narrow.high - narrow.low))


def test_an_inflow_that_turned_is_not_sure_of_itself() -> None:
    seconds = np.arange(60.0)
    turned = 100 + np.where(seconds < 40, 1.5 * seconds, 60 - 1.0 * (seconds - 40))
    flow = compute_net_inflow(seconds, turned, np.full(60, 4.0))
    assert flow.per_s > 0.5
    assert flow.low == pytest.approx(-1.0, abs=0.1)
    assert time_to_capacity(120, 160, flow) is None
    faster = 100 + np.where(seconds < 40, 0.2 * seconds, 8 + 2.0 * (seconds - 40))
    assert compute_net_inflow(seconds, faster, np.full(60, 4.0)).high == pytest.approx(2, abs=0.1)


def test_time_to_capacity() -> None:
    steady = NetInflow(0.5, 0.25, 0.75)
    assert time_to_capacity(100, 160, steady) == Span(120.0, 80.0, 240.0)
    uncertain = time_to_capacity(100, 160, steady, count_low=90, count_high=130)
    assert uncertain == Span(120.0, 40.0, 280.0)
    maybe_full = time_to_capacity(100, 160, steady, count_low=90, count_high=170)
    assert maybe_full is not None
    assert maybe_full.low_s == 0
    at_least = time_to_capacity(100, 160, steady, count_low=90, count_high=np.inf)
    assert at_least == Span(120.0, 0.0, 280.0)


def test_not_approached_is_none_not_a_long_time() -> None:
    assert time_to_capacity(100, 160, None) is None
    assert time_to_capacity(100, None, NetInflow(0.5, 0.25, 0.75)) is None
    assert time_to_capacity(100, 160, NetInflow(-0.5, -0.75, -0.25)) is None
    assert time_to_capacity(100, 160, NetInflow(0.0, -0.2, 0.2)) is None
    assert time_to_capacity(100, 160, NetInflow(0.09, -0.11, 0.29)) is None
    open_end = time_to_capacity(100, 160, NetInflow(0.11, -0.09, 0.31))
    assert open_end is not None
    assert open_end.high_s is None


def test_a_full_place_is_full_whatever_the_inflow() -> None:
    leaving = NetInflow(-0.5, -0.75, -0.25)
    assert time_to_capacity(160, 160, leaving) == Span(0.0, 0.0, 0.0)
    assert time_to_capacity(170, 160, None, count_low=150, count_high=190) == Span(0, 0, None)
    coming = time_to_capacity(170, 160, NetInflow(0.5, 0.25, 0.75), count_low=150, count_high=190)
    assert coming == Span(0.0, 0.0, 40.0)


def test_egress() -> None:
    exits = [Exit(2.0), Exit(1.5, ExitKind.STAIRS)]
    assert egress_capacity(exits) == pytest.approx(2 * 1.37 + 1.5 * 1.10)
    span = egress_time(439, 400, 480, exits)
    assert span is not None
    assert span.value_s == pytest.approx(100)
    assert span.low_s == pytest.approx(400 / 4.39)
    assert span.high_s == pytest.approx(480 / 4.39)
    assert egress_time(0, 0, 0, exits) == Span(0, 0, 0)


def test_egress_without_exits_or_upper_count() -> None:
    assert egress_time(100, 90, 110, []) is None
    assert egress_time(100, 90, 110, [Exit(2.0)], specific_flow=0.0) is None
    saturated = egress_time(137, 130, None, [Exit(1.0)])
    assert saturated is not None
    assert saturated.value_s == pytest.approx(100)
    assert saturated.high_s is None
    measured = egress_time(100, 100, 100, [Exit(1.0, ExitKind.STAIRS)], specific_flow=2.0)
    assert measured == Span(50, 50, 50)


@settings(max_examples=40, deadline=None)
@given(count=st.floats(0, 1e5), width=st.floats(0.5, 50), more=st.floats(0.1, 50))
def test_a_wider_exit_is_never_slower(count: float, width: float, more: float) -> None:
    one = egress_time(count, count, count, [Exit(width)])
    two = egress_time(count, count, count, [Exit(width), Exit(more, ExitKind.STAIRS)])
    assert one is not None
    assert two is not None
    assert two.value_s <= one.value_s


def test_a_hand_over_between_counters_is_no_inflow() -> None:
    window = InflowWindow()
    for t in range(70):
        found = window.update(Tally(40, 100, min(t / 60, 1)), 10, t)
    assert found is not None
    assert found.per_s == pytest.approx(0)
    for t in range(70, 131):
        found = window.update(Tally(40, 100 + 0.5 * (t - 70), 1), 10, t)
    assert found is not None
    assert found.per_s == pytest.approx(0.5, rel=0.05)


@pytest.mark.parametrize("at_s", range(104, 160, 4))
def test_a_hand_over_back_to_boxes_is_no_inflow(at_s: int) -> None:
    """100 people spread out from 100 s on; boxes saw 60 of them, and see all when it is done."""
    window = InflowWindow()
    for t in range(at_s):
        out = min(max((t - 100) / 15, 0.0), 1.0)
        found = window.update(Tally(60 + 40 * out, 100, 1 - out, 100), 15, t)
    assert found is not None
    assert found.per_s == pytest.approx(0)
    assert found.low < 0 < found.high
    assert time_to_capacity(100, 160, found) is None


def test_an_inflow_during_a_hand_over_back_is_the_smaller_of_both_and_may_be_the_larger() -> None:
    window = InflowWindow()
    for t in range(130):
        out = min(max((t - 100) / 15, 0.0), 1.0)
        people = 100 + 1.0 * max(t - 70, 0)
        found = window.update(Tally(people - 40 * (1 - out), people, 1 - out, people), 10, t)
    assert found is not None
    assert found.per_s == pytest.approx(1.0, rel=0.1)
    assert found.high > 1.5
    span = time_to_capacity(160, 220, found)
    assert span is not None
    assert span.value_s == pytest.approx(60, rel=0.1)
