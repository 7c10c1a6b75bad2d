"""Looking through a source that nobody watches: opened for this, and closed again."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Final

from backend.core.camera import CameraConfig, SourceSpec
from backend.core.errors import SourceEnded, SourceError, SourceLostError, UnavailableError
from backend.core.frame import Frame
from backend.services.detection.desk import DetectionDesk
from backend.services.detection.frame_meter import FrameMeter
from backend.services.detection.views import Look
from backend.vision.sources.base import FrameSource, SourceStart

RATE_HZ: Final = 2.0
"""Pictures a second that are counted in a span: people do not come and go faster."""
_READ_S: Final = 0.25


@dataclass(frozen=True, slots=True)
class SourceDoor:
    """How sources are opened here.

    Attributes:
        make_source: Source of one camera, not yet open.
        redact: Takes credentials out of a text.
        first_picture_s: How long an opened source may stay silent.
        wait: Waits so many seconds; True when the server ends.
    """

    make_source: Callable[[SourceSpec, SourceStart], FrameSource]
    redact: Callable[[str], str]
    first_picture_s: float
    wait: Callable[[float], bool]


class SourceLooks:
    """Measures pictures of cameras that do not run.

    Args:
        door: Opens sources.
        desk: Measures.
    """

    def __init__(self, door: SourceDoor, desk: DetectionDesk) -> None:
        self._door = door
        self._desk = desk

    def take(
        self, config: CameraConfig, *, duration_s: float | None
    ) -> Generator[Look, None, None]:
        """Yield measured pictures: one, or two a second for ``duration_s``.

        Everything is released when the iterator ends or is closed. Live sources are looked at
        for that long; of an uploaded recording its first seconds are taken.

        Raises:
            SourceError: It does not open or shows nothing; without credentials in the message.
            ModelError: There is no detector.
            UnavailableError: The network does not answer, or the server ends.
        """
        with self._desk.open_meter(config) as meter:
            source = self._door.make_source(config.spec, SourceStart())
            try:
                source.open()
                meter.connected(source.info)
                yield from self._measured(source, meter, _Pace(config, duration_s))
            except SourceError as error:
                raise type(error)(self._door.redact(str(error))) from None
            finally:
                source.close()

    def _measured(self, source: FrameSource, meter: FrameMeter, pace: _Pace) -> Iterator[Look]:
        clock = self._desk.clock
        source.set_wanted_rate(RATE_HZ)
        for frame in self._frames(source, pace):
            at_s = frame.stream_time_s if pace.is_recorded else clock.monotonic()
            if pace.is_over(at_s):
                return
            if not pace.is_due(at_s):
                continue
            with self._desk.turn():
                snapshot = meter.measure(frame, decode_ms=source.decode_ms)
            yield Look(snapshot, frame)
            if pace.is_single:
                return
            if not pace.is_recorded:
                pace.begin(clock.monotonic())

    def _frames(self, source: FrameSource, pace: _Pace) -> Iterator[Frame]:
        """Yield frames until the source ends; raises when it shows none at all."""
        clock = self._desk.clock
        silent_since_s = clock.monotonic()
        while not self._door.wait(0.0):
            try:
                frame = source.read(_READ_S)
            except (SourceEnded, SourceLostError):
                if pace.has_begun:
                    return
                raise
            if frame is not None:
                silent_since_s = clock.monotonic()
                yield frame
            elif clock.monotonic() - silent_since_s > self._door.first_picture_s:
                if pace.has_begun:
                    return
                raise SourceLostError(f"No picture came within {self._door.first_picture_s:.0f} s.")
        raise UnavailableError("The server is shutting down.")


class _Pace:
    """Which frames of a source are looked at."""

    def __init__(self, config: CameraConfig, duration_s: float | None) -> None:
        self.is_recorded = not config.spec.source_type.is_live
        self._duration_s = duration_s
        self._began_s: float | None = None
        self._seen = False
        self._next_s = 0.0

    @property
    def is_single(self) -> bool:
        """Whether one picture is all that is wanted."""
        return self._duration_s is None

    @property
    def has_begun(self) -> bool:
        """Whether there was a picture."""
        return self._seen

    def begin(self, at_s: float) -> None:
        """Let the span begin, once: with a live source when the first picture is measured.

        The first one is examined for what a detector misses and so takes longer than the rest.
        """
        if self._began_s is None:
            self._began_s = at_s

    def is_over(self, at_s: float) -> bool:
        """Whether the span ends before a picture of that time."""
        if self._began_s is None or self._duration_s is None:
            return False
        return at_s - self._began_s > self._duration_s

    def is_due(self, at_s: float) -> bool:
        """Whether a picture of that time is looked at; if so, the next is due an interval later."""
        if not self._seen:
            self._seen, self._next_s = True, at_s
            if self.is_recorded:
                self.begin(at_s)
        if at_s < self._next_s:
            return False
        self._next_s = max(self._next_s + 1 / RATE_HZ, at_s + 0.5 / RATE_HZ)
        return True
