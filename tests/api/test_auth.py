"""Log-in, sessions, refresh rotation, CSRF, throttling and the own profile, over HTTP."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from backend.core.errors import AuthenticationError
from backend.db.accounts import AuditEntry, LoginSession, Role, User
from tests.builders import ManualClock
from tests.web import PASSWORD, Browser, add_user, bearer, make_app, services_of


def actions(app: Flask) -> list[str]:
    with services_of(app).session_factory() as session:
        return [row.action for row in session.query(AuditEntry).order_by(AuditEntry.id)]


def test_log_in_returns_tokens_and_user(app: Flask) -> None:
    answer = Browser(app).log_in("operator")
    assert answer.status_code == 200
    assert set(answer.json) == {"access_token", "refresh_token", "user"}
    user = answer.json["user"]
    assert (user["username"], user["role"], user["is_active"]) == ("operator", "operator", True)
    assert "password" not in answer.text.replace("must_change_password", "")


def test_cookies_are_http_only_and_same_site(app: Flask) -> None:
    cookies = Browser(app).log_in("viewer").headers.getlist("Set-Cookie")
    by_name = {cookie.split("=", 1)[0]: cookie for cookie in cookies}
    for name in ("access_token_cookie", "refresh_token_cookie"):
        assert "HttpOnly" in by_name[name]
        assert "SameSite=Lax" in by_name[name]
        assert "Secure" not in by_name[name]
    for name in ("csrf_access_token", "csrf_refresh_token"):
        assert "HttpOnly" not in by_name[name]


def test_cookies_are_secure_behind_https(tmp_path: Path) -> None:
    app = make_app(tmp_path, CROWDSAFE_HTTPS=True)
    add_user(app, "zoe", Role.VIEWER)
    for cookie in Browser(app).log_in("zoe").headers.getlist("Set-Cookie"):
        assert "Secure" in cookie


@pytest.mark.parametrize(
    ("name", "password"),
    [("admin", "wrong password"), ("nobody", PASSWORD), ("admin", ""), ("admin", "x" * 1000)],
)
def test_refusals_do_not_say_what_was_wrong(app: Flask, name: str, password: str) -> None:
    answer = Browser(app).log_in(name, password)
    assert answer.status_code == 401
    assert answer.json["detail"] == "The user name or the password is wrong."
    assert answer.json["type"] == "/problems/authentication-required"
    assert "session.refused" in actions(app)


def test_names_are_not_case_sensitive(app: Flask) -> None:
    assert Browser(app).log_in(" Admin ").status_code == 200


def test_a_deactivated_account_cannot_log_in(app: Flask, admin: Browser) -> None:
    user_id = add_user(app, "gone", Role.VIEWER)
    assert admin.put(f"/api/users/{user_id}", json={"is_active": False}).status_code == 200
    assert Browser(app).log_in("gone").status_code == 401


def test_changes_by_cookie_need_the_csrf_value(admin: Browser) -> None:
    for headers in ({"X-CSRF-TOKEN": ""}, {"X-CSRF-TOKEN": "wrong"}):
        answer = admin.patch("/api/auth/me", json={"place": "Bonn"}, headers=headers)
        assert answer.status_code == 403
        assert "X-CSRF-TOKEN" in answer.json["detail"]
    assert admin.patch("/api/auth/me", json={"place": "Bonn"}).json["place"] == "Bonn"


def test_bearer_needs_no_csrf_value(app: Flask) -> None:
    token = Browser(app).log_in("viewer").json["access_token"]
    answer = Browser(app).patch("/api/auth/me", json={"place": "Bonn"}, headers=bearer(token))
    assert answer.status_code == 200


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0."])
def test_malformed_tokens_are_refused(app: Flask, token: str) -> None:
    answer = Browser(app).get("/api/auth/me", headers=bearer(token))
    assert answer.status_code == 401
    assert answer.content_type == "application/problem+json"


def test_a_refresh_token_is_no_access_token(app: Flask) -> None:
    tokens = Browser(app).log_in("viewer").json
    me = Browser(app).get("/api/auth/me", headers=bearer(tokens["refresh_token"]))
    assert me.status_code == 401
    again = Browser(app).post("/api/auth/refresh", headers=bearer(tokens["access_token"]))
    assert again.status_code == 401


def test_refresh_gives_a_new_pair(viewer: Browser) -> None:
    before = viewer.cookie("refresh_token_cookie")
    assert viewer.post("/api/auth/refresh").status_code == 200
    assert viewer.cookie("refresh_token_cookie") != before
    assert viewer.get("/api/auth/me").status_code == 200


def test_refresh_by_cookie_needs_the_csrf_value(viewer: Browser) -> None:
    answer = viewer.post("/api/auth/refresh", headers={"X-CSRF-TOKEN": "wrong"})
    assert answer.status_code == 403


def test_two_tabs_may_refresh_at_the_same_moment(app: Flask) -> None:
    first = Browser(app).log_in("viewer").json["refresh_token"]
    tabs = [Browser(app).post("/api/auth/refresh", headers=bearer(first)) for _ in range(2)]
    assert [tab.status_code for tab in tabs] == [200, 200]
    for tab in tabs:
        again = Browser(app).post("/api/auth/refresh", headers=bearer(tab.json["refresh_token"]))
        assert again.status_code == 200


def test_a_reused_refresh_token_ends_the_session(
    timed_app: Flask, manual_clock: ManualClock
) -> None:
    stolen = Browser(timed_app).log_in("viewer").json["refresh_token"]
    fresh = Browser(timed_app).post("/api/auth/refresh", headers=bearer(stolen)).json
    manual_clock.advance(60)
    assert Browser(timed_app).post("/api/auth/refresh", headers=bearer(stolen)).status_code == 401
    for token in (fresh["access_token"], stolen):
        assert Browser(timed_app).get("/api/auth/me", headers=bearer(token)).status_code == 401
    answer = Browser(timed_app).post("/api/auth/refresh", headers=bearer(fresh["refresh_token"]))
    assert answer.status_code == 401
    assert "session.reuse_detected" in actions(timed_app)


def test_log_out_revokes_both_tokens(app: Flask, viewer: Browser) -> None:
    access, refresh = viewer.cookie("access_token_cookie"), viewer.cookie("refresh_token_cookie")
    assert viewer.post("/api/auth/logout").status_code == 204
    assert viewer.cookie("access_token_cookie") == ""
    assert Browser(app).get("/api/auth/me", headers=bearer(access)).status_code == 401
    assert Browser(app).post("/api/auth/refresh", headers=bearer(refresh)).status_code == 401


def test_revoked_sessions_are_announced(app: Flask, viewer: Browser) -> None:
    heard: list[str] = []
    accounts = services_of(app).accounts
    accounts.on_revoked(heard.extend)
    user_id = viewer.get("/api/auth/me").json["id"]
    viewer.post("/api/auth/logout")
    assert len(heard) == 1
    with pytest.raises(AuthenticationError):
        accounts.identify(session_id=heard[0], user_id=user_id)


def test_a_session_that_is_not_used_expires(timed_app: Flask, manual_clock: ManualClock) -> None:
    token = Browser(timed_app).log_in("viewer").json["access_token"]
    manual_clock.advance(15 * 86400)
    assert Browser(timed_app).get("/api/auth/me", headers=bearer(token)).status_code == 401


def test_expired_sessions_are_forgotten(timed_app: Flask, manual_clock: ManualClock) -> None:
    Browser(timed_app).log_in("viewer")
    manual_clock.advance(15 * 86400)
    Browser(timed_app).log_in("viewer")
    with services_of(timed_app).session_factory() as session:
        assert session.query(LoginSession).count() == 1


def test_changing_the_password_ends_the_other_sessions(app: Flask, viewer: Browser) -> None:
    elsewhere = Browser(app)
    elsewhere.log_in("viewer")
    answer = viewer.patch(
        "/api/auth/me", json={"current_password": PASSWORD, "new_password": "another long one"}
    )
    assert answer.status_code == 200
    assert viewer.get("/api/auth/me").status_code == 200
    assert elsewhere.get("/api/auth/me").status_code == 401
    assert Browser(app).log_in("viewer").status_code == 401
    assert Browser(app).log_in("viewer", "another long one").status_code == 200


@pytest.mark.parametrize(
    ("current", "new", "pointer"),
    [
        ("wrong password", "another long one", "/current_password"),
        (PASSWORD, "short", "/new_password"),
        (PASSWORD, PASSWORD, "/new_password"),
        (PASSWORD, "ä" * 37, "/new_password"),
        (PASSWORD, "aaaaaaaaaaaa", "/new_password"),
    ],
)
def test_a_bad_password_change_names_the_field(
    viewer: Browser, current: str, new: str, pointer: str
) -> None:
    body = {"current_password": current, "new_password": new}
    answer = viewer.patch("/api/auth/me", json=body)
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == pointer


def test_a_password_change_needs_both(viewer: Browser) -> None:
    answer = viewer.patch("/api/auth/me", json={"new_password": "another long one"})
    assert answer.json["errors"][0]["pointer"] == "/current_password"


def test_password_must_not_be_the_user_name(app: Flask) -> None:
    add_user(app, "longusername", Role.VIEWER)
    browser = Browser(app)
    browser.log_in("longusername")
    answer = browser.patch(
        "/api/auth/me", json={"current_password": PASSWORD, "new_password": "LongUserName"}
    )
    assert answer.status_code == 422


def test_until_the_password_is_changed_nothing_else_works(app: Flask) -> None:
    add_user(app, "fresh", Role.ADMIN, must_change=True)
    browser = Browser(app)
    assert browser.log_in("fresh").json["user"]["must_change_password"] is True
    answer = browser.get("/api/users/")
    assert answer.status_code == 403
    assert answer.json["type"] == "/problems/password-change-required"
    assert browser.get("/api/auth/me").status_code == 200
    browser.patch(
        "/api/auth/me", json={"current_password": PASSWORD, "new_password": "another long one"}
    )
    assert browser.get("/api/users/").status_code == 200


def test_guessing_at_one_account_is_slowed_down(app: Flask) -> None:
    statuses = [
        app.test_client()
        .post(
            "/api/auth/login",
            json={"username": "viewer", "password": "wrong password"},
            environ_base={"REMOTE_ADDR": f"198.51.100.{number}"},
        )
        .status_code
        for number in range(12)
    ]
    assert statuses == [401] * 10 + [429] * 2
    answer = Browser(app).log_in("viewer")
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert answer.content_type == "application/problem+json"


def test_guessing_from_one_address_is_slowed_down(app: Flask) -> None:
    statuses = [
        Browser(app).log_in(f"user{number}", "wrong password").status_code for number in range(12)
    ]
    assert statuses == [401] * 10 + [429] * 2


def test_right_log_ins_are_not_counted(app: Flask) -> None:
    assert {Browser(app).log_in("viewer").status_code for _ in range(15)} == {200}


def test_names_made_up_at_the_log_in_use_up_nothing_else(app: Flask, viewer: Browser) -> None:
    for number in range(12):
        for name in ("password:viewer", "password-change/viewer"):
            app.test_client().post(
                "/api/auth/login",
                json={"username": name, "password": "wrong password"},
                environ_base={"REMOTE_ADDR": f"198.51.100.{number}"},
            )
    answer = viewer.patch(
        "/api/auth/me", json={"current_password": PASSWORD, "new_password": "another long one"}
    )
    assert answer.status_code == 200


def test_registration_is_closed_by_default(anonymous: Browser) -> None:
    answer = anonymous.post(
        "/api/auth/register", json={"username": "zoe", "password": "a long password"}
    )
    assert answer.status_code == 403


def test_open_registration_makes_viewers(tmp_path: Path) -> None:
    app = make_app(tmp_path, CROWDSAFE_REGISTRATION=True)
    browser = Browser(app)
    body = {"username": "Zoe", "password": "a long password"}
    answer = browser.post("/api/auth/register", json=body)
    assert answer.status_code == 201
    assert (answer.json["username"], answer.json["role"]) == ("zoe", "viewer")
    assert browser.post("/api/auth/register", json=body).status_code == 409
    refused = browser.post("/api/auth/register", json={**body, "role": "admin"})
    assert refused.status_code == 422
    assert browser.log_in("zoe", "a long password").status_code == 200


def test_profile(viewer: Browser) -> None:
    changes = {
        "email": "v@example.org",
        "date_of_birth": "1990-02-03",
        "place": "Köln",
        "gender": "diverse",
    }
    assert viewer.patch("/api/auth/me", json=changes).status_code == 200
    me = viewer.get("/api/auth/me").json
    assert {key: me[key] for key in changes} == changes
    assert viewer.patch("/api/auth/me", json={"place": None}).json["place"] is None


@pytest.mark.parametrize(
    "changes",
    [
        {"email": "no"},
        {"date_of_birth": "1.2.1990"},
        {"date_of_birth": "1830-01-01"},
        {"role": "admin"},
    ],
)
def test_bad_profiles_are_refused(viewer: Browser, changes: dict[str, str]) -> None:
    assert viewer.patch("/api/auth/me", json=changes).status_code == 422


def test_first_admin_once(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    accounts = services_of(app).accounts
    password = accounts.ensure_first_admin(None)
    assert password is not None
    assert accounts.ensure_first_admin(None) is None
    assert Browser(app).log_in("admin", password).json["user"]["must_change_password"] is True


def test_a_chosen_first_password_need_not_be_changed(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    assert services_of(app).accounts.ensure_first_admin("chosen by me") is None
    user = Browser(app).log_in("admin", "chosen by me").json["user"]
    assert (user["must_change_password"], user["role"]) == (False, "admin")


def test_passwords_are_stored_hashed(app: Flask) -> None:
    with services_of(app).session_factory() as session:
        for user in session.query(User):
            assert user.password_hash.startswith("$2b$")


def test_without_its_redis_log_in_works_and_guessing_stays_slow(tmp_path: Path) -> None:
    app = make_app(tmp_path, REDIS_URL="redis://127.0.0.1:1/0")
    add_user(app, "zoe", Role.VIEWER)
    assert Browser(app).log_in("zoe").status_code == 200
    statuses = [Browser(app).log_in("zoe", "wrong password").status_code for _ in range(12)]
    assert statuses == [401] * 10 + [429] * 2
