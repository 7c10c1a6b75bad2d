"""Multipart forms with exactly one file, read in memory and within limits."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any, BinaryIO, Final

import flask_smorest
from flask import request
from marshmallow import Schema, ValidationError
from werkzeug.datastructures import MultiDict
from werkzeug.formparser import FormDataParser

from backend.core.errors import InvalidInputError

REST_BYTES: Final = 512 * 1024
"""Everything beside the file; also bounds the form parser's buffer, which holds one chunk."""
_PARTS_MOST: Final = 10


def read_file_form(
    field: str, what: str, *, largest_bytes: int
) -> tuple[bytes, MultiDict[str, str]]:
    """Return the file and the other fields of this request's form; nothing touches the disk.

    Args:
        field: Name of the file's field.
        what: The file, for people: ``picture``, ``plan``.
        largest_bytes: Of the whole body.

    Raises:
        InvalidInputError: No file, several, or no form that can be read.
        RequestEntityTooLarge: More than ``largest_bytes``.
    """
    received: list[io.BytesIO] = []

    def open_part(*_args: object, **_kwargs: object) -> BinaryIO:
        received.append(io.BytesIO())
        if len(received) > 1:
            raise InvalidInputError(f"Send one {what} at a time.", field=field)
        return received[-1]

    parser = FormDataParser(
        stream_factory=open_part,
        max_form_memory_size=REST_BYTES,
        max_content_length=largest_bytes,
        max_form_parts=_PARTS_MOST,
        silent=False,
    )
    try:
        _, form, files = parser.parse(
            request.stream, request.mimetype, request.content_length, request.mimetype_params
        )
    except ValueError as error:
        raise InvalidInputError("The form broke off or is malformed.", field=field) from error
    if field not in files:
        raise InvalidInputError(f"Send the {what} as the file {field!r} of the form.", field=field)
    return received[0].getvalue(), form


def load_values(schema: Schema, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the checked values; what is wrong is answered like in every other route."""
    try:
        loaded: dict[str, Any] = schema.load(values)
    except ValidationError as error:
        flask_smorest.abort(422, errors={"json": error.normalized_messages()})
    return loaded
