"""Shapes of what is chosen for a camera: exits, model, tiles, tracker, scenario."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from backend.api.schemas.common import InputSchema, PageSchema
from backend.core.calibration import ExitKind
from backend.core.camera import TrackerKind
from backend.services.camera.detection import MODEL_MAX, TILES_MAX, TILES_SIDE_MAX
from backend.services.camera_rules import EXIT_LIMITS_M

_TYPED_TILES_MAX = 20
"""Longer than any grid: what is wrong with it is said in words."""


def model_field() -> fields.String:
    """Return the field of a camera's model."""
    return fields.String(
        allow_none=True,
        validate=validate.Length(max=MODEL_MAX),
        metadata={
            "description": "Name of a model of GET /api/cameras/models; null: the installation's "
            "own. Where it cannot be loaded that one is used and status.model.remedy says why"
        },
    )


def tiles_field() -> fields.String:
    """Return the field of a camera's tiles."""
    return fields.String(
        validate=validate.Length(max=_TYPED_TILES_MAX),
        metadata={
            "description": "Columns x rows the picture is cut into, such as 3x2, "
            f"1-{TILES_SIDE_MAX} each and at most {TILES_MAX} in all; 1x1: the whole picture; "
            "empty: what the model is made for. Each tile costs as much as a whole picture"
        },
    )


def tracker_field() -> fields.String:
    """Return the field of a camera's tracker."""
    return fields.String(
        validate=validate.OneOf([kind.value for kind in TrackerKind]),
        metadata={"description": "How people are followed from frame to frame"},
    )


def moving_field() -> fields.Boolean:
    """Return the field that says whether a camera moves."""
    return fields.Boolean(
        metadata={
            "description": "The camera pans, sways or is carried: tracks are compensated for its "
            "motion"
        }
    )


class ExitSchema(InputSchema):
    """One way out of the monitored place."""

    width_m = fields.Float(
        required=True,
        metadata={"description": f"Clear width, {EXIT_LIMITS_M[0]:g}-{EXIT_LIMITS_M[1]:g} [m]"},
    )
    kind = fields.String(
        load_default=ExitKind.LEVEL.value,
        validate=validate.OneOf([kind.value for kind in ExitKind]),
        metadata={"description": "What it leads over; decides its flow"},
    )


class ScenarioSchema(Schema):
    """What a simulated camera can show."""

    name = fields.String(metadata={"description": "The source of a camera; a seed may follow: :7"})
    title = fields.String()
    description = fields.String(metadata={"description": "What happens, and how dangerous it is"})
    people_limit = fields.Integer(metadata={"description": "People the place may hold"})
    exits = fields.List(fields.Nested(ExitSchema))


class ScenarioPageSchema(PageSchema):
    """Every scenario, mildest first."""

    items = fields.List(fields.Nested(ScenarioSchema))


class AvailableModelSchema(Schema):
    """A model that cameras can be given, or the reason why not."""

    name = fields.String(metadata={"description": "Goes into detection_model"})
    runtime = fields.String()
    precision = fields.String(metadata={"description": "Of its weights; empty where not known"})
    input_hw = fields.List(
        fields.Integer(),
        allow_none=True,
        metadata={"description": "Height and width of its input [px]; null where free"},
    )
    reduced_accuracy = fields.Boolean()
    is_default = fields.Boolean(
        metadata={"description": "The installation's own, for cameras without a choice"}
    )
    problem = fields.String(metadata={"description": "Why it cannot be used; empty where it can"})


class AvailableModelPageSchema(PageSchema):
    """Models of this installation, its own first."""

    items = fields.List(fields.Nested(AvailableModelSchema))
