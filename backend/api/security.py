"""Security headers on every answer, those of the socket endpoint included."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from werkzeug.datastructures import Headers

from backend.web.content_policy import HEADER, content_policy

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

BASE_HEADERS = (
    (HEADER, content_policy()),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "same-origin"),
    (
        "Permissions-Policy",
        "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()",
    ),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)
HSTS = ("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
STATIC_PREFIX = "/static/"


class SecurityHeaders:
    """WSGI wrapper that adds the headers an answer does not carry yet.

    A wrapper and not a hook of the framework, because Socket.IO answers before Flask does.

    Args:
        app: What is wrapped.
        https: The site is served over TLS: browsers are told never to use plain HTTP.
    """

    def __init__(self, app: WSGIApplication, *, https: bool) -> None:
        self._app = app
        self._fixed = (*BASE_HEADERS, HSTS) if https else BASE_HEADERS

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        is_static = environ.get("PATH_INFO", "").startswith(STATIC_PREFIX)

        def start(
            status: str, headers: list[tuple[str, str]], exc_info: Any = None
        ) -> Callable[[bytes], object]:
            complete = Headers(headers)
            for name, value in self._fixed:
                complete.setdefault(name, value)
            if not is_static:
                complete.setdefault("Cache-Control", "no-store")
            complete.remove("Server")
            return start_response(status, complete.to_wsgi_list(), exc_info)

        return self._app(environ, start)
