"""RTSP cameras, over TCP, through a checked connection."""

from __future__ import annotations

import ssl
from dataclasses import replace
from urllib.parse import urljoin

from backend.core.camera import SourceSpec, SourceType
from backend.core.clock import Clock
from backend.core.errors import SourceLostError, SourceRefusedError
from backend.vision.sources import explain
from backend.vision.sources.addresses import resolve_checked
from backend.vision.sources.base import SourceLimits
from backend.vision.sources.cancellation import Cancellation
from backend.vision.sources.media import Media, MediaInput
from backend.vision.sources.rtsp_relay import RtspRelay
from backend.vision.sources.url import StreamUrl, parse_stream_url

MAX_REDIRECTS = 5
_LIVE_DECODER_THREADS = 2


class _RedirectedError(Exception):
    """The camera named another address."""

    def __init__(self, location: str) -> None:
        super().__init__(location)
        self.location = location


def open_rtsp_media(
    spec: SourceSpec, *, limits: SourceLimits, clock: Clock, cancellation: Cancellation
) -> Media:
    """Open an ``rtsp`` source.

    Redirects are followed by us, each target checked like the address typed in; FFmpeg never
    sees one. Credentials go to the server they were given for only.

    Raises:
        SourceRefusedError: forbidden address, wrong password, too many redirects, no video.
        SourceLostError: unreachable or silent.
    """
    url = parse_stream_url(spec.source, SourceType.RTSP)
    for _ in range(MAX_REDIRECTS + 1):
        try:
            return _open_once(url, limits=limits, clock=clock, cancellation=cancellation)
        except _RedirectedError as redirect:
            url = _next_url(url, redirect.location)
    raise SourceRefusedError(f"{url.label} redirects more than {MAX_REDIRECTS} times.")


def _next_url(url: StreamUrl, location: str) -> StreamUrl:
    target = parse_stream_url(urljoin(url.address, location), SourceType.RTSP)
    if target.username is None and target.is_same_server(url):
        return replace(target, username=url.username, password=url.password)
    return target


def _open_once(
    url: StreamUrl, *, limits: SourceLimits, clock: Clock, cancellation: Cancellation
) -> Media:
    addresses = resolve_checked(
        url.host,
        url.port,
        allow_private=limits.allow_private,
        timeout_s=limits.open_timeout_s,
    )
    try:
        relay = RtspRelay(url, addresses, timeout_s=limits.open_timeout_s)
    except ssl.SSLError as error:
        raise SourceLostError(f"{url.label} offers no valid encryption: {error.reason}.") from error
    except OSError as error:
        raise explain.live_failure(error, url.label, opening=True) from error
    cancellation.register(relay.interrupt)

    def free() -> None:
        cancellation.unregister(relay.interrupt)
        relay.close()

    def failure() -> Exception | None:
        if relay.redirect is not None:
            return _RedirectedError(relay.redirect)
        if not relay.has_answered:
            return SourceLostError(f"{url.label} did not answer.")
        return None

    media = Media(
        MediaInput(
            source_type=SourceType.RTSP,
            file=f"rtsp://{url.quoted_userinfo}127.0.0.1:{relay.port}{url.target}",
            label=url.label,
            format_name="rtsp",
            options={
                "rtsp_transport": "tcp",
                "allowed_media_types": "video",
                "timeout": str(int(limits.read_timeout_s * 1e6)),
                "analyzeduration": "2000000",
            },
            failure=failure,
            free=free,
            decoder_threads=_LIVE_DECODER_THREADS,
        ),
        limits=limits,
        clock=clock,
        stop=cancellation.event,
    )
    relay.trust()
    return media
