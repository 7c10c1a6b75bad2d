"""Shapes of calibrations."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from backend.api.schemas.common import InputSchema, PageSchema
from backend.api.schemas.metrics import TRUST
from backend.core.calibration import CalibrationMethod
from backend.services.calibration.draft import (
    CORNERS_LIMITS,
    PICTURE_LIMITS_PX,
    POINTS_LIMITS,
    SIDE_LIMITS_M,
    WORLD_LIMIT_M,
    draft_from_json,
)
from backend.services.calibration.views import KNOWN_METHOD

_METHODS = [method.value for method in CalibrationMethod]
_METHOD = validate.OneOf(_METHODS)
_SHOWN_METHOD = validate.OneOf([*_METHODS, KNOWN_METHOD])
_MOST_GIVEN = 1000
"""Longer lists are refused before they are read; the limits for people lie far below."""


def _pair(description: str) -> fields.List[Any]:
    return fields.List(
        fields.Float(),
        validate=validate.Length(equal=2),
        metadata={"description": description},
    )


def _outline(description: str) -> fields.List[Any]:
    fewest, most = CORNERS_LIMITS
    return fields.List(
        _pair("x, y [px]"),
        allow_none=True,
        validate=validate.Length(max=_MOST_GIVEN),
        metadata={"description": f"{description}; {fewest} to {most} corners in order [px]"},
    )


def _picture_wh(**rest: Any) -> fields.List[Any]:
    low, high = PICTURE_LIMITS_PX
    return fields.List(
        fields.Integer(strict=True),
        validate=validate.Length(equal=2),
        metadata={
            "description": f"Width and height of the picture all pixels refer to, {low}-{high} [px]"
        },
        **rest,
    )


def _share(description: str) -> fields.Float:
    return fields.Float(
        allow_none=True,
        metadata={"description": f"Half width of the 90 % interval of {description}, as a share"},
    )


class MarkedPointSchema(InputSchema):
    """One place known in the picture and on the ground."""

    image = fields.List(
        fields.Float(),
        required=True,
        validate=validate.Length(equal=2),
        metadata={"description": "x, y in the picture [px]"},
    )
    world = fields.List(
        fields.Float(),
        required=True,
        validate=validate.Length(equal=2),
        metadata={"description": f"x, y on the ground, within ±{WORLD_LIMIT_M:g} [m]"},
    )


class MarkedRectangleSchema(InputSchema):
    """A rectangle on the ground whose sides are known."""

    corners = fields.List(
        _pair("x, y [px]"),
        required=True,
        validate=validate.Length(equal=4),
        metadata={"description": "Going round the rectangle [px]"},
    )
    width_m = fields.Float(
        required=True,
        metadata={
            "description": "Side between corners 1 and 2, "
            f"{SIDE_LIMITS_M[0]:g}-{SIDE_LIMITS_M[1]:g} [m]"
        },
    )
    length_m = fields.Float(
        required=True, metadata={"description": "Side between corners 2 and 3 [m]"}
    )


class CalibrationInputSchema(InputSchema):
    """What a calibration is made of: points, a rectangle, or the heights of people seen lately."""

    method = fields.String(required=True, validate=_METHOD)
    picture_wh = _picture_wh(required=True)
    points = fields.List(
        fields.Nested(MarkedPointSchema),
        allow_none=True,
        validate=validate.Length(max=_MOST_GIVEN),
        metadata={"description": f"Method points: {POINTS_LIMITS[0]} to {POINTS_LIMITS[1]}"},
    )
    rectangle = fields.Nested(
        MarkedRectangleSchema, allow_none=True, metadata={"description": "Method rectangle"}
    )
    field_of_view_deg = fields.Float(
        allow_none=True,
        metadata={
            "description": "Method heights: horizontal field of view of the lens; "
            "assumed where left out [°]"
        },
    )
    monitored_area = _outline("Where people are measured; the whole picture where left out")
    walkable_area = _outline("Where people can walk; the monitored area where left out")

    @post_load
    def _as_draft(self, values: dict[str, Any], **_context: object) -> object:
        return draft_from_json(values, method=values["method"], picture_wh=values["picture_wh"])


class CalibrationQuerySchema(InputSchema):
    """Whether a calibration is only tried."""

    dry_run = fields.Boolean(
        load_default=False, metadata={"description": "Return the result without storing it"}
    )


class AutomaticQuerySchema(InputSchema):
    """What is known of the lens."""

    field_of_view_deg = fields.Float(
        metadata={"description": "Horizontal field of view; assumed where left out [°]"}
    )


class HeightEvidenceSchema(Schema):
    """What a calibration from people's heights rests on."""

    people_used = fields.Integer(metadata={"description": "Sightings that agree with the fit"})
    people_given = fields.Integer(metadata={"description": "Sightings in all"})
    residual_px = fields.Float(metadata={"description": "Deviation of heights from the fit [px]"})
    residual_relative = fields.Float(metadata={"description": "The same as a share of the height"})
    horizon_y_px = fields.Float(metadata={"description": "Image row of the horizon [px]"})
    camera_height_m = fields.Float(metadata={"description": "Above the ground [m]"})
    tilt_deg = fields.Float(metadata={"description": "How far the camera looks down [°]"})
    field_of_view_deg = fields.Float(metadata={"description": "Horizontal [°]"})
    field_of_view_assumed = fields.Boolean(
        metadata={"description": "Nobody gave it; its uncertainty is in the intervals"}
    )


def _homography() -> fields.List[Any]:
    row = fields.List(fields.Float(), validate=validate.Length(equal=3))
    return fields.List(
        row,
        allow_none=True,
        validate=validate.Length(equal=3),
        metadata={"description": "3 × 3, image pixels to ground metres"},
    )


def _notes() -> fields.List[Any]:
    return fields.List(fields.String(), metadata={"description": "Sentences for a person"})


class CalibrationSchema(Schema):
    """The calibration in force, or what one would be; empty for an uncalibrated camera."""

    camera_id = fields.Integer()
    calibrated = fields.Boolean()
    fault = fields.String(metadata={"description": "Why it is not to be used now"})
    version = fields.Integer(
        allow_none=True, metadata={"description": "Grows with every change; null in a preview"}
    )
    method = fields.String(
        allow_none=True,
        validate=_SHOWN_METHOD,
        metadata={"description": "simulation: known by construction, nothing to calibrate"},
    )
    picture_wh = _picture_wh(allow_none=True)
    points = fields.List(fields.Nested(MarkedPointSchema), allow_none=True)
    rectangle = fields.Nested(MarkedRectangleSchema, allow_none=True)
    field_of_view_deg = fields.Float(
        allow_none=True, metadata={"description": "As given; null where it was assumed [°]"}
    )
    monitored_area = _outline("Where people are measured; null: the whole picture")
    walkable_area = _outline("Where people can walk; null: the monitored area")
    homography = _homography()
    area_m2 = fields.Float(
        allow_none=True,
        metadata={"description": "Monitored area, without what lies too far away [m²]"},
    )
    rms_error_m = fields.Float(
        allow_none=True,
        metadata={"description": "Error of the points; null where nothing is left to compare [m]"},
    )
    length_spread = _share("lengths and speeds")
    area_spread = _share("the area, and so of densities")
    trust = fields.String(
        allow_none=True,
        validate=TRUST,
        metadata={"description": "Best state a number resting on it can have now"},
    )
    notes = _notes()
    evidence = fields.Nested(HeightEvidenceSchema, allow_none=True)
    created_at = fields.AwareDateTime(allow_none=True)
    created_by = fields.String(allow_none=True)
    has_background = fields.Boolean(
        metadata={"description": "Landmarks are stored to tell whether the camera was moved"}
    )


class AutomaticSchema(HeightEvidenceSchema):
    """What people's heights say about a camera, with the evidence; nothing of it is stored."""

    camera_id = fields.Integer()
    picture_wh = _picture_wh()
    homography = _homography()
    area_m2 = fields.Float(metadata={"description": "Ground in the whole picture [m²]"})
    length_spread = _share("lengths and speeds")
    area_spread = _share("the area, and so of densities")
    trust = fields.String(validate=TRUST)
    notes = _notes()


class CalibrationVersionSchema(Schema):
    """One version a camera has or had."""

    version = fields.Integer()
    method = fields.String(validate=_METHOD)
    area_m2 = fields.Float(metadata={"description": "[m²]"})
    rms_error_m = fields.Float(allow_none=True, metadata={"description": "[m]"})
    length_spread = _share("lengths and speeds")
    area_spread = _share("the area")
    created_at = fields.AwareDateTime()
    created_by = fields.String(allow_none=True)
    ended_at = fields.AwareDateTime(allow_none=True, metadata={"description": "null: in force"})


class CalibrationVersionPageSchema(PageSchema):
    """Every version, the newest first."""

    items = fields.List(fields.Nested(CalibrationVersionSchema))


class CalibrationSummarySchema(Schema):
    """A calibration in one line, beside its camera."""

    version = fields.Integer()
    method = fields.String(validate=_SHOWN_METHOD)
    area_m2 = fields.Float(metadata={"description": "[m²]"})
    trust = fields.String(validate=TRUST)
    created_at = fields.AwareDateTime()
