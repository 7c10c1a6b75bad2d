"""When a recording says it was made."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from backend.core.camera import SourceType
from backend.core.errors import SourceError
from backend.vision.sources.allowlist import ffmpeg_options
from backend.vision.sources.base import SourceLimits
from backend.vision.sources.paths import open_regular_file, resolve_below

_KEYS = ("com.apple.quicktime.creationdate", "creation_time", "date")


def read_creation_time(path: Path, *, limits: SourceLimits) -> datetime | None:
    """Return the start of an uploaded recording as its container states it.

    Args:
        path: The file, below ``limits.upload_folder``.

    Returns:
        Aware UTC; None when the container says nothing, or nothing that can be read. A time
        without a zone is taken for UTC. Cameras with an unset clock state nonsense such as
        1904 or 1970: the caller decides what to believe.
    """
    import av  # noqa: PLC0415 - heavy; needed only when somebody uploads
    from av.error import FFmpegError  # noqa: PLC0415

    what = "The uploaded video"
    try:
        place = resolve_below(str(path), (limits.upload_folder,), what=what)
        file: Any = open_regular_file(place, what=what, max_bytes=limits.max_file_bytes)
    except SourceError:
        return None
    try:
        with file, av.open(file, options=ffmpeg_options(SourceType.UPLOAD)) as container:
            streams = (container.metadata, *(stream.metadata for stream in container.streams))
            stated = [tags[key] for key in _KEYS for tags in streams if tags.get(key)]
    except (FFmpegError, ValueError):
        return None
    return next((at for text in stated if (at := parse_stated_time(text)) is not None), None)


def parse_stated_time(text: str) -> datetime | None:
    """Return an ISO 8601 time as aware UTC, None for anything else.

    Example:
        >>> parse_stated_time("2024-05-01T10:00:00.000000Z")
        datetime.datetime(2024, 5, 1, 10, 0, tzinfo=datetime.timezone.utc)
        >>> parse_stated_time("spring") is None
        True
    """
    try:
        at = datetime.fromisoformat(text.strip())
        aware = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
        return aware.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
