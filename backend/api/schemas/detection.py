"""Shapes of detections on demand."""

from __future__ import annotations

from typing import Final

from marshmallow import Schema, fields, validate

from backend.api.schemas.cameras import ModelSchema
from backend.api.schemas.common import InputSchema
from backend.api.schemas.metrics import TRUST
from backend.services.detection.camera_detection import SPAN_LIMITS_S

_NAME_MAX: Final = 200
_COUNT_NOTE: Final = (
    "The count is always made at the installation's own limit, for which it is known how many "
    "people the detector misses"
)


class _WishSchema(InputSchema):
    confidence = fields.Float(
        validate=validate.Range(min=0, max=1, min_inclusive=False, max_inclusive=False),
        metadata={
            "description": "List only people found with at least this confidence; below the "
            f"installation's own limit there are none. {_COUNT_NOTE}."
        },
    )
    annotate = fields.Boolean(
        load_default=False,
        metadata={"description": "Also return the picture with the boxes drawn over it"},
    )


class PictureOptionsSchema(_WishSchema):
    """How a picture that is sent in is analysed."""

    model = fields.String(
        validate=validate.Length(min=1, max=_NAME_MAX),
        metadata={"description": "Name of a model in models/; the installation's own if left out"},
    )


class PictureSchema(PictureOptionsSchema):
    """A picture in JSON."""

    image = fields.String(
        required=True,
        metadata={
            "description": "JPEG, PNG or WebP in base64, alone or as a data URL. What it is is "
            "told from the content, not from the URL"
        },
    )


class PictureFormSchema(PictureOptionsSchema):
    """A picture in a multipart form."""

    image = fields.Raw(
        required=True,
        metadata={"type": "string", "format": "binary", "description": "JPEG, PNG or WebP"},
    )


class CameraLookSchema(_WishSchema):
    """How a camera's picture is analysed."""

    duration_seconds = fields.Float(
        validate=validate.Range(min=SPAN_LIMITS_S[0], max=SPAN_LIMITS_S[1]),
        metadata={
            "description": "Average the count over so many seconds, "
            f"{SPAN_LIMITS_S[0]:g}-{SPAN_LIMITS_S[1]:g}; one picture if left out [s]"
        },
    )


class PersonSchema(Schema):
    """One person found."""

    box = fields.List(
        fields.Float(),
        metadata={"description": "x0, y0, x1, y1 in the upright picture [px]"},
    )
    confidence = fields.Float(metadata={"description": "Of the detector, 0-1"})
    number = fields.Integer(metadata={"description": "Beside the box in the annotated picture"})


class PictureSizeSchema(Schema):
    """The picture that was looked at, upright."""

    width = fields.Integer(metadata={"description": "[px]"})
    height = fields.Integer(metadata={"description": "[px]"})


class SpanSchema(Schema):
    """Counts of the pictures of a span."""

    duration_s = fields.Float(metadata={"description": "From the first to the last picture [s]"})
    pictures = fields.Integer(metadata={"description": "How many were counted"})
    mean = fields.Float(metadata={"description": "People; the count of the answer"})
    minimum = fields.Float(metadata={"description": "People"})
    maximum = fields.Float(metadata={"description": "People"})


class DetectionSchema(Schema):
    """Who was found, and how many people that makes."""

    count = fields.Float(
        metadata={"description": f"People, those the detector misses allowed for. {_COUNT_NOTE}"}
    )
    count_low = fields.Float(metadata={"description": "Lower end of the 90 % interval"})
    count_high = fields.Float(
        allow_none=True,
        metadata={"description": "Upper end; null: at least count_low, the scene is too dense"},
    )
    trust = fields.String(validate=TRUST, metadata={"description": "Of the count"})
    trust_reason = fields.String(metadata={"description": "Why it is not ok, for a person"})
    detections = fields.List(
        fields.Nested(PersonSchema), metadata={"description": "The surest first"}
    )
    confidence = fields.Float(
        metadata={"description": "Lowest confidence of the detections listed, 0-1"}
    )
    picture = fields.Nested(PictureSizeSchema)
    model = fields.Nested(ModelSchema)
    timings_ms = fields.Dict(
        keys=fields.String(),
        values=fields.Float(),
        metadata={"description": "Stage -> time; total includes waiting for one's turn [ms]"},
    )
    annotated = fields.String(
        attribute="annotated_url",
        allow_none=True,
        metadata={"description": "JPEG data URL; null where it was not asked for"},
    )


class LocationUpdateSchema(Schema):
    """What became of the count in one location the camera shows."""

    location_id = fields.Integer()
    location_name = fields.String()
    is_updated = fields.Boolean(metadata={"description": "The count was entered, source API"})
    reason = fields.String(
        metadata={
            "description": "Why it was not, or why it is not the location's number all the same; "
            "empty for neither"
        }
    )


class CameraDetectionSchema(DetectionSchema):
    """What a camera shows now. A calibrated camera counts people in its monitored area only."""

    camera_id = fields.Integer()
    captured_at = fields.AwareDateTime(metadata={"description": "Of the picture looked at last"})
    age_s = fields.Float(metadata={"description": "Age of that picture [s]"})
    is_running = fields.Boolean(
        metadata={
            "description": "The camera is running and its newest picture was taken; else its "
            "source was opened for this"
        }
    )
    span = fields.Nested(
        SpanSchema, allow_none=True, metadata={"description": "Only with duration_seconds"}
    )
    locations = fields.List(
        fields.Nested(LocationUpdateSchema),
        metadata={"description": "Every location the camera shows part of"},
    )
