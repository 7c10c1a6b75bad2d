"""Small real videos, made at test time."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

TICKS = 12_800


def brightness_of(index: int) -> int:
    """Grey value frame ``index`` is filled with, so that order can be checked."""
    return 20 + (index * 7) % 200


def even_times(frames: int, fps: float) -> list[float]:
    """Presentation times of a constant frame rate."""
    return [index / fps for index in range(frames)]


def write_clip(
    path: Path,
    *,
    times_s: Sequence[float],
    width: int = 64,
    height: int = 48,
    fps: int = 25,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    rotation: int = 0,
    mirrored: bool = False,
    with_sound: bool = False,
    codec_options: dict[str, str] | None = None,
    container_options: dict[str, str] | None = None,
    left_half: int | None = None,
    container_format: str | None = None,
) -> Path:
    """Write one grey frame per entry of ``times_s``; its brightness tells its index."""
    with av.open(str(path), "w", options=container_options or {}, format=container_format) as out:
        stream = out.add_stream(codec, rate=fps, options=codec_options or {})
        stream.width, stream.height, stream.pix_fmt = width, height, pix_fmt
        stream.codec_context.time_base = Fraction(1, TICKS if codec == "libx264" else fps)
        if rotation or mirrored:
            stream.set_display_rotation(rotation, hflip=mirrored)
        sound = out.add_stream("aac", rate=8000, layout="mono") if with_sound else None
        for index, time_s in enumerate(times_s):
            picture = np.full((height, width, 3), brightness_of(index), np.uint8)
            if left_half is not None:
                picture[:, : width // 2] = left_half
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            frame.time_base = stream.codec_context.time_base
            frame.pts = round(time_s / frame.time_base)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
        if sound is not None:
            _mux_silence(out, sound)
    return path


def write_sound(path: Path) -> Path:
    """Write an MP4 with a second of silence and no picture."""
    with av.open(str(path), "w") as out:
        _mux_silence(out, out.add_stream("aac", rate=8000, layout="mono"))
    return path


def _mux_silence(out: av.container.OutputContainer, stream: av.AudioStream) -> None:
    for index in range(8):
        frame = av.AudioFrame.from_ndarray(
            np.zeros((1, 1024), np.float32), format="fltp", layout="mono"
        )
        frame.sample_rate = 8000
        frame.pts = index * 1024
        out.mux(stream.encode(frame))
    out.mux(stream.encode(None))


def jpeg(index: int, *, width: int = 64, height: int = 48) -> bytes:
    """Return one grey JPEG."""
    import cv2  # noqa: PLC0415

    picture = np.full((height, width, 3), brightness_of(index), np.uint8)
    return bytes(cv2.imencode(".jpg", picture)[1])
