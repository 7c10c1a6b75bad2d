"""FFmpeg protocols, demuxers and decoders each kind of source may use.

FFmpeg reads dozens of formats that name other files or hosts (HLS, concat, SDP, image
sequences …). Whatever is not listed here is refused by FFmpeg itself; besides, no source lets
FFmpeg open anything by name: files and HTTP bodies are handed in as opened objects, and RTSP
runs through a checked connection.
"""

from __future__ import annotations

from backend.core.camera import SourceType

FILE_DEMUXERS: tuple[str, ...] = ("mov", "mp4", "matroska", "webm", "avi", "mpegts", "mpeg")
"""Containers of uploads and files: MP4/MOV, MKV/WebM, AVI, MPEG-TS/PS."""

HLS_SEGMENT_DEMUXERS: tuple[str, ...] = ("mpegts", "mov", "mp4")

_DEMUXERS: dict[SourceType, tuple[str, ...]] = {
    SourceType.FILE: FILE_DEMUXERS,
    SourceType.UPLOAD: FILE_DEMUXERS,
    SourceType.RTSP: ("rtsp",),
    SourceType.HTTP: ("mpjpeg", "mjpeg", "hls", "mpegts", "mov", "mp4", "matroska", "webm", "flv"),
    SourceType.USB: ("video4linux2", "v4l2", "avfoundation"),
}
_PROTOCOLS: dict[SourceType, tuple[str, ...]] = {
    SourceType.FILE: ("file",),
    SourceType.UPLOAD: ("file",),
    SourceType.RTSP: ("rtsp", "rtp", "tcp"),
    SourceType.HTTP: ("http", "https"),
    SourceType.USB: ("file",),
}
DECODERS: tuple[str, ...] = (
    "h264",
    "hevc",
    "av1",
    "libdav1d",
    "vp8",
    "vp9",
    "libvpx",
    "libvpx-vp9",
    "mpeg4",
    "mpeg2video",
    "mpeg1video",
    "h263",
    "flv",
    "msmpeg4",
    "msmpeg4v2",
    "wmv2",
    "mjpeg",
    "prores",
    "dnxhd",
    "ffv1",
    "rawvideo",
    "dvvideo",
)
"""Video decoders a stream may use."""

_SOUND_DECODERS: tuple[str, ...] = (
    "aac",
    "ac3",
    "mp2float",
    "mp3",
    "mp3float",
    "opus",
    "pcm_alaw",
    "pcm_mulaw",
    "pcm_s16le",
    "vorbis",
)
# Sound is thrown away, but without its parameters FFmpeg examines a stream for seconds longer.


def ffmpeg_options(source_type: SourceType) -> dict[str, str]:
    """Return the options that confine FFmpeg for ``source_type``."""
    return {
        "protocol_whitelist": ",".join(_PROTOCOLS[source_type]),
        "format_whitelist": ",".join(_DEMUXERS[source_type]),
        "codec_whitelist": ",".join((*DECODERS, *_SOUND_DECODERS)),
    }
