"""The folder of plans: written under a temporary name, renamed when they are complete."""

from __future__ import annotations

import logging
import os
import uuid
from collections.abc import Collection
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from backend.core.errors import NotFoundError, UnavailableError

logger = logging.getLogger(__name__)

_PARTIAL: Final = ".part"
MIME_TYPES: Final = {".png": "image/png", ".jpg": "image/jpeg"}


class PlanFiles:
    """Pictures of floor plans; file names are made here and never come from outside.

    Args:
        folder: Created when the first plan arrives.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, content: bytes, suffix: str) -> str:
        """Write a picture and return the name it is kept under.

        Raises:
            UnavailableError: The disk is full or cannot be written to.
        """
        name = f"{uuid.uuid4().hex}{suffix}"
        partial = self._folder / f"{name}{_PARTIAL}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with partial.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(self._folder / name)
        except OSError as error:
            logger.exception("floor_plans.write_failed name=%s", name)
            with suppress(OSError):
                partial.unlink()
            raise UnavailableError(
                "The plan could not be written to the disk: free some space there, or ask an "
                "administrator, and send it again."
            ) from error
        return name

    def path(self, name: str) -> Path:
        """Return a picture's place; raises NotFoundError for anything but a plain name."""
        if Path(name).name != name or Path(name).suffix not in MIME_TYPES:
            raise NotFoundError("There is no such picture of a plan.")
        return self._folder / name

    def delete(self, name: str) -> None:
        """Delete a picture; one that is already gone is fine, other trouble is logged."""
        try:
            self.path(name).unlink(missing_ok=True)
        except OSError:
            # the row is gone; `prune` at the next start tries again
            logger.exception("floor_plans.delete_failed name=%s", name)

    def prune(self, known: Collection[str], *, older_than: datetime) -> int:
        """Delete half-written files and pictures without a row; return how many.

        Args:
            known: Names that belong to a row.
            older_than: Start of the process: newer files may be on their way in.
        """
        if not self._folder.is_dir():
            return 0
        removed = 0
        for path in self._folder.iterdir():
            is_ours = path.suffix in {*MIME_TYPES, _PARTIAL} and path.name not in known
            if is_ours and path.is_file() and path.stat().st_mtime < older_than.timestamp():
                path.unlink(missing_ok=True)
                removed += 1
        return removed
