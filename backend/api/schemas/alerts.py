"""Shapes of incidents."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from backend.api.schemas.common import InputSchema, PageSchema, id_field
from backend.api.schemas.metrics import LEVEL, TRUST, CauseSchema, TimeRangeQuerySchema
from backend.api.schemas.place_graph import CardSchema, ForecastSchema
from backend.db.alerts import AlertFamily, AlertOrigin, AlertStatus, DeliveryState

_STATUS = validate.OneOf([status.value for status in AlertStatus])


class AlertSchema(Schema):
    """One incident: opened once, updated while it lasts, resolved once."""

    id = fields.Integer()
    camera_id = fields.Integer(
        allow_none=True, metadata={"description": "null of a location, and once deleted"}
    )
    place_name = fields.String(
        metadata={"description": "Camera's or location's name; of a zone: Gate B on Camera 3"}
    )
    zone_id = fields.Integer(
        allow_none=True, metadata={"description": "null: the camera as a whole, or a location"}
    )
    zone_name = fields.String(allow_none=True, metadata={"description": "As it was at the start"})
    location_id = fields.Integer(
        allow_none=True, metadata={"description": "null: of a camera or one of its zones"}
    )
    family = fields.String(validate=validate.OneOf([family.value for family in AlertFamily]))
    level = fields.String(validate=LEVEL, metadata={"description": "SAFE: information only"})
    peak_level = fields.String(validate=LEVEL)
    status = fields.String(validate=_STATUS)
    origin = fields.String(
        validate=validate.OneOf([origin.value for origin in AlertOrigin]),
        metadata={"description": "Only LIVE incidents are sent out; SIMULATED: nobody is there"},
    )
    cause = fields.String(metadata={"description": "Key of the leading cause"})
    message = fields.String(metadata={"description": "Sentence with number and limit"})
    causes = fields.List(fields.Nested(CauseSchema))
    metrics = fields.Dict(
        keys=fields.String(), metadata={"description": "Numbers in force at the last change"}
    )
    trust = fields.String(validate=TRUST)
    score = fields.Float(allow_none=True, metadata={"description": "0-100"})
    peak_count = fields.Float(allow_none=True)
    peak_density_per_m2 = fields.Float(allow_none=True, metadata={"description": "[1/m²]"})
    opened_at = fields.AwareDateTime()
    updated_at = fields.AwareDateTime()
    acknowledged_at = fields.AwareDateTime(allow_none=True)
    acknowledged_by = fields.String(allow_none=True)
    acknowledge_note = fields.String()
    resolved_at = fields.AwareDateTime(allow_none=True)
    resolved_by = fields.String(
        allow_none=True, metadata={"description": "null: resolved by itself"}
    )
    resolve_note = fields.String()
    has_snapshot = fields.Boolean()


class AlertPageSchema(PageSchema):
    """One page of incidents, the latest opened first."""

    items = fields.List(fields.Nested(AlertSchema))


class AlertEventSchema(Schema):
    """One line of an incident's timeline."""

    at = fields.AwareDateTime()
    kind = fields.String(
        metadata={
            "description": "opened, escalated, changed, cleared, acknowledged, resolved, notified "
            "or notification_failed"
        }
    )
    username = fields.String()
    detail = fields.Dict(keys=fields.String())


class DeliverySchema(Schema):
    """One notification: receipt or failure."""

    id = fields.Integer()
    channel = fields.String()
    state = fields.String(validate=validate.OneOf([state.value for state in DeliveryState]))
    attempts = fields.Integer()
    last_error = fields.String()
    created_at = fields.AwareDateTime()
    next_attempt_at = fields.AwareDateTime()
    delivered_at = fields.AwareDateTime(allow_none=True)


class AlertDetailSchema(AlertSchema):
    """One incident with its timeline, its notifications, and what may be done about it."""

    action_card = fields.Nested(
        CardSchema, allow_none=True, metadata={"description": "null: none is written"}
    )
    forecast = fields.Nested(
        ForecastSchema,
        allow_none=True,
        metadata={"description": "As of now; null: none is made, or the incident is over"},
    )
    events = fields.List(fields.Nested(AlertEventSchema))
    deliveries = fields.List(fields.Nested(DeliverySchema))


class AlertQuerySchema(TimeRangeQuerySchema):
    """Which incidents."""

    status = fields.String(validate=_STATUS)
    level = fields.String(validate=LEVEL)
    camera_id = id_field()
    location = id_field()


class DecisionSchema(InputSchema):
    """What a person says with a decision."""

    note = fields.String(load_default="", validate=validate.Length(max=2000))


class CountSchema(Schema):
    """A number."""

    count = fields.Integer()
