"""HTTP for video: every address checked, every connection pinned to the checked address.

FFmpeg's own HTTP follows redirects and resolves names without asking. So it is given opened
bodies instead: redirects are followed here, hop by hop, each resolved, checked and connected
to the very address that was checked.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import weakref
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urljoin

import requests
import requests.auth
import urllib3.exceptions

from backend.core.camera import SourceType
from backend.core.errors import SourceError, SourceLostError, SourceRefusedError
from backend.vision.sources.addresses import Address, is_private, resolve_checked
from backend.vision.sources.base import SourceLimits
from backend.vision.sources.cancellation import Cancellation
from backend.vision.sources.http_session import PinnedAdapter, PlainSession
from backend.vision.sources.url import StreamUrl, parse_stream_url

MAX_REDIRECTS = 5
_MAX_SERVERS = 8
_USER_AGENT = "CrowdSafe"
_BROKEN = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    OSError,
    ValueError,
    AttributeError,  # http.client after its socket was shut down from another thread
)


class HttpBody:
    """The body of a response as the file-like object FFmpeg reads from.

    A read returns what has come, at least a byte; nothing means the end. Errors end the body
    and are kept in ``failed``, because an exception would have to cross FFmpeg.
    """

    def __init__(
        self, response: requests.Response, url: StreamUrl, failed: Callable[[SourceError], None]
    ) -> None:
        self.name = url.address
        self.content_type = response.headers.get("Content-Type", "").partition(";")[0].strip()
        self._response = response
        self._label = url.label
        self._failed = failed
        self._peeked = b""

    def peek(self, size: int) -> bytes:
        """Return up to ``size`` leading bytes without consuming them."""
        while len(self._peeked) < size:
            more = self._receive(size - len(self._peeked))
            if not more:
                break
            self._peeked += more
        return self._peeked[:size]

    def read(self, size: int) -> bytes:
        """Return at most ``size`` bytes, empty at the end."""
        if self._peeked:
            part, self._peeked = self._peeked[:size], self._peeked[size:]
            return part
        return self._receive(size)

    def close(self) -> None:
        """Give the connection up."""
        with contextlib.suppress(*_BROKEN):
            self._response.close()

    def _receive(self, size: int) -> bytes:
        try:
            return bytes(self._response.raw.read1(size, decode_content=False))
        except _BROKEN as error:
            self._failed(_lost(error, self._label))
            return b""


class EmptyBody:
    """Stands in for what was refused, where FFmpeg insists on a file."""

    name = ""

    def read(self, size: int) -> bytes:
        """Return the end."""
        return b""

    def close(self) -> None:
        """Nothing to give up."""


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Part of a resource: from ``begin`` up to, not including, ``end`` (None: to its end)."""

    begin: int
    end: int | None

    @property
    def header(self) -> str:
        """Value of the Range header."""
        return f"bytes={self.begin}-{'' if self.end is None else self.end - 1}"


class CheckedHttp:
    """Fetches URLs for one source; close it with the source.

    Args:
        origin: The URL that was typed in; only its server is sent its credentials.
        limits: Timeouts, and whether private addresses are allowed.
        cancellation: Breaks every connection off.
    """

    def __init__(
        self, origin: StreamUrl, *, limits: SourceLimits, cancellation: Cancellation
    ) -> None:
        self._origin = origin
        self._limits = limits
        self._cancellation = cancellation
        self._sessions: dict[tuple[str, str, int], tuple[requests.Session, Address]] = {}
        self._auth: requests.auth.AuthBase | None = None
        self._lock = threading.Lock()
        self._sockets: weakref.WeakSet[socket.socket] = weakref.WeakSet()
        self._bodies: weakref.WeakSet[HttpBody] = weakref.WeakSet()
        self._failure: SourceError | None = None
        cancellation.register(self.interrupt)

    @property
    def failure(self) -> SourceError | None:
        """The first thing that went wrong or was refused, None if nothing did."""
        return self._failure

    def fail(self, error: SourceError) -> None:
        """Keep ``error`` unless something failed before."""
        self._failure = self._failure or error

    def fetch(self, url: StreamUrl, byte_range: ByteRange | None = None) -> HttpBody:
        """Open ``url``, following at most five redirects.

        Raises:
            SourceRefusedError: a forbidden address at any hop, a redirect to another protocol,
                too many of them, a wrong password.
            SourceLostError: unreachable, silent, or an error status.
        """
        for _ in range(MAX_REDIRECTS + 1):
            response = self._request(url, byte_range)
            location = response.headers.get("Location")
            if not response.is_redirect or location is None:
                _check_status(response, url)
                body = HttpBody(response, url, self.fail)
                self._bodies.add(body)
                return body
            response.close()
            target = parse_stream_url(urljoin(url.address, location), SourceType.HTTP)
            url = replace(target, username=None, password=None)
        raise SourceRefusedError(f"{url.label} redirects more than {MAX_REDIRECTS} times.")

    def interrupt(self) -> None:
        """Break every connection off; does not block, from any thread."""
        with self._lock:
            sockets = list(self._sockets)
        for connection in sockets:
            with contextlib.suppress(OSError, ValueError):
                connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close every body and connection; idempotent."""
        self._cancellation.unregister(self.interrupt)
        for body in list(self._bodies):
            body.close()
        sessions, self._sessions = self._sessions, {}
        for session, _ in sessions.values():
            session.close()

    def _request(self, url: StreamUrl, byte_range: ByteRange | None) -> requests.Response:
        session, address = self._session(url)
        headers = {
            "Host": url.host_in_url if _is_default_port(url) else url.authority,
            "User-Agent": _USER_AGENT,
            "Accept-Encoding": "identity",
            "Accept": "*/*",
        }
        if byte_range is not None:
            headers["Range"] = byte_range.header
        is_origin = url.is_same_server(self._origin)
        for auth in self._ways_to_log_in(is_origin):
            response = self._send(session, url, address=address, headers=headers, auth=auth)
            if response.status_code != requests.codes.unauthorized or not is_origin:
                break
            challenge = response.headers.get("WWW-Authenticate", "")
            if auth is None and self._origin.username is not None:
                response.close()
                self._auth = _log_in(challenge, self._origin)
        return response

    def _ways_to_log_in(self, is_origin: bool) -> Any:
        """Yield without credentials first; a password is sent only to a server that asks."""
        yield self._auth if is_origin else None
        if is_origin and self._auth is not None:
            yield self._auth

    def _send(
        self,
        session: requests.Session,
        url: StreamUrl,
        *,
        address: Address,
        headers: dict[str, str],
        auth: requests.auth.AuthBase | None,
    ) -> requests.Response:
        try:
            return session.get(
                url.address,
                headers=headers,
                auth=auth,
                stream=True,
                allow_redirects=False,
                timeout=(self._limits.open_timeout_s, self._limits.read_timeout_s),
                # A certificate for a private address is nobody's to give.
                verify=not is_private(address),
            )
        except _BROKEN as error:
            raise _lost(error, url.label) from error

    def _session(self, url: StreamUrl) -> tuple[requests.Session, Address]:
        key = (url.scheme, url.host.lower(), url.port)
        known = self._sessions.get(key)
        if known is not None:
            return known
        if len(self._sessions) >= _MAX_SERVERS:
            raise SourceRefusedError(
                f"{self._origin.label} spreads its stream over more than {_MAX_SERVERS} servers."
            )
        address = resolve_checked(
            url.host,
            url.port,
            allow_private=self._limits.allow_private,
            timeout_s=self._limits.open_timeout_s,
        )[0]
        session = PlainSession()
        session.mount(f"{url.scheme}://", PinnedAdapter(url, address, self._remember))
        self._sessions[key] = (session, address)
        return session, address

    def _remember(self, connection: socket.socket) -> None:
        with self._lock:
            self._sockets.add(connection)
        if self._cancellation.is_cancelled:
            self.interrupt()


def _is_default_port(url: StreamUrl) -> bool:
    return url.port == (443 if url.is_tls else 80)


def _log_in(challenge: str, url: StreamUrl) -> requests.auth.AuthBase:
    username, password = url.username or "", url.password or ""
    if challenge.lower().lstrip().startswith("digest"):
        return requests.auth.HTTPDigestAuth(username, password)
    return requests.auth.HTTPBasicAuth(username, password)


def _check_status(response: requests.Response, url: StreamUrl) -> None:
    status = response.status_code
    if status in {requests.codes.ok, requests.codes.partial_content}:
        return
    response.close()
    if status == requests.codes.unauthorized:
        raise SourceRefusedError(f"{url.label} did not accept the user name or password.")
    raise SourceLostError(f"{url.label} answered with status {status} instead of a stream.")


def _lost(error: Exception, label: str) -> SourceLostError:
    """Return the sentence for a connection that failed; the library's own names the URL."""
    if isinstance(error, requests.exceptions.SSLError | ssl.SSLError):
        return SourceLostError(f"{label} has no valid certificate, or none for this name.")
    if isinstance(
        error,
        requests.Timeout | urllib3.exceptions.TimeoutError | TimeoutError,
    ):
        return SourceLostError(f"{label} did not answer in time.")
    if isinstance(error, requests.ConnectionError):
        return SourceLostError(f"{label} cannot be reached, or broke the connection off.")
    return SourceLostError(f"{label} broke the connection off.")
