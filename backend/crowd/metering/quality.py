"""Trust and interval of every published number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from backend.core.calibration import Calibration
from backend.core.measurements import CrowdMetrics, MotionSource, Quality
from backend.core.trust import Trust
from backend.crowd.calibration.heads_on_ground import HeadBasis
from backend.crowd.capacity import NetInflow, Span
from backend.crowd.fundamental import speed_ratio_interval
from backend.crowd.metering.intervals import (
    UNKNOWN_INTERVAL,
    Interval,
    pressure_index_interval,
    scaled,
    variance_interval,
    widened,
)
from backend.crowd.metering.motion_reading import MotionReading
from backend.crowd.reliability import NO_DOUBT, WHOLE_PICTURE, Belief, Verdict, worst_of

FROM_COUNT = ("surge", "net_inflow_per_s", "time_to_capacity_s", "egress_time_s")
"""Numbers that follow from the count."""

FROM_TRACKS = (
    "moving_count",
    "anomaly_count",
    "cluster_count",
    "largest_cluster",
    "proximity_pairs",
    "mean_speed_px_per_s",
)
"""Numbers of people who were told apart, and of their motion in the picture; where the density
map counts in their place, these still leave out whoever it alone counts (``moving_count`` only
where motion is not that of everybody, `MotionReading.is_of_everybody`)."""

FROM_GROUND = (
    "density_per_m2",
    "voronoi_density_per_m2",
    "peak_density_per_m2",
    "level_of_service",
    "density_ema_per_m2",
    "pressure_index",
    "crowd_pressure_per_s2",
    "pressure_density_per_m2",
)
"""Numbers that need both the people counted and metres."""

FROM_MOTION = (
    "mean_speed_mps",
    "speed_variance_m2_per_s2",
    "oscillation_period_s",
    "oscillation_strength",
    "oscillation_handedness",
)
"""Numbers that need metres, and motion measured on either source."""

FROM_ORDER = ("coherence", "bidirectionality", "disorder")

ONLY_CALIBRATED = (
    "voronoi_density_per_m2",
    "peak_density_per_m2",
    "rapid_count",
    "crowd_pressure_per_s2",
    "pressure_density_per_m2",
    "speed_ratio",
    *FROM_MOTION,
)

NOT_CALIBRATED = Quality(Trust.UNKNOWN, "The camera is not calibrated.")

MEASURED_ON_PICTURE = Verdict(
    Trust.ESTIMATED, "Measured on the motion of the picture, not on single people."
)

HEADS_TAKEN_FOR_GROUND = Verdict(
    Trust.ESTIMATED,
    "The calibration does not tell how high the camera hangs (as when it looks straight down): "
    "people on the density map are placed where their heads are seen, too far apart, and "
    "densities read too low.",
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known about the errors of one frame's numbers.

    Attributes:
        belief: How far count and metres may be believed.
        calibration: The calibration in force, None uncalibrated.
        motion: What mean and variance of speed rest on.
        peak_error_per_m2: Half width of the peak density's interval without the calibration.
        inflow, to_capacity, egress: With their intervals.
        heads: What the places of the density map's people rest on; None = it stands for nobody.
    """

    belief: Belief
    calibration: Calibration | None
    motion: MotionReading
    peak_error_per_m2: float = 0.0
    inflow: NetInflow | None = None
    to_capacity: Span | None = None
    egress: Span | None = None
    heads: HeadBasis | None = None


def judge_heads(heads: HeadBasis | None) -> Verdict:
    """How far the ground below people on the density map may be believed.

    Example:
        >>> judge_heads(HeadBasis.CAMERA).trust, judge_heads(HeadBasis.PLANE).trust
        (<Trust.OK: 'ok'>, <Trust.ESTIMATED: 'estimated'>)
    """
    return HEADS_TAKEN_FOR_GROUND if heads is HeadBasis.PLANE else NO_DOUBT


def judge_numbers(metrics: CrowdMetrics, evidence: Evidence) -> Mapping[str, Quality]:
    """Return trust and interval of every measurement by field name.

    Args:
        metrics: The measurements, still without qualities.
        evidence: What they rest on.
    """
    moves = metrics.motion_source, evidence.motion.is_of_everybody
    found = dict(_without_interval(evidence.belief, moves, judge_heads(evidence.heads)))
    for name, (low, high) in _intervals(metrics, evidence).items():
        plain = found[name]
        found[name] = Quality(plain.trust, plain.reason, low, high)
    return MappingProxyType(found)


@lru_cache(maxsize=64)
def _without_interval(
    belief: Belief, moves: tuple[MotionSource, bool], heads: Verdict
) -> Mapping[str, Quality]:
    """Trust of every number; the same from frame to frame while nothing changes.

    Args:
        belief: How far count and metres may be believed.
        moves: What motion was measured on, and whether those who move are of everybody.
        heads: How far the ground below people on the density map may be believed.
    """
    source, is_of_everybody = moves
    count, metres, is_calibrated = belief.count, belief.metres, belief.is_calibrated
    tracks = count if belief.told_apart is None else belief.told_apart
    both = worst_of(count, metres, heads)
    motion = MEASURED_ON_PICTURE if source is MotionSource.OPTICAL_FLOW else tracks
    moved = worst_of(motion, metres)
    # whom the map counts in the monitored area hangs on where it puts them
    counted, apart = worst_of(count, heads), tracks
    if is_calibrated and metres.trust is Trust.UNKNOWN:
        counted, apart = worst_of(counted, WHOLE_PICTURE), worst_of(tracks, WHOLE_PICTURE)
    verdicts = dict.fromkeys(("count", *FROM_COUNT), counted) | dict.fromkeys(FROM_TRACKS, apart)
    verdicts["rapid_count"] = worst_of(tracks, metres)
    if is_of_everybody:
        verdicts["moving_count"] = worst_of(counted, MEASURED_ON_PICTURE)
    verdicts |= dict.fromkeys(FROM_GROUND, both)
    verdicts |= dict.fromkeys(FROM_MOTION, worst_of(moved, heads))
    # Without metres headings are those in the picture, and as good as the tracks.
    in_metres = is_calibrated and metres.trust is not Trust.UNKNOWN
    verdicts |= dict.fromkeys(FROM_ORDER, moved if in_metres else motion)
    verdicts["area_m2"] = metres
    on_both = both if motion is count else worst_of(motion, both)
    verdicts |= dict.fromkeys(("speed_ratio", "crowd_pressure_per_s2"), on_both)
    found = {name: Quality(one.trust, one.reason) for name, one in verdicts.items()}
    if not is_calibrated:
        found |= dict.fromkeys(ONLY_CALIBRATED, NOT_CALIBRATED)
    return MappingProxyType(found)


def _intervals(metrics: CrowdMetrics, evidence: Evidence) -> dict[str, Interval]:
    found: dict[str, Interval] = {"count": (metrics.count_low, metrics.count_high)}
    area_spread = evidence.calibration.area_spread if evidence.calibration else 0.0
    if metrics.area_m2 is not None and evidence.calibration is not None:
        area = metrics.area_m2
        found["area_m2"] = widened(area, (area, area), spread=area_spread)
    found |= _density_intervals(metrics, evidence, area_spread)
    found |= _motion_intervals(metrics, evidence)
    if evidence.inflow is not None:
        found["net_inflow_per_s"] = _inflow_interval(evidence.inflow, evidence.heads)
    for name, span in (
        ("time_to_capacity_s", evidence.to_capacity),
        ("egress_time_s", evidence.egress),
    ):
        if span is not None:
            found[name] = (span.low_s, span.high_s)
    speed = found.get("mean_speed_mps", UNKNOWN_INTERVAL)
    density = found.get("density_per_m2", UNKNOWN_INTERVAL)
    if metrics.speed_ratio is not None and density[0] is not None:
        known = None if speed[0] is None or speed[1] is None else (speed[0], speed[1])
        found["speed_ratio"] = speed_ratio_interval(known, (density[0], density[1]))
    if metrics.pressure_index is not None:
        rho = found.get("peak_density_per_m2", density)
        found["pressure_index"] = pressure_index_interval(
            rho, found.get("speed_variance_m2_per_s2", UNKNOWN_INTERVAL)
        )
    return found


def _inflow_interval(inflow: NetInflow, heads: HeadBasis | None) -> Interval:
    """Of people counted too low by an unknown factor more may come, or go, than was counted."""
    if heads is not HeadBasis.PLANE:
        return inflow.low, inflow.high
    return inflow.low if inflow.low >= 0 else None, inflow.high if inflow.high <= 0 else None


def _density_intervals(
    metrics: CrowdMetrics, evidence: Evidence, area_spread: float
) -> dict[str, Interval]:
    """A density errs as its people do, and as its area does."""
    found: dict[str, Interval] = {}
    knows_heads = evidence.heads is not HeadBasis.PLANE
    people: Interval = (metrics.count_low, metrics.count_high if knows_heads else None)
    for name in ("density_per_m2", "voronoi_density_per_m2"):
        rho = getattr(metrics, name)
        if rho is None:
            continue
        share = scaled(people, rho / metrics.count) if metrics.count > 0 else (0.0, people[1])
        if metrics.count <= 0 and people[1] is not None and metrics.area_m2:
            share = (0.0, people[1] / metrics.area_m2)
        found[name] = widened(rho, share, spread=area_spread)
    peak = metrics.peak_density_per_m2
    if peak is not None:
        error = evidence.peak_error_per_m2
        high = None if people[1] is None else peak + error
        found["peak_density_per_m2"] = widened(
            peak, (max(peak - error, 0.0), high), spread=area_spread
        )
    return found


def _motion_intervals(metrics: CrowdMetrics, evidence: Evidence) -> dict[str, Interval]:
    found: dict[str, Interval] = {}
    motion, calibration = evidence.motion, evidence.calibration
    if calibration is None:
        return found
    if metrics.mean_speed_mps is not None:
        found["mean_speed_mps"] = widened(
            metrics.mean_speed_mps,
            (motion.mean_low_mps, motion.mean_high_mps),
            spread=calibration.length_spread,
        )
    is_tracked = metrics.motion_source is MotionSource.TRACKS
    if metrics.speed_variance_m2_per_s2 is not None and is_tracked:
        found["speed_variance_m2_per_s2"] = variance_interval(
            metrics.speed_variance_m2_per_s2,
            motion.sample_size,
            spread=calibration.length_spread,
        )
    return found
