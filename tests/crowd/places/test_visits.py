from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.core.calibration import Point
from backend.crowd.places.dwell import Dwell
from backend.crowd.places.outlines import Outlines, as_shares
from backend.crowd.places.people import BoolArray, PeopleBook
from backend.crowd.places.visits import Visits

WH = (1000, 1000)
HEIGHT = 100.0
"""A border is crossed 5 px beyond it."""

STEP_S = 0.1


def _box(west: float, north: float, east: float, south: float) -> tuple[Point, ...]:
    return ((west, north), (east, north), (east, south), (west, south))


LEFT, RIGHT = _box(0, 0, 0.5, 1), _box(0.5, 0, 1, 1)
WHOLE = _box(0, 0, 1, 1)


@dataclass
class _Place:
    """Zones and the people who walk through them, as a meter keeps both."""

    visits: Visits
    book: PeopleBook = field(default_factory=PeopleBook)
    now_s: float = 0.0

    def see(
        self,
        places: list[tuple[float, float]],
        ids: list[int] | None = None,
        height: float = HEIGHT,
    ) -> BoolArray:
        """One frame of people at these pixels; (N, Z) who counts where."""
        feet = np.array(places, np.float64).reshape(-1, 2)
        numbers = np.array(range(len(feet)) if ids is None else ids, np.int64)
        heights = np.full(len(feet), height)
        present = self.book.see(numbers, feet, heights, now_s=self.now_s, picture_wh=WH)
        found = self.visits.update(
            present,
            as_shares(feet, WH),
            heights,
            capacity=self.book.capacity,
            now_s=self.now_s,
            picture_wh=WH,
        )
        self.now_s += STEP_S
        return found

    def walk(self, *x: float, track_id: int = 0) -> list[list[bool]]:
        return [self.see([(each, 500.0)], [track_id])[0].tolist() for each in x]

    def wait(self, seconds: float) -> None:
        self.now_s += seconds

    def lose(self, *, is_short: bool) -> None:
        self.visits.break_off(self.book.forget(), now_s=self.now_s, is_short=is_short)

    @property
    def dwell(self) -> Dwell:
        return self.visits.dwell(self.book.seen_s)


def _place(*zones: tuple[Point, ...]) -> _Place:
    return _Place(Visits(Outlines(zones)))


def test_crosses_a_border_when_clearly_beyond_it() -> None:
    found = _place(LEFT, RIGHT).walk(480, 502, 504, 506, 504, 498, 496, 494)
    left = [each[0] for each in found]
    assert left == [True, True, True, False, False, False, False, True]
    assert all(a is not b for a, b in found), "always in one of the two"


def test_trembling_on_a_border_changes_nothing() -> None:
    random = np.random.default_rng(1)
    place = _place(LEFT, RIGHT, WHOLE)
    start = place.see([(498, 500)])
    for _ in range(200):
        x, y = 500 + random.uniform(-4.9, 4.9), 500 + random.uniform(-50, 50)
        np.testing.assert_array_equal(place.see([(x, y)]), start)
    assert place.visits.visitors.tolist() == [1, 0, 1]


@given(
    st.lists(st.floats(-4.9, 4.9), min_size=1, max_size=30),
    st.lists(st.floats(-4.9, 4.9), min_size=1, max_size=30),
)
@settings(max_examples=50, deadline=None)
def test_trembling_where_three_zones_meet_changes_nothing(dx: list[float], dy: list[float]) -> None:
    zones = (LEFT, _box(0.5, 0, 1, 0.5), _box(0.5, 0.5, 1, 1))
    place = _place(*zones)
    start = place.see([(490, 490)])
    for x, y in zip(dx, dy, strict=False):
        np.testing.assert_array_equal(place.see([(500 + x, 500 + y)]), start)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_zones_that_divide_the_picture_add_up_to_it_however_people_walk(seed: int) -> None:
    random = np.random.default_rng(seed)
    hub = (0.4, 0.6)
    ring = [(0.0, 0.0), (0.5, 0.0), (1.0, 0.0), (1.0, 0.3), (1.0, 1.0), (0.0, 1.0)]
    parts = [(hub, a, b) for a, b in zip(ring, [*ring[1:], ring[0]], strict=True)]
    place = _place(*parts, WHOLE)
    feet = random.uniform(0, 1000, (20, 2))
    for _ in range(40):
        feet = np.clip(feet + random.normal(0, 15, feet.shape), 0, 1000)
        found = place.see([(x, y) for x, y in feet.tolist()], height=float(random.uniform(20, 400)))
        assert (found[:, :-1].sum(axis=1) == 1).all()
        assert found[:, -1].all()


def test_somebody_without_an_identity_is_where_the_foot_is() -> None:
    place = _place(LEFT, RIGHT)
    for x, side in ((499.0, 0), (501.0, 1), (499.0, 0)):
        assert place.see([(x, 500.0)], [-1]).tolist() == [[side == 0, side == 1]]
    assert place.visits.visitors.tolist() == [0, 0]


def test_a_zone_narrower_than_a_step_is_entered_all_the_same() -> None:
    """4 px wide: somebody in its middle is 2 px from its borders."""
    strip = _box(0.498, 0, 0.502, 1)
    assert _place(strip).walk(400, 500, 600) == [[False], [True], [False]]


def test_everybody_belongs_to_each_zone_that_holds_him_once() -> None:
    assert _place(LEFT, WHOLE, LEFT).see([(100, 100)]).tolist() == [[True, True, True]]


def test_who_comes_back_is_one_visitor_with_two_stays() -> None:
    place = _place(LEFT, RIGHT)
    place.walk(*[400.0] * 31, *[600.0] * 51, *[400.0] * 21, 600.0)
    assert place.visits.visitors.tolist() == [1, 1]
    found = place.dwell
    assert found.longest_s.tolist() == pytest.approx([3.1, 5.1])
    assert found.median_s.tolist() == pytest.approx([2.1, 5.1], rel=0.011)


def test_a_changed_identity_is_the_same_visitor_and_stay() -> None:
    place = _place(LEFT)
    for k in range(50):
        place.walk(200.0 + k, track_id=k // 10)
    assert place.visits.visitors.tolist() == [1]
    assert place.dwell.longest_s[0] == pytest.approx(4.9)


def test_a_changed_identity_on_the_border_stays_where_it_was() -> None:
    place = _place(LEFT, RIGHT)
    place.walk(498.0, track_id=1)
    assert place.walk(502.0, track_id=2) == [[True, False]]


def test_lost_inside_lasted_at_least_so_long_and_leaving_the_picture_ends_a_stay() -> None:
    lost, left = _place(WHOLE), _place(WHOLE)
    lost.walk(*[500.0] * 21)
    left.walk(*np.linspace(500, 995, 21))
    for place in (lost, left):
        place.wait(10)
        place.see([])
    assert np.isnan(lost.dwell.median_s[0])
    assert left.dwell.median_s[0] == pytest.approx(2, rel=0.011)
    assert lost.dwell.longest_s[0] == left.dwell.longest_s[0] == pytest.approx(2)


def test_who_is_out_of_sight_for_a_moment_is_still_inside() -> None:
    place = _place(LEFT)
    place.walk(300, 300, track_id=5)
    place.wait(3)
    place.walk(300, track_id=5)
    assert place.visits.visitors.tolist() == [1]
    assert place.dwell.longest_s[0] == pytest.approx(3.2)


@pytest.mark.parametrize(("is_short", "visitors"), [(True, 4), (False, 6)])
def test_after_a_short_break_those_inside_are_no_new_visitors(
    is_short: bool, visitors: int
) -> None:
    place = _place(LEFT)
    place.see([(100, 500), (200, 500), (300, 500)])
    place.lose(is_short=is_short)
    place.see([(200, 500), (300, 500)], [10, 11])
    assert place.visits.visitors.tolist() == [3 if is_short else 5]
    place.wait(2.5)
    place.see([(200, 500), (300, 500), (400, 500)], [10, 11, 12])
    assert place.visits.visitors.tolist() == [visitors]


def test_zones_that_stay_keep_what_was_measured() -> None:
    place = _place(LEFT, RIGHT)
    place.walk(*[400.0] * 11)
    outlines = Outlines((WHOLE, LEFT))
    place.visits = place.visits.rearranged(outlines, np.array([-1, 0]))
    assert place.visits.visitors.tolist() == [0, 1]
    assert place.walk(*[400.0] * 11)[-1] == [True, True]
    assert place.visits.visitors.tolist() == [1, 1]
    assert place.dwell.longest_s.tolist() == pytest.approx([1.0, 2.1])


def test_in_a_zone_drawn_now_people_are_at_once_where_they_stand() -> None:
    place = _place(RIGHT)
    place.walk(400, 499)
    place.visits = place.visits.rearranged(Outlines((RIGHT, LEFT)), np.array([0, -1]))
    assert place.walk(499) == [[False, True]]
