"""One frame's readings put together as the published measurements."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from backend.core.calibration import Calibration
from backend.core.measurements import CountMethod, CrowdMetrics
from backend.crowd.capacity import NetInflow, Span
from backend.crowd.counting import CountEstimate
from backend.crowd.density import level_of_service
from backend.crowd.fundamental import speed_ratio
from backend.crowd.metering.quality import Evidence, judge_heads, judge_numbers
from backend.crowd.metering.reading import GroundReading, Reading
from backend.crowd.motion import FlowOrder
from backend.crowd.pressure import pressure_index
from backend.crowd.reliability import Belief, Verdict, worst_of
from backend.crowd.surge import Surge

ONLY_ONE = 0.005
"""A count of which less than this comes from one counter was made on the other."""


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """Everything measured in one frame, before it is put into words.

    Attributes:
        reading: Motion, groups and what the ground gives.
        count: Pedestrians with interval.
        count_high: Upper end of it that may be told; None = "at least".
        belief: How far the numbers may be believed.
        area_m2: Monitored area, by calibration or by hand; None if unknown.
        density_per_m2: Count over area.
        density_ema_per_m2: Its trend.
        calibration: The calibration in force, also where it does not fit now.
        order: Flow order over the last seconds.
        surge, inflow, to_capacity, egress: What follows from the count.
        map_share: Part of the count that comes from the density map, in [0, 1].
    """

    reading: Reading
    count: CountEstimate
    count_high: float | None
    belief: Belief
    area_m2: float | None
    density_per_m2: float | None
    density_ema_per_m2: float | None
    calibration: Calibration | None
    order: FlowOrder | None
    surge: Surge | None
    inflow: NetInflow | None
    to_capacity: Span | None
    egress: Span | None
    map_share: float = 0.0


def compose(scene: Scene) -> CrowdMetrics:
    """Return the measurements of one frame, each with its own trust and interval."""
    ground = scene.reading.ground
    heads = None if ground is None else ground.density.heads
    metrics = _flat(scene, worst_of(scene.belief.overall, judge_heads(heads)))
    if ground is not None:
        metrics = _with_ground(metrics, scene.reading, ground)
    else:
        index = pressure_index(metrics.density_per_m2, None)
        metrics = replace(metrics, pressure_index=index)
    evidence = Evidence(
        belief=scene.belief,
        calibration=scene.calibration,
        motion=scene.reading.motion,
        peak_error_per_m2=ground.density.peak_error_per_m2 if ground is not None else 0.0,
        inflow=scene.inflow,
        to_capacity=scene.to_capacity,
        egress=scene.egress,
        heads=heads,
    )
    return replace(metrics, quality=judge_numbers(metrics, evidence))


def _flat(scene: Scene, overall: Verdict) -> CrowdMetrics:
    """What every camera measures, and how far what the level rests on may be believed."""
    count, motion, order = scene.count, scene.reading.motion, scene.order
    surge = scene.surge
    clusters = scene.reading.clusters
    density = scene.density_per_m2
    return CrowdMetrics(
        count=count.count,
        count_low=count.low,
        count_high=scene.count_high,
        area_m2=scene.area_m2,
        density_per_m2=density,
        level_of_service=None if density is None else level_of_service(density),
        mean_speed_px_per_s=motion.mean_px_per_s,
        motion_source=motion.source,
        moving_count=motion.moving_count,
        coherence=order.coherence if order else None,
        bidirectionality=order.bidirectionality if order else None,
        disorder=order.disorder if order else None,
        anomaly_count=int(motion.anomalous.sum()),
        cluster_count=len(clusters),
        largest_cluster=max((len(group.track_ids) for group in clusters), default=0),
        proximity_pairs=len(scene.reading.pairs),
        surge=surge.relative if surge else None,
        surge_significant=surge.is_significant if surge else False,
        density_ema_per_m2=scene.density_ema_per_m2,
        net_inflow_per_s=scene.inflow.per_s if scene.inflow else None,
        time_to_capacity_s=scene.to_capacity.value_s if scene.to_capacity else None,
        egress_time_s=scene.egress.value_s if scene.egress else None,
        calibration_version=scene.calibration.version if scene.calibration else None,
        count_method=count_method(scene.map_share),
        map_share=scene.map_share,
        trust=overall.trust,
        trust_reason=overall.reason,
    )


def count_method(map_share: float) -> CountMethod:
    """What a count was made on, by the part of it that comes from the density map.

    Example:
        >>> [count_method(share).value for share in (0.0, 0.5, 1.0)]
        ['boxes', 'blend', 'map']
    """
    if map_share < ONLY_ONE:
        return CountMethod.BOXES
    return CountMethod.MAP if map_share > 1 - ONLY_ONE else CountMethod.BLEND


def _with_ground(metrics: CrowdMetrics, reading: Reading, ground: GroundReading) -> CrowdMetrics:
    """Add what only a calibrated camera measures."""
    motion, sway, pressure = reading.motion, ground.oscillation, ground.pressure
    variance = motion.variance_m2_per_s2
    peak = ground.density.peak.value_per_m2
    return replace(
        metrics,
        voronoi_density_per_m2=ground.density.voronoi_per_m2,
        peak_density_per_m2=peak,
        mean_speed_mps=motion.mean_mps,
        speed_variance_m2_per_s2=variance,
        speed_ratio=speed_ratio(motion.mean_mps, metrics.density_per_m2),
        rapid_count=motion.rapid_count,
        crowd_pressure_per_s2=pressure.peak_per_s2 if pressure else None,
        pressure_density_per_m2=pressure.density_per_m2 if pressure else None,
        pressure_index=pressure_index(peak, None if variance is None else math.sqrt(variance)),
        oscillation_period_s=sway.period_s if sway else None,
        oscillation_strength=sway.strength if sway else None,
        oscillation_handedness=sway.handedness if sway else None,
        stagnant=ground.is_stagnant,
    )
