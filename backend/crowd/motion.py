"""Velocity, flow order and anomalies (CROWD-SCIENCE section 3)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backend.core.frame import FloatArray
from backend.crowd.frame_step import SpeedBorder, frame_step_speeds
from backend.crowd.mean_speed import mean_interval
from backend.crowd.rapid import RAPID_SPEED_MPS, count_rapid
from backend.crowd.velocity_fit import (
    MAX_HUMAN_SPEED_MPS,
    MAX_SPAN_S,
    MIN_FRAMES,
    MIN_SPAN_S,
    VelocityFit,
    fit_velocities,
    velocities,
)

__all__ = [
    "BODY_HEIGHT_M",
    "MAX_HUMAN_SPEED_MPS",
    "MAX_SPAN_S",
    "MIN_FRAMES",
    "MIN_MOVING_PEOPLE",
    "MIN_PEOPLE_FOR_ANOMALIES",
    "MIN_SPAN_S",
    "MOVING_SPEED_HEIGHTS_PER_S",
    "MOVING_SPEED_MPS",
    "RAPID_SPEED_MPS",
    "SPEED_RESOLUTION_HEIGHTS_PER_S",
    "SPEED_RESOLUTION_MPS",
    "FlowOrder",
    "SpeedBorder",
    "VelocityFit",
    "count_rapid",
    "fit_velocities",
    "flow_order",
    "frame_step_speeds",
    "mean_interval",
    "robust_z",
    "speed_anomalies",
    "velocities",
]

BoolArray = npt.NDArray[np.bool_]

MOVING_SPEED_MPS = 0.2
"""Calibrated moving threshold, m/s (CROWD-SCIENCE section 3)."""

BODY_HEIGHT_M = 1.70
"""Mean height of a standing person, m (CROWD-SCIENCE section 1c)."""

MOVING_SPEED_HEIGHTS_PER_S = MOVING_SPEED_MPS / BODY_HEIGHT_M
"""Uncalibrated moving threshold, 1/s: 0.2 m/s for a person whose box is 1.70 m high.

Assumes that the box shows the whole standing person. A box cut off at the feet or a seated
person is shorter, so the same pixels count as faster: the threshold errs towards "moving".
"""

MIN_MOVING_PEOPLE = 5
"""Below this number flow order is undefined."""

MIN_PEOPLE_FOR_ANOMALIES = 5
"""Below this number a median and its spread say nothing about who is unusual."""

SPEED_RESOLUTION_HEIGHTS_PER_S = 0.05
"""Smallest spread of speeds believed, 1/s (0.085 m/s): differences below are box jitter."""

SPEED_RESOLUTION_MPS = 0.1
"""The same of calibrated speeds, m/s."""


@dataclass(frozen=True, slots=True)
class FlowOrder:
    """How orderly a flow is; all in [0, 1].

    Attributes:
        coherence: ``c = |<exp(i theta)>|``: 1 = all walk one way.
        bidirectionality: ``b = max(0, |<exp(2 i theta)>| - c)``: high for two opposed lanes.
        disorder: ``1 - max(c, b)``.
    """

    coherence: float
    bidirectionality: float
    disorder: float


def flow_order(velocity: FloatArray) -> FlowOrder | None:
    """Coherence, bidirectionality and disorder of *moving* people.

    Uncalibrated, headings are angles in the picture: perspective shortens motion towards the
    camera, so lanes along the line of sight look less coherent than they are.

    Args:
        velocity: (M, 2) float64, velocities of moving people, any unit; NaN is not allowed.

    Returns:
        None below 5 people (`MIN_MOVING_PEOPLE`): too few headings to speak of order.

    References:
        Order parameter of Vicsek et al. 1995, Phys. Rev. Lett. 75, 1226, eq. 2; its second
        harmonic (nematic order) for two-way flow; CROWD-SCIENCE section 3.

    Example:
        >>> lanes = np.array([[1.0, 0.0]] * 3 + [[-1.0, 0.0]] * 3)
        >>> flow_order(lanes)
        FlowOrder(coherence=0.0, bidirectionality=1.0, disorder=0.0)
    """
    if velocity.shape[0] < MIN_MOVING_PEOPLE:
        return None
    heading = velocity[:, 0] + 1j * velocity[:, 1]
    unit = heading / np.abs(heading)
    coherence = float(np.clip(round(abs(unit.mean()), 12), 0, 1))
    two_way = max(0.0, round(float(abs((unit**2).mean())), 12) - coherence)
    return FlowOrder(coherence, two_way, max(0.0, 1.0 - max(coherence, two_way)))


def robust_z(values: FloatArray, *, resolution: float) -> FloatArray:
    """Distance of each value from the median in robust standard deviations.

    Args:
        values: (N,) float64.
        resolution: Smallest standard deviation believed, in the unit of ``values``; keeps the
            score finite when more than half of the values are equal.

    Returns:
        (N,) float64, ``|x - median| / max(1.4826 MAD, resolution)``; (0,) for N = 0.

    References:
        Iglewicz & Hoaglin 1993 (median absolute deviation; 1.4826 makes it a standard
        deviation for normal data).

    Example:
        >>> robust_z(np.array([1.0, 1.1, 0.9, 1.0, 3.0]), resolution=0.05).round(1).tolist()
        [0.0, 0.7, 0.7, 0.0, 13.5]
    """
    if values.size == 0:
        return np.zeros(0)
    distance = np.abs(values - np.median(values))
    spread = max(1.4826 * float(np.median(distance)), resolution)
    return np.asarray(distance / spread)


def speed_anomalies(
    speeds: FloatArray, *, z_limit: float, resolution: float = SPEED_RESOLUTION_HEIGHTS_PER_S
) -> BoolArray:
    """Who moves unusually fast or slowly among the people seen.

    Args:
        speeds: (N,) float64, m/s when calibrated, else body heights per second, so that near
            people are not "fast" merely because they are near; NaN where undefined.
        z_limit: Robust z-score above which a person is anomalous.
        resolution: Smallest spread of speeds believed, in the same unit.

    Returns:
        (N,) bool; all False with fewer than 5 defined speeds.

    Example:
        >>> speed_anomalies(np.array([0.6, 0.62, 0.58, 0.6, 1.9]), z_limit=2.0).tolist()
        [False, False, False, False, True]
    """
    flagged = np.zeros(speeds.shape, dtype=np.bool_)
    defined = ~np.isnan(speeds)
    if int(defined.sum()) < MIN_PEOPLE_FOR_ANOMALIES:
        return flagged
    z = robust_z(speeds[defined], resolution=resolution)
    flagged[defined] = z > z_limit
    return flagged
