"""The camera behind a ground plane: focal length, direction and height.

Camera coordinates: x to the right, y down, z along the line of sight. Pixels are square, the
principal point is the middle of the picture, the lens does not distort.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backend.core.frame import FloatArray
from backend.crowd.calibration.height_model import HeightModel
from backend.crowd.calibration.homography import project

PERSON_HEIGHT_M = 1.70
"""Mean height of a standing person, m (CROWD-SCIENCE section 1c)."""

_MIN_PERSPECTIVE = 1e-3
"""Least share of converging lines: below it the view is straight down and says nothing of f."""

_MAX_BEND = 0.15
"""Median error of a straight line through the heights above which it is not worth having."""

_MAX_FEET_FIRST = 0.02
"""Share of the ground seen past the vertical, where heads appear below feet."""

_MIN_ROWS = 8
_GRID = 24


@dataclass(frozen=True, slots=True)
class CameraPose:
    """Pinhole camera over the ground.

    Attributes:
        focal_px: Focal length, pixels.
        centre_px: (2,) float64, principal point, pixels.
        ground_to_camera: (3, 3) float64, columns: directions of the two ground axes in camera
            coordinates and the ground's origin, metres.
        up: (3,) float64, unit vector away from the ground in camera coordinates.
        height_m: Camera above the ground, metres.
    """

    focal_px: float
    centre_px: FloatArray
    ground_to_camera: FloatArray
    up: FloatArray
    height_m: float

    @property
    def tilt_deg(self) -> float:
        """Angle of the line of sight below the horizontal, degrees."""
        return float(np.degrees(np.arcsin(np.clip(-self.up[2], -1.0, 1.0))))

    def to_image(self, ground_m: FloatArray, height_m: float) -> FloatArray:
        """Picture of points ``height_m`` above the ground.

        Args:
            ground_m: (N, 2) float64, metres, ground plane.
            height_m: Metres above the ground.

        Returns:
            (N, 2) float64, pixels; NaN behind the camera.
        """
        axes, origin = self.ground_to_camera[:, :2], self.ground_to_camera[:, 2]
        seen = ground_m @ axes.T + origin + height_m * self.up
        depth = np.where(seen[:, 2] > 0, seen[:, 2], np.nan)
        image: FloatArray = self.focal_px * seen[:, :2] / depth[:, None] + self.centre_px
        return image


def recover_pose(matrix: FloatArray, picture_wh: tuple[int, int]) -> CameraPose | None:
    """Find the camera from its ground-plane homography alone.

    The two ground axes are perpendicular and of equal length in the world; that leaves one
    unknown, the focal length, for two equations, solved by least squares.

    Args:
        matrix: (3, 3) float64, image pixels to ground metres, positive in front of the camera.
        picture_wh: Width and height of the picture, pixels.

    Returns:
        None where the camera looks straight down (no lines converge, so the focal length is
        anybody's guess) or no focal length fits. Mirrored world axes are fine.

    References:
        Zhang 2000, doi:10.1109/34.888718, equations 3 and 4.
    """
    centre = np.array(picture_wh, dtype=np.float64) / 2
    to_centre = np.array([[1, 0, -centre[0]], [0, 1, -centre[1]], [0, 0, 1.0]])
    columns = to_centre @ np.linalg.inv(matrix)
    first, second = columns[:, 0], columns[:, 1]
    flat = np.array([2 * (first[:2] @ second[:2]), first[:2] @ first[:2] - second[:2] @ second[:2]])
    deep = np.array([2 * first[2] * second[2], first[2] ** 2 - second[2] ** 2])
    size = first[:2] @ first[:2] + second[:2] @ second[:2]
    if np.linalg.norm(flat) < _MIN_PERSPECTIVE * size:
        return None
    inverse_square = -float(flat @ deep) / float(flat @ flat)
    if not inverse_square > 0:
        return None
    return _pose_with_focal(columns, centre, focal_px=inverse_square**-0.5)


def _pose_with_focal(columns: FloatArray, centre: FloatArray, *, focal_px: float) -> CameraPose:
    rays = columns / np.array([[focal_px], [focal_px], [1.0]])
    rays = rays / np.linalg.norm(rays[:, :2], axis=0).mean()
    normal = np.cross(rays[:, 0], rays[:, 1])
    normal /= np.linalg.norm(normal)
    # The camera is above the ground, whichever way round the two axes were drawn.
    distance = -float(normal @ rays[:, 2])
    up = normal if distance > 0 else -normal
    return CameraPose(focal_px, centre, rays, up, abs(distance))


def fit_height_model(
    pose: CameraPose, matrix: FloatArray, picture_wh: tuple[int, int], *, person_m: float
) -> HeightModel | None:
    """Best straight line through the heights of people standing all over the picture.

    Args:
        pose: The camera.
        matrix: (3, 3) float64, its homography, image pixels to ground metres.
        picture_wh: Width and height of the picture, pixels.
        person_m: Height of the people, metres.

    Returns:
        None where too little of the picture shows ground on which people stand upright.
    """
    width, height = picture_wh
    x, y = np.meshgrid(np.linspace(0, width, _GRID), np.linspace(0, height, 2 * _GRID))
    foot = np.stack([x.ravel(), y.ravel()], axis=1)
    head = pose.to_image(project(matrix, foot), person_m)
    tall = foot[:, 1] - head[:, 1]
    usable = np.isfinite(tall) & (tall > 2) & (tall < height)
    feet_first = float((tall[np.isfinite(tall)] < 0).mean())
    if np.unique(foot[usable, 1]).size < _MIN_ROWS or feet_first > _MAX_FEET_FIRST:
        return None
    rows, heights = foot[usable, 1], tall[usable]
    slope, intercept = np.polyfit(rows, heights, 1)
    off = np.abs((slope * rows + intercept) / heights - 1)
    if not (slope < 1 and float(np.median(off)) <= _MAX_BEND):
        return None
    return HeightModel(float(slope), float(intercept))
