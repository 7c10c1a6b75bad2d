"""One camera's analyser: tracks in, measurements out; all state that is kept lives here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backend.core.camera import ModelInfo
from backend.core.frame import FloatArray, Tracks
from backend.core.measurements import (
    Cluster,
    CrowdMetrics,
    CrowdPicture,
    ProximityPair,
    TrackView,
)
from backend.core.observation import FrameFacts
from backend.core.trust import Trust
from backend.crowd.clusters import close_pairs, convex_hull, find_clusters, scale_to_picture
from backend.crowd.counting import (
    CROWDED_COVER,
    FALLBACK_RECALL,
    YOLO_RECALL,
    CountEstimate,
    covered_share,
    estimate_count,
)
from backend.crowd.density import density_by_area
from backend.crowd.flow_window import FlowWindow
from backend.crowd.history import TrackHistory, trails
from backend.crowd.motion import (
    MOVING_SPEED_HEIGHTS_PER_S,
    FlowOrder,
    speed_anomalies,
    velocities,
)
from backend.crowd.params import AnalysisParams
from backend.crowd.pressure import pressure_index
from backend.crowd.reliability import SaturationLatch, Verdict, judge_trust
from backend.crowd.stream_clock import StreamClock, StreamStep
from backend.crowd.surge import SurgeWindow
from backend.crowd.trend import Trend

MAX_PICTURED_PAIRS = 200
"""Pairs handed to the overlay, closest first; all are counted."""

DEFAULT_INPUT_PX = 640
"""Longer side of the network input assumed while the model is not known."""


@dataclass(frozen=True, slots=True)
class _Kinematics:
    """Arrays of one frame, row for row with its tracks."""

    feet: FloatArray
    heights: FloatArray
    velocity: FloatArray
    speed: FloatArray
    is_moving: npt.NDArray[np.bool_]
    is_anomalous: npt.NDArray[np.bool_]
    trails: list[npt.NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class _Scene:
    """Everything measured in one frame, before it is put into words."""

    motion: _Kinematics
    count: CountEstimate
    flow: FlowOrder | None
    clusters: tuple[Cluster, ...]
    pairs: npt.NDArray[np.int64]
    verdict: Verdict


class CrowdAnalyzer:
    """Measures one camera's crowd, frame by frame, in stream time.

    Owned by one video thread. Nothing here knows the wall clock: playing a recording at any
    speed, or dropping frames, gives the same numbers.

    Args:
        params: Live settings.
        area_m2: Monitored area typed in by hand, m²; None = density is not defined.
        people_limit: People the place may hold; decides with ``area_m2`` what the level can
            rest on, and so the trust state.
        model: The detector whose boxes come in; its input size turns box heights into what the
            network saw, which is what recall depends on. None: 640 px, one tile.
    """

    def __init__(
        self,
        params: AnalysisParams,
        *,
        area_m2: float | None,
        people_limit: int | None,
        model: ModelInfo | None = None,
    ) -> None:
        if area_m2 is not None and not area_m2 > 0:
            raise ValueError(f"area_m2 must be above 0 m² or None, got {area_m2}")
        self._params = params
        self._area_m2 = area_m2
        self._people_limit = people_limit
        self._model = model
        self._clock = StreamClock()
        self._history = TrackHistory()
        self._flow = FlowWindow()
        self._surge = SurgeWindow()
        self._density_trend = Trend()
        self._saturation = SaturationLatch()

    def set_params(self, params: AnalysisParams) -> None:
        """Use other live settings from the next frame on; nothing measured is forgotten."""
        self._params = params

    def update(
        self,
        tracks: Tracks,
        facts: FrameFacts,
    ) -> tuple[CrowdMetrics, CrowdPicture]:
        """Measure one frame.

        Args:
            tracks: Confirmed tracks visible in the frame.
            facts: The rest that is known of the frame.

        Returns:
            The measurements, and the geometry for overlays. Both immutable.
        """
        stream_time_s, segment = facts.stream_time_s, facts.segment
        picture_wh, reduced_accuracy = facts.picture_wh, facts.reduced_accuracy
        step = self._clock.advance(stream_time_s, segment=segment)
        if step.is_new_segment:
            self._flow.clear()
            self._surge.clear()
        motion = self._measure_motion(tracks, stream_time_s=stream_time_s, segment=segment)
        scene = _Scene(
            motion=motion,
            count=self._count(tracks, motion.heights, picture_wh, reduced_accuracy),
            flow=self._flow.update(
                motion.velocity[motion.is_moving],
                elapsed_s=step.elapsed_s,
                window=self._params.coherence_window,
            ),
            clusters=self._find_clusters(tracks, motion.feet, picture_wh[0]),
            pairs=close_pairs(
                motion.feet,
                threshold=scale_to_picture(self._params.proximity_threshold_px, picture_wh[0]),
            ),
            verdict=judge_trust(
                self._saturation.update(facts.saturation, total_s=step.total_s),
                reduced_accuracy=reduced_accuracy,
                lag_s=facts.lag_s,
                has_area=self._area_m2 is not None,
                has_people_limit=self._people_limit is not None,
            ),
        )
        picture = CrowdPicture(
            tracks=_track_views(tracks, motion),
            clusters=scene.clusters,
            pairs=_pictured_pairs(tracks, motion.feet, scene.pairs),
        )
        return self._compose(scene, step=step, stream_time_s=stream_time_s), picture

    def _compose(self, scene: _Scene, *, step: StreamStep, stream_time_s: float) -> CrowdMetrics:
        """Put the measurements of one frame together and carry the trends on."""
        motion, count, flow, verdict = scene.motion, scene.count, scene.flow, scene.verdict
        count_high = None if verdict.trust is Trust.SATURATED else count.high
        surge = self._surge.update(
            count.count,
            None if count_high is None else count_high - count.count,
            stream_time_s=stream_time_s,
        )
        density = None
        if self._area_m2 is not None:
            density = density_by_area(count.count, self._area_m2)
        speeds = motion.speed[~np.isnan(motion.speed)]
        return CrowdMetrics(
            count=count.count,
            count_low=count.low,
            count_high=count_high,
            area_m2=self._area_m2,
            density_per_m2=density,
            mean_speed_px_per_s=float(speeds.mean()) if speeds.size else None,
            moving_count=int(motion.is_moving.sum()),
            coherence=flow.coherence if flow else None,
            bidirectionality=flow.bidirectionality if flow else None,
            disorder=flow.disorder if flow else None,
            anomaly_count=int(motion.is_anomalous.sum()),
            cluster_count=len(scene.clusters),
            largest_cluster=max((len(group.track_ids) for group in scene.clusters), default=0),
            proximity_pairs=len(scene.pairs),
            pressure_index=pressure_index(density, None),
            surge=surge.relative if surge else None,
            surge_significant=surge.is_significant if surge else False,
            density_ema_per_m2=self._density_trend.update(
                density, alpha_per_s=self._params.ema_alpha, elapsed_s=step.elapsed_s
            ),
            trust=verdict.trust,
            trust_reason=verdict.reason,
        )

    def _measure_motion(self, tracks: Tracks, *, stream_time_s: float, segment: int) -> _Kinematics:
        boxes = tracks.boxes_xyxy.astype(np.float64)
        feet = np.stack([(boxes[:, 0] + boxes[:, 2]) / 2, boxes[:, 3]], axis=1)
        heights = np.maximum(boxes[:, 3] - boxes[:, 1], 1.0)
        self._history.append(tracks.track_ids, feet, stream_time_s=stream_time_s, segment=segment)
        trajectories = self._history.of(tracks.track_ids)
        velocity = velocities(trajectories.times_s, trajectories.positions)
        speed = np.hypot(velocity[:, 0], velocity[:, 1])
        relative = speed / heights
        return _Kinematics(
            feet=feet,
            heights=heights,
            velocity=velocity,
            speed=speed,
            is_moving=relative > MOVING_SPEED_HEIGHTS_PER_S,
            is_anomalous=speed_anomalies(relative, z_limit=self._params.anomaly_velocity_zscore),
            trails=trails(trajectories),
        )

    def _find_clusters(
        self, tracks: Tracks, feet: FloatArray, picture_width_px: int
    ) -> tuple[Cluster, ...]:
        groups = find_clusters(
            feet,
            eps=scale_to_picture(self._params.cluster_eps_px, picture_width_px),
            min_samples=self._params.cluster_min_samples,
        )
        return tuple(
            Cluster(tuple(tracks.track_ids[group].tolist()), convex_hull(feet[group]))
            for group in groups
        )

    def _count(
        self,
        tracks: Tracks,
        heights: FloatArray,
        picture_wh: tuple[int, int],
        reduced_accuracy: bool,
    ) -> CountEstimate:
        scale = DEFAULT_INPUT_PX / max(picture_wh)
        if self._model is not None:
            # n tiles look at a picture about sqrt(n) times as large.
            scale = max(self._model.input_hw) * self._model.tiles**0.5 / max(picture_wh)
        return estimate_count(
            tracks.confidence.astype(np.float64),
            heights * scale,
            covered_share(tracks.boxes_xyxy.astype(np.float64)) >= CROWDED_COVER,
            table=FALLBACK_RECALL if reduced_accuracy else YOLO_RECALL,
        )


def _track_views(tracks: Tracks, motion: _Kinematics) -> tuple[TrackView, ...]:
    is_defined = ~np.isnan(motion.speed)
    rows = zip(
        tracks.track_ids.tolist(),
        tracks.boxes_xyxy.tolist(),
        tracks.confidence.tolist(),
        motion.feet.tolist(),
        motion.velocity.tolist(),
        is_defined.tolist(),
        motion.trails,
        motion.is_anomalous.tolist(),
        strict=True,
    )
    return tuple(
        TrackView(
            track_id=track_id,
            box_xyxy=(box[0], box[1], box[2], box[3]),
            confidence=confidence,
            foot_px=(foot[0], foot[1]),
            velocity_px_per_s=(velocity[0], velocity[1]) if defined else None,
            speed_mps=None,
            trail_px=trail,
            is_anomalous=anomalous,
        )
        for track_id, box, confidence, foot, velocity, defined, trail, anomalous in rows
    )


def _pictured_pairs(
    tracks: Tracks, feet: FloatArray, pairs: npt.NDArray[np.int64]
) -> tuple[ProximityPair, ...]:
    shown = pairs[:MAX_PICTURED_PAIRS]
    distance = np.linalg.norm(feet[shown[:, 0]] - feet[shown[:, 1]], axis=1)
    ids = tracks.track_ids.tolist()
    points = [(x, y) for x, y in feet.tolist()]
    return tuple(
        ProximityPair(ids[first], ids[second], points[first], points[second], apart)
        for (first, second), apart in zip(shown.tolist(), distance.tolist(), strict=True)
    )
