"""Motion of the picture as velocities on the ground (CROWD-SCIENCE section 3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backend.core.frame import FloatArray
from backend.core.observation import PictureFlow

if TYPE_CHECKING:
    from backend.crowd.calibration import GroundPlane, HeightModel, MonitoredGround

SEEN_HEIGHT_SHARE = 0.9
"""Height of what is seen moving in a crowd, heads and shoulders, as a share of body height."""

_HALF_STEP_S = 0.05
"""Both end points of a motion this long about now are mapped to the ground."""


@dataclass(frozen=True, slots=True, eq=False)
class GroundFlow:
    """Velocities of picture cells on the ground.

    Attributes:
        positions_m: (M, 2) float64, metres, ground plane; cells on monitored ground only.
        velocity_mps: (M, 2) float64, m/s.
        noise_mps: Standard deviation per axis of a cell that stands still, m/s, where a pixel
            covers the median amount of ground; 0 for M = 0.
        ground_per_px: (M,) float64, square metres of ground that a pixel of the cell covers, to
            weigh cells by the ground they stand for.
    """

    positions_m: FloatArray
    velocity_mps: FloatArray
    noise_mps: float
    ground_per_px: FloatArray


def ground_flow(
    flow: PictureFlow,
    *,
    plane: GroundPlane,
    ground: MonitoredGround,
    height_model: HeightModel | None = None,
) -> GroundFlow:
    """Map optical flow to the ground.

    Both end points of the motion from 0.05 s before to 0.05 s after now are mapped; in a crowd
    what is seen moving are heads and shoulders, about h = 1.5 m above the ground. Taken for
    ground, a point at that height lies (and moves) too far from the foot of the camera by
    ``H / (H − h)`` for a camera H above the ground: 33 % at 6 m, 18 % at 10 m. With a height
    model that is corrected by looking for the feet below each cell first.

    Args:
        flow: Motion of the picture, pixels of the full frame.
        plane: Ground plane of a picture of that size.
        ground: Cells whose position lies outside its measurement area are left out.
        height_model: How high people are in the picture; None = no correction.

    Returns:
        The flow on the ground; M = 0 where no cell lies there.

    Example:
        >>> from backend.crowd.calibration import GroundPlane, MonitoredGround
        >>> plane = GroundPlane.from_matrix(np.diag([0.02, -0.02, 1.0]))
        >>> ground = MonitoredGround.build(plane, picture_wh=(500, 250))
        >>> at, motion = np.float32([[100, 50]]), np.float32([[30, 10]])
        >>> found = ground_flow(PictureFlow(1.0, at, motion, 0.5), plane=plane, ground=ground)
        >>> found.velocity_mps.round(6).tolist(), round(found.noise_mps, 6)
        ([[0.6, -0.2]], 0.01)
    """
    seen = flow.points_px.astype(np.float64)
    half = flow.velocity_px_per_s.astype(np.float64) * _HALF_STEP_S

    def feet(points: FloatArray) -> FloatArray:
        return points if height_model is None else _feet_below(points, height_model)

    feet_px = feet(seen)
    positions = plane.to_world(feet_px)
    start, end = plane.to_world(feet(seen - half)), plane.to_world(feet(seen + half))
    velocity = (end - start) / (2 * _HALF_STEP_S)
    kept = ground.contains(positions) & np.isfinite(velocity).all(axis=1)
    if not kept.any():
        nothing = np.zeros((0, 2))
        return GroundFlow(nothing, nothing, 0.0, np.zeros(0))
    scale = plane.metres_per_pixel(feet_px[kept])
    return GroundFlow(
        positions_m=positions[kept],
        velocity_mps=velocity[kept],
        noise_mps=flow.noise_px_per_s * float(np.median(scale)),
        ground_per_px=np.abs(np.linalg.det(plane.jacobian(feet_px[kept]))),
    )


def _feet_below(points: FloatArray, model: HeightModel) -> FloatArray:
    """Where the feet are of people who are seen at nine tenths of their height at ``points``.

    From ``y = y_foot − share · (slope y_foot + intercept)``.
    """
    share = SEEN_HEIGHT_SHARE
    foot_y = (points[:, 1] + share * model.intercept) / (1 - share * model.slope)
    return np.stack([points[:, 0], np.maximum(foot_y, points[:, 1])], axis=1)
