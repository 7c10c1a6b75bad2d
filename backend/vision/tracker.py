"""What the rest of the house knows of a tracker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from backend.core.frame import Detections, Frame, Tracks


@dataclass(frozen=True, slots=True)
class TrackerParams:
    """Parameters of BoT-SORT (Aharon, Orfaig & Bobrovsky 2022, arXiv:2206.14651).

    Attributes:
        high_confidence: Detections at least this sure are associated first; set it to the
            detector's confidence limit.
        low_confidence: Weaker candidates down to this one may only continue a track.
        new_track_confidence: A new track starts at this confidence or more.
        match_distance: Largest 1 − IoU × confidence of an association.
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
    match_distance: float = 0.8
    buffer_s: float = 1.2
    min_buffer_frames: int = 5
    confirm_within_s: float = 0.3

    def buffer_frames(self, frame_rate_hz: float) -> int:
        """Return how many frames a lost track is kept at this frame rate."""
        return max(self.min_buffer_frames, round(self.buffer_s * frame_rate_hz))


class Tracker(Protocol):
    """Joins one camera's detections to tracks; used by that camera's thread only."""

    def update(self, detections: Detections, frame: Frame) -> Tracks:
        """Return the confirmed tracks seen in ``frame``, boxes clipped to the picture."""

    def set_frame_rate(self, frame_rate_hz: float) -> None:
        """Follow a change of the analysed frame rate: lost tracks are kept equally long."""

    def reset(self) -> None:
        """Forget every track (a new segment); ids already given are never given again."""
