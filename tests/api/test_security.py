"""Nothing is reachable without log-in, every route names its role, every answer is armoured."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

from backend.api.guard import PUBLIC_ENDPOINTS
from backend.db.accounts import LoginSession, Role
from tests.web import PASSWORD, Browser, add_user, bearer, make_app, services_of


def examples(app: Flask) -> list[tuple[str, str, str]]:
    """Return (method, path, endpoint) of every route with made-up values."""
    found = []
    for rule in app.url_map.iter_rules():
        path = example_path(rule.rule)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            found.append((method, path, rule.endpoint))
    return found


def example_path(rule: str) -> str:
    return re.sub(r"<(?:(\w+):)?\w+>", lambda m: "1" if m[1] == "int" else "x", rule)


def test_only_the_listed_routes_answer_anonymous_callers(app: Flask) -> None:
    routes = examples(app)
    assert len(routes) > 40
    for method, path, endpoint in routes:
        answer = app.test_client().open(path, method=method)
        if endpoint in PUBLIC_ENDPOINTS:
            continue
        if path.startswith("/api/"):
            assert answer.status_code == 401, (method, path)
            assert answer.content_type == "application/problem+json"
            assert answer.headers["WWW-Authenticate"] == "Bearer"
        else:
            assert answer.status_code == 302, (method, path)
            assert answer.headers["Location"].startswith("/login")


def test_the_list_of_public_routes_is_short() -> None:
    expected = {"static", "healthz", "pages.login", "auth.log_in", "auth.refresh", "auth.register"}
    assert expected == PUBLIC_ENDPOINTS


def test_every_route_names_the_role_it_needs(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        if rule.endpoint in PUBLIC_ENDPOINTS | {"api-docs.openapi_json"}:
            continue
        view = app.view_functions[rule.endpoint]
        methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
        owner = getattr(view, "view_class", None)
        views = [getattr(owner, name.lower()) for name in methods] if owner else [view]
        for one in views:
            assert isinstance(getattr(one, "required_role", None), Role), (rule.rule, one)


def test_viewers_may_change_nothing_but_themselves(app: Flask, viewer: Browser) -> None:
    mine = {"auth.me", "auth.log_out"} | PUBLIC_ENDPOINTS
    for method, path, endpoint in examples(app):
        if method == "GET" or endpoint in mine:
            continue
        answer = viewer.client.open(
            path, method=method, headers={"X-CSRF-TOKEN": viewer.cookie("csrf_access_token")}
        )
        assert answer.status_code == 403, (method, path, answer.status_code)


@pytest.mark.parametrize("path", ["/healthz", "/login", "/api/nothing", "/static/nothing.js"])
def test_every_answer_is_armoured(app: Flask, path: str) -> None:
    headers = app.test_client().get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Strict-Transport-Security" not in headers
    assert "Access-Control-Allow-Origin" not in headers


def test_the_socket_endpoint_is_armoured_too(app: Flask) -> None:
    answer = app.test_client().get("/socket.io/?EIO=4&transport=polling")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_foreign_page_cannot_open_a_socket(app: Flask) -> None:
    answer = app.test_client().get(
        "/socket.io/?EIO=4&transport=polling", headers={"Origin": "https://evil.example"}
    )
    assert answer.status_code == 400


def test_answers_are_not_cached(viewer: Browser) -> None:
    assert viewer.get("/api/auth/me").headers["Cache-Control"] == "no-store"


def test_https_is_insisted_on_where_configured(tmp_path: Path) -> None:
    app = make_app(tmp_path, CROWDSAFE_HTTPS=True)
    assert "max-age" in app.test_client().get("/healthz").headers["Strict-Transport-Security"]


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost", 200),
        ("http://localhost:80", 200),
        ("https://localhost", 200),
        ("http://localhost:81", 403),
        ("http://evil.example", 403),
        ("http://localhost.evil.example", 403),
        ("null", 403),
        ("file://", 403),
        ("http://[", 403),
    ],
)
def test_changes_come_from_our_own_pages(viewer: Browser, origin: str, status: int) -> None:
    answer = viewer.patch("/api/auth/me", json={"place": "Bonn"}, headers={"Origin": origin})
    assert answer.status_code == status


def test_a_foreign_page_cannot_log_its_visitor_in(app: Flask) -> None:
    answer = Browser(app).post(
        "/api/auth/login",
        json={"username": "viewer", "password": PASSWORD},
        headers={"Origin": "https://evil.example"},
    )
    assert answer.status_code == 403
    assert not answer.headers.getlist("Set-Cookie")


@pytest.mark.parametrize("host", ["a b", "evil.example/x", "a@b", "[::1", "x" * 10 + "\\"])
def test_malformed_hosts_are_refused(app: Flask, host: str) -> None:
    assert app.test_client().get("/healthz", headers={"Host": host}).status_code == 400


def test_only_the_allowed_hosts_are_answered(tmp_path: Path) -> None:
    app = make_app(tmp_path, CROWDSAFE_ALLOWED_HOSTS="crowd.example, 10.0.0.7")
    client = app.test_client()
    assert client.get("/healthz", headers={"Host": "crowd.example:5001"}).status_code == 200
    assert client.get("/healthz", headers={"Host": "10.0.0.7"}).status_code == 200
    assert client.get("/healthz", headers={"Host": "evil.example"}).status_code == 400


def forwarded_address(app: Flask) -> str:
    add_user(app, "zoe", Role.ADMIN)
    browser = Browser(app)
    browser.client.post(
        "/api/auth/login",
        json={"username": "zoe", "password": PASSWORD},
        headers={"X-Forwarded-For": "203.0.113.9"},
    )
    with services_of(app).session_factory() as session:
        return session.query(LoginSession).one().address


def test_proxy_headers_count_only_where_configured(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert forwarded_address(make_app(tmp_path / "a")) == "127.0.0.1"
    trusting = make_app(tmp_path / "b", CROWDSAFE_TRUSTED_PROXIES=1)
    assert forwarded_address(trusting) == "203.0.113.9"


def test_large_bodies_are_refused(app: Flask) -> None:
    token = Browser(app).log_in("admin").json["access_token"]
    answer = app.test_client().put(
        "/api/settings/",
        data=b"{" + b" " * (3 * 1024 * 1024) + b"}",
        content_type="application/json",
        headers=bearer(token),
    )
    assert answer.status_code == 413
    assert answer.content_type == "application/problem+json"


def test_pages_go_on_when_the_access_token_is_gone(viewer: Browser) -> None:
    viewer.client.delete_cookie("access_token_cookie")
    answer = viewer.get("/profile")
    assert answer.status_code == 200
    assert viewer.cookie("access_token_cookie")
    assert viewer.get("/api/auth/me").status_code == 200


def test_the_way_back_after_log_in_stays_here(app: Flask) -> None:
    answer = app.test_client().get("/cameras?x=//evil.example")
    assert answer.headers["Location"] == "/login?next=/cameras%3Fx%3D//evil.example"


def test_pages_lead_to_the_password_change(app: Flask) -> None:
    add_user(app, "fresh", Role.VIEWER, must_change=True)
    browser = Browser(app)
    browser.log_in("fresh")
    answer = browser.get("/cameras")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/profile")
    assert browser.get("/profile").status_code == 200


HUGE = 10**30


@pytest.mark.parametrize(
    "path",
    [
        f"/api/alerts/{HUGE}",
        f"/api/alerts/{HUGE}/snapshot",
        f"/api/cameras/{HUGE}",
        f"/api/cameras/{HUGE}/stream",
        f"/api/cameras/{HUGE}/snapshot",
        f"/api/metrics/{HUGE}",
        f"/api/metrics/{HUGE}/current",
        f"/api/recordings/{HUGE}/video",
        f"/api/users/{HUGE}",
        f"/cameras/{HUGE}",
        f"/api/cameras/{2**63 - 1}",
    ],
)
def test_ids_beyond_the_databases_range_lead_nowhere(admin: Browser, path: str) -> None:
    assert admin.get(path).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        f"/api/alerts/?page={HUGE}",
        f"/api/alerts/?page={2**62}",
        f"/api/users/?page={HUGE}",
        f"/api/recordings/?page={HUGE}",
        f"/api/alerts/?camera_id={HUGE}",
        f"/api/recordings/?camera_id={HUGE}",
        "/api/alerts/?camera_id=-1",
        "/api/alerts/?from=0001-01-01T00:00:00%2B14:00",
        "/api/recordings/?to=9999-12-31T23:59:59-14:00",
    ],
)
def test_numbers_and_times_nobody_can_mean_are_refused(admin: Browser, path: str) -> None:
    answer = admin.get(path)
    assert answer.status_code == 422
    assert answer.json["errors"]


def test_the_last_page_there_can_be_is_empty(admin: Browser) -> None:
    assert admin.get("/api/alerts/?page=1000000000&per_page=500").json["items"] == []
