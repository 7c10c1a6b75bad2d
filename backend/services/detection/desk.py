"""Where detections on demand are made: one picture at a time, so that cameras keep their turns."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final

from backend.core.camera import CameraConfig, Overlay
from backend.core.clock import Clock
from backend.core.measurements import Quality
from backend.pipeline.picture_encoder import PictureEncoder
from backend.services.detection.frame_meter import FrameMeter, MeterParts
from backend.services.detection.places import Places
from backend.services.detection.views import (
    CountView,
    DetectionView,
    Look,
    PictureView,
    draw,
    people_in,
    person_view,
)

TURN_WAIT_S: Final = 10.0
_BUSY: Final = "Other pictures are being analysed. Ask again in a moment."


@dataclass(frozen=True, slots=True)
class Wish:
    """How the answer is to look.

    Attributes:
        confidence: Lowest confidence of a box that is listed, in (0, 1); None = the
            installation's, below which there are none. The count does not follow it.
        annotate: Draw the boxes.
    """

    confidence: float | None = None
    annotate: bool = False


class DetectionDesk:
    """Measures, draws and answers; usable from any thread.

    Args:
        meters: What measures.
        encoder: Draws.
        confidence: The installation's limit.
    """

    def __init__(self, meters: MeterParts, encoder: PictureEncoder, *, confidence: float) -> None:
        self._meters = meters
        self._encoder = encoder
        self._confidence = confidence
        self._turns = Places(1, busy=_BUSY, retry_after_s=2)

    @property
    def clock(self) -> Clock:
        """The clock times are measured with."""
        return self._meters.clock

    def turn(self) -> AbstractContextManager[None]:
        """Wait for one's turn at the network and hold it; keep it short.

        Raises:
            UnavailableError: It did not come within ten seconds; says when to ask again.
        """
        return self._turns.take(wait_s=TURN_WAIT_S)

    def open_meter(self, config: CameraConfig) -> FrameMeter:
        """Return what measures pictures of one place; raises ModelError without a detector."""
        return FrameMeter(config, self._meters)

    def answer(
        self,
        look: Look,
        wish: Wish,
        *,
        count: CountView,
        overlays: frozenset[Overlay],
        timings_ms: dict[str, float],
        began_s: float,
    ) -> DetectionView:
        """Return the answer about the picture looked at last.

        Args:
            look: The picture and what was found.
            wish: What is listed, and whether it is drawn.
            count: Of this picture, or of a span that ends with it.
            overlays: What is drawn.
            timings_ms: What is known so far; drawing and the total are added.
            began_s: Monotonic time at which the work began.
        """
        limit = max(wish.confidence or 0.0, self._confidence)
        people = people_in(look.snapshot, limit)
        annotated = None
        drawing_s = self.clock.monotonic()
        if wish.annotate:
            annotated = draw(self._encoder, look, people, overlays)
            timings_ms["draw"] = 1000 * (self.clock.monotonic() - drawing_s)
        timings_ms["total"] = 1000 * (self.clock.monotonic() - began_s)
        quality: Quality = count.quality
        return DetectionView(
            count=count.count,
            count_low=count.low,
            count_high=count.high,
            trust=quality.trust.value,
            trust_reason=quality.reason,
            detections=tuple(person_view(track) for track in people),
            confidence=limit,
            picture=PictureView(*look.snapshot.picture_wh),
            model=look.snapshot.model,
            timings_ms={name: round(value, 1) for name, value in timings_ms.items()},
            annotated=annotated,
        )
