"""What the services ask of the running parts, and of the rooms that open sources."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from backend.core.camera import CameraConfig, SourceInfo, SourceSpec
from backend.core.frame import Image
from backend.core.places import CameraPlaces


class CameraEngine(Protocol):
    """The part of CameraManager that is commanded here; every call returns once obeyed."""

    def start(
        self, config: CameraConfig, *, run_id: int, recorded_at: datetime | None = None
    ) -> None:
        """Start a thread for the camera; raises IllegalCommandError while it has one."""

    def stop(self, camera_id: int) -> None:
        """Stop the camera and wait for its thread; no effect while it has none."""

    def pause(self, camera_id: int) -> None:
        """Pause the analysis of a recording; raises IllegalCommandError."""

    def resume(self, camera_id: int) -> None:
        """Go on with it; raises IllegalCommandError."""

    def cancel(self, camera_id: int) -> None:
        """Give it up; raises IllegalCommandError."""

    def forget(self, camera_id: int) -> None:
        """Stop a camera that is being deleted, whatever its state."""

    def set_places(self, camera_id: int, places: CameraPlaces) -> None:
        """Measure these zones and lines from the camera's next frame on, if it runs."""

    def is_running(self, camera_id: int) -> bool:
        """Return whether a run is under way (a waiting or paused job is)."""


class Probed(Protocol):
    """Outcome of trying a source."""

    @property
    def info(self) -> SourceInfo:
        """Size, codec and what the stream declares."""

    @property
    def first_frame(self) -> Image:
        """(H, W, 3) uint8 BGR."""

    @property
    def frame_rate_hz(self) -> float | None:
        """Measured frames per second."""


@dataclass(frozen=True, slots=True)
class SourceTools:
    """The doors of `vision.sources`, with the limits of this installation bound in.

    Attributes:
        validate: Raises InvalidInputError for a source that may not be opened.
        redact: Takes credentials out of a text.
        probe: Opens a source for a moment; raises SourceError.
        probe_upload: Looks into an uploaded file; raises SourceRefusedError.
        creation_time: When a recording says it was made, None if it does not.
    """

    validate: Callable[[SourceSpec], None]
    redact: Callable[[str], str]
    probe: Callable[[SourceSpec], Probed]
    probe_upload: Callable[[Path], SourceInfo]
    creation_time: Callable[[Path], datetime | None]
