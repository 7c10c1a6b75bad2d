"""Frames of one camera at its detector: submitted, waited for, handed on in their order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from backend.core.clock import Clock
from backend.core.errors import InferenceFailedError, UnavailableError
from backend.core.frame import Detections, Frame
from backend.vision.detector import DetectionTicket, Detector
from backend.vision.inference.scheduler import Turn

_WAIT_SLICE_S = 1.0


@dataclass(slots=True)
class PendingFrame:
    """A frame on its way: submitted, then with its detections.

    Attributes:
        frame: The picture.
        ticket: None where truth is known, and once the answer was read.
        turn: The turn the frame was fetched under, if any; given back with the answer.
        submitted_mono_s: When it went to the network.
        decode_ms: What decoding it took.
        detections: Empty until the answer was read, and where truth is known.
        detect_ms: What the network took, its queue included.
        failure: What reading the answer ahead of time came to, raised when its time comes.
    """

    frame: Frame
    ticket: DetectionTicket | None
    turn: Turn | None
    submitted_mono_s: float
    decode_ms: float
    detections: Detections = field(default_factory=Detections.empty)
    detect_ms: float = 0.0
    failure: UnavailableError | None = None


class DetectionQueue:
    """Detections under way, oldest first; used by the camera's thread only.

    Args:
        clock: Measures what the network takes.
        timeout_s: A detection that takes longer has failed.
        on_wait: Called about once a second while waiting for the network.
    """

    def __init__(self, clock: Clock, *, timeout_s: float, on_wait: Callable[[float], None]) -> None:
        self._clock = clock
        self._timeout_s = timeout_s
        self._on_wait = on_wait
        self._detector: Detector | None = None
        self._under_way: deque[PendingFrame] = deque()

    def __len__(self) -> int:
        """Frames under way."""
        return len(self._under_way)

    def open(self, detector: Detector) -> None:
        """Submit to ``detector`` from now on; frames whose truth is known need none."""
        self._detector = detector

    def submit(self, frame: Frame, turn: Turn | None, decode_ms: float) -> None:
        """Start the detection of a frame.

        Args:
            frame: The picture.
            turn: Given back with its answer.
            decode_ms: What decoding it took.
        """
        started_s = self._clock.monotonic()
        ticket = None
        if frame.truth is None:
            assert self._detector is not None, "open() comes first"
            ticket = self._detector.submit(frame.image)
        self._under_way.append(PendingFrame(frame, ticket, turn, started_s, decode_ms))

    def take(self) -> PendingFrame:
        """Wait for the oldest frame and return it with its detections.

        Raises:
            UnavailableError: The network did not answer in time.
            IndexError: Nothing is under way.
        """
        return self._wait(self._under_way.popleft())

    def read_answers(self) -> None:
        """Read the answers of all that is under way, so that no turn is held."""
        for pending in self._under_way:
            try:
                self._wait(pending)
            except UnavailableError as error:  # the frame before it is finished first
                pending.failure = error

    def clear(self) -> None:
        """Forget what is under way."""
        self._under_way.clear()

    def _wait(self, pending: PendingFrame) -> PendingFrame:
        if pending.failure is not None:
            raise pending.failure
        if pending.ticket is None:
            return pending
        deadline_s = pending.submitted_mono_s + self._timeout_s
        while True:
            try:
                pending.detections = pending.ticket.result(_WAIT_SLICE_S)
            except InferenceFailedError:
                raise
            except UnavailableError:
                self._on_wait(0.0)
                if self._clock.monotonic() >= deadline_s:
                    raise
            else:
                if pending.turn is not None:
                    pending.turn.done()
                pending.detect_ms = 1000 * (self._clock.monotonic() - pending.submitted_mono_s)
                pending.ticket = None
                return pending
