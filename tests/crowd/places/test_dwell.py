from __future__ import annotations

import numpy as np
import pytest

from backend.crowd.places.dwell import StayLog

NOBODY = np.zeros(0, np.int64), np.zeros(0)


def _log(*stays: tuple[float, bool]) -> StayLog:
    log = StayLog(2)
    seconds, ended = zip(*stays, strict=True)
    log.add(np.zeros(len(stays), np.int64), np.array(seconds), np.array(ended))
    return log


def test_a_stay_worked_out_by_hand() -> None:
    """Six stays, two of them cut off and one going on.

    10 s: of 7, 1 ends: 6/7. 20 s: of 6, 2 end: 4/7. 25 s is cut off. 40 s: of 3, 1 ends: 8/21,
    below one half. 50 s is cut off, and at 60 s somebody is still inside: never below a tenth.
    """
    log = _log((10, True), (20, True), (20, True), (25, False), (40, True), (50, False))
    found = log.dwell(np.array([0]), np.array([60.0]))
    assert found.median_s[0] == pytest.approx(40, rel=0.01)
    assert np.isnan(found.p90_s[0])
    assert found.longest_s[0] == 60


def test_to_leave_out_who_is_inside_would_make_stays_short() -> None:
    """Three have left after a minute, seven wait for ten: nobody knows the median yet."""
    log = _log(*[(60.0, True)] * 3)
    found = log.dwell(np.zeros(7, np.int64), np.full(7, 600.0))
    assert np.isnan(found.median_s[0])
    assert found.longest_s[0] == 600
    assert log.dwell(*NOBODY).median_s[0] == pytest.approx(60, rel=0.01)


def test_without_anybody_cut_off_it_is_the_plain_quantile() -> None:
    stays = np.random.default_rng(3).lognormal(4, 1, 999)
    log = StayLog(1)
    log.add(np.zeros(999, np.int64), stays, np.ones(999, np.bool_))
    found = log.dwell(*NOBODY)
    ranked = np.sort(stays)
    assert found.median_s[0] == pytest.approx(ranked[499], rel=0.011)
    assert found.p90_s[0] == pytest.approx(ranked[899], rel=0.011)
    assert found.longest_s[0] == ranked[-1]


def test_recovers_the_truth_where_half_of_the_stays_are_cut_off() -> None:
    """Exponential stays of 100 s in the mean, cut off at random by as long ones."""
    random = np.random.default_rng(4)
    stays, cuts = random.exponential(100, 20_000), random.exponential(100, 20_000)
    log = StayLog(1)
    log.add(np.zeros(20_000, np.int64), np.minimum(stays, cuts), stays <= cuts)
    found = log.dwell(*NOBODY)
    assert found.median_s[0] == pytest.approx(100 * np.log(2), rel=0.04)
    assert found.p90_s[0] == pytest.approx(100 * np.log(10), rel=0.06)


def test_nobody_yet_is_not_known_and_moments_count() -> None:
    log = _log((0.0, True))
    found = log.dwell(*NOBODY)
    assert found.median_s.tolist() == pytest.approx([0.0, np.nan], nan_ok=True)
    assert found.longest_s.tolist() == pytest.approx([0.0, np.nan], nan_ok=True)


def test_zones_keep_their_stays_in_another_order() -> None:
    log = _log((30.0, True))
    found = log.rearranged(np.array([-1, 1, 0])).dwell(*NOBODY)
    assert found.longest_s.tolist() == pytest.approx([np.nan, np.nan, 30.0], nan_ok=True)
    assert found.median_s[2] == pytest.approx(30, rel=0.01)


def test_a_stay_of_months_is_kept() -> None:
    assert _log((9e6, True)).dwell(*NOBODY).longest_s[0] == 9e6
