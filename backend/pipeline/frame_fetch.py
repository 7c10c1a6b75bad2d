"""When the next picture of a camera is taken from its source: paced, and under a turn."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from backend.core.camera import CameraConfig
from backend.core.clock import Clock
from backend.core.frame import Frame
from backend.pipeline.frame_pipeline import FramePipeline
from backend.pipeline.rate_meter import FramePacer
from backend.vision.inference.scheduler import Seat, Turn
from backend.vision.sources.base import FrameSource

_SLICE_S = 0.5
"""Longest single wait of the thread: how fast it notices a stop."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A frame and the turn it may be analysed under (None where it needs none)."""

    frame: Frame
    turn: Turn | None


class FrameFetcher:
    """Takes one camera's pictures; used by its thread.

    A camera whose source has pictures waiting asks for its turn first and then takes the
    newest, so that waiting does not age it. One whose source had nothing waits for a picture
    without a turn. While an earlier frame is under way or unfinished it takes a turn only if
    one is free and nobody else wants it; otherwise the earlier frame is finished first.

    Args:
        config: Kind of source, target rate.
        pipeline: Loaded; says what is under way, owns the seat.
        clock: Both clocks.
        beat: Called whenever the thread shows that it lives.
    """

    def __init__(
        self,
        config: CameraConfig,
        pipeline: FramePipeline,
        *,
        clock: Clock,
        beat: Callable[[], None],
    ) -> None:
        self._is_live = config.spec.source_type.is_live
        self._pipeline = pipeline
        self._clock = clock
        self._beat = beat
        self._pacer = FramePacer(config.target_fps if self._is_live else None)
        self._silent_since_s: float | None = None

    @property
    def silent_s(self) -> float:
        """Seconds for which the source has had nothing whenever it was asked."""
        since_s = self._silent_since_s
        return 0.0 if since_s is None else self._clock.monotonic() - since_s

    def connected(self) -> None:
        """Another source was opened."""
        self._silent_since_s = None

    def fetch(self, source: FrameSource, stop: threading.Event) -> Fetched | None:
        """Return the next frame if it is time for one; wait only when nothing else is to do.

        Raises:
            SourceLostError, SourceEnded, SourceRefusedError: See `FrameSource.read`.
        """
        delay_s = self._pacer.delay_s(self._clock.monotonic())
        is_idle = self._pipeline.is_idle
        if delay_s > 0:
            if is_idle:
                stop.wait(min(delay_s, _SLICE_S))
            return None
        fetched = self._fetch_idle(source, stop) if is_idle else self._fetch_besides(source)
        if fetched is not None:
            now_s = self._clock.monotonic()
            self._pacer.taken(now_s, age_s=now_s - fetched.frame.captured_mono_s)
            self._pipeline.load_watch.took(fetched.frame)
        return fetched

    def _fetch_besides(self, source: FrameSource) -> Fetched | None:
        """Take a frame while an earlier one is on its way, if that costs nobody anything."""
        seat = self._pipeline.seat
        if seat is None:
            return self._under(None, source, 0.0)
        turn = seat.try_take(self._pipeline.cost)
        if turn is None:
            return None
        # with room for two and too few of the source's frames analysed, the next is worth a wait
        is_behind = self._is_live and self._pipeline.load_watch.is_short
        return self._under(turn, source, self._pipeline.load_watch.frame_gap_s * is_behind)

    def _fetch_idle(self, source: FrameSource, stop: threading.Event) -> Fetched | None:
        seat = self._pipeline.seat
        if seat is None:
            return self._under(None, source, _SLICE_S)
        if self._silent_since_s is None:
            turn = seat.take(_SLICE_S, self._pipeline.cost)
            return None if turn is None else self._under(turn, source, 0.0)
        frame = self._read(source, _SLICE_S)
        return None if frame is None else self._under_next_turn(frame, seat, source, stop)

    def _under_next_turn(
        self, frame: Frame, seat: Seat, source: FrameSource, stop: threading.Event
    ) -> Fetched | None:
        """Wait for a turn for a frame at hand; a live camera then has a newer one, perhaps."""
        turn = seat.try_take(self._pipeline.cost)
        if turn is not None:
            return Fetched(frame, turn)
        while turn is None:
            if stop.is_set() or seat.is_closed:
                return None
            self._beat()
            turn = seat.take(_SLICE_S, self._pipeline.cost)
        newer = self._under(turn, source, 0.0, keep=True) if self._is_live else None
        return newer or Fetched(frame, turn)

    def _under(
        self, turn: Turn | None, source: FrameSource, timeout_s: float, *, keep: bool = False
    ) -> Fetched | None:
        """Read under ``turn``; without a frame it is given back unless it is to be kept.

        A source that breaks off takes no turn with it, kept or not.
        """
        frame, has_answered = None, False
        try:
            frame = self._read(source, timeout_s)
            has_answered = True
        finally:
            if frame is None and turn is not None and not (keep and has_answered):
                turn.done()
        return None if frame is None else Fetched(frame, turn)

    def _read(self, source: FrameSource, timeout_s: float) -> Frame | None:
        frame = source.read(timeout_s)
        if frame is not None:
            self._silent_since_s = None
        elif self._silent_since_s is None:
            self._silent_since_s = self._clock.monotonic()
        return frame
