"""Shapes of what is sent in for locations, and of what they are looked back on by."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from marshmallow import Schema, fields, post_load, validate

from backend.api.schemas.common import BELIEVABLE_TIME, InputSchema, PageQuerySchema, PageSchema
from backend.api.schemas.location_numbers import LocationNumbersSchema
from backend.api.schemas.metrics import LEVEL, TRUST
from backend.core.locations import ENTRY_SOURCES, DensityLevel
from backend.services.locations.entries import COUNT_LIMITS, NOTE_MAX, EntryDraft
from backend.services.locations.log import EntryKind
from backend.services.locations.stats import HOURS_LIMITS, PEAK_KNOWN_S


def _note() -> fields.String:
    return fields.String(
        load_default="", metadata={"description": "For the log", "maxLength": NOTE_MAX}
    )


def _count() -> fields.Integer:
    return fields.Integer(
        strict=True,
        required=True,
        error_messages={"invalid": "Give a whole number of people."},
        metadata={
            "description": "People in the location",
            "minimum": COUNT_LIMITS[0],
            "maximum": COUNT_LIMITS[1],
        },
    )


class EntryInputSchema(InputSchema):
    """A number of people, sent in by a person or another system."""

    count = _count()
    source = fields.String(
        load_default=EntryDraft(count=0).source,
        metadata={
            "description": "MANUAL: typed in by a person; API: sent by another system; EDGE: by "
            "a camera or sensor that counts by itself",
            "enum": [source.value for source in ENTRY_SOURCES],
        },
    )
    at = fields.AwareDateTime(
        allow_none=True,
        load_default=None,
        default_timezone=UTC,
        validate=BELIEVABLE_TIME,
        metadata={
            "description": "When it was true, ISO 8601, UTC without a zone; now where left out"
        },
    )
    note = _note()

    @post_load
    def _as_draft(self, values: dict[str, Any], **_context: object) -> object:
        return EntryDraft(**values)


class CorrectionInputSchema(InputSchema):
    """How many people are inside: the counting lines count from there on."""

    count = _count()
    note = _note()


class EntrySchema(Schema):
    """One entry of the log."""

    id = fields.Integer()
    kind = fields.String(
        validate=validate.OneOf([kind.value for kind in EntryKind]),
        metadata={"description": "A number sent in, or a correction of the lines' balance"},
    )
    source = fields.String(metadata={"description": "MANUAL, API or EDGE; LINE of a correction"})
    count = fields.Float(metadata={"description": "People"})
    was = fields.Float(
        allow_none=True,
        metadata={"description": "Balance before a correction [people]; null of a count"},
    )
    at = fields.AwareDateTime(metadata={"description": "When the number was true, UTC"})
    by = fields.String(metadata={"description": "User name"})
    note = fields.String()


class EnteredSchema(Schema):
    """What came of a number sent in."""

    entry = fields.Nested(EntrySchema)
    numbers = fields.Nested(
        LocationNumbersSchema,
        allow_none=True,
        metadata={"description": "Known now; at most a second older than the entry"},
    )
    note = fields.String(
        metadata={"description": "Why it is not the location's number; empty where it is"}
    )


class EntryPageSchema(PageSchema):
    """One page of the log, newest first."""

    items = fields.List(fields.Nested(EntrySchema))


class LogQuerySchema(PageQuerySchema):
    """Which entries; times without a zone are UTC."""

    kind = fields.String(validate=validate.OneOf([kind.value for kind in EntryKind]))
    since = fields.AwareDateTime(
        default_timezone=UTC,
        validate=BELIEVABLE_TIME,
        metadata={"description": "Inclusive, ISO 8601"},
    )
    until = fields.AwareDateTime(
        default_timezone=UTC,
        validate=BELIEVABLE_TIME,
        metadata={"description": "Exclusive, ISO 8601"},
    )


class StatsQuerySchema(InputSchema):
    """Over how long."""

    hours = fields.Integer(
        load_default=24,
        metadata={
            "description": "Up to now [h]",
            "minimum": HOURS_LIMITS[0],
            "maximum": HOURS_LIMITS[1],
        },
    )


def _people(description: str) -> fields.Float:
    return fields.Float(
        allow_none=True, metadata={"description": f"{description} [people]; null: not known"}
    )


class PointsField(fields.Field[Any]):
    """A curve; a day has more than a thousand points, so they are written quickly."""

    def _serialize(self, value: Any, *_rest: Any, **_more: Any) -> Any:
        return [[at.isoformat(), *numbers] for at, *numbers in value or ()]


class HourSchema(Schema):
    """One hour by the venue's clock."""

    start = fields.AwareDateTime(metadata={"description": "In the venue's time zone"})
    count_min = _people("Fewest")
    count_mean = _people("Mean over the seconds in which it was known")
    count_max = _people("Most")
    known_seconds = fields.Integer(metadata={"description": "In which the number was known [s]"})


class PeakHourSchema(Schema):
    """The busiest hour."""

    start = fields.AwareDateTime(metadata={"description": "In the venue's time zone"})
    count_mean = fields.Float(metadata={"description": "[people]"})
    count_max = fields.Float(metadata={"description": "[people]"})


class LocationStatsSchema(Schema):
    """Statistics of a location; what was not known is left out, never taken for nobody."""

    since = fields.AwareDateTime()
    until = fields.AwareDateTime()
    time_zone = fields.String(metadata={"description": "The venue's"})
    known_seconds = fields.Integer(metadata={"description": "In which the number was known [s]"})
    count_min = _people("Fewest")
    count_mean = _people("Mean over the seconds in which it was known")
    count_max = _people("Most")
    peak_hour = fields.Nested(
        PeakHourSchema,
        allow_none=True,
        metadata={
            "description": "With the highest mean, of the hours of which "
            f"{PEAK_KNOWN_S // 60} minutes or more are known"
        },
    )
    hours = fields.List(fields.Nested(HourSchema), metadata={"description": "Oldest first"})
    minutes = PointsField(
        metadata={
            "description": "[begin, mean, fewest, most] of every known minute, people, oldest "
            "first; over more than a day each stands for several minutes",
            "type": "array",
            "items": {
                "type": "array",
                "minItems": 4,
                "maxItems": 4,
                "items": {"oneOf": [{"type": "string", "format": "date-time"}, {"type": "number"}]},
            },
        },
    )


class SummarySchema(Schema):
    """All locations together; samples and simulated ones only where there are no others."""

    location_count = fields.Integer(metadata={"description": "How many are summed up here"})
    is_trial = fields.Boolean(metadata={"description": "Only samples and simulated locations"})
    unknown_count = fields.Integer(
        metadata={"description": "Of how many locations the number is not known now"}
    )
    total_count = _people(
        "In the counted locations: those that lie in another one are not added again"
    )
    total_low = _people("Sum of the lower ends of the 90 % intervals")
    total_high = fields.Float(
        allow_none=True,
        metadata={"description": "Sum of the upper ends [people]; null: at least total_low"},
    )
    total_reason = fields.String(
        metadata={"description": "How it was counted, or why there is no total"}
    )
    counted_ids = fields.List(
        fields.Integer(), metadata={"description": "Locations whose numbers were added"}
    )
    density_level = fields.String(
        allow_none=True,
        validate=validate.OneOf([level.name for level in DensityLevel]),
        metadata={"description": "Highest known now"},
    )
    density_location_id = fields.Integer(allow_none=True, metadata={"description": "Where"})
    risk_level = fields.String(
        validate=LEVEL,
        metadata={"description": "Highest; held, where a place cannot be seen now"},
    )
    risk_location_id = fields.Integer(allow_none=True, metadata={"description": "Where"})


class MinuteSchema(Schema):
    """One minute of one location; a minute that is missing was not known."""

    at = fields.AwareDateTime(metadata={"description": "Begin of the minute, UTC"})
    count_min = fields.Float(metadata={"description": "[people]"})
    count_mean = fields.Float(metadata={"description": "[people]"})
    count_max = fields.Float(metadata={"description": "[people]"})
    seconds = fields.Integer(metadata={"description": "In which it was known, 1-60 [s]"})
    source = fields.String(metadata={"description": "What set most of them"})
    trust = fields.String(validate=TRUST, metadata={"description": "The worst of them"})
    capacity = fields.Integer(allow_none=True, metadata={"description": "As it was then [people]"})


class LocationSeriesSchema(PageSchema):
    """What is known of a location now, and a page of what was known, oldest first."""

    location_id = fields.Integer()
    numbers = fields.Nested(
        LocationNumbersSchema, allow_none=True, metadata={"description": "Known now"}
    )
    items = fields.List(fields.Nested(MinuteSchema))
