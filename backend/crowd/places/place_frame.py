"""Everything that zones and lines are told of one frame."""

from __future__ import annotations

from dataclasses import dataclass

from backend.core.frame import FloatArray
from backend.core.observation import FrameFacts
from backend.crowd.hybrid.reading import HybridReading
from backend.crowd.metering.ground_view import GroundView
from backend.crowd.metering.reading import Reading
from backend.crowd.metering.sighting import Sighting
from backend.crowd.reliability import Belief
from backend.crowd.stream_clock import StreamStep


@dataclass(frozen=True, slots=True, eq=False)
class PlaceFrame:
    """One frame as the analyser has measured it.

    Attributes:
        seen: The N tracks.
        reading: What was measured of them.
        facts: The rest that is known of the frame.
        step: Its place in stream time.
        belief: How far its numbers may be believed.
        hybrid: How boxes and density map share it; None = boxes alone count.
        view: The calibration behind ``reading``; None uncalibrated.
        missed: People the boxes may miss in the whole picture besides what the count allows for.
    """

    seen: Sighting
    reading: Reading
    facts: FrameFacts
    step: StreamStep
    belief: Belief
    hybrid: HybridReading | None = None
    view: GroundView | None = None
    missed: float = 0.0

    @property
    def feet_px(self) -> FloatArray:
        """(N, 2) float64, where each stands, pixels: inferred where calibrated and hidden."""
        ground = self.reading.ground
        return self.seen.feet_px if ground is None else ground.foot_px
