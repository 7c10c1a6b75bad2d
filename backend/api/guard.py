"""The door: every request is authenticated here unless its endpoint is listed as public.

Pages read the acting user from ``flask.g.identity`` (`Identity`), templates from ``identity``.
"""

from __future__ import annotations

import logging
import time
import uuid
from urllib.parse import urlsplit

import structlog
from flask import Flask, Response, g, request
from flask_jwt_extended.exceptions import JWTExtendedException
from jwt.exceptions import PyJWTError
from werkzeug.exceptions import BadRequest

from backend.api import tokens
from backend.api.problems import is_api_request
from backend.core.errors import (
    AuthenticationError,
    PasswordChangeRequiredError,
    PermissionDeniedError,
)
from backend.services.accounts import SignIn, to_identity
from backend.services.actor import Identity

logger = structlog.get_logger(__name__)

PUBLIC_ENDPOINTS = frozenset(
    {"static", "healthz", "pages.login", "auth.log_in", "auth.refresh", "auth.register"}
)
"""Reachable without log-in. Registration refuses by itself while it is switched off."""

GREETING_ENDPOINTS = frozenset({"pages.login"})
"""Public, but wants to know who is logged in already."""

PASSWORD_CHANGE_ENDPOINTS = frozenset({"auth.me", "auth.log_out", "pages.profile"})
"""All that is left to an account that must change its password first."""

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def install_guard(app: Flask) -> None:
    """Put the door in front of every route of ``app``."""
    app.before_request(_open_request)
    app.before_request(_check_host_and_origin)
    app.before_request(_authenticate)
    app.after_request(_carry_on_session)
    app.after_request(_log_request)
    app.context_processor(lambda: {"identity": g.get("identity")})


def _open_request() -> None:
    g.request_id = uuid.uuid4().hex
    g.began_s = time.monotonic()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _check_host_and_origin() -> None:
    """Refuse malformed Host headers, and changes asked for by another site's page."""
    if not request.host:
        raise BadRequest("The Host header is missing or malformed.")
    origin = request.headers.get("Origin")
    if request.method in _SAFE_METHODS or origin is None:
        return
    if _host_of(origin) != request.host.lower():
        raise PermissionDeniedError("This request comes from another site's page.")


def _host_of(origin: str) -> str:
    """Return ``host[:port]`` of an Origin header the way ``request.host`` spells it.

    Empty for what names no host.
    """
    try:
        parts = urlsplit(origin)
    except ValueError:
        return ""
    standard = {"http": ":80", "https": ":443"}.get(parts.scheme)
    host = parts.netloc.lower()
    return host.removesuffix(standard) if standard else ""


def _authenticate() -> None:
    if request.endpoint is None or request.endpoint in PUBLIC_ENDPOINTS:
        g.identity = _identity_if_any() if request.endpoint in GREETING_ENDPOINTS else None
        return
    if request.method == "OPTIONS":  # answered by Flask with the allowed methods, nothing else
        return
    identity = _identify()
    g.identity = identity
    structlog.contextvars.bind_contextvars(user=identity.actor.username)
    if identity.must_change_password and request.endpoint not in PASSWORD_CHANGE_ENDPOINTS:
        raise PasswordChangeRequiredError("Please change your password first.")


def _identify() -> Identity:
    """Return who asks; a page with an outlived access cookie is carried on by its refresh one."""
    try:
        return tokens.identify_request()
    except (AuthenticationError, JWTExtendedException, PyJWTError):
        page = request.method == "GET" and not is_api_request()
        if not page or not tokens.has_refresh_cookie(request.cookies):
            raise
    try:
        sign_in = tokens.rotate_request()
    except (JWTExtendedException, PyJWTError) as error:
        raise AuthenticationError("Please log in.") from error
    g.carried_on = sign_in
    return to_identity(sign_in.user, sign_in.session_id)


def _identity_if_any() -> Identity | None:
    try:
        return tokens.identify_request()
    except (AuthenticationError, JWTExtendedException, PyJWTError):
        return None


def _carry_on_session(answer: Response) -> Response:
    sign_in: SignIn | None = g.get("carried_on")
    if sign_in is not None:
        tokens.set_token_cookies(answer, *tokens.issue_tokens(sign_in))
    answer.headers["X-Request-ID"] = g.get("request_id", "")
    return answer


def _log_request(answer: Response) -> Response:
    """Write one line a request; pictures and polls only where debugging is wanted.

    The query stays out: it may hold what a client should not have put there.
    """
    changes = request.method not in _SAFE_METHODS
    level = logging.INFO if changes or answer.status_code >= 500 else logging.DEBUG
    logger.log(
        level,
        "request",
        method=request.method,
        path=request.path,
        status=answer.status_code,
        ms=round((time.monotonic() - g.get("began_s", time.monotonic())) * 1000, 1),
        address=client_address(),
    )
    return answer


def client_address() -> str:
    """Return the caller's address, behind trusted proxies the real one."""
    return request.remote_addr or ""
