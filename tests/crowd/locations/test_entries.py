"""Numbers sent in: which count, for how long, and when two of them are a spike."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backend.core.locations import CountEntry, CountSource
from backend.core.trust import Trust
from backend.crowd.locations.entries import compute_spike, entry_part, newest_of_each
from backend.crowd.surge import Surge
from tests.builders import EPOCH

MANUAL, API, EDGE = CountSource.MANUAL, CountSource.API, CountSource.EDGE


def _entry(count: float, age_s: float = 0.0, source: CountSource = MANUAL) -> CountEntry:
    return CountEntry(source, count, EPOCH - timedelta(seconds=age_s))


@pytest.mark.parametrize(
    ("age_s", "trust"),
    [
        (0, Trust.ESTIMATED),
        (900, Trust.ESTIMATED),
        (901, Trust.UNKNOWN),
        (-30, Trust.ESTIMATED),
        (-31, Trust.UNKNOWN),
    ],
)
def test_a_number_counts_from_when_it_is_true_until_it_expires(age_s: float, trust: Trust) -> None:
    part = entry_part(_entry(120, age_s), 900.0, at=EPOCH)
    assert part.trust is trust
    assert (part.count, part.count_low, part.count_high) == (120, 120, 120)


def test_it_says_who_said_it_and_that_it_has_expired() -> None:
    assert entry_part(_entry(1, source=API), 900.0, at=EPOCH).trust_reason == (
        "Sent by another system."
    )
    assert entry_part(_entry(1, 1000), 900.0, at=EPOCH).trust_reason == (
        "Typed in by a person. It has expired: such a number counts for 15 min 00 s."
    )


def test_what_was_said_before_the_balance_was_corrected_is_old() -> None:
    before = entry_part(_entry(1, 60), 900.0, at=EPOCH, corrected_at=EPOCH)
    assert before.trust is Trust.UNKNOWN
    assert before.trust_reason.endswith("The balance of the lines has been corrected since.")
    assert entry_part(_entry(1), 900.0, at=EPOCH, corrected_at=EPOCH).trust is Trust.ESTIMATED


def test_the_newest_of_each_source_comes_first_whatever_the_order() -> None:
    old, new, edge = _entry(1, 60), _entry(2, 5), _entry(3, 90, EDGE)
    assert newest_of_each([edge, old, new], at=EPOCH) == {MANUAL: (new, old), EDGE: (edge,)}


def test_a_number_of_later_hides_none_of_now() -> None:
    now, later = _entry(1, 60), _entry(2, -600)
    assert newest_of_each([later, now], at=EPOCH) == {MANUAL: (now,)}
    assert newest_of_each([later, now], at=later.at) == {MANUAL: (later, now)}


@pytest.mark.parametrize(
    ("numbers", "spike"),
    [
        ((_entry(80), _entry(50, 300)), Surge(0.6, True)),
        ((_entry(9), _entry(5, 300)), Surge(0.8, False)),
        ((_entry(40), _entry(50, 300)), Surge(-0.2, True)),
        ((_entry(80), _entry(50, 901)), None),
        ((_entry(80, 901), _entry(50, 1000)), None),
        ((_entry(80),), None),
    ],
    ids=["rise", "few people", "fall", "before had expired", "expired", "the first"],
)
def test_two_numbers_in_force_one_after_the_other_may_be_a_spike(
    numbers: tuple[CountEntry, ...], spike: Surge | None
) -> None:
    assert compute_spike(numbers, 900.0, at=EPOCH) == spike


@pytest.mark.parametrize(
    ("age_s", "valid_s", "is_told"),
    [(299, 900.0, True), (301, 900.0, False), (19, 60.0, True), (21, 60.0, False)],
)
def test_a_rise_is_one_of_now_for_a_while(age_s: float, valid_s: float, is_told: bool) -> None:
    sent = (
        CountEntry(CountSource.MANUAL, 30, EPOCH),
        CountEntry(CountSource.MANUAL, 20, EPOCH - timedelta(seconds=30)),
    )
    found = compute_spike(sent, valid_s, at=EPOCH + timedelta(seconds=age_s))
    assert (found is not None) is is_told
