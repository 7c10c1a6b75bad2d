"""One opened container and its picture stream: demux and decode.

Imports PyAV, so it is imported only when a source is really opened.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import av
import av.error

from backend.core.camera import SourceInfo, SourceType
from backend.core.clock import Clock
from backend.core.errors import SourceLostError, SourceRefusedError
from backend.vision.sources import explain
from backend.vision.sources.allowlist import DECODERS, ffmpeg_options
from backend.vision.sources.base import SourceLimits
from backend.vision.sources.decoder_threads import DECODER_THREADS
from backend.vision.sources.hardware import HARDWARE, SOFTWARE, HardwareDecoding
from backend.vision.sources.orientation import Orientation, read_orientation
from backend.vision.sources.sparing import Decoded, SparingDecoder

logger = logging.getLogger(__name__)

_USB_POLL_S = 0.004
_HARDWARE_PATIENCE = 50
_PLAUSIBLE_FPS = (0.01, 1000.0)


def _nothing() -> None:
    """Nothing to free."""


def _every_picture() -> float | None:
    """No rate is wanted: all are."""
    return None


@dataclass(frozen=True, slots=True)
class MediaInput:
    """What FFmpeg is given to open.

    Attributes:
        source_type: Decides the allow-lists and whether the input is live.
        file: Opened file-like object, or a name for inputs FFmpeg has to open itself.
        label: What the input is called in sentences for people; free of credentials.
        format_name: Demuxer, None to detect it (from the allow-list).
        options: FFmpeg options besides the allow-lists.
        io_open: PyAV's callback for anything the demuxer wants to open besides ``file``.
        failure: Why the input itself failed or was refused, None if it did not; asked
            whenever FFmpeg gives up, because it only says "input/output error".
        free: Frees what is behind ``file``; called once, after FFmpeg has let go of it.
        uses_arrival_time: The stream's timestamps mean nothing (MJPEG): use the arrival.
        decoder_threads: Threads the decoder may use where the process has them to spare.
    """

    source_type: SourceType
    file: Any
    label: str
    format_name: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    io_open: Callable[[str, int, dict[str, str]], Any] | None = None
    failure: Callable[[], Exception | None] = lambda: None
    free: Callable[[], None] = _nothing
    uses_arrival_time: bool = False
    decoder_threads: int = 1

    @property
    def is_live(self) -> bool:
        """The stream comes from elsewhere and may break off."""
        return self.source_type not in {SourceType.FILE, SourceType.UPLOAD}


@dataclass(frozen=True, slots=True)
class Picture:
    """One decoded, not yet converted picture.

    Attributes:
        av_frame: PyAV's frame.
        pts_s: Presentation time in seconds, any origin; None if missing.
        arrived_mono_s: Monotonic seconds when its last packet had been read.
        decode_ms: Time the decoder took.
        left_out: Pictures of the stream between this one and the one before that were not
            decoded, or could not be.
    """

    av_frame: Any
    pts_s: float | None
    arrived_mono_s: float
    decode_ms: float
    left_out: int = 0


class Media:
    """An opened input whose first picture has been decoded.

    Opening is bounded by ``limits.open_timeout_s`` for live inputs. Belongs to one thread at
    a time; ``stop`` ends it from any.

    Raises:
        SourceRefusedError: not allowed, no video, too large, too long or undecodable.
        SourceLostError: unreachable, silent or broken off.
    """

    def __init__(
        self,
        source: MediaInput,
        *,
        limits: SourceLimits,
        clock: Clock,
        stop: threading.Event,
        hardware: HardwareDecoding = HARDWARE,
    ) -> None:
        self._input = source
        self._limits = limits
        self._clock = clock
        self._stop = stop
        self._container: Any = None
        self._stream: Any = None
        self._pictures: Iterator[Picture] | None = None
        self._first: Picture | None = None
        self._deadline_s: float | None = None
        self._decoder: SparingDecoder | None = None
        self._wanted_rate: Callable[[], float | None] = _every_picture
        self._hardware = hardware
        self._device = SOFTWARE
        self._lent_threads = 0
        self._undecodable = 0
        if source.is_live:
            self._deadline_s = clock.monotonic() + limits.open_timeout_s
        try:
            self._container = self._open_container()
            self._stream = self._choose_stream()
            self._check_stream()
            self._decoder = SparingDecoder(self._stream)
            self._pictures = self._decode()
            self._first = next(self._pictures, None)
            if self._first is None:
                raise explain.nothing_decodable(source.label, is_live=source.is_live)
            self.orientation: Orientation = read_orientation(self._first.av_frame)
            self.info = self._describe(self._first.av_frame)
        except BaseException:
            self.close()
            raise

    @property
    def uses_arrival_time(self) -> bool:
        """Whether timestamps have to come from the arrival of the pictures."""
        return self._input.uses_arrival_time

    def pictures(
        self, wanted_rate: Callable[[], float | None] = _every_picture
    ) -> Iterator[Picture]:
        """Yield the pictures from the first; ends where a recording ends.

        Args:
            wanted_rate: Asked at every packet for the pictures a second (of the stream's own
                stamps) somebody will look at; None = every picture is decoded.

        Raises:
            SourceLostError: a live stream ended, broke off or fell silent.
        """
        self._wanted_rate = wanted_rate
        if self._first is not None:
            first, self._first = self._first, None
            yield first
        if self._pictures is not None:
            yield from self._pictures

    def close(self) -> None:
        """Free the decoder, the demuxer and what is behind them; idempotent."""
        self._first = None
        self._pictures = None
        self._decoder = None
        self._stream = None
        container, self._container = self._container, None
        if container is not None:
            container.close()
        lent, self._lent_threads = self._lent_threads, 0
        DECODER_THREADS.give_back(lent)
        self._input.free()

    def _decoding(self) -> str:
        # An upload is decoded ahead of the network anyway, and nothing may be wrong with it.
        is_upload = self._input.source_type is SourceType.UPLOAD
        return SOFTWARE if is_upload else self._limits.decoding

    def _open_container(self) -> Any:
        source, limits = self._input, self._limits
        self._device, accelerator = self._hardware.open_for(self._decoding(), source.label)
        options = {
            **ffmpeg_options(source.source_type),
            "max_pixels": str(limits.max_pixels),
            **source.options,
        }
        try:
            return av.open(
                source.file,
                mode="r",
                format=source.format_name,
                options=options,
                timeout=(limits.open_timeout_s, limits.read_timeout_s) if source.is_live else None,
                io_open=source.io_open,
                buffer_size=1 << 18,
                hwaccel=accelerator,
                metadata_errors="replace",
            )
        except (av.error.FFmpegError, OSError, ValueError) as error:
            raise self._explain(error, opening=True) from error

    def _choose_stream(self) -> Any:
        for stream in self._container.streams.video:
            if stream.codec_context is not None and not _is_cover_picture(stream):
                return stream
        raise explain.no_picture_stream(
            self._input.label, has_sound=bool(self._container.streams.audio)
        )

    def _check_stream(self) -> None:
        codec = self._stream.codec_context
        if codec.codec.name not in DECODERS:
            raise SourceRefusedError(
                f"{self._input.label} uses the video codec {codec.codec.name}, "
                "which is not supported. Convert it to H.264 (MP4)."
            )
        self._check_size(codec.width, codec.height)
        duration_s = self._duration_s()
        if duration_s is not None and duration_s > self._limits.max_minutes * 60:
            raise SourceRefusedError(
                f"{self._input.label} is {duration_s / 60:.0f} minutes long; "
                f"at most {self._limits.max_minutes:.0f} are allowed."
            )
        codec.options = {"max_pixels": str(self._limits.max_pixels)}
        codec.thread_count = self._lend_threads()
        # Frame threads delay every picture by one: fine for a recording, not for a camera.
        codec.thread_type = "SLICE" if self._input.is_live else "AUTO"

    def _lend_threads(self) -> int:
        """Return the number of threads to decode with; one is the reader itself."""
        wanted = self._input.decoder_threads if self._device == SOFTWARE else 1
        if wanted <= 1:
            return 1
        self._lent_threads = DECODER_THREADS.lend(wanted)
        return max(self._lent_threads, 1)

    def _check_size(self, width: int, height: int) -> None:
        if width * height > self._limits.max_pixels:
            raise SourceRefusedError(
                f"The picture of {self._input.label} is {width}×{height} pixels; at most "
                f"{self._limits.max_megapixels:g} megapixels are allowed."
            )

    def _decode(self) -> Iterator[Picture]:
        delivered = 0
        for packet in self._packets():
            self._check_deadline()
            arrived_s = self._clock.monotonic()
            started_s = time.perf_counter()
            try:
                pictures = self._decode_one(packet, arrived_s)
            except av.error.FFmpegError as error:
                logger.debug("undecodable packet in %s: %s", self._input.label, type(error))
                self._note_undecodable()
                continue
            decode_ms = (time.perf_counter() - started_s) * 1e3
            for picture in pictures:
                frame = picture.av_frame
                if delivered == 0:
                    self._check_size(frame.width, frame.height)
                delivered += 1
                self._undecodable = 0
                self._deadline_s = None
                yield Picture(
                    frame,
                    self._pts_s(frame),
                    arrived_s,
                    decode_ms / len(pictures),
                    left_out=picture.left_out,
                )

    def _decode_one(self, packet: Any, arrived_s: float) -> list[Decoded]:
        assert self._decoder is not None
        if packet is None:
            return self._decoder.flush()
        return self._decoder.decode(
            packet,
            arrived_s=arrived_s if self._input.uses_arrival_time else None,
            wanted_rate_hz=self._wanted_rate(),
        )

    def _note_undecodable(self) -> None:
        """Leave a device that decodes nothing any more: software may well understand it."""
        self._undecodable += 1
        if self._device != SOFTWARE and self._undecodable >= _HARDWARE_PATIENCE:
            self._hardware.give_up(self._device, self._label)
            raise SourceLostError(
                f"Decoding {self._label} on {self._device} failed; it goes on in software."
            )

    def _packets(self) -> Iterator[Any]:
        """Yield packets, None where the decoder has to be flushed after a broken end."""
        while not self._stop.is_set():
            try:
                yield from self._container.demux(self._stream)
            except av.error.BlockingIOError:
                self._check_deadline()
                self._stop.wait(_USB_POLL_S)
                continue
            except (av.error.FFmpegError, OSError, ValueError) as error:
                if self._input.is_live or self._input.failure() is not None:
                    raise self._explain(error, opening=False) from error
                logger.warning("%s is damaged or cut off; using what came before", self._label)
                yield None
                return
            if self._input.is_live and not self._stop.is_set():
                failure = self._input.failure()
                raise failure or SourceLostError(f"The stream of {self._label} ended.")
            return

    def _check_deadline(self) -> None:
        """Give up on a live stream whose first picture does not come."""
        if self._deadline_s is not None and self._clock.monotonic() > self._deadline_s:
            raise SourceLostError(
                f"{self._label} answered, but sent no picture within "
                f"{self._limits.open_timeout_s:.0f} s."
            )

    @property
    def _label(self) -> str:
        return self._input.label

    def _pts_s(self, frame: Any) -> float | None:
        stamp = frame.pts if frame.pts is not None else frame.dts
        return None if stamp is None else float(stamp * self._stream.time_base)

    def _explain(self, error: Exception, *, opening: bool) -> Exception:
        failure = self._input.failure()
        if failure is not None:
            return failure
        if self._input.is_live:
            return explain.live_failure(error, self._label, opening=opening)
        return explain.unreadable_file(self._label, self._input.file)

    def _duration_s(self) -> float | None:
        if self._input.is_live:
            return None
        if self._stream.duration is not None and self._stream.time_base is not None:
            seconds = float(self._stream.duration * self._stream.time_base)
        elif self._container.duration is not None:
            seconds = self._container.duration / av.time_base
        else:
            return None
        return seconds if seconds > 0 else None

    def _describe(self, frame: Any) -> SourceInfo:
        width, height = self.orientation.turned_wh(frame.width, frame.height)
        fps = None if self.uses_arrival_time else _plausible_fps(self._stream)
        duration_s = self._duration_s()
        frames_total = None
        if not self._input.is_live:
            frames_total = self._stream.frames or None
            if frames_total is None and duration_s is not None and fps is not None:
                frames_total = max(round(duration_s * fps), 1)
        on_device = self._uses_device()
        against = self._hardware.why_software(self._decoding(), self._input.label)
        return SourceInfo(
            width=width,
            height=height,
            nominal_fps=fps,
            duration_s=duration_s,
            frames_total=frames_total,
            codec=str(self._stream.codec_context.codec.name),
            container=str(self._container.format.name),
            decoder=self._device if on_device else SOFTWARE,
            decoder_note="" if on_device else against,
        )

    def _uses_device(self) -> bool:
        """Whether FFmpeg really decodes on the device and has not fallen back by itself."""
        codec = self._stream.codec_context
        kinds = {
            str(config.format.name): config.device_type.name
            for config in codec.codec.hardware_configs
            if config.format is not None
        }
        return bool(codec.is_hwaccel) and kinds.get(str(codec.pix_fmt)) == self._device


def _is_cover_picture(stream: Any) -> bool:
    return bool(stream.disposition & av.stream.Disposition.attached_pic)


def _plausible_fps(stream: Any) -> float | None:
    for rate in (stream.average_rate, stream.guessed_rate, stream.base_rate):
        if rate and _PLAUSIBLE_FPS[0] <= float(rate) <= _PLAUSIBLE_FPS[1]:
            return float(rate)
    return None
