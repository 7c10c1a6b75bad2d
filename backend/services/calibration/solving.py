"""From what people gave to a ground plane, with the evidence and the errors that go with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backend.core.calibration import CalibrationMethod, Point
from backend.core.errors import ConflictError, InvalidInputError
from backend.services.calibration.draft import CalibrationDraft
from backend.services.calibration.height_samples import PeopleSeen

if TYPE_CHECKING:
    from backend.crowd.calibration import AutomaticCalibration, GroundPlane, Solution

SAME_ASPECT = 0.02
"""Largest relative difference of two aspect ratios that are the same."""

_NOBODY_SEEN = (
    "Nobody has been seen by this camera since the start of CrowdSafe. Start it and let people "
    "walk through the picture, near and far, for some minutes."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeightEvidence:
    """What an automatic calibration rests on.

    Attributes:
        people_used, people_given: Sightings that agree with the fit, and all of them.
        residual_px, residual_relative: Deviation of the heights from the fit, pixels and as a
            share of the height.
        horizon_y_px: Image row of the horizon.
        camera_height_m: Height of the camera above the ground, metres.
        tilt_deg: How far it looks down, degrees.
        field_of_view_deg: Horizontal, degrees: as given or as assumed.
        field_of_view_assumed: It was assumed, with its spread in the intervals.
    """

    people_used: int
    people_given: int
    residual_px: float
    residual_relative: float
    horizon_y_px: float
    camera_height_m: float
    tilt_deg: float
    field_of_view_deg: float
    field_of_view_assumed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SolvedGround:
    """A ground plane and how far it may be believed; see `core.calibration.Calibration`.

    Attributes:
        homography: Nine numbers row by row, image pixels to ground metres.
        evidence: Only of the method heights.
    """

    homography: tuple[float, ...]
    area_m2: float
    rms_error_m: float | None
    length_spread: float
    area_spread: float
    notes: tuple[str, ...]
    evidence: HeightEvidence | None = None


def solve(draft: CalibrationDraft, people: PeopleSeen | None) -> SolvedGround:
    """Return the ground plane of a checked draft.

    Args:
        draft: As it passed `check_draft`.
        people: Heights seen lately, for the method heights.

    Raises:
        InvalidInputError: Nothing sound can be solved from it; ``field`` names the input.
        ConflictError: The people seen so far do not suffice.
    """
    if draft.method is CalibrationMethod.HEIGHTS:
        return _solve_heights(draft, people)
    try:
        solution = _solve_marks(draft)
        _check_walkable(draft, solution.plane)
    except InvalidInputError as error:
        raise _pointed(error, draft.method) from error
    return SolvedGround(
        homography=_numbers(solution.plane),
        area_m2=float(solution.area_m2),
        rms_error_m=None if solution.rms_error_m is None else float(solution.rms_error_m),
        length_spread=float(solution.length_spread),
        area_spread=float(solution.area_spread),
        notes=tuple(solution.notes),
    )


def estimate(
    people: PeopleSeen | None, *, picture_wh: tuple[int, int], field_of_view_deg: float | None
) -> AutomaticCalibration:
    """Return the calibration that follows from people's heights alone.

    Args:
        people: Seen lately; None = nobody.
        picture_wh: Picture whose pixels the result refers to, of the shape of theirs.
        field_of_view_deg: Horizontal; None = assumed.

    Raises:
        InvalidInputError: Only about ``field_of_view_deg``.
        ConflictError: Too few people, or their heights follow no perspective.
    """
    from backend.crowd.calibration import estimate_from_heights  # noqa: PLC0415 - heavy

    if people is None or not len(people.height_px):
        raise ConflictError(_NOBODY_SEEN)
    if not same_aspect(people.picture_wh, picture_wh):
        raise ConflictError(
            f"People were seen in a picture of {people.picture_wh[0]} × {people.picture_wh[1]} "
            f"px, which has another shape than {picture_wh[0]} × {picture_wh[1]} px. Take a new "
            "picture."
        )
    stretch = np.array(picture_wh) / np.array(people.picture_wh)
    try:
        return estimate_from_heights(
            people.foot_px * stretch,
            people.height_px * stretch[1],
            picture_wh=picture_wh,
            field_of_view_deg=field_of_view_deg,
        )
    except InvalidInputError as error:
        if error.field.strip("/") == "field_of_view_deg":
            raise
        raise ConflictError(str(error)) from error


def evidence_of(found: AutomaticCalibration) -> HeightEvidence:
    """Return what an estimate rests on, as plain numbers."""
    return HeightEvidence(
        people_used=int(found.people_used),
        people_given=int(found.people_given),
        residual_px=float(found.residual_px),
        residual_relative=float(found.residual_relative),
        horizon_y_px=float(found.horizon_y_px),
        camera_height_m=float(found.camera_height_m),
        tilt_deg=float(found.tilt_deg),
        field_of_view_deg=float(found.field_of_view_deg),
        field_of_view_assumed=bool(found.field_of_view_assumed),
    )


def same_aspect(first_wh: tuple[int, int], second_wh: tuple[int, int]) -> bool:
    """Return whether two pictures have the same shape, whatever their size."""
    ratio = (first_wh[0] * second_wh[1]) / (first_wh[1] * second_wh[0])
    return abs(ratio - 1) <= SAME_ASPECT


def _solve_marks(draft: CalibrationDraft) -> Solution:
    from backend.crowd.calibration import solve_points, solve_rectangle  # noqa: PLC0415 - heavy

    monitored = _corners(draft.monitored_area)
    if draft.rectangle is not None:
        return solve_rectangle(
            np.array(draft.rectangle.corners),
            width_m=draft.rectangle.width_m,
            length_m=draft.rectangle.length_m,
            picture_wh=draft.picture_wh,
            monitored_px=monitored,
        )
    points = draft.points or ()
    return solve_points(
        np.array([point.image for point in points]),
        np.array([point.world for point in points]),
        picture_wh=draft.picture_wh,
        monitored_px=monitored,
    )


def _solve_heights(draft: CalibrationDraft, people: PeopleSeen | None) -> SolvedGround:
    found = estimate(people, picture_wh=draft.picture_wh, field_of_view_deg=draft.field_of_view_deg)
    return SolvedGround(
        homography=_numbers(found.plane),
        area_m2=_monitored_area_m2(draft, found.plane),
        rms_error_m=None,
        length_spread=float(found.length_spread),
        area_spread=float(found.area_spread),
        notes=tuple(found.notes),
        evidence=evidence_of(found),
    )


def _monitored_area_m2(draft: CalibrationDraft, plane: GroundPlane) -> float:
    from backend.crowd.calibration import MonitoredGround  # noqa: PLC0415 - heavy

    ground = MonitoredGround.build(
        plane,
        picture_wh=draft.picture_wh,
        monitored_px=_corners(draft.monitored_area),
        walkable_px=_corners(draft.walkable_area),
    )
    return float(ground.area_m2)


def _check_walkable(draft: CalibrationDraft, plane: GroundPlane) -> None:
    if draft.walkable_area is not None:
        _monitored_area_m2(draft, plane)


def _corners(corners: tuple[Point, ...] | None) -> list[Point] | None:
    return None if corners is None else list(corners)


def _numbers(plane: GroundPlane) -> tuple[float, ...]:
    return tuple(float(value) for value in np.asarray(plane.matrix).reshape(9))


def _pointed(error: InvalidInputError, method: CalibrationMethod) -> InvalidInputError:
    """Return the refusal with the input it is about under the name it was given by."""
    name = error.field.strip("/")
    if name in {"monitored_area", "walkable_area"}:
        return error
    marks = "/rectangle/corners" if method is CalibrationMethod.RECTANGLE else "/points"
    return InvalidInputError(str(error), field=marks)
