"""A real web server on loopback whose answers the tests write."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Route = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class WebServer:
    """What the server was asked, and where it is.

    Attributes:
        routes: Path (without query) → what to do.
        requests: (path, headers) of everything asked, in order.
        stop: Set when the server goes down; endless answers watch it.
    """

    routes: dict[str, Route] = field(default_factory=dict)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    def url(self, path: str, *, host: str = "127.0.0.1", userinfo: str = "") -> str:
        """Return the address of ``path``."""
        return f"http://{userinfo}{host}:{self.port}{path}"

    @property
    def paths(self) -> list[str]:
        """Paths asked for, in order."""
        return [path for path, _ in self.requests]


@contextmanager
def web_server(tls: ssl.SSLContext | None = None) -> Iterator[WebServer]:
    """Serve until the block ends."""
    web = WebServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            web.requests.append((self.path, dict(self.headers)))
            route = web.routes.get(self.path.partition("?")[0])
            if route is None:
                self.send_error(404)
                return
            try:
                route(self)
            except OSError:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    server.daemon_threads = False
    server.block_on_close = True
    web.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, name="test-web", args=(0.05,))
    thread.start()
    try:
        yield web
    finally:
        web.stop.set()
        server.shutdown()
        thread.join()
        server.server_close()


def content(body: bytes, content_type: str) -> Route:
    """Answer with a whole body, honouring a byte range."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        part, status = body, 200
        asked = handler.headers.get("Range", "")
        if asked.startswith("bytes="):
            begin, _, end = asked[6:].partition("-")
            part, status = body[int(begin) : int(end) + 1 if end else None], 206
        handler.send_response(status)
        handler.send_header("Content-Type", content_type)
        handler.send_header("Content-Length", str(len(part)))
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.wfile.write(part)
        handler.close_connection = True

    return answer


def redirect(location: str) -> Route:
    """Answer with 302."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(302)
        handler.send_header("Location", location)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


def mjpeg(web: WebServer, pictures: Callable[[int], bytes], *, count: int, fps: float) -> Route:
    """Answer with an MJPEG stream of ``count`` pictures, then fall silent until the end."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.close_connection = True
        for index in range(count):
            picture = pictures(index)
            handler.wfile.write(
                b"--frame\r\nContent-Type: image/jpeg\r\n"
                + f"Content-Length: {len(picture)}\r\n\r\n".encode()
                + picture
                + b"\r\n"
            )
            if web.stop.wait(1 / fps):
                return
        web.stop.wait(30)

    return answer
