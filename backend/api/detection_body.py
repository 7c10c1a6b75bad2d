"""Requests of the detection routes: JSON or a multipart form, in memory, within limits."""

from __future__ import annotations

from typing import Any, Final

from flask import request
from werkzeug.exceptions import BadRequest

from backend.api.file_form import REST_BYTES, load_values, read_file_form
from backend.api.json_body import UnusableBodyError, parse_body
from backend.api.schemas.detection import CameraLookSchema, PictureOptionsSchema, PictureSchema
from backend.core.errors import UnsupportedFormatError
from backend.services.detection.desk import Wish
from backend.services.detection.encoded import decode_base64
from backend.services.detection.picture_detection import PictureForm
from backend.vision.still_image import StillLimits, too_many_bytes

_FIELD: Final = "image"


def read_picture(limits: StillLimits) -> PictureForm:
    """Return the picture and the options of this request, whichever way they were sent.

    Raises:
        TooLargeError: More than a picture may have; told from the announced length.
        UnsupportedFormatError: Neither JSON nor a multipart form.
        InvalidInputError: No picture, several, or not base64.
    """
    is_json = request.is_json
    largest = limits.max_bytes * (3 if is_json else 2) // 2 + REST_BYTES
    if (request.content_length or 0) > largest:
        raise too_many_bytes(limits)
    request.max_content_length = largest
    if is_json:
        options = load_values(PictureSchema(), _json())
        content = decode_base64(options.pop(_FIELD), limits)
    elif request.mimetype == "multipart/form-data":
        content, form = read_file_form(_FIELD, "picture", largest_bytes=largest)
        options = load_values(PictureOptionsSchema(), form.to_dict())
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
    return load_values(CameraLookSchema(), _parsed(body) if body else {})


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
