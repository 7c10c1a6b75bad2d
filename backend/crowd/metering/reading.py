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
    from backend.crowd.metering.density_meter import DensityReading
    from backend.crowd.oscillation import Oscillation
    from backend.crowd.pressure import PressureReading


@dataclass(frozen=True, slots=True, eq=False)
class GroundReading:
    """What only a calibrated camera can measure.

    Attributes:
        world_m: (N, 2) float64, metres, ground plane; NaN where a person cannot be placed.
        velocity_mps: (N, 2) float64, m/s, ground plane; NaN where undefined.
        density: Local densities, at most 0.2 s old.
        pressure: Crowd pressure; None until its window is full.
        oscillation: Sway of the dense crowd; None where none is found.
        is_stagnant: Dense and standing still for 10 s.
    """

    world_m: FloatArray
    velocity_mps: FloatArray
    density: DensityReading
    pressure: PressureReading | None
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
