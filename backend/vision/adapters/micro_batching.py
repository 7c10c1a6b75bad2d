"""Gathers the pictures of several cameras into one run of a network on a GPU.

A GPU needs hardly longer for eight pictures than for one. Cameras hand in a picture each and wait
for their own answer; they do not notice whose pictures travelled along.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass, replace

import numpy as np

from backend.core.errors import CrowdSafeError, UnavailableError
from backend.core.frame import Image
from backend.vision.network import NetworkInfo, Output

Outputs = tuple[Output, ...]
BatchRun = Callable[[Sequence[Image]], Sequence[Outputs]]
"""Takes (H, W, 3) uint8 BGR pictures of one size, returns each one's outputs in the same order."""

CLOSE_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class BatchParams:
    """How long to gather and how many.

    Attributes:
        limit: Pictures in one run at most.
        window_s: Seconds the first picture waits for company at most. A picture that has waited
            that long behind a run under way goes at once, so a busy GPU gathers full batches
            without waiting and an idle one answers `window_s` later than it could; 4 ms are a
            tenth of the time between two frames of a 25-fps camera, and longer than twelve
            cameras need to paint their pictures one after the other.
        waiting: Pictures handed in and not begun at most; one more is refused.
    """

    limit: int = 8
    window_s: float = 0.004
    waiting: int = 256

    def __post_init__(self) -> None:
        if self.limit < 1 or self.waiting < self.limit or self.window_s < 0.0:
            raise ValueError("a batch needs room for one picture, and the queue for one batch")


@dataclass(frozen=True, slots=True)
class _Item:
    picture: Image
    answer: Future[Outputs]
    arrived_s: float


class MicroBatcher:
    """One thread that runs a network on whatever pictures have come together.

    Args:
        run: The network; called by that thread only.
        name: For the thread and for messages.
        params: How long to gather and how many.
    """

    def __init__(self, run: BatchRun, *, name: str, params: BatchParams | None = None) -> None:
        self._run = run
        self._name = name
        self._params = params or BatchParams()
        self._changed = threading.Condition()
        self._waiting: deque[_Item] = deque()
        self._users = 0
        self._is_closed = False
        self._thread = threading.Thread(target=self._work, name=f"batch-{name}", daemon=True)
        self._thread.start()

    def join_in(self) -> None:
        """Count one more user: a batch that holds a picture of every user need not wait."""
        with self._changed:
            if self._is_closed:
                raise UnavailableError(f"{self._name} has been closed")
            self._users += 1

    def leave(self) -> None:
        """Count one user less."""
        with self._changed:
            self._users -= 1
            self._changed.notify_all()

    def submit(self, picture: Image) -> Future[Outputs]:
        """Hand in a picture, not to be written to before its answer is there; returns at once.

        Raises:
            UnavailableError: Closed, or more pictures are waiting than the queue holds.
        """
        answer: Future[Outputs] = Future()
        with self._changed:
            if self._is_closed:
                raise UnavailableError(f"{self._name} has been closed")
            if len(self._waiting) >= self._params.waiting:
                raise UnavailableError(
                    f"{self._name} has {len(self._waiting)} pictures waiting already"
                )
            self._waiting.append(_Item(picture, answer, time.monotonic()))
            self._changed.notify_all()
        return answer

    def close(self) -> None:
        """Answer what was handed in, end the thread and refuse more; idempotent."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        self._thread.join(CLOSE_TIMEOUT_S)

    def _work(self) -> None:
        while batch := self._gather():
            self._answer(batch)

    def _gather(self) -> list[_Item]:
        """Wait for the next batch; empty once closed and nothing is left."""
        with self._changed:
            while not self._is_ripe():
                left_s = None
                if self._waiting:
                    left_s = self._waiting[0].arrived_s + self._params.window_s - time.monotonic()
                if self._is_closed and not self._waiting:
                    return []
                self._changed.wait(left_s)
            return self._take()

    def _is_ripe(self) -> bool:
        if not self._waiting:
            return False
        age_s = time.monotonic() - self._waiting[0].arrived_s
        full = min(self._params.limit, max(1, self._users))
        return self._is_closed or len(self._waiting) >= full or age_s >= self._params.window_s

    def _take(self) -> list[_Item]:
        """Take the oldest picture and those of its size, oldest first."""
        shape = self._waiting[0].picture.shape
        batch: list[_Item] = []
        others: list[_Item] = []
        for item in self._waiting:
            fits = item.picture.shape == shape and len(batch) < self._params.limit
            (batch if fits else others).append(item)
        self._waiting = deque(others)
        return batch

    def _answer(self, batch: list[_Item]) -> None:
        try:
            answers = list(zip(batch, self._run([item.picture for item in batch]), strict=True))
        except Exception as error:  # noqa: BLE001 - the thread's edge: whoever waits is told
            for item in batch:
                item.answer.set_exception(self._as_told(error))
            return
        for item, answer in answers:
            item.answer.set_result(answer)

    def _as_told(self, error: Exception) -> Exception:
        """Return an error of its own for each waiting camera."""
        if isinstance(error, CrowdSafeError):
            return type(error)(str(error))
        lines = str(error).strip().splitlines()
        reason = lines[-1][:200] if lines else type(error).__name__
        return UnavailableError(f"{self._name} could not look at a picture: {reason}")


class BatchRequest:
    """One input buffer and its place in a batch (implements `network.NetworkRequest`)."""

    def __init__(self, batcher: MicroBatcher, input_hw: tuple[int, int]) -> None:
        self._batcher = batcher
        self._canvas: Image = np.empty((*input_hw, 3), np.uint8)
        self._answer: Future[Outputs] | None = None
        self._is_open = True
        batcher.join_in()

    @property
    def canvas(self) -> Image:
        """See `NetworkRequest.canvas`."""
        return self._canvas

    def start(self) -> None:
        """See `NetworkRequest.start`."""
        self._answer = self._batcher.submit(self._canvas)

    def wait(self, timeout_s: float) -> bool:
        """See `NetworkRequest.wait`."""
        if self._answer is None:
            return False
        try:
            self._answer.exception(timeout_s)
        except (FutureTimeoutError, CancelledError):
            return False
        return True

    def outputs(self) -> tuple[Output, ...]:
        """See `NetworkRequest.outputs`."""
        assert self._answer is not None, "asked for before the first start"
        return self._answer.result()

    def close(self) -> None:
        """See `NetworkRequest.close`."""
        if not self._is_open:
            return
        self._is_open = False
        if self._answer is not None:
            self.wait(CLOSE_TIMEOUT_S)
            self._answer = None
        self._batcher.leave()


class BatchedNetwork:
    """A network that is run in batches (implements `network.Network`).

    Args:
        run: The network; called by one thread only.
        info: What it is; ``parallel`` becomes the batch limit.
        output_shape: Shape of the first output, None for lengths that follow the input's size.
        params: How long to gather and how many.
    """

    def __init__(
        self,
        run: BatchRun,
        *,
        info: NetworkInfo,
        output_shape: tuple[int | None, ...],
        params: BatchParams,
    ) -> None:
        self._info = replace(info, parallel=params.limit)
        self._output_shape = output_shape
        self._batcher = MicroBatcher(run, name=info.path, params=params)

    @property
    def info(self) -> NetworkInfo:
        """See `Network.info`."""
        return self._info

    @property
    def output_shape(self) -> tuple[int | None, ...]:
        """Shape of the first output, None for lengths that follow the input's size."""
        return self._output_shape

    def open_request(self, input_hw: tuple[int, int]) -> BatchRequest:
        """See `Network.open_request`."""
        return BatchRequest(self._batcher, input_hw)

    def close(self) -> None:
        """See `Network.close`."""
        self._batcher.close()
