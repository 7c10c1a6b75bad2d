from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.core.calibration import Point
from backend.core.frame import FloatArray
from backend.core.places import CountingLine
from backend.core.trust import Trust
from backend.crowd.line_counter import LineCounter
from backend.crowd.line_passages import HANDOVER_M, HYSTERESIS_M
from backend.crowd.places.line_bank import PERSON_M, LineBank, LinePassage

WH = 1000, 500
HEIGHT_PX = 170.0
"""So that a centimetre of a person is a pixel: clear of a line from 15 px on."""

UPRIGHT = CountingLine(1, "Gate", (0.5, 0.8), (0.5, 0.4))
"""From (500, 400) up to (500, 200): in is to the right."""

LEVEL = CountingLine(2, "Stairs", (0.4, 0.6), (0.6, 0.6))
"""From (400, 300) to (600, 300): in is down."""


class _Feed:
    """Feeds a bank frame by frame."""

    def __init__(self, *lines: CountingLine) -> None:
        self.bank = LineBank(lines)
        self.now_s = 0.0
        self.passages: list[LinePassage] = []

    def see(
        self,
        people: Mapping[int, Point],
        *,
        step_s: float = 0.1,
        segment: int = 0,
        height: float = HEIGHT_PX,
        picture_wh: tuple[int, int] = WH,
    ) -> None:
        self.see_all(list(people.items()), step_s, segment, height, picture_wh)

    def see_all(
        self,
        people: list[tuple[int, Point]],
        step_s: float = 0.1,
        segment: int = 0,
        height: float = HEIGHT_PX,
        picture_wh: tuple[int, int] = WH,
    ) -> None:
        self.passages += self.bank.update(
            np.array([each for each, _ in people], np.int64),
            np.array([place for _, place in people], np.float64).reshape(-1, 2),
            np.full(len(people), height),
            stream_time_s=self.now_s,
            segment=segment,
            picture_wh=picture_wh,
        )
        self.now_s += step_s

    def walk(self, *places: Point, track_id: int = 7) -> None:
        for place in places:
            self.see({track_id: place})

    def counts(self, line_id: int = 1) -> tuple[int, int]:
        found = {each.line_id: each for each in self.bank.readings(Trust.OK)}[line_id]
        return found.count_in, found.count_out


@pytest.fixture
def feed() -> _Feed:
    return _Feed(UPRIGHT, LEVEL)


def _at(*x: float, y: float = 300.0) -> list[Point]:
    return [(each, y) for each in x]


# --- what a passage is ---------------------------------------------------------------------


def test_in_is_from_left_to_right_seen_from_start_to_end_in_the_picture(feed: _Feed) -> None:
    feed.walk(*_at(450, 490, 530, y=250))
    assert feed.passages == [LinePassage(1, 7, pytest.approx(0.125), is_in=True)]
    feed.walk(*_at(490, 450, y=250))
    feed.walk((450, 330), track_id=8)
    feed.walk((450, 250), track_id=8)
    assert feed.counts(1) == (1, 1)
    assert feed.counts(2) == (0, 1)


def test_every_line_counts_for_itself(feed: _Feed) -> None:
    feed.walk((470, 270), (530, 330))
    assert (feed.counts(1), feed.counts(2)) == ((1, 0), (1, 0))
    assert [each.line_id for each in feed.passages] == [1, 2]


def test_the_distance_beyond_grows_with_the_person(feed: _Feed) -> None:
    for height, beyond, passed in ((170.0, 516, 1), (340.0, 516, 1), (340.0, 532, 2)):
        feed.see({7: (440, 250)}, height=height)
        feed.see({7: (beyond, 250)}, height=height)
        assert feed.counts(1)[0] == passed, (height, beyond)


def test_positions_may_be_metres() -> None:
    bank = LineBank((CountingLine(1, "Door", (2.0, 3.0), (2.0, 1.0)),))
    for k, x in enumerate((1.5, 2.14, 2.16)):
        done = bank.update(
            np.array([1]),
            np.array([[x, 2.0]]),
            np.array([PERSON_M]),
            stream_time_s=0.2 * k,
            segment=0,
            picture_wh=(1, 1),
        )
        assert len(done) == (k == 2)


def test_lines_of_a_wide_picture_are_met_in_pixels() -> None:
    """In shares of width and height the oblique line and the way would meet elsewhere."""
    feed = _Feed(CountingLine(1, "Oblique", (0.0, 1.0), (0.5, 0.0)))
    feed.walk((100, 250), (240, 250), (258, 250))
    assert feed.counts() == (0, 0)
    feed.walk((275, 250))
    assert feed.counts() == (1, 0)
    assert feed.passages[0].time_s == pytest.approx(0.1 + 0.1 * 10 / 18)


# --- pitfalls ------------------------------------------------------------------------------


def test_minus_one_is_no_identity_and_never_a_passage(feed: _Feed) -> None:
    for left, right in itertools.pairwise(_at(*range(400, 640, 20))):
        feed.see_all([(-1, left), (-1, right), (-1, (900, 100))])
    assert (feed.counts(1), feed.counts(2), len(feed.bank)) == ((0, 0), (0, 0), 0)


def test_without_identity_for_a_moment_is_still_one_passage(feed: _Feed) -> None:
    feed.walk(*_at(450, 480))
    feed.see({-1: (500, 300)})
    feed.see({-1: (515, 300)})
    feed.walk(*_at(530))
    assert feed.counts() == (1, 0)


@pytest.mark.parametrize("y", [195.0, 405.0, 10.0, 499.0])
def test_the_endless_line_beyond_its_ends_is_nothing(feed: _Feed, y: float) -> None:
    feed.walk(*_at(400, 600, 400, y=y))
    assert feed.counts() == (0, 0)


def test_round_the_end_and_back_through_is_one_passage_out(feed: _Feed) -> None:
    feed.walk((450, 300), (450, 450), (550, 450), (550, 300), (450, 300))
    assert feed.counts() == (0, 1)


@pytest.mark.parametrize("y", [200.0, 400.0])
def test_through_an_end_point_is_through_the_line(feed: _Feed, y: float) -> None:
    feed.walk(*_at(450, 550, y=y))
    assert feed.counts() == (1, 0)


@pytest.mark.parametrize("vertex", [(500.0, 200.0), (500.0, 400.0), (500.0, 300.0)])
def test_touching_the_line_without_crossing_is_nothing(feed: _Feed, vertex: Point) -> None:
    feed.walk((450, 250), vertex, (450, 350), vertex, vertex, (450, 250))
    assert feed.counts() == (0, 0)


def test_along_the_line_itself_is_nothing(feed: _Feed) -> None:
    feed.walk(*[(500.0, y) for y in range(420, 180, -20)])
    assert feed.counts() == (0, 0)
    feed.walk((530, 180))
    assert feed.counts() == (0, 0)


def test_two_lines_that_share_an_end_both_count_who_steps_on_it() -> None:
    left = CountingLine(1, "Left", (0.2, 0.5), (0.5, 0.5))
    right = CountingLine(2, "Right", (0.5, 0.5), (0.8, 0.5))
    feed = _Feed(left, right)
    feed.walk((500, 200), (500, 300))
    feed.walk((480, 300), (480, 200))
    assert (feed.counts(1), feed.counts(2)) == ((1, 1), (1, 0))


def test_there_and_back_between_two_frames_is_nothing(feed: _Feed) -> None:
    feed.walk(*_at(450, 455, 450, 455))
    assert feed.counts() == (0, 0)


def test_swaying_on_the_line_counts_once_and_coming_again_counts_again(feed: _Feed) -> None:
    feed.walk(*_at(450, *[490, 510] * 20, 530, *[510, 490] * 20, 530))
    assert feed.counts() == (1, 0)
    feed.walk(*_at(450, 550, 450, 550))
    assert feed.counts() == (3, 2)


def test_first_seen_beyond_or_on_the_line_is_no_passage(feed: _Feed) -> None:
    feed.walk(*_at(530, 600))
    feed.walk(*_at(500, 530), track_id=8)
    assert feed.counts() == (0, 0)


def test_a_slow_oblique_walk_is_one_passage() -> None:
    feed = _Feed(CountingLine(1, "Oblique", (0.3, 0.9), (0.6, 0.3)))
    feed.walk(*[(380.0 + 2 * k, 280.0 + k / 2) for k in range(120)])
    assert feed.counts() == (1, 0)


# --- identities ----------------------------------------------------------------------------


@pytest.mark.parametrize("switch_at", range(1, 11))
@pytest.mark.parametrize("unseen", [0, 3])
def test_a_changed_identity_near_the_line_is_one_passage(
    feed: _Feed, switch_at: int, unseen: int
) -> None:
    for k, place in enumerate(_at(*np.linspace(440, 570, 12).tolist())):
        if switch_at <= k < switch_at + unseen:
            feed.see({})
        else:
            feed.walk(place, track_id=7 if k < switch_at else 8)
    feed.walk(*_at(585, 600), track_id=8)
    assert feed.counts() == (1, 0)


@pytest.mark.parametrize("swap_at", range(1, 10))
def test_two_who_swap_identities_across_the_line_pass_once_each_way(
    feed: _Feed, swap_at: int
) -> None:
    """Far enough from each other that nobody can have run there."""
    for k in range(10):
        coming, going = (430 + 14 * k, 210.0), (570 - 14 * k, 390.0)
        feed.see({7: coming, 8: going} if k < swap_at else {8: coming, 7: going})
    assert feed.counts() == (1, 1)


def test_an_identity_given_to_who_follows_counts_nobody_twice(feed: _Feed) -> None:
    """One ahead has passed; the one behind gets the identity and passes then."""
    feed.see({7: (490, 300), 8: (370, 300)})
    feed.see({7: (520, 300), 8: (395, 300)})
    feed.see({7: (420, 300), 9: (545, 300)})
    for k in range(1, 6):
        feed.see({7: (420 + 25 * k, 300), 9: (545 + 25 * k, 300)})
    assert feed.counts() == (2, 0)


def test_somebody_else_across_the_line_inherits_nothing(feed: _Feed) -> None:
    feed.walk(*_at(440, 440, 440))
    feed.walk(*_at(520, 560), track_id=8)
    assert feed.counts() == (0, 0)


def test_a_new_segment_forgets_who_is_who_and_keeps_the_totals(feed: _Feed) -> None:
    feed.walk(*_at(450, 550))
    feed.see({7: (450, 300)}, segment=1)
    feed.see({7: (450, 300)}, segment=1, picture_wh=(2000, 1000))
    assert feed.counts() == (1, 0)
    feed.now_s = 0.0
    feed.see({7: (1100, 600)}, segment=1, picture_wh=(2000, 1000))
    assert feed.counts() == (1, 0)
    feed.see({7: (900, 600)}, segment=1, picture_wh=(2000, 1000))
    assert feed.counts() == (1, 1)


def test_people_without_place_or_height_are_passed_over(feed: _Feed) -> None:
    feed.see({7: (450, 300)})
    feed.see({7: (np.nan, np.nan)})
    feed.see({7: (550, 300)}, height=0.0)
    feed.see({7: (550, 300)}, height=np.nan)
    assert feed.counts() == (0, 0)
    feed.see({7: (550, 300)})
    assert feed.counts() == (1, 0)


# --- editing -------------------------------------------------------------------------------


def test_edited_lines_keep_their_totals_while_their_place_is_the_same(feed: _Feed) -> None:
    feed.walk(*_at(450, 550))
    feed.walk(*_at(490))
    renamed = dataclasses.replace(UPRIGHT, name="Gate B", colour="#000000", width_m=2.0)
    feed.bank.set_lines((LEVEL, renamed))
    assert feed.bank.lines == (LEVEL, renamed)
    assert [each.line_id for each in feed.bank.readings(Trust.OK)] == [2, 1]
    feed.walk(*_at(450))
    assert (feed.counts(1), feed.counts(2)) == ((1, 1), (0, 0))


def test_a_moved_line_begins_at_nought_with_people_where_they_stand(feed: _Feed) -> None:
    feed.walk(*_at(450, 550))
    moved = dataclasses.replace(UPRIGHT, start=(0.6, 0.8), end=(0.6, 0.4))
    turned = CountingLine(3, "Turned", UPRIGHT.end, UPRIGHT.start)
    feed.bank.set_lines((moved, turned))
    assert (feed.counts(1), feed.counts(3)) == ((0, 0), (0, 0))
    feed.walk(*_at(590, 640))
    assert (feed.counts(1), feed.counts(3)) == ((1, 0), (0, 0))
    feed.walk(*_at(580, 480))
    assert (feed.counts(1), feed.counts(3)) == ((1, 1), (1, 0))


def test_a_line_drawn_again_begins_at_nought(feed: _Feed) -> None:
    feed.walk(*_at(450, 550))
    feed.bank.set_lines(())
    feed.walk(*_at(450))
    assert feed.bank.readings(Trust.OK) == ()
    feed.bank.set_lines((UPRIGHT,))
    assert feed.counts() == (0, 0)
    feed.walk(*_at(550))
    assert feed.counts() == (1, 0)


def test_lines_that_make_no_sense_change_nothing(feed: _Feed) -> None:
    with pytest.raises(ValueError, match="each line once"):
        feed.bank.set_lines((UPRIGHT, UPRIGHT))
    with pytest.raises(ValueError, match="some length"):
        feed.bank.set_lines((CountingLine(4, "Point", (0.5, 0.5), (0.5, 0.5)),))
    with pytest.raises(ValueError, match="each line once"):
        feed.bank.check((LEVEL, LEVEL))
    feed.bank.check((LEVEL,))
    assert feed.bank.lines == (UPRIGHT, LEVEL)
    feed.walk(*_at(450, 550, y=250))
    assert feed.counts() == (1, 0)


def test_refuses_arrays_that_do_not_agree(feed: _Feed) -> None:
    with pytest.raises(ValueError, match=r"\(2, 2\)"):
        feed.bank.update(
            np.array([1, 2]),
            np.zeros((2, 3)),
            np.ones(2),
            stream_time_s=0.0,
            segment=0,
            picture_wh=WH,
        )
    with pytest.raises(ValueError, match="some size"):
        feed.see({}, picture_wh=(0, 100))


# --- what is read --------------------------------------------------------------------------


def test_readings_tell_the_flow_of_the_last_minute_and_its_trust() -> None:
    wide = dataclasses.replace(UPRIGHT, width_m=2.0)
    feed = _Feed(wide, LEVEL)
    for k in range(64):
        feed.see({k: (450, 250)}, step_s=0.5)
        feed.see({k: (550, 250)}, step_s=0.5)
        if k == 10:
            assert feed.bank.readings(Trust.OK)[0].in_per_s is not None
        if k == 3:
            assert feed.bank.readings(Trust.OK)[0].in_per_s is None
    gate, stairs = feed.bank.readings(Trust.SATURATED, "too dense", widths_m={1: 9.0, 2: 4.0})
    assert (gate.count_in, gate.count_out, gate.balance) == (64, 0, 64)
    assert gate.in_per_s == pytest.approx(1.0, abs=0.02)
    assert gate.in_specific_per_m_s == pytest.approx(0.5, abs=0.01)
    assert (gate.out_per_s, gate.out_specific_per_m_s) == (0.0, 0.0)
    assert (stairs.in_per_s, stairs.in_specific_per_m_s) == (0.0, 0.0)
    assert (gate.trust, gate.trust_reason) == (Trust.SATURATED, "too dense")
    assert feed.bank.readings(Trust.OK)[1].in_specific_per_m_s is None


def test_flows_are_a_second_old_at_most_and_counts_not_at_all(feed: _Feed) -> None:
    feed.see({}, step_s=20.0)
    feed.walk(*_at(450, 550))
    assert feed.bank.readings(Trust.OK)[0].in_per_s == pytest.approx(1 / 20.1)
    feed.see({}, step_s=0.5)
    first = feed.bank.readings(Trust.OK)
    feed.see({}, step_s=0.4)
    assert feed.bank.readings(Trust.OK) == first
    feed.walk(*_at(450))
    assert feed.counts() == (1, 1)
    feed.see({}, step_s=5.0)
    feed.see({})
    assert feed.bank.readings(Trust.OK)[0].in_per_s == pytest.approx(1 / 26.2)
    assert feed.bank.readings(Trust.UNKNOWN)[0].trust is Trust.UNKNOWN
    feed.now_s = 3.0
    feed.see({}, segment=1)
    assert feed.bank.readings(Trust.OK)[0].in_per_s is None
    feed.now_s = 15.0
    feed.see({}, segment=1)
    assert feed.bank.readings(Trust.OK)[0].in_per_s == 0.0


def test_a_new_lines_minute_begins_when_it_is_drawn(feed: _Feed) -> None:
    feed.see({}, step_s=30.0)
    feed.see({}, step_s=5.0)
    feed.bank.set_lines((UPRIGHT, dataclasses.replace(LEVEL, line_id=9)))
    feed.see({}, step_s=9.0)
    first, second = feed.bank.readings(Trust.OK)
    assert (first.in_per_s, second.in_per_s) == (0.0, None)
    feed.see({})
    assert feed.bank.readings(Trust.OK)[1].in_per_s == 0.0


def test_no_lines_and_nobody_are_fine() -> None:
    feed = _Feed()
    assert feed.bank.readings(Trust.OK) == ()
    feed.see({})
    feed.see({1: (10, 10)})
    assert feed.passages == []


# --- against others ------------------------------------------------------------------------


def _random_lines(rng: np.random.Generator, count: int) -> list[CountingLine]:
    ends = rng.uniform(0.05, 0.95, (count, 2, 2))
    return [
        CountingLine(k, f"Line {k}", tuple(a), tuple(b)) for k, (a, b) in enumerate(ends.tolist())
    ]


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_straight_walks_cross_what_they_meet(seed: int) -> None:
    """Whole ways against whole lines, wherever nobody begins or ends close to one."""
    rng = np.random.default_rng(seed)
    lines = _random_lines(rng, 6)
    feed = _Feed(*lines)
    begin, end = rng.uniform((0, 0), WH, (2, 12, 2))
    for share in np.linspace(0, 1, 60):
        places = begin + share * (end - begin)
        # at most 1.6 m a second: whoever leaps farther than people walk is taken for exchanged
        people = {k: (float(x), float(y)) for k, (x, y) in enumerate(places)}
        feed.see(people, step_s=1.0, height=20.0)
    for line in lines:
        a, b = np.array([line.start, line.end]) * WH
        endless = shapely.LineString([a - 50 * (b - a), b + 50 * (b - a)])
        met = {
            walker
            for walker in range(12)
            if shapely.intersects(
                shapely.LineString([a, b]), shapely.LineString([begin[walker], end[walker]])
            )
        }
        unsure = {
            walker
            for walker in range(12)
            for place in (begin[walker], end[walker])
            if shapely.distance(endless, shapely.Point(place)) < 2.0
        }
        passed = {each.track_id for each in feed.passages if each.line_id == line.line_id}
        assert passed - unsure == met - unsure
        assert sum(feed.counts(line.line_id)) == len(passed)


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_counts_as_one_counter_a_line(seed: int) -> None:
    """Among a crowd that mills about with trembling boxes and new identities."""
    rng = np.random.default_rng(seed)
    lines = _random_lines(rng, 4)
    feed = _Feed(*lines)
    metre = HEIGHT_PX / PERSON_M
    counters = [
        LineCounter(
            np.array([line.end, line.start]) * WH,
            hysteresis=HYSTERESIS_M * metre,
            handover_distance=HANDOVER_M * metre,
        )
        for line in lines
    ]
    places: FloatArray = rng.uniform((0, 0), WH, (20, 2))
    ways = rng.normal(0, 12, (20, 2))
    ids, unborn = np.arange(20), 20
    for _ in range(50):
        places = places + ways + rng.normal(0, 3, (20, 2))
        changed = np.flatnonzero(rng.random(20) < 0.03)
        ids[changed] = np.arange(unborn, unborn + changed.size)
        unborn += changed.size
        now_s = feed.now_s
        feed.see({int(k): (float(x), float(y)) for k, (x, y) in zip(ids, places, strict=True)})
        for counter in counters:
            counter.update(ids, places, stream_time_s=now_s, segment=0)
    for line, counter in zip(lines, counters, strict=True):
        assert feed.counts(line.line_id) == (counter.forward, counter.backward)
