"""Every error under /api as RFC 9457 ``application/problem+json``; the only map to HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, g, redirect, render_template, request
from flask_jwt_extended.exceptions import CSRFError, JWTExtendedException
from jinja2 import TemplateNotFound
from jwt.exceptions import PyJWTError
from marshmallow import Schema, fields
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, InternalServerError, SecurityError
from werkzeug.http import HTTP_STATUS_CODES

from backend.core import errors

TYPE_ROOT = "/problems/"
MEDIA_TYPE = "application/problem+json"

STATUS_OF: tuple[tuple[type[errors.CrowdSafeError], int, str], ...] = (
    (errors.TooLargeError, 413, "too-large"),
    (errors.UnsupportedFormatError, 415, "unsupported-media-type"),
    (errors.InvalidInputError, 422, "invalid-input"),
    (errors.NotFoundError, 404, "not-found"),
    (errors.IllegalCommandError, 409, "illegal-command"),
    (errors.ConflictError, 409, "conflict"),
    (errors.AuthenticationError, 401, "authentication-required"),
    (errors.PasswordChangeRequiredError, 403, "password-change-required"),
    (errors.PermissionDeniedError, 403, "permission-denied"),
    (errors.UnavailableError, 503, "unavailable"),
    (errors.SourceRefusedError, 422, "source-refused"),
    (errors.SourceError, 502, "source-unreachable"),
    (errors.ModelError, 503, "model-unavailable"),
    (errors.CrowdSafeError, 400, "bad-request"),
)
"""First match wins: subclasses stand before their parents."""

_SLUGS = {
    400: "bad-request",
    401: "authentication-required",
    403: "permission-denied",
    404: "not-found",
    405: "method-not-allowed",
    409: "conflict",
    413: "too-large",
    415: "unsupported-media-type",
    422: "invalid-input",
    429: "too-many-requests",
    500: "internal-error",
    503: "unavailable",
}


class ErrorItemSchema(Schema):
    """One wrong value."""

    pointer = fields.String(metadata={"description": "JSON pointer to the value"})
    detail = fields.String(metadata={"description": "What is wrong with it"})


class ProblemSchema(Schema):
    """RFC 9457 problem details."""

    type = fields.String(metadata={"description": "Stable URI path of the kind of problem"})
    title = fields.String(metadata={"description": "Name of the kind of problem"})
    status = fields.Integer(metadata={"description": "HTTP status code"})
    detail = fields.String(metadata={"description": "Sentence for a person"})
    instance = fields.String(metadata={"description": "Path of the request"})
    request_id = fields.String(metadata={"description": "To be found in the logs"})
    errors = fields.List(
        fields.Nested(ErrorItemSchema), metadata={"description": "Which values are wrong"}
    )


def is_api_request() -> bool:
    """Return whether errors of this request are answered as problem+json."""
    return request.path == "/api" or request.path.startswith("/api/")


def problem(
    status: int,
    slug: str,
    detail: str,
    *,
    errors: list[dict[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a problem+json answer.

    Args:
        status: HTTP status code.
        slug: Last part of the stable ``type`` path.
        detail: Sentence for a person.
        errors: ``{pointer, detail}`` of each wrong value.
        headers: Kept from the error, for instance Allow or Retry-After.
    """
    body: dict[str, Any] = {
        "type": TYPE_ROOT + slug,
        "title": slug.replace("-", " ").capitalize(),
        "status": status,
        "detail": detail,
        "instance": request.path,
        "request_id": g.get("request_id", ""),
    }
    if errors:
        body["errors"] = errors
    answer = Response(json.dumps(body), status=status, content_type=MEDIA_TYPE)
    answer.headers.extend(headers or {})
    if status == 401:
        answer.headers.setdefault("WWW-Authenticate", "Bearer")
    return answer


def install_problems(app: Flask) -> None:
    """Register the error handlers of the whole application."""
    app.register_error_handler(errors.CrowdSafeError, domain_problem)
    app.register_error_handler(HTTPException, _on_http_error)
    app.register_error_handler(InternalServerError, _on_http_error)
    app.register_error_handler(OperationalError, _on_database_error)
    # Flask-JWT-Extended registers a handler for each of its own errors; these win for the
    # rest of PyJWT's, so that no unusual token ends as a 500.
    app.register_error_handler(PyJWTError, _on_token_error)
    app.register_error_handler(JWTExtendedException, _on_token_error)
    app.register_error_handler(CSRFError, _on_csrf_error)


def domain_problem(error: errors.CrowdSafeError) -> Any:
    """Return the answer to a domain error: problem+json under /api, a page elsewhere."""
    status, slug = next((s, t) for kind, s, t in STATUS_OF if isinstance(error, kind))
    if not is_api_request():
        return _page(status, slug, str(error))
    items = list(_wrong_values(error)) if isinstance(error, errors.InvalidInputError) else None
    headers = None
    if isinstance(error, errors.UnavailableError) and error.retry_after_s is not None:
        headers = {"Retry-After": str(error.retry_after_s)}
    return problem(status, slug, str(error), errors=items, headers=headers)


def _wrong_values(error: errors.InvalidInputError) -> Iterator[dict[str, str]]:
    for wrong in error.problems:
        yield {"pointer": wrong.pointer, "detail": wrong.detail}
    if error.field:
        pointer = error.field if error.field.startswith("/") else f"/{error.field}"
        yield {"pointer": pointer, "detail": str(error)}


def _on_http_error(error: HTTPException) -> Any:
    if error.response is not None and error.code is None:
        return error.response
    status = error.code or 500
    if 300 <= status < 400:
        return error
    slug = _SLUGS.get(status, HTTP_STATUS_CODES.get(status, "error").lower().replace(" ", "-"))
    detail = _detail_of(error, status)
    # With a refused Host header no address can be built, and so no page.
    if not is_api_request() and not isinstance(error, SecurityError):
        return _page(status, slug, detail)
    return problem(
        status, slug, detail, errors=list(_field_errors(error)) or None, headers=_kept(error)
    )


def _on_token_error(_error: Exception) -> Any:
    return domain_problem(errors.AuthenticationError("The token is missing, expired or wrong."))


def _on_csrf_error(_error: Exception) -> Any:
    return domain_problem(
        errors.PermissionDeniedError("The X-CSRF-TOKEN header is missing or wrong.")
    )


def _on_database_error(error: OperationalError) -> Any:
    """A locked or unreachable database is a passing state, and says no more than that."""
    from structlog import get_logger  # noqa: PLC0415 - only needed when something is wrong

    get_logger(__name__).error("database_unavailable", error=str(error.orig))
    return domain_problem(
        errors.UnavailableError("The database does not answer. Please try again.")
    )


def _detail_of(error: HTTPException, status: int) -> str:
    if status >= 500 and status != 503:
        return "Something went wrong on the server. The request id leads to it in the logs."
    if status == 422:
        return "Some values are missing or wrong; see errors."
    if status == 429:
        return "Too many attempts. Please wait before trying again."
    return error.description or HTTP_STATUS_CODES.get(status, "Error")


def _kept(error: HTTPException) -> dict[str, str]:
    """Headers of the error itself (Allow, Retry-After …), without those of its HTML body."""
    return {
        name: value
        for name, value in error.get_headers()
        if name.lower() not in {"content-type", "content-length"}
    }


def _field_errors(error: HTTPException) -> Iterator[dict[str, str]]:
    """Flatten the parser's ``{location: {field: [messages]}}`` to pointers."""
    content = getattr(error, "data", None) or {}
    messages = content.get("errors") or content.get("messages") or {}
    if not isinstance(messages, Mapping):
        return
    for location, found in messages.items():
        if location in {"json", "form", "files", "query", "path", "json_or_form"}:
            yield from _flatten("", found)
        else:
            yield from _flatten(f"/{location}", found)


def _flatten(pointer: str, found: Any) -> Iterator[dict[str, str]]:
    if isinstance(found, Mapping):
        for key, inner in found.items():
            name = "" if key == "_schema" else "/" + str(key).replace("~", "~0").replace("/", "~1")
            yield from _flatten(pointer + name, inner)
    elif isinstance(found, list | tuple):
        for inner in found:
            yield from _flatten(pointer, inner)
    else:
        yield {"pointer": pointer, "detail": str(found)}


def _page(status: int, slug: str, detail: str) -> Any:
    """Answer a browser: to the log-in page when nobody is logged in, else a page that says why."""
    if status == 401:
        target = quote(request.full_path.rstrip("?"), safe="/")
        return redirect("/login" if target == "/" else f"/login?next={target}")
    if slug == "password-change-required":
        return redirect("/profile")
    title = slug.replace("-", " ").capitalize()
    try:
        body = render_template(
            "error.html", status=status, title=title, detail=detail, request_id=g.get("request_id")
        )
    except TemplateNotFound:
        return Response(f"{status} {title}\n\n{detail}\n", status=status, mimetype="text/plain")
    return Response(body, status=status, mimetype="text/html")
