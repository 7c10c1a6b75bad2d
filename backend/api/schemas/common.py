"""What all schemas share."""

from __future__ import annotations

from datetime import UTC, datetime

from marshmallow import RAISE, Schema, fields, validate

from backend.web.converters import LARGEST_ID

MAX_PER_PAGE = 500
MAX_PAGE = 1_000_000_000

BELIEVABLE_TIME = validate.Range(
    min=datetime(1, 1, 2, tzinfo=UTC),
    max=datetime(9999, 12, 30, tzinfo=UTC),
    error="Must be a time that exists in every time zone.",
)
"""The first and the last day of the calendar cannot be converted to UTC from everywhere."""


def id_field() -> fields.Integer:
    """Return a query parameter that names a row."""
    return fields.Integer(validate=validate.Range(min=0, max=LARGEST_ID))


class InputSchema(Schema):
    """Input: unknown fields are refused, so that a typing error is never silently ignored."""

    class Meta:
        unknown = RAISE


class EmptySchema(InputSchema):
    """No input is expected."""


class PageQuerySchema(InputSchema):
    """Which page of a list."""

    page = fields.Integer(
        load_default=1,
        validate=validate.Range(min=1, max=MAX_PAGE),
        metadata={"description": "From 1"},
    )
    per_page = fields.Integer(
        load_default=50,
        validate=validate.Range(min=1, max=MAX_PER_PAGE),
        metadata={"description": f"Items on a page, at most {MAX_PER_PAGE}"},
    )


class PageSchema(Schema):
    """What every list carries besides its ``items``."""

    total = fields.Integer(metadata={"description": "Items on all pages"})
    page = fields.Integer(metadata={"description": "This page, from 1"})
    pages = fields.Integer(metadata={"description": "Number of pages"})


def page_of(items: object, *, total: int, page: int, per_page: int) -> dict[str, object]:
    """Return the ``{items, total, page, pages}`` of a list."""
    return {"items": items, "total": total, "page": page, "pages": -(-total // per_page)}
