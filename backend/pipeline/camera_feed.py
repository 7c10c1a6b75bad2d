"""One camera inside the frame hub: its newest picture, its variants, its encoding thread."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from backend.core.clock import Clock
from backend.core.errors import UnavailableError
from backend.core.frame import Frame
from backend.core.snapshot import Snapshot
from backend.pipeline.count_history import CountHistory
from backend.pipeline.listeners import GuardedListener
from backend.pipeline.picture_encoder import (
    EncodedFrame,
    PictureEncoder,
    StreamVariant,
    stale_after_s,
)

logger = logging.getLogger(__name__)

_SNAPSHOTS_KEPT = 8


@dataclass(frozen=True, slots=True)
class FeedParams:
    """As in `FrameHubParams`."""

    stream_max_fps: float
    linger_s: float
    stale_repeat_s: float
    max_variants: int


@dataclass(frozen=True, slots=True)
class AnalysedFrame:
    """A picture and what was found in it; the picture is nobody's to draw on."""

    snapshot: Snapshot
    frame: Frame


@dataclass(frozen=True, slots=True)
class _Newest:
    """What the video thread offered last; ``number`` grows by one with each."""

    number: int
    snapshot: Snapshot
    frame: Frame
    history: tuple[float, ...]


@dataclass(slots=True)
class _Channel:
    """One watched variant: how many look, and what they look at."""

    viewers: int = 0
    latest: EncodedFrame | None = None
    source_number: int = 0
    number: int = 0


@dataclass(frozen=True, slots=True)
class _Cached:
    """A snapshot JPEG and the offer it was made from."""

    source_number: int
    made_mono_s: float
    encoded: EncodedFrame


@dataclass(slots=True)
class _Tally:
    """Counters, changed under the feed's lock."""

    encodes: int = 0
    frames: int = 0
    snapshots: OrderedDict[StreamVariant, _Cached] = field(default_factory=OrderedDict)


class CameraFeed:
    """See `FrameHub`; every public method may be called from any thread."""

    def __init__(
        self, camera_id: int, encoder: PictureEncoder, *, clock: Clock, params: FeedParams
    ) -> None:
        self._camera_id = camera_id
        self._encoder = encoder
        self._clock = clock
        self._params = params
        # one lock, two conditions: a new frame wakes the encoder only, a new picture the viewers
        self._lock = threading.Lock()
        self._arrived = threading.Condition(self._lock)
        self._published = threading.Condition(self._lock)
        self._newest: _Newest | None = None
        self._history = CountHistory()
        self._channels: dict[StreamVariant, _Channel] = {}
        self._tally = _Tally()
        self._snapshot_lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._guard: GuardedListener[_Newest | None] = GuardedListener(
            f"stream-{camera_id}", self._encode_round
        )

    @property
    def is_closed(self) -> bool:
        """No more pictures will come."""
        return self._closed

    @property
    def viewers(self) -> int:
        """Streams open now."""
        with self._lock:
            return sum(channel.viewers for channel in self._channels.values())

    @property
    def has_thread(self) -> bool:
        """Whether the encoding thread runs."""
        with self._lock:
            return self._thread is not None

    @property
    def encodes(self) -> int:
        """Pictures encoded."""
        return self._tally.encodes

    @property
    def frames(self) -> int:
        """Pictures offered to viewers of a variant."""
        return self._tally.frames

    @property
    def errors(self) -> int:
        """Rounds of encoding that failed."""
        return self._guard.stats().errors

    def offer(self, snapshot: Snapshot, frame: Frame) -> None:
        """Replace the newest picture."""
        with self._lock:
            self._history.add(snapshot)
            number = 1 if self._newest is None else self._newest.number + 1
            self._newest = _Newest(number, snapshot, frame, self._history.values())
            self._arrived.notify_all()

    def newest(self) -> AnalysedFrame | None:
        """Return the newest picture, however old; None before the first."""
        newest = self._newest
        return None if newest is None else AnalysedFrame(newest.snapshot, newest.frame)

    def join(self, variant: StreamVariant) -> None:
        """Count a viewer in; starts the thread for the first one."""
        with self._lock:
            if self._closed:
                raise UnavailableError("The camera's stream has been closed.")
            watched = sum(channel.viewers > 0 for channel in self._channels.values())
            channel = self._channels.get(variant)
            if channel is None:
                if watched >= self._params.max_variants:
                    raise UnavailableError(
                        f"This camera is being watched in {watched} different sizes and overlays "
                        "already; choose one of the usual ones."
                    )
                channel = self._channels[variant] = _Channel()
            channel.viewers += 1
            if self._thread is None:
                name = f"stream-{self._camera_id}"
                self._thread = threading.Thread(target=self._run, name=name, daemon=True)
                self._thread.start()
            self._arrived.notify_all()

    def leave(self, variant: StreamVariant) -> None:
        """Count a viewer out and wake it; the last one of a variant ends its encoding."""
        with self._lock:
            channel = self._channels.get(variant)
            if channel is not None:
                channel.viewers -= 1
                if channel.viewers <= 0:
                    del self._channels[variant]
            self._published.notify_all()
            self._arrived.notify_all()

    def wait_encoded(
        self, variant: StreamVariant, seen: int, timeout_s: float, is_over: Callable[[], bool]
    ) -> EncodedFrame | None:
        """Return the variant's newest picture numbered above ``seen``, None if none came."""

        def ready() -> bool:
            return self._closed or is_over() or self._number_of(variant) > seen

        with self._lock:
            self._published.wait_for(ready, timeout_s)
            channel = self._channels.get(variant)
            if self._closed or is_over() or channel is None or channel.latest is None:
                return None
            return channel.latest if channel.latest.number > seen else None

    def snapshot_jpeg(self, variant: StreamVariant) -> EncodedFrame | None:
        """Return the newest picture in ``variant``; concurrent askers share one encoding."""
        with self._snapshot_lock:
            with self._lock:
                newest = self._newest
                cached = None if newest is None else self._reusable(variant, newest)
            if newest is None:
                return None
            age_s = self._age_s(newest)
            if cached is not None:
                return replace(cached, age_s=max(age_s, 0.0))
            encoded = self._encode(newest, variant, number=newest.number)
            with self._lock:
                kept = self._tally.snapshots
                made = _Cached(newest.number, self._clock.monotonic(), encoded)
                kept[variant] = made
                kept.move_to_end(variant)
                while len(kept) > _SNAPSHOTS_KEPT:
                    kept.popitem(last=False)
            return encoded

    def close(self) -> None:
        """End the thread and wake every viewer for the last time."""
        with self._lock:
            self._closed = True
            self._arrived.notify_all()
            self._published.notify_all()

    def join_thread(self, timeout_s: float) -> bool:
        """Wait for the encoding thread; return whether it ended."""
        with self._lock:
            thread = self._thread
        if thread is None:
            return True
        thread.join(max(timeout_s, 0.0))
        return not thread.is_alive()

    # ── on the encoding thread ───────────────────────────────────────────────────────────

    def _run(self) -> None:
        seen = 0
        while self._stay():
            newest = self._await_picture(seen)
            if self._closed:
                continue
            began_s = self._clock.monotonic()
            self._guard(newest)
            if newest is not None:
                seen = newest.number
            spent_s = self._clock.monotonic() - began_s
            self._pause(1 / self._params.stream_max_fps - spent_s)

    def _stay(self) -> bool:
        """Wait for viewers; False, and the thread is over, when none came for a while."""
        with self._lock:
            self._arrived.wait_for(
                lambda: self._closed or self._channels, timeout=self._params.linger_s
            )
            if self._channels and not self._closed:
                return True
            self._thread = None
            return False

    def _await_picture(self, seen: int) -> _Newest | None:
        """Wait for a frame that was not encoded yet, at most until the next repeat is due."""

        def news() -> bool:
            fresh = self._newest is not None and self._newest.number > seen
            empty = any(c.latest is None for c in self._channels.values())
            return self._closed or fresh or (empty and self._newest is not None)

        with self._lock:
            self._arrived.wait_for(news, self._params.stale_repeat_s)
            return self._newest

    def _encode_round(self, newest: _Newest | None) -> None:
        """Encode ``newest`` for every watched variant that needs it."""
        with self._lock:
            wanted = [
                (variant, channel.number + 1)
                for variant, channel in self._channels.items()
                if self._is_due(channel, newest)
            ]
        for variant, number in wanted:
            if newest is None:
                encoded = self._encoder.encode_waiting(variant, number=number)
                self._count_encode()
            else:
                encoded = self._encode(newest, variant, number=number)
            with self._lock:
                channel = self._channels.get(variant)
                if channel is not None:
                    channel.latest, channel.number = encoded, number
                    channel.source_number = 0 if newest is None else newest.number
                    self._tally.frames += 1
                self._published.notify_all()

    def _is_due(self, channel: _Channel, newest: _Newest | None) -> bool:
        """A new frame, or a repeat of one that is no longer live."""
        if newest is None:
            return channel.latest is None
        if channel.source_number != newest.number or channel.latest is None:
            return True
        return self._age_s(newest) > stale_after_s(newest.snapshot)

    def _encode(self, newest: _Newest, variant: StreamVariant, *, number: int) -> EncodedFrame:
        encoded = self._encoder.encode(
            newest.snapshot,
            newest.frame,
            variant,
            number=number,
            age_s=self._age_s(newest),
            history=newest.history,
        )
        self._count_encode()
        return encoded

    def _count_encode(self) -> None:
        with self._lock:
            self._tally.encodes += 1

    def _pause(self, delay_s: float) -> None:
        """Keep to the frame rate; a close ends the wait."""
        if delay_s > 0:
            with self._lock:
                self._arrived.wait_for(lambda: self._closed, delay_s)

    def _age_s(self, newest: _Newest) -> float:
        return max(self._clock.monotonic() - newest.frame.captured_mono_s, 0.0)

    def _number_of(self, variant: StreamVariant) -> int:
        channel = self._channels.get(variant)
        return 0 if channel is None else channel.number

    def _reusable(self, variant: StreamVariant, newest: _Newest) -> EncodedFrame | None:
        """A picture of this frame, or of one so young that a stream would not show a newer."""
        now_s = self._clock.monotonic()
        is_stale = self._age_s(newest) > stale_after_s(newest.snapshot)
        channel = self._channels.get(variant)
        if not is_stale and channel is not None and channel.source_number == newest.number:
            return channel.latest
        cached = self._tally.snapshots.get(variant)
        if cached is None or cached.encoded.is_stale != is_stale:
            return None
        limit_s = self._params.stale_repeat_s if is_stale else 1 / self._params.stream_max_fps
        young = now_s - cached.made_mono_s < limit_s
        same = cached.source_number == newest.number and not is_stale
        return cached.encoded if same or young else None
