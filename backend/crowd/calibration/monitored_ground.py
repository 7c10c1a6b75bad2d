"""The ground that densities rest on: the monitored area and the walkable area around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from backend.core.calibration import Calibration
from backend.core.errors import InvalidInputError
from backend.core.frame import FloatArray
from backend.crowd.calibration.ground_plane import GroundPlane
from backend.crowd.calibration.near_ground import near_ground

if TYPE_CHECKING:
    from shapely import Polygon
    from shapely.geometry.base import BaseGeometry

MAX_M_PER_PX = 0.25
"""Pixels that cover more ground than this are not monitored (CROWD-SCIENCE section 1)."""

MIN_AREA_M2 = 0.5
MAX_ASPECT_DIFFERENCE = 0.02

Corners: TypeAlias = Sequence[tuple[float, float]] | FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class MonitoredGround:
    """Measurement area A and walkable area W on the ground.

    Attributes:
        measurement_area: Polygon, metres, ground plane: what is monitored, less what lies
            beyond 0.25 m per pixel.
        walkable_area: Polygon, metres, ground plane, contains ``measurement_area``; may have
            holes.
        measurement_px: (K, 2) float64, read-only, corners of the measurement area, pixels.

    Example:
        >>> plane = GroundPlane.from_matrix(np.diag([0.02, 0.02, 1.0]))
        >>> ground = MonitoredGround.build(plane, picture_wh=(500, 250))
        >>> round(ground.area_m2, 6)
        50.0
        >>> ground.contains(np.array([[1.0, 1.0], [11.0, 1.0], [np.nan, 1.0]])).tolist()
        [True, False, False]
    """

    measurement_area: Polygon
    walkable_area: Polygon
    measurement_px: FloatArray
    area_m2: float = field(init=False)

    def __post_init__(self) -> None:
        from shapely import prepare  # noqa: PLC0415 - heavy

        prepare(self.measurement_area)
        prepare(self.walkable_area)
        self.measurement_px.flags.writeable = False
        object.__setattr__(self, "area_m2", float(self.measurement_area.area))

    @classmethod
    def build(
        cls,
        plane: GroundPlane,
        *,
        picture_wh: tuple[int, int],
        monitored_px: Corners | None = None,
        walkable_px: Corners | None = None,
        max_m_per_px: float = MAX_M_PER_PX,
    ) -> MonitoredGround:
        """Map what is drawn in the picture to the ground.

        Both areas are cut off where a pixel covers more than ``max_m_per_px`` of ground (and so
        below the horizon). Where the cut leaves several pieces of the monitored area, the
        largest on the ground is kept.

        Args:
            plane: Ground plane of that picture.
            picture_wh: Width and height of the picture, pixels.
            monitored_px: (K, 2) corners, pixels; None = the whole picture. What lies outside the
                picture is left out.
            walkable_px: (K, 2) corners, pixels; joined with the monitored area. None = the
                monitored area.
            max_m_per_px: Metres per pixel.

        Raises:
            InvalidInputError: An outline crosses itself or has fewer than three corners; nothing
                of it lies within the limit; the walkable area does not touch the monitored one.
        """
        from shapely import Polygon, box  # noqa: PLC0415 - heavy

        frame = box(0, 0, *picture_wh)
        drawn = frame if monitored_px is None else _outline(monitored_px, "monitored_area")
        walk = None if walkable_px is None else _outline(walkable_px, "walkable_area")
        extent = [np.asarray(shape.exterior.coords) for shape in (frame, walk) if shape is not None]
        near = near_ground(plane, np.concatenate(extent), max_m_per_px=max_m_per_px)
        monitored = _largest_piece(plane, drawn.intersection(frame).intersection(near))
        if monitored is None:
            raise InvalidInputError(
                _nothing_left(monitored_px, max_m_per_px), field="monitored_area"
            )
        measurement_px = np.asarray(monitored.exterior.coords)[:-1].copy()
        measurement = Polygon(plane.to_world(measurement_px))
        walkable = measurement
        if walk is not None:
            walkable = _joined(plane, measurement, walk.intersection(near))
        return cls(measurement, walkable, measurement_px)

    @staticmethod
    def from_calibration(
        calibration: Calibration, picture_wh: tuple[int, int]
    ) -> tuple[GroundPlane, MonitoredGround]:
        """Bring a stored calibration to the size of the stream.

        Args:
            calibration: As stored; its coordinates refer to its own picture size.
            picture_wh: Width and height of the stream's frames, pixels.

        Returns:
            Plane and ground for pixels of the stream's frames.

        Raises:
            ValueError: The aspect ratios differ by more than 2 %.
            InvalidInputError: Nothing of the area can be monitored; see `build`.
        """
        stored_wh = calibration.picture_wh
        ratio = (picture_wh[0] * stored_wh[1]) / (picture_wh[1] * stored_wh[0])
        if abs(ratio - 1) > MAX_ASPECT_DIFFERENCE:
            raise ValueError(
                f"the camera was calibrated on a picture of {stored_wh[0]} × {stored_wh[1]} px; "
                f"{picture_wh[0]} × {picture_wh[1]} px has another shape: calibrate anew"
            )
        lowest = (stored_wh[0] / 2, float(stored_wh[1]))
        if calibration.monitored_px is not None:
            lowest = max(calibration.monitored_px, key=lambda corner: corner[1])
        plane = GroundPlane.from_matrix(
            np.array(calibration.homography).reshape(3, 3),
            rms_error_m=calibration.rms_error_m,
            in_front_px=lowest,
        )
        ground = MonitoredGround.build(
            plane,
            picture_wh=stored_wh,
            monitored_px=calibration.monitored_px,
            walkable_px=calibration.walkable_px,
        )
        stretch = np.array(picture_wh) / np.array(stored_wh)
        scaled = MonitoredGround(
            ground.measurement_area, ground.walkable_area, ground.measurement_px * stretch
        )
        return plane.scaled(stored_wh, picture_wh), scaled

    def contains(self, positions_m: FloatArray) -> npt.NDArray[np.bool_]:
        """Who stands in the measurement area.

        Args:
            positions_m: (N, 2) float64, metres, ground plane.

        Returns:
            (N,) bool; False for NaN and on the edge itself. (0,) for N = 0.
        """
        from shapely import contains_xy  # noqa: PLC0415 - heavy

        known = np.isfinite(positions_m[:, 0]) & np.isfinite(positions_m[:, 1])
        inside = np.zeros(known.shape, dtype=np.bool_)
        inside[known] = contains_xy(self.measurement_area, positions_m[known])
        return inside


def _outline(corners: Corners, field_name: str) -> Polygon:
    from shapely import Polygon  # noqa: PLC0415 - heavy

    points = np.asarray(corners, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != 2 or len(points) < 3:
        raise InvalidInputError(
            "An area needs three corners or more; draw the missing ones.", field=field_name
        )
    if not np.isfinite(points).all():
        raise InvalidInputError(
            "A corner is not a finite number; enter a number for each coordinate.",
            field=field_name,
        )
    polygon = Polygon(points)
    if not polygon.is_valid or polygon.area <= 0:
        raise InvalidInputError(
            "The outline crosses itself or has no area; draw the corners in order around it.",
            field=field_name,
        )
    return polygon


def _largest_piece(plane: GroundPlane, shape_px: BaseGeometry) -> Polygon | None:
    """The piece of a picture region with most ground; None where there is hardly any."""
    pieces = [
        (plane.area_m2(np.asarray(piece.exterior.coords)[:-1]), piece)
        for piece in getattr(shape_px, "geoms", [shape_px])
        if piece.geom_type == "Polygon" and not piece.is_empty
    ]
    area, largest = max(pieces, key=lambda pair: pair[0], default=(0.0, None))
    return largest if area >= MIN_AREA_M2 else None


def _nothing_left(monitored_px: Corners | None, max_m_per_px: float) -> str:
    what = "picture" if monitored_px is None else "monitored area"
    return (
        f"The whole {what} lies above the limit of {max_m_per_px:g} m of ground per pixel, or "
        "shows almost no ground; check the calibration, or choose an area closer to the camera."
    )


def _joined(plane: GroundPlane, measurement: Polygon, walk_px: BaseGeometry) -> Polygon:
    from shapely import Polygon, union_all  # noqa: PLC0415 - heavy

    pieces = [
        Polygon(plane.to_world(np.asarray(piece.exterior.coords)[:-1]))
        for piece in getattr(walk_px, "geoms", [walk_px])
        if piece.geom_type == "Polygon" and not piece.is_empty
    ]
    touching = [piece for piece in pieces if piece.intersects(measurement)]
    if not touching:
        raise InvalidInputError(
            "The walkable area does not touch the monitored area; draw it around the monitored "
            "area.",
            field="walkable_area",
        )
    joined: Polygon = union_all([measurement, *touching])
    return joined
