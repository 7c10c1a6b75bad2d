"""Pictures for viewers: encoded once per watched variant, only when somebody looks."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass

from backend.core.clock import Clock
from backend.core.errors import UnavailableError
from backend.core.frame import Frame
from backend.core.snapshot import Snapshot
from backend.pipeline.camera_feed import AnalysedFrame, CameraFeed, FeedParams
from backend.pipeline.picture_encoder import EncodedFrame, PictureEncoder, StreamVariant
from backend.vision.overlay import OverlayRenderer

logger = logging.getLogger(__name__)

_VIEWER_SLICE_S = 5.0


@dataclass(frozen=True, slots=True)
class FrameHubParams:
    """Limits of the hub.

    Attributes:
        stream_max_fps: Pictures a second at most, per variant.
        quality: JPEG quality.
        linger_s: Seconds a camera's thread stays after its last viewer has left.
        stale_repeat_s: Seconds between two repeats of a frame that is no longer live.
        max_viewers: Streams at once, all cameras together; each holds a server thread.
        max_variants: Different variants of one camera watched at once.
    """

    stream_max_fps: float = 12.0
    quality: int = 80
    linger_s: float = 5.0
    stale_repeat_s: float = 1.0
    max_viewers: int = 96
    max_variants: int = 8


@dataclass(frozen=True, slots=True)
class HubCounters:
    """What the hub has done since it was made.

    Attributes:
        encodes: Pictures rendered and encoded, snapshots included.
        frames: Pictures offered to the viewers of a variant (streams only).
        errors: Pictures that could not be drawn.
        viewers: Streams open now.
        threads: Cameras being encoded now.
    """

    encodes: int
    frames: int
    errors: int
    viewers: int
    threads: int


class Subscription:
    """One viewer of one variant; used by one thread, closed from any."""

    def __init__(self, feed: CameraFeed, variant: StreamVariant) -> None:
        self._feed = feed
        self._variant = variant
        self._seen = 0
        self._lock = threading.Lock()
        self._closed = False

    @property
    def is_closed(self) -> bool:
        """Closed by `close`, by the hub's stop or by the camera's removal."""
        return self._closed or self._feed.is_closed

    def next(self, timeout_s: float) -> EncodedFrame | None:
        """Return the newest picture not seen yet; None on timeout or when closed.

        A viewer that comes late skips pictures and delays nobody.
        """
        if self.is_closed:
            return None
        encoded = self._feed.wait_encoded(
            self._variant, self._seen, timeout_s, lambda: self._closed
        )
        if encoded is not None:
            self._seen = encoded.number
        return encoded

    def __iter__(self) -> Iterator[EncodedFrame]:
        """Yield pictures until closed; closes itself when the reader goes away."""
        try:
            while not self.is_closed:
                encoded = self.next(_VIEWER_SLICE_S)
                if encoded is not None:
                    yield encoded
        finally:
            self.close()

    def close(self) -> None:
        """Leave; wakes a waiting `next`. Idempotent."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        self._feed.leave(self._variant)

    def __enter__(self) -> Subscription:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class FrameHub:
    """Newest frame and snapshot of every camera, for MJPEG streams and snapshots.

    ``offer`` is called on video threads and only replaces a reference. Each watched camera
    has one thread of the hub (``stream-<id>``), started by its first viewer and ended some
    seconds after the last one left.
    """

    def __init__(
        self, renderer: OverlayRenderer, *, clock: Clock, params: FrameHubParams | None = None
    ) -> None:
        self._clock = clock
        self._params = params or FrameHubParams()
        self._encoder = PictureEncoder(renderer, quality=self._params.quality)
        self._lock = threading.Lock()
        self._feeds: dict[int, CameraFeed] = {}
        self._gone = HubCounters(0, 0, 0, 0, 0)
        self._stopped = False

    def offer(self, snapshot: Snapshot, frame: Frame) -> None:
        """Take the newest picture of a camera; O(1), never waits for an encoder or viewer."""
        feed = self._feed(snapshot.camera_id)
        if feed is not None:
            feed.offer(snapshot, frame)

    def watch(self, camera_id: int, variant: StreamVariant) -> Subscription:
        """Open a stream.

        Raises:
            UnavailableError: Too many viewers or variants, or the hub is stopped.
        """
        feed = self._feed(camera_id)
        if feed is None:
            raise UnavailableError("The server is shutting down.")
        if self.counters().viewers >= self._params.max_viewers:
            raise UnavailableError(
                f"{self._params.max_viewers} streams are open already; close one and try again."
            )
        feed.join(variant)
        return Subscription(feed, variant)

    def snapshot_jpeg(self, camera_id: int, variant: StreamVariant) -> EncodedFrame | None:
        """Return the newest picture, encoded at most once per frame and variant.

        None when the camera has not delivered anything yet.
        """
        with self._lock:
            feed = self._feeds.get(camera_id)
        return None if feed is None else feed.snapshot_jpeg(variant)

    def newest(self, camera_id: int) -> AnalysedFrame | None:
        """Return a camera's newest picture, however old: the one viewers see."""
        with self._lock:
            feed = self._feeds.get(camera_id)
        return None if feed is None else feed.newest()

    def forget(self, camera_id: int) -> None:
        """Drop a deleted camera; its viewers are woken and closed."""
        with self._lock:
            feed = self._feeds.pop(camera_id, None)
        if feed is not None:
            feed.close()
            feed.join_thread(1.0)
            self._add_gone(feed)

    def counters(self) -> HubCounters:
        """Return what was done so far."""
        with self._lock:
            feeds, gone = list(self._feeds.values()), self._gone
        return HubCounters(
            encodes=gone.encodes + sum(feed.encodes for feed in feeds),
            frames=gone.frames + sum(feed.frames for feed in feeds),
            errors=gone.errors + sum(feed.errors for feed in feeds),
            viewers=sum(feed.viewers for feed in feeds),
            threads=sum(feed.has_thread for feed in feeds),
        )

    def stop(self, timeout_s: float = 5.0) -> bool:
        """Wake and close every viewer, end the threads; return whether all ended. Idempotent."""
        with self._lock:
            self._stopped = True
            feeds = list(self._feeds.values())
        for feed in feeds:
            feed.close()
        deadline_s = self._clock.monotonic() + timeout_s
        ended = [feed.join_thread(deadline_s - self._clock.monotonic()) for feed in feeds]
        if not all(ended):
            logger.error("frame_hub_stop_timed_out threads=%s", ended.count(False))
        return all(ended)

    def _feed(self, camera_id: int) -> CameraFeed | None:
        """The camera's feed, made when missing; None once stopped."""
        with self._lock:
            if self._stopped:
                return None
            feed = self._feeds.get(camera_id)
            if feed is None:
                params = FeedParams(
                    stream_max_fps=self._params.stream_max_fps,
                    linger_s=self._params.linger_s,
                    stale_repeat_s=self._params.stale_repeat_s,
                    max_variants=self._params.max_variants,
                )
                feed = CameraFeed(camera_id, self._encoder, clock=self._clock, params=params)
                self._feeds[camera_id] = feed
            return feed

    def _add_gone(self, feed: CameraFeed) -> None:
        with self._lock:
            gone = self._gone
            self._gone = HubCounters(
                gone.encodes + feed.encodes,
                gone.frames + feed.frames,
                gone.errors + feed.errors,
                0,
                0,
            )
