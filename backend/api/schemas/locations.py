"""Shapes of locations as they are defined."""

from __future__ import annotations

from typing import Any, Final

from marshmallow import Schema, fields, post_load, validate

from backend.api.schemas.common import InputSchema, PageSchema
from backend.api.schemas.location_numbers import LocationNumbersSchema
from backend.api.schemas.places import BoundedList, SpotField
from backend.core.locations import AreaRef, LineRef, MapPosition
from backend.services.locations.checks import (
    CAPACITY_LIMITS,
    CORNERS_LIMITS,
    DESCRIPTION_MAX,
    ENTRY_VALID_LIMITS_S,
    NAME_MAX,
)
from backend.services.locations.draft import AreaDraft, LocationDraft
from backend.services.locations.parts import MOST_AREAS, MOST_LINES, MOST_OVERLAPS
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
