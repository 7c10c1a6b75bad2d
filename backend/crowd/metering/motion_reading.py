"""How the people of one frame move, whatever it was measured on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backend.core.frame import FloatArray
from backend.core.measurements import MotionSource
from backend.crowd.ground_flow import GroundFlow
from backend.crowd.mean_speed import mean_interval
from backend.crowd.motion import (
    MOVING_SPEED_HEIGHTS_PER_S,
    MOVING_SPEED_MPS,
    SPEED_RESOLUTION_MPS,
    BoolArray,
    VelocityFit,
    count_rapid,
    speed_anomalies,
)


@dataclass(frozen=True, slots=True, eq=False)
class MotionReading:
    """Motion at one instant.

    Attributes:
        source: Tracks or the motion of the picture.
        mean_mps: Mean speed, m/s; None uncalibrated or unknown.
        mean_low_mps, mean_high_mps: Its 90 % interval without the calibration's error; None
            where not known.
        variance_m2_per_s2: Variance of speeds; None uncalibrated and below two.
        sample_size: Speeds that mean and variance rest on.
        mean_px_per_s: Mean speed in the picture; None with nobody tracked.
        moving: (M, 2) float64, velocities of those who move, any unit.
        moving_count: People above the moving threshold.
        rapid_count: People faster than 2.5 m/s; None uncalibrated.
        anomalous: (N,) bool, row for row with the tracks.
        is_of_everybody: ``moving_count`` is of all people, those on the density map by the
            motion of the picture; False = of those followed by a track.
    """

    source: MotionSource
    mean_mps: float | None
    mean_low_mps: float | None
    mean_high_mps: float | None
    variance_m2_per_s2: float | None
    sample_size: int
    mean_px_per_s: float | None
    moving: FloatArray
    moving_count: int
    rapid_count: int | None
    anomalous: BoolArray
    is_of_everybody: bool = False


def motion_in_picture(
    velocity_px: FloatArray, heights_px: FloatArray, *, z_limit: float
) -> MotionReading:
    """Motion of an uncalibrated camera: pixels, and body heights where people are compared.

    Args:
        velocity_px: (N, 2) float64, pixels per second, NaN where undefined.
        heights_px: (N,) float64, heights of the boxes, pixels.
        z_limit: Robust z-score above which a speed is anomalous.
    """
    speed = np.hypot(velocity_px[:, 0], velocity_px[:, 1])
    relative = speed / heights_px
    is_moving = relative > MOVING_SPEED_HEIGHTS_PER_S
    return MotionReading(
        source=MotionSource.TRACKS,
        mean_mps=None,
        mean_low_mps=None,
        mean_high_mps=None,
        variance_m2_per_s2=None,
        sample_size=int((~np.isnan(speed)).sum()),
        mean_px_per_s=mean_length(velocity_px),
        moving=velocity_px[is_moving],
        moving_count=int(is_moving.sum()),
        rapid_count=None,
        anomalous=speed_anomalies(relative, z_limit=z_limit),
    )


def motion_on_ground(
    fit: VelocityFit, velocity_px: FloatArray, inside: BoolArray, *, z_limit: float
) -> MotionReading:
    """Motion of the people in the monitored area of a calibrated camera.

    Args:
        fit: Velocities of all N tracks, m/s, NaN where undefined.
        velocity_px: (N, 2) float64, the same as seen in the picture.
        inside: (N,) bool, stands in the monitored area.
        z_limit: Robust z-score above which a speed is anomalous.
    """
    speed = np.where(inside, fit.speed, np.nan)
    is_moving = speed > MOVING_SPEED_MPS
    known = speed[~np.isnan(speed)]
    low, high = mean_interval(speed, standard_errors=fit.standard_error) or (None, None)
    return MotionReading(
        source=MotionSource.TRACKS,
        mean_mps=float(known.mean()) if known.size else None,
        mean_low_mps=low,
        mean_high_mps=high,
        variance_m2_per_s2=float(known.var(ddof=1)) if known.size > 1 else None,
        sample_size=known.size,
        mean_px_per_s=mean_length(velocity_px[inside]),
        moving=fit.velocity[is_moving],
        moving_count=int(is_moving.sum()),
        rapid_count=count_rapid(speed, fit.standard_error),
        anomalous=speed_anomalies(speed, z_limit=z_limit, resolution=SPEED_RESOLUTION_MPS),
    )


def motion_of_flow(flow: GroundFlow, tracked: MotionReading) -> MotionReading:
    """Motion measured on the picture itself, where single people cannot be followed.

    Cells stand for the ground they cover, so that the near ground, which has many, does not
    outweigh the far one. What needs people (moving, rapid, unusual ones) stays that of the
    tracks. There is no interval: neighbouring cells are no independent samples.

    Args:
        flow: Velocities of cells of the monitored ground.
        tracked: What the tracks say.
    """
    speed = np.hypot(flow.velocity_mps[:, 0], flow.velocity_mps[:, 1])
    mean = variance = None
    if speed.size:
        mean = float(np.average(speed, weights=flow.ground_per_px))
        variance = float(np.average((speed - mean) ** 2, weights=flow.ground_per_px))
    return MotionReading(
        source=MotionSource.OPTICAL_FLOW,
        mean_mps=mean,
        mean_low_mps=None,
        mean_high_mps=None,
        variance_m2_per_s2=variance,
        sample_size=speed.size,
        mean_px_per_s=tracked.mean_px_per_s,
        moving=flow.velocity_mps[speed > MOVING_SPEED_MPS],
        moving_count=tracked.moving_count,
        rapid_count=tracked.rapid_count,
        anomalous=tracked.anomalous,
    )


def motion_of_people(
    flow: GroundFlow, fit: VelocityFit, share: FloatArray, tracked: MotionReading
) -> MotionReading:
    """Motion of everybody, whether on the density map or followed one by one.

    One population: a cell of the flow stands for the people the map sees there, a track for
    what the map leaves of it. So the mean is one of people, not of pixels, and changes no faster
    than the map takes over from the boxes. Rapid and unusual people are those of the tracks:
    the flow knows nobody. There is no interval: neighbouring cells are no independent samples.

    Args:
        flow: Motion of the picture, with people (`GroundFlow.of_people`).
        fit: Velocities of all N tracks, m/s, NaN where undefined.
        share: (N,) float64 in [0, 1], how far each track counts; 0 outside the monitored area.
        tracked: What the tracks say by themselves.
    """
    followed = ~np.isnan(fit.speed) & (share > 0)
    speed = np.concatenate([flow.speeds_without_noise_bias(), fit.speed[followed]])
    velocity = np.concatenate([flow.velocity_mps, fit.velocity[followed]])
    on_map = np.ones(len(flow.velocity_mps)) if flow.people is None else flow.people
    people = np.concatenate([on_map, share[followed]])
    mean = float(np.average(speed, weights=people))
    is_moving = speed > MOVING_SPEED_MPS
    moving = one_row_each(velocity[is_moving], people[is_moving])
    return MotionReading(
        source=MotionSource.OPTICAL_FLOW,
        mean_mps=mean,
        mean_low_mps=None,
        mean_high_mps=None,
        variance_m2_per_s2=float(np.average((speed - mean) ** 2, weights=people)),
        sample_size=speed.size,
        mean_px_per_s=tracked.mean_px_per_s,
        moving=moving,
        moving_count=len(moving),
        rapid_count=tracked.rapid_count,
        anomalous=tracked.anomalous,
        is_of_everybody=True,
    )


def one_row_each(rows: FloatArray, people: FloatArray) -> FloatArray:
    """Repeat rows so that each stands for one person, evenly and the same every time.

    Args:
        rows: (M, 2) float64.
        people: (M,) float64, people each row stands for, >= 0.

    Returns:
        (P, 2) with P the sum of ``people``, rounded.

    Example:
        >>> one_row_each(np.array([[1.0, 0], [2, 0], [3, 0]]), np.array([0.5, 0.6, 2.0])).tolist()
        [[1.0, 0.0], [3.0, 0.0], [3.0, 0.0]]
    """
    ends = np.cumsum(people)
    total = float(ends[-1]) if ends.size else 0.0
    each = np.searchsorted(ends, np.arange(0.5, total), side="left")
    return np.asarray(rows[np.minimum(each, len(rows) - 1)]) if each.size else rows[:0]


def mean_length(velocity: FloatArray) -> float | None:
    """Mean length of the defined rows of (N, 2), in their unit; None where none is defined.

    Example:
        >>> mean_length(np.array([[3.0, 4.0], [np.nan, np.nan]]))
        5.0
    """
    length = np.hypot(velocity[:, 0], velocity[:, 1])
    known = length[~np.isnan(length)]
    return float(known.mean()) if known.size else None
