"""One H.264 file in fragmented MP4: plays while it grows and after a crash."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2

from backend.core.frame import Image

if TYPE_CHECKING:
    import av
    from av.container import OutputContainer
    from av.video.stream import VideoStream

TIME_BASE = Fraction(1, 90_000)
_SMPTE_170M = 6
_LIMITED_RANGE = 1
_LONGEST_GOP = 600
_USUAL_FRAME_S = 0.04


@dataclass(frozen=True, slots=True)
class EncodingParams:
    """How the video is compressed.

    Attributes:
        preset: x264's trade of size for time.
        crf: Constant quality; lower is better and larger.
        keyframe_s: Stream time between key frames: a player can seek to each, and a crash
            costs at most this much of the end.
        threads: Encoder threads per camera.
    """

    preset: str = "veryfast"
    crf: int = 26
    keyframe_s: float = 2.0
    threads: int = 1


class SegmentWriter:
    """Writes one file; frames carry their stream time. Used by one thread.

    Every fragment is flushed as it is completed, so the file is valid at any moment.

    Args:
        path: Does not exist yet; its folder does.
        wh: Even width and height of every picture.
        params: Compression.

    Raises:
        OSError: The file cannot be made or written (PyAV's errors derive from it).
    """

    def __init__(self, path: Path, wh: tuple[int, int], params: EncodingParams) -> None:
        self._path = path
        self._wh = wh
        self._params = params
        self._frames = 0
        self._begin_s = 0.0
        self._last_s = 0.0
        self._frame_s = _USUAL_FRAME_S
        self._key_s: float | None = None
        self._container, self._stream = _open(path, wh, params)

    @property
    def wh(self) -> tuple[int, int]:
        """Width and height."""
        return self._wh

    @property
    def frames(self) -> int:
        """Pictures written."""
        return self._frames

    @property
    def duration_s(self) -> float:
        """From the first picture to the end of the last one."""
        return self._last_s - self._begin_s + self._frame_s if self._frames else 0.0

    @property
    def size_bytes(self) -> int:
        """On disk, without what the encoder still holds."""
        try:
            return self._path.stat().st_size
        except OSError:
            return 0

    def may_follow(self, stream_time_s: float) -> bool:
        """Whether a picture of this stream time comes after the last one."""
        return self._frames == 0 or _ticks(stream_time_s) > _ticks(self._last_s)

    def write(self, picture: Image, stream_time_s: float) -> None:
        """Append one picture, (H, W, 3) uint8 BGR of the writer's size."""
        import av  # noqa: PLC0415 - loads FFmpeg; the web process starts without it
        from av.video.frame import PictureType  # noqa: PLC0415

        if self._frames == 0:
            self._begin_s = stream_time_s
        else:
            self._frame_s = stream_time_s - self._last_s
        frame = av.VideoFrame.from_ndarray(
            cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420), format="yuv420p"
        )
        frame.pts = _ticks(stream_time_s) - _ticks(self._begin_s)
        frame.time_base = TIME_BASE
        if self._key_s is None or stream_time_s - self._key_s >= self._params.keyframe_s:
            frame.pict_type = PictureType.I
            self._key_s = stream_time_s
        self._last_s = stream_time_s
        self._frames += 1
        self._mux(frame)

    def close(self) -> None:
        """Flush and close; the file is closed even when flushing fails. Idempotent."""
        container, self._container = self._container, None
        if container is None:
            return
        try:
            if self._frames:
                for packet in self._stream.encode(None):
                    packet.duration = max(_ticks(self._frame_s), 1)
                    container.mux(packet)
        finally:
            container.close()

    def _mux(self, frame: av.VideoFrame) -> None:
        if self._container is None:
            raise ValueError("the segment is closed")
        for packet in self._stream.encode(frame):
            packet.duration = max(_ticks(self._frame_s), 1)
            self._container.mux(packet)


def _open(
    path: Path, wh: tuple[int, int], params: EncodingParams
) -> tuple[OutputContainer | None, VideoStream]:
    import av  # noqa: PLC0415 - loads FFmpeg

    options = {"movflags": "frag_keyframe+empty_moov+default_base_moof", "flush_packets": "1"}
    container = av.open(str(path), "w", format="mp4", options=options)
    try:
        # zero latency: no picture is held back, so a crash loses none of a finished fragment
        encoder: dict[str, str] = {
            "preset": params.preset,
            "tune": "zerolatency",
            "crf": str(params.crf),
            "forced-idr": "1",
        }
        stream: Any = container.add_stream("libx264", options=encoder)
        stream.width, stream.height = wh
        stream.pix_fmt = "yuv420p"
        stream.time_base = TIME_BASE
        context = stream.codec_context
        context.time_base = TIME_BASE
        context.framerate = Fraction(25)
        context.thread_count = params.threads
        context.gop_size = _LONGEST_GOP
        # what OpenCV's conversion makes; without it players guess from the size of the picture
        context.colorspace = context.color_primaries = context.color_trc = _SMPTE_170M
        context.color_range = _LIMITED_RANGE
    except Exception:
        container.close()
        raise
    return container, stream


def _ticks(seconds: float) -> int:
    return round(seconds / TIME_BASE)


def even_size(picture_wh: tuple[int, int], most_high: int) -> tuple[int, int]:
    """Return width and height for recording: at most ``most_high`` lines, both even.

    Never larger than the picture, at least 16 pixels either way.
    """
    width, height = picture_wh
    scale = min(1.0, most_high / height)
    return max(round(width * scale) // 2 * 2, 16), max(round(height * scale) // 2 * 2, 16)
