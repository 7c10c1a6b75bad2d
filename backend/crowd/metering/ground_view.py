"""What one calibration gives for one picture size: geometry prepared once, used every frame."""

from __future__ import annotations

from dataclasses import dataclass, field

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
from backend.crowd.calibration.heads_on_ground import HeadPlane, plane_of_heads
from backend.crowd.density_kernel import DensityKernel
from backend.crowd.metering.map_ground import MapGround
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
        heads: From pixels of heads to the ground their owners stand on.
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
    heads: HeadPlane
    _map_grounds: list[MapGround] = field(default_factory=list, init=False, repr=False)

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
        heights = plane.height_model(picture_wh)
        return cls(
            calibration=calibration,
            picture_wh=picture_wh,
            plane=plane,
            ground=ground,
            heights=heights,
            kernel=kernel,
            voronoi=VoronoiArea(ground.walkable_area, ground.measurement_area),
            monitored_nodes=np.asarray(shapely.intersects_xy(ground.measurement_area, x, y)),
            outline_px=tuple((x, y) for x, y in ground.measurement_px.tolist()),
            heads=plane_of_heads(plane, picture_wh, heights=heights),
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

    def map_ground(self, map_hw: tuple[int, int], cell_wh_px: tuple[float, float]) -> MapGround:
        """Where the people of each cell of a density map stand.

        Worked out once for a shape (about 20 ms) and kept until another shape is asked for; one
        thread at a time may ask.

        Args:
            map_hw: Rows and columns of the map.
            cell_wh_px: Width and height of a cell, pixels of the full frame.
        """
        for known in self._map_grounds:
            if (known.map_hw, known.cell_wh_px) == (map_hw, cell_wh_px):
                return known
        found = MapGround.of(self.heads, self.ground, map_hw=map_hw, cell_wh_px=cell_wh_px)
        self._map_grounds[:] = [found]
        return found

    def cell_ground_m2(
        self, map_hw: tuple[int, int], cell_wh_px: tuple[float, float]
    ) -> FloatArray:
        """Ground on which the people of each cell of a density map stand.

        Args:
            map_hw: Rows and columns of the map.
            cell_wh_px: Width and height of a cell, pixels of the full frame.

        Returns:
            (R, C) float64, m² of the whole cell; NaN where nobody seen in it can stand on
            monitored ground (or walkable ground, where that was drawn wider). Read-only, the
            same array for the same shape.
        """
        return self.map_ground(map_hw, cell_wh_px).ground_m2

    def map_inside(self, map_hw: tuple[int, int], cell_wh_px: tuple[float, float]) -> FloatArray:
        """How many of the people of each cell of a density map stand in the monitored area.

        Returns:
            (R, C) float64 in [0, 1]: the count of the monitored area is ``(people *
            inside).sum()``. Read-only.
        """
        return self.map_ground(map_hw, cell_wh_px).inside

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
