"""Landmarks of the scene for calibrations: taken when one is made, or as soon as one can be."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from backend.core.clock import Clock
from backend.db import calibration_store
from backend.db.base import SessionFactory
from backend.pipeline.camera_feed import AnalysedFrame
from backend.services.calibration.landmarks import pack_landmarks
from backend.services.calibration.solving import same_aspect
from backend.services.live_state import LiveState

if TYPE_CHECKING:
    from backend.core.calibration import BackgroundFeatures

logger = logging.getLogger(__name__)

NewestFrame: TypeAlias = Callable[[int], AnalysedFrame | None]
"""Newest picture of a camera, however old; None before the first."""

RETRY_S = 10.0


def take_landmarks(
    newest: AnalysedFrame | None, picture_wh: tuple[int, int]
) -> BackgroundFeatures | None:
    """Return the landmarks of the newest picture.

    Args:
        newest: The picture people see; None where there is none.
        picture_wh: Picture the calibration was made in: one of another shape does not count.
    """
    if newest is None or not same_aspect(newest.snapshot.picture_wh, picture_wh):
        return None
    from backend.vision.camera_moved import background_features  # noqa: PLC0415 - heavy

    boxes = [track.box_xyxy for track in newest.snapshot.picture.tracks]
    return background_features(newest.frame.image, np.array(boxes, np.float32).reshape(-1, 4))


class SceneryKeeper:
    """Stores landmarks once with calibrations that were made before any picture was there.

    `step` is called about once a second, on a thread that may write to the database. It asks
    the database nothing: what is missing is known from what cameras were started with.

    Args:
        session_factory, clock: As everywhere.
        live: What cameras run with, and whether their pictures are current.
        newest: Newest picture of a camera.
    """

    def __init__(
        self,
        *,
        session_factory: SessionFactory,
        clock: Clock,
        live: LiveState,
        newest: NewestFrame,
    ) -> None:
        self._open = session_factory
        self._clock = clock
        self._live = live
        self._newest = newest
        self._not_before_mono_s: dict[int, float] = {}

    def step(self) -> None:
        """Look at every camera that lacks landmarks, each at most once in ten seconds."""
        now_s = self._clock.monotonic()
        waiting: dict[int, float] = {}
        for camera in self._live.cameras():
            camera_id = camera.camera_id
            facts = self._live.calibration(camera_id)
            if facts.version is None or facts.has_background:
                continue
            waiting[camera_id] = self._not_before_mono_s.get(camera_id, now_s)
            if now_s >= waiting[camera_id] and self._is_clean(camera_id):
                waiting[camera_id] = now_s + RETRY_S
                self._supply(camera_id, facts.version)
        self._not_before_mono_s = waiting

    def _is_clean(self, camera_id: int) -> bool:
        """Whether the picture is live, whole and of the calibrated view as far as is known."""
        status = self._live.status(camera_id)
        return self._live.is_fresh(camera_id) and not (status.message or status.calibration_fault)

    def _supply(self, camera_id: int, version: int) -> None:
        with self._open() as session:
            row = calibration_store.find_current(session, camera_id)
        if row is None or row.version != version:
            return
        found = take_landmarks(self._newest(camera_id), (row.picture_width, row.picture_height))
        if found is None:
            return
        packed = pack_landmarks(found)
        with self._open() as session, session.begin():
            calibration_store.add_background(session, camera_id, version, packed)
        self._live.note_landmarks(camera_id, version)
        logger.info("calibration.landmarks_stored camera=%s version=%s", camera_id, version)
