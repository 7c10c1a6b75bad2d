"""Shapes of locations, what is sent in for them, and what is known of them."""

from __future__ import annotations

from datetime import UTC
from typing import Any, Final

from marshmallow import Schema, fields, post_load, validate

from backend.api.schemas.common import BELIEVABLE_TIME, InputSchema, PageQuerySchema, PageSchema
from backend.api.schemas.location_numbers import LocationNumbersSchema
from backend.api.schemas.metrics import LEVEL, TRUST
from backend.api.schemas.places import BoundedList, SpotField
from backend.core.locations import ENTRY_SOURCES, AreaRef, DensityLevel, LineRef, MapPosition
from backend.services.locations.checks import (
    CAPACITY_LIMITS,
    CORNERS_LIMITS,
    DESCRIPTION_MAX,
    ENTRY_VALID_LIMITS_S,
    NAME_MAX,
)
from backend.services.locations.draft import AreaDraft, LocationDraft
from backend.services.locations.entries import COUNT_LIMITS, NOTE_MAX, EntryDraft
from backend.services.locations.log import EntryKind
from backend.services.locations.parts import MOST_AREAS, MOST_LINES, MOST_OVERLAPS
from backend.services.locations.stats import HOURS_LIMITS, PEAK_KNOWN_S
from backend.web.converters import LARGEST_ID

_LARGEST: Final = 2**31 - 1
_ID: Final = validate.Range(min=1, max=LARGEST_ID)
_SENT_BACK: Final = "Ignored; so that an answer can be sent back"


def _id(description: str, **rest: Any) -> fields.Integer:
    return fields.Integer(strict=True, validate=_ID, metadata={"description": description}, **rest)


def _echo() -> fields.Raw:
    return fields.Raw(load_only=True, allow_none=True, metadata={"description": _SENT_BACK})


def _outline(description: str, **rest: Any) -> BoundedList:
    fewest, most = CORNERS_LIMITS
    return BoundedList(
        SpotField(metadata={"description": "x, y, as in position"}),
        metadata={
            "description": f"{description}: {fewest} to {most} corners of a polygon that does "
            "not cross itself, in order; empty for none"
        },
        **rest,
    )


class PositionSchema(InputSchema):
    """Where something stands on a map."""

    floor_plan_id = fields.Integer(
        strict=True,
        allow_none=True,
        load_default=None,
        validate=_ID,
        metadata={"description": "Plan it stands on; null: on the ground of the earth"},
    )
    x = fields.Float(
        required=True,
        allow_nan=True,  # refused with the others, by the rules of locations
        metadata={
            "description": "On a plan: share of its width, 0-1, from the left. Otherwise "
            "longitude, WGS 84 [degrees]"
        },
    )
    y = fields.Float(
        required=True,
        allow_nan=True,
        metadata={
            "description": "On a plan: share of its height, 0-1, from the top. Otherwise "
            "latitude, WGS 84 [degrees]"
        },
    )

    @post_load
    def _as_position(self, values: dict[str, Any], **_context: object) -> object:
        return MapPosition(**values)


class AreaRefSchema(InputSchema):
    """An area by its ids."""

    camera_id = _id("Whose picture", required=True)
    zone_id = _id("null: the whole picture", allow_none=True, load_default=None)

    @post_load
    def _as_area(self, values: dict[str, Any], **_context: object) -> object:
        return AreaRef(values["camera_id"], values["zone_id"] or 0)


class AreaInputSchema(AreaRefSchema):
    """A zone, or a camera's whole picture, that shows part of a location."""

    map_outline = _outline(
        "Of its ground on the location's map; where left out it stays what it is"
    )
    camera_name = _echo()
    zone_name = _echo()

    @post_load
    def _as_area(self, values: dict[str, Any], **_context: object) -> object:
        outline = values.get("map_outline")
        return AreaDraft(
            AreaRef(values["camera_id"], values["zone_id"] or 0),
            None if outline is None else tuple(outline),
        )


class LocationLineInputSchema(InputSchema):
    """A counting line on the border of a location."""

    camera_id = _id("Whose picture", required=True)
    line_id = _id("The counting line", required=True)
    is_reversed = fields.Boolean(
        load_default=False,
        metadata={"description": "Who goes in over the line, as it is drawn, leaves the location"},
    )
    camera_name = _echo()
    line_name = _echo()

    @post_load
    def _as_line(self, values: dict[str, Any], **_context: object) -> object:
        return LineRef(values["camera_id"], values["line_id"], values["is_reversed"])


def _name(**rest: Any) -> fields.String:
    return fields.String(
        metadata={
            "description": "As people call it; no two locations have the same, whatever the case",
            "minLength": 1,
            "maxLength": NAME_MAX,
        },
        **rest,
    )


class LocationChangeSchema(InputSchema):
    """Fields of a location to be changed; a missing one stays.

    Of areas, lines and overlaps all there shall be are given. A location put on another map
    loses the outlines that are not given with it.
    """

    name = _name()
    description = fields.String(metadata={"maxLength": DESCRIPTION_MAX})
    capacity = fields.Integer(
        strict=True,
        allow_none=True,
        error_messages={"invalid": "Give a whole number of people, or leave it empty."},
        metadata={
            "description": "People it may hold; null: not known",
            "minimum": CAPACITY_LIMITS[0],
            "maximum": CAPACITY_LIMITS[1],
        },
    )
    cameras_see_all = fields.Boolean(
        metadata={
            "description": "Together the areas show everybody in the location, so that what they "
            "measure is its number; otherwise it is the least"
        }
    )
    entry_valid_s = fields.Float(
        allow_nan=True,
        metadata={
            "description": "How long a number sent in counts [s]",
            "minimum": ENTRY_VALID_LIMITS_S[0],
            "maximum": ENTRY_VALID_LIMITS_S[1],
        },
    )
    position = fields.Nested(
        PositionSchema, allow_none=True, metadata={"description": "null: on no map"}
    )
    outline = _outline("Of its ground on its map")
    areas = BoundedList(
        fields.Nested(AreaInputSchema),
        metadata={"description": f"What is seen of it, at most {MOST_AREAS}"},
    )
    lines = BoundedList(
        fields.Nested(LocationLineInputSchema),
        metadata={
            "description": "All ways in and out, if their balance is to count who is inside; at "
            f"most {MOST_LINES}"
        },
    )
    overlaps = BoundedList(
        BoundedList(fields.Nested(AreaRefSchema)),
        metadata={
            "description": "The same ground seen more than once: its people are counted where "
            "most are seen. Each two areas or more of different cameras: areas of the location, "
            f"or zones of cameras whose whole picture is one; at most {MOST_OVERLAPS}"
        },
    )
    version = fields.Integer(
        allow_none=True,
        validate=validate.Range(min=0, max=_LARGEST),
        metadata={
            "description": "Of the location this was made from: refused with 409 where it has "
            "changed since"
        },
    )
    id = _echo()
    is_sample = _echo()
    is_simulated = _echo()
    problems = _echo()
    numbers = _echo()

    @post_load
    def _as_changes(self, values: dict[str, Any], **_context: object) -> object:
        return _plain(values)


class LocationInputSchema(LocationChangeSchema):
    """A location as given."""

    name = _name(required=True)

    @post_load
    def _as_changes(self, values: dict[str, Any], **_context: object) -> object:
        named = _plain(values)
        named.pop("version", None)
        return LocationDraft(**named)


class AreaRefOutSchema(Schema):
    """An area by its ids."""

    camera_id = fields.Integer()
    zone_id = fields.Integer(allow_none=True, metadata={"description": "null: whole picture"})


class AreaSchema(AreaRefOutSchema):
    """A zone, or a camera's whole picture, that shows part of a location."""

    camera_name = fields.String()
    zone_name = fields.String(allow_none=True, metadata={"description": "null: whole picture"})
    map_outline = _outline("Of its ground on the location's map")


class LineOnBorderSchema(Schema):
    """A counting line on the border of a location."""

    camera_id = fields.Integer()
    camera_name = fields.String()
    line_id = fields.Integer()
    line_name = fields.String()
    is_reversed = fields.Boolean()


class LocationSchema(Schema):
    """A place people speak of, with what is known of it now."""

    id = fields.Integer(metadata={"description": "Never given to another location"})
    name = fields.String()
    description = fields.String()
    capacity = fields.Integer(
        allow_none=True, metadata={"description": "People it may hold; null: not known"}
    )
    cameras_see_all = fields.Boolean(
        metadata={"description": "What the areas show together is its number, not the least"}
    )
    entry_valid_s = fields.Float(metadata={"description": "How long a number sent in counts [s]"})
    is_sample = fields.Boolean(metadata={"description": "Made for trying out"})
    version = fields.Integer(metadata={"description": "Grows with every change"})
    position = fields.Nested(PositionSchema, allow_none=True)
    outline = _outline("Of its ground on its map")
    areas = fields.List(fields.Nested(AreaSchema))
    lines = fields.List(fields.Nested(LineOnBorderSchema))
    overlaps = fields.List(
        fields.List(fields.Nested(AreaRefOutSchema)),
        metadata={"description": "As far as what they name is still there"},
    )
    is_simulated = fields.Boolean(
        metadata={"description": "Simulated cameras show it: nobody is there"}
    )
    problems = fields.List(
        fields.String(),
        metadata={
            "description": "What is wrong with it since cameras, zones or lines were changed, "
            "each with its remedy"
        },
    )
    numbers = fields.Nested(
        LocationNumbersSchema,
        allow_none=True,
        metadata={"description": "Known now; null until the first second after its definition"},
    )


class LocationPageSchema(PageSchema):
    """All locations by name."""

    items = fields.List(fields.Nested(LocationSchema))


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


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """Return fields as drafts call them, lists in tuples, without what was only sent back."""
    echoes = {"id", "is_sample", "is_simulated", "problems", "numbers"}
    plain = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in values.items()
        if name not in echoes
    }
    if "overlaps" in plain:
        plain["overlaps"] = tuple(tuple(overlap) for overlap in plain["overlaps"])
    return plain
