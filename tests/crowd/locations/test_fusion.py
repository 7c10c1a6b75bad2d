"""Which number is the location's count: the table of docs/methods/locations.md, row by row."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.locations import CountPart, CountSource
from backend.core.trust import Trust
from backend.crowd.locations.fusion import (
    Number,
    Numbers,
    balance_notice,
    choose,
    entry_notice,
    interval_of,
    reason_of,
)
from tests.builders import EPOCH

CAMERA, LINE, MANUAL, API, EDGE = CountSource


def _number(
    source: CountSource,
    count: float,
    *,
    margin: float | None = 10.0,
    trust: Trust = Trust.ESTIMATED,
    age_s: float | None = 0.0,
) -> Number:
    part = CountPart(
        source,
        count,
        max(count - (margin or 0.0), 0.0),
        None if margin is None else count + margin,
        trust,
    )
    return Number(part, None if age_s is None else _ago(age_s))


def _ago(age_s: float) -> datetime:
    return EPOCH - timedelta(seconds=age_s)


def _camera(count: float = 100, trust: Trust = Trust.OK, **changes: object) -> Number:
    bounded: dict[str, object] = {} if trust is Trust.OK else {"margin": None}
    return _number(CAMERA, count, trust=trust, **(bounded | changes))  # type: ignore[arg-type]


def _said(count: float, source: CountSource = MANUAL, **changes: object) -> Number:
    return _number(source, count, margin=0.0, **changes)  # type: ignore[arg-type]


UNKNOWN, SATURATED = Trust.UNKNOWN, Trust.SATURATED

TABLE = {
    "nothing": (Numbers(), None),
    "cameras measure": (Numbers(_camera(100)), CAMERA),
    "lines do not correct cameras": (Numbers(_camera(100), _number(LINE, 400)), CAMERA),
    "a smaller number lowers nothing": (Numbers(_camera(100), entries=[_said(20)]), CAMERA),
    "a larger number raises": (Numbers(_camera(100), entries=[_said(120)]), MANUAL),
    "an old number raises nothing": (
        Numbers(_camera(100), entries=[_said(120, trust=UNKNOWN)]),
        CAMERA,
    ),
    "the largest of several sent in": (
        Numbers(_camera(100), entries=[_said(120), _said(130, API), _said(110, EDGE)]),
        API,
    ),
    "saturated: lines": (Numbers(_camera(100, SATURATED), _number(LINE, 140)), LINE),
    "saturated, lines say less": (Numbers(_camera(100, SATURATED), _number(LINE, 90)), CAMERA),
    "a part: lines": (Numbers(_camera(100), _number(LINE, 140), sees_all=False), LINE),
    "a part, lines say less": (Numbers(_camera(100), _number(LINE, 90), sees_all=False), CAMERA),
    "a part: sent in": (Numbers(_camera(100), entries=[_said(101)], sees_all=False), MANUAL),
    "lines alone": (Numbers(line=_number(LINE, 90)), LINE),
    "lines and a larger number": (Numbers(line=_number(LINE, 90), entries=[_said(95)]), MANUAL),
    "lines and a smaller number": (Numbers(line=_number(LINE, 90), entries=[_said(80)]), LINE),
    "sent in alone": (Numbers(entries=[_said(80), _said(70, API)]), MANUAL),
    "lost cameras, an older smaller number": (
        Numbers(_camera(100, UNKNOWN, age_s=60), entries=[_said(20, age_s=300)]),
        CAMERA,
    ),
    "lost cameras, a newer smaller number": (
        Numbers(_camera(100, UNKNOWN, age_s=60), entries=[_said(20, age_s=5)]),
        MANUAL,
    ),
    "lost cameras, lines say less": (
        Numbers(_camera(100, UNKNOWN, age_s=60), _number(LINE, 40)),
        CAMERA,
    ),
    "lost cameras, lines, a newer number": (
        Numbers(_camera(100, UNKNOWN, age_s=60), _number(LINE, 40), [_said(20, age_s=5)]),
        LINE,
    ),
    "nothing live: what was known last": (
        Numbers(_camera(100, UNKNOWN, age_s=3600), entries=[_said(20, trust=UNKNOWN, age_s=1800)]),
        MANUAL,
    ),
    "nothing live: cameras were last": (
        Numbers(_camera(100, UNKNOWN, age_s=60), entries=[_said(200, trust=UNKNOWN, age_s=1800)]),
        CAMERA,
    ),
    "only an old number": (Numbers(entries=[_said(20, trust=UNKNOWN, age_s=9000)]), MANUAL),
}


@pytest.mark.parametrize(("numbers", "source"), TABLE.values(), ids=TABLE)
def test_the_count(numbers: Numbers, source: CountSource | None) -> None:
    used = choose(numbers)
    assert (None if used is None else used.part.source) is source


def test_a_live_number_goes_before_an_equal_one_of_before() -> None:
    used = choose(Numbers(_camera(100, UNKNOWN, age_s=60), _number(LINE, 100)))
    assert used is not None and used.part.source is LINE


_COUNTS = st.floats(0, 1e4)
_ENTRIES = st.lists(
    st.tuples(st.sampled_from([MANUAL, API, EDGE]), _COUNTS, st.booleans()),
    max_size=3,
    unique_by=lambda row: row[0],
)


@given(_COUNTS, st.none() | _COUNTS, _ENTRIES, st.booleans(), st.sampled_from(list(Trust)))
def test_what_is_sent_in_never_lowers_what_cameras_measure(
    seen: float,
    line: float | None,
    rows: list[tuple[CountSource, float, bool]],
    sees_all: bool,
    trust: Trust,
) -> None:
    entries = [
        _said(count, source, trust=Trust.ESTIMATED if is_live else UNKNOWN, age_s=60)
        for source, count, is_live in rows
    ]
    camera = _camera(seen, trust)
    numbers = Numbers(camera, None if line is None else _number(LINE, line), entries, sees_all)
    used = choose(numbers)
    assert used is not None and used.part.count >= seen
    low, high = interval_of(used, numbers)
    assert low <= used.part.count
    assert high is None or high >= used.part.count


@given(_COUNTS, _ENTRIES, st.permutations([0, 1, 2]))
def test_the_order_of_what_was_sent_in_is_nothing(
    seen: float, rows: list[tuple[CountSource, float, bool]], order: list[int]
) -> None:
    entries = [_said(count, source) for source, count, _ in rows]
    mixed = [entries[at] for at in order if at < len(entries)]
    assert choose(Numbers(_camera(seen), entries=entries)) == choose(
        Numbers(_camera(seen), entries=mixed)
    )


class TestInterval:
    def test_of_cameras_that_see_a_part_there_is_no_upper_end(self) -> None:
        numbers = Numbers(_camera(100), sees_all=False)
        assert interval_of(_used(numbers), numbers) == (90, None)

    def test_a_raised_number_keeps_what_the_cameras_cannot_rule_out(self) -> None:
        numbers = Numbers(_camera(100, margin=50), entries=[_said(120)])
        assert interval_of(_used(numbers), numbers) == (120, 150)
        lost = Numbers(_camera(100, margin=None), entries=[_said(120)])
        assert interval_of(_used(lost), lost) == (120, None)

    def test_lines_say_no_less_than_what_is_seen_for_certain(self) -> None:
        numbers = Numbers(_camera(100), _number(LINE, 140, margin=80), sees_all=False)
        assert interval_of(_used(numbers), numbers) == (90, 220)


def _used(numbers: Numbers) -> Number:
    used = choose(numbers)
    assert used is not None
    return used


def test_it_says_what_the_cameras_count_where_another_number_is_used() -> None:
    numbers = Numbers(_camera(100, SATURATED), _number(LINE, 140))
    assert reason_of(_used(numbers), numbers) == "The cameras count at least 100."
    part = Numbers(_camera(100), sees_all=False)
    assert reason_of(_used(part), part) == "The cameras see only a part of the place."


class TestBalanceNotice:
    @pytest.mark.parametrize(
        ("seen", "line", "sees_all", "is_told"),
        [
            (_camera(120), _number(LINE, 210), True, True),
            (_camera(120), _number(LINE, 210), False, False),
            (_camera(120), _number(LINE, 60), True, True),
            (_camera(120), _number(LINE, 60), False, True),
            (_camera(120), _number(LINE, 210, margin=90), True, False),
            (_camera(120, margin=1), _number(LINE, 125, margin=1), True, False),
            (_camera(120, SATURATED), _number(LINE, 210), True, False),
            (_camera(120, SATURATED), _number(LINE, 60), True, True),
            (_camera(120, UNKNOWN), _number(LINE, 60), True, False),
        ],
    )
    def test_told_where_both_cannot_be_right(
        self, seen: Number, line: Number, sees_all: bool, is_told: bool
    ) -> None:
        assert bool(balance_notice(line.part, seen.part, sees_all=sees_all)) is is_told

    def test_in_words(self) -> None:
        found = balance_notice(_number(LINE, 210).part, _camera(120).part, sees_all=True)
        assert found == (
            "The cameras count 120, the lines say 210: the balance has drifted; correct it."
        )


def test_who_passed_since_a_number_came_in_is_no_contradiction() -> None:
    line, said = _number(LINE, 260).part, _said(200).part
    assert entry_notice(line, said, balance_then=205) == ""
    assert entry_notice(line, said, balance_then=260).startswith("The lines said 260, 200 was")
    more = _said(300).part
    assert entry_notice(line, more, balance_then=260).endswith("correct the balance.")
    open_end = _number(LINE, 260, margin=None).part
    assert entry_notice(open_end, more, balance_then=260) == ""
