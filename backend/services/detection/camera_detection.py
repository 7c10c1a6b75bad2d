"""Use case "how many people does this camera see now", or over the next seconds."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from backend.core.camera import CameraConfig, SourceType
from backend.core.errors import UnavailableError
from backend.db import camera_store
from backend.db.accounts import Role
from backend.db.base import SessionFactory
from backend.db.cameras import Camera
from backend.pipeline.camera_feed import AnalysedFrame
from backend.services import camera_rules as rules
from backend.services.actor import Actor
from backend.services.detection.desk import DetectionDesk, Wish
from backend.services.detection.places import Places
from backend.services.detection.source_looks import SourceLooks
from backend.services.detection.spans import SpanCount
from backend.services.detection.views import (
    CAMERA_OVERLAYS,
    DetectionView,
    LocationUpdateView,
    Look,
    count_of,
)
from backend.services.launcher import CameraLauncher
from backend.services.live_state import LiveState

SPAN_LIMITS_S: Final = (1.0, 60.0)
_SPANS: Final = 8
"""Requests that last for seconds, at once: each holds a thread of the server."""
_OPENED: Final = 2
"""Sources opened for a detection at once."""
NoteCount: TypeAlias = Callable[[Actor, DetectionView], tuple[LocationUpdateView, ...]]
_LOOK_S: Final = 0.1
_FIRST_S: Final = 5.0
"""How long a running camera is given to deliver a picture that is fresh."""
_BUSY: Final = "Other cameras are being looked at for this long. Ask again in a moment."


@dataclass(frozen=True, slots=True)
class CameraWish:
    """What is wanted of a camera.

    Attributes:
        wish: What is listed and drawn.
        duration_s: Span over which the count is averaged, None = one picture.
    """

    wish: Wish
    duration_s: float | None = None


class CameraDetection:
    """Looks at cameras on demand; no camera is started or stopped.

    Nothing is stored but a count in a location that the camera alone shows, and does not
    measure now.

    Args:
        session_factory: Reads cameras.
        launcher: Knows what runs, and what a camera opens.
        live: Knows which numbers are fresh.
        newest: Newest analysed picture of a camera.
        looks: Opens the source of a camera that does not run.
        desk: Draws and answers.
        wait: Waits so many seconds; True when the server ends.
        note_count: Enters the count of a camera in its locations; returns what became of it.
    """

    def __init__(
        self,
        *,
        session_factory: SessionFactory,
        launcher: CameraLauncher,
        live: LiveState,
        newest: Callable[[int], AnalysedFrame | None],
        looks: SourceLooks,
        desk: DetectionDesk,
        wait: Callable[[float], bool],
        note_count: NoteCount = lambda _actor, _view: (),
    ) -> None:
        self._open = session_factory
        self._launcher = launcher
        self._live = live
        self._newest = newest
        self._looks = looks
        self._desk = desk
        self._wait = wait
        self._note_count = note_count
        self._spans = Places(_SPANS, busy=_BUSY, retry_after_s=5)
        self._opened = Places(_OPENED, busy=_BUSY, retry_after_s=5)

    def detect(self, actor: Actor, camera_id: int, wanted: CameraWish) -> DetectionView:
        """Count the people a camera sees; operators may, on every camera they see.

        A running camera's newest pictures are taken as analysed. Of a camera that does not run
        the source is opened for the moment; a recording then shows its beginning.

        Raises:
            NotFoundError: No such camera, or not for this actor's eyes.
            SourceError: Its source does not open or shows nothing.
            UnavailableError: It runs and delivers nothing, or too much is being looked at.
            ModelError: There is no detector.
        """
        actor.require(Role.OPERATOR)
        began_s = self._desk.clock.monotonic()
        with self._open() as session:
            camera = rules.require_found(
                camera_store.find_camera(session, camera_id, rules.viewpoint_of(actor))
            )
        if self._is_watched(camera):
            with self._place_for(self._spans, wanted):
                outcome = self._watch(camera_id, wanted.duration_s)
        else:
            config = self._launcher.describe(camera_id)
            with self._opened.take():
                outcome = self._look_in(config, wanted.duration_s)
        view = self._answer(camera_id, outcome, wanted, began_s)
        return replace(view, locations=self._note_count(actor, view))

    def _is_watched(self, camera: Camera) -> bool:
        """Whether the camera itself delivers pictures; a waiting or paused recording does not."""
        if not self._launcher.is_running(camera.id):
            return False
        is_live = SourceType(camera.source_type).is_live
        return is_live or self._live.is_fresh(camera.id)

    def _watch(self, camera_id: int, duration_s: float | None) -> _Outcome:
        """Take what the running camera publishes."""
        clock = self._desk.clock
        newest = self._first_fresh(camera_id)
        counts = SpanCount()
        counts.add(newest.snapshot, at_s=newest.snapshot.published_mono_s)
        until_s = clock.monotonic() + (duration_s or 0.0)
        while duration_s is not None and clock.monotonic() < until_s:
            self._pause()
            found = self._newest(camera_id)
            if found is not None and found.snapshot is not newest.snapshot:
                newest = found
                counts.add(newest.snapshot, at_s=newest.snapshot.published_mono_s)
        return _Outcome(Look(newest.snapshot, newest.frame), counts, is_running=True)

    def _first_fresh(self, camera_id: int) -> AnalysedFrame:
        """Return the newest picture, waiting a little for a camera that is just connecting."""
        clock = self._desk.clock
        until_s = clock.monotonic() + _FIRST_S
        while True:
            newest = self._newest(camera_id)
            if newest is not None and self._live.is_fresh(camera_id):
                return newest
            if clock.monotonic() >= until_s:
                status = self._live.status(camera_id)
                why = status.message or f"It is {status.status}."
                raise UnavailableError(
                    f"The camera is running but delivers no picture now. {why}", retry_after_s=10
                )
            self._pause()

    def _look_in(self, config: CameraConfig, duration_s: float | None) -> _Outcome:
        """Open the camera's source for the moment."""
        counts = SpanCount()
        is_live = config.spec.source_type.is_live
        last: Look | None = None
        with closing(self._looks.take(config, duration_s=duration_s)) as looks:
            for last in looks:
                snapshot = last.snapshot
                at_s = snapshot.published_mono_s if is_live else snapshot.stream_time_s
                counts.add(snapshot, at_s=at_s)
        assert last is not None, "a source that shows nothing raises"
        return _Outcome(last, counts, is_running=False)

    def _answer(
        self, camera_id: int, outcome: _Outcome, wanted: CameraWish, began_s: float
    ) -> DetectionView:
        snapshot, counts = outcome.look.snapshot, outcome.counts
        clock, timings = self._desk.clock, snapshot.timings
        duration_s = wanted.duration_s
        view = self._desk.answer(
            outcome.look,
            wanted.wish,
            count=count_of(snapshot) if duration_s is None else counts.mean(duration_s),
            overlays=CAMERA_OVERLAYS,
            timings_ms={
                "look": 1000 * (clock.monotonic() - began_s),
                "detect": timings.detect_ms,
                "measure": timings.analyse_ms,
            },
            began_s=began_s,
        )
        return replace(
            view,
            camera_id=camera_id,
            captured_at=snapshot.captured_at,
            age_s=round(max(clock.monotonic() - snapshot.captured_mono_s, 0.0), 2),
            is_running=outcome.is_running,
            span=None if duration_s is None else counts.view(),
        )

    def _place_for(self, places: Places, wanted: CameraWish) -> AbstractContextManager[None]:
        """Return a place where one is needed: a single look at a running camera costs nothing."""
        return nullcontext() if wanted.duration_s is None else places.take()

    def _pause(self) -> None:
        if self._wait(_LOOK_S):
            raise UnavailableError("The server is shutting down.")


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What was seen: the picture looked at last, and the counts of all."""

    look: Look
    counts: SpanCount
    is_running: bool
