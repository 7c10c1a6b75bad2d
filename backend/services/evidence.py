"""Evidence pictures of incidents: annotated JPEG files below instance/evidence."""

from __future__ import annotations

import logging
import os
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from backend.core.errors import NotFoundError
from backend.pipeline.listeners import GuardedListener, ListenerStats

logger = logging.getLogger(__name__)

TakePicture: TypeAlias = Callable[[int], bytes | None]
"""Returns the camera's newest annotated picture as JPEG, None without one."""


class EvidenceStore:
    """Takes and keeps pictures. A picture that cannot be had never holds an alarm back.

    Args:
        folder: Created when the first picture is kept.
        take_picture: Draws the newest frame of a camera.
    """

    def __init__(self, folder: Path, *, take_picture: TakePicture) -> None:
        self._folder = folder
        self._take_picture = take_picture
        self._guard = GuardedListener("evidence", self._keep_newest)

    @property
    def folder(self) -> Path:
        """Where the pictures lie."""
        return self._folder

    def keep(self, camera_id: int) -> str | None:
        """Keep the camera's newest picture and return its name, None when there is none."""
        kept: list[str] = []
        self._guard(camera_id, kept)
        return kept[0] if kept else None

    def path(self, name: str) -> Path:
        """Return the place of a kept picture; raises NotFoundError when it is gone."""
        path = self._folder / name
        if Path(name).name != name or not path.is_file():
            raise NotFoundError("The picture of this incident is no longer there.")
        return path

    def stats(self) -> ListenerStats:
        """Return how often a picture was taken and how often that failed."""
        return self._guard.stats()

    def _keep_newest(self, camera_id: int, kept: list[str]) -> None:
        jpeg = self._take_picture(camera_id)
        if not jpeg:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        name = f"{uuid.uuid4().hex}.jpg"
        partial = self._folder / f"{name}.part"
        with partial.open("xb") as file:
            file.write(jpeg)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self._folder / name)
        kept.append(name)
