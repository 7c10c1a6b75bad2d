"""What the OpenAPI document says of the detection routes besides their answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

from backend.api.blueprint import Blueprint
from backend.api.problems import MEDIA_TYPE, ProblemSchema
from backend.api.schemas.detection import CameraLookSchema, PictureFormSchema, PictureSchema

View = TypeVar("View", bound=Callable[..., Any])

_SENTENCES: Final = {
    400: "The body is not valid JSON.",
    404: "There is no such camera, or it is not for this account's eyes.",
    413: "Too many bytes, or too many pixels.",
    415: "Neither JSON nor a form, or the content is no JPEG, PNG or WebP.",
    422: "A picture that cannot be decoded, or options that make no sense; see errors.",
    429: "Too many detections by this account; see Retry-After.",
    502: "The camera's source does not open, or shows nothing.",
    503: "No detector, no picture of the camera, or too much at once; see Retry-After.",
}
_ALWAYS: Final = (400, 422, 429, 503)

_TINY: Final = "data:image/jpeg;base64,/9j/4AAQSkZJRgABAQ…"

PICTURE_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": PictureSchema,
                "examples": {
                    "picture": {"summary": "Only the count", "value": {"image": _TINY}},
                    "annotated": {
                        "summary": "With boxes drawn",
                        "value": {"image": _TINY, "annotate": True, "confidence": 0.4},
                    },
                },
            },
            "multipart/form-data": {"schema": PictureFormSchema},
        },
    }
}
CAMERA_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": False,
        "content": {
            "application/json": {
                "schema": CameraLookSchema,
                "examples": {
                    "now": {"summary": "One picture", "value": {}},
                    "span": {"summary": "Ten seconds", "value": {"duration_seconds": 10}},
                },
            }
        },
    }
}

EXAMPLE: Final[dict[str, Any]] = {
    "count": 14.9,
    "count_low": 12.3,
    "count_high": 22.1,
    "trust": "ok",
    "trust_reason": "",
    "detections": [
        {"box": [252.8, 784.5, 369.0, 1076.2], "confidence": 0.718, "number": 1},
        {"box": [1649.2, 111.8, 1715.6, 284.2], "confidence": 0.712, "number": 2},
    ],
    "confidence": 0.25,
    "picture": {"width": 1920, "height": 1080},
    "model": {
        "name": "yolo11s",
        "runtime": "openvino",
        "precision": "int8",
        "input_hw": [544, 960],
        "tiles": 1,
        "reduced_accuracy": False,
        "remedy": "",
    },
    "timings_ms": {"decode": 12.1, "detect": 31.4, "measure": 402.8, "total": 447.0},
    "annotated": None,
}
CAMERA_EXAMPLE: Final[dict[str, Any]] = {
    **EXAMPLE,
    "timings_ms": {"look": 10012.5, "detect": 29.8, "measure": 3.1, "total": 10013.0},
    "camera_id": 3,
    "captured_at": "2026-05-01T18:30:09.800000+00:00",
    "age_s": 0.12,
    "is_running": True,
    "span": {"duration_s": 9.8, "pictures": 50, "mean": 14.9, "minimum": 12.2, "maximum": 17.5},
    "locations": [
        {
            "location_id": 2,
            "location_name": "Food court",
            "is_updated": False,
            "reason": "The running camera measures it all the time.",
        }
    ],
}
_HEADERS: Final[dict[str, Any]] = {
    name: {"description": text, "schema": {"type": kind}}
    for name, text, kind in (
        ("X-Count", "People", "number"),
        ("X-Count-Low", "Lower end of the 90 % interval", "number"),
        ("X-Count-High", "Upper end; missing where it is not known", "number"),
        ("X-Trust", "Of the count", "string"),
    )
}


def may_answer(blueprint: Blueprint, *statuses: int) -> Callable[[View], View]:
    """Document the problems a route answers with, and that it may answer with a picture."""

    def decorate(view: View) -> View:
        documented: Any = blueprint.alt_response(
            200,
            content_type="image/jpeg",
            schema={"type": "string", "format": "binary"},
            headers=_HEADERS,
            success=True,
        )(view)
        for status in sorted({*_ALWAYS, *statuses}):
            documented = blueprint.alt_response(
                status,
                schema=ProblemSchema,
                content_type=MEDIA_TYPE,
                description=_SENTENCES[status],
            )(documented)
        return cast(View, documented)

    return decorate
