"""Writing what was given to a camera's row: checked as a whole, its source encrypted."""

from __future__ import annotations

from typing import Any, Final

from backend.core.camera import SourceSpec, SourceType
from backend.core.errors import InvalidInputError
from backend.db.cameras import Camera
from backend.services import camera_rules as rules
from backend.services.camera.detection import CheckModel, check_choice
from backend.services.camera_rules import CameraFields
from backend.services.engine import SourceTools
from backend.services.secret_box import SecretBox
from backend.services.simulation.known import use_scenario

_PLAIN_FIELDS: Final = (
    "name",
    "source_type",
    "true_fps",
    "loop",
    "area_m2",
    "people_limit",
    "target_fps",
    "record",
    "exits",
    "detection_model",
    "detection_tiles",
    "tracker",
    "is_moving",
)


def public_values(camera: Camera) -> dict[str, Any]:
    """Return the row's fields for the audit trail, the source only redacted."""
    return {name: getattr(camera, name) for name in (*_PLAIN_FIELDS, "source_display")}


class CameraRows:
    """Applies fields to rows; no transaction of its own.

    Args:
        sources: Validation and redaction.
        secret_box: Encrypts sources at rest.
        check_model: Knows the models of this installation.
    """

    def __init__(
        self, *, sources: SourceTools, secret_box: SecretBox, check_model: CheckModel
    ) -> None:
        self._sources = sources
        self._secret_box = secret_box
        self._check_model = check_model

    def apply(self, camera: Camera, fields: CameraFields) -> None:
        """Write tidy fields to the row; a missing one stays.

        Raises:
            InvalidInputError: The camera as a whole would make no sense; names field and remedy.
        """
        _check_type(camera, fields)
        model_before, source_before = camera.detection_model, camera.source_display or ""
        values: dict[str, Any] = dict(fields)
        for name in _PLAIN_FIELDS:
            if name in values:
                value = values[name]
                setattr(camera, name, value.value if isinstance(value, SourceType) else value)
        source_type = SourceType(camera.source_type)
        if source_type is SourceType.UPLOAD:
            _refuse_upload_source(fields)
        elif "source" in fields:
            self._set_source(camera, source_type, fields["source"])
        elif not camera.source_encrypted:
            raise InvalidInputError("Say what to open: address, device or path.", field="source")
        if camera.loop and source_type is not SourceType.FILE:
            raise InvalidInputError("Only a file can be played in a loop.", field="loop")
        if source_type is SourceType.SIMULATED and "source" in fields:
            use_scenario(camera, fields, before=source_before, now=fields["source"])
        check_choice(camera, model_before, self._check_model)

    def _set_source(self, camera: Camera, source_type: SourceType, source: str) -> None:
        self._sources.validate(
            SourceSpec(source_type, source, true_fps=camera.true_fps, loop=bool(camera.loop))
        )
        camera.source_encrypted = self._secret_box.encrypt(source)
        camera.source_display = self._sources.redact(source)[: rules.DISPLAY_MAX]


def _check_type(camera: Camera, fields: CameraFields) -> None:
    """Refuse a change of the kind of source that would make another thing of the camera."""
    wanted = fields.get("source_type")
    known = SourceType(camera.source_type) if camera.source_type else None
    if known is None or wanted is None or wanted is known:
        return
    if wanted.is_live != known.is_live:
        raise InvalidInputError(
            "A camera cannot become an upload or the other way round. Add a new one.",
            field="source_type",
        )
    if SourceType.SIMULATED in {wanted, known}:
        # its measurements and incidents would stand beside those of a real place
        raise InvalidInputError(
            "A simulated camera cannot become a real one or the other way round. Add a new one.",
            field="source_type",
        )
    if "source" not in fields:
        raise InvalidInputError("Give the source of the new type too.", field="source")


def _refuse_upload_source(fields: CameraFields) -> None:
    if fields.get("source"):
        raise InvalidInputError(
            "An upload has no source: create it, then send the video to its upload route.",
            field="source",
        )
