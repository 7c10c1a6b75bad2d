"""Use case "count the people in this picture": it is looked at and forgotten."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, TypeAlias

from backend.core.camera import CameraConfig, DetectionChoice, SourceSpec, SourceType
from backend.core.errors import InvalidInputError, UnavailableError
from backend.core.frame import Frame
from backend.db.accounts import Role
from backend.services.actor import Actor
from backend.services.detection.desk import DetectionDesk, Wish
from backend.services.detection.places import Places
from backend.services.detection.views import BOXES_ONLY, DetectionView, Look, count_of
from backend.vision.still_image import StillLimits, StillPicture, decode_still

_ADMITTED: Final = 4
"""Pictures being received, decoded or waiting at once: each may hold a hundred megabytes."""
_OF_ONE_ACCOUNT: Final = 2
"""Of those: somebody with a slow line must not keep everybody else out."""


@dataclass(frozen=True, slots=True)
class PictureForm:
    """What was sent in.

    Attributes:
        content: The file.
        wish: What is listed and drawn.
        model: Name of a model in ``models/``, None = the installation's own.
    """

    content: bytes
    wish: Wish
    model: str | None = None


ReadForm: TypeAlias = Callable[[], PictureForm]
"""Receives and parses the request, once there is room for it."""


class PictureDetection:
    """Counts people in pictures that are sent in; nothing of them is stored or logged.

    Args:
        desk: Measures and draws.
        check_model: Raises InvalidInputError for a model that is not there.
        limits: What a picture may cost.
    """

    def __init__(
        self, desk: DetectionDesk, *, check_model: Callable[[str], None], limits: StillLimits
    ) -> None:
        self._desk = desk
        self._check_model = check_model
        self._limits = limits
        self._sending: Counter[int | None] = Counter()
        self._lock = threading.Lock()
        self._admitted = Places(
            _ADMITTED,
            busy="Several pictures are being analysed already. Ask again in a moment.",
            retry_after_s=2,
        )

    @contextmanager
    def _one_of_few(self, actor: Actor) -> Iterator[None]:
        """Hold one of the account's own places; raises UnavailableError when it has too many."""
        with self._lock:
            if self._sending[actor.user_id] >= _OF_ONE_ACCOUNT:
                raise UnavailableError(
                    "Your earlier pictures are still being received or analysed. Ask again then.",
                    retry_after_s=2,
                )
            self._sending[actor.user_id] += 1
        try:
            yield
        finally:
            with self._lock:
                self._sending[actor.user_id] -= 1
                if not self._sending[actor.user_id]:
                    del self._sending[actor.user_id]

    @property
    def limits(self) -> StillLimits:
        """What a picture may cost."""
        return self._limits

    def detect(self, actor: Actor, read: ReadForm) -> DetectionView:
        """Count the people in one picture; operators may.

        Permission and room are checked before a byte is read.

        Raises:
            InvalidInputError: No usable picture, or no such model; says why.
            ModelError: There is no detector at all.
            UnavailableError: Too many pictures at once, or the network does not answer.
        """
        actor.require(Role.OPERATOR)
        began_s = self._desk.clock.monotonic()
        with self._one_of_few(actor), self._admitted.take():
            form = read()
            if form.model is not None:
                self._require_model(form.model)
            with self._desk.turn():
                turn_s = self._desk.clock.monotonic()
                picture = decode_still(form.content, self._limits)
                decode_ms = 1000 * (self._desk.clock.monotonic() - turn_s)
                look = self._measure(picture, form.model)
            timings = look.snapshot.timings
            return self._desk.answer(
                look,
                form.wish,
                count=count_of(look.snapshot),
                overlays=BOXES_ONLY,
                timings_ms={
                    "decode": decode_ms,
                    "detect": timings.detect_ms,
                    "measure": timings.analyse_ms,
                },
                began_s=began_s,
            )

    def _require_model(self, model: str) -> None:
        try:
            self._check_model(model)
        except InvalidInputError as error:
            raise InvalidInputError(str(error), field="model") from error

    def _measure(self, picture: StillPicture, model: str | None) -> Look:
        # An upload is what comes nearest: no lag, and a still picture is no fault.
        config = CameraConfig(
            camera_id=0,
            name="Picture",
            spec=SourceSpec(SourceType.UPLOAD, ""),
            detection=DetectionChoice(model=model),
        )
        clock = self._desk.clock
        frame = Frame(
            index=0,
            image=picture.image,
            stream_time_s=0.0,
            segment=0,
            captured_at=clock.now(),
            captured_mono_s=clock.monotonic(),
        )
        with self._desk.open_meter(config) as meter:
            return Look(meter.measure(frame), frame)
