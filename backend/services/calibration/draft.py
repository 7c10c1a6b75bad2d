"""What people give to calibrate a camera, and why it may be refused before anything is solved."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from backend.core.calibration import CalibrationMethod, Point
from backend.core.errors import InvalidInputError

POINTS_LIMITS: Final = (4, 100)
CORNERS_LIMITS: Final = (3, 100)
PICTURE_LIMITS_PX: Final = (64, 16_384)
LONGEST_ASPECT: Final = 8.0
WORLD_LIMIT_M: Final = 10_000.0
SIDE_LIMITS_M: Final = (0.1, 10_000.0)


@dataclass(frozen=True, slots=True)
class MarkedPoint:
    """One place known in the picture (pixels) and on the ground (metres)."""

    image: Point
    world: Point


@dataclass(frozen=True, slots=True)
class MarkedRectangle:
    """A rectangle on the ground whose sides are known.

    Attributes:
        corners: Four, in order around it, pixels.
        width_m: Side between the first two corners, metres.
        length_m: Side between the second and the third corner, metres.
    """

    corners: tuple[Point, ...]
    width_m: float
    length_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationDraft:
    """Input of a calibration, as given; pixels are those of a picture of ``picture_wh``.

    Attributes:
        points: Only with the method points.
        rectangle: Only with the method rectangle.
        field_of_view_deg: Horizontal, only with the method heights; None = assumed.
        monitored_area: Corners; None = the whole picture.
        walkable_area: Corners; None = the monitored area.
    """

    method: CalibrationMethod
    picture_wh: tuple[int, int]
    points: tuple[MarkedPoint, ...] | None = None
    rectangle: MarkedRectangle | None = None
    field_of_view_deg: float | None = None
    monitored_area: tuple[Point, ...] | None = None
    walkable_area: tuple[Point, ...] | None = None


def draft_from_json(
    values: Mapping[str, Any], *, method: str, picture_wh: Sequence[int]
) -> CalibrationDraft:
    """Return a draft from plain values: a request's, or a stored row's.

    Raises:
        ValueError, TypeError, KeyError: They do not have the shape of a draft.
    """
    points, rectangle = values.get("points"), values.get("rectangle")
    width, height = picture_wh
    angle = values.get("field_of_view_deg")
    return CalibrationDraft(
        method=CalibrationMethod(method),
        picture_wh=(int(width), int(height)),
        points=None if points is None else tuple(_marked(point) for point in points),
        rectangle=None
        if rectangle is None
        else MarkedRectangle(
            _corners(rectangle["corners"]) or (),
            float(rectangle["width_m"]),
            float(rectangle["length_m"]),
        ),
        field_of_view_deg=None if angle is None else float(angle),
        monitored_area=_corners(values.get("monitored_area")),
        walkable_area=_corners(values.get("walkable_area")),
    )


def check_draft(draft: CalibrationDraft) -> None:
    """Refuse what cannot be meant; what only solving can tell is left to it.

    Raises:
        InvalidInputError: ``field`` is the JSON pointer of the value.
    """
    _check_picture(draft.picture_wh)
    _check_method(draft)
    for number, point in enumerate(draft.points or ()):
        _check_in_picture(point.image, draft.picture_wh, f"/points/{number}/image", "point", number)
        _check_world(point.world, f"/points/{number}/world", number)
    if draft.rectangle is not None:
        _check_rectangle(draft.rectangle, draft.picture_wh)
    for name, corners in (
        ("monitored_area", draft.monitored_area),
        ("walkable_area", draft.walkable_area),
    ):
        if corners is not None:
            _check_polygon(name, corners, draft.picture_wh)


def check_field_of_view(angle_deg: float | None) -> None:
    """Refuse a horizontal field of view that no lens has; None is fine.

    Raises:
        InvalidInputError: ``field`` is field_of_view_deg.
    """
    if angle_deg is not None:
        from backend.crowd.calibration.height_checks import check_view  # noqa: PLC0415 - heavy

        check_view(angle_deg)


def _marked(values: Mapping[str, Any]) -> MarkedPoint:
    return MarkedPoint(_point(values["image"]), _point(values["world"]))


def _corners(values: Sequence[Sequence[float]] | None) -> tuple[Point, ...] | None:
    return None if values is None else tuple(_point(value) for value in values)


def _point(value: Sequence[float]) -> Point:
    x, y = value
    return float(x), float(y)


def _check_picture(picture_wh: tuple[int, int]) -> None:
    width, height = picture_wh
    low, high = PICTURE_LIMITS_PX
    if not (low <= width <= high and low <= height <= high):
        raise InvalidInputError(
            f"The picture must be {low} to {high} pixels wide and high; {width} × {height} was "
            "given. Send the size of the picture that was clicked in.",
            field="/picture_wh",
        )
    if max(width / height, height / width) > LONGEST_ASPECT:
        raise InvalidInputError(
            f"No picture is {width} × {height} pixels: one side is more than "
            f"{LONGEST_ASPECT:g} times the other. Send the size of the picture clicked in.",
            field="/picture_wh",
        )


def _check_method(draft: CalibrationDraft) -> None:
    """Refuse what is missing, and what would change nothing."""
    own = {
        CalibrationMethod.POINTS: "points",
        CalibrationMethod.RECTANGLE: "rectangle",
        CalibrationMethod.HEIGHTS: "field_of_view_deg",
    }
    for method, name in own.items():
        given = getattr(draft, name) is not None
        if given and method is not draft.method:
            raise InvalidInputError(
                f"{name} belongs to the method {method.value}, not to {draft.method.value}. "
                "Leave it out, or choose that method.",
                field=f"/{name}",
            )
        needed = method is not CalibrationMethod.HEIGHTS
        if method is draft.method and needed and not given:
            raise InvalidInputError(f"The method {method.value} needs {name}.", field=f"/{name}")
    fewest, most = POINTS_LIMITS
    if draft.points is not None and not fewest <= len(draft.points) <= most:
        raise InvalidInputError(
            f"Give {fewest} to {most} points; {len(draft.points)} were given. Add places on the "
            "ground whose position you know.",
            field="/points",
        )
    check_field_of_view(draft.field_of_view_deg)


def _check_in_picture(
    point: Point, picture_wh: tuple[int, int], pointer: str, what: str, number: int
) -> None:
    width, height = picture_wh
    x, y = point
    if not (0 <= x <= width and 0 <= y <= height):
        raise InvalidInputError(
            f"{what.capitalize()} {number + 1} at ({x:g}, {y:g}) px lies outside the picture of "
            f"{width} × {height} px. Move it into the picture.",
            field=pointer,
        )


def _check_world(point: Point, pointer: str, number: int) -> None:
    if not all(abs(value) <= WORLD_LIMIT_M for value in point):  # NaN is not within it either
        raise InvalidInputError(
            f"Point {number + 1} lies at ({point[0]:g}, {point[1]:g}) m; ground coordinates are "
            f"metres within ±{WORLD_LIMIT_M:g}. Measure from a place near the camera.",
            field=pointer,
        )


def _check_rectangle(rectangle: MarkedRectangle, picture_wh: tuple[int, int]) -> None:
    if len(rectangle.corners) != 4:
        raise InvalidInputError(
            f"A rectangle has four corners; {len(rectangle.corners)} were given.",
            field="/rectangle/corners",
        )
    for number, corner in enumerate(rectangle.corners):
        pointer = f"/rectangle/corners/{number}"
        _check_in_picture(corner, picture_wh, pointer, "corner", number)
    low, high = SIDE_LIMITS_M
    for name, side_m in (("width_m", rectangle.width_m), ("length_m", rectangle.length_m)):
        if not low <= side_m <= high:
            raise InvalidInputError(
                f"{name} must be between {low:g} and {high:g} m; {side_m:g} was given.",
                field=f"/rectangle/{name}",
            )


def _check_polygon(name: str, corners: tuple[Point, ...], picture_wh: tuple[int, int]) -> None:
    fewest, most = CORNERS_LIMITS
    if not fewest <= len(corners) <= most:
        raise InvalidInputError(
            f"An area has {fewest} to {most} corners; {len(corners)} were given.", field=f"/{name}"
        )
    for number, corner in enumerate(corners):
        if not all(math.isfinite(value) for value in corner):
            raise InvalidInputError(
                f"Corner {number + 1} is not a number.", field=f"/{name}/{number}"
            )
        _check_in_picture(corner, picture_wh, f"/{name}/{number}", "corner", number)
    from shapely import Polygon  # noqa: PLC0415 - heavy

    outline = Polygon(corners)
    if not outline.is_valid or outline.area <= 0:
        raise InvalidInputError(
            "The outline crosses or touches itself, or has no area. Draw its corners in order, "
            "each once.",
            field=f"/{name}",
        )
