"""What comes with the tracks of one frame: when, how large, and how far to believe it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backend.core.measurements import SaturationEvidence


@dataclass(frozen=True, slots=True)
class PictureFlow:
    """Motion of the picture where no single person can be followed (dense optical flow).

    Attributes:
        stream_time_s: Presentation time of the later of the two frames compared.
        points_px: (M, 2) float32, centres of the grid cells whose motion could be told, pixels
            of the full frame; (0, 2) where nothing could.
        velocity_px_per_s: (M, 2) float32, motion of each cell with the camera's own motion
            (wind in the mast) already subtracted.
        noise_px_per_s: Standard deviation of the velocity of cells known to stand still.
    """

    stream_time_s: float
    points_px: npt.NDArray[np.float32]
    velocity_px_per_s: npt.NDArray[np.float32]
    noise_px_per_s: float


@dataclass(frozen=True, slots=True)
class FrameFacts:
    """Everything the analyser is told of one frame besides its tracks.

    Attributes:
        stream_time_s: Presentation time within the segment, seconds.
        segment: Grows with every reconnect; kinematics never span two.
        picture_wh: Width and height of the full frame, pixels.
        saturation: Newest examination of the counter; None or the same object again where this
            frame was not examined.
        reduced_accuracy: The fallback detector is at work.
        lag_s: Seconds from capture to now for live cameras, None for recordings.
        calibration_fault: Why the stored calibration does not fit this picture (the camera was
            moved); empty when it does. Calibrated numbers are then unknown.
        picture_flow: Dense optical flow up to this frame, None where it was not computed.
    """

    stream_time_s: float
    segment: int
    picture_wh: tuple[int, int]
    saturation: SaturationEvidence | None = None
    reduced_accuracy: bool = False
    lag_s: float | None = None
    calibration_fault: str = ""
    picture_flow: PictureFlow | None = None
