"""Pictures for the ``models`` commands: from video files, or from the cameras themselves."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from backend.cli.analyze import shell_limits
from backend.core.camera import SourceSpec, SourceType
from backend.core.errors import InvalidInputError, NotFoundError
from backend.db import camera_store
from backend.services.container import Services
from backend.services.parts import source_limits
from backend.vision.frame_sampling import Sample, sample_file, sample_live
from backend.vision.model_store.quantise import Footage
from backend.vision.sources.base import FrameSource, SourceLimits, SourceStart
from backend.vision.sources.factory import make_source
from backend.vision.sources.validate import validate_source

EVERY_S = 1.0
"""Seconds between two pictures of a live camera: long enough for people to have moved."""


@dataclasses.dataclass(frozen=True, slots=True)
class SourceFootage:
    """A video or camera, opened when pictures are taken (see `quantise.Footage`).

    Attributes:
        shown_as: Without credentials.
        spec: What to open.
        limits: What may be opened.
        house: For the clock.
        every_s: Seconds between two pictures of a live source.
    """

    shown_as: str
    spec: SourceSpec
    limits: SourceLimits
    house: Services
    every_s: float = EVERY_S

    def take(self, count: int) -> Iterator[Sample]:
        """See `Footage.take`."""
        stop = threading.Event()
        with self._opened() as source:
            if self.spec.source_type is SourceType.UPLOAD:
                yield from sample_file(source, count, stop=stop)
            else:
                yield from sample_live(source, count, interval_s=self.every_s, stop=stop)

    @contextmanager
    def _opened(self) -> Iterator[FrameSource]:
        validate_source(self.spec, self.limits)
        source = make_source(
            self.spec, limits=self.limits, clock=self.house.clock, start=SourceStart()
        )
        try:
            source.open()
            yield source
        finally:
            source.close()


def video_footage(house: Services, path: Path) -> SourceFootage:
    """Return a local file: somebody at the shell may open any file they can read."""
    spec = SourceSpec(SourceType.UPLOAD, str(path.resolve()))
    return SourceFootage(path.name, spec, shell_limits(house, spec), house)


def camera_footage(house: Services, camera_id: int, *, every_s: float) -> SourceFootage:
    """Return a configured camera, or the video uploaded for one.

    Raises:
        NotFoundError: No such camera.
        InvalidInputError: A simulated one: no detector ever looks at it.
        CrowdSafeError: Its source cannot be decrypted, or nothing was uploaded yet.
    """
    with house.session_factory() as session:
        camera = camera_store.find_camera(session, camera_id)
        if camera is None:
            raise NotFoundError(f"There is no camera {camera_id}.")
        job = camera_store.find_job(session, camera_id)
        spec = house.launcher.source_spec(camera, job)
        name = camera.name
    if spec.source_type is SourceType.SIMULATED:
        raise InvalidInputError(
            f"{name} is simulated: its pictures are drawn, and no detector looks at them.",
            field="camera",
        )
    shown_as = f"camera {camera_id} ({name})"
    return SourceFootage(shown_as, spec, source_limits(house.settings), house, every_s)


def all_footage(
    house: Services, videos: tuple[Path, ...], camera_ids: tuple[int, ...], *, every_s: float
) -> list[Footage]:
    """Return everything asked for, at least one.

    Raises:
        CrowdSafeError: Nothing was asked for, or a camera cannot be used.
    """
    found: list[Footage] = [video_footage(house, path) for path in videos]
    found += [camera_footage(house, camera_id, every_s=every_s) for camera_id in camera_ids]
    if not found:
        raise InvalidInputError("Say where pictures come from: --video FILE or --camera NUMBER.")
    return found
