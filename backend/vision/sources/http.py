"""HTTP(S) cameras: MJPEG, HLS and MPEG-TS, through checked connections."""

from __future__ import annotations

from typing import Any

from backend.core.camera import SourceSpec, SourceType
from backend.core.clock import Clock
from backend.core.errors import SourceError, SourceRefusedError
from backend.vision.sources.base import SourceLimits
from backend.vision.sources.cancellation import Cancellation
from backend.vision.sources.http_client import ByteRange, CheckedHttp, EmptyBody, HttpBody
from backend.vision.sources.media import Media, MediaInput
from backend.vision.sources.url import StreamUrl, parse_stream_url

_LIVE_DECODER_THREADS = 2
_HLS_TYPES = frozenset(
    {"application/vnd.apple.mpegurl", "application/x-mpegurl", "audio/mpegurl", "audio/x-mpegurl"}
)
_HLS_OPTIONS = {
    # Persistent connections are FFmpeg's own HTTP; ours are kept by requests.
    "http_persistent": "0",
    "http_multiple": "0",
}


def open_http_media(
    spec: SourceSpec, *, limits: SourceLimits, clock: Clock, cancellation: Cancellation
) -> Media:
    """Open an ``http`` source.

    FFmpeg reads bodies we fetched and, for HLS, asks us for every further URL.

    Raises:
        SourceRefusedError: forbidden address at any hop, wrong password, no stream.
        SourceLostError: unreachable, silent, or an error status.
    """
    url = parse_stream_url(spec.source, SourceType.HTTP)
    client = CheckedHttp(url, limits=limits, cancellation=cancellation)
    try:
        body = client.fetch(url)
        format_name = detect_format(body, url.label)
    except BaseException:
        client.close()
        raise
    opener = _HlsOpener(client, url.label) if format_name == "hls" else _refuse_more(client, url)

    return Media(
        MediaInput(
            source_type=SourceType.HTTP,
            file=body,
            label=url.label,
            format_name=format_name,
            options={
                "analyzeduration": "2000000",
                **(_HLS_OPTIONS if format_name == "hls" else {}),
            },
            io_open=opener,
            failure=lambda: client.failure,
            free=client.close,
            uses_arrival_time=format_name in {"mpjpeg", "mjpeg"},
            decoder_threads=_LIVE_DECODER_THREADS,
        ),
        limits=limits,
        clock=clock,
        stop=cancellation.event,
    )


def detect_format(body: HttpBody, label: str) -> str | None:
    """Return the demuxer for a body from its type and first bytes, None to let FFmpeg look.

    Raises:
        SourceRefusedError: a web page or a single picture.
    """
    content_type = body.content_type.lower()
    head = body.peek(32).lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"#EXTM3U") or content_type in _HLS_TYPES:
        return "hls"
    if content_type.startswith("multipart/") or head.startswith(b"--"):
        return "mpjpeg"
    if content_type in {"image/jpeg", "image/jpg", "image/png"}:
        raise SourceRefusedError(
            f"{label} answers with a single picture, not a stream. "
            "Enter the address of its MJPEG, HLS or MPEG-TS stream."
        )
    if content_type == "text/html" or head[:5].lower() in {b"<html", b"<!doc"}:
        raise SourceRefusedError(
            f"{label} answers with a web page, not a stream. "
            "Enter the address of its MJPEG, HLS or MPEG-TS stream."
        )
    if content_type == "video/mp2t":
        return "mpegts"
    if head.startswith(b"\xff\xd8\xff"):
        return "mjpeg"
    return None


class _HlsOpener:
    """PyAV's ``io_open`` for HLS: every playlist, key and segment is a checked request."""

    def __init__(self, client: CheckedHttp, label: str) -> None:
        self._client = client
        self._label = label

    def __call__(self, url: str, flags: int, options: dict[str, str]) -> Any:
        # PyAV can carry one exception out of FFmpeg at a time; after the first, just end.
        if self._client.failure is not None:
            return EmptyBody()
        try:
            return self._client.fetch(self._parse(url), _byte_range(options))
        except SourceError as error:
            self._client.fail(error)
            raise

    def _parse(self, url: str) -> StreamUrl:
        scheme = url.partition(":")[0].lower()
        if scheme not in {"http", "https"}:
            raise SourceRefusedError(
                f"The playlist of {self._label} refers to {scheme or 'local'} content; "
                "only http and https addresses are followed."
            )
        return parse_stream_url(url, SourceType.HTTP)


def _refuse_more(client: CheckedHttp, url: StreamUrl) -> Any:
    def refuse(_url: str, _flags: int, _options: dict[str, str]) -> Any:
        error = SourceRefusedError(f"The stream of {url.label} refers to other addresses.")
        client.fail(error)
        raise error

    return refuse


def _byte_range(options: dict[str, str]) -> ByteRange | None:
    begin, end = options.get("offset"), options.get("end_offset")
    if begin is None and end is None:
        return None
    try:
        return ByteRange(int(begin or 0), None if end is None else int(end))
    except ValueError as error:
        raise SourceRefusedError("The playlist holds a malformed byte range.") from error
