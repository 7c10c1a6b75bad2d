"""Errors of counts: by hand, and what holds for any counts."""

from __future__ import annotations

import doctest
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.services.spot_counts import rolling
from backend.services.spot_counts.rolling import FEW, WINDOW, Comparison, compute_rolling_error
from tests.builders import EPOCH


def compared(
    counted: int,
    measured: float,
    low: float | None = None,
    high: float | None = None,
    *,
    minute: int = 0,
    model: str = "yolo",
) -> Comparison:
    at = EPOCH + timedelta(minutes=minute)
    return Comparison(at, counted, measured, measured if low is None else low, high, model)


ANY = st.builds(
    lambda counted, measured, below, above, minute: compared(
        counted, measured, max(measured - below, 0.0), measured + above, minute=minute
    ),
    st.integers(0, 100_000),
    st.floats(0, 200_000),
    st.floats(0, 1000),
    st.floats(0, 1000),
    st.integers(0, 10_000),
)


def test_the_worked_example() -> None:
    assert doctest.testmod(rolling).failed == 0


def test_nobody_counted_is_unknown_and_never_zero() -> None:
    found = compute_rolling_error([])
    assert (found.n, found.window, found.is_few, found.models) == (0, WINDOW, True, ())
    assert (found.mean_error, found.mean_absolute_error, found.mean_absolute_percent) == (
        None,
        None,
        None,
    )
    assert (found.interval_coverage, found.since) == (None, None)


def test_too_many_and_too_few_cancel_in_the_mean_only() -> None:
    found = compute_rolling_error([compared(10, 14.0, high=14.0), compared(20, 16.0, high=16.0)])
    assert (found.mean_error, found.mean_absolute_error) == (0.0, 4.0)
    assert found.mean_absolute_percent == pytest.approx(30.0)
    assert found.interval_coverage == 0.0


def test_an_empty_picture_has_no_percentage() -> None:
    empty = compared(0, 1.2, 0.0, 3.0)
    assert (empty.difference, empty.error_percent, empty.is_inside) == (1.2, None, True)
    found = compute_rolling_error([empty, compared(10, 9.0, 8.0, 10.0)])
    assert (found.n, found.mean_absolute_percent) == (2, 10.0)
    assert compute_rolling_error([empty]).mean_absolute_percent is None


@pytest.mark.parametrize(
    ("counted", "is_inside"), [(32, False), (33, True), (38, True), (44, True), (45, False)]
)
def test_the_interval_is_as_people_read_it(counted: int, is_inside: bool) -> None:
    """33.2-43.9 reads "33-44": who counts 33 or 44 is told to be inside."""
    assert compared(counted, 38.4, 33.2, 43.9).is_inside is is_inside


def test_at_least_holds_any_number_above() -> None:
    assert compared(9000, 38.0, 33.0, None).is_inside
    assert not compared(32, 38.0, 33.0, None).is_inside


def test_only_the_newest_count() -> None:
    old = compared(10, 1000.0, minute=0, model="old")
    new = [compared(10, 11.0, 9.0, 12.0, minute=1 + k) for k in range(WINDOW)]
    found = compute_rolling_error([old, *new])
    assert (found.n, found.mean_error, found.models) == (WINDOW, 1.0, ("yolo",))
    assert found.since == EPOCH + timedelta(minutes=1)
    assert compute_rolling_error([old, *new], window=WINDOW + 1).models == ("yolo", "old")


def test_few_are_called_few() -> None:
    assert compute_rolling_error([compared(1, 1.0)] * (FEW - 1)).is_few
    assert not compute_rolling_error([compared(1, 1.0)] * FEW).is_few


@given(st.lists(ANY, min_size=1, max_size=60))
def test_what_holds_for_any_counts(comparisons: list[Comparison]) -> None:
    found = compute_rolling_error(comparisons)
    assert found.n == min(len(comparisons), WINDOW)
    assert found.mean_error is not None and found.mean_absolute_error is not None
    assert abs(found.mean_error) <= found.mean_absolute_error * (1 + 1e-9) + 1e-9
    assert found.interval_coverage is not None and 0.0 <= found.interval_coverage <= 1.0
    newest = sorted((one.at for one in comparisons), reverse=True)[:WINDOW]
    assert found.since == newest[-1]


@given(st.lists(ANY, min_size=1, max_size=WINDOW), st.randoms(use_true_random=False))
def test_the_order_does_not_matter_within_the_window(
    comparisons: list[Comparison], random: object
) -> None:
    shuffled = list(comparisons)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = compute_rolling_error(comparisons), compute_rolling_error(shuffled)
    assert one.mean_error == pytest.approx(other.mean_error)
    assert one.mean_absolute_error == pytest.approx(other.mean_absolute_error)
    assert one.interval_coverage == pytest.approx(other.interval_coverage)


@given(ANY)
def test_a_count_that_is_right_is_inside(one: Comparison) -> None:
    right = compared(round(one.measured), one.measured, one.low, one.high)
    assert right.is_inside
    assert abs(right.difference) <= 0.5
