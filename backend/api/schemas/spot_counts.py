"""Shapes of spot counts."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from backend.api.schemas.common import InputSchema, PageQuerySchema, PageSchema
from backend.core.measurements import CountMethod
from backend.services.spot_counts.draft import MOST_COUNTED, NOTE_MAX, SpotCountDraft
from backend.services.spot_counts.views import CountedArea
from backend.web.converters import LARGEST_ID

_WHOLE = "Give a whole number of people."


def _zone_id() -> fields.Integer:
    return fields.Integer(
        strict=True,
        allow_none=True,
        load_default=None,
        validate=validate.Range(min=1, max=LARGEST_ID),
        metadata={"description": "Zone that is counted; left out: the whole picture"},
    )


class StillInputSchema(InputSchema):
    """Which place of the picture is to be counted."""

    zone_id = _zone_id()


class StillSchema(Schema):
    """A still to count. What was measured of it is told after the count."""

    token = fields.String(metadata={"description": "Goes with the count"})
    camera_id = fields.Integer()
    taken_at = fields.AwareDateTime()
    expires_in_s = fields.Float(metadata={"description": "How long the still is kept [s]"})
    zone_id = fields.Integer(allow_none=True)
    zone_name = fields.String(allow_none=True)
    area = fields.Enum(
        CountedArea,
        by_value=True,
        metadata={"description": "Who is to be counted: all, or who stands in the border drawn"},
    )
    picture_url = fields.String(metadata={"description": "The still as JPEG"})


class SpotCountInputSchema(InputSchema):
    """What a person counted."""

    count = fields.Integer(
        strict=True,
        required=True,
        error_messages={
            "required": _WHOLE,
            "null": _WHOLE,
            "invalid": _WHOLE,
            "too_large": _WHOLE,
        },
        metadata={"description": "People counted", "minimum": 0, "maximum": MOST_COUNTED},
    )
    token = fields.String(
        allow_none=True,
        load_default=None,
        metadata={"description": "Of the still that was counted; left out: the picture of now"},
    )
    zone_id = _zone_id()
    note = fields.String(load_default="", metadata={"maxLength": NOTE_MAX})

    @post_load
    def _as_draft(self, values: dict[str, Any], **_context: object) -> object:
        return SpotCountDraft(**values)


class SpotCountSchema(Schema):
    """One count beside what was measured of the same picture."""

    id = fields.Integer()
    camera_id = fields.Integer()
    zone_id = fields.Integer(allow_none=True, metadata={"description": "null: the whole picture"})
    zone_name = fields.String(allow_none=True)
    at = fields.AwareDateTime(metadata={"description": "When the picture was taken"})
    entered_at = fields.AwareDateTime()
    counted = fields.Integer(metadata={"description": "[people]"})
    measured = fields.Float(metadata={"description": "[people]"})
    measured_low = fields.Float(metadata={"description": "Lower end, 90 % interval [people]"})
    measured_high = fields.Float(
        allow_none=True,
        metadata={"description": "Upper end; null: at least the lower one [people]"},
    )
    difference = fields.Float(metadata={"description": "Measured less counted [people]"})
    error_percent = fields.Float(
        allow_none=True,
        metadata={"description": "The difference of those counted; null: nobody was [%]"},
    )
    is_inside = fields.Boolean(metadata={"description": "Whether the interval holds the count"})
    trust = fields.String()
    method = fields.String(metadata={"enum": [method.value for method in CountMethod]})
    model = fields.String()
    by = fields.String(metadata={"description": "Who counted"})
    note = fields.String()


class RollingErrorSchema(Schema):
    """Errors of the newest counts of one place; null where there is nothing to say."""

    n = fields.Integer(metadata={"description": "Counts they rest on"})
    window = fields.Integer(metadata={"description": "Most counts they may rest on"})
    is_few = fields.Boolean(metadata={"description": "Too few to say anything of the place"})
    mean_error = fields.Float(
        allow_none=True, metadata={"description": "Mean of measured less counted [people]"}
    )
    mean_absolute_error = fields.Float(
        allow_none=True, metadata={"description": "Mean size of the error [people]"}
    )
    mean_absolute_percent = fields.Float(
        allow_none=True,
        metadata={"description": "Mean size of the error of the people counted [%]"},
    )
    interval_coverage = fields.Float(
        allow_none=True, metadata={"description": "Share of counts inside the interval, 0-1"}
    )
    since = fields.AwareDateTime(
        allow_none=True, metadata={"description": "When the oldest of these pictures was taken"}
    )
    models = fields.List(fields.String(), metadata={"description": "Detectors that measured"})


class EnteredCountSchema(SpotCountSchema):
    """The count that was entered, and the errors of its place with it."""

    rolling = fields.Nested(RollingErrorSchema)


class PlaceErrorSchema(Schema):
    """Errors of one place of a camera."""

    zone_id = fields.Integer(allow_none=True, metadata={"description": "null: the whole picture"})
    zone_name = fields.String(allow_none=True)
    rolling = fields.Nested(RollingErrorSchema)


class SpotCountPageSchema(PageSchema):
    """One page of counts, the newest picture first, with the errors they make."""

    items = fields.List(fields.Nested(SpotCountSchema))
    rolling = fields.Nested(
        RollingErrorSchema,
        metadata={"description": "Of the place asked for; of the whole picture where none was"},
    )
    places = fields.List(
        fields.Nested(PlaceErrorSchema), metadata={"description": "Of every place ever counted"}
    )


class SpotCountQuerySchema(PageQuerySchema):
    """Which counts."""

    zone_id = fields.Integer(
        validate=validate.Range(min=0, max=LARGEST_ID),
        metadata={"description": "Only of this zone; 0: only of the whole picture"},
    )
