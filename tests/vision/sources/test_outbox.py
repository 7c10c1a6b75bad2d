"""Handing frames from the reader thread to the owner."""

from __future__ import annotations

import threading

import pytest

from backend.core.errors import SourceEnded
from backend.vision.sources.outbox import Outbox


def test_newest_wins_and_counts() -> None:
    box: Outbox[int] = Outbox(1, newest_wins=True)
    for item in range(5):
        assert box.put(item)
    assert box.take(0.0) == 4
    assert box.dropped == 4
    assert box.take(0.0) is None


def test_in_order_blocks_until_there_is_room() -> None:
    box: Outbox[int] = Outbox(2, newest_wins=False)
    done = threading.Event()

    def fill() -> None:
        for item in range(6):
            box.put(item)
        done.set()

    thread = threading.Thread(target=fill, name="test-fill")
    thread.start()
    assert not done.wait(0.1)
    assert [box.take(2.0) for _ in range(6)] == list(range(6))
    thread.join()
    assert box.dropped == 0


def test_the_ending_comes_after_the_last_item() -> None:
    box: Outbox[int] = Outbox(4, newest_wins=False)
    box.put(1)
    box.finish(SourceEnded("over"))
    assert box.take(0.0) == 1
    for _ in range(2):
        with pytest.raises(SourceEnded):
            box.take(0.0)


def test_close_wakes_both_sides() -> None:
    box: Outbox[int] = Outbox(1, newest_wins=False)
    box.put(1)
    outcome: list[bool] = []
    thread = threading.Thread(target=lambda: outcome.append(box.put(2)), name="test-put")
    thread.start()
    box.close()
    thread.join(2)
    assert outcome == [False]
    assert box.take(5.0) is None


def test_capacity_can_grow() -> None:
    box: Outbox[int] = Outbox(1, newest_wins=False)
    box.set_capacity(3)
    assert all(box.put(item) for item in range(3))
    assert [box.take(0.0) for _ in range(3)] == [0, 1, 2]
