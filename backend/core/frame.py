"""What moves along the pipeline: frames, detections and tracks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Image: TypeAlias = npt.NDArray[np.uint8]
"""(H, W, 3) uint8, BGR, pixels; top-left origin."""

FloatArray: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Frame:
    """One decoded picture.

    Attributes:
        index: 0-based number of the frame since the source was opened for the first time.
        image: (H, W, 3) uint8, BGR. Read-only by convention: nobody draws on it.
        stream_time_s: Presentation time, seconds since the start of the segment's stream,
            corrected for a true-frame-rate override.
        segment: Starts at 0 and grows by one with every reconnect or loop; kinematics never
            span two segments.
        captured_at: Aware UTC time of capture (live) or of recording start + stream time (upload).
        captured_mono_s: Monotonic time at which this process received the frame.
        truth: Who really is in the picture, where the source knows (a simulation); it takes
            the place of detection and tracking. None for every real camera.
    """

    index: int
    image: Image
    stream_time_s: float
    segment: int
    captured_at: datetime
    captured_mono_s: float
    truth: Tracks | None = None

    @property
    def picture_wh(self) -> tuple[int, int]:
        """Width and height of the picture in pixels."""
        return self.image.shape[1], self.image.shape[0]


@dataclass(frozen=True, slots=True)
class Detections:
    """Persons found in one frame.

    Attributes:
        boxes_xyxy: (N, 4) float32, pixels of the full frame, clipped to the picture.
        confidence: (N,) float32 in [0, 1].
        weak: Candidates below the confidence limit, for low-score association in a tracker
            only; they are never counted. None where nobody collected them.
    """

    boxes_xyxy: npt.NDArray[np.float32]
    confidence: npt.NDArray[np.float32]
    weak: Detections | None = None

    def __post_init__(self) -> None:
        if self.boxes_xyxy.ndim != 2 or self.boxes_xyxy.shape[1] != 4:
            raise ValueError(f"boxes_xyxy must be (N, 4), got {self.boxes_xyxy.shape}")
        if self.confidence.shape != (self.boxes_xyxy.shape[0],):
            raise ValueError(
                f"confidence must be ({self.boxes_xyxy.shape[0]},), got {self.confidence.shape}"
            )

    def __len__(self) -> int:
        return int(self.boxes_xyxy.shape[0])

    @classmethod
    def empty(cls) -> Detections:
        """Return detections of nobody."""
        return cls(np.zeros((0, 4), np.float32), np.zeros((0,), np.float32))


@dataclass(frozen=True, slots=True)
class Tracks:
    """Confirmed tracks visible in one frame (output of a tracker).

    Attributes:
        track_ids: (N,) int64, unique per camera run.
        boxes_xyxy: (N, 4) float32, pixels of the full frame.
        confidence: (N,) float32.
    """

    track_ids: npt.NDArray[np.int64]
    boxes_xyxy: npt.NDArray[np.float32]
    confidence: npt.NDArray[np.float32]

    def __post_init__(self) -> None:
        n = self.track_ids.shape[0]
        if self.boxes_xyxy.shape != (n, 4) or self.confidence.shape != (n,):
            raise ValueError(
                f"expected {n} boxes and confidences, got {self.boxes_xyxy.shape} "
                f"and {self.confidence.shape}"
            )

    def __len__(self) -> int:
        return int(self.track_ids.shape[0])

    @classmethod
    def empty(cls) -> Tracks:
        """Return no tracks."""
        return cls(
            np.zeros((0,), np.int64), np.zeros((0, 4), np.float32), np.zeros((0,), np.float32)
        )
