"""Frames at the detector: in order and timed; turns are given back, failures kept."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend.core.camera import ModelInfo
from backend.core.errors import InferenceFailedError, UnavailableError
from backend.core.frame import Detections, Image
from backend.pipeline.detection_queue import DetectionQueue
from backend.vision.inference.scheduler import Turn
from tests import builders
from tests.builders import ManualClock

FOUND = builders.detections((10, 20, 30, 60))


class Ticket:
    """Answers after so many waits of a second."""

    def __init__(self, clock: ManualClock, waits: int, failure: Exception | None = None) -> None:
        self._clock = clock
        self._waits = waits
        self._failure = failure

    def result(self, timeout_s: float = 30.0) -> Detections:
        if self._failure is not None:
            raise self._failure
        if self._waits == 0:
            return FOUND
        self._waits -= 1
        self._clock.advance(timeout_s)
        raise UnavailableError("no answer yet")


class Shelf:
    """A detector that hands out tickets made beforehand."""

    def __init__(self, *tickets: Ticket) -> None:
        self._tickets = list(tickets)

    @property
    def info(self) -> ModelInfo:
        return builders.model_info()

    def submit(self, image: Image) -> Ticket:
        return self._tickets.pop(0)

    def close(self) -> None:
        pass


class CountedTurn(Turn):
    """Says whether it was given back."""

    def __init__(self) -> None:
        self.given_back = 0

    def done(self) -> None:
        self.given_back += 1


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


def queue_of(
    clock: ManualClock, *tickets: Ticket, waits: list[float] | None = None
) -> DetectionQueue:
    queue = DetectionQueue(
        clock, timeout_s=5.0, on_wait=(waits if waits is not None else []).append
    )
    queue.open(Shelf(*tickets))
    return queue


def test_frames_come_back_in_their_order_with_what_they_took(clock: ManualClock) -> None:
    waits: list[float] = []
    queue = queue_of(clock, Ticket(clock, 2), Ticket(clock, 0), waits=waits)
    turn = CountedTurn()
    queue.submit(builders.frame(index=1), turn, 3.5)
    queue.submit(builders.frame(index=2), None, 0.0)
    assert len(queue) == 2
    first = queue.take()
    assert (first.frame.index, first.decode_ms, first.detect_ms) == (1, 3.5, 2000.0)
    assert first.detections is FOUND
    assert turn.given_back == 1
    assert waits == [0.0, 0.0]
    assert queue.take().frame.index == 2
    assert len(queue) == 0


def test_a_frame_of_known_truth_needs_no_detector(clock: ManualClock) -> None:
    queue = DetectionQueue(clock, timeout_s=5.0, on_wait=lambda _allow_s: None)
    truth = builders.tracks((1, 2, 3, 4))
    queue.submit(replace(builders.frame(), truth=truth), None, 0.0)
    assert queue.take().frame.truth is truth


def test_an_answer_that_does_not_come_fails_after_the_time_allowed(clock: ManualClock) -> None:
    queue = queue_of(clock, Ticket(clock, 99))
    queue.submit(builders.frame(), None, 0.0)
    began_s = clock.monotonic()
    with pytest.raises(UnavailableError, match="no answer yet"):
        queue.take()
    assert clock.monotonic() - began_s == 5.0


def test_a_network_that_broke_is_not_waited_for(clock: ManualClock) -> None:
    queue = queue_of(clock, Ticket(clock, 0, InferenceFailedError("broken")))
    queue.submit(builders.frame(), None, 0.0)
    began_s = clock.monotonic()
    with pytest.raises(InferenceFailedError, match="broken"):
        queue.take()
    assert clock.monotonic() == began_s


def test_answers_read_ahead_give_turns_back_and_keep_failures_for_their_time(
    clock: ManualClock,
) -> None:
    queue = queue_of(clock, Ticket(clock, 1), Ticket(clock, 0, InferenceFailedError("broken")))
    turns = [CountedTurn(), CountedTurn()]
    for number, turn in enumerate(turns):
        queue.submit(builders.frame(index=number), turn, 0.0)
    queue.read_answers()
    assert turns[0].given_back == 1
    assert len(queue) == 2
    assert queue.take().detections is FOUND
    with pytest.raises(InferenceFailedError, match="broken"):
        queue.take()


def test_what_is_forgotten_is_not_handed_on(clock: ManualClock) -> None:
    queue = queue_of(clock, Ticket(clock, 0))
    queue.submit(builders.frame(), None, 0.0)
    queue.clear()
    assert len(queue) == 0
    with pytest.raises(IndexError):
        queue.take()
