"""The ground-plane calibration of one camera: what turns its pixels into metres."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Point: TypeAlias = tuple[float, float]


class CalibrationMethod(StrEnum):
    """Where a calibration comes from, best first (CROWD-SCIENCE section 1)."""

    POINTS = "points"
    RECTANGLE = "rectangle"
    HEIGHTS = "heights"

    @property
    def is_estimated(self) -> bool:
        """Everything resting on people's heights is an estimate, not a measurement."""
        return self is CalibrationMethod.HEIGHTS


@dataclass(frozen=True, slots=True)
class BackgroundFeatures:
    """Landmarks of the unmoving scene, to tell later whether the camera has been moved.

    No picture is kept: the descriptors cannot be turned back into one.

    Attributes:
        picture_wh: Width and height of the frame they were taken from, pixels.
        points_px: (K, 2) float32, pixels of that frame.
        descriptors: (K, 32) uint8, binary descriptors, row for row.
    """

    picture_wh: tuple[int, int]
    points_px: npt.NDArray[np.float32]
    descriptors: npt.NDArray[np.uint8]

    def __post_init__(self) -> None:
        count = self.points_px.shape[0]
        if self.points_px.shape != (count, 2) or self.descriptors.shape != (count, 32):
            raise ValueError(
                f"expected (K, 2) points and (K, 32) descriptors, got {self.points_px.shape} "
                f"and {self.descriptors.shape}"
            )


@dataclass(frozen=True, slots=True)
class Calibration:
    """One version of a camera's calibration, as the measuring rooms need it.

    Image coordinates are pixels of a picture of ``picture_wh``; a stream of another size is
    scaled to it (the aspect ratio must agree).

    Attributes:
        version: Grows by one with every change; written beside every measurement.
        method: Points, rectangle or people's heights.
        picture_wh: Width and height of the picture the coordinates below refer to.
        homography: Nine numbers row by row, image pixels to ground metres.
        monitored_px: Corners of the monitored area in the picture; None = the whole picture.
        walkable_px: Corners of the walkable area in the picture; None = the monitored area.
        rms_error_m: Root mean square distance of the given points from where the homography
            puts them, metres; None where there is nothing left over to compare (four points).
        length_spread: Half width of the 90 % interval of any length or speed, as a share of it.
        area_spread: The same of the monitored area, and so of densities.
        calibrated_at: Aware UTC.
        background: Landmarks at calibration time, None until a picture could be had.
        fault: Why nothing that rests on it may be believed until a person has saved it again;
            empty where nothing speaks against it.
    """

    version: int
    method: CalibrationMethod
    picture_wh: tuple[int, int]
    homography: tuple[float, ...]
    monitored_px: tuple[Point, ...] | None
    walkable_px: tuple[Point, ...] | None
    rms_error_m: float | None
    length_spread: float
    area_spread: float
    calibrated_at: datetime
    background: BackgroundFeatures | None = None
    fault: str = ""


class ExitKind(StrEnum):
    """What an exit leads over; decides its specific flow (Green Guide)."""

    LEVEL = "level"
    STAIRS = "stairs"


@dataclass(frozen=True, slots=True)
class Exit:
    """One way out of the monitored place.

    Attributes:
        width_m: Clear width in metres, > 0.
        kind: On the level or over stairs.
    """

    width_m: float
    kind: ExitKind = ExitKind.LEVEL
