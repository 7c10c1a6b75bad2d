"""The tracker of one camera, which is to know how fast its pictures come."""

from __future__ import annotations

from collections.abc import Callable

from backend.core.camera import CameraConfig, SourceInfo
from backend.core.frame import Tracks
from backend.pipeline.detection_queue import PendingFrame
from backend.pipeline.rate_meter import RateMeter
from backend.vision.tracker import Tracker

DEFAULT_FRAME_RATE_HZ = 25.0
_RATE_INTERVAL_S = 5.0
_SLOW_HZ = 5.0
"""Below this rate the tracker must know at once: it takes new people on differently."""


class RatedTracker:
    """A tracker that is told the rate at which pictures are really analysed.

    Used by one thread only.

    Args:
        config: The camera.
        make: Makes the tracker for a stream of so many frames a second.
    """

    def __init__(
        self, config: CameraConfig, make: Callable[[CameraConfig, float], Tracker]
    ) -> None:
        self._config = config
        self._make = make
        self._tracker: Tracker | None = None
        self._meter = RateMeter()
        self._told_mono_s = 0.0

    @property
    def fault(self) -> str:
        """What is wrong with the tracker, empty while nothing is."""
        return "" if self._tracker is None else self._tracker.fault

    def load(self) -> None:
        """Make the tracker; pictures whose people are known need none."""
        self._tracker = self._make(self._config, DEFAULT_FRAME_RATE_HZ)

    def connected(self, info: SourceInfo, now_s: float) -> None:
        """A source was opened: forget the rate measured before, expect the declared one."""
        self._meter.reset()
        known = [rate for rate in (self._config.target_fps, info.nominal_fps) if rate]
        if self._tracker is not None:
            self._tracker.set_frame_rate(min(known, default=DEFAULT_FRAME_RATE_HZ))
        self._told_mono_s = now_s

    def reset(self) -> None:
        """Forget everybody: the stream was interrupted."""
        if self._tracker is not None:
            self._tracker.reset()

    def follow(self, pending: PendingFrame) -> Tracks:
        """Return the people of a picture, followed."""
        if pending.frame.truth is not None:
            return pending.frame.truth
        assert self._tracker is not None, "load() comes first"
        return self._tracker.update(pending.detections, pending.frame)

    def analysed(self, now_s: float) -> None:
        """Count an analysed picture; the tracker of a live camera learns the rate."""
        self._meter.tick(now_s)
        rate_hz = self._meter.rate_hz(now_s)
        if self._tracker is None:
            return
        is_slow = (rate_hz or _SLOW_HZ) < _SLOW_HZ  # what is slow is told at once
        if not is_slow and now_s - self._told_mono_s < _RATE_INTERVAL_S:
            return
        self._told_mono_s = now_s
        if rate_hz is not None and self._config.spec.source_type.is_live:
            self._tracker.set_frame_rate(rate_hz)

    def rate_hz(self, now_s: float) -> float | None:
        """Return the pictures analysed a second, None where not known."""
        return self._meter.rate_hz(now_s)
