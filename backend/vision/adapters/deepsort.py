"""DeepSORT: the algorithm of deep-sort-realtime, with appearances handed in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.core.frame import Detections, FloatArray, Frame, Tracks
from backend.vision.adapters.gmc import CameraMotion, move_tracks
from backend.vision.tracker import Embedder, TrackerParams, TrackNumbers, visible_tracks

CONFIRMING_SIGHTS = 2
"""As the other trackers: a new track is believed when it is seen again."""

IOU_DISTANCE = 0.7
"""Largest 1 − IoU in the association by place that follows the one by appearance."""


class Gallery:
    """What each track looked like lately: the package's nearest-neighbour metric.

    It takes the place of the package's own, which normalises every look again for every track in
    every frame. Here looks are of unit length from the start and all are compared at once.

    Args:
        matching_threshold: Largest 1 − cosine of an association.
        remembered: Looks kept of each track.
    """

    def __init__(self, matching_threshold: float, remembered: int) -> None:
        self.matching_threshold = matching_threshold  # read by the package
        self._remembered = remembered
        self._looks: dict[str, npt.NDArray[np.float32]] = {}

    def partial_fit(
        self,
        features: npt.NDArray[np.float32],
        targets: Sequence[str],
        active_targets: Sequence[str],
    ) -> None:
        """Add a frame's looks, one row a look, and forget the tracks that are no more."""
        for look, target in zip(features, targets, strict=True):
            known = self._looks.get(target)
            looks = look[None] if known is None else np.concatenate([known, look[None]])
            self._looks[target] = looks[-self._remembered :]
        self._looks = {target: self._looks[target] for target in active_targets}

    def distance(self, features: npt.NDArray[np.float32], targets: Sequence[str]) -> FloatArray:
        """Return the least 1 − cosine of every track to every look, (tracks, looks) float64."""
        galleries = [self._looks[target] for target in targets]
        starts = np.cumsum([0, *(len(gallery) for gallery in galleries[:-1])])
        cosines = np.concatenate(galleries) @ features.T
        return 1.0 - np.maximum.reduceat(cosines, starts, axis=0).astype(np.float64)


class DeepSortTracker:
    """DeepSORT for one camera (implements `tracker.Tracker`).

    Args:
        frame_rate_hz: Frames analysed per second.
        embedder: Tells what people look like.
        params: Thresholds.
        motion: Follows a moving camera; None where it is fixed.
    """

    def __init__(
        self,
        frame_rate_hz: float,
        embedder: Embedder,
        params: TrackerParams | None = None,
        *,
        motion: CameraMotion | None = None,
    ) -> None:
        self._params = params or TrackerParams()
        self._frame_rate_hz = frame_rate_hz
        self._embedder = embedder
        self._motion = motion
        self._numbers = TrackNumbers()
        self._is_first_frame = True
        self._tracker: Any = self._make()

    @property
    def fault(self) -> str:
        """See `tracker.Tracker.fault`."""
        return ""

    def update(self, detections: Detections, frame: Frame) -> Tracks:
        """See `tracker.Tracker.update`."""
        if self._motion is not None:
            motion = self._motion.update(frame.image, detections.boxes_xyxy)
            if motion is not None:
                move_tracks(self._tracker.tracks, motion, has_aspect=True)
        self._tracker.predict()
        self._tracker.update(self._described(detections, frame))
        self._is_first_frame = False
        confirmed = [track for track in self._tracker.tracks if track.is_confirmed()]
        self._numbers.keep({int(track.track_id) for track in confirmed})
        seen = [track for track in confirmed if track.time_since_update == 0]
        return visible_tracks(
            [self._numbers.of(int(track.track_id)) for track in seen],
            [track.to_ltrb() for track in seen],
            [float(track.get_det_conf()) for track in seen],
            picture_wh=frame.picture_wh,
        )

    def set_frame_rate(self, frame_rate_hz: float) -> None:
        """See `tracker.Tracker.set_frame_rate`."""
        self._frame_rate_hz = frame_rate_hz
        kept = self._params.buffer_frames(frame_rate_hz)
        self._tracker.max_age = kept
        for track in self._tracker.tracks:
            track._max_age = kept  # the library hands it to each track when it begins

    def reset(self) -> None:
        """See `tracker.Tracker.reset`."""
        self._tracker = self._make()
        self._numbers.keep(())
        self._is_first_frame = True
        if self._motion is not None:
            self._motion.reset()

    def _make(self) -> Any:
        # Imports SciPy: paid by the camera's thread, not by the web process.
        from deep_sort_realtime.deep_sort.tracker import Tracker  # noqa: PLC0415

        params = self._params
        return Tracker(
            Gallery(params.cosine_distance, params.appearances),
            max_iou_distance=IOU_DISTANCE,
            max_age=params.buffer_frames(self._frame_rate_hz),
            n_init=CONFIRMING_SIGHTS,
            override_track_class=self._begin,
        )

    def _begin(self, *state: Any, **detection: Any) -> Any:
        """Begin a track; confirmed from the start where no second sight is waited for.

        As in the other trackers, whoever is there when a camera starts counts at once.
        """
        from deep_sort_realtime.deep_sort.track import Track, TrackState  # noqa: PLC0415

        track = Track(*state, **detection)
        if detection["det_conf"] < self._params.new_track_confidence:
            track.state = TrackState.Deleted  # sure enough to continue a track, not to begin one
        elif self._is_first_frame or self._params.believes_at_once(self._frame_rate_hz):
            track.state = TrackState.Confirmed
        return track

    def _described(self, detections: Detections, frame: Frame) -> list[Any]:
        """Return the detections that may make a track, each with its appearance."""
        from deep_sort_realtime.deep_sort.detection import Detection  # noqa: PLC0415

        sides = detections.boxes_xyxy[:, 2:] - detections.boxes_xyxy[:, :2]
        sound = (sides > 0).all(axis=1) & (detections.confidence >= self._params.high_confidence)
        boxes = detections.boxes_xyxy[sound]
        looks = self._embedder.embed(frame.image, boxes)
        ltwh = np.concatenate([boxes[:, :2], sides[sound]], axis=1)
        return [
            Detection(place, confidence, look)
            for place, confidence, look in zip(
                ltwh, detections.confidence[sound], looks, strict=True
            )
        ]
