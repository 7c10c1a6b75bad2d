"""BoT-SORT from ultralytics, one per camera, without camera-motion compensation or ReID."""

from __future__ import annotations

import itertools
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.core.frame import Detections, Frame, Tracks
from backend.vision.tracker import TrackerParams


class _Results:
    """Detections in the shape ultralytics' trackers read: xywh, conf, cls, boolean indexing."""

    def __init__(self, xywh: npt.NDArray[np.float32], conf: npt.NDArray[np.float32]) -> None:
        self.xywh = xywh
        self.conf = conf
        self.cls = np.zeros_like(conf)

    def __len__(self) -> int:
        return len(self.conf)

    def __getitem__(self, chosen: npt.NDArray[np.bool_]) -> _Results:
        return _Results(self.xywh[chosen], self.conf[chosen])

    @classmethod
    def of(cls, detections: Detections) -> _Results:
        boxes, confidence = detections.boxes_xyxy, detections.confidence
        if detections.weak is not None and len(detections.weak):
            boxes = np.concatenate([boxes, detections.weak.boxes_xyxy])
            confidence = np.concatenate([confidence, detections.weak.confidence])
        corner, opposite = boxes[:, :2], boxes[:, 2:]
        return cls(np.concatenate([(corner + opposite) / 2, opposite - corner], axis=1), confidence)


class BotSortTracker:
    """BoT-SORT for one camera (implements `tracker.Tracker`).

    Ids are numbered here, 1, 2, 3 … in the order in which tracks are confirmed: the library
    numbers tentative tracks too and starts again after a reset.

    Args:
        frame_rate_hz: Frames analysed per second.
        params: Thresholds.
    """

    def __init__(self, frame_rate_hz: float, params: TrackerParams | None = None) -> None:
        # Imports torch (about 2 s): paid by the camera's thread, not by the web process.
        from ultralytics.trackers.bot_sort import BOTSORT  # noqa: PLC0415

        self._params = params or TrackerParams()
        self._args = SimpleNamespace(
            track_high_thresh=self._params.high_confidence,
            track_low_thresh=self._params.low_confidence,
            new_track_thresh=self._params.new_track_confidence,
            track_buffer=self._params.buffer_frames(frame_rate_hz),
            match_thresh=self._params.match_distance,
            fuse_score=True,
            gmc_method=None,
            proximity_thresh=0.5,
            appearance_thresh=0.8,
            with_reid=False,
            model="auto",
        )
        self._make: Any = BOTSORT
        self._tracker: Any = BOTSORT(self._args)
        self._next_id = itertools.count(1)
        self._frame_rate_hz = frame_rate_hz
        self._ids: dict[int, int] = {}

    def update(self, detections: Detections, frame: Frame) -> Tracks:
        """See `tracker.Tracker.update`."""
        self._tracker.update(_Results.of(detections))
        if self._frame_rate_hz * self._params.confirm_within_s < 1.0:
            for track in self._tracker.tracked_stracks:
                track.is_activated = True  # there will be no second sight in time
        seen = [track for track in self._tracker.tracked_stracks if track.is_activated]
        known = {int(track.track_id) for track in (*seen, *self._tracker.lost_stracks)}
        self._ids = {ours: ids for ours, ids in self._ids.items() if ours in known}
        for track in seen:
            if int(track.track_id) not in self._ids:
                self._ids[int(track.track_id)] = next(self._next_id)
        if not seen:
            return Tracks.empty()
        width, height = frame.picture_wh
        boxes = np.stack([track.xyxy for track in seen]).astype(np.float32)
        boxes = np.clip(boxes, 0.0, np.array([width, height, width, height], np.float32))
        inside = (boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1])
        return Tracks(
            np.array([self._ids[int(track.track_id)] for track in seen], np.int64)[inside],
            boxes[inside],
            np.array([track.score for track in seen], np.float32)[inside],
        )

    def set_frame_rate(self, frame_rate_hz: float) -> None:
        """See `tracker.Tracker.set_frame_rate`."""
        self._frame_rate_hz = frame_rate_hz
        self._tracker.max_frames_lost = self._params.buffer_frames(frame_rate_hz)

    def reset(self) -> None:
        """See `tracker.Tracker.reset`."""
        self._args.track_buffer = self._tracker.max_frames_lost
        self._tracker = self._make(self._args)
        self._ids.clear()


def make_tracker(frame_rate_hz: float, params: TrackerParams | None = None) -> BotSortTracker:
    """Return a tracker for one camera."""
    return BotSortTracker(frame_rate_hz, params)
