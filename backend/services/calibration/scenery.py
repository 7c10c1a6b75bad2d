"""Landmarks of the scene, for calibrations and places: taken when one is made, or soon after."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from backend.core.clock import Clock
from backend.db import calibration_store, place_store
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


def present_landmarks(
    camera_id: int,
    picture_wh: tuple[int, int] | None = None,
    *,
    run_count: int,
    live: LiveState,
    newest: NewestFrame,
) -> BackgroundFeatures | None:
    """Return the landmarks of what a camera shows people now, unless that may be an old picture.

    The newest picture of a camera that is off, or of a run before the last one, may show what
    the camera was pointed at before.

    Args:
        camera_id: The camera.
        picture_wh: Size of the picture people worked in: one of another shape does not count.
        run_count: Runs of the camera so far.
        live: Whether its pictures are current.
        newest: Newest picture of a camera.
    """
    frame, facts = newest(camera_id), live.facts(camera_id)
    if frame is None or facts is None or frame.snapshot.run_id < run_count:
        return None
    if not (facts.is_recorded or live.is_fresh(camera_id)):
        return None
    return take_landmarks(frame, picture_wh or frame.snapshot.picture_wh)


@dataclass(frozen=True, slots=True)
class _Lack:
    """A version of a calibration, or of a camera's places, without landmarks."""

    camera_id: int
    version: int
    is_of_places: bool


class SceneryKeeper:
    """Stores landmarks once with calibrations and places made before any picture was there.

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
        self._not_before_mono_s: dict[_Lack, float] = {}
        self._supplied: set[_Lack] = set()

    def step(self) -> None:
        """Look at everything that lacks landmarks, each at most once in ten seconds."""
        now_s = self._clock.monotonic()
        waiting: dict[_Lack, float] = {}
        lacks = set(self._lacks())
        self._supplied &= lacks  # a running camera is not told of landmarks it has learnt itself
        for lack in lacks - self._supplied:
            waiting[lack] = self._not_before_mono_s.get(lack, now_s)
            if now_s >= waiting[lack] and self._is_clean(lack.camera_id):
                waiting[lack] = now_s + RETRY_S
                if lack.is_of_places:
                    self._supply_places(lack)
                else:
                    self._supply(lack.camera_id, lack.version)
        self._not_before_mono_s = waiting

    def _lacks(self) -> Iterator[_Lack]:
        for camera in self._live.cameras():
            camera_id = camera.camera_id
            facts = self._live.calibration(camera_id)
            if facts.version is not None and not facts.has_background:
                yield _Lack(camera_id, facts.version, is_of_places=False)
            newest = self._live.latest(camera_id)
            if newest is None or camera.is_simulated:
                continue
            places = newest.camera_places
            if not (places.is_empty or places.view.background or places.view.fault):
                yield _Lack(camera_id, places.version, is_of_places=True)

    def _is_clean(self, camera_id: int) -> bool:
        """Whether the picture is live, whole and of the known view as far as is known."""
        status = self._live.status(camera_id)
        faults = status.message or status.calibration_fault or status.places_fault
        return self._live.is_fresh(camera_id) and not faults

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

    def _supply_places(self, lack: _Lack) -> None:
        newest = self._newest(lack.camera_id)
        if newest is None:
            return
        found = take_landmarks(newest, newest.snapshot.picture_wh)
        if found is None:
            return
        self._supplied.add(lack)
        with self._open() as session, session.begin():
            place_store.add_background(session, lack.camera_id, lack.version, pack_landmarks(found))
        logger.info("places.landmarks_stored camera=%s version=%s", lack.camera_id, lack.version)
