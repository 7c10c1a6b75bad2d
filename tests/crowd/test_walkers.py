from __future__ import annotations

import numpy as np
import pytest

from backend.crowd.walkers import Walkers

REACH_M = 0.5


class _Feed:
    """Feeds walkers frame by frame; returns the slot of each identity."""

    def __init__(self) -> None:
        self.walkers = Walkers()
        self.new: set[int] = set()

    def see(self, now_s: float, **places: float) -> dict[int, int]:
        """People by identity (``_7=0.5``), all on one straight way, metres."""
        ids = [int(name[1:]) for name in places]
        points = np.array([[x, 0.0] for x in places.values()]).reshape(-1, 2)
        slots, is_new = self.walkers.find(np.array(ids, np.int64), points, now_s=now_s)
        self.walkers.move(slots, points, np.full(len(ids), REACH_M), now_s=now_s)
        self.new = {each for each, new in zip(ids, is_new.tolist(), strict=True) if new}
        return dict(zip(ids, slots.tolist(), strict=True))


@pytest.fixture
def feed() -> _Feed:
    return _Feed()


def test_everybody_has_a_slot_of_their_own_while_seen(feed: _Feed) -> None:
    first = feed.see(0.0, _7=0.0, _8=5.0)
    assert feed.new == {7, 8}
    assert len(set(first.values())) == 2
    assert feed.see(0.1, _8=5.1, _7=0.1) == first
    assert feed.new == set()
    assert feed.walkers.xy[first[8]].tolist() == [5.1, 0.0]


def test_a_new_identity_continues_the_nearest_lost_one(feed: _Feed) -> None:
    first = feed.see(0.0, _1=0.0, _2=0.4)
    later = feed.see(0.1, _3=0.45, _4=-0.05, _5=0.3)
    assert (later[3], later[4]) == (first[2], first[1])
    assert feed.new == {5}
    assert len(feed.walkers) == 3


def test_the_lost_walk_on_for_two_seconds(feed: _Feed) -> None:
    for k in range(10):
        first = feed.see(0.1 * k, _1=0.15 * k)
    assert feed.see(2.8, _2=4.1) == {2: first[1]}
    feed.see(4.9, _3=7.2)
    assert feed.new == {3}


def test_two_who_swap_identities_go_on_as_themselves(feed: _Feed) -> None:
    first = feed.see(0.0, _1=0.0, _2=2.0)
    assert feed.see(0.1, _2=0.05, _1=2.05) == {2: first[1], 1: first[2]}
    assert feed.see(0.2, _2=0.1, _1=2.1) == {2: first[1], 1: first[2]}
    assert feed.new == set()


def test_an_identity_that_leaps_onto_a_lost_one_leaves_its_own_to_the_next(feed: _Feed) -> None:
    first = feed.see(0.0, _1=0.0, _2=2.0)
    assert feed.see(0.1, _1=2.05, _3=0.05) == {1: first[2], 3: first[1]}
    assert feed.new == set()


def test_who_leaps_onto_nobodys_place_stays_who_they_are(feed: _Feed) -> None:
    first = feed.see(0.0, _1=0.0, _2=9.0)
    assert feed.see(0.1, _1=2.0, _2=9.0) == first


def test_whose_place_was_taken_over_and_who_fits_nowhere_is_somebody_new(feed: _Feed) -> None:
    feed.see(0.0, _1=0.0)
    later = feed.see(0.1, _1=2.0, _2=0.0)
    assert feed.new == {1}
    assert feed.see(0.2, _1=2.0, _2=0.0) == later


def test_in_rare_pictures_people_go_far_between_two(feed: _Feed) -> None:
    """A queue moves up by exactly one place a second: nobody becomes the one in front."""
    first = feed.see(0.0, _1=0.0, _2=1.3, _3=2.6)
    assert feed.see(1.0, _1=1.3, _2=2.6, _3=3.9) == first


def test_the_forgotten_give_their_slots_away(feed: _Feed) -> None:
    for second in range(0, 3000, 10):
        feed.see(float(second), **{f"_{second * 100 + k}": float(3 * k) for k in range(40)})
    assert len(feed.walkers) == 40
    assert feed.walkers.capacity <= 2 * 80
    feed.see(3000.0)
    assert len(feed.walkers) == 0
    feed.see(3001.0, _1=0.0)
    assert feed.new == {1}


def test_cleared_nobody_is_known(feed: _Feed) -> None:
    feed.see(0.0, _1=0.0)
    feed.walkers.clear()
    assert len(feed.walkers) == 0
    feed.see(0.0, _1=0.0)
    assert feed.new == {1}


def test_who_comes_back_after_five_seconds_unseen_is_somebody_new(feed: _Feed) -> None:
    """Also when no frame came in between."""
    feed.see(0.0, _1=0.0)
    feed.see(5.0, _1=0.3)
    assert feed.new == set()
    feed.see(10.1, _1=0.6)
    assert feed.new == {1}
    assert len(feed.walkers) == 1
