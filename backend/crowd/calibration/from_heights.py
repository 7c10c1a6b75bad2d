"""Automatic calibration from the heights of people in the picture (CROWD-SCIENCE section 1c)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backend.core.frame import FloatArray
from backend.crowd.calibration.camera_pose import PERSON_HEIGHT_M
from backend.crowd.calibration.ground_plane import GroundPlane
from backend.crowd.calibration.height_checks import (
    check_camera,
    check_line,
    check_samples,
    check_view,
    refuse,
)
from backend.crowd.calibration.height_line import HeightLine, fit_height_line
from backend.crowd.calibration.height_model import HeightModel
from backend.crowd.calibration.height_spread import possible_cameras
from backend.crowd.calibration.monitored_ground import MonitoredGround
from backend.crowd.calibration.spread import ground_samples, relative_spreads
from backend.crowd.calibration.upright_camera import (
    UprightCamera,
    fit_upright_camera,
    focal_from_view,
)

ASSUMED_FIELD_OF_VIEW_DEG = 60.0
MAX_SPREAD = 1.0
MANY_PEOPLE = 100
WIDE_ROWS_SHARE = 0.3
_PASSES = 4
_OUTLIER_SIGMAS = 3.0
_LEAST_SCATTER = 0.02


@dataclass(frozen=True, slots=True)
class AutomaticCalibration:
    """A ground plane estimated from people's heights, with its evidence.

    Attributes:
        plane: Origin on the ground below the camera, x to the right, y ahead, metres.
        height_model: Straight line through the heights seen, evidence and fall-back.
        people_used, people_given: Boxes the fit rests on, and boxes that were handed in.
        residual_px: Standard deviation of the heights used about the fit, pixels.
        residual_relative: The same as a share of the height.
        camera_height_m: Camera above the ground, metres.
        tilt_deg: Line of sight below the horizontal, degrees.
        horizon_y_px: Row of the horizon, pixels; negative = above the picture.
        field_of_view_deg: Horizontal, degrees.
        field_of_view_assumed: Nobody has entered it.
        length_spread: Half width of the 90 % interval of a length anywhere, as a share.
        area_spread: The same of ``area_m2``.
        area_m2: Ground shown by the picture where a pixel covers at most 0.25 m.
        notes: Sentences for a person.
    """

    plane: GroundPlane
    height_model: HeightModel
    people_used: int
    people_given: int
    residual_px: float
    residual_relative: float
    camera_height_m: float
    tilt_deg: float
    horizon_y_px: float
    field_of_view_deg: float
    field_of_view_assumed: bool
    length_spread: float
    area_spread: float
    area_m2: float
    notes: tuple[str, ...]


def estimate_from_heights(
    foot_px: FloatArray,
    height_px: FloatArray,
    *,
    picture_wh: tuple[int, int],
    field_of_view_deg: float | None = None,
) -> AutomaticCalibration:
    """Estimate the ground plane from how high people are where in the picture.

    A straight line through the heights over the feet's rows (Theil & Sen) finds who stands
    upright and whole; tilt and height of a camera without roll are then fitted to those. Scale
    across the picture follows from the mean height of 1.70 m alone; depth, and so area, also
    needs the focal length, which heights cannot tell: it comes from the field of view entered,
    or from 60° with a standard deviation of 20 %.

    Args:
        foot_px: (N, 2) float, bottom centres of boxes of standing people, pixels; best from many
            moments and all over the picture.
        height_px: (N,) float, heights of the boxes, pixels.
        picture_wh: Width and height of the picture, pixels.
        field_of_view_deg: Horizontal field of view of the lens, degrees; None = assumed.

    Returns:
        Plane, evidence, and spreads that carry the field of view, the mean height of people and
        how unevenly boxes fit them (400 draws with a fixed seed).

    Raises:
        InvalidInputError: Too few people, no perspective, too much scatter, or an absurd camera;
            the sentence says which and the remedy. Field "people" or "field_of_view_deg".

    References:
        CROWD-SCIENCE section 1; Hoiem, Efros & Hebert 2008, doi:10.1007/s11263-008-0137-5;
        Sen 1968, doi:10.1080/01621459.1968.10480934.

    Example:
        >>> camera = UprightCamera(np.array([900.0]), np.radians([20.0]), np.array([5.0]))
        >>> y = np.linspace(150.0, 700.0, 200)
        >>> found = estimate_from_heights(
        ...     np.stack([y, y], axis=1), camera.heights_px(y - 360, person_m=1.7)[0],
        ...     picture_wh=(1280, 720), field_of_view_deg=70.8,
        ... )
        >>> round(found.camera_height_m, 2), round(found.tilt_deg, 1)
        (5.0, 20.0)
    """
    view_deg = ASSUMED_FIELD_OF_VIEW_DEG if field_of_view_deg is None else field_of_view_deg
    check_view(view_deg)
    foot, tall = np.asarray(foot_px, dtype=np.float64), np.asarray(height_px, dtype=np.float64)
    foot, tall = check_samples(foot, tall, picture_wh)
    line = fit_height_line(foot[:, 1], tall)
    check_line(line, foot[:, 1], tall)
    fit = _fit_camera(foot[:, 1] - picture_wh[1] / 2, tall, line, picture_wh, view_deg)
    check_camera(fit.camera, residual=fit.residual_relative, used_share=fit.used_share)
    plane = GroundPlane.from_matrix(
        fit.camera.matrices(picture_wh)[0],
        in_front_px=(picture_wh[0] / 2, float(foot[:, 1].max())),
    )
    ground = MonitoredGround.build(plane, picture_wh=picture_wh)
    length_spread, area_spread = _spreads(
        fit, plane, ground, picture_wh, None if field_of_view_deg is not None else view_deg
    )
    tilt = float(fit.camera.tilt_rad[0])
    return AutomaticCalibration(
        plane=plane,
        height_model=HeightModel(line.slope, line.intercept),
        people_used=len(fit.rows),
        people_given=len(height_px),
        residual_px=fit.residual_px,
        residual_relative=fit.residual_relative,
        camera_height_m=float(fit.camera.height_m[0]),
        tilt_deg=float(np.degrees(tilt)),
        horizon_y_px=float(picture_wh[1] / 2 - fit.camera.focal_px[0] * np.tan(tilt)),
        field_of_view_deg=view_deg,
        field_of_view_assumed=field_of_view_deg is None,
        length_spread=length_spread,
        area_spread=area_spread,
        area_m2=ground.area_m2,
        notes=_notes(fit.rows, picture_wh, assumed=field_of_view_deg is None),
    )


@dataclass(frozen=True, slots=True)
class _Fit:
    """Camera, rows from the middle of the people it rests on, and their scatter about it."""

    camera: UprightCamera
    rows: FloatArray
    used_share: float
    residual_px: float
    residual_relative: float


def _fit_camera(
    rows: FloatArray,
    tall: FloatArray,
    line: HeightLine,
    picture_wh: tuple[int, int],
    view_deg: float,
) -> _Fit:
    """Fit the camera to whoever agrees with it, starting from those who agree with the line."""
    focal = focal_from_view(np.array([view_deg]), picture_wh)
    expected = line.slope * (rows + picture_wh[1] / 2) + line.intercept
    used = _agreeing(tall, expected)
    for _ in range(_PASSES):
        camera = fit_upright_camera(
            rows[None, used], tall[None, used], focal_px=focal, person_m=PERSON_HEIGHT_M
        )
        expected = camera.heights_px(rows, person_m=PERSON_HEIGHT_M)[0]
        used = _agreeing(tall, expected)
    off_px = tall[used] - expected[used]
    return _Fit(
        camera=camera,
        rows=rows[used],
        used_share=float(used.mean()),
        residual_px=float(off_px.std()),
        residual_relative=float((off_px / expected[used]).std()),
    )


def _agreeing(tall: FloatArray, expected: FloatArray) -> npt.NDArray[np.bool_]:
    """Whose height is within three robust standard deviations of what is expected."""
    off = tall / np.where(expected > 0, expected, np.nan) - 1
    centre = np.nanmedian(off)
    scatter = max(1.4826 * float(np.nanmedian(np.abs(off - centre))), _LEAST_SCATTER)
    return np.asarray(np.abs(off - centre) < _OUTLIER_SIGMAS * scatter)


def _spreads(
    fit: _Fit,
    plane: GroundPlane,
    ground: MonitoredGround,
    picture_wh: tuple[int, int],
    assumed_view_deg: float | None,
) -> tuple[float, float]:
    possible = possible_cameras(fit.camera, fit.rows, picture_wh, assumed_view_deg)
    spreads = relative_spreads(
        possible.matrices(picture_wh),
        plane=plane,
        outline_px=ground.measurement_px,
        samples_m=ground_samples(ground.measurement_area),
    )
    if not max(spreads) < MAX_SPREAD:
        raise refuse(
            "The area would be uncertain by more than the whole of it: people were seen in too "
            "few rows of the picture, or the field of view is not known; enter it, wait for "
            "people nearer and further away, or calibrate with points."
        )
    return spreads


def _notes(rows: FloatArray, picture_wh: tuple[int, int], *, assumed: bool) -> tuple[str, ...]:
    notes = ["Estimated from the heights of people, taken as 1.70 m on average."]
    if assumed:
        notes.append(
            f"Field of view assumed to be {ASSUMED_FIELD_OF_VIEW_DEG:g}°: enter the camera's own "
            "to make area and density much surer."
        )
    if len(rows) < MANY_PEOPLE:
        notes.append(f"Rests on only {len(rows)} people; run it again when more have passed.")
    if np.ptp(np.percentile(rows, [5, 95])) < WIDE_ROWS_SHARE * picture_wh[1]:
        notes.append(
            "People were seen in a narrow band of rows only; depth elsewhere is extrapolated."
        )
    return tuple(notes)
