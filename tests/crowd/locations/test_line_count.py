"""What a balance is worth: interval, time not seen, drift below nobody."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.locations import CountPart, LineBalance
from backend.core.trust import Trust
from backend.crowd.locations.line_count import (
    MISSED_SHARE,
    MISSED_SPREAD,
    balance_margin,
    count_by_lines,
)
from tests.builders import EPOCH


def _count(
    base: float = 0.0,
    came: int = 0,
    went: int = 0,
    *,
    unseen_s: float = 0.0,
    seen: int = 2,
    after_s: float = 3600.0,
) -> CountPart:
    balance = LineBalance(base, came, went, EPOCH, unseen_s)
    return count_by_lines(balance, seen=seen, lines=2, at=EPOCH + timedelta(seconds=after_s))


def test_a_balance_just_corrected_is_what_was_said() -> None:
    found = _count(180)
    assert (found.count, found.count_low, found.count_high) == (180, 180, 180)
    assert found.trust is Trust.ESTIMATED and found.at == EPOCH


def test_it_errs_the_more_the_more_pass() -> None:
    found = _count(0, 300, 90)
    assert found.count == 210
    assert (round(found.count_low), round(found.count_high or 0)) == (149, 271)
    assert balance_margin(3000, 3000) > 10 * balance_margin(30, 30)


def test_the_margin_holds_the_truth_in_nine_of_ten_balances() -> None:
    """Made-up gates that miss as PETS09-S2L1's did, each direction at a share of its own."""
    random = np.random.default_rng(7)
    held = 0
    for _ in range(2000):
        came, went = random.integers(20, 400, 2)
        shares = np.clip(random.normal(MISSED_SHARE, MISSED_SPREAD, 2), 0.0, 0.9)
        seen_in, seen_out = random.binomial((came, went), 1 - shares)
        held += abs((came - went) - (seen_in - seen_out)) <= balance_margin(seen_in, seen_out)
    assert 0.85 <= held / 2000 <= 0.97


def test_a_short_time_unseen_widens_both_ends() -> None:
    found = _count(100, 30, 27, unseen_s=60.0, after_s=3660.0)
    margin = balance_margin(30, 27) + 1.0
    assert (found.count_low, found.count_high) == pytest.approx((103 - margin, 103 + margin))
    assert found.trust is Trust.DEGRADED
    assert found.trust_reason == (
        "For 1 min 00 s a line was not seen: who passed then is not counted."
    )


def test_after_a_long_time_unseen_nobody_says_what_the_most_is() -> None:
    assert _count(100, 30, 27, unseen_s=600.0).count_high is None
    assert _count(100, unseen_s=3600.0).count_low == 0


def test_lines_that_are_not_seen_tell_nothing_of_now() -> None:
    found = _count(100, unseen_s=1.0, seen=0)
    assert (found.trust, found.count, found.count_high) == (Trust.UNKNOWN, 100, None)
    assert found.trust_reason == "No line is seen now."


def test_fewer_than_nobody_is_nobody_and_says_so() -> None:
    found = _count(0, 3, 15)
    assert (found.count, found.count_low, found.trust) == (0, 0, Trust.DEGRADED)
    assert found.count_high is not None and found.count_high >= 0
    assert found.trust_reason == (
        "12 more have gone out than were inside: the balance has drifted; correct it."
    )


@given(
    st.floats(0, 1e4),
    st.integers(0, 10_000),
    st.integers(0, 10_000),
    st.floats(0, 4000),
    st.integers(0, 2),
)
def test_ends_hold_the_count(base: float, came: int, went: int, unseen_s: float, seen: int) -> None:
    found = _count(base, came, went, unseen_s=unseen_s, seen=seen)
    assert 0 <= found.count_low <= found.count
    assert found.count_high is None or found.count_high >= found.count


def test_it_says_from_what_it_counts_and_since_when() -> None:
    balance = LineBalance(120.0, 30, 10, EPOCH)
    at = EPOCH + timedelta(minutes=25)
    part = count_by_lines(balance, seen=1, lines=1, at=at)
    assert (part.count, part.trust) == (140, Trust.ESTIMATED)
    assert "since 120 were inside, 25 min 00 s ago" in part.trust_reason


def test_a_balance_nobody_has_begun_says_so_and_is_the_least() -> None:
    balance = LineBalance(0.0, 30, 10, EPOCH, is_corrected=False)
    part = count_by_lines(balance, seen=1, lines=1, at=EPOCH + timedelta(minutes=25))
    assert (part.count, part.count_high, part.trust) == (20, None, Trust.DEGRADED)
    assert part.trust_reason == (
        "Counted from nobody inside, 25 min 00 s ago; nobody has said how many were there: "
        "correct the balance."
    )
