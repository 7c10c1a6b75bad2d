"""Where the people stand whose heads are seen: the ground below a plane at head height.

A density map tells where heads are in the picture, never feet. All heads at one height h lie on
a plane of their own, which the camera sees through a homography as it sees the ground; so the
way from a head's pixel to the ground below it is one homography too, and everything that is
known of a `GroundPlane` (horizon, area, metres per pixel) holds for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, unique

import numpy as np

from backend.core.frame import FloatArray
from backend.crowd.calibration.camera_pose import PERSON_HEIGHT_M, CameraPose, recover_pose
from backend.crowd.calibration.ground_plane import GroundPlane
from backend.crowd.calibration.height_model import HeightModel

HEAD_HEIGHT_M = 1.6
"""Height of the middle of the head of a standing person 1.70 m tall, metres."""

MIN_CAMERA_HEIGHT_M = 2.5
"""A camera found to be lower was not found: the correction would be as large as the number."""


@unique
class HeadBasis(Enum):
    """What the way from heads to feet rests on, best first."""

    CAMERA = "camera"
    """The camera's foot and height, found from the ground plane."""
    HEIGHTS = "heights"
    """The height of standing people in the picture, by row."""
    PLANE = "plane"
    """Nothing is known: heads are taken for ground, and lie too far from the camera."""


@dataclass(frozen=True, slots=True, eq=False)
class HeadPlane:
    """From pixels in which something is seen at one height to the ground below it.

    Attributes:
        plane: Homography from those pixels to ground metres.
        basis: What it rests on.
        share: How far from the camera's foot things stand, of what they would be taken for on
            the ground: ``(H - h) / H``; 1 where the camera is not known.
    """

    plane: GroundPlane
    basis: HeadBasis
    share: float

    def below(self, seen_px: FloatArray) -> FloatArray:
        """Ground below what is seen at these points.

        Args:
            seen_px: (M, 2) float64, pixels.

        Returns:
            (M, 2) float64, metres, ground plane; NaN at and above the horizon. (0, 2) for M = 0.
        """
        return self.plane.to_world(seen_px)


def plane_of_heads(
    plane: GroundPlane,
    picture_wh: tuple[int, int],
    *,
    heights: HeightModel | None = None,
    above_m: float = HEAD_HEIGHT_M,
) -> HeadPlane:
    """Prepare the way from heads to feet for one camera.

    Taken for ground, a head h above it lies too far from the camera's foot c by ``H / (H − h)``
    for a camera H above the ground. Where the camera can be found from the plane that is taken
    back: ``r = c + (r' − c)(H − h)/H``, exact for everything at that height (a child 0.4 m
    smaller than supposed is put 0.4 m / (H − h) too far away, a tall man too near). Otherwise
    the feet are looked for below the head in the picture, where the height model has them.

    Args:
        plane: Ground plane of the picture.
        picture_wh: Width and height of the picture, pixels.
        heights: Height of standing people in the picture, used where the camera is not found
            (it looks straight down, or would hang lower than 2.5 m); None = not known.
        above_m: Height h of what is seen, metres.

    Returns:
        The way, and what it rests on.

    Example:
        >>> overhead = GroundPlane.from_matrix(np.diag([0.02, -0.02, 1.0]))
        >>> found = plane_of_heads(overhead, (500, 250))
        >>> found.basis, found.below(np.array([[100.0, 50.0]])).round(6).tolist()
        (<HeadBasis.PLANE: 'plane'>, [[2.0, -1.0]])
    """
    pose = recover_pose(plane.matrix, picture_wh)
    if pose is not None and pose.height_m >= MIN_CAMERA_HEIGHT_M:
        share = 1 - above_m / pose.height_m
        foot = _camera_foot(pose)
        pull = np.array([[share, 0, 0], [0, share, 0], [0, 0, 1.0]])
        pull[:2, 2] = (1 - share) * foot
        return HeadPlane(GroundPlane(pull @ plane.matrix), HeadBasis.CAMERA, share)
    if heights is None:
        return HeadPlane(plane, HeadBasis.PLANE, 1.0)
    part = above_m / PERSON_HEIGHT_M
    reach = 1.0 - part * heights.slope
    if reach <= 0:
        return HeadPlane(plane, HeadBasis.PLANE, 1.0)
    down = np.array([[1, 0, 0], [0, 1 / reach, part * heights.intercept / reach], [0, 0, 1.0]])
    return HeadPlane(GroundPlane(plane.matrix @ down), HeadBasis.HEIGHTS, 1.0)


def heads_on_ground(
    heads_px: FloatArray,
    *,
    plane: GroundPlane,
    picture_wh: tuple[int, int],
    heights: HeightModel | None = None,
    head_height_m: float = HEAD_HEIGHT_M,
) -> FloatArray:
    """Ground position of the feet under each head; see `plane_of_heads`.

    Args:
        heads_px: (M, 2) float64, middles of heads, pixels.
        plane: Ground plane of that picture.
        picture_wh: Width and height of the picture, pixels.
        heights: Height of standing people in the picture; None = not known.
        head_height_m: Height of the heads, metres.

    Returns:
        (M, 2) float64, metres, ground plane; NaN at and above the horizon. (0, 2) for M = 0.
    """
    way = plane_of_heads(plane, picture_wh, heights=heights, above_m=head_height_m)
    return way.below(np.asarray(heads_px, dtype=np.float64))


def _camera_foot(pose: CameraPose) -> FloatArray:
    """(2,) ground position below the camera, metres."""
    axes, origin = pose.ground_to_camera[:, :2], pose.ground_to_camera[:, 2]
    return np.asarray(np.linalg.lstsq(axes, -pose.height_m * pose.up - origin, rcond=None)[0])
