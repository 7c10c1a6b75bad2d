"""A pinhole camera above a flat place: draws people as boxes, and knows its own calibration."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from backend.core.calibration import Calibration, CalibrationMethod
from backend.core.frame import FloatArray, Tracks

PERSON_M = 1.70
SHOULDERS_M = 0.45
MARGIN = 0.04
"""Share of the picture left free at each side."""


def rectangle(west: float, south: float, east: float, north: float) -> FloatArray:
    """Corners of an upright rectangle, (4, 2) metres."""
    return np.array([[west, south], [east, south], [east, north], [west, north]])


@dataclass(frozen=True, slots=True, eq=False)
class GroundCamera:
    """A camera that shows all of a rectangle of ground and the people on it.

    Ground x runs to the right, y away from the camera, z up (right-handed seen from above).

    Attributes:
        picture_wh: Pixels.
        projection: (3, 4), ground metres to pixels.
    """

    picture_wh: tuple[int, int]
    projection: FloatArray

    @classmethod
    def over(
        cls,
        ground: FloatArray,
        *,
        picture_wh: tuple[int, int] = (1920, 1080),
        tilt_deg: float = 50.0,
        away: float = 1.6,
    ) -> GroundCamera:
        """Look at a rectangle from ``away`` times its size, ``tilt_deg`` below the horizontal."""
        low, high = ground.min(axis=0), ground.max(axis=0)
        aim = np.array([*(low + high) / 2, 0.0])
        tilt = np.radians(tilt_deg)
        onward = np.array([0.0, np.cos(tilt), -np.sin(tilt)])
        eye = aim - onward * (away * float((high - low).max()) + 4.0)
        right = np.array([1.0, 0.0, 0.0])
        turn = np.stack([right, np.cross(onward, right), onward])
        pose = np.column_stack([turn, -turn @ eye])
        corners = np.array([[*corner, z] for corner in ground for z in (0.0, PERSON_M)])
        seen = _project(pose, corners)
        middle = (seen.min(axis=0) + seen.max(axis=0)) / 2
        size = seen.max(axis=0) - seen.min(axis=0)
        focal = float((np.array(picture_wh) * (1 - 2 * MARGIN) / size).min())
        centre = np.array(picture_wh) / 2 - focal * middle
        lens = np.array([[focal, 0, centre[0]], [0, focal, centre[1]], [0, 0, 1]])
        return cls(picture_wh, lens @ pose)

    def feet_px(self, world_m: FloatArray) -> FloatArray:
        """Where points of the ground are seen, (N, 2) pixels."""
        return _project(self.projection, np.column_stack([world_m, np.zeros(len(world_m))]))

    def boxes(self, world_m: FloatArray) -> FloatArray:
        """Boxes of standing people, (N, 4) pixels; the bottom centre is where they stand."""
        feet = self.feet_px(world_m)
        up = np.column_stack([world_m, np.full(len(world_m), PERSON_M)])
        height = feet[:, 1] - _project(self.projection, up)[:, 1]
        half = np.abs(self.feet_px(world_m + np.array([SHOULDERS_M / 2, 0])) - feet)[:, 0]
        return np.column_stack(
            [feet[:, 0] - half, feet[:, 1] - height, feet[:, 0] + half, feet[:, 1]]
        )

    def tracks(self, world_m: FloatArray, ids: np.ndarray | None = None) -> Tracks:
        """People as a tracker would report them, sure of each."""
        n = len(world_m)
        return Tracks(
            np.arange(n, dtype=np.int64) if ids is None else ids.astype(np.int64),
            self.boxes(world_m).astype(np.float32),
            np.full(n, 0.9, np.float32),
        )

    def calibration(
        self,
        monitored: FloatArray,
        *,
        walkable: FloatArray | None = None,
        method: CalibrationMethod = CalibrationMethod.POINTS,
        length_spread: float = 0.0,
        area_spread: float = 0.0,
    ) -> Calibration:
        """The true calibration with this monitored (and walkable) area, corners in metres."""
        to_ground = np.linalg.inv(self.projection[:, [0, 1, 3]])
        return Calibration(
            version=1,
            method=method,
            picture_wh=self.picture_wh,
            homography=tuple(to_ground.ravel().tolist()),
            monitored_px=_corners(self.feet_px(monitored)),
            walkable_px=None if walkable is None else _corners(self.feet_px(walkable)),
            rms_error_m=None,
            length_spread=length_spread,
            area_spread=area_spread,
            calibrated_at=datetime(2026, 1, 1, tzinfo=UTC),
        )


def _project(projection: FloatArray, points: FloatArray) -> FloatArray:
    seen = np.column_stack([points, np.ones(len(points))]) @ projection.T
    return np.asarray(seen[:, :2] / seen[:, 2:])


def _corners(points: FloatArray) -> tuple[tuple[float, float], ...]:
    return tuple((x, y) for x, y in points.tolist())
