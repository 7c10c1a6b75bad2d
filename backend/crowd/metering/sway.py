"""Whether the dense part of a crowd sways as one body."""

from __future__ import annotations

from dataclasses import dataclass

from backend.core.frame import FloatArray
from backend.crowd.ground_flow import GroundFlow
from backend.crowd.metering.density_meter import DensityReading, GroundCrowd
from backend.crowd.metering.ground_view import GroundView
from backend.crowd.metering.map_density import density_at
from backend.crowd.oscillation import Oscillation, OscillationWindow, body_velocity

DENSE_PER_M2 = 4.0
"""From this local density on a confined crowd can sway as one body, 1/m² (Gu et al. 2025)."""

HOLD_SHARE = 0.85
"""A place counts as that dense down to this share of it."""


@dataclass(frozen=True, slots=True, eq=False)
class GroundFrame:
    """What a velocity field is made of in one frame.

    Attributes:
        crowd: The people placed on the ground.
        velocity_mps: (K, 2) float64, theirs, NaN where undefined.
        flow: Motion of the picture where motion is measured on it, else None; with people where
            a density map tells where they are.
        is_saturated: The counter is beyond what it was validated for.
    """

    crowd: GroundCrowd
    velocity_mps: FloatArray
    flow: GroundFlow | None
    is_saturated: bool


class SwayMeter:
    """Feeds the mean velocity of those who stand densely to the oscillation detector.

    Only where local density is at least 4 people/m² (3.4 once there), of boxes and density map
    together; or where the counter is saturated, no map tells where people are and motion is
    measured on the picture, which then stands for all of the area.

    Attributes:
        found: The oscillation now, None where there is none.
    """

    def __init__(self, view: GroundView) -> None:
        self._view = view
        self._window = OscillationWindow(is_right_handed=view.is_right_handed)
        self._is_new = True
        self.found: Oscillation | None = None

    def clear(self) -> None:
        """Start a new segment."""
        self._is_new = True
        self.found = None

    def measure(self, frame: GroundFrame, density: DensityReading, *, total_s: float) -> None:
        """Take one instant.

        Args:
            frame: The velocities.
            density: Local density at this instant.
            total_s: Stream time over all segments, seconds.
        """
        found = self._window.update(
            self._mean_velocity(frame, density), total_s=total_s, is_new_segment=self._is_new
        )
        self._is_new = False
        limit = DENSE_PER_M2 if self.found is None else HOLD_SHARE * DENSE_PER_M2
        flow = frame.flow
        beyond_counting = frame.is_saturated and flow is not None and flow.people is None
        is_dense = density.peak.value_per_m2 >= limit or beyond_counting
        self.found = found if is_dense else None

    def _mean_velocity(self, frame: GroundFrame, density: DensityReading) -> FloatArray | None:
        """(2,) m/s of the dense part; None where there is none."""
        flow, dense = frame.flow, HOLD_SHARE * DENSE_PER_M2
        if flow is None:
            return body_velocity(frame.velocity_mps[density.own_per_m2 >= dense])
        if flow.people is not None:
            among = density_at(density.field, flow.positions_m) >= dense
            return body_velocity(flow.velocity_mps[among], flow.people[among])
        if frame.is_saturated:
            return body_velocity(flow.velocity_mps)
        crowd = frame.crowd
        own = self._view.kernel.at(flow.positions_m, crowd.world_m, crowd.people)
        return body_velocity(flow.velocity_mps[own >= dense])
