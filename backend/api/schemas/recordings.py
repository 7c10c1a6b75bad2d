"""Shapes of recorded segments."""

from __future__ import annotations

from marshmallow import Schema, fields

from backend.api.schemas.common import InputSchema, PageSchema, id_field
from backend.api.schemas.metrics import TimeRangeQuerySchema


class RecordingSchema(Schema):
    """One segment of annotated video."""

    id = fields.Integer()
    camera_id = fields.Integer()
    camera_name = fields.String()
    run_id = fields.Integer()
    started_at = fields.AwareDateTime()
    ended_at = fields.AwareDateTime(allow_none=True)
    duration_s = fields.Float(metadata={"description": "[s]"})
    frames = fields.Integer()
    width = fields.Integer(metadata={"description": "[px]"})
    height = fields.Integer(metadata={"description": "[px]"})
    size_bytes = fields.Integer()
    is_open = fields.Boolean(metadata={"description": "Still being recorded"})
    is_simulated = fields.Boolean(
        metadata={"description": "Of a simulated camera: nobody was there"}
    )


class RecordingPageSchema(PageSchema):
    """One page of segments, newest first."""

    items = fields.List(fields.Nested(RecordingSchema))


class RecordingQuerySchema(TimeRangeQuerySchema):
    """Which segments."""

    camera_id = id_field()


class VideoQuerySchema(InputSchema):
    """How the video is sent."""

    download = fields.Boolean(
        load_default=False, metadata={"description": "Offer it as a file instead of playing it"}
    )
