"""The ground plane seen by one camera: pixels to metres and back (CROWD-SCIENCE section 1)."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from backend.core.errors import InvalidInputError
from backend.core.frame import FloatArray
from backend.crowd.calibration.camera_pose import (
    PERSON_HEIGHT_M,
    fit_height_model,
    recover_pose,
)
from backend.crowd.calibration.height_model import HeightModel
from backend.crowd.calibration.homography import jacobians, project, singular_values
from backend.crowd.calibration.point_checks import as_points
from backend.crowd.calibration.point_fit import fit_points

_FAR_HORIZON_PX = 1e6
"""A horizon further away than this is none: the camera looks straight down."""


@dataclass(frozen=True, slots=True, eq=False)
class GroundPlane:
    """Homography from the picture to the ground; immutable.

    Attributes:
        matrix: (3, 3) float64, read-only: image pixels to ground metres. Its sign is such that
            the denominator is positive for what is in front of the camera (below the horizon).
        rms_error_m: Root mean square distance of the given points from where the plane puts
            them, metres; None where there was nothing left over to compare.

    Example:
        >>> plane = GroundPlane.from_points(
        ...     np.array([[100.0, 400], [500, 400], [400, 200], [200, 200]]),
        ...     np.array([[0.0, 0], [4, 0], [4, 6], [0, 6]]),
        ... )
        >>> plane.to_world(np.array([[400.0, 200]])).round(6).tolist()
        [[4.0, 6.0]]
        >>> plane.to_image(np.array([[4.0, 6]])).round(6).tolist()
        [[400.0, 200.0]]
    """

    matrix: FloatArray
    rms_error_m: float | None = None
    _to_image: FloatArray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        matrix = np.array(self.matrix, dtype=np.float64)
        matrix.flags.writeable = False
        inverse = np.linalg.inv(matrix)
        inverse.flags.writeable = False
        object.__setattr__(self, "matrix", matrix)
        object.__setattr__(self, "_to_image", inverse)

    @classmethod
    def from_points(cls, image_xy: npt.ArrayLike, world_xy: npt.ArrayLike) -> GroundPlane:
        """Solve the plane from points known in the picture and on the ground.

        Exact at four points; above, wrong points are searched for (RANSAC) and the others
        fitted by least squares.

        Args:
            image_xy: (N, 2), pixels, N >= 4.
            world_xy: (N, 2), metres, ground plane, row for row.

        Returns:
            The plane; ``rms_error_m`` is over all given points, None at exactly four.

        Raises:
            InvalidInputError: Too few, duplicate, (nearly) collinear or crossed points, an
                absurd scale, a value that is no number; the sentence says which and the remedy.

        References:
            Hartley & Zisserman 2004, Multiple View Geometry, algorithms 4.2 and 4.6.
        """
        fit = fit_points(as_points(image_xy), as_points(world_xy))
        return cls(fit.matrix, fit.rms_error_m)

    @classmethod
    def from_rectangle(
        cls, corners_px: npt.ArrayLike, *, width_m: float, length_m: float
    ) -> GroundPlane:
        """Solve the plane from a rectangle of known size on the ground.

        Args:
            corners_px: (4, 2), pixels, the corners in order around the rectangle: the first two
                end a side of ``width_m``, the second and third one of ``length_m``. Either way
                round. The first corner becomes the origin of the ground.
            width_m: Metres, > 0.
            length_m: Metres, > 0.

        Raises:
            InvalidInputError: As `from_points`; or a side is not a positive number.

        Example:
            >>> corners = [[100.0, 400], [500, 400], [400, 200], [200, 200]]
            >>> plane = GroundPlane.from_rectangle(corners, width_m=4, length_m=6)
            >>> round(plane.area_m2(corners), 6)
            24.0
        """
        return cls.from_points(corners_px, rectangle_world(width_m, length_m))

    @classmethod
    def from_matrix(
        cls,
        matrix: npt.ArrayLike,
        *,
        rms_error_m: float | None = None,
        in_front_px: tuple[float, float] | None = None,
    ) -> GroundPlane:
        """Take a homography computed elsewhere, of either sign.

        Args:
            matrix: (3, 3), image pixels to ground metres.
            rms_error_m: See the attribute.
            in_front_px: A point of the picture that shows ground, which decides the sign.
                Without it the ground is taken to lie below the horizon in the picture.

        Raises:
            InvalidInputError: Not an invertible matrix of finite numbers.

        Example:
            >>> plane = GroundPlane.from_matrix(-0.01 * np.eye(3))
            >>> plane.to_world(np.array([[20.0, 10.0]])).tolist()
            [[20.0, 10.0]]
        """
        given = _array(matrix)
        if given.shape != (3, 3) or not np.isfinite(given).all():
            raise InvalidInputError(
                f"A homography is 3 × 3 finite numbers, got shape {given.shape}.",
                field="homography",
            )
        given = given / max(float(np.linalg.norm(given)), np.finfo(float).tiny)
        if np.linalg.matrix_rank(given, tol=1e-15) < 3:
            raise InvalidInputError(
                "The homography is singular: it maps the picture onto a line; calibrate anew.",
                field="homography",
            )
        return cls(given * _sign(given, in_front_px), rms_error_m)

    def to_world(self, image_xy: FloatArray) -> FloatArray:
        """Ground position shown at image points.

        Args:
            image_xy: (N, 2) float, pixels.

        Returns:
            (N, 2) float64, metres; NaN at and above the horizon. (0, 2) for N = 0.
        """
        return project(self.matrix, np.asarray(image_xy, dtype=np.float64))

    def to_image(self, world_xy: FloatArray) -> FloatArray:
        """Image point at which ground positions are seen.

        Args:
            world_xy: (N, 2) float, metres, ground plane.

        Returns:
            (N, 2) float64, pixels (also outside the picture); NaN behind the camera. (0, 2) for
            N = 0.
        """
        return project(self._to_image, np.asarray(world_xy, dtype=np.float64))

    def jacobian(self, image_xy: FloatArray) -> FloatArray:
        """Metres on the ground per pixel, as a local linear map.

        Args:
            image_xy: (N, 2) float, pixels.

        Returns:
            (N, 2, 2) float64, metres per pixel; NaN at and above the horizon.
        """
        return jacobians(self.matrix, np.asarray(image_xy, dtype=np.float64))

    def metres_per_pixel(self, image_xy: FloatArray) -> FloatArray:
        """Most ground that one pixel covers in any direction.

        Args:
            image_xy: (N, 2) float, pixels.

        Returns:
            (N,) float64, metres per pixel (largest singular value of the local Jacobian);
            infinite at and above the horizon. (0,) for N = 0.

        Example:
            >>> plane = GroundPlane.from_matrix(np.diag([0.01, 0.02, 1.0]))
            >>> plane.metres_per_pixel(np.array([[5.0, 5.0]])).round(9).tolist()
            [0.02]
        """
        largest, _ = singular_values(self.jacobian(image_xy))
        return np.where(np.isnan(largest), np.inf, largest)

    def area_m2(self, polygon_px: npt.ArrayLike) -> float:
        """Ground area of a polygon drawn in the picture.

        Args:
            polygon_px: (K, 2), pixels, K >= 3 corners in order, not crossing itself.

        Returns:
            Square metres, >= 0.

        Raises:
            InvalidInputError: The polygon has fewer than three corners or reaches the horizon,
                where ground has no end.
        """
        corners = _array(polygon_px)
        world = self.to_world(corners) if corners.ndim == 2 else corners
        if len(world) < 3 or not np.isfinite(world).all():
            raise InvalidInputError(
                "An area needs three corners or more, all of them below the horizon; move the "
                "corners down.",
                field="polygon",
            )
        return shoelace_m2(world)

    def scaled(self, from_wh: tuple[int, int], to_wh: tuple[int, int]) -> GroundPlane:
        """The same ground in a picture of another size.

        Args:
            from_wh: Size of the picture this plane refers to, pixels.
            to_wh: Size of the other picture, pixels.

        Example:
            >>> half = GroundPlane.from_matrix(np.eye(3)).scaled((200, 100), (100, 50))
            >>> half.to_world(np.array([[1.0, 1.0]])).tolist()
            [[2.0, 2.0]]
        """
        stretch = np.diag([from_wh[0] / to_wh[0], from_wh[1] / to_wh[1], 1.0])
        return GroundPlane(self.matrix @ stretch, self.rms_error_m)

    def height_model(
        self, picture_wh: tuple[int, int], *, person_m: float = PERSON_HEIGHT_M
    ) -> HeightModel | None:
        """How high standing people are in the picture, from the homography alone.

        Assumes square pixels and a principal point in the middle of the picture.

        Args:
            picture_wh: Width and height of the picture, pixels.
            person_m: Height of the people, metres.

        Returns:
            None where the homography does not tell (the camera looks straight down).
        """
        pose = recover_pose(self.matrix, picture_wh)
        if pose is None:
            return None
        return fit_height_model(pose, self.matrix, picture_wh, person_m=person_m)


def rectangle_world(width_m: float, length_m: float) -> FloatArray:
    """Corners of a rectangle on the ground, first corner in the origin.

    Args:
        width_m: Metres, > 0.
        length_m: Metres, > 0.

    Returns:
        (4, 2) float64, metres.

    Raises:
        InvalidInputError: A side is not a positive number.
    """
    for name, side in (("width", width_m), ("length", length_m)):
        if not (np.isfinite(side) and side > 0):
            raise InvalidInputError(
                f"The {name} of the rectangle must be above 0 m, got {side:g}; measure it.",
                field="points",
            )
    return np.array([[0, 0], [width_m, 0], [width_m, length_m], [0, length_m]], dtype=np.float64)


def shoelace_m2(world: FloatArray) -> float:
    """Area of a simple polygon.

    Args:
        world: (K, 2) float64, metres, K >= 3.

    Returns:
        Square metres, >= 0, whichever way round the corners go.
    """
    x, y = (world - world[0]).T
    return float(abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2)


def _array(values: npt.ArrayLike) -> FloatArray:
    return np.asarray(values, dtype=np.float64)


def _sign(matrix: FloatArray, in_front_px: tuple[float, float] | None) -> float:
    across, down, fixed = (float(value) for value in matrix[2])
    if in_front_px is not None:
        weight = across * in_front_px[0] + down * in_front_px[1] + fixed
    else:
        weight = down if abs(down) * _FAR_HORIZON_PX > abs(fixed) else fixed
    return -1.0 if weight < 0 else 1.0
