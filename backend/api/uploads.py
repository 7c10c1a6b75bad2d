"""Giving a camera a recording."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import BinaryIO, Final

from flask import request
from werkzeug.formparser import FormDataParser

from backend.api.blueprint import Blueprint
from backend.api.schemas.cameras import CameraSchema
from backend.core.errors import InvalidInputError
from backend.db.accounts import Role
from backend.services.camera_views import CameraView
from backend.services.uploads import UploadForm
from backend.web.context import current_actor, require_role, services

blueprint = Blueprint(
    "uploads", __name__, url_prefix="/api/cameras", description="Uploaded recordings"
)

FORM_OVERHEAD_BYTES: Final = 1024 * 1024
_FIELDS_BYTES: Final = 512 * 1024
"""Also bounds the parser's own buffer, which holds one chunk of the video."""
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["video"],
                    "properties": {
                        "video": {"type": "string", "format": "binary"},
                        "recorded_at": {
                            "type": "string",
                            "format": "date-time",
                            "description": "Start of the recording; without it the video's own "
                            "creation time, else the time of the upload",
                        },
                    },
                }
            }
        },
    }
}


@blueprint.route("/<int:camera_id>/upload", methods=["POST"])
@require_role(Role.OPERATOR)
@blueprint.response(202, CameraSchema)
@blueprint.doc(**_BODY)
def upload(camera_id: int) -> CameraView:
    """Send a video (multipart field `video`) to an upload camera and queue its analysis."""
    base, actor = services(), current_actor()
    request.max_content_length = base.uploads.max_bytes + FORM_OVERHEAD_BYTES
    base.uploads.receive(actor, camera_id, read_form, expected_bytes=request.content_length)
    return base.cameras.get(actor, camera_id)


def read_form(target: BinaryIO) -> UploadForm:
    """Parse the request's multipart body, writing the video straight to ``target``.

    Raises:
        InvalidInputError: Not a multipart form with exactly one file, named ``video``.
    """
    files = 0

    def open_part(*_args: object, **_kwargs: object) -> BinaryIO:
        nonlocal files
        files += 1
        if files > 1:
            raise InvalidInputError("Send one video at a time.", field="video")
        return target

    if request.mimetype != "multipart/form-data":
        raise _missing()
    parser = FormDataParser(
        stream_factory=open_part,
        max_form_memory_size=_FIELDS_BYTES,
        max_form_parts=10,
        silent=False,
    )
    try:
        _, form, parts = parser.parse(
            request.stream, request.mimetype, request.content_length, request.mimetype_params
        )
    except (ValueError, io.UnsupportedOperation) as error:
        raise InvalidInputError("The upload broke off or is malformed.", field="video") from error
    video = parts.get("video")
    if video is None:
        raise _missing()
    stray = set(form) - {"recorded_at"}
    if stray:
        name = sorted(stray)[0][:80]
        raise InvalidInputError(f"There is no field {name!r}.", field=name)
    return UploadForm(video.filename or "", _time(form.get("recorded_at")))


def _missing() -> InvalidInputError:
    return InvalidInputError("Send the video as the multipart field 'video'.", field="video")


def _time(text: str | None) -> datetime | None:
    """Return the start of the recording as aware UTC; a time without a zone is UTC."""
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidInputError(
            "recorded_at must be a time such as 2026-05-01T18:30:00+02:00.", field="recorded_at"
        ) from error
