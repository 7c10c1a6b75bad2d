"""A pinhole camera written down independently of the code under test."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backend.core.frame import FloatArray


@dataclass(frozen=True)
class Pinhole:
    """Camera above the ground origin, turned about the vertical, on axes of either hand."""

    height_m: float = 6.0
    tilt_deg: float = 25.0
    focal_px: float = 1000.0
    wh: tuple[int, int] = (1280, 720)
    yaw_deg: float = 0.0
    mirrored: bool = False

    def see(self, points_m: FloatArray, above_m: float = 0.0) -> FloatArray:
        """Pixels of ground points raised by ``above_m``."""
        tilt, yaw = np.radians([self.tilt_deg, self.yaw_deg])
        ahead = np.array([np.sin(yaw) * np.cos(tilt), np.cos(yaw) * np.cos(tilt), -np.sin(tilt)])
        right = np.array([np.cos(yaw), -np.sin(yaw), 0.0])
        down = np.cross(ahead, right)
        flat = points_m * [-1, 1] if self.mirrored else points_m
        seen = np.column_stack([flat, np.full(len(flat), above_m - self.height_m)])
        x, y, depth = seen @ right, seen @ down, seen @ ahead
        middle = np.array(self.wh) / 2
        image: FloatArray = middle + self.focal_px * np.stack([x / depth, y / depth], axis=1)
        return image

    def ahead_m(self, distance: float, aside: float = 0.0) -> FloatArray:
        """(2,) ground point at a distance along the line of sight."""
        yaw = np.radians(self.yaw_deg)
        point = np.array(
            [
                distance * np.sin(yaw) + aside * np.cos(yaw),
                distance * np.cos(yaw) - aside * np.sin(yaw),
            ]
        )
        return point * [-1, 1] if self.mirrored else point

    def square_m(self) -> FloatArray:
        """(4, 2) four-sided figure on the ground in the middle of the picture."""
        middle = self.height_m / np.tan(np.radians(self.tilt_deg))
        near, far = 0.8 * middle, 1.3 * middle
        return np.stack(
            [
                self.ahead_m(near, -0.2 * middle),
                self.ahead_m(near, 0.2 * middle),
                self.ahead_m(far, 0.2 * middle),
                self.ahead_m(far, -0.2 * middle),
            ]
        )

    @property
    def view_deg(self) -> float:
        """Horizontal field of view, degrees."""
        return float(np.degrees(2 * np.arctan(self.wh[0] / 2 / self.focal_px)))

    @property
    def horizon_y_px(self) -> float:
        """Row of the horizon."""
        return float(self.wh[1] / 2 - self.focal_px * np.tan(np.radians(self.tilt_deg)))
