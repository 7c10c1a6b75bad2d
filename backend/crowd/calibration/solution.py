"""A calibration from marked points with what inexact clicks do to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backend.core.frame import FloatArray
from backend.crowd.calibration.ground_plane import GroundPlane, rectangle_world
from backend.crowd.calibration.homography import fit_linear
from backend.crowd.calibration.monitored_ground import Corners, MonitoredGround
from backend.crowd.calibration.point_checks import (
    as_points,
    check_in_picture,
    check_points,
    refuse,
)
from backend.crowd.calibration.point_fit import PointFit, fit_points
from backend.crowd.calibration.spread import ground_samples, relative_spreads

CLICK_PX = 2.0
"""Each coordinate of a click lies within this of what was meant, evenly spread."""
DRAWS = 400
MAX_SPREAD = 1.0


@dataclass(frozen=True, slots=True)
class Solution:
    """A ground plane and how far lengths and areas on it may be believed.

    Attributes:
        plane: The ground plane.
        area_m2: Ground area of the monitored area, square metres.
        rms_error_m: Over all given points, metres; None at exactly four.
        length_spread: Half width of the 90 % interval of a length anywhere in the monitored
            area, as a share of it.
        area_spread: The same of the monitored area.
        points_rejected: 0-based numbers of points that contradict the others.
        notes: Sentences for a person.
    """

    plane: GroundPlane
    area_m2: float
    rms_error_m: float | None
    length_spread: float
    area_spread: float
    points_rejected: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()


def solve_points(
    image_xy: npt.ArrayLike,
    world_xy: npt.ArrayLike,
    *,
    picture_wh: tuple[int, int],
    monitored_px: Corners | None = None,
) -> Solution:
    """Calibrate from points known in the picture and on the ground.

    The effect of inexact clicks is found by moving all points at random by up to 2 px (or by
    more, where more than four points show that they lie further off) and solving again: 400
    draws with a fixed seed, so the same points always give the same spread.

    Args:
        image_xy: (N, 2), pixels, N >= 4.
        world_xy: (N, 2), metres, ground plane.
        picture_wh: Width and height of the picture, pixels.
        monitored_px: Corners of the monitored area, pixels; None = the whole picture.

    Raises:
        InvalidInputError: As `GroundPlane.from_points` and `MonitoredGround.build`; a point
            outside the picture; the ground runs away downwards; the clicks decide everything.

    References:
        CROWD-SCIENCE section 1; propagation of distributions by Monte Carlo, JCGM 101:2008.

    Example:
        >>> solution = solve_points(
        ...     [[100, 400], [500, 400], [400, 200], [200, 200]],
        ...     [[0, 0], [4, 0], [4, 6], [0, 6]],
        ...     picture_wh=(640, 480),
        ...     monitored_px=[(100, 400), (500, 400), (400, 200), (200, 200)],
        ... )
        >>> round(solution.area_m2, 6), 0.005 < solution.area_spread < 0.05
        (24.0, True)
    """
    image, world = as_points(image_xy), as_points(world_xy)
    check_points(image, world)
    check_in_picture(image, picture_wh)
    fit = fit_points(image, world)
    plane = GroundPlane(fit.matrix, fit.rms_error_m)
    _check_upright(plane, picture_wh)
    ground = MonitoredGround.build(plane, picture_wh=picture_wh, monitored_px=monitored_px)
    used = np.delete(np.arange(len(image)), fit.rejected)
    length_spread, area_spread = _click_spreads(fit, image[used], world[used], plane, ground)
    return Solution(
        plane,
        ground.area_m2,
        fit.rms_error_m,
        length_spread,
        area_spread,
        fit.rejected,
        _notes(fit.rejected),
    )


def solve_rectangle(
    corners_px: npt.ArrayLike,
    *,
    width_m: float,
    length_m: float,
    picture_wh: tuple[int, int],
    monitored_px: Corners | None = None,
) -> Solution:
    """Calibrate from a rectangle of known size on the ground.

    Args:
        corners_px: (4, 2), pixels, in order; see `GroundPlane.from_rectangle`.
        width_m: Length of the side between the first two corners, metres.
        length_m: Length of the side between the second and third corner, metres.
        picture_wh: Width and height of the picture, pixels.
        monitored_px: Corners of the monitored area, pixels; None = the whole picture.

    Raises:
        InvalidInputError: As `solve_points`; or a side is not a positive number.
    """
    return solve_points(
        corners_px,
        rectangle_world(width_m, length_m),
        picture_wh=picture_wh,
        monitored_px=monitored_px,
    )


def _check_upright(plane: GroundPlane, picture_wh: tuple[int, int]) -> None:
    bottom = np.array([[0.0, picture_wh[1]], [picture_wh[0], picture_wh[1]]])
    if not np.isfinite(plane.to_world(bottom)).any():
        raise refuse(
            "By these points the ground would run away towards the bottom of the picture; check "
            "whether near and far points are exchanged."
        )


def _click_spreads(
    fit: PointFit, image: FloatArray, world: FloatArray, plane: GroundPlane, ground: MonitoredGround
) -> tuple[float, float]:
    reach = CLICK_PX
    if fit.rms_error_px is not None:
        reach = max(reach, fit.rms_error_px * 3**0.5)
    moved = np.random.default_rng(1).uniform(-reach, reach, (DRAWS, *image.shape)) + image
    matrices = fit_linear(moved, np.broadcast_to(world, moved.shape))
    samples = ground_samples(ground.measurement_area)
    spreads = relative_spreads(
        matrices, plane=plane, outline_px=ground.measurement_px, samples_m=samples
    )
    if not max(spreads) < MAX_SPREAD:
        if reach > CLICK_PX:
            raise refuse(
                f"The points contradict each other by {fit.rms_error_m:.2g} m, so that the "
                "result is not known better than to the whole of it; check the ground "
                "coordinates, and that all points lie on the ground."
            )
        raise refuse(
            "A click off by 2 px would change the result by more than the whole of it; choose "
            "points further apart in the picture, or a smaller monitored area around them."
        )
    return spreads


def _notes(rejected: tuple[int, ...]) -> tuple[str, ...]:
    if not rejected:
        return ()
    names = ", ".join(str(number + 1) for number in rejected)
    return (
        f"Left out because the other points contradict it: point {names}. The error counts it.",
    )
