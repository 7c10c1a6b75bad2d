"""The simulated camera: a pinhole on a mast, looking along the ground's y axis.

Ground x runs to the right, y away from the mast, z up; metres. Pixels are square, the principal
point is the middle of the picture, the lens does not distort: the ground homography is exact.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backend.core.frame import FloatArray

BODY_HEIGHT_M = 1.70
"""Mean height of a standing person, m (CROWD-SCIENCE section 1c)."""

BODY_WIDTH_M = 0.50
"""Shoulders and arms of a standing adult, m."""


@dataclass(frozen=True, slots=True)
class MastCamera:
    """Where the camera hangs and what it sees.

    Attributes:
        height_m: Above the ground; the mast stands in the origin of the ground.
        tilt_deg: Line of sight below the horizontal.
        view_deg: Horizontal field of view.
        picture_wh: Width and height of the picture, pixels.
    """

    height_m: float = 10.0
    tilt_deg: float = 36.0
    view_deg: float = 60.0
    picture_wh: tuple[int, int] = (1280, 720)

    @property
    def focal_px(self) -> float:
        """Focal length in pixels."""
        return float(self.picture_wh[0] / 2 / np.tan(np.radians(self.view_deg) / 2))

    def projection(self) -> FloatArray:
        """Matrix from the world to the picture.

        Returns:
            (3, 4) float64, homogeneous metres to homogeneous pixels; the third row of the
            product is the distance along the line of sight, metres.

        References:
            Hartley & Zisserman 2004, Multiple View Geometry, 2nd edition, section 6.1.
        """
        tilt = np.radians(self.tilt_deg)
        cos, sin = float(np.cos(tilt)), float(np.sin(tilt))
        turn = np.array([[1.0, 0.0, 0.0], [0.0, -sin, -cos], [0.0, cos, -sin]])
        shift = -turn @ np.array([0.0, 0.0, self.height_m])
        middle_x, middle_y = self.picture_wh[0] / 2, self.picture_wh[1] / 2
        lens = np.array([[self.focal_px, 0, middle_x], [0, self.focal_px, middle_y], [0, 0, 1.0]])
        return np.asarray(lens @ np.column_stack([turn, shift]), dtype=np.float64)

    def ground_homography(self) -> FloatArray:
        """Matrix from the picture to the ground, (3, 3) float64, pixels to metres.

        Positive below the horizon.
        """
        return np.asarray(np.linalg.inv(self.projection()[:, [0, 1, 3]]), dtype=np.float64)

    def to_image(self, world_m: FloatArray, *, height_m: float = 0.0) -> FloatArray:
        """Where points above the ground are seen.

        Args:
            world_m: (N, 2) float64, metres, ground plane.
            height_m: Metres above it.

        Returns:
            (N, 2) float64, pixels, also outside the picture; NaN behind the camera.

        Example:
            >>> MastCamera(tilt_deg=45.0).to_image(np.array([[0.0, 10.0]])).round(6).tolist()
            [[640.0, 360.0]]
        """
        return self.project(np.column_stack([world_m, np.full(len(world_m), height_m)]))

    def project(self, points_m: FloatArray) -> FloatArray:
        """Where points of the world are seen.

        Args:
            points_m: (N, 3) float64, metres.

        Returns:
            (N, 2) float64, pixels, also outside the picture; NaN behind the camera.
        """
        seen = np.column_stack([points_m, np.ones(len(points_m))]) @ self.projection().T
        depth = np.where(seen[:, 2] > 0, seen[:, 2], np.nan)
        image: FloatArray = seen[:, :2] / depth[:, None]
        return image

    def body_boxes(self, world_m: FloatArray) -> FloatArray:
        """Boxes of upright bodies of mean height.

        Args:
            world_m: (N, 2) float64, where the feet are, metres, ground plane.

        Returns:
            (N, 4) float64, pixels, not cut at the picture's edge. The bottom centre of a box is
            exactly where its feet are seen; the top is the height of the top of the head.
        """
        feet = self.to_image(world_m)
        head = self.to_image(world_m, height_m=BODY_HEIGHT_M)
        half = self.px_per_m(world_m) * BODY_WIDTH_M / 2
        return np.column_stack([feet[:, 0] - half, head[:, 1], feet[:, 0] + half, feet[:, 1]])

    def px_per_m(self, world_m: FloatArray) -> FloatArray:
        """Pixels of a metre held square to the line of sight, at ground points.

        Args:
            world_m: (N, 2) float64, metres, ground plane.

        Returns:
            (N,) float64, pixels per metre; meaningless behind the camera.
        """
        scale: FloatArray = self.focal_px / self.depths(world_m)
        return scale

    def depths(self, world_m: FloatArray) -> FloatArray:
        """(N,) float64, distance of ground points along the line of sight, metres."""
        away = self.projection()[2]
        depth: FloatArray = world_m @ away[:2] + away[3]
        return depth
