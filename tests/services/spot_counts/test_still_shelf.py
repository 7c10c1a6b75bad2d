"""Stills: whose they are, how long and how many are kept, and that one is counted once."""

from __future__ import annotations

import threading

import pytest

from backend.core.measurements import CountMethod
from backend.core.trust import Trust
from backend.services.spot_counts.sight import Sight
from backend.services.spot_counts.still_shelf import LIFETIME_S, Still, StillShelf
from tests.builders import EPOCH, ManualClock

SIGHT = Sight(EPOCH, None, 3.0, 2.0, 4.0, Trust.OK, "", CountMethod.BOXES, "yolo")


@pytest.fixture
def shelf(manual_clock: ManualClock) -> StillShelf:
    return StillShelf(clock=manual_clock, per_user=2, most=5)


def still(clock: ManualClock, *, user_id: int = 1, camera_id: int = 1) -> Still:
    return Still(user_id, camera_id, b"jpeg", SIGHT, clock.monotonic())


def test_a_still_is_its_owners_and_its_cameras(
    shelf: StillShelf, manual_clock: ManualClock
) -> None:
    mine = still(manual_clock)
    token = shelf.put(mine)
    assert shelf.find(token, user_id=1, camera_id=1) is mine
    for user_id, camera_id in ((2, 1), (None, 1), (1, 2)):
        assert shelf.find(token, user_id=user_id, camera_id=camera_id) is None
        assert shelf.take(token, user_id=user_id, camera_id=camera_id) is None
    assert shelf.find(token + "x", user_id=1, camera_id=1) is None
    assert shelf.take(token, user_id=1, camera_id=1) is mine
    assert shelf.take(token, user_id=1, camera_id=1) is None, "it is counted once"
    shelf.put_back(token, mine)
    assert shelf.find(token, user_id=1, camera_id=1) is mine


def test_tokens_differ(shelf: StillShelf, manual_clock: ManualClock) -> None:
    tokens = {shelf.put(still(manual_clock)) for _ in range(50)}
    assert len(tokens) == 50
    assert min(len(token) for token in tokens) >= 20


def test_a_still_is_kept_for_ten_minutes(shelf: StillShelf, manual_clock: ManualClock) -> None:
    token = shelf.put(still(manual_clock))
    manual_clock.advance(LIFETIME_S - 0.1)
    assert shelf.find(token, user_id=1, camera_id=1) is not None
    manual_clock.advance(0.1)
    assert shelf.find(token, user_id=1, camera_id=1) is None
    assert len(shelf) == 0


def test_memory_is_bounded(shelf: StillShelf, manual_clock: ManualClock) -> None:
    first, second, third = (shelf.put(still(manual_clock)) for _ in range(3))
    assert shelf.find(first, user_id=1, camera_id=1) is None, "the oldest of one's own goes"
    assert shelf.find(second, user_id=1, camera_id=1) is not None
    for user_id in range(2, 30):
        shelf.put(still(manual_clock, user_id=user_id))
        assert len(shelf) <= 5
    assert shelf.find(third, user_id=1, camera_id=1) is None
    assert len(shelf) == 5


def test_a_deleted_camera_leaves_nothing(shelf: StillShelf, manual_clock: ManualClock) -> None:
    token = shelf.put(still(manual_clock))
    other = shelf.put(still(manual_clock, camera_id=2))
    shelf.forget(1)
    assert shelf.find(token, user_id=1, camera_id=1) is None
    assert shelf.find(other, user_id=1, camera_id=2) is not None


def test_of_many_who_take_at_once_one_gets_it(manual_clock: ManualClock) -> None:
    shelf = StillShelf(clock=manual_clock)
    token = shelf.put(still(manual_clock))
    start = threading.Barrier(4)
    got: list[Still | None] = []

    def hurry() -> None:
        start.wait(30)
        got.append(shelf.take(token, user_id=1, camera_id=1))

    threads = [threading.Thread(target=hurry) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sum(one is not None for one in got) == 1
