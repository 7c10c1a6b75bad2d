"""Why people's heights do not give a calibration, in words a person can act on."""

from __future__ import annotations

import numpy as np

from backend.core.errors import InvalidInputError
from backend.core.frame import FloatArray
from backend.crowd.calibration.height_line import HeightLine
from backend.crowd.calibration.upright_camera import UprightCamera

MIN_PEOPLE = 20
MIN_HEIGHT_PX = 8.0
MIN_ROWS_SHARE = 0.10
"""Least part of the picture's height over which feet must be spread."""
MIN_GROWTH = 0.10
"""Least growth of people from the farthest to the nearest row, as a share of their height."""
MAX_RESIDUAL = 0.25
MIN_USED_SHARE = 0.5
CAMERA_HEIGHT_LIMITS_M = (1.8, 100.0)
TILT_LIMITS_DEG = (-10.0, 65.0)
FIELD_OF_VIEW_LIMITS_DEG = (10.0, 150.0)
_EDGE_SHARE = 0.01


def refuse(message: str) -> InvalidInputError:
    """The error of every refusal: it is about the people seen."""
    return InvalidInputError(message, field="people")


def check_view(view_deg: float) -> None:
    """Refuse a field of view that no lens has.

    Args:
        view_deg: Horizontal, degrees.

    Raises:
        InvalidInputError: Field "field_of_view_deg".
    """
    low, high = FIELD_OF_VIEW_LIMITS_DEG
    if not low <= view_deg <= high:
        raise InvalidInputError(
            f"The horizontal field of view must lie between {low:g}° and {high:g}°, got "
            f"{view_deg:g}°; look it up in the camera's data sheet.",
            field="field_of_view_deg",
        )


def check_samples(
    foot: FloatArray, tall: FloatArray, picture_wh: tuple[int, int]
) -> tuple[FloatArray, FloatArray]:
    """Drop boxes that do not show a whole person and refuse if too few are left.

    Args:
        foot: (N, 2) float64, bottom centres, pixels.
        tall: (N,) float64, heights, pixels.
        picture_wh: Width and height of the picture, pixels.

    Returns:
        Feet and heights of the boxes that end inside the picture, above and below.

    Raises:
        InvalidInputError: Fewer than 20 people, or their feet are all in about the same rows.
    """
    if foot.shape != (len(tall), 2):
        raise refuse(f"Expected (N, 2) feet and (N,) heights, got {foot.shape} and {tall.shape}.")
    edge = _EDGE_SHARE * picture_wh[1]
    with np.errstate(invalid="ignore"):
        whole = (
            np.isfinite(foot).all(axis=1)
            & (tall >= MIN_HEIGHT_PX)
            & (foot[:, 1] < picture_wh[1] - edge)
            & (foot[:, 1] - tall > edge)
        )
    foot, tall = foot[whole], tall[whole]
    if len(tall) < MIN_PEOPLE:
        raise refuse(
            f"Only {len(tall)} whole people were seen, at least {MIN_PEOPLE} are needed; wait "
            "until more have walked through the picture."
        )
    low, high = np.percentile(foot[:, 1], [5, 95])
    if high - low < MIN_ROWS_SHARE * picture_wh[1]:
        raise refuse(
            f"People's feet were seen in {high - low:.0f} rows of the picture only, at least "
            f"{MIN_ROWS_SHARE * picture_wh[1]:.0f} are needed; wait until people have walked "
            "nearer and further away, or calibrate with points."
        )
    return foot, tall


def check_line(line: HeightLine, y_foot: FloatArray, tall: FloatArray) -> None:
    """Refuse heights without perspective.

    Args:
        line: Fitted to them.
        y_foot: (N,) float64, rows of the feet, pixels.
        tall: (N,) float64, heights, pixels.

    Raises:
        InvalidInputError: People are not higher further down, or grow so fast that the camera
            would be lower than their heads.
    """
    low, high = np.percentile(y_foot, [5, 95])
    growth = line.slope * (high - low) / float(np.median(tall))
    if growth < MIN_GROWTH:
        raise refuse(
            "People further down in the picture are not clearly higher, so there is no "
            "perspective to measure; calibrate with points or a rectangle."
        )
    if not line.slope < 1:
        raise refuse(
            "People grow so fast towards the bottom of the picture that the camera would hang "
            "lower than their heads; calibrate with points or a rectangle."
        )
    if line.slope * low + line.intercept <= 0:
        raise refuse(
            "The horizon would lie below people who were seen; their heights follow no ground "
            "plane: calibrate with points or a rectangle."
        )


def check_camera(camera: UprightCamera, *, residual: float, used_share: float) -> None:
    """Refuse a camera that cannot be.

    Args:
        camera: The fitted one.
        residual: Standard deviation of relative heights about the fit.
        used_share: Share of the people that agree with it.

    Raises:
        InvalidInputError: Too much scatter, or tilt or height of the camera are absurd.
    """
    if not (residual <= MAX_RESIDUAL and used_share >= MIN_USED_SHARE):
        raise refuse(
            f"People's heights scatter by {residual:.0%} and {1 - used_share:.0%} of them fit no "
            "ground plane; wait for moments with fewer people hidden behind others, or calibrate "
            "with points."
        )
    height, tilt = float(camera.height_m[0]), float(np.degrees(camera.tilt_rad[0]))
    low, high = CAMERA_HEIGHT_LIMITS_M
    if not low <= height <= high:
        raise refuse(
            f"The camera would hang {height:.3g} m above the ground, expected {low:g} to "
            f"{high:g} m; enter the field of view, or calibrate with points."
        )
    low, high = TILT_LIMITS_DEG
    if not low <= tilt <= high:
        raise refuse(
            f"The camera would look {tilt:.0f}° down, expected {low:g}° to {high:g}°; enter the "
            "field of view, or calibrate with points."
        )
