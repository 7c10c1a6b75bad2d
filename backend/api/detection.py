"""Detection on demand: a picture in, people and their number out."""

from __future__ import annotations

from typing import Any, Final

from flask import Response

from backend.api.blueprint import Blueprint
from backend.api.detection_body import read_camera_options, read_picture, wants_jpeg, wish_of
from backend.api.detection_docs import (
    CAMERA_BODY,
    CAMERA_EXAMPLE,
    EXAMPLE,
    PICTURE_BODY,
    may_answer,
)
from backend.api.schemas.detection import CameraDetectionSchema, DetectionSchema
from backend.api.throttle import DETECTION, throttle
from backend.db.accounts import Role
from backend.services.detection.camera_detection import CameraWish
from backend.services.detection.views import DetectionView
from backend.web.context import current_actor, require_role, services

blueprint = Blueprint(
    "detection",
    __name__,
    url_prefix="/api/detection",
    description="People in a picture that is sent in, or in front of a camera",
)

RATE: Final = "120 per minute"
"""Of each account: a picture every half a second, which is what one core counts."""


@blueprint.route("/detect", methods=["POST"])
@require_role(Role.OPERATOR)
@blueprint.response(200, DetectionSchema, example=EXAMPLE)
@may_answer(blueprint, 413, 415)
@blueprint.doc(**PICTURE_BODY)
def detect() -> DetectionView | Response:
    """Count the people in a picture: base64 in JSON, or the multipart file `image`.

    With `Accept: image/jpeg` the answer is the annotated picture itself, the count in its
    headers. The picture is neither stored nor logged.
    """
    _count_use()
    pictures = services().detection.pictures
    return _answer(pictures.detect(current_actor(), lambda: read_picture(pictures.limits)))


@blueprint.route("/detect/<int:camera_id>", methods=["POST"])
@require_role(Role.OPERATOR)
@blueprint.response(200, CameraDetectionSchema, example=CAMERA_EXAMPLE)
@may_answer(blueprint, 404, 415, 502)
@blueprint.doc(**CAMERA_BODY)
def detect_camera(camera_id: int) -> DetectionView | Response:
    """Count the people a camera sees now, or on the average of the next seconds.

    A running camera's newest picture is taken; of another one the source is opened for the
    moment, an uploaded recording at its beginning. Where the camera's whole picture is the only
    area of a location and is not measured now, the count is entered there; nothing else is
    stored. With `Accept: image/jpeg` the answer is the annotated picture itself.
    """
    _count_use()
    options = read_camera_options()
    wanted = CameraWish(wish_of(options), options.get("duration_seconds"))
    return _answer(services().detection.cameras.detect(current_actor(), camera_id, wanted))


def _count_use() -> None:
    throttle().use(account=str(current_actor().user_id), purpose=DETECTION, rate=RATE)


def _answer(view: DetectionView) -> Any:
    """Return the view to be shown as JSON, or its picture where the client asks for one."""
    if view.annotated is None or not wants_jpeg():
        return view
    answer = Response(view.annotated, mimetype="image/jpeg")
    answer.headers["Vary"] = "Accept"
    answer.headers["X-Count"] = f"{view.count:.1f}"
    answer.headers["X-Count-Low"] = f"{view.count_low:.1f}"
    if view.count_high is not None:
        answer.headers["X-Count-High"] = f"{view.count_high:.1f}"
    answer.headers["X-Trust"] = view.trust
    return answer
