"""Trying a source: does it open, what does it show?"""

from __future__ import annotations

import base64
import threading
from dataclasses import dataclass

from backend.core.camera import SourceSpec, SourceType
from backend.core.errors import CrowdSafeError, InvalidInputError, SourceError, UnavailableError
from backend.core.frame import Image
from backend.db import camera_store
from backend.db.accounts import Role
from backend.db.base import SessionFactory
from backend.services import camera_rules as rules
from backend.services.actor import Actor
from backend.services.engine import Probed, SourceTools
from backend.services.launcher import CameraLauncher

_PICTURE_WIDTH = 640
_AT_ONCE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraTest:
    """Outcome of a test.

    Attributes:
        ok: Whether a picture came.
        message: Sentence for a person: what came, or why nothing did and what to do.
        fps: Measured frames per second, else the declared ones, None if neither is known.
        picture: First frame as ``data:image/jpeg;base64,…``, None without one.
    """

    ok: bool
    message: str
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    codec: str | None = None
    picture: str | None = None


class CameraTestService:
    """Opens sources for a moment; bounded in time by the source limits and in number here.

    Args:
        session_factory: Reads stored cameras.
        sources: Validation, probing, redaction.
        launcher: Knows what a stored camera opens.
    """

    def __init__(
        self, *, session_factory: SessionFactory, sources: SourceTools, launcher: CameraLauncher
    ) -> None:
        self._open = session_factory
        self._sources = sources
        self._launcher = launcher
        self._places = threading.BoundedSemaphore(_AT_ONCE)

    def test_stored(self, actor: Actor, camera_id: int) -> CameraTest:
        """Try the source of a stored camera; operators may."""
        with self._open() as session:
            camera = rules.require_found(
                camera_store.find_camera(session, camera_id, rules.viewpoint_of(actor))
            )
            job = camera_store.find_job(session, camera_id)
        rules.require_may_operate(actor, camera)
        if camera.source_type == SourceType.USB.value and self._launcher.is_running(camera_id):
            return CameraTest(
                ok=False,
                message="The device is in use by this camera. Stop the camera to test it.",
            )
        return self._try(self._launcher.source_spec(camera, job))

    def test_source(self, actor: Actor, source_type: SourceType, source: str) -> CameraTest:
        """Try a source before a camera is made of it; administrators, as for cameras.

        Raises:
            InvalidInputError: The source may not be opened at all.
        """
        actor.require(Role.ADMIN)
        if source_type is SourceType.UPLOAD:
            raise InvalidInputError("Uploads are looked into as they arrive.", field="source_type")
        tidy = rules.check_fields({"source_type": source_type, "source": source})
        spec = SourceSpec(source_type, tidy["source"])
        self._sources.validate(spec)
        return self._try(spec)

    def _try(self, spec: SourceSpec) -> CameraTest:
        if not self._places.acquire(blocking=False):
            raise UnavailableError("Other sources are being tested. Try again in a moment.")
        try:
            probed = self._sources.probe(spec)
        except SourceError as error:
            return CameraTest(ok=False, message=self._sources.redact(str(error)))
        finally:
            self._places.release()
        return _outcome(probed)


def _outcome(probed: Probed) -> CameraTest:
    info = probed.info
    fps = probed.frame_rate_hz or info.nominal_fps
    rate = f", {fps:.1f} frames per second" if fps else ""
    decoder = "" if info.decoder == "software" else f" decoded on {info.decoder}"
    return CameraTest(
        ok=True,
        message=f"It opens: {info.width} × {info.height}{rate}, {info.codec}{decoder}.",
        width=info.width,
        height=info.height,
        fps=fps,
        codec=info.codec,
        picture=_data_url(probed.first_frame),
    )


def _data_url(image: Image) -> str:
    """Return the picture, at most `_PICTURE_WIDTH` wide, as a JPEG data URL."""
    import cv2  # noqa: PLC0415 - heavy; only needed when somebody tests a camera

    height, width = image.shape[:2]
    if width > _PICTURE_WIDTH:
        size = (_PICTURE_WIDTH, max(round(height * _PICTURE_WIDTH / width), 1))
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    ok, encoded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 80])
    if not ok:
        raise CrowdSafeError("The picture could not be encoded.")
    return "data:image/jpeg;base64," + base64.b64encode(encoded.tobytes()).decode("ascii")
