"""The balance of lines: baselines, restarts, redrawn and reversed lines, time not seen."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.locations import LineBalance, LineRef
from backend.core.places import LineReading
from backend.core.trust import Trust
from backend.crowd.locations.line_ledger import LineLedger, LineSight
from tests import builders
from tests.builders import EPOCH

GATE = LineRef(1, 1)
EXIT = LineRef(2, 1, is_reversed=True)
DRAWN = builders.counting_line()


def _sight(came: int, went: int, *, run: int = 1, trust: Trust = Trust.OK) -> LineSight:
    return LineSight(run, DRAWN, LineReading(1, came, went, trust))


def _blind(run: int = 1) -> LineSight:
    return LineSight(run, DRAWN, None)


class Gates:
    """A ledger and the time."""

    def __init__(self, *lines: LineRef, balance: LineBalance | None = None) -> None:
        self.ledger = LineLedger(balance)
        self.lines = lines or (GATE,)
        self.mono_s = 0.0

    def step(self, *sights: LineSight | None, seconds: float = 1.0) -> LineBalance:
        self.mono_s += seconds
        known = {
            line: sight
            for line, sight in zip(self.lines, sights, strict=False)
            if sight is not None
        }
        at = EPOCH + timedelta(seconds=self.mono_s)
        return self.ledger.update(self.lines, known, at=at, mono_s=self.mono_s)


def _passages(balance: LineBalance) -> tuple[int, int]:
    return balance.count_in, balance.count_out


def test_who_passed_before_it_began_is_no_part_of_the_balance() -> None:
    gates = Gates()
    assert _passages(gates.step(_sight(100, 40))) == (0, 0)
    assert _passages(gates.step(_sight(103, 41))) == (3, 1)


def test_a_balance_written_before_is_added_to_from_the_first_reading_on() -> None:
    kept = LineBalance(50.0, 10, 5, EPOCH, unseen_s=7.0)
    gates = Gates(balance=kept)
    assert gates.step(_sight(100, 40)) == kept
    assert gates.step(_sight(101, 40)).count == 56


def test_all_passages_of_a_run_that_begins_later_count() -> None:
    gates = Gates()
    gates.step(None)
    assert _passages(gates.step(_sight(4, 1))) == (4, 1)


def test_a_run_whose_first_reading_is_still_to_come_is_under_way() -> None:
    gates = Gates()
    gates.step(_blind())
    assert _passages(gates.step(_sight(30, 10))) == (0, 0)
    assert _passages(gates.step(_sight(31, 10))) == (1, 0)


@pytest.mark.parametrize(
    "after",
    [
        _sight(2, 1, run=2),
        LineSight(1, replace(DRAWN, end=(0.9, 0.5)), LineReading(1, 2, 1, Trust.OK)),
    ],
    ids=["new run", "redrawn"],
)
def test_a_new_run_and_a_redrawn_line_begin_again_from_nothing(after: LineSight) -> None:
    gates = Gates()
    gates.step(_sight(0, 0))
    gates.step(_sight(10, 4))
    assert _passages(gates.step(after)) == (12, 5)


def test_a_lower_reading_has_begun_again() -> None:
    gates = Gates()
    gates.step(_sight(0, 0))
    gates.step(_sight(10, 4))
    assert _passages(gates.step(_sight(3, 6))) == (13, 10)


def test_another_name_or_width_changes_nothing() -> None:
    gates = Gates()
    gates.step(_sight(10, 4))
    renamed = replace(DRAWN, name="North gate", colour="#ff0000", width_m=2.0)
    assert _passages(gates.step(LineSight(1, renamed, LineReading(1, 11, 4, Trust.OK)))) == (1, 0)


def test_in_over_a_reversed_line_is_out_of_the_place() -> None:
    gates = Gates(GATE, EXIT)
    gates.step(_sight(0, 0), _sight(0, 0))
    assert _passages(gates.step(_sight(5, 1), _sight(7, 2))) == (5 + 2, 1 + 7)


def test_turning_a_line_round_keeps_what_it_has_counted() -> None:
    gates = Gates(GATE)
    gates.step(_sight(0, 0))
    gates.step(_sight(5, 1))
    gates.lines = (replace(GATE, is_reversed=True),)
    assert _passages(gates.step(_sight(6, 1))) == (5, 2)


@pytest.mark.parametrize("gone", [None, _blind(), _sight(0, 0, trust=Trust.UNKNOWN)])
def test_time_in_which_a_line_is_not_seen_adds_up(gone: LineSight | None) -> None:
    gates = Gates(GATE, LineRef(2, 1))
    gates.step(_sight(0, 0), _sight(0, 0))
    assert gates.step(_sight(1, 0), _sight(0, 0), seconds=2.0).unseen_s == 0
    assert gates.step(_sight(1, 0), gone, seconds=2.5).unseen_s == 2.5
    assert gates.step(None, gone, seconds=1.5).unseen_s == 4.0, "two at once are one time"
    assert gates.step(_sight(1, 0), _sight(0, 0)).unseen_s == 4.0
    assert gates.ledger.seen == set(gates.lines)


def test_passages_before_the_line_was_lost_are_kept_and_those_after_it_is_back_added() -> None:
    gates = Gates()
    gates.step(_sight(0, 0))
    gates.step(_sight(8, 0))
    gates.step(None)
    assert _passages(gates.step(_sight(2, 0, run=2))) == (10, 0)


def test_a_correction_begins_anew_and_counts_on_from_the_same_reading() -> None:
    gates = Gates()
    gates.step(_sight(0, 0))
    gates.step(_sight(10, 4))
    gates.step(None, seconds=5.0)
    gates.ledger.correct(180.0, at=EPOCH + timedelta(seconds=60))
    assert gates.ledger.balance == LineBalance(180.0, 0, 0, EPOCH + timedelta(seconds=60))
    assert gates.step(_sight(12, 5)).count == 181


def test_a_line_that_comes_back_to_the_place_is_a_new_one() -> None:
    gates = Gates(GATE)
    gates.step(_sight(5, 0))
    gates.lines = (LineRef(2, 1),)
    gates.step(_sight(0, 0))
    gates.lines = (GATE,)
    assert _passages(gates.step(_sight(50, 0))) == (0, 0)


def test_passages_of_the_last_minute_and_a_half_are_known() -> None:
    gates = Gates()
    gates.step(_sight(0, 0))
    gates.step(_sight(3, 1))
    gates.step(_sight(5, 2), seconds=60.0)
    assert gates.ledger.recent == (5, 2)
    gates.step(_sight(5, 2), seconds=40.0)
    assert gates.ledger.recent == (2, 1)


@given(st.data())
def test_the_balance_is_the_truth_however_often_cameras_start_again(data: st.DataObject) -> None:
    """Every line is told at least once before and after each restart; nobody passes unread."""
    lines = (LineRef(1, 1), LineRef(1, 2, is_reversed=True), LineRef(2, 1))
    gates = Gates(*lines)
    runs = dict.fromkeys(lines, 1)
    totals = {line: [5, 3] for line in lines}
    gates.step(*(_sight(*totals[line]) for line in lines))
    true_in = true_out = 0
    for _ in range(data.draw(st.integers(1, 12))):
        for line in lines:
            if data.draw(st.booleans()):
                runs[line] += 1
                totals[line] = [0, 0]
            came, went = data.draw(st.tuples(st.integers(0, 9), st.integers(0, 9)))
            totals[line][0] += came
            totals[line][1] += went
            true_in += went if line.is_reversed else came
            true_out += came if line.is_reversed else went
        found = gates.step(*(_sight(*totals[line], run=runs[line]) for line in lines))
        assert _passages(found) == (true_in, true_out)
    assert found.unseen_s == 0
