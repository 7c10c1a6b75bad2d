from __future__ import annotations

import numpy as np
import pytest

from backend.crowd.places.people import PeopleBook, Present
from backend.crowd.walkers import FORGET_S

WH = (1000, 1000)
HEIGHT = 100.0


def _see(
    book: PeopleBook, now_s: float, ids: list[int], places: list[tuple[float, float]]
) -> Present:
    return book.see(
        np.array(ids, np.int64),
        np.array(places, np.float64).reshape(-1, 2),
        np.full(len(ids), HEIGHT),
        now_s=now_s,
        picture_wh=WH,
    )


def _walk(book: PeopleBook, track_id: int, *, seconds: float) -> int:
    """Walk right at a box's height a second."""
    for k in range(round(seconds * 10) + 1):
        present = _see(book, 0.1 * k, [track_id], [(200 + 10.0 * k, 500.0)])
    return int(present.slots[0])


def test_keeps_a_slot_as_long_as_the_id_lasts() -> None:
    book = PeopleBook()
    first = _see(book, 0.0, [7, 3], [(100, 500), (300, 500)])
    again = _see(book, 0.2, [3, 7, 9], [(300, 500), (100, 500), (700, 500)])
    assert first.is_new.tolist() == [True, True]
    assert again.slots[:2].tolist() == first.slots[::-1].tolist()
    assert again.is_new.tolist() == [False, False, True]
    assert len(set(again.slots.tolist())) == 3


@pytest.mark.parametrize("gap_s", [0.1, 1.0, 1.9])
def test_a_new_id_where_a_lost_one_would_be_is_the_same_person(gap_s: float) -> None:
    book = PeopleBook()
    slot = _walk(book, 1, seconds=2)
    found = _see(book, 2 + gap_s, [2], [(400 + 100 * gap_s + 25, 500)])
    assert (found.slots.tolist(), found.is_new.tolist()) == ([slot], [False])


@pytest.mark.parametrize(("gap_s", "beside"), [(2.2, 0), (0.5, 35), (0.5, -35)])
def test_too_late_or_too_far_off_is_somebody_else(gap_s: float, beside: float) -> None:
    book = PeopleBook()
    _walk(book, 1, seconds=2)
    found = _see(book, 2 + gap_s, [2], [(400 + 100 * gap_s + beside, 500)])
    assert found.is_new.tolist() == [True]


def test_the_nearest_pair_goes_first_and_each_once() -> None:
    book = PeopleBook()
    before = _see(book, 0.0, [1, 2], [(500, 500), (520, 500)])
    after = _see(book, 0.1, [3, 4, 5], [(515, 500), (505, 500), (508, 500)])
    assert after.slots[:2].tolist() == before.slots[::-1].tolist()
    assert after.is_new.tolist() == [False, False, True]


def test_somebody_in_view_is_nobodys_past() -> None:
    book = PeopleBook()
    _see(book, 0.0, [1], [(500, 500)])
    both = _see(book, 0.1, [1, 2], [(500, 500), (505, 500)])
    assert both.is_new.tolist() == [False, True]


def test_without_an_identity_nobody_is_remembered() -> None:
    book = PeopleBook()
    found = _see(book, 0.0, [-1, -1, 4, 4], [(100, 500), (300, 500), (500, 500), (700, 500)])
    assert found.slots[[0, 1, 3]].tolist() == [-1, -1, -1]
    assert found.is_new.tolist() == [False, False, True, False]
    assert len(book) == 1


def test_returns_within_the_time_of_forgetting_and_not_after() -> None:
    book = PeopleBook()
    slot = _walk(book, 1, seconds=0)
    back = _see(book, FORGET_S - 0.1, [1], [(900, 500)])
    assert back.slots.tolist() == [slot]
    gone = _see(book, 2 * FORGET_S, [], [])
    assert gone.departed.slots.tolist() == [slot]
    assert gone.departed.seen_s.tolist() == [FORGET_S - 0.1]
    assert _see(book, 2 * FORGET_S, [1], [(900, 500)]).is_new.tolist() == [True]


def test_tells_who_left_the_picture_from_who_was_lost() -> None:
    book = PeopleBook()
    for k in range(6):
        places = [(800 + 30.0 * k, 500.0), (500.0, 500.0), (500.0, 1000.0), (300.0, 90.0)]
        _see(book, 0.2 * k, [1, 2, 3, 4], places)
    departed = _see(book, 10, [], []).departed
    left = dict(zip(departed.slots.tolist(), departed.has_left.tolist(), strict=True))
    assert [left[slot] for slot in sorted(left)] == [True, False, True, True]


def test_a_new_segment_forgets_all_and_nobody_in_view_has_left() -> None:
    book = PeopleBook()
    _see(book, 0.0, [1], [(500, 1000)])
    departed = book.forget()
    assert departed.has_left.tolist() == [False]
    assert len(book) == 0
    assert _see(book, 0.1, [1], [(500, 1000)]).is_new.tolist() == [True]


def test_memory_is_bounded_by_the_people_in_view() -> None:
    book, random = PeopleBook(), np.random.default_rng(1)
    for k in range(400):
        ids = list(range(40 * k, 40 * k + 40))
        _see(book, 0.5 * k, ids, [(x, y) for x, y in random.uniform(100, 900, (40, 2))])
    assert len(book) <= 40 * (FORGET_S / 0.5 + 1)
    assert book.capacity <= 4 * 40 * (FORGET_S / 0.5 + 1)


def test_ids_are_those_of_the_frame_whatever_their_order() -> None:
    book, random = PeopleBook(), np.random.default_rng(2)
    places = random.uniform(100, 900, (100, 2))
    slots = _see(book, 0.0, list(range(100)), [(x, y) for x, y in places]).slots
    for k in range(1, 20):
        order = random.permutation(100)[:80]
        found = _see(book, 0.1 * k, order.tolist(), [(x, y) for x, y in places[order]])
        np.testing.assert_array_equal(found.slots, slots[order])
        assert not found.is_new.any()
