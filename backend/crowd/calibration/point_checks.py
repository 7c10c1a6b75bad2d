"""Why a set of calibration points cannot be used, in words a person can act on."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from backend.core.errors import InvalidInputError
from backend.core.frame import FloatArray
from backend.crowd.calibration.homography import jacobians, singular_values

MIN_POINTS = 4
MIN_IMAGE_DISTANCE_PX = 1.0
MIN_WORLD_DISTANCE_M = 0.01
MIN_IMAGE_BREADTH = 0.02
"""Least breadth of the points over their length in the picture; below it they are a line."""
MIN_WORLD_BREADTH = 0.005
"""The same on the ground, where a street may well be long and narrow."""
AREA_LIMITS_M2 = (0.5, 1e6)
PERSON_LIMITS_PX = (4.0, 10_000.0)
"""Height in the picture that a person of 1.70 m may have at the points."""
_PERSON_M = 1.70


def refuse(message: str) -> InvalidInputError:
    """The error of every refusal: it is about the points."""
    return InvalidInputError(message, field="points")


def as_points(values: npt.ArrayLike) -> FloatArray:
    """Coordinates as an array.

    Args:
        values: (N, 2) numbers, in any form NumPy understands.

    Returns:
        (N, 2) float64.

    Raises:
        InvalidInputError: Not two numbers for each point.
    """
    try:
        points = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        points = np.zeros(())
    if points.size == 0 and points.ndim:
        return np.zeros((0, 2))
    if points.ndim != 2 or points.shape[1] != 2:
        raise refuse("Each point needs two numbers in the picture and two on the ground.")
    return points


def check_points(image_xy: FloatArray, world_xy: FloatArray) -> None:
    """Refuse points from which no ground plane can be computed.

    Args:
        image_xy: (N, 2) float64, pixels.
        world_xy: (N, 2) float64, metres, row for row.

    Raises:
        InvalidInputError: The reason and the remedy; ``field`` is "points".
    """
    count = len(image_xy)
    if len(world_xy) != count:
        raise refuse(
            f"There are {count} image points but {len(world_xy)} ground points; enter both for "
            "each point."
        )
    if not (np.isfinite(image_xy).all() and np.isfinite(world_xy).all()):
        raise refuse("A coordinate is not a finite number; enter a number for each of them.")
    if count < MIN_POINTS:
        raise refuse(
            f"At least {MIN_POINTS} points are needed, got {count}; add points whose position "
            "on the ground you know."
        )
    _check_duplicates(image_xy, world_xy)
    _check_breadth(image_xy, world_xy)


def _check_duplicates(image_xy: FloatArray, world_xy: FloatArray) -> None:
    for points, least, where in (
        (image_xy, MIN_IMAGE_DISTANCE_PX, "in the picture"),
        (world_xy, MIN_WORLD_DISTANCE_M, "on the ground"),
    ):
        first, second = np.triu_indices(len(points), k=1)
        near = np.linalg.norm(points[first] - points[second], axis=1) < least
        if near.any():
            a, b = int(first[near][0]) + 1, int(second[near][0]) + 1
            raise refuse(
                f"Points {a} and {b} are the same place {where}; move or remove one of them."
            )


def _check_breadth(image_xy: FloatArray, world_xy: FloatArray) -> None:
    for points, least, where in (
        (image_xy, MIN_IMAGE_BREADTH, "in the picture"),
        (world_xy, MIN_WORLD_BREADTH, "on the ground"),
    ):
        # A plane is lost as soon as all points but one lie on a line, so each sits out once.
        for left_out in range(len(points)):
            rest = np.delete(points, left_out, axis=0)
            breadth = np.linalg.svd(rest - rest.mean(axis=0), compute_uv=False)
            if breadth[1] < least * breadth[0]:
                which = "Three of the points" if len(points) == MIN_POINTS else "Too many points"
                raise refuse(
                    f"{which} lie on one line {where}; spread them over the ground, at best as "
                    "the corners of a large four-sided figure."
                )


def check_in_picture(image_xy: FloatArray, picture_wh: tuple[int, int]) -> None:
    """Refuse points that are not in the picture.

    Args:
        image_xy: (N, 2) float64, pixels.
        picture_wh: Width and height of the picture, pixels.

    Raises:
        InvalidInputError: Names the first point outside.
    """
    outside = ((image_xy < 0) | (image_xy > np.array(picture_wh))).any(axis=1)
    if outside.any():
        number = int(np.flatnonzero(outside)[0])
        x, y = image_xy[number]
        raise refuse(
            f"Point {number + 1} at ({x:.0f}, {y:.0f}) px is outside the picture of "
            f"{picture_wh[0]} × {picture_wh[1]} px; move it into the picture."
        )


def check_not_crossed(matrix: FloatArray, image_xy: FloatArray) -> None:
    """Refuse a solution whose horizon runs between the points.

    Args:
        matrix: (3, 3) float64, image pixels to ground metres.
        image_xy: (N, 2) float64, the points it was computed from, pixels.

    Raises:
        InvalidInputError: Points on both sides of the horizon: their order is mixed up.
    """
    weight = image_xy @ matrix[2, :2] + matrix[2, 2]
    if not ((weight > 0).all() or (weight < 0).all()):
        raise refuse(
            "The points are crossed: their order in the picture does not fit their order on "
            "the ground, so that the horizon would run between them; check which image point "
            "belongs to which ground point."
        )


def check_scale(matrix: FloatArray, image_xy: FloatArray, world_xy: FloatArray) -> None:
    """Refuse a ground on which people would be ants or giants.

    Args:
        matrix: (3, 3) float64, image pixels to ground metres.
        image_xy: (N, 2) float64, pixels.
        world_xy: (N, 2) float64, metres.

    Raises:
        InvalidInputError: Names the figure that is absurd.
    """
    from shapely import MultiPoint  # noqa: PLC0415 - heavy

    area = float(MultiPoint(world_xy).convex_hull.area)
    low, high = AREA_LIMITS_M2
    if not low <= area <= high:
        raise refuse(
            f"The points span {area:.3g} m² of ground, expected {low:g} to {high:,.0f} m²; "
            "ground coordinates are metres: check them, or choose points further apart."
        )
    finest = singular_values(jacobians(matrix, image_xy))[1]
    tallest, smallest = _PERSON_M / finest.min(), _PERSON_M / finest.max()
    low_px, high_px = PERSON_LIMITS_PX
    if not (tallest >= low_px and smallest <= high_px):
        shown = tallest if not tallest >= low_px else smallest
        raise refuse(
            f"At this scale a person would be about {shown:.3g} px high in the picture, "
            f"expected {low_px:g} to {high_px:,.0f} px; ground coordinates are metres: check "
            "them."
        )
