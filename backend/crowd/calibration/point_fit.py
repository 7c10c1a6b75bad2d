"""The homography through points a person has marked, and how well they agree."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backend.core.frame import FloatArray
from backend.crowd.calibration.homography import fit_linear, positive_denominators, project
from backend.crowd.calibration.point_checks import (
    MIN_POINTS,
    check_not_crossed,
    check_points,
    check_scale,
    refuse,
)

OUTLIER_PX = 5.0
"""Distance in the picture beyond which a point contradicts the others (clicks: ±2 px)."""
OUTLIER_SHARE = 0.01
"""The same as a share of the points' extent, whichever is larger."""
MAX_RESIDUAL_SHARE = 0.10
"""Root mean square error over the extent of the points above which they fit no plane."""
_MAX_ROUNDS = 10


@dataclass(frozen=True, slots=True)
class PointFit:
    """Result of `fit_points`.

    Attributes:
        matrix: (3, 3) float64, image pixels to ground metres.
        rms_error_m: Root mean square over *all* given points, metres; None at exactly four.
        rms_error_px: The same in the picture over the points that were used, per coordinate and
            degree of freedom, pixels; None at exactly four.
        rejected: 0-based numbers of points that contradict the others.
    """

    matrix: FloatArray
    rms_error_m: float | None
    rms_error_px: float | None
    rejected: tuple[int, ...]


def fit_points(image_xy: FloatArray, world_xy: FloatArray) -> PointFit:
    """Fit the ground plane to points known in the picture and on the ground.

    Four points are solved exactly. More are searched for wrong ones (RANSAC) and the rest is
    fitted by least squares of the distance in the picture, where the clicks were made. A point
    is called wrong only if at least five others agree without it: any four agree by themselves.

    Args:
        image_xy: (N, 2) float64, pixels, N >= 4.
        world_xy: (N, 2) float64, metres.

    Returns:
        The fit; the same input gives the same result.

    Raises:
        InvalidInputError: The points cannot be used; reason and remedy.

    References:
        Fischler & Bolles 1981, doi:10.1145/358669.358692; Hartley & Zisserman 2004,
        algorithm 4.6.
    """
    check_points(image_xy, world_xy)
    if len(image_xy) == MIN_POINTS:
        matrix = fit_linear(image_xy, world_xy)
        _check_solution(matrix, image_xy, world_xy)
        return PointFit(matrix, None, None, ())
    matrix, used = _fit_agreeing(image_xy, world_xy)
    _check_solution(matrix, image_xy[used], world_xy[used])
    off_m = np.linalg.norm(project(matrix, image_xy) - world_xy, axis=1)
    off_px = np.linalg.norm(_back(matrix, world_xy) - image_xy, axis=1)
    _check_agreement(off_m[used], world_xy[used])
    # A rejected point may lie beyond the horizon: then its distance is that of the plane's edge.
    off_m = np.where(np.isfinite(off_m), off_m, np.ptp(world_xy, axis=0).max())
    freedom = 2 * int(used.sum()) - 8
    return PointFit(
        matrix,
        float(np.sqrt((off_m**2).mean())),
        float(np.sqrt((off_px[used] ** 2).sum() / freedom)) if freedom > 0 else None,
        tuple(int(number) for number in np.flatnonzero(~used)),
    )


def _fit_agreeing(
    image_xy: FloatArray, world_xy: FloatArray
) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    """Least squares over the points that support one plane, and which these are.

    Nobody is suspected while one plane suits all. Otherwise, a plane through four inexact
    clicks swings far elsewhere, so support is counted again about the plane through all
    supporters until it no longer changes.
    """
    limit = max(OUTLIER_PX, OUTLIER_SHARE * float(np.ptp(image_xy, axis=0).max()))
    enough = max(MIN_POINTS + 1, len(image_xy) // 2 + 1)
    everyone = np.ones(len(image_xy), dtype=np.bool_)
    used = everyone
    for attempt in range(_MAX_ROUNDS):
        matrix = _refine(image_xy[used], world_xy[used])
        off = np.linalg.norm(_back(matrix, world_xy) - image_xy, axis=1)
        supporters = np.asarray(off <= limit)
        if (supporters == used).all():
            return matrix, used
        used = supporters if attempt else _first_support(image_xy, world_xy, limit)
        if int(used.sum()) < enough:
            break
    return _refine(image_xy, world_xy), everyone


def _back(matrix: FloatArray, world_xy: FloatArray) -> FloatArray:
    return project(np.asarray(np.linalg.inv(matrix), dtype=np.float64), world_xy)


def _first_support(
    image_xy: FloatArray, world_xy: FloatArray, limit: float
) -> npt.NDArray[np.bool_]:
    """Supporters of the best plane through any four points."""
    import cv2  # noqa: PLC0415 - heavy

    cv2.setRNGSeed(1)
    # OpenCV computes in single precision: map coordinates far from zero would lose metres.
    near_zero = world_xy - world_xy.mean(axis=0)
    _, mask = cv2.findHomography(near_zero, image_xy, cv2.RANSAC, limit)
    if mask is None:
        return np.zeros(len(image_xy), dtype=np.bool_)
    return np.asarray(mask).ravel().astype(np.bool_)


def _refine(image_xy: FloatArray, world_xy: FloatArray) -> FloatArray:
    """Least squares of the distance in the picture, from the linear solution."""
    from scipy.optimize import least_squares  # noqa: PLC0415 - heavy

    start = fit_linear(image_xy, world_xy)
    if not np.isfinite(positive_denominators(start, image_xy)).all():
        return start  # crossed: a wrong point, or all of them; there is nothing to refine
    centre, size = world_xy.mean(axis=0), float(np.ptp(world_xy, axis=0).max())
    from_unit = np.array([[size, 0, centre[0]], [0, size, centre[1]], [0, 0, 1.0]])
    unit_xy = (world_xy - centre) / size
    guess = np.linalg.inv(start) @ from_unit
    guess /= guess[2, 2]  # the centre of the points is in front of the camera: never zero

    def residuals(eight: FloatArray) -> FloatArray:
        matrix = np.append(eight, 1.0).reshape(3, 3)
        homogeneous = unit_xy @ matrix[:, :2].T + matrix[:, 2]
        flat: FloatArray = (homogeneous[:, :2] / homogeneous[:, 2:] - image_xy).ravel()
        return flat

    best = least_squares(
        residuals, guess.ravel()[:8], x_scale="jac", method="lm", xtol=1e-14, ftol=1e-14
    )
    matrix = from_unit @ np.linalg.inv(np.append(best.x, 1.0).reshape(3, 3))
    matrix /= np.linalg.norm(matrix)
    weight = image_xy.mean(axis=0) @ matrix[2, :2] + matrix[2, 2]
    result: FloatArray = matrix if weight > 0 else -matrix
    return result


def _check_solution(matrix: FloatArray, image_xy: FloatArray, world_xy: FloatArray) -> None:
    check_not_crossed(matrix, image_xy)
    check_scale(matrix, image_xy, world_xy)


def _check_agreement(off_m: FloatArray, world_xy: FloatArray) -> None:
    rms, extent = float(np.sqrt((off_m**2).mean())), float(np.ptp(world_xy, axis=0).max())
    if not rms <= MAX_RESIDUAL_SHARE * extent:
        raise refuse(
            f"The points contradict each other: no plane comes closer to them than {rms:.2g} m "
            "on average; check the ground coordinates, and that all points lie on the ground."
        )
