"""Shapes of cameras, their state and their jobs."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, post_load, pre_load, validate
from marshmallow.exceptions import ValidationError

from backend.api.schemas import camera_choices as choices
from backend.api.schemas.calibration import CalibrationSummarySchema
from backend.api.schemas.camera_choices import ExitSchema
from backend.api.schemas.common import InputSchema, PageSchema
from backend.api.schemas.metrics import MetricSchema
from backend.core.camera import CameraState, JobState, Overlay, SourceType
from backend.services.camera_rules import (
    DISPLAY_MAX,
    EXITS_MAX,
    NAME_MAX,
    SOURCE_MAX,
)

_TYPES = [kind.value for kind in SourceType]
_STATUSES = ["connecting", "live", "reconnecting", "offline", "failed"]


def _source_field(*, required: bool = False) -> fields.String:
    return fields.String(
        required=required,
        load_only=True,
        validate=validate.Length(max=SOURCE_MAX),
        metadata={
            "description": "Address, device number or path; of a simulated camera its scenario, "
            "peak or peak:7 with a seed. Write-only: it may hold credentials, is encrypted at rest "
            "and only comes back as source_display."
        },
    )


class ModelSchema(Schema):
    """Which detector produces the numbers."""

    name = fields.String()
    runtime = fields.String()
    precision = fields.String()
    input_hw = fields.List(
        fields.Integer(), metadata={"description": "Height and width of the network input [px]"}
    )
    tiles = fields.Integer(metadata={"description": "Tiles a frame is cut into"})
    reduced_accuracy = fields.Boolean()
    remedy = fields.String(metadata={"description": "What to do about reduced accuracy"})


class CameraLoadSchema(Schema):
    """How much of what a live camera delivers is analysed."""

    wanted_hz = fields.Float(
        allow_none=True, metadata={"description": "Target rate, or what the source delivers [1/s]"}
    )
    analysed_hz = fields.Float(allow_none=True, metadata={"description": "[1/s]"})
    shed_share = fields.Float(
        metadata={"description": "0-1, wanted frames left out; 0 while the camera keeps up"}
    )
    reason = fields.String(metadata={"description": "Why frames are left out, for a person"})
    lag_s = fields.Float(
        allow_none=True, metadata={"description": "Age of the newest frame when published [s]"}
    )


class CameraStatusSchema(Schema):
    """State of a camera's thread."""

    state = fields.String(validate=validate.OneOf([state.value for state in CameraState]))
    status = fields.String(validate=validate.OneOf(_STATUSES))
    message = fields.String(metadata={"description": "Why, for a person"})
    last_frame_age_s = fields.Float(allow_none=True, metadata={"description": "[s]"})
    reconnects = fields.Integer()
    dropped_frames = fields.Integer(metadata={"description": "Live frames skipped"})
    restarts = fields.Integer(metadata={"description": "By the watchdog"})
    fps = fields.Float(allow_none=True, metadata={"description": "Analysed frames [1/s]"})
    width = fields.Integer(allow_none=True, metadata={"description": "[px]"})
    height = fields.Integer(allow_none=True, metadata={"description": "[px]"})
    nominal_fps = fields.Float(allow_none=True, metadata={"description": "Declared [1/s]"})
    duration_s = fields.Float(allow_none=True, metadata={"description": "Recordings [s]"})
    decoder = fields.String(
        allow_none=True, metadata={"description": "software, or the device that decodes"}
    )
    decoder_note = fields.String(
        metadata={"description": "Why no device decodes; empty where one does or none is wanted"}
    )
    model = fields.Nested(ModelSchema, allow_none=True)
    calibration_fault = fields.String(
        metadata={"description": "Why the stored calibration is not used; empty where it is"}
    )
    places_fault = fields.String(
        metadata={"description": "Why zones and lines may lie on other ground; empty otherwise"}
    )
    analysis_load = fields.Nested(CameraLoadSchema, allow_none=True)


class JobSchema(Schema):
    """How far the analysis of an uploaded recording has come."""

    state = fields.String(validate=validate.OneOf([state.value for state in JobState]))
    fraction = fields.Float(allow_none=True, metadata={"description": "0-1; null: not known"})
    frames_done = fields.Integer()
    frames_total = fields.Integer(allow_none=True)
    stream_time_s = fields.Float(metadata={"description": "Analysed so far [s]"})
    duration_s = fields.Float(allow_none=True, metadata={"description": "[s]"})
    original_name = fields.String(allow_none=True)
    size_bytes = fields.Integer(allow_none=True)
    recorded_at = fields.AwareDateTime(allow_none=True)
    queued_at = fields.AwareDateTime(allow_none=True)
    started_at = fields.AwareDateTime(allow_none=True)
    finished_at = fields.AwareDateTime(allow_none=True)
    error = fields.String()


class CameraSchema(Schema):
    """A camera with its state, its job (uploads) and its current numbers."""

    id = fields.Integer()
    name = fields.String()
    source_type = fields.String(validate=validate.OneOf(_TYPES))
    source_display = fields.String(
        validate=validate.Length(max=DISPLAY_MAX),
        metadata={"description": "The source without credentials"},
    )
    true_fps = fields.Float(allow_none=True, metadata={"description": "[1/s]"})
    loop = fields.Boolean()
    area_m2 = fields.Float(allow_none=True, metadata={"description": "[m²]"})
    people_limit = fields.Integer(allow_none=True)
    target_fps = fields.Float(allow_none=True, metadata={"description": "[1/s]"})
    record = fields.Boolean()
    exits = fields.List(fields.Nested(ExitSchema))
    detection_model = choices.model_field()
    detection_tiles = choices.tiles_field()
    tracker = choices.tracker_field()
    is_moving = choices.moving_field()
    is_simulated = fields.Boolean(
        metadata={"description": "Nobody stands before it; its incidents are never sent out"}
    )
    should_run = fields.Boolean(metadata={"description": "Starts again after a restart"})
    owner_id = fields.Integer(allow_none=True)
    created_at = fields.AwareDateTime()
    updated_at = fields.AwareDateTime()
    status = fields.Nested(CameraStatusSchema)
    job = fields.Nested(JobSchema, allow_none=True)
    calibration = fields.Nested(CalibrationSummarySchema, allow_none=True)
    current = fields.Nested(MetricSchema, allow_none=True)


class CameraPageSchema(PageSchema):
    """Cameras by name."""

    items = fields.List(fields.Nested(CameraSchema))


class _CameraFieldsSchema(InputSchema):
    true_fps = fields.Float(
        allow_none=True,
        metadata={"description": "True frame rate of a file whose header lies, 0.1-240 [1/s]"},
    )
    loop = fields.Boolean(metadata={"description": "Play a file again from its start"})
    area_m2 = fields.Float(
        allow_none=True, metadata={"description": "Monitored area, 0.5-1000000 [m²]"}
    )
    people_limit = fields.Integer(
        allow_none=True, strict=True, metadata={"description": "People the place may hold"}
    )
    target_fps = fields.Float(
        allow_none=True,
        metadata={"description": "Analysed frames at most, 0.1-60, live cameras only [1/s]"},
    )
    record = fields.Boolean(metadata={"description": "Record the annotated video"})
    exits = fields.List(
        fields.Nested(ExitSchema),
        validate=validate.Length(max=EXITS_MAX),
        metadata={"description": f"Ways out, the whole list, at most {EXITS_MAX}"},
    )
    detection_model = choices.model_field()
    detection_tiles = choices.tiles_field()
    tracker = choices.tracker_field()
    is_moving = choices.moving_field()

    @pre_load
    def _number_as_text(self, values: Any, **_context: object) -> Any:
        """A USB device may be given as a number."""
        if isinstance(values, dict) and type(values.get("source")) is int:
            return {**values, "source": str(values["source"])}
        return values

    @post_load
    def _as_type(self, values: dict[str, Any], **_context: object) -> dict[str, Any]:
        if "source_type" in values:
            values["source_type"] = SourceType(values["source_type"])
        return values


class CameraCreateSchema(_CameraFieldsSchema):
    """A new camera."""

    name = fields.String(required=True, validate=validate.Length(min=1, max=NAME_MAX))
    source_type = fields.String(required=True, validate=validate.OneOf(_TYPES))
    source = _source_field()
    loop = fields.Boolean(load_default=False)
    record = fields.Boolean(load_default=True)


class CameraChangeSchema(_CameraFieldsSchema):
    """Change of a camera; only what is given changes, the source stays without `source`."""

    name = fields.String(validate=validate.Length(min=1, max=NAME_MAX))
    source_type = fields.String(validate=validate.OneOf(_TYPES))
    source = _source_field()


class SourceTestSchema(InputSchema):
    """A source to be tried."""

    source_type = fields.String(required=True, validate=validate.OneOf(_TYPES))
    source = _source_field(required=True)


class CameraTestSchema(Schema):
    """Outcome of a test: does it open, what does it show?"""

    ok = fields.Boolean(metadata={"description": "Whether a picture came"})
    message = fields.String(metadata={"description": "What came, or why nothing did"})
    width = fields.Integer(allow_none=True, metadata={"description": "[px]"})
    height = fields.Integer(allow_none=True, metadata={"description": "[px]"})
    fps = fields.Float(allow_none=True, metadata={"description": "[1/s]"})
    codec = fields.String(allow_none=True)
    picture = fields.String(
        allow_none=True, metadata={"description": "First frame as a JPEG data URL"}
    )


class PictureQuerySchema(InputSchema):
    """How a picture is drawn."""

    overlays = fields.String(
        metadata={
            "description": "Comma-separated: "
            + ", ".join(overlay.value for overlay in Overlay)
            + "; empty for none"
        }
    )
    width = fields.Integer(
        validate=validate.Range(min=160, max=3840),
        metadata={"description": "Pixels; never more than the camera has"},
    )

    @post_load
    def _as_overlays(self, values: dict[str, Any], **_context: object) -> dict[str, Any]:
        text = values.get("overlays")
        if text is None:
            return values
        known = {overlay.value for overlay in Overlay}
        names = {name.strip() for name in text.split(",") if name.strip()}
        if names - known:
            raise ValidationError(
                f"Unknown: {', '.join(sorted(names - known))[:100]}. "
                f"Known: {', '.join(sorted(known))}.",
                field_name="overlays",
            )
        values["overlays"] = frozenset(Overlay(name) for name in names)
        return values
