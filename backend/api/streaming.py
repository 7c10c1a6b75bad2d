"""Pictures to browsers: MJPEG streams that end themselves, and single JPEGs with an ETag."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from typing import Final, Protocol

from flask import Response, request

from backend.core.camera import DEFAULT_OVERLAYS
from backend.core.clock import Clock
from backend.pipeline.picture_encoder import EncodedFrame, StreamVariant

BOUNDARY: Final = "crowdsafe-frame"
_SLICE_S: Final = 1.0
_CHECK_S: Final = 3.0


class Pictures(Protocol):
    """The part of a hub subscription that is read here."""

    @property
    def is_closed(self) -> bool:
        """No further picture will come."""

    def next(self, timeout_s: float) -> EncodedFrame | None:
        """Return the newest picture not seen yet, None on timeout."""

    def close(self) -> None:
        """Leave."""


def variant_from(query: dict[str, object], *, default_width: int) -> StreamVariant:
    """Return the wanted way of drawing; raises InvalidInputError for an impossible width."""
    overlays = query.get("overlays")
    width = query.get("width")
    return StreamVariant(
        overlays if isinstance(overlays, frozenset) else DEFAULT_OVERLAYS,
        width if isinstance(width, int) else default_width,
    )


def mjpeg_response(
    pictures: Pictures, *, may_watch: Callable[[], bool], stop: threading.Event, clock: Clock
) -> Response:
    """Return an endless multipart answer.

    It ends when the viewer leaves, the camera is deleted, the server stops, or ``may_watch``
    (asked every few seconds: is the log-in still good?) says no.
    """
    answer = Response(
        _parts(pictures, may_watch=may_watch, stop=stop, clock=clock),
        mimetype=f"multipart/x-mixed-replace; boundary={BOUNDARY}",
    )
    # also when the viewer leaves before the first picture: then the generator never starts
    answer.call_on_close(pictures.close)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Accel-Buffering"] = "no"
    return answer


def _parts(
    pictures: Pictures, *, may_watch: Callable[[], bool], stop: threading.Event, clock: Clock
) -> Iterator[bytes]:
    next_check_s = clock.monotonic() + _CHECK_S
    try:
        while not pictures.is_closed and not stop.is_set():
            now_s = clock.monotonic()
            if now_s >= next_check_s:
                if not may_watch():
                    return
                next_check_s = now_s + _CHECK_S
            encoded = pictures.next(_SLICE_S)
            if encoded is not None:
                yield _part(encoded)
        yield f"--{BOUNDARY}--\r\n".encode()
    finally:
        pictures.close()


def _part(encoded: EncodedFrame) -> bytes:
    head = (
        f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(encoded.jpeg)}\r\n"
        f"X-Frame-Age-S: {_age(encoded)}\r\n\r\n"
    )
    return head.encode() + encoded.jpeg + b"\r\n"


def jpeg_response(encoded: EncodedFrame, variant: StreamVariant) -> Response:
    """Return one picture, or 304 when the viewer has it already."""
    answer = Response(encoded.jpeg, mimetype="image/jpeg")
    answer.set_etag(picture_tag(encoded, variant))
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers["X-Frame-Age-S"] = _age(encoded)
    answer.headers["X-Frame-Stale"] = "1" if encoded.is_stale else "0"
    answer.make_conditional(request)
    return answer


def picture_tag(encoded: EncodedFrame, variant: StreamVariant) -> str:
    """Return a tag that changes with the frame, and once a second while it only ages."""
    drawn = ",".join(sorted(overlay.value for overlay in variant.overlays))
    look = hashlib.sha256(f"{drawn}/{variant.width}".encode()).hexdigest()[:8]
    age = f"-{encoded.age_s or 0:.0f}" if encoded.is_stale else ""
    return f"{encoded.run_id}-{encoded.sequence}-{look}{age}"


def _age(encoded: EncodedFrame) -> str:
    return "" if encoded.age_s is None else f"{encoded.age_s:.1f}"
