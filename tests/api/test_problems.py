"""Every error under /api is problem+json; outside it is a page."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from backend.core import errors
from tests.web import Browser, bearer


def check_problem(answer: object, status: int, slug: str) -> dict[str, object]:
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    body = answer.json
    assert body["type"] == f"/problems/{slug}"
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    assert body["instance"].startswith("/api")
    assert body["request_id"] == answer.headers["X-Request-ID"]
    return body


@pytest.mark.parametrize(
    ("error", "status", "slug"),
    [
        (errors.InvalidInputError("x", field="a"), 422, "invalid-input"),
        (errors.NotFoundError("x"), 404, "not-found"),
        (errors.ConflictError("x"), 409, "conflict"),
        (errors.IllegalCommandError("x"), 409, "illegal-command"),
        (errors.AuthenticationError("x"), 401, "authentication-required"),
        (errors.PermissionDeniedError("x"), 403, "permission-denied"),
        (errors.PasswordChangeRequiredError("x"), 403, "password-change-required"),
        (errors.UnavailableError("x"), 503, "unavailable"),
        (errors.SourceRefusedError("x"), 422, "source-refused"),
        (errors.SourceLostError("x"), 502, "source-unreachable"),
        (errors.ModelError("x"), 503, "model-unavailable"),
        (errors.CrowdSafeError("x"), 400, "bad-request"),
        (OperationalError("SELECT secret", {}, Exception("locked")), 503, "unavailable"),
    ],
)
def test_domain_errors(app: Flask, error: Exception, status: int, slug: str) -> None:
    add_failing_route(app, error)
    body = check_problem(Browser(app).get("/api/fails"), status, slug)
    assert "secret" not in str(body)
    if isinstance(error, errors.InvalidInputError):
        assert body["errors"] == [{"pointer": "/a", "detail": "x"}]


def test_a_bug_says_nothing_but_its_id(app: Flask) -> None:
    add_failing_route(app, RuntimeError("the secret cause"))
    app.testing = False
    app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = Browser(app).get("/api/fails")
    body = check_problem(answer, 500, "internal-error")
    assert "secret" not in answer.text
    assert body["request_id"]


def test_in_tests_a_bug_comes_through(app: Flask) -> None:
    add_failing_route(app, RuntimeError("the cause"))
    with pytest.raises(RuntimeError, match="the cause"):
        Browser(app).get("/api/fails")


def add_failing_route(app: Flask, error: Exception) -> None:
    """A route below /api that raises; under the name of a public endpoint."""

    def fail() -> None:
        raise error

    app.view_functions["healthz"] = fail
    app.url_map.add(app.url_rule_class("/api/fails", endpoint="healthz"))


def test_unknown_routes(app: Flask) -> None:
    check_problem(Browser(app).get("/api/nothing"), 404, "not-found")
    check_problem(Browser(app).get("/api"), 404, "not-found")


def test_wrong_methods_keep_the_allow_header(app: Flask) -> None:
    answer = Browser(app).delete("/api/auth/login")
    check_problem(answer, 405, "method-not-allowed")
    assert "POST" in answer.headers["Allow"]


@pytest.mark.parametrize("body", ["{", "[]", '"x"', "\xff"])
def test_malformed_bodies(app: Flask, body: str) -> None:
    answer = Browser(app).post(
        "/api/auth/login", data=body.encode("latin-1"), content_type="application/json"
    )
    assert answer.status_code in {400, 422}
    assert answer.content_type == "application/problem+json"


def test_field_errors_are_pointers(app: Flask) -> None:
    answer = Browser(app).post("/api/auth/login", json={"username": 5, "extra": 1})
    body = check_problem(answer, 422, "invalid-input")
    assert {item["pointer"] for item in body["errors"]} == {"/username", "/password", "/extra"}


def test_bearer_of_another_key_is_refused(app: Flask) -> None:
    foreign = (
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxIiwidHlwZSI6ImFjY2VzcyJ9."
        "c2lnbmF0dXJlc2lnbmF0dXJlc2lnbmF0dXJlc2lnbmF0dXI"
    )
    check_problem(
        Browser(app).get("/api/auth/me", headers=bearer(foreign)), 401, "authentication-required"
    )


def test_errors_of_pages_are_pages(viewer: Browser) -> None:
    answer = viewer.get("/nothing")
    assert answer.status_code == 404
    assert answer.mimetype in {"text/html", "text/plain"}


def test_openapi_document(viewer: Browser, app: Flask) -> None:
    document = viewer.get("/api/openapi.json").json
    assert document["openapi"].startswith("3.1")
    assert document["paths"]["/api/users/"]["get"]["x-required-role"] == "admin"
    assert {"bearer", "cookie"} <= set(document["components"]["securitySchemes"])
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/") and "docs" not in rule.endpoint:
            path = rule.rule.replace("<int:", "{").replace("<", "{").replace(">", "}")
            assert path in document["paths"], path


def test_the_documentation_page_loads_nothing_from_elsewhere(viewer: Browser) -> None:
    page = viewer.get("/api/docs").text
    assert "/static/vendor/swagger-ui/" in page
    assert "http://" not in page
    assert "https://" not in page
    assert "<script>" not in page
    assert "style=" not in page
