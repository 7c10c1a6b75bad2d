"""Shapes of floor plans."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from backend.api.schemas.common import InputSchema, PageSchema
from backend.services.floor_plans.service import NAME_MAX, WIDTH_LIMITS_M


def _name(**rest: Any) -> fields.String:
    return fields.String(
        metadata={
            "description": "As people call it; no two plans have the same",
            "minLength": 1,
            "maxLength": NAME_MAX,
        },
        **rest,
    )


def _width_m() -> fields.Float:
    low, high = WIDTH_LIMITS_M
    return fields.Float(
        allow_none=True,
        allow_nan=True,  # refused with what else is out of range
        error_messages={"invalid": "Give the width in metres, for instance 120, or leave it out."},
        metadata={
            "description": "What the picture's width is in reality [m]; null: not known",
            "minimum": low,
            "maximum": high,
        },
    )


class FloorPlanSchema(Schema):
    """One floor plan; its picture has an address of its own and never changes."""

    id = fields.Integer()
    name = fields.String()
    width_px = fields.Integer(metadata={"description": "Of the picture [px]"})
    height_px = fields.Integer(metadata={"description": "Of the picture [px]"})
    size_bytes = fields.Integer()
    width_m = fields.Float(
        allow_none=True, metadata={"description": "Of the ground [m]; null: not known"}
    )
    height_m = fields.Float(
        allow_none=True, metadata={"description": "Of the ground [m]; null: not known"}
    )
    created_at = fields.AwareDateTime()
    created_by = fields.String()


class FloorPlanPageSchema(PageSchema):
    """All floor plans by name."""

    items = fields.List(fields.Nested(FloorPlanSchema))


class FloorPlanFormSchema(InputSchema):
    """What comes with the picture."""

    name = _name(required=True, error_messages={"required": "Give the plan a name."})
    width_m = _width_m()


class FloorPlanUploadSchema(FloorPlanFormSchema):
    """A plan to upload."""

    plan = fields.Raw(
        required=True,
        metadata={
            "type": "string",
            "format": "binary",
            "description": "JPEG, PNG or WebP, at most 10 MB and 40 megapixels",
        },
    )


class FloorPlanChangeSchema(InputSchema):
    """Changes of a plan; what is left out stays."""

    name = _name()
    width_m = _width_m()


class FloorPlanDeleteSchema(InputSchema):
    """How a plan is deleted."""

    force = fields.Boolean(
        load_default=False,
        metadata={"description": "Take the locations that stand on it off the map"},
    )
