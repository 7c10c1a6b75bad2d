"""Requests of the detection routes: JSON or a multipart form, in memory, within limits."""

from __future__ import annotations

import io
from typing import Any, BinaryIO, Final

import flask_smorest
from flask import request
from marshmallow import Schema, ValidationError
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest
from werkzeug.formparser import FormDataParser

from backend.api.json_body import UnusableBodyError, parse_body
from backend.api.schemas.detection import CameraLookSchema, PictureOptionsSchema, PictureSchema
from backend.core.errors import InvalidInputError, UnsupportedFormatError
from backend.services.detection.desk import Wish
from backend.services.detection.encoded import decode_base64
from backend.services.detection.picture_detection import PictureForm
from backend.vision.still_image import StillLimits, too_many_bytes

_FIELD: Final = "image"
_REST_BYTES: Final = 512 * 1024
"""Everything beside the picture; also bounds the form parser's buffer, which holds one chunk."""
_PARTS_MOST: Final = 10


def read_picture(limits: StillLimits) -> PictureForm:
    """Return the picture and the options of this request, whichever way they were sent.

    Raises:
        TooLargeError: More than a picture may have; told from the announced length.
        UnsupportedFormatError: Neither JSON nor a multipart form.
        InvalidInputError: No picture, several, or not base64.
    """
    is_json = request.is_json
    largest = limits.max_bytes * (3 if is_json else 2) // 2 + _REST_BYTES
    if (request.content_length or 0) > largest:
        raise too_many_bytes(limits)
    request.max_content_length = largest
    if is_json:
        options = _load(PictureSchema(), _json())
        content = decode_base64(options.pop(_FIELD), limits)
    elif request.mimetype == "multipart/form-data":
        content, form = _multipart(largest)
        options = _load(PictureOptionsSchema(), form.to_dict())
    else:
        raise UnsupportedFormatError(
            "Send JSON with the picture in base64 in 'image', or a multipart form with it as the "
            "file 'image'.",
            field=_FIELD,
        )
    return PictureForm(content, wish_of(options), options.get("model"))


def read_camera_options() -> dict[str, Any]:
    """Return the options of a look at a camera; no body is no options.

    Raises:
        UnsupportedFormatError: A body that is not JSON.
    """
    if not request.is_json and (request.content_length or request.mimetype):
        raise UnsupportedFormatError("Send the options as JSON, or nothing.")
    body = request.get_data(cache=False)
    return _load(CameraLookSchema(), _parsed(body) if body else {})


def wish_of(options: dict[str, Any]) -> Wish:
    """Return how the answer is to look; an answer that is a picture has boxes drawn."""
    return Wish(options.get("confidence"), annotate=options["annotate"] or wants_jpeg())


def wants_jpeg() -> bool:
    """Return whether the client asks for the annotated picture itself."""
    best = request.accept_mimetypes.best_match(["application/json", "image/jpeg"])
    return best == "image/jpeg"


def _json() -> Any:
    return _parsed(request.get_data(cache=False))


def _parsed(body: bytes) -> Any:
    try:
        return parse_body(body)
    except UnusableBodyError as error:
        raise BadRequest(str(error)) from error


def _load(schema: Schema, values: Any) -> dict[str, Any]:
    """Return the checked values; what is wrong is answered like in every other route."""
    try:
        loaded: dict[str, Any] = schema.load(values)
    except ValidationError as error:
        flask_smorest.abort(422, errors={"json": error.normalized_messages()})
    return loaded


def _multipart(largest: int) -> tuple[bytes, MultiDict[str, str]]:
    """Return the file ``image`` and the other fields; nothing touches the disk."""
    received: list[io.BytesIO] = []

    def open_part(*_args: object, **_kwargs: object) -> BinaryIO:
        received.append(io.BytesIO())
        if len(received) > 1:
            raise InvalidInputError("Send one picture at a time.", field=_FIELD)
        return received[-1]

    parser = FormDataParser(
        stream_factory=open_part,
        max_form_memory_size=_REST_BYTES,
        max_content_length=largest,
        max_form_parts=_PARTS_MOST,
        silent=False,
    )
    try:
        _, form, files = parser.parse(
            request.stream, request.mimetype, request.content_length, request.mimetype_params
        )
    except ValueError as error:
        raise InvalidInputError("The form broke off or is malformed.", field=_FIELD) from error
    if _FIELD not in files:
        raise InvalidInputError("Send the picture as the file 'image' of the form.", field=_FIELD)
    return received[0].getvalue(), form
