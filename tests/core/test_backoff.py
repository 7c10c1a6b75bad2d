"""Waiting times between attempts."""

from __future__ import annotations

import pytest

from backend.core.backoff import Backoff, BackoffParams
from tests.builders import ManualClock


def test_grows_up_to_the_cap(manual_clock: ManualClock) -> None:
    backoff = Backoff(manual_clock)
    assert [backoff.failed() for _ in range(8)] == [1, 2, 4, 8, 16, 30, 30, 30]
    assert backoff.failures == 8


def test_a_short_recovery_changes_nothing(manual_clock: ManualClock) -> None:
    backoff = Backoff(manual_clock, BackoffParams(healthy_s=30))
    for _ in range(4):
        backoff.failed()
    backoff.succeeded()
    manual_clock.advance(29)
    backoff.succeeded()
    assert backoff.failed() == 16


def test_sustained_health_forgets(manual_clock: ManualClock) -> None:
    backoff = Backoff(manual_clock, BackoffParams(healthy_s=30))
    for _ in range(4):
        backoff.failed()
    backoff.succeeded()
    manual_clock.advance(30)
    assert backoff.failed() == 1


def test_health_counts_from_its_first_sign(manual_clock: ManualClock) -> None:
    backoff = Backoff(manual_clock, BackoffParams(healthy_s=30))
    backoff.failed()
    for _ in range(31):
        backoff.succeeded()
        manual_clock.advance(1)
    assert backoff.failures == 0


def test_a_failure_ends_health(manual_clock: ManualClock) -> None:
    backoff = Backoff(manual_clock, BackoffParams(healthy_s=30))
    backoff.succeeded()
    manual_clock.advance(20)
    backoff.failed()
    backoff.succeeded()
    manual_clock.advance(20)
    assert backoff.failed() == 2


def test_reset(manual_clock: ManualClock) -> None:
    backoff = Backoff(manual_clock)
    backoff.failed()
    backoff.failed()
    backoff.reset()
    assert backoff.failed() == 1


def test_very_many_failures_stay_at_the_cap(manual_clock: ManualClock) -> None:
    backoff = Backoff(manual_clock, BackoffParams(first_s=0.5, factor=3, cap_s=60))
    assert {backoff.failed() for _ in range(5000)} == {0.5, 1.5, 4.5, 13.5, 40.5, 60.0}


@pytest.mark.parametrize(
    "fields", [{"first_s": 0.0}, {"factor": 0.5}, {"cap_s": 0.5}, {"healthy_s": -1.0}]
)
def test_nonsense_is_refused(fields: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="expected first_s"):
        BackoffParams(**fields)
