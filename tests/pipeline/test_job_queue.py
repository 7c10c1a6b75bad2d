from __future__ import annotations

import threading

import pytest

from backend.pipeline.job_queue import JobQueue


def test_places_are_given_first_come_first_served() -> None:
    queue = JobQueue(places=1)
    order: list[str] = []
    assert queue.acquire("a", wanted=lambda: True)

    def run(name: str) -> None:
        assert queue.acquire(name, wanted=lambda: True)
        order.append(name)
        queue.release(name)

    threads = []
    for number, name in enumerate(("b", "c", "d")):
        threads.append(threading.Thread(target=run, args=(name,), name=f"job-{name}"))
        threads[-1].start()
        while queue.position(name) is None:
            threading.Event().wait(0.005)
        assert queue.position(name) == number
    assert order == []
    queue.release("a")
    for thread in threads:
        thread.join(5)
    assert order == ["b", "c", "d"]


def test_a_job_nobody_wants_any_more_leaves_the_queue() -> None:
    queue = JobQueue(places=1)
    assert queue.acquire("a", wanted=lambda: True)
    assert not queue.acquire("b", wanted=lambda: False)
    assert queue.position("b") is None
    queue.release("a")
    queue.release("never had one")
    assert queue.acquire("c", wanted=lambda: True)


def test_two_places_run_two_jobs() -> None:
    queue = JobQueue(places=2)
    assert queue.acquire("a", wanted=lambda: True)
    assert queue.acquire("b", wanted=lambda: True)
    answers = [True, False]
    assert not queue.acquire("c", wanted=lambda: answers.pop(0))
    with pytest.raises(ValueError, match="at least one place"):
        JobQueue(places=0)
