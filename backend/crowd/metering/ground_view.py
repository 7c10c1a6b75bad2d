"""What one calibration gives for one picture size: geometry prepared once, used every frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from backend.core.calibration import Calibration
from backend.core.errors import InvalidInputError
from backend.core.frame import FloatArray
from backend.crowd.calibration import (
    GroundPlane,
    GroundPositions,
    HeightModel,
    MonitoredGround,
    ground_positions,
)
from backend.crowd.density_kernel import DensityKernel
from backend.crowd.voronoi import VoronoiArea

BoolArray = npt.NDArray[np.bool_]


class UnfitCalibrationError(Exception):
    """The calibration cannot be used on this picture; the message says why, for a person."""


@dataclass(frozen=True, slots=True, eq=False)
class GroundView:
    """The ground as one camera sees it.

    Attributes:
        calibration: As stored.
        picture_wh: Width and height of the frames, pixels.
        plane: Pixels of those frames to metres.
        ground: Monitored and walkable area.
        heights: How high people stand in the picture; None where the homography does not tell.
        kernel: Local density on the walkable area.
        voronoi: Voronoi density of the monitored area.
        monitored_nodes: (R, C) bool, nodes of the kernel's grid in the monitored area.
        outline_px: Corners of the monitored area in the picture, pixels.
    """

    calibration: Calibration
    picture_wh: tuple[int, int]
    plane: GroundPlane
    ground: MonitoredGround
    heights: HeightModel | None
    kernel: DensityKernel
    voronoi: VoronoiArea
    monitored_nodes: BoolArray
    outline_px: tuple[tuple[float, float], ...]

    @classmethod
    def of(cls, calibration: Calibration, picture_wh: tuple[int, int]) -> GroundView:
        """Prepare a calibration for frames of this size.

        Raises:
            UnfitCalibrationError: The picture has another shape than the one calibrated on, or
                nothing of the monitored area lies near enough.
        """
        try:
            plane, ground = MonitoredGround.from_calibration(calibration, picture_wh)
        except (ValueError, InvalidInputError) as error:
            text = str(error)
            raise UnfitCalibrationError(f"{text[:1].upper()}{text[1:]}".rstrip(".") + ".") from None
        kernel = DensityKernel(ground.walkable_area)
        x, y = np.meshgrid(kernel.x_m, kernel.y_m)
        return cls(
            calibration=calibration,
            picture_wh=picture_wh,
            plane=plane,
            ground=ground,
            heights=plane.height_model(picture_wh),
            kernel=kernel,
            voronoi=VoronoiArea(ground.walkable_area, ground.measurement_area),
            monitored_nodes=np.asarray(shapely.intersects_xy(ground.measurement_area, x, y)),
            outline_px=tuple((x, y) for x, y in ground.measurement_px.tolist()),
        )

    @property
    def is_right_handed(self) -> bool:
        """Whether ground x, y are right-handed seen from above.

        Seen from above, a camera's picture is left-handed (x to the right, y downwards).
        """
        middle = self.ground.measurement_px.mean(axis=0, keepdims=True)
        return bool(np.linalg.det(self.plane.jacobian(middle)[0]) < 0)

    def place(self, boxes_xyxy: FloatArray) -> GroundPositions:
        """Place people on the ground; see `backend.crowd.calibration.ground_positions`."""
        return ground_positions(
            boxes_xyxy, plane=self.plane, picture_wh=self.picture_wh, height_model=self.heights
        )

    def in_picture(self, foot_px: FloatArray, velocity_mps: FloatArray) -> FloatArray:
        """How velocities on the ground look in the picture.

        Args:
            foot_px: (N, 2) float64, where each person stands, pixels.
            velocity_mps: (N, 2) float64, metres per second, NaN where undefined.

        Returns:
            (N, 2) float64, pixels per second, NaN where undefined.
        """
        to_metres = self.plane.jacobian(foot_px)
        flat = ~np.isfinite(to_metres).all(axis=(1, 2))
        to_metres[flat] = np.eye(2)
        seen = np.linalg.solve(to_metres, velocity_mps[:, :, None])[:, :, 0]
        seen[flat] = np.nan
        return np.asarray(seen)
