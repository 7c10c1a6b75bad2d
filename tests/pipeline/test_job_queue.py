from __future__ import annotations

import threading

import pytest

from backend.pipeline.job_queue import InferenceGate, JobQueue


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


def test_a_job_passes_the_gate_at_once_when_no_live_camera_infers() -> None:
    assert InferenceGate(patience_s=0.0).wait_for_job_turn()


def test_a_job_waits_while_a_live_camera_infers() -> None:
    gate = InferenceGate(patience_s=0.01)
    with gate.live_turn():
        assert not gate.wait_for_job_turn()
    assert gate.wait_for_job_turn()


def test_live_cameras_that_are_always_busy_let_a_job_through_after_four_turns() -> None:
    gate = InferenceGate(live_per_job=4, patience_s=10.0)
    passed = threading.Event()
    asked = threading.Event()

    def job() -> None:
        asked.set()
        assert gate.wait_for_job_turn()
        passed.set()

    with gate.live_turn():  # one camera never pauses
        thread = threading.Thread(target=job, name="job")
        thread.start()
        asked.wait(5)
        threading.Event().wait(0.05)
        for _ in range(3):
            with gate.live_turn():
                pass
        assert not passed.wait(0.05)
        with gate.live_turn():
            pass
        assert passed.wait(5)
    thread.join(5)
