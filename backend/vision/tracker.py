"""What the rest of the house knows of a tracker, and what all trackers do alike."""

from __future__ import annotations

import itertools
from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from backend.core.frame import Detections, Frame, Tracks


@dataclass(frozen=True, slots=True)
class TrackerParams:
    """Parameters of every tracker; those of one kind say so.

    BoT-SORT: Aharon, Orfaig & Bobrovsky 2022, arXiv:2206.14651. ByteTrack: Zhang et al. 2022,
    arXiv:2110.06864. DeepSORT: Wojke, Bewley & Paulus 2017, arXiv:1703.07402.

    Attributes:
        high_confidence: Detections at least this sure are associated first; set it to the
            detector's confidence limit.
        low_confidence: Weaker candidates down to this one may only continue a track (BoT-SORT
            and ByteTrack; DeepSORT knows no second association).
        new_track_confidence: A new track starts at this confidence or more.
        match_distance: Largest 1 − IoU × confidence of an association (BoT-SORT, ByteTrack).
        cosine_distance: Largest 1 − cosine of two appearances of one person (DeepSORT).
        appearances: Looks remembered of each person (DeepSORT).
        buffer_s: A track not seen for longer than this is given up, seconds.
        min_buffer_frames: Lower bound of the same in frames, for slow cameras.
        confirm_within_s: A new track is believed once it is seen again, but only where the next
            frame comes within this time. Later, a walking person has left his own box behind
            and would be lost before he is ever believed: then every new track counts at once,
            because a missed crowd is worse than a false person in one frame.
    """

    high_confidence: float = 0.25
    low_confidence: float = 0.1
    new_track_confidence: float = 0.25
    match_distance: float = 0.85
    cosine_distance: float = 0.3
    appearances: int = 30
    buffer_s: float = 1.2
    min_buffer_frames: int = 5
    confirm_within_s: float = 0.3

    def buffer_frames(self, frame_rate_hz: float) -> int:
        """Return how many frames a lost track is kept at this frame rate."""
        return max(self.min_buffer_frames, round(self.buffer_s * frame_rate_hz))

    def believes_at_once(self, frame_rate_hz: float) -> bool:
        """Return whether a new track counts at its first sight at this frame rate."""
        return frame_rate_hz * self.confirm_within_s < 1.0


class Tracker(Protocol):
    """Joins one camera's detections to tracks; used by that camera's thread only.

    Track ids are 1, 2, 3 … in the order in which tracks are confirmed.
    """

    @property
    def fault(self) -> str:
        """Why this is not the tracker that was asked for and what to do; empty when it is."""

    def update(self, detections: Detections, frame: Frame) -> Tracks:
        """Return the confirmed tracks seen in ``frame``, boxes clipped to the picture."""

    def set_frame_rate(self, frame_rate_hz: float) -> None:
        """Follow a change of the analysed frame rate: lost tracks are kept equally long."""

    def reset(self) -> None:
        """Forget every track (a new segment); ids already given are never given again."""


class Embedder(Protocol):
    """Tells what people look like; used by one camera's thread only."""

    def embed(
        self, image: npt.NDArray[np.uint8], boxes_xyxy: npt.NDArray[np.float32]
    ) -> npt.NDArray[np.float32]:
        """Return what is in each box as a vector of unit length.

        Args:
            image: (H, W, 3) uint8, BGR.
            boxes_xyxy: (N, 4) pixels; parts outside the picture are left out.

        Returns:
            (N, D) float32; (0, D) for no boxes. The cosine of two rows says how alike they look.
        """


class TrackNumbers:
    """Numbers one camera's tracks 1, 2, 3 … in the order in which they are confirmed.

    The libraries number tentative tracks too and start again after a reset; here no number is
    ever given twice.
    """

    def __init__(self) -> None:
        self._next = itertools.count(1)
        self._given: dict[int, int] = {}

    def keep(self, alive: Collection[int]) -> None:
        """Forget the tracks that are not among these ids of the library."""
        self._given = {theirs: ours for theirs, ours in self._given.items() if theirs in alive}

    def of(self, theirs: int) -> int:
        """Return the number of a confirmed track; a new one the first time."""
        if theirs not in self._given:
            self._given[theirs] = next(self._next)
        return self._given[theirs]


def visible_tracks(
    numbers: list[int],
    boxes_xyxy: list[npt.NDArray[np.float64]],
    confidence: list[float],
    *,
    picture_wh: tuple[int, int],
) -> Tracks:
    """Return tracks with their boxes clipped to the picture, without those outside it.

    Args:
        numbers: N track ids.
        boxes_xyxy: N arrays (4,), pixels; a filter's state may lie partly outside.
        confidence: N confidences of the boxes last joined.
        picture_wh: Pixels.
    """
    if not numbers:
        return Tracks.empty()
    width, height = picture_wh
    boxes = np.stack(boxes_xyxy).astype(np.float32)
    boxes = np.clip(boxes, 0.0, np.array([width, height, width, height], np.float32))
    inside = (boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1])
    return Tracks(
        np.array(numbers, np.int64)[inside],
        boxes[inside],
        np.array(confidence, np.float32)[inside],
    )
