"""Uploaded videos on disk: written under a temporary name, renamed when they are good."""

from __future__ import annotations

import logging
import os
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from backend.core.errors import NotFoundError, TooLargeError, UnavailableError

logger = logging.getLogger(__name__)

_PARTIAL = ".part"
_STORED = ".video"


@dataclass(slots=True)
class IncomingFile:
    """A video being received; the caller writes to `stream`."""

    path: Path
    stream: BinaryIO

    def seal(self) -> int:
        """Flush to the disk, close, return the size in bytes."""
        if not self.stream.closed:
            self.stream.flush()
            os.fsync(self.stream.fileno())
            self.stream.close()
        return self.path.stat().st_size

    def discard(self) -> None:
        """Close and delete; idempotent."""
        self.stream.close()
        self.path.unlink(missing_ok=True)


class UploadFiles:
    """The folder of uploaded videos; file names are made here and never come from outside.

    Args:
        folder: Created when it does not exist.
        max_bytes: Largest video accepted.
        reserve_bytes: Free space that must be left after the upload.
    """

    def __init__(self, folder: Path, *, max_bytes: int, reserve_bytes: int) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._reserve_bytes = reserve_bytes

    @property
    def max_bytes(self) -> int:
        """Largest video accepted, in bytes."""
        return self._max_bytes

    def open_incoming(self, expected_bytes: int | None) -> IncomingFile:
        """Open a temporary file in the same folder, so that the rename is atomic.

        Raises:
            UnavailableError: The disk has no room for it.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        free = _free_bytes(self._folder)
        if free < (expected_bytes or 0) + self._reserve_bytes:
            raise UnavailableError(
                "There is not enough room on the disk for this video: delete recordings or "
                "uploads that are no longer needed, or ask an administrator."
            )
        path = self._folder / f"{uuid.uuid4().hex}{_PARTIAL}"
        return IncomingFile(path, path.open("xb"))

    def check_size(self, size_bytes: int) -> None:
        """Refuse a video over the limit; raises TooLargeError."""
        if size_bytes > self._max_bytes:
            raise TooLargeError(
                f"The video is larger than {self._max_bytes // 2**20} MB. Cut or re-encode it, "
                "or raise CROWDSAFE_MAX_UPLOAD_MB.",
                field="video",
            )

    def keep(self, incoming: IncomingFile, *, camera_id: int) -> str:
        """Give a sealed file its final name and return that name."""
        name = f"{camera_id}-{uuid.uuid4().hex}{_STORED}"
        incoming.path.replace(self._folder / name)
        _sync_folder(self._folder)
        return name

    def path(self, stored_name: str) -> Path:
        """Return the file's place; raises NotFoundError for anything but a plain name."""
        if Path(stored_name).name != stored_name or not stored_name.endswith(_STORED):
            raise NotFoundError("There is no such uploaded video.")
        return self._folder / stored_name

    def delete(self, stored_name: str) -> None:
        """Delete one video; a file that is already gone is fine, other trouble is logged."""
        try:
            self.path(stored_name).unlink(missing_ok=True)
        except OSError:
            # the row is gone; `prune` at the next start tries again
            logger.exception("uploads.delete_failed name=%s", stored_name)

    def prune(self, known: Collection[str], *, older_than: datetime) -> int:
        """Delete half-received files and videos without a row (after a crash); return how many.

        Args:
            known: Names that belong to a row.
            older_than: Start of the process: newer files may be on their way in.
        """
        if not self._folder.is_dir():
            return 0
        removed = 0
        for path in self._folder.iterdir():
            is_stray = path.suffix == _STORED and path.name not in known
            is_old = path.stat().st_mtime < older_than.timestamp()
            if path.is_file() and is_old and (path.suffix == _PARTIAL or is_stray):
                path.unlink(missing_ok=True)
                removed += 1
        return removed


def _free_bytes(folder: Path) -> int:
    usage = os.statvfs(folder)
    return usage.f_bavail * usage.f_frsize


def _sync_folder(folder: Path) -> None:
    """Make a rename survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
