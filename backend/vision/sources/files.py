"""Files and uploads as media: below permitted folders, opened by us, nothing else reachable."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn

from backend.core.camera import SourceSpec, SourceType
from backend.core.clock import Clock
from backend.core.errors import SourceRefusedError
from backend.vision.sources.base import SourceLimits
from backend.vision.sources.cancellation import Cancellation
from backend.vision.sources.media import Media, MediaInput
from backend.vision.sources.paths import open_regular_file, resolve_below

_UPLOAD_DECODER_THREADS = 2


class _NothingElse:
    """PyAV's ``io_open`` for files: a video may not name other files or hosts."""

    def __init__(self, label: str) -> None:
        self._refusal = SourceRefusedError(
            f"{label} refers to other files or addresses; only videos that stand alone are read."
        )
        self._asked = False

    def __call__(self, url: str, flags: int, options: dict[str, str]) -> NoReturn:
        self._asked = True
        raise self._refusal

    def failure(self) -> Exception | None:
        """Return the refusal once something else was asked for."""
        return self._refusal if self._asked else None


def file_label(source_type: SourceType, path: Path) -> str:
    """Return what people call the file; never its folder."""
    kind = "The uploaded video" if source_type is SourceType.UPLOAD else "The video file"
    return f"{kind} {path.name!r}"


def open_file_media(
    spec: SourceSpec, *, limits: SourceLimits, clock: Clock, cancellation: Cancellation
) -> Media:
    """Open a ``file`` or ``upload`` source.

    Raises:
        SourceRefusedError: outside the permitted folders, empty, too large, too long, no
            video, or one that refers to other files.
        SourceLostError: it is not there.
    """
    is_upload = spec.source_type is SourceType.UPLOAD
    folders = (limits.upload_folder,) if is_upload else limits.file_folders
    what = "The uploaded video" if is_upload else "The video file"
    path = resolve_below(spec.source, folders, what=what)
    file: Any = open_regular_file(path, what=what, max_bytes=limits.max_file_bytes)
    label = file_label(spec.source_type, path)
    nothing_else = _NothingElse(label)
    return Media(
        MediaInput(
            source_type=spec.source_type,
            file=file,
            label=label,
            io_open=nothing_else,
            failure=nothing_else.failure,
            free=file.close,
            decoder_threads=_UPLOAD_DECODER_THREADS if is_upload else 1,
        ),
        limits=limits,
        clock=clock,
        stop=cancellation.event,
    )
