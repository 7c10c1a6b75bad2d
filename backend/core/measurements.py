"""What the crowd analyser publishes: definitions and units in CROWD-SCIENCE terms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from backend.core.trust import Trust

if TYPE_CHECKING:
    from backend.core.observation import CrowdMap

PixelArray: TypeAlias = npt.NDArray[np.float32]
"""(K, 2) float32, pixels of the full frame, (x, y)."""


class MotionSource(StrEnum):
    """What speeds and flow order were measured on."""

    TRACKS = "tracks"
    OPTICAL_FLOW = "optical_flow"


class CountMethod(StrEnum):
    """What people were counted on."""

    BOXES = "boxes"
    MAP = "map"
    BLEND = "blend"


class Handedness(StrEnum):
    """How a crowd that sways as one body moves, seen from above."""

    CLOCKWISE = "clockwise"
    ANTICLOCKWISE = "anticlockwise"
    LINEAR = "linear"


class LevelOfService(StrEnum):
    """Fruin's walkway level of service, A (free) to F (jammed)."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"
    F = "F"


@dataclass(frozen=True, slots=True)
class Quality:
    """How far one number may be believed.

    Attributes:
        trust: State of this number alone.
        reason: Sentence for a person, empty when the state is ``ok``.
        low, high: 90 % interval in the number's own unit; None = that end is not known.
    """

    trust: Trust = Trust.OK
    reason: str = ""
    low: float | None = None
    high: float | None = None


NO_QUALITIES: Mapping[str, Quality] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class SaturationEvidence:
    """Signs, independent of the count, that the scene is beyond the counter (CROWD-SCIENCE 5).

    Attributes:
        saturated: Whether the evidence suffices to call the count "at least".
        reason: Sentence a person understands, empty when not saturated.
        score: Strength in [0, 1], for plots and tests.
        at_stream_time_s: Stream time of the frame the evidence was taken from.
        missed_high: People who may have been missed besides what the count already allows for:
            the upper end of the count's interval lies at least so far above the count.
    """

    saturated: bool
    reason: str
    score: float
    at_stream_time_s: float
    missed_high: float = 0.0


@dataclass(frozen=True, slots=True)
class TrackView:
    """One pedestrian as measured at one instant.

    Attributes:
        track_id: Unique per camera run.
        box_xyxy: Pixels of the full frame.
        confidence: Detector's, in [0, 1].
        foot_px: Bottom centre of the box, pixels.
        velocity_px_per_s: Least-squares velocity in the picture, None while undefined.
        speed_mps: Metres per second, only when calibrated.
        trail_px: (M, 2) float32, foot positions of the last frames, oldest first, read-only.
        is_anomalous: Robust z-score of speed over the limit.
        ground_m: Position on the ground plane, metres; None uncalibrated or beyond what the
            calibration can place.
        velocity_mps: Velocity on the ground, metres per second; None while undefined.
    """

    track_id: int
    box_xyxy: tuple[float, float, float, float]
    confidence: float
    foot_px: tuple[float, float]
    velocity_px_per_s: tuple[float, float] | None
    speed_mps: float | None
    trail_px: PixelArray
    is_anomalous: bool = False
    ground_m: tuple[float, float] | None = None
    velocity_mps: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Cluster:
    """Congestion cluster (DBSCAN).

    Attributes:
        track_ids: Members.
        hull_px: (K, 2) float32 convex hull of the members' foot points, pixels, K >= 1.
        area_m2: Hull area on the ground, None uncalibrated.
        density_per_m2: Members over the hull widened by half their mean distance to the nearest
            neighbour, 1/m²; None uncalibrated.
    """

    track_ids: tuple[int, ...]
    hull_px: PixelArray
    area_m2: float | None = None
    density_per_m2: float | None = None


@dataclass(frozen=True, slots=True)
class DensityMap:
    """Local density on the ground, for the heat overlay.

    Attributes:
        values_per_m2: (R, C) float32, people per square metre at the nodes of a square grid;
            NaN outside the walkable area.
        origin_m: Ground position of node (0, 0), metres.
        cell_m: Distance of two nodes, metres.
        ground_to_image: Nine numbers row by row, ground metres to pixels of the full frame.
    """

    values_per_m2: npt.NDArray[np.float32]
    origin_m: tuple[float, float]
    cell_m: float
    ground_to_image: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ProximityPair:
    """Two pedestrians closer than the proximity threshold."""

    first_id: int
    second_id: int
    first_px: tuple[float, float]
    second_px: tuple[float, float]
    distance_px: float
    distance_m: float | None = None


@dataclass(frozen=True, slots=True)
class CrowdMetrics:
    """Measurements of a camera's monitored area at one instant.

    None means undefined or not measurable here, never zero. Definitions: docs/methods/.

    Attributes:
        count: Pedestrians (estimate).
        count_low, count_high: 90 % interval; ``count_high`` is None ("at least") when saturated,
            and where people of the density map cannot be told to be in the monitored area.
        area_m2: Monitored area the densities rest on, None if unknown.
        density_per_m2: Classic density N/A, 1/m².
        voronoi_density_per_m2: Voronoi density, 1/m²; None without calibration.
        peak_density_per_m2: Peak local (Gaussian, R = 1 m) density, 1/m²; None without
            calibration.
        level_of_service: Fruin's walkway level of the classic density.
        mean_speed_mps: Metres per second; None uncalibrated or with nobody tracked.
        mean_speed_px_per_s: Mean speed in the picture, pixels per second.
        speed_variance_m2_per_s2: Variance of speeds, calibrated only.
        speed_ratio: Mean speed over Weidmann's speed at this density; None above 4 people/m².
        motion_source: What speed and flow order were measured on.
        moving_count: People above the moving threshold.
        coherence, bidirectionality, disorder: In [0, 1]; None below 5 moving people.
        anomaly_count: Robust speed outliers.
        rapid_count: People faster than 2.5 m/s, None uncalibrated.
        cluster_count, largest_cluster: DBSCAN clusters and size of the biggest.
        proximity_pairs: Pairs closer than the threshold.
        crowd_pressure_per_s2: Highest Helbing pressure in the area, 1/s²; None unless
            calibrated.
        pressure_density_per_m2: Local density where ``crowd_pressure_per_s2`` was found, 1/m².
        pressure_index: In [0, 1]; None without density.
        oscillation_period_s: Period of a collective oscillation, seconds; None where none is
            found or none could be.
        oscillation_strength: Its spectral peak over the background, a ratio.
        oscillation_handedness: Sense in which the crowd sways.
        surge: Relative change of the median count; None until the windows are full.
        surge_significant: At least 10 people and larger than the count interval.
        stagnant: Peak density >= 2 and mean speed < 0.2 m/s for 10 s.
        density_ema_per_m2: Trend of density, EMA per second of stream time.
        net_inflow_per_s: Change of the count over the last minute, people per second.
        time_to_capacity_s: Seconds until the people limit at that inflow; 0 when reached,
            None where it is not approached.
        egress_time_s: Seconds to clear the place through its exits; None without exits.
        calibration_version: Version of the calibration behind the calibrated numbers.
        count_method: What the count was made on: boxes, the density map, or both.
        map_share: Part of the count that comes from the density map, in [0, 1].
        trust: State of the count and all that rests on it.
        trust_reason: Why it is not ``ok``; empty otherwise.
        quality: Trust and interval of each number by its field name; a field that is not named
            here has the state ``trust`` and no interval.
    """

    count: float
    count_low: float
    count_high: float | None
    area_m2: float | None = None
    density_per_m2: float | None = None
    voronoi_density_per_m2: float | None = None
    peak_density_per_m2: float | None = None
    level_of_service: LevelOfService | None = None
    mean_speed_mps: float | None = None
    mean_speed_px_per_s: float | None = None
    speed_variance_m2_per_s2: float | None = None
    speed_ratio: float | None = None
    motion_source: MotionSource = MotionSource.TRACKS
    moving_count: int = 0
    coherence: float | None = None
    bidirectionality: float | None = None
    disorder: float | None = None
    anomaly_count: int = 0
    rapid_count: int | None = None
    cluster_count: int = 0
    largest_cluster: int = 0
    proximity_pairs: int = 0
    crowd_pressure_per_s2: float | None = None
    pressure_density_per_m2: float | None = None
    pressure_index: float | None = None
    oscillation_period_s: float | None = None
    oscillation_strength: float | None = None
    oscillation_handedness: Handedness | None = None
    surge: float | None = None
    surge_significant: bool = False
    stagnant: bool = False
    density_ema_per_m2: float | None = None
    net_inflow_per_s: float | None = None
    time_to_capacity_s: float | None = None
    egress_time_s: float | None = None
    calibration_version: int | None = None
    count_method: CountMethod = CountMethod.BOXES
    map_share: float = 0.0
    trust: Trust = Trust.OK
    trust_reason: str = ""
    quality: Mapping[str, Quality] = field(default_factory=lambda: NO_QUALITIES)


MEASURED_FIELDS: tuple[str, ...] = tuple(
    item.name
    for item in fields(CrowdMetrics)
    if item.name not in {"count_method", "map_share", "trust", "trust_reason", "quality"}
)
"""Names of every measurement of `CrowdMetrics`, in its order: the columns that are stored and
the fields that are published; only how people were counted, and how far the numbers may be
believed, is left out."""

UNITS: Mapping[str, str] = MappingProxyType(
    {
        "count": "people",
        "area_m2": "m²",
        "density_per_m2": "1/m²",
        "voronoi_density_per_m2": "1/m²",
        "peak_density_per_m2": "1/m²",
        "level_of_service": "",
        "mean_speed_mps": "m/s",
        "mean_speed_px_per_s": "px/s",
        "speed_variance_m2_per_s2": "m²/s²",
        "speed_ratio": "",
        "moving_count": "people",
        "coherence": "",
        "bidirectionality": "",
        "disorder": "",
        "anomaly_count": "people",
        "rapid_count": "people",
        "cluster_count": "",
        "largest_cluster": "people",
        "proximity_pairs": "",
        "crowd_pressure_per_s2": "1/s²",
        "pressure_density_per_m2": "1/m²",
        "pressure_index": "",
        "oscillation_period_s": "s",
        "oscillation_strength": "",
        "oscillation_handedness": "",
        "surge": "",
        "density_ema_per_m2": "1/m²",
        "net_inflow_per_s": "1/s",
        "time_to_capacity_s": "s",
        "egress_time_s": "s",
    }
)
"""Unit of every published measurement by field name; "" for a ratio, an index or a number of
things that are no people."""


@dataclass(frozen=True, slots=True)
class CrowdPicture:
    """Geometry of one instant, for overlays: who stands where, in which cluster.

    Attributes:
        tracks: Everybody seen, pixels of the full frame and metres where calibrated.
        clusters, pairs: Who stands close to whom.
        density: Local density on the ground, None without calibration.
        monitored_px: Outline of the monitored area in the picture, pixels of the full frame;
            None without calibration.
        crowd_map: Density map behind the count; None where there is none, or none that says
            anything of now.
        map_shares: (R, C) float32 in [0, 1], how far it counts in each of its cells, read-only;
            None without a map.
    """

    tracks: tuple[TrackView, ...] = field(default=())
    clusters: tuple[Cluster, ...] = field(default=())
    pairs: tuple[ProximityPair, ...] = field(default=())
    density: DensityMap | None = None
    monitored_px: tuple[tuple[float, float], ...] | None = None
    crowd_map: CrowdMap | None = None
    map_shares: npt.NDArray[np.float32] | None = None
