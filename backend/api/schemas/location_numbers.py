"""Shape of what is known of a location at one instant; the socket's ``crowd_update`` too."""

from __future__ import annotations

from typing import Final

from marshmallow import Schema, fields, validate

from backend.api.schemas.metrics import LEVEL, TRUST, CauseSchema
from backend.core.locations import CountSource, DensityLevel

_SOURCE: Final = validate.OneOf([source.value for source in CountSource])


def _people(description: str) -> fields.Float:
    return fields.Float(metadata={"description": f"{description} [people]"})


def _optional(description: str, unit: str) -> fields.Float:
    return fields.Float(
        allow_none=True, metadata={"description": f"{description} [{unit}]; null: not known"}
    )


def _trust() -> fields.String:
    return fields.String(
        validate=TRUST, metadata={"description": "What it is worth now; unknown: old or none"}
    )


def _at_least(description: str) -> fields.Float:
    return fields.Float(
        allow_none=True, metadata={"description": f"{description} [people]; null: at least"}
    )


class TimeToLimitSchema(Schema):
    """When the location is full if its net inflow stays as it is."""

    inflow_per_s = _optional("Net inflow; below 0 they leave", "people/s")
    inflow_low = _optional("Lower end of its 90 % interval", "people/s")
    inflow_high = _optional("Upper end of its 90 % interval", "people/s")
    seconds = fields.Float(
        allow_none=True,
        metadata={"description": "Until the limit, 0 when it is reached [s]; null: not approached"},
    )
    low_s = _optional("Lower end of its 90 % interval", "s")
    high_s = fields.Float(
        allow_none=True,
        metadata={"description": "Upper end of its 90 % interval [s]; null: perhaps never"},
    )


class CountPartSchema(Schema):
    """One of the numbers the location's count is made from."""

    source = fields.String(validate=_SOURCE)
    count = _people("As it was")
    count_low = _people("Lower end of the 90 % interval")
    count_high = _at_least("Upper end of the 90 % interval")
    trust = _trust()
    trust_reason = fields.String(metadata={"description": "Why it is not ok"})
    is_used = fields.Boolean(metadata={"description": "It set the location's count"})
    at = fields.AwareDateTime(
        allow_none=True,
        metadata={
            "description": "Of a number sent in, or of the last correction of a balance; null of "
            "one that is measured all the time"
        },
    )


class AreaShareSchema(Schema):
    """What one area adds to the count of cameras."""

    camera_id = fields.Integer()
    zone_id = fields.Integer(allow_none=True, metadata={"description": "null: whole picture"})
    count = _people("In the area as last measured")
    counted = _people("Of those counted here: less who is counted in an overlapping area")
    trust = _trust()
    trust_reason = fields.String(metadata={"description": "Why it is not ok"})
    risk_level = fields.String(
        allow_none=True,
        validate=LEVEL,
        metadata={"description": "Of the area; held, where it cannot be seen now"},
    )
    peak_density_per_m2 = _optional("Highest local density in it", "1/m²")


class BalanceSchema(Schema):
    """Who is inside by the counting lines."""

    base = _people("Inside when it was last corrected")
    count_in = fields.Integer(metadata={"description": "Passages in since then [people]"})
    count_out = fields.Integer(metadata={"description": "Passages out since then [people]"})
    count = _people("Inside; below 0 shows that it has drifted")
    since = fields.AwareDateTime(metadata={"description": "Last correction, UTC"})
    unseen_s = fields.Float(
        metadata={"description": "Since then a line was not seen for so long [s]"}
    )


class LocationNumbersSchema(Schema):
    """What is known of one location at one instant; null means not known, never zero."""

    location_id = fields.Integer()
    location_name = fields.String()
    current_count = _optional("In the location", "people")
    count_low = _optional("Lower end of the 90 % interval", "people")
    count_high = _at_least("Upper end of the 90 % interval")
    source = fields.String(
        allow_none=True,
        validate=_SOURCE,
        metadata={"description": "What set the count; null: nothing did"},
    )
    trust = _trust()
    trust_reason = fields.String(metadata={"description": "Why it is not ok"})
    capacity_limit = fields.Integer(
        allow_none=True, metadata={"description": "It may hold [people]; null: not known"}
    )
    occupancy_percentage = _optional("Count of the capacity", "%")
    density_level = fields.String(
        allow_none=True,
        validate=validate.OneOf([level.name for level in DensityLevel]),
        metadata={"description": "How full; null: neither occupancy nor density is known"},
    )
    density_from = fields.String(
        metadata={"description": "occupancy or density, whichever decided; empty for none"}
    )
    peak_density_per_m2 = _optional("Highest local density in its areas", "1/m²")
    risk_level = fields.String(
        validate=LEVEL, metadata={"description": "Highest of its areas and of its own causes"}
    )
    causes = fields.List(
        fields.Nested(CauseSchema),
        metadata={"description": "Of its own limits, most severe first"},
    )
    time_to_limit = fields.Nested(TimeToLimitSchema)
    parts = fields.List(
        fields.Nested(CountPartSchema),
        metadata={"description": "Every number there is, those not used included"},
    )
    shares = fields.List(
        fields.Nested(AreaShareSchema), metadata={"description": "In the order of its areas"}
    )
    balance = fields.Nested(
        BalanceSchema, allow_none=True, metadata={"description": "null without counting lines"}
    )
    last_updated = fields.AwareDateTime(metadata={"description": "When this was found out, UTC"})
    last_measured_at = fields.AwareDateTime(
        allow_none=True,
        metadata={"description": "When the newest number behind the count was true, UTC"},
    )
