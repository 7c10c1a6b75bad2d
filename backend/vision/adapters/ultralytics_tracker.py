"""What BoT-SORT and ByteTrack of ultralytics have in common: one of them, for one camera."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.core.frame import Detections, Frame, Tracks
from backend.vision.adapters.gmc import CameraMotion, move_tracks
from backend.vision.tracker import TrackerParams, TrackNumbers, visible_tracks


class Results:
    """Detections in the shape ultralytics' trackers read: xywh, conf, cls, boolean indexing.

    Args:
        xywh: (N, 4) centre, width and height, pixels.
        conf: (N,).
    """

    def __init__(self, xywh: npt.NDArray[np.float32], conf: npt.NDArray[np.float32]) -> None:
        self.xywh = xywh
        self.conf = conf
        self.cls = np.zeros_like(conf)

    def __len__(self) -> int:
        return len(self.conf)

    def __getitem__(self, chosen: npt.NDArray[np.bool_]) -> Results:
        return Results(self.xywh[chosen], self.conf[chosen])

    @property
    def xyxy(self) -> npt.NDArray[np.float32]:
        """Return (N, 4) corners, pixels."""
        half = self.xywh[:, 2:] / 2
        return np.concatenate([self.xywh[:, :2] - half, self.xywh[:, :2] + half], axis=1)

    @classmethod
    def of(cls, detections: Detections) -> Results:
        """Return strong and weak detections together; the trackers part them again."""
        boxes, confidence = detections.boxes_xyxy, detections.confidence
        if detections.weak is not None and len(detections.weak):
            boxes = np.concatenate([boxes, detections.weak.boxes_xyxy])
            confidence = np.concatenate([confidence, detections.weak.confidence])
        corner, opposite = boxes[:, :2], boxes[:, 2:]
        return cls(np.concatenate([(corner + opposite) / 2, opposite - corner], axis=1), confidence)


class UltralyticsTracker:
    """One of ultralytics' trackers for one camera (implements `tracker.Tracker`).

    Args:
        library: Class of the tracker.
        frame_rate_hz: Frames analysed per second.
        params: Thresholds.
        settings: What this kind of tracker wants to be told besides.
        has_aspect: Whether its filter keeps width / height in place of the width.
        motion: Follows a moving camera; None where it is fixed.
        fault: Why this is not the tracker that was asked for, empty when it is.
    """

    def __init__(
        self,
        library: Callable[[SimpleNamespace], Any],
        frame_rate_hz: float,
        *,
        params: TrackerParams,
        settings: dict[str, object],
        has_aspect: bool,
        motion: CameraMotion | None,
        fault: str = "",
    ) -> None:
        self._params = params
        self._frame_rate_hz = frame_rate_hz
        self._has_aspect = has_aspect
        self._motion = motion
        self._fault = fault
        self._numbers = TrackNumbers()
        self._make = library
        self._args = SimpleNamespace(
            track_high_thresh=params.high_confidence,
            track_low_thresh=params.low_confidence,
            new_track_thresh=params.new_track_confidence,
            track_buffer=params.buffer_frames(frame_rate_hz),
            match_thresh=params.match_distance,
            fuse_score=True,
            **settings,
        )
        self._tracker: Any = library(self._args)

    @property
    def fault(self) -> str:
        """See `tracker.Tracker.fault`."""
        return self._fault

    def update(self, detections: Detections, frame: Frame) -> Tracks:
        """See `tracker.Tracker.update`."""
        if self._motion is not None:
            self._follow_camera(self._motion.update(frame.image, detections.boxes_xyxy))
        self._tracker.update(Results.of(detections))
        if self._params.believes_at_once(self._frame_rate_hz):
            for track in self._tracker.tracked_stracks:
                track.is_activated = True  # there will be no second sight in time
        seen = [track for track in self._tracker.tracked_stracks if track.is_activated]
        self._numbers.keep({int(t.track_id) for t in (*seen, *self._tracker.lost_stracks)})
        return visible_tracks(
            [self._numbers.of(int(track.track_id)) for track in seen],
            [track.xyxy for track in seen],
            [float(track.score) for track in seen],
            picture_wh=frame.picture_wh,
        )

    def set_frame_rate(self, frame_rate_hz: float) -> None:
        """See `tracker.Tracker.set_frame_rate`."""
        self._frame_rate_hz = frame_rate_hz
        self._tracker.max_frames_lost = self._params.buffer_frames(frame_rate_hz)

    def reset(self) -> None:
        """See `tracker.Tracker.reset`."""
        self._args.track_buffer = self._tracker.max_frames_lost
        self._tracker = self._make(self._args)
        self._numbers.keep(())
        if self._motion is not None:
            self._motion.reset()

    def _follow_camera(self, motion: npt.NDArray[np.float64] | None) -> None:
        """Move what is known of people along; the filter's own step after it adds up the same."""
        if motion is None:
            return
        known = (*self._tracker.tracked_stracks, *self._tracker.lost_stracks)
        move_tracks(known, motion, has_aspect=self._has_aspect)
