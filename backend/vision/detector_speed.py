"""How fast detectors are on the same pictures in the same run."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from backend.core.clock import Clock
from backend.core.frame import Image
from backend.vision.detector import SLOTS, DetectionTicket, Detector

ROUNDS = 3


@dataclass(frozen=True, slots=True)
class DetectorSpeed:
    """Speed of one detector, pictures in memory: scaling, network and suppression.

    Attributes:
        frame_ms: Milliseconds a picture takes on its own, median of the rounds.
        frames_per_s: Pictures a second with as many under way as one camera may have.
    """

    frame_ms: float
    frames_per_s: float


def measure_speed(
    detectors: Sequence[Detector], pictures: Sequence[Image], *, clock: Clock
) -> tuple[DetectorSpeed, ...]:
    """Return the speed of each detector; they take turns, so that all see the same weather.

    Args:
        detectors: At least one; each is warmed up first.
        pictures: At least one, in memory.
        clock: Its monotonic time measures.
    """
    for detector in detectors:
        detector.detect(pictures[0])
    alone: list[list[float]] = [[] for _ in detectors]
    together: list[list[float]] = [[] for _ in detectors]
    for _ in range(ROUNDS):
        for index, detector in enumerate(detectors):
            began_s = clock.monotonic()
            for picture in pictures:
                detector.detect(picture)
            alone[index].append((clock.monotonic() - began_s) / len(pictures))
        for index, detector in enumerate(detectors):
            began_s = clock.monotonic()
            _keep_busy(detector, pictures)
            together[index].append((clock.monotonic() - began_s) / len(pictures))
    return tuple(
        DetectorSpeed(frame_ms=1000.0 * _median(one), frames_per_s=1.0 / max(_median(all_), 1e-9))
        for one, all_ in zip(alone, together, strict=True)
    )


def _keep_busy(detector: Detector, pictures: Sequence[Image]) -> None:
    under_way: deque[DetectionTicket] = deque()
    for picture in pictures:
        if len(under_way) >= SLOTS:
            under_way.popleft().result()
        under_way.append(detector.submit(picture))
    while under_way:
        under_way.popleft().result()


def _median(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]
