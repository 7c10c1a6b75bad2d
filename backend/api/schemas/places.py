"""Shapes of zones and counting lines."""

from __future__ import annotations

from typing import Any, Final

from marshmallow import Schema, ValidationError, fields, post_load, validate

from backend.api.schemas.common import InputSchema, PageSchema
from backend.core.calibration import Point
from backend.core.places import ZoneProfile
from backend.services.places.checks import (
    COLOUR,
    CORNERS_LIMITS,
    COUNT_LIMITS,
    DENSITY_LIMITS_PER_M2,
    MOST_PLACES,
    NAME_MAX,
    WIDTH_LIMITS_M,
)
from backend.services.places.draft import LineDraft, PlacesDraft, ZoneDraft

_MOST_READ: Final = 250
"""Longer lists are refused before they are read; the limits for people lie below."""
_MOST_TOLD: Final = 20
_LARGEST: Final = 2**31 - 1
_PROFILES: Final = [profile.value for profile in ZoneProfile]
_PAIR: Final = "Give a pair of numbers, [x, y]: shares of the picture's width and height."


class SpotField(fields.List[float]):
    """A point of the picture; a camera may have thousands of them, so they are read quickly."""

    def __init__(self, **rest: Any) -> None:
        rest.setdefault("metadata", {"description": "x, y: shares of the picture, 0-1"})
        super().__init__(fields.Float(), validate=validate.Length(equal=2), **rest)

    def _serialize(self, value: Any, *_rest: Any, **_more: Any) -> Any:
        return None if value is None else list(value)

    def _deserialize(self, value: Any, *_rest: Any, **_more: Any) -> Any:
        if not isinstance(value, list) or len(value) != 2 or not all(map(_is_number, value)):
            raise ValidationError(_PAIR)
        return float(value[0]), float(value[1])


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


class BoundedList(fields.List[Any]):
    """A list that is read only when it is of a length a person may have meant."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **rest: Any) -> Any:
        if not isinstance(value, list):
            raise self.make_error("invalid")
        if len(value) > _MOST_READ:
            raise ValidationError(f"{len(value)} are far more than can be had. Leave some out.")
        read: list[Any] = []
        wrong: dict[int, Any] = {}
        for number, entry in enumerate(value):
            try:
                read.append(self.inner.deserialize(entry, **rest))
            except ValidationError as error:
                wrong[number] = error.messages
                if len(wrong) == _MOST_TOLD:
                    break
        if wrong:
            raise ValidationError(wrong)
        return read


def _id() -> fields.Integer:
    return fields.Integer(
        strict=True,
        allow_none=True,
        validate=validate.Range(min=1),
        metadata={"description": "Of the stored one it replaces; a new one where left out"},
    )


def _own_id() -> fields.Integer:
    return fields.Integer(
        strict=True,
        attribute="place_id",
        metadata={"description": "As in the address, so that an answer can be sent back"},
    )


def _name(**rest: Any) -> fields.String:
    return fields.String(
        metadata={
            "description": "As people call it; no two zones or lines of a camera have the same",
            "minLength": 1,
            "maxLength": NAME_MAX,
        },
        **rest,
    )


def _corners(**rest: Any) -> BoundedList:
    fewest, most = CORNERS_LIMITS
    return BoundedList(
        SpotField(),
        metadata={
            "description": "Of a polygon that does not cross itself, in order",
            "minItems": fewest,
            "maxItems": most,
        },
        **rest,
    )


def _colour() -> fields.String:
    return fields.String(metadata={"description": "#rrggbb", "pattern": COLOUR})


def _limit(description: str, limits: tuple[float, float]) -> fields.Float:
    low, high = limits
    return fields.Float(
        allow_none=True,
        allow_nan=True,  # refused with the others, by the rules of places
        error_messages={"invalid": "Give a number, or leave it empty."},
        metadata={"description": description, "minimum": low, "maximum": high},
    )


def _start(**rest: Any) -> SpotField:
    return SpotField(
        metadata={
            "description": "Who passes from the left to the right of somebody who looks from "
            "start to end goes in; shares of the picture, 0-1"
        },
        **rest,
    )


class _ZoneFields:
    """What zones are, however they come; what may not be missing is said where it matters."""

    name = _name()
    corners = _corners()
    profile = fields.String(metadata={"description": "What people do there", "enum": _PROFILES})
    colour = _colour()
    count_limit = fields.Integer(
        strict=True,
        allow_none=True,
        error_messages={"invalid": "Give a whole number of people, or leave it empty."},
        metadata={
            "description": "People at which the zone is too full; null: no limit",
            "minimum": COUNT_LIMITS[0],
            "maximum": COUNT_LIMITS[1],
        },
    )
    density_limit_per_m2 = _limit(
        "Peak local density at which the zone is too dense; null: no limit [1/m²]",
        DENSITY_LIMITS_PER_M2,
    )


class _LineFields:
    """What counting lines are, however they come."""

    name = _name()
    start = _start()
    end = SpotField()
    colour = _colour()
    width_m = _limit(
        "Clear width of the passage; null: its length on the calibrated ground [m]", WIDTH_LIMITS_M
    )


class ZoneInputSchema(_ZoneFields, InputSchema):
    """A zone as given."""

    name = _name(required=True)
    corners = _corners(required=True)

    @post_load
    def _as_draft(self, values: dict[str, Any], **_context: object) -> object:
        return ZoneDraft(**_renamed(values))


class LineInputSchema(_LineFields, InputSchema):
    """A counting line as given."""

    name = _name(required=True)
    start = _start(required=True)
    end = SpotField(required=True)

    @post_load
    def _as_draft(self, values: dict[str, Any], **_context: object) -> object:
        return LineDraft(**_renamed(values))


class ListedZoneInputSchema(ZoneInputSchema):
    """A zone among all of a camera."""

    id = _id()


class ListedLineInputSchema(LineInputSchema):
    """A counting line among all of a camera."""

    id = _id()


class ZoneChangeSchema(_ZoneFields, InputSchema):
    """Fields of a zone to be changed; a missing one stays."""

    id = _own_id()


class LineChangeSchema(_LineFields, InputSchema):
    """Fields of a counting line to be changed; a missing one stays."""

    id = _own_id()


def _version(description: str) -> fields.Integer:
    return fields.Integer(
        allow_none=True,
        validate=validate.Range(min=0, max=_LARGEST),
        metadata={"description": description},
    )


class PlaceQuerySchema(InputSchema):
    """What a change of one place was made from."""

    version = _version(
        "Of the places the change was made from: refused with 409 where they have changed since"
    )


class PlacesInputSchema(InputSchema):
    """All zones and lines a camera shall have; stored ones that are missing here are deleted."""

    camera_id = fields.Integer(
        allow_none=True,
        metadata={"description": "In a file: of another camera everything is new here"},
    )
    version = _version(
        "Of the places these were made from: refused with 409 where they have changed since. "
        "Where left out, ids unknown here are taken for new ones"
    )
    fault = fields.String(metadata={"description": "As in an answer; not read: saving settles it"})
    zones = BoundedList(
        fields.Nested(ListedZoneInputSchema),
        required=True,
        metadata={"description": f"In order; at most {MOST_PLACES} together with the lines"},
    )
    lines = BoundedList(
        fields.Nested(ListedLineInputSchema), required=True, metadata={"description": "In order"}
    )

    @post_load
    def _as_draft(self, values: dict[str, Any], **_context: object) -> object:
        return PlacesDraft(
            zones=tuple(values["zones"]),
            lines=tuple(values["lines"]),
            version=values.get("version"),
            camera_id=values.get("camera_id"),
        )


class ZoneSchema(_ZoneFields, Schema):
    """A part of the picture with a name."""

    id = fields.Integer(
        attribute="zone_id", metadata={"description": "Never given to another zone"}
    )


class LineSchema(_LineFields, Schema):
    """A directed line people are counted over."""

    id = fields.Integer(
        attribute="line_id", metadata={"description": "Never given to another line"}
    )


class PlacesSchema(Schema):
    """All zones and lines of a camera, in the order people gave."""

    camera_id = fields.Integer()
    version = fields.Integer(metadata={"description": "Grows with every change"})
    fault = fields.String(
        metadata={"description": "Why they may lie on other ground; empty where they do not"}
    )
    zones = fields.List(fields.Nested(ZoneSchema))
    lines = fields.List(fields.Nested(LineSchema))


class ZonePageSchema(PageSchema):
    """All zones of a camera, in the order people gave."""

    items = fields.List(fields.Nested(ZoneSchema))
    version = fields.Integer(metadata={"description": "Of all its zones and lines"})


class LinePageSchema(PageSchema):
    """All counting lines of a camera, in the order people gave."""

    items = fields.List(fields.Nested(LineSchema))
    version = fields.Integer(metadata={"description": "Of all its zones and lines"})


def _renamed(values: dict[str, Any]) -> dict[str, Any]:
    """Return fields as drafts call them, points in tuples."""
    named = {("place_id" if name == "id" else name): value for name, value in values.items()}
    if "corners" in named:
        corners: list[Point] = named["corners"]
        named["corners"] = tuple(corners)
    return named
