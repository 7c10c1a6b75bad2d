"""What a source opens, whoever logs in to it."""

from __future__ import annotations

from typing import Final, TypeAlias
from urllib.parse import parse_qsl, urlsplit

from backend.core.errors import UnavailableError
from backend.db.cameras import Camera
from backend.services.secret_box import SecretBox

_LOGIN: Final = frozenset({"user", "usr", "username", "password", "passwd", "pass", "pwd"})
"""Parameters that only say who asks. A token or key may say which stream is meant."""

SourceAddress: TypeAlias = tuple[object, ...]
"""Only to be compared; keeps no log-in data of what it could read."""


def address_of(source: str) -> SourceAddress:
    """Return what a source opens, log-in data aside; equal for equal places only.

    Not the other way round: in doubt two differ. That costs somebody a look at the picture,
    the other mistake would measure one place with the calibration of another.

    Example:
        >>> address_of("rtsp://me:old@10.0.0.7/live/1") == address_of("rtsp://10.0.0.7/live/1")
        True
        >>> address_of("rtsp://10.0.0.7/live/1") == address_of("rtsp://10.0.0.7/live/2")
        False
    """
    text = source.strip()
    try:
        parts = urlsplit(text)
    except ValueError:  # such as brackets that are no IPv6 address
        return (text,)
    if not parts.netloc:
        return (text,)
    asked = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if name.lower() not in _LOGIN
    ]
    host = parts.netloc.rpartition("@")[2].lower()
    return parts.scheme, host, parts.path, tuple(asked), parts.fragment


def source_of(camera: Camera, secret_box: SecretBox) -> tuple[str, SourceAddress]:
    """Return what a camera opens, for comparison; a source that cannot be read equals itself."""
    if not camera.source_encrypted:
        return camera.source_type, ()
    try:
        return camera.source_type, address_of(secret_box.decrypt(camera.source_encrypted))
    except UnavailableError:
        return camera.source_type, (camera.source_encrypted,)
