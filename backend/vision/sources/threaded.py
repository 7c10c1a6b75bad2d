"""The one source implementation: a reader thread, an outbox, and media to read from."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from backend.core.camera import SourceInfo, SourceSpec
from backend.core.clock import Clock
from backend.core.errors import (
    SourceEnded,
    SourceError,
    SourceLostError,
    SourceRefusedError,
)
from backend.core.frame import Frame, Image
from backend.vision.sources.base import SourceLimits, SourceStart
from backend.vision.sources.cancellation import Cancellation
from backend.vision.sources.converter import PictureConverter
from backend.vision.sources.delivery import delivery_for
from backend.vision.sources.media import Media, Picture
from backend.vision.sources.outbox import Outbox
from backend.vision.sources.timeline import Pacer, StreamTimeline, TimelineParams

logger = logging.getLogger(__name__)

_LEAST_LOOP_HZ = 25.0
_QUEUE_FRAMES = 4
_QUEUE_BYTES = 64_000_000
_OPEN_MARGIN_S = 2.0
_JOIN_MARGIN_S = 2.0


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A frame on its way: ``image`` already (recordings), or ``av_frame`` until fetched (live)."""

    image: Image | None
    av_frame: Any
    index: int
    segment: int
    stream_time_s: float
    captured_at: datetime
    captured_mono_s: float
    decode_ms: float


class ThreadedSource:
    """A `FrameSource` that decodes in a thread of its own.

    Live frames are converted to BGR only when they are fetched, so that frames nobody looks
    at cost no more than their decoding; a recording's are converted in the reader thread, so
    that it overlaps inference.

    Args:
        spec: What is opened.
        open_media: Opens it; called in the reader thread.
        limits, clock, start: See `SourceLimits`, `Clock`, `SourceStart`.
    """

    def __init__(
        self,
        *,
        spec: SourceSpec,
        open_media: Callable[[Cancellation], Media],
        limits: SourceLimits,
        clock: Clock,
        start: SourceStart,
    ) -> None:
        self._spec = spec
        self._open_media = open_media
        self._delivery = delivery_for(spec, container="", limits=limits)
        self._limits = limits
        self._clock = clock
        self._start = start
        self._outbox: Outbox[_Waiting] = Outbox(1, newest_wins=not self._delivery.in_order)
        self._cancellation = Cancellation()
        self._lock = threading.Lock()
        self._opened = threading.Event()
        self._thread: threading.Thread | None = None
        self._converter: PictureConverter | None = None
        self._info: SourceInfo | None = None
        self._source_wh = (0, 0)
        self._next_index = start.first_index
        self._decode_ms = 0.0
        self._heard_mono_s = 0.0
        self._began_at = clock.now()
        self._wanted_rate_hz: float | None = None

    @property
    def info(self) -> SourceInfo:
        if self._info is None:
            raise SourceLostError("The source has not been opened.")
        return self._info

    @property
    def dropped_frames(self) -> int:
        return self._outbox.dropped

    @property
    def decode_ms(self) -> float:
        return self._decode_ms

    def open(self) -> None:
        """See `FrameSource.open`."""
        with self._lock:
            if self._thread is not None or self._cancellation.is_cancelled:
                raise SourceLostError("A source can be opened only once.")
            self._thread = threading.Thread(
                target=self._run, name=f"source-{self._spec.source_type}"
            )
            self._thread.start()
        # The reader bounds each step; this bounds their sum, name look-up and slow disks too.
        bound_s = self._limits.open_timeout_s + _OPEN_MARGIN_S
        if not self._opened.wait(bound_s):
            self._cancellation.cancel()
            raise SourceLostError(f"The source did not open within {bound_s:.0f} s.")
        if self._info is None:
            self._outbox.take(0.0)
            raise SourceLostError("The source was closed while it was being opened.")

    def read(self, timeout_s: float) -> Frame | None:
        """See `FrameSource.read`."""
        waiting = self._outbox.take(timeout_s)
        if waiting is None:
            self._check_silence()
            return None
        self._heard_mono_s = self._clock.monotonic()
        image, decode_ms = waiting.image, waiting.decode_ms
        if image is None:
            image, convert_ms = self._convert(waiting.av_frame)
            decode_ms += convert_ms
        self._decode_ms = decode_ms
        return Frame(
            index=waiting.index,
            image=image,
            stream_time_s=waiting.stream_time_s,
            segment=waiting.segment,
            captured_at=waiting.captured_at,
            captured_mono_s=waiting.captured_mono_s,
        )

    def set_wanted_rate(self, rate_hz: float | None) -> None:
        """See `FrameSource.set_wanted_rate`."""
        self._wanted_rate_hz = rate_hz

    def close(self) -> None:
        """See `FrameSource.close`."""
        self._cancellation.cancel()
        self._outbox.close()
        with self._lock:
            thread = self._thread
        if thread is None or thread is threading.current_thread():
            return
        thread.join(self._limits.open_timeout_s + self._limits.read_timeout_s + _JOIN_MARGIN_S)
        if thread.is_alive():
            logger.error("source_reader_stuck source_type=%s", self._spec.source_type)

    def _adopt(self, media: Media) -> None:
        """Take over what the opened media is like; later pictures are brought to its size."""
        info = media.info
        self._delivery = delivery_for(self._spec, container=info.container, limits=self._limits)
        true_fps = self._spec.true_fps
        if true_fps is not None and info.nominal_fps is not None and info.duration_s is not None:
            duration_s: float | None = info.duration_s * info.nominal_fps / true_fps
        else:
            duration_s = info.duration_s
        self._info = SourceInfo(
            width=info.width,
            height=info.height,
            nominal_fps=true_fps or info.nominal_fps,
            duration_s=duration_s,
            frames_total=info.frames_total,
            codec=info.codec,
            container=info.container,
            decoder=info.decoder,
            decoder_note=info.decoder_note,
        )
        self._source_wh = media.orientation.turned_wh(info.width, info.height)
        self._converter = PictureConverter(media.orientation, self._source_wh)
        self._heard_mono_s = self._clock.monotonic()
        self._began_at = self._clock.now()
        if self._delivery.in_order:
            frame_bytes = max(info.width * info.height * 3, 1)
            self._outbox.set_capacity(min(_QUEUE_FRAMES, _QUEUE_BYTES // frame_bytes))

    def _check_silence(self) -> None:
        stall_s = self._delivery.stall_s
        if stall_s is None or self._cancellation.is_cancelled:
            return
        silent_s = self._clock.monotonic() - self._heard_mono_s
        if silent_s > stall_s:
            raise SourceLostError(f"No picture for {silent_s:.0f} s.")

    # Reader thread below this line.

    def _run(self) -> None:
        try:
            media = self._open_media(self._cancellation)
            self._adopt(media)
            self._opened.set()
            self._play(media)
        except SourceError as error:
            self._outbox.finish(error)
        except Exception as error:
            logger.exception("source_reader_failed source_type=%s", self._spec.source_type)
            self._outbox.finish(error)
        finally:
            self._opened.set()

    def _play(self, media: Media) -> None:
        segment = self._start.segment
        pacing = self._delivery.pacing
        pacer = None if pacing is None else Pacer(pacing, self._clock)
        while True:
            try:
                if not self._play_segment(media, segment=segment, pacer=pacer):
                    return
            finally:
                media.close()
            if not self._delivery.loop:
                raise SourceEnded("The video has ended.")
            # the last picture is shown as long as any other; a file of one must not spin
            period_s = 1.0 / (media.info.nominal_fps or _LEAST_LOOP_HZ)
            if self._cancellation.event.wait(max(period_s, 1.0 / _LEAST_LOOP_HZ)):
                return
            media = self._open_media(self._cancellation)
            segment += 1
            if pacer is not None:
                pacer.restart()

    def _play_segment(self, media: Media, *, segment: int, pacer: Pacer | None) -> bool:
        """Deliver one run through the media; False when the source is being closed."""
        timeline = StreamTimeline(
            TimelineParams(
                nominal_fps=media.info.nominal_fps,
                true_fps=self._spec.true_fps,
                is_live=self._delivery.is_live,
            )
        )
        for picture in media.pictures(lambda: self._wanted_rate(media.info.nominal_fps)):
            if self._delivery.in_order:  # a damaged recording is numbered as if it were whole
                picture = replace(picture, left_out=0)  # noqa: PLW2901 - the same picture
            pts_s = None if media.uses_arrival_time else picture.pts_s
            time_s = timeline.place(
                pts_s, arrived_mono_s=picture.arrived_mono_s, left_out=picture.left_out
            )
            if time_s > self._limits.max_minutes * 60 and self._delivery.in_order:
                raise SourceRefusedError(
                    f"The video is longer than the {self._limits.max_minutes:.0f} minutes "
                    "that are allowed."
                )
            if pacer is not None and not pacer.wait(time_s, self._cancellation.event):
                return False
            received_s = picture.arrived_mono_s if pacer is None else self._clock.monotonic()
            if not self._deliver(
                picture, segment=segment, time_s=time_s, received_mono_s=received_s
            ):
                return False
        return not self._cancellation.is_cancelled

    def _deliver(
        self, picture: Picture, *, segment: int, time_s: float, received_mono_s: float
    ) -> bool:
        self._check_same_size(picture.av_frame)
        image, decode_ms = None, picture.decode_ms
        captured_at = self._clock.now()
        if self._delivery.in_order:
            image, convert_ms = self._convert(picture.av_frame)
            decode_ms += convert_ms
            captured_at = (self._start.recorded_at or self._began_at) + timedelta(seconds=time_s)
        index = self._next_index + picture.left_out
        self._next_index = index + 1
        return self._outbox.put(
            _Waiting(
                image=image,
                av_frame=picture.av_frame if image is None else None,
                index=index,
                segment=segment,
                stream_time_s=time_s,
                captured_at=captured_at,
                captured_mono_s=received_mono_s,
                decode_ms=decode_ms,
            )
        )

    def _wanted_rate(self, nominal_fps: float | None) -> float | None:
        """Return the wanted pictures per second of the stream's own stamps, None for all."""
        wanted_hz = self._wanted_rate_hz
        if wanted_hz is None or self._delivery.in_order:
            return None
        if self._delivery.stall_s is not None:  # fewer would pass for silence
            wanted_hz = max(wanted_hz, 2.0 / self._delivery.stall_s)
        if self._spec.true_fps is None:
            return wanted_hz
        return None if nominal_fps is None else wanted_hz * nominal_fps / self._spec.true_fps

    def _check_same_size(self, av_frame: Any) -> None:
        if not self._delivery.is_live or (av_frame.width, av_frame.height) == self._source_wh:
            return
        # Zones and calibration are in pixels: a camera that changes its picture begins anew.
        raise SourceLostError(
            f"The camera changed its picture size to {av_frame.width}×{av_frame.height}."
        )

    def _convert(self, av_frame: Any) -> tuple[Image, float]:
        assert self._converter is not None
        started_s = time.perf_counter()
        image = self._converter.convert(av_frame)
        return image, (time.perf_counter() - started_s) * 1e3
