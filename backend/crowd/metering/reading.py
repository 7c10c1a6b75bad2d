"""What the picture meter and the ground meter hand to the analyser for one frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from backend.core.frame import FloatArray
from backend.core.measurements import Cluster
from backend.crowd.metering.motion_reading import MotionReading
from backend.crowd.motion import BoolArray

if TYPE_CHECKING:
    from backend.crowd.ground_flow import GroundFlow
    from backend.crowd.metering.density_meter import DensityReading
    from backend.crowd.oscillation import Oscillation
    from backend.crowd.pressure import PressureField, PressureReading


@dataclass(frozen=True, slots=True, eq=False)
class GroundReading:
    """What only a calibrated camera can measure.

    Attributes:
        world_m: (N, 2) float64, metres, ground plane; NaN where a person cannot be placed.
        foot_px: (N, 2) float64, where that is seen, pixels; inferred where feet are hidden, then
            possibly below the picture.
        velocity_mps: (N, 2) float64, m/s, ground plane; NaN where undefined.
        flow: Motion of the picture that speeds were measured on; None = on the tracks.
        followed: (N,) float64, weight of each track in the mean speed, beside that of ``flow``.
        density: Local densities, at most 0.2 s old.
        pressure: Crowd pressure; None until its window is full.
        pressures: The same at every node of the density's grid.
        oscillation: Sway of the dense crowd; None where none is found.
        is_stagnant: Dense and standing still for 10 s.
    """

    world_m: FloatArray
    foot_px: FloatArray
    velocity_mps: FloatArray
    flow: GroundFlow | None
    followed: FloatArray
    density: DensityReading
    pressure: PressureReading | None
    pressures: PressureField | None
    oscillation: Oscillation | None
    is_stagnant: bool


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """Everything measured of one frame but count and trends.

    Attributes:
        inside: (N,) bool, tracks that count: all of them uncalibrated, else those in the
            monitored area.
        velocity_px: (N, 2) float64, pixels per second, NaN where undefined.
        motion: How they move.
        clusters: Biggest first.
        pairs: (P, 2) int64, rows of tracks closer than the proximity threshold, closest first.
        ground: None uncalibrated.
    """

    inside: BoolArray
    velocity_px: FloatArray
    motion: MotionReading
    clusters: tuple[Cluster, ...]
    pairs: npt.NDArray[np.int64]
    ground: GroundReading | None = None
