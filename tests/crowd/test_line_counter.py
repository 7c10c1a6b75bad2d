from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.core.frame import FloatArray
from backend.crowd.flow import LineCounter, Passage

LINE = np.array([[0.0, 0.0], [0.0, 2.0]])
STEP_S = 0.1


class _Feed:
    """Feeds a counter single walkers."""

    def __init__(self, counter: LineCounter) -> None:
        self.counter = counter
        self.now_s = 0.0
        self.passages: list[Passage] = []

    def walk(self, *x: float, track_id: int = 1, y: float = 1.0, segment: int = 0) -> None:
        for place in x:
            self.feed([track_id], [[place, y]], segment=segment)

    def feed(self, ids: list[int], places: list[list[float]], *, segment: int = 0) -> None:
        self.passages += self.counter.update(
            np.array(ids, np.int64),
            np.array(places, np.float64).reshape(-1, 2),
            stream_time_s=self.now_s,
            segment=segment,
        )
        self.now_s += STEP_S


@pytest.fixture
def feed() -> _Feed:
    return _Feed(LineCounter(LINE))


def _totals(feed: _Feed) -> tuple[int, int]:
    return feed.counter.forward, feed.counter.backward


def test_counts_when_clearly_beyond_with_the_time_of_the_line(feed: _Feed) -> None:
    feed.walk(-0.5, -0.3, -0.1, 0.1)
    assert _totals(feed) == (0, 0)
    feed.walk(0.3)
    assert feed.passages == [Passage(1, pytest.approx(0.25), 1)]


def test_who_comes_back_is_counted_back(feed: _Feed) -> None:
    feed.walk(-0.5, 0.5, -0.5)
    assert _totals(feed) == (1, 1)
    assert feed.counter.net == 0


def test_swaying_on_the_line_counts_once(feed: _Feed) -> None:
    feed.walk(-0.5, *[-0.1, 0.1] * 20, 0.5, *[0.1, -0.1] * 20, 0.5)
    assert _totals(feed) == (1, 0)


def test_the_hysteresis_is_in_the_unit_of_the_positions() -> None:
    pixels = _Feed(LineCounter(100 * LINE, hysteresis=15.0, handover_distance=50.0))
    pixels.walk(-50, -5, 10, y=100)
    assert _totals(pixels) == (0, 0)
    pixels.walk(16, y=100)
    assert _totals(pixels) == (1, 0)


def test_round_the_end_is_no_passage_and_back_through_is_one(feed: _Feed) -> None:
    feed.walk(-0.5, y=1.0)
    feed.walk(-0.5, 0.5, y=2.5)
    feed.walk(0.5, -0.5, y=1.0)
    assert _totals(feed) == (0, 1)


def test_exactly_on_the_line_in_between(feed: _Feed) -> None:
    feed.walk(-0.5, 0.0, 0.0, 0.5)
    assert feed.passages == [Passage(1, pytest.approx(0.2), 1)]
    feed.walk(0.0, 0.5, 0.0, 0.5)
    assert _totals(feed) == (1, 0)


def test_first_seen_on_the_line_takes_the_side_it_goes_to(feed: _Feed) -> None:
    feed.walk(0.0, 0.5)
    assert _totals(feed) == (0, 0)
    feed.walk(0.0, -0.5)
    assert _totals(feed) == (0, 1)


@pytest.mark.parametrize("switch_at", range(1, 9))
@pytest.mark.parametrize("unseen", [0, 3])
def test_a_new_identity_anywhere_near_the_line_is_one_passage(
    feed: _Feed, switch_at: int, unseen: int
) -> None:
    way = np.linspace(-0.55, 0.6, 10).tolist()
    for k, x in enumerate(way):
        if switch_at <= k < switch_at + unseen:
            feed.feed([], [])
        else:
            feed.walk(x, track_id=1 if k < switch_at else 2)
    feed.walk(0.73, 0.86, 1.0, track_id=2)
    assert _totals(feed) == (1, 0)


def test_a_new_identity_too_far_off_or_too_late_is_another_person(feed: _Feed) -> None:
    feed.walk(-0.4, -0.4, -0.4)
    feed.walk(0.3, 0.5, track_id=2)
    assert _totals(feed) == (0, 0)
    feed.now_s += 30
    feed.walk(-0.2, -0.2, track_id=3)
    feed.now_s += 2.2
    feed.walk(0.2, 0.5, track_id=4)
    assert _totals(feed) == (0, 0)


def test_people_who_are_in_view_hand_nothing_over(feed: _Feed) -> None:
    feed.feed([1], [[-0.2, 1.0]])
    feed.feed([1, 2], [[-0.2, 1.0], [0.2, 1.0]])
    feed.feed([1, 2], [[-0.2, 1.0], [0.4, 1.0]])
    assert _totals(feed) == (0, 0)


def test_each_lost_track_is_continued_by_the_nearest_only(feed: _Feed) -> None:
    feed.feed([1, 2], [[-0.1, 0.5], [-0.1, 1.5]])
    feed.feed([3, 4, 5], [[0.1, 0.5], [0.1, 1.5], [0.1, 1.2]])
    feed.feed([3, 4, 5], [[0.3, 0.5], [0.3, 1.5], [0.3, 1.2]])
    assert sorted(passed.track_id for passed in feed.passages) == [3, 4]


def test_the_same_identity_after_a_gap_is_the_same_passage(feed: _Feed) -> None:
    feed.walk(-0.5)
    feed.now_s += 3
    feed.walk(3.0)
    assert _totals(feed) == (1, 0)


def test_a_new_segment_forgets_the_tracks_not_the_totals(feed: _Feed) -> None:
    feed.walk(-0.5, 0.5)
    feed.walk(-0.5, segment=1)
    assert _totals(feed) == (1, 0)
    feed.now_s = 0.0
    feed.walk(0.5, segment=1)
    assert _totals(feed) == (1, 0)


def test_positions_not_known_are_passed_over(feed: _Feed) -> None:
    feed.feed([1, 2], [[-0.5, 1.0], [np.nan, np.nan]])
    feed.feed([1], [[np.nan, np.nan]])
    feed.walk(0.5)
    assert _totals(feed) == (1, 0)


def _stream(counter: LineCounter, *, seconds: float, gap_s: float = 2.0) -> int:
    """One new person every ``gap_s``, 1.25 m/s, to the right; returns the most remembered."""
    most = 0
    for k in range(round(seconds * 5)):
        now_s = k / 5
        ids = range(max(int((now_s - 4) // gap_s), 0), int(now_s // gap_s) + 1)
        places = [[1.25 * (now_s - gap_s * i) - 2.0, 1.0] for i in ids]
        counter.update(
            np.array(ids, np.int64),
            np.array(places, np.float64).reshape(-1, 2),
            stream_time_s=now_s,
            segment=0,
        )
        most = max(most, len(counter))
    return most


def test_flow_of_the_last_minute_per_direction() -> None:
    counter = LineCounter(LINE, width_m=2.0)
    assert counter.flow(1) is None
    _stream(counter, seconds=120)
    flow = counter.flow(1)
    assert flow is not None
    assert flow.people == 30
    assert flow.per_s == pytest.approx(0.5)
    assert flow.specific_per_m_s == pytest.approx(0.25)
    assert (flow.low, flow.high) == pytest.approx((21.6 / 60, 40.7 / 60), abs=0.01)
    back = counter.flow(-1)
    assert back is not None
    assert (back.people, back.low) == (0, 0.0)
    assert back.high == pytest.approx(2.996 / 60, abs=1e-3)


def test_a_young_segment_has_a_short_window() -> None:
    counter = LineCounter(LINE)
    _stream(counter, seconds=9)
    assert counter.flow(1) is None
    counter = LineCounter(LINE)
    _stream(counter, seconds=20.3)
    flow = counter.flow(1)
    assert flow is not None
    assert flow.span_s == pytest.approx(20.2)
    assert flow.people == 10


def test_memory_does_not_grow_with_time() -> None:
    short = _stream(LineCounter(LINE), seconds=60)
    counter = LineCounter(LINE)
    assert _stream(counter, seconds=3600) == short < 12
    assert counter.forward == pytest.approx(1800, abs=2)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 200), every=st.sampled_from([1, 2, 5]))
def test_agrees_with_the_crossings_of_straight_walks(seed: int, every: int) -> None:
    rng = np.random.default_rng(seed)
    times: FloatArray = np.arange(0, 8, 0.04)[::every]
    start = np.stack([rng.uniform(-4, 4, 12), rng.uniform(0.5, 1.5, 12)], axis=1)
    speed = -np.sign(start[:, 0]) * rng.uniform(0.8, 1.6, 12)
    counter = LineCounter(LINE)
    for now_s in times:
        places = start + np.stack([speed * now_s, np.zeros(12)], axis=1)
        counter.update(np.arange(12), places, stream_time_s=float(now_s), segment=0)
    end = start[:, 0] + speed * times[-1]
    assert counter.forward == int(((start[:, 0] < 0) & (end > 0.15)).sum())
    assert counter.backward == int(((start[:, 0] > 0) & (end < -0.15)).sum())


def test_refuses_what_makes_no_sense() -> None:
    with pytest.raises(ValueError, match="0 or more"):
        LineCounter(LINE, hysteresis=-0.1)
    with pytest.raises(ValueError, match="width"):
        LineCounter(LINE, width_m=0.0)
