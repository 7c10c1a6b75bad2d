"""Shapes of the place graph: places, links between them, forecasts and action cards."""

from __future__ import annotations

from typing import Any, Final

from marshmallow import Schema, fields, post_load, validate

from backend.api.schemas.common import InputSchema
from backend.api.schemas.location_numbers import TimeToLimitSchema
from backend.api.schemas.metrics import LEVEL, TRUST
from backend.core.place_graph import PlaceKind, PlaceRef
from backend.services.place_graph.checks import NAME_MAX, TEXT_MAX, WALK_LIMITS_S
from backend.services.place_graph.draft import CardDraft, LineChoice, LinkDraft
from backend.web.converters import LARGEST_ID

_KINDS: Final = [kind.value for kind in PlaceKind]
_LOWEST_WALK_S, _HIGHEST_WALK_S = WALK_LIMITS_S


def _row_id() -> fields.Integer:
    return fields.Integer(
        required=True, strict=True, validate=validate.Range(min=1, max=LARGEST_ID)
    )


class PlaceRefInputSchema(InputSchema):
    """A place as named by people."""

    kind = fields.String(required=True, validate=validate.OneOf(_KINDS))
    place_id = _row_id()

    @post_load
    def _as_ref(self, values: dict[str, Any], **_context: object) -> object:
        return PlaceRef(PlaceKind(values["kind"]), values["place_id"])


class GraphQuerySchema(InputSchema):
    """Which places, beside those worth a look."""

    also = fields.String(
        validate=validate.Regexp(
            "^(zone|location)-[0-9]{1,18}$", error="Give a place such as zone-3 or location-1."
        ),
        metadata={"description": "A place that is wanted too: zone-3, location-1"},
    )

    @post_load
    def _as_ref(self, values: dict[str, Any], **_context: object) -> object:
        if "also" not in values:
            return values
        kind, _dash, place_id = values["also"].partition("-")
        return {"also": PlaceRef(PlaceKind(kind), int(place_id))}


class LineChoiceSchema(InputSchema):
    """The counting line of a link."""

    line_id = _row_id()
    is_reversed = fields.Boolean(
        load_default=False,
        metadata={"description": "Who goes in over the line comes from the target"},
    )

    @post_load
    def _as_choice(self, values: dict[str, Any], **_context: object) -> object:
        return LineChoice(**values)


def _name(**rest: Any) -> fields.String:
    return fields.String(
        metadata={
            "description": "Of the way, as people call it: Gate B",
            "minLength": 1,
            "maxLength": NAME_MAX,
        },
        **rest,
    )


def _line() -> fields.Nested:
    return fields.Nested(
        LineChoiceSchema, allow_none=True, metadata={"description": "null: nobody counts"}
    )


def _is_gate() -> fields.Boolean:
    return fields.Boolean(metadata={"description": "It can be held"})


def _walk() -> fields.Float:
    return fields.Float(
        allow_none=True,
        allow_nan=True,  # refused with the others, by the rules of links
        error_messages={"invalid": "Give a number of seconds, or leave it empty."},
        metadata={
            "description": "Time the way takes; null: not known [s]",
            "minimum": _LOWEST_WALK_S,
            "maximum": _HIGHEST_WALK_S,
        },
    )


class LinkInputSchema(InputSchema):
    """A link as given."""

    name = _name(required=True)
    source = fields.Nested(PlaceRefInputSchema, required=True)
    target = fields.Nested(PlaceRefInputSchema, required=True)
    line = _line()
    is_gate = _is_gate()
    walk_s = _walk()

    @post_load
    def _as_draft(self, values: dict[str, Any], **_context: object) -> object:
        return LinkDraft(**values)


class LinkChangeSchema(InputSchema):
    """Fields of a link to be changed; a missing one stays."""

    name = _name()
    source = fields.Nested(PlaceRefInputSchema)
    target = fields.Nested(PlaceRefInputSchema)
    line = _line()
    is_gate = _is_gate()
    walk_s = _walk()


class EndSchema(Schema):
    """A place as an end of a link."""

    kind = fields.String(validate=validate.OneOf(_KINDS))
    place_id = fields.Integer()
    name = fields.String()
    camera_name = fields.String(allow_none=True, metadata={"description": "null of a location"})


class LinkLineSchema(Schema):
    """The counting line of a link."""

    line_id = fields.Integer()
    name = fields.String()
    camera_id = fields.Integer()
    camera_name = fields.String()
    is_reversed = fields.Boolean(
        metadata={"description": "Who goes in over the line comes from the target"}
    )


class LinkSchema(Schema):
    """People go from one place to another."""

    id = fields.Integer()
    name = _name()
    source = fields.Nested(EndSchema)
    target = fields.Nested(EndSchema)
    line = fields.Nested(LinkLineSchema, allow_none=True)
    is_gate = _is_gate()
    walk_s = _walk()
    flow_per_s = fields.Float(
        allow_none=True,
        metadata={"description": "From source to target; null: not known now [people/s]"},
    )
    back_per_s = fields.Float(
        allow_none=True, metadata={"description": "From target to source [people/s]"}
    )
    trust = fields.String(validate=TRUST, metadata={"description": "Of the flow"})
    trust_reason = fields.String()


class GateSchema(Schema):
    """What holding a gate would change."""

    link_id = fields.Integer()
    name = fields.String()
    source_name = fields.String(metadata={"description": "Where people would wait"})
    walk_s = fields.Float(
        allow_none=True, metadata={"description": "Those on the way arrive all the same [s]"}
    )
    flow_per_s = fields.Float(
        allow_none=True, metadata={"description": "null: nobody counts [people/s]"}
    )
    held = fields.Nested(
        TimeToLimitSchema, allow_none=True, metadata={"description": "Of the place, without them"}
    )
    source = fields.Nested(
        TimeToLimitSchema,
        allow_none=True,
        metadata={"description": "Of the place before the gate, if they stayed there"},
    )


class ForecastSchema(Schema):
    """How long a place has got."""

    at = fields.AwareDateTime(metadata={"description": "When it was made"})
    age_s = fields.Float(metadata={"description": "Seconds since then"})
    limit = fields.Integer(allow_none=True, metadata={"description": "It is made for [people]"})
    now = fields.Nested(TimeToLimitSchema)
    gates = fields.List(
        fields.Nested(GateSchema), metadata={"description": "Those that bring most first"}
    )


class NodeSchema(Schema):
    """A place of the graph."""

    kind = fields.String(validate=validate.OneOf(_KINDS))
    place_id = fields.Integer()
    name = fields.String()
    camera_id = fields.Integer(allow_none=True, metadata={"description": "null of a location"})
    camera_name = fields.String(allow_none=True)
    limit = fields.Integer(allow_none=True, metadata={"description": "People it may hold"})
    count = fields.Float(allow_none=True, metadata={"description": "null: nothing is known"})
    count_low = fields.Float(allow_none=True, metadata={"description": "90 % interval"})
    count_high = fields.Float(allow_none=True, metadata={"description": 'null: "at least"'})
    trust = fields.String(validate=TRUST)
    trust_reason = fields.String()
    risk_level = fields.String(validate=LEVEL, allow_none=True)
    is_simulated = fields.Boolean(metadata={"description": "Nobody stands there"})
    has_card = fields.Boolean(metadata={"description": "An action card is written for it"})
    forecast = fields.Nested(
        ForecastSchema, allow_none=True, metadata={"description": "null: nothing is measured"}
    )


class GraphSchema(Schema):
    """All linked places, those with a limit or a card, and the links between them."""

    nodes = fields.List(fields.Nested(NodeSchema))
    links = fields.List(fields.Nested(LinkSchema))


class LineOfferSchema(Schema):
    """A counting line a link may be given."""

    line_id = fields.Integer()
    name = fields.String()
    camera_id = fields.Integer()
    camera_name = fields.String()


class ChoicesSchema(Schema):
    """What there is to be linked."""

    places = fields.List(fields.Nested(EndSchema))
    lines = fields.List(fields.Nested(LineOfferSchema))


def _text(description: str) -> fields.String:
    return fields.String(metadata={"description": description, "maxLength": TEXT_MAX})


class CardInputSchema(InputSchema):
    """An action card as given; what is left out is empty."""

    hold_gate = _text("Which gate to hold, and how")
    open_route = _text("Which way to open")
    pa_text = _text("Words for the public address")
    person_on_duty = _text("Who decides here, and how to reach them")

    @post_load
    def _as_draft(self, values: dict[str, Any], **_context: object) -> object:
        return CardDraft(**values)


class CardSchema(Schema):
    """What to do when a place is too full; an empty text: nothing is written for it."""

    kind = fields.String(validate=validate.OneOf(_KINDS))
    place_id = fields.Integer()
    hold_gate = _text("Which gate to hold, and how")
    open_route = _text("Which way to open")
    pa_text = _text("Words for the public address")
    person_on_duty = _text("Who decides here, and how to reach them")
    updated_at = fields.AwareDateTime(allow_none=True)
    updated_by = fields.String()
