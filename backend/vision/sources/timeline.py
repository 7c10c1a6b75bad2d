"""Stream time from presentation timestamps, whatever state they are in; and playing by it."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from backend.core.clock import Clock

_FALLBACK_FPS = 25.0
_SMALL_STEP_BACK_S = 0.5
_FILE_LEAP_S = 3600.0
_LIVE_LEAP_S = 10.0


@dataclass(frozen=True, slots=True)
class TimelineParams:
    """How to read a stream's timestamps.

    Attributes:
        nominal_fps: Declared frame rate in Hz, None if unknown.
        true_fps: True frame rate in Hz where the declaration lies, else None.
        is_live: Arrival times may stand in for missing or broken timestamps.
    """

    nominal_fps: float | None
    true_fps: float | None
    is_live: bool


class StreamTimeline:
    """Turns timestamps into strictly increasing seconds since the start of a segment.

    Missing timestamps are made up from the nominal frame rate (recordings) or the arrival
    (live). A small step back is a glitch: time creeps on. A large step back or an absurd leap
    ahead is a new time base: time goes on by one period (recordings) or by what really passed
    (live). With ``true_fps``, a recording's time is stretched by nominal/true rate, and a live
    camera is taken to send exactly ``true_fps`` pictures a second.

    Not thread-safe; one per segment.
    """

    def __init__(self, params: TimelineParams) -> None:
        self._params = params
        self._period_s = 1.0 / (params.nominal_fps or params.true_fps or _FALLBACK_FPS)
        self._origin_s: float | None = None
        self._raw_s = 0.0
        self._last_s: float | None = None
        self._last_arrival_s = 0.0
        self._placed = 0

    def place(self, pts_s: float | None, *, arrived_mono_s: float, left_out: int = 0) -> float:
        """Return the stream time of the next decoded picture.

        Args:
            pts_s: Its presentation time in seconds, any origin, None if missing.
            arrived_mono_s: Monotonic seconds when it was received.
            left_out: Pictures before it that were not decoded.

        Returns:
            Seconds since the first picture placed; 0.0 for the first, then strictly growing.
        """
        params = self._params
        self._placed += 1 + left_out
        if params.true_fps is not None and (params.is_live or params.nominal_fps is None):
            return (self._placed - 1) / params.true_fps
        raw_s = self._place_raw(pts_s, arrived_mono_s, left_out)
        if params.true_fps is not None and params.nominal_fps is not None:
            return raw_s * params.nominal_fps / params.true_fps
        return raw_s

    def _place_raw(self, pts_s: float | None, arrived_mono_s: float, left_out: int) -> float:
        last_s = self._last_s
        if last_s is None:
            self._origin_s, time_s = pts_s, 0.0
        else:
            waited_s = max(arrived_mono_s - self._last_arrival_s, 0.0)
            steps = 1 + left_out
            time_s = self._next_time(pts_s, last_s=last_s, waited_s=waited_s, steps=steps)
        self._last_s, self._last_arrival_s = time_s, arrived_mono_s
        return time_s

    def _next_time(
        self, pts_s: float | None, *, last_s: float, waited_s: float, steps: int
    ) -> float:
        is_live = self._params.is_live
        made_up_s = max(waited_s, 1e-3) if is_live else steps * self._period_s
        if pts_s is None:
            return last_s + made_up_s
        if self._origin_s is None:
            self._origin_s = pts_s - (last_s + made_up_s)
        step_s = pts_s - self._origin_s - last_s
        leap_s = waited_s + _LIVE_LEAP_S if is_live else _FILE_LEAP_S
        if step_s < -_SMALL_STEP_BACK_S or step_s > leap_s:
            self._origin_s = pts_s - (last_s + made_up_s)
            return last_s + made_up_s
        if step_s <= 0:
            return last_s + self._period_s / 10
        return last_s + step_s


@dataclass(frozen=True, slots=True)
class PacerParams:
    """How strictly a stream is played by its own time.

    Attributes:
        rate: Seconds of stream per second of clock. Slightly above 1 lets a live stream that
            began with a burst catch up.
        max_early_s: A picture due later than this is shown at once and time re-anchored;
            None waits as long as it takes (a recording with gaps).
        max_late_s: Lateness from which time is re-anchored instead of hurrying after it.
    """

    rate: float = 1.0
    max_early_s: float | None = None
    max_late_s: float = 2.0


class Pacer:
    """Waits until a picture is due, so that a recording plays like a camera.

    HLS and files arrive faster than they play; without pacing, newest-wins would throw nearly
    every frame of a segment away.
    """

    def __init__(self, params: PacerParams, clock: Clock) -> None:
        self._params = params
        self._clock = clock
        self._anchor: tuple[float, float] | None = None

    def restart(self) -> None:
        """Begin a new segment: the next picture is due at once."""
        self._anchor = None

    def wait(self, stream_time_s: float, stop: threading.Event) -> bool:
        """Wait until ``stream_time_s`` is due; False when ``stop`` was set meanwhile."""
        now_s = self._clock.monotonic()
        if self._anchor is None:
            self._anchor = (now_s, stream_time_s)
        anchor_mono_s, anchor_time_s = self._anchor
        due_s = anchor_mono_s + (stream_time_s - anchor_time_s) / self._params.rate
        early_s = due_s - now_s
        too_early = self._params.max_early_s is not None and early_s > self._params.max_early_s
        if too_early or -early_s > self._params.max_late_s:
            self._anchor = (now_s, stream_time_s)
            return not stop.is_set()
        # Short waits, so that an injected clock that is moved by hand is noticed too.
        while (early_s := due_s - self._clock.monotonic()) > 0:
            if stop.wait(min(early_s, 0.25)):
                return False
        return not stop.is_set()
