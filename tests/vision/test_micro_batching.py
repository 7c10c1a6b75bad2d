"""Batches across cameras, with a network that only notes what it is given."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pytest

from backend.core.errors import ModelError, UnavailableError
from backend.vision.adapters.micro_batching import (
    BatchedNetwork,
    BatchParams,
    MicroBatcher,
    Outputs,
)
from backend.vision.network import NetworkInfo

LONG_S = 20.0
"""A window no test waits out."""


class FakeRun:
    """Answers each picture with its first value; can be held up and made to fail."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.shapes: list[tuple[int, ...]] = []
        self.failure: Exception | None = None
        self.begun = threading.Semaphore(0)
        self.may_go = threading.Event()
        self.may_go.set()

    def __call__(self, pictures: Sequence[npt.NDArray[np.uint8]]) -> list[Outputs]:
        self.sizes.append(len(pictures))
        self.shapes.append(pictures[0].shape)
        self.begun.release()
        assert self.may_go.wait(LONG_S)
        if self.failure is not None:
            raise self.failure
        return [(np.full((1, 1), picture[0, 0, 0], np.float32),) for picture in pictures]


@pytest.fixture
def run() -> FakeRun:
    return FakeRun()


@pytest.fixture
def batcher(run: FakeRun) -> Iterator[MicroBatcher]:
    """Four pictures at most; with two users a batch of two is complete."""
    made = MicroBatcher(run, name="fake", params=BatchParams(limit=4, window_s=LONG_S, waiting=6))
    made.join_in()
    made.join_in()
    yield made
    run.may_go.set()
    made.close()


def _picture(value: int, *, side: int = 2) -> npt.NDArray[np.uint8]:
    return np.full((side, side, 3), value, np.uint8)


def _value(answer: Outputs) -> float:
    return float(answer[0][0, 0])


def test_pictures_of_all_users_travel_together_and_come_back_to_their_own(
    batcher: MicroBatcher, run: FakeRun
) -> None:
    answers = [batcher.submit(_picture(value)) for value in (7, 9)]
    assert [_value(answer.result(LONG_S)) for answer in answers] == [7, 9]
    assert run.sizes == [2], "complete: nobody waited for the window to end"


def test_a_lonely_picture_goes_when_its_window_ends(run: FakeRun) -> None:
    batcher = MicroBatcher(run, name="fake", params=BatchParams(limit=4, window_s=0.02))
    batcher.join_in()
    batcher.join_in()
    begun_s = time.monotonic()
    assert _value(batcher.submit(_picture(3)).result(LONG_S)) == 3
    assert time.monotonic() - begun_s >= 0.02
    batcher.close()


def test_what_came_during_a_run_goes_in_full_batches_oldest_first(
    batcher: MicroBatcher, run: FakeRun
) -> None:
    run.may_go.clear()
    first = [batcher.submit(_picture(value)) for value in (1, 2)]
    assert run.begun.acquire(timeout=LONG_S)
    later = [batcher.submit(_picture(value)) for value in (3, 4, 5, 6, 7, 8)]
    with pytest.raises(UnavailableError, match="6 pictures waiting"):
        batcher.submit(_picture(9))
    run.may_go.set()
    assert [_value(answer.result(LONG_S)) for answer in first + later] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert run.sizes == [2, 4, 2]


def test_pictures_of_different_sizes_do_not_share_a_batch(
    batcher: MicroBatcher, run: FakeRun
) -> None:
    sizes = [(1, 2), (2, 4), (3, 2), (4, 4)]
    run.may_go.clear()
    answers = [batcher.submit(_picture(value, side=side)) for value, side in sizes]
    run.may_go.set()
    batcher.close()
    assert [_value(answer.result(LONG_S)) for answer in answers] == [1, 2, 3, 4]
    assert all(shape[0] in {2, 4} for shape in run.shapes) and len(run.shapes) >= 2


@pytest.mark.parametrize(
    ("failure", "kind", "text"),
    [
        (RuntimeError("CUDA error:\nout of memory"), UnavailableError, "fake .* out of memory"),
        (ModelError("the weights are gone"), ModelError, "the weights are gone"),
    ],
)
def test_an_error_reaches_every_picture_of_the_batch_and_ends_nothing(
    batcher: MicroBatcher, run: FakeRun, failure: Exception, kind: type[Exception], text: str
) -> None:
    run.failure = failure
    answers = [batcher.submit(_picture(value)) for value in (1, 2)]
    for answer in answers:
        with pytest.raises(kind, match=text):
            answer.result(LONG_S)
    run.failure = None
    again = [batcher.submit(_picture(value)) for value in (1, 2)]
    assert [_value(answer.result(LONG_S)) for answer in again] == [1, 2]


def test_closing_answers_what_was_handed_in_and_refuses_more(
    batcher: MicroBatcher, run: FakeRun
) -> None:
    answer = batcher.submit(_picture(5))  # alone: its window is still open
    batcher.close()
    batcher.close()
    assert _value(answer.result(0)) == 5
    for refused in (lambda: batcher.submit(_picture(6)), batcher.join_in):
        with pytest.raises(UnavailableError, match="fake has been closed"):
            refused()


def test_a_user_who_leaves_is_not_waited_for(batcher: MicroBatcher) -> None:
    answer = batcher.submit(_picture(5))
    batcher.leave()
    assert _value(answer.result(LONG_S)) == 5


def test_a_batched_network_is_a_network(run: FakeRun) -> None:
    info = NetworkInfo("fake", "torch", "f16", (2, 2), ("output0",), "fake.torchscript")
    network = BatchedNetwork(
        run, info=info, output_shape=(1, 1), params=BatchParams(limit=3, window_s=LONG_S)
    )
    assert network.info.parallel == 3
    requests = [network.open_request((2, 2)) for _ in range(3)]
    assert requests[0].wait(0.0) is False, "nothing was started"
    for value, request in enumerate(requests):
        request.canvas[...] = value
        request.start()
    assert all(request.wait(LONG_S) for request in requests)
    assert [_value(request.outputs()) for request in requests] == [0, 1, 2]
    run.may_go.clear()
    for request in requests:
        request.start()
    assert requests[0].wait(0.001) is False
    run.may_go.set()
    for request in requests:
        request.close()
        request.close()
    network.close()
    with pytest.raises(UnavailableError, match=r"fake\.torchscript has been closed"):
        network.open_request((2, 2))


@pytest.mark.parametrize("bad", [{"limit": 0}, {"window_s": -0.1}, {"waiting": 3}])
def test_senseless_batches_are_refused(bad: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="batch needs room"):
        BatchParams(**bad)  # type: ignore[arg-type]
