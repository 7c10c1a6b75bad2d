"""What the crowd analyser publishes: definitions and units in CROWD-SCIENCE terms."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from backend.core.trust import Trust

PixelArray: TypeAlias = npt.NDArray[np.float32]
"""(K, 2) float32, pixels of the full frame, (x, y)."""


@dataclass(frozen=True, slots=True)
class SaturationEvidence:
    """Signs, independent of the count, that the scene is beyond the counter (CROWD-SCIENCE 5).

    Attributes:
        saturated: Whether the evidence suffices to call the count "at least".
        reason: Sentence a person understands, empty when not saturated.
        score: Strength in [0, 1], for plots and tests.
        at_stream_time_s: Stream time of the frame the evidence was taken from.
    """

    saturated: bool
    reason: str
    score: float
    at_stream_time_s: float


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
    """

    track_id: int
    box_xyxy: tuple[float, float, float, float]
    confidence: float
    foot_px: tuple[float, float]
    velocity_px_per_s: tuple[float, float] | None
    speed_mps: float | None
    trail_px: PixelArray
    is_anomalous: bool = False


@dataclass(frozen=True, slots=True)
class Cluster:
    """Congestion cluster (DBSCAN).

    Attributes:
        track_ids: Members.
        hull_px: (K, 2) float32 convex hull of the members' foot points, pixels, K >= 1.
        area_m2: Hull area on the ground, None uncalibrated.
    """

    track_ids: tuple[int, ...]
    hull_px: PixelArray
    area_m2: float | None = None


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

    None means undefined or not measurable here, never zero.

    Attributes:
        count: Pedestrians (estimate).
        count_low, count_high: 90 % interval; ``count_high`` is None when saturated ("at least").
        area_m2: Monitored area the densities rest on, None if unknown.
        density_per_m2: Classic density N/A, 1/m².
        peak_density_per_m2: Peak local density, 1/m²; None without calibration.
        mean_speed_mps: Metres per second; None uncalibrated or with nobody tracked.
        mean_speed_px_per_s: Mean speed in the picture, pixels per second.
        speed_variance_m2_per_s2: Variance of speeds, calibrated only.
        moving_count: People above the moving threshold.
        coherence, bidirectionality, disorder: In [0, 1]; None below 5 moving people.
        anomaly_count: Robust speed outliers.
        rapid_count: People faster than 2.5 m/s, None uncalibrated.
        cluster_count, largest_cluster: DBSCAN clusters and size of the biggest.
        proximity_pairs: Pairs closer than the threshold.
        crowd_pressure_per_s2: Helbing pressure, 1/s²; None unless calibrated.
        pressure_index: In [0, 1]; None without density.
        surge: Relative change of the median count; None until the windows are full.
        surge_significant: At least 10 people and larger than the count interval.
        stagnant: Peak density >= 2 and mean speed < 0.2 m/s for 10 s.
        density_ema_per_m2: Trend of density, EMA per second of stream time.
        trust: State of the count and all that rests on it.
        trust_reason: Why it is not ``ok``; empty otherwise.
    """

    count: float
    count_low: float
    count_high: float | None
    area_m2: float | None = None
    density_per_m2: float | None = None
    peak_density_per_m2: float | None = None
    mean_speed_mps: float | None = None
    mean_speed_px_per_s: float | None = None
    speed_variance_m2_per_s2: float | None = None
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
    pressure_index: float | None = None
    surge: float | None = None
    surge_significant: bool = False
    stagnant: bool = False
    density_ema_per_m2: float | None = None
    trust: Trust = Trust.OK
    trust_reason: str = ""


@dataclass(frozen=True, slots=True)
class CrowdPicture:
    """Geometry of one instant, for overlays: who stands where, in which cluster."""

    tracks: tuple[TrackView, ...] = field(default=())
    clusters: tuple[Cluster, ...] = field(default=())
    pairs: tuple[ProximityPair, ...] = field(default=())
