"""What waits for the AlertManager: in order, bounded, counted."""

from __future__ import annotations

from backend.services.alert_queue import AlertQueue
from tests import builders


def test_news_come_out_in_their_order() -> None:
    queue = AlertQueue(5)
    news = [builders.snapshot(sequence=number) for number in range(3)]
    for one in news:
        queue.put(one)
    assert len(queue) == 3
    assert [queue.take() for _ in range(4)] == [*news, None]
    assert (queue.taken, queue.dropped, len(queue)) == (3, 0, 0)


def test_a_full_queue_loses_the_oldest_and_counts_it() -> None:
    queue = AlertQueue(2)
    news = [builders.snapshot(sequence=number) for number in range(5)]
    for one in news:
        queue.put(one)
    assert (len(queue), queue.dropped) == (2, 3)
    assert queue.take() is news[3]


def test_who_waits_is_woken_by_news_and_by_the_end() -> None:
    queue = AlertQueue(2)
    assert not queue.wait(0)
    queue.put(builders.snapshot())
    assert not queue.wait(60)
    queue.close()
    assert queue.wait(60)
    queue.take()
    assert queue.wait(60)
    queue.open()
    assert not queue.wait(0)
