"""What the rest of the house knows of a person detector.

A `Detector` is one camera's handle on a network that all cameras share: cheap to open, owned
by one thread, closed when the camera stops.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from backend.core.camera import ModelInfo
from backend.core.frame import Detections, Image
from backend.vision.filters import BoxFilterParams

Region = tuple[int, int, int, int]
"""(x0, y0, x1, y1) pixels of the full frame, end exclusive."""


@dataclass(frozen=True, slots=True)
class DetectorParams:
    """Thresholds of a detector.

    Attributes:
        confidence: A candidate at least this sure is a detection, in (0, 1).
        weak_confidence: Candidates between this and ``confidence`` are handed on as
            ``Detections.weak`` for low-score association only; they are never counted.
        iou: Boxes overlapping more than this are the same person, in (0, 1).
        filters: Size and shape a person's box may have.
    """

    confidence: float = 0.25
    weak_confidence: float = 0.1
    iou: float = 0.5
    filters: BoxFilterParams = field(default_factory=BoxFilterParams)

    def __post_init__(self) -> None:
        for name in ("confidence", "weak_confidence", "iou"):
            value = getattr(self, name)
            if not 0.0 < value < 1.0:
                raise ValueError(f"{name} must lie between 0 and 1, got {value}")


class DetectionTicket(Protocol):
    """A picture on its way through the network."""

    def result(self, timeout_s: float = 30.0) -> Detections:
        """Wait for the detections; asking again returns the same object.

        Whatever the picture occupied in the network is free again once this has returned.

        Raises:
            UnavailableError: Nothing came within ``timeout_s``; asking again is allowed.
        """


class Detector(Protocol):
    """One camera's handle on a shared person detector; used by one thread at a time."""

    @property
    def info(self) -> ModelInfo:
        """Which network produces the numbers, as it runs for the last picture's shape."""

    @property
    def params(self) -> DetectorParams:
        """The thresholds in force."""

    def submit(self, image: Image) -> DetectionTicket:
        """Scale ``image`` to the network and start it; returns without waiting for it.

        ``image`` is not needed any more once this returns. Up to `SLOTS` pictures may be on
        their way; one more first waits for the oldest. A picture that is cut into tiles is
        under way with its last few tiles only when this returns: the earlier ones are done.

        Raises:
            UnavailableError: The detector is closed.
        """

    def detect(self, image: Image) -> Detections:
        """Return the persons in ``image``: ``submit`` and wait."""

    def survey(self, image: Image, regions: Sequence[Region], *, confidence: float) -> Detections:
        """Search parts of ``image`` enlarged to the network's input; blocks.

        For evidence, not for counting: the usual size filters do not apply.

        Args:
            image: The full frame.
            regions: Parts to search; duplicates where they overlap are merged.
            confidence: Lowest confidence returned, in (0, 1).

        Returns:
            Detections in pixels of the full frame, most confident first, ``weak`` is None.
        """

    def close(self) -> None:
        """Wait for what is under way and let go of the requests; idempotent."""


SLOTS = 3
"""Pictures one handle may have under way at once (keeps two inference streams busy)."""
