"""The connection between FFmpeg and an RTSP camera, made and watched by us.

FFmpeg opens RTSP connections itself, follows redirects without asking, and cannot be woken
from a stalled read. So it is given a loopback port instead: the relay connects to an address
that has been checked, hands bytes to and fro, holds back redirects, does TLS, and breaks the
connection off at once when the source is closed.
"""

from __future__ import annotations

import contextlib
import logging
import re
import selectors
import socket
import ssl
import threading
from collections.abc import Sequence

from backend.vision.sources.addresses import Address, is_private
from backend.vision.sources.url import StreamUrl

logger = logging.getLogger(__name__)

_CHUNK = 1 << 16
_LOCATION = re.compile(rb"\nlocation:[ \t]*([^\n]*)\n", re.IGNORECASE)
_LOCATION_BEGINS = re.compile(rb"\nlocation:", re.IGNORECASE)
_TAIL = 16
_MAX_LOCATION = 8192
_JOIN_S = 5.0


class RtspRelay:
    """One relayed connection. Start it, give FFmpeg `port`, `trust` once it is open, `close`.

    Args:
        url: The camera.
        addresses: Checked addresses of its host; tried in order.
        timeout_s: Seconds for connecting and for FFmpeg to come.
    """

    def __init__(self, url: StreamUrl, addresses: Sequence[Address], *, timeout_s: float) -> None:
        self._url = url
        self._timeout_s = timeout_s
        self._redirect: str | None = None
        self._has_answered = False
        self._trusted = threading.Event()
        self._seen = b""
        self._wake_in, self._wake_out = socket.socketpair()
        try:
            self._camera = self._connect(addresses)
            try:
                self._door = socket.create_server(("127.0.0.1", 0), backlog=1)
            except BaseException:
                self._camera.close()
                raise
        except BaseException:
            self._wake_in.close()
            self._wake_out.close()
            raise
        self._client: socket.socket | None = None
        self._port = int(self._door.getsockname()[1])
        self._thread = threading.Thread(target=self._run, name="rtsp-relay")
        self._thread.start()

    @property
    def port(self) -> int:
        """Loopback port FFmpeg has to connect to."""
        return self._port

    @property
    def redirect(self) -> str | None:
        """Where the camera wanted to send FFmpeg, None if it did not."""
        return self._redirect

    @property
    def has_answered(self) -> bool:
        """The camera has sent anything at all."""
        return self._has_answered

    def trust(self) -> None:
        """Stop looking for redirects: FFmpeg follows none once the stream plays."""
        self._trusted.set()

    def interrupt(self) -> None:
        """Break the connection off; does not block, from any thread."""
        with contextlib.suppress(OSError):
            self._wake_in.send(b"x")
        client = self._client
        if client is not None:
            with contextlib.suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Break off and free everything; idempotent."""
        self.interrupt()
        self._thread.join(_JOIN_S)
        for connection in (self._camera, self._door, self._wake_in, self._wake_out):
            connection.close()

    def _connect(self, addresses: Sequence[Address]) -> socket.socket:
        failure: OSError | None = None
        for address in addresses:
            try:
                plain = socket.create_connection((str(address), self._url.port), self._timeout_s)
            except OSError as error:
                failure = error
                continue
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if not self._url.is_tls:
                plain.settimeout(None)
                return plain
            try:
                wrapped = tls_context(address).wrap_socket(plain, server_hostname=self._url.host)
            except BaseException:
                plain.close()
                raise
            wrapped.settimeout(None)
            return wrapped
        raise failure or OSError("no address to connect to")

    def _run(self) -> None:
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(self._wake_out, selectors.EVENT_READ)
                selector.register(self._door, selectors.EVENT_READ)
                ready = [key.fileobj for key, _ in selector.select(self._timeout_s)]
                if self._door not in ready or self._wake_out in ready:
                    return
                selector.unregister(self._door)
                client, _ = self._door.accept()
                self._client = client
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                with client:
                    selector.register(client, selectors.EVENT_READ)
                    selector.register(self._camera, selectors.EVENT_READ)
                    while self._forward(selector, client):
                        pass
        except (OSError, ValueError) as error:
            logger.debug("rtsp_relay_ended reason=%s", type(error).__name__)
        finally:
            with contextlib.suppress(OSError):
                self._camera.shutdown(socket.SHUT_RDWR)

    def _forward(self, selector: selectors.BaseSelector, client: socket.socket) -> bool:
        """Pass on what has come; False when either side has gone or must not go on."""
        ready = {key.fileobj for key, _ in selector.select()}
        if self._wake_out in ready:
            return False
        if client in ready:
            request = client.recv(_CHUNK)
            if not request:
                return False
            self._camera.sendall(request)
        if self._camera in ready:
            answer = self._receive()
            if answer is None:
                return True
            if not answer:
                return False
            self._has_answered = True
            passed = answer if self._trusted.is_set() else self._screen(answer)
            if passed is None:
                return False
            client.sendall(passed)
        return True

    def _receive(self) -> bytes | None:
        """Return what the camera has sent, empty at its end, None where that was no stream data.

        TLS has messages of its own (session tickets right after the handshake): waiting for
        stream data then would keep FFmpeg's request from ever being sent.
        """
        if not isinstance(self._camera, ssl.SSLSocket):
            return self._camera.recv(_CHUNK)
        self._camera.settimeout(0.0)
        try:
            answer = self._camera.recv(_CHUNK)
            while self._camera.pending():
                answer += self._camera.recv(_CHUNK)
        except ssl.SSLWantReadError:
            return None
        finally:
            self._camera.settimeout(None)
        return answer

    def _screen(self, answer: bytes) -> bytes | None:
        """Return what of ``answer`` may be passed on, None when the camera redirects.

        Everything from a Location header on is held back until its line is complete. FFmpeg
        ignores carriage returns and acts on a header only after its blank line, so holding
        back the chunk in which the line begins is early enough.
        """
        self._seen += answer.replace(b"\r", b"")
        if _LOCATION_BEGINS.search(self._seen) is None:
            self._seen = self._seen[-_TAIL:]
            return answer
        line = _LOCATION.search(self._seen)
        if line is None and len(self._seen) < _MAX_LOCATION:
            return b""
        self._redirect = line.group(1).decode("utf-8", "replace").strip() if line else ""
        return None


def tls_context(address: Address) -> ssl.SSLContext:
    """Return how to encrypt: certificates are verified except on private networks.

    Cameras on a local network carry self-signed certificates for addresses nobody can certify.
    """
    context = ssl.create_default_context()
    if is_private(address):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
