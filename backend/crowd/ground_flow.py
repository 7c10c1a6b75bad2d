"""Motion of the picture as velocities on the ground (CROWD-SCIENCE section 3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from backend.core.frame import FloatArray
from backend.core.observation import PictureFlow
from backend.crowd.calibration.camera_pose import CameraPose, recover_pose

if TYPE_CHECKING:
    from backend.crowd.calibration import GroundPlane, MonitoredGround

SEEN_HEIGHT_M = 1.5
"""Height of what is seen moving in a crowd, heads and shoulders, metres."""

MIN_CAMERA_HEIGHT_M = 2.5
"""A camera found to be lower was not found: the correction would be as large as the number."""

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

    def where(self, kept: npt.NDArray[np.bool_]) -> GroundFlow:
        """The cells chosen by ``kept`` ((M,) bool)."""
        return GroundFlow(
            self.positions_m[kept],
            self.velocity_mps[kept],
            self.noise_mps,
            self.ground_per_px[kept],
        )


def ground_flow(
    flow: PictureFlow,
    *,
    plane: GroundPlane,
    ground: MonitoredGround,
    picture_wh: tuple[int, int] | None = None,
) -> GroundFlow:
    """Map optical flow to the ground.

    Both end points of the motion from 0.05 s before to 0.05 s after now are mapped. In a crowd
    what is seen moving are heads and shoulders, about h = 1.5 m above the ground. Taken for
    ground, such a point lies, and moves, too far from the camera's foot by ``H / (H − h)`` for a
    camera H above the ground: 33 % at 6 m, 18 % at 10 m. Where the camera can be found from the
    plane that is taken back: ``r = c + (r' − c)(H − h)/H`` with c the camera's foot.

    Args:
        flow: Motion of the picture, pixels of the full frame.
        plane: Ground plane of a picture of that size.
        ground: Cells whose position lies outside its measurement area are left out.
        picture_wh: Width and height of the picture, pixels, from which the camera is found; None
            = no correction.

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
    positions = plane.to_world(seen)
    velocity = (plane.to_world(seen + half) - plane.to_world(seen - half)) / (2 * _HALF_STEP_S)
    pose = None if picture_wh is None else recover_pose(plane.matrix, picture_wh)
    share = 1.0
    if pose is not None and pose.height_m >= MIN_CAMERA_HEIGHT_M:
        share = 1 - SEEN_HEIGHT_M / pose.height_m
        foot = _camera_foot(pose)
        positions, velocity = foot + share * (positions - foot), share * velocity
    kept = ground.contains(positions) & np.isfinite(velocity).all(axis=1)
    if not kept.any():
        nothing = np.zeros((0, 2))
        return GroundFlow(nothing, nothing, 0.0, np.zeros(0))
    scale = share * plane.metres_per_pixel(seen[kept])
    return GroundFlow(
        positions_m=positions[kept],
        velocity_mps=velocity[kept],
        noise_mps=flow.noise_px_per_s * float(np.median(scale)),
        ground_per_px=share**2 * np.abs(np.linalg.det(plane.jacobian(seen[kept]))),
    )


def _camera_foot(pose: CameraPose) -> FloatArray:
    """(2,) ground position below the camera, metres."""
    axes, origin = pose.ground_to_camera[:, :2], pose.ground_to_camera[:, 2]
    return np.asarray(np.linalg.lstsq(axes, -pose.height_m * pose.up - origin, rcond=None)[0])
