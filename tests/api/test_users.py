"""User administration over HTTP."""

from __future__ import annotations

import threading

import pytest
from flask import Flask

from backend.core.errors import ConflictError
from backend.db.accounts import AuditEntry, Role
from backend.services.actor import SYSTEM_ACTOR
from tests.web import Browser, add_user, services_of

NEW = {"username": "zoe", "password": "a long password", "role": "operator"}


def audit(app: Flask, action: str) -> list[AuditEntry]:
    with services_of(app).session_factory() as session:
        return session.query(AuditEntry).filter_by(action=action).order_by(AuditEntry.id).all()


def user_id(admin: Browser, name: str) -> int:
    items = admin.get("/api/users/").json["items"]
    return int(next(item["id"] for item in items if item["username"] == name))


@pytest.mark.parametrize("method", ["get", "post"])
def test_only_administrators(viewer: Browser, operator: Browser, method: str) -> None:
    for browser in (viewer, operator):
        answer = getattr(browser, method)("/api/users/", json=NEW if method == "post" else None)
        assert answer.status_code == 403
        assert answer.json["type"] == "/problems/permission-denied"


def test_list_is_paged(app: Flask, admin: Browser) -> None:
    for number in range(5):
        add_user(app, f"user{number}", Role.VIEWER)
    page = admin.get("/api/users/?page=2&per_page=3").json
    assert (page["total"], page["page"], page["pages"]) == (8, 2, 3)
    assert [item["username"] for item in page["items"]] == ["user1", "user2", "user3"]
    assert admin.get("/api/users/?per_page=0").status_code == 422


def test_create_read_change_delete(app: Flask, admin: Browser) -> None:
    made = admin.post("/api/users/", json=NEW)
    assert made.status_code == 201
    assert made.json["must_change_password"] is True
    path = f"/api/users/{made.json['id']}"
    assert admin.get(path).json["role"] == "operator"
    assert (
        admin.put(path, json={"role": "viewer", "email": "z@example.org"}).json["role"] == "viewer"
    )
    assert admin.delete(path).status_code == 204
    assert admin.get(path).status_code == 404
    assert admin.delete(path).status_code == 404


def test_what_was_done_is_written_down(app: Flask, admin: Browser) -> None:
    made = admin.post("/api/users/", json=NEW).json
    admin.put(f"/api/users/{made['id']}", json={"role": "viewer", "password": "another long one"})
    created, changed = audit(app, "user.create")[-1], audit(app, "user.update")[-1]
    assert (created.username, created.after["username"]) == ("admin", "zoe")
    assert (changed.before["role"], changed.after["role"]) == ("operator", "viewer")
    assert changed.after["password_changed"] is True
    assert "long" not in str(changed.after) + str(created.after)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"username": "x"}, "/username"),
        ({"username": "Zoë Müller"}, "/username"),
        ({"username": "../etc"}, "/username"),
        ({"password": "short"}, "/password"),
        ({"password": "x" * 73}, "/password"),
        ({"role": "root"}, "/role"),
        ({"email": "nobody"}, "/email"),
        ({"is_admin": True}, "/is_admin"),
    ],
)
def test_bad_accounts_name_the_field(
    admin: Browser, change: dict[str, object], pointer: str
) -> None:
    answer = admin.post("/api/users/", json=NEW | change)
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == pointer


def test_names_are_unique_whatever_their_case(admin: Browser) -> None:
    assert admin.post("/api/users/", json=NEW | {"username": "Viewer"}).status_code == 409


def test_the_last_administrator_stays(app: Flask, admin: Browser) -> None:
    path = f"/api/users/{user_id(admin, 'admin')}"
    for change in ({"role": "viewer"}, {"is_active": False}):
        assert admin.put(path, json=change).status_code == 409
    assert admin.delete(path).status_code == 409
    add_user(app, "second", Role.ADMIN)
    assert admin.put(path, json={"role": "operator"}).status_code == 200


def test_nobody_deletes_the_own_account(app: Flask, admin: Browser) -> None:
    add_user(app, "second", Role.ADMIN)
    assert admin.delete(f"/api/users/{user_id(admin, 'admin')}").status_code == 409


def test_two_administrators_cannot_remove_each_other(app: Flask) -> None:
    add_user(app, "second", Role.ADMIN)
    users = services_of(app).users
    rows, _ = users.page(SYSTEM_ACTOR, page=1, per_page=10)
    admins = [row.id for row in rows if row.role == "admin"]
    outcomes: list[str] = []

    def demote(which: int) -> None:
        try:
            users.update(SYSTEM_ACTOR, which, {"role": Role.VIEWER})
            outcomes.append("done")
        except ConflictError:
            outcomes.append("refused")

    threads = [threading.Thread(target=demote, args=(which,)) for which in admins]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["done", "refused"]


def test_a_new_role_counts_at_once(app: Flask, admin: Browser) -> None:
    made = add_user(app, "zoe", Role.ADMIN)
    browser = Browser(app)
    browser.log_in("zoe")
    assert browser.get("/api/users/").status_code == 200
    admin.put(f"/api/users/{made}", json={"role": "viewer"})
    assert browser.get("/api/users/").status_code == 403


@pytest.mark.parametrize("change", [{"is_active": False}, {"password": "another long one"}])
def test_locking_out_works_at_once(app: Flask, admin: Browser, change: dict[str, object]) -> None:
    made = add_user(app, "zoe", Role.VIEWER)
    browser = Browser(app)
    browser.log_in("zoe")
    heard: list[str] = []
    services_of(app).accounts.on_revoked(heard.extend)
    assert admin.put(f"/api/users/{made}", json=change).status_code == 200
    assert browser.get("/api/auth/me").status_code == 401
    assert browser.post("/api/auth/refresh").status_code == 401
    assert len(heard) == 1


def test_deleting_locks_out_and_keeps_the_trail(app: Flask, admin: Browser) -> None:
    made = add_user(app, "zoe", Role.VIEWER)
    browser = Browser(app)
    browser.log_in("zoe")
    assert admin.delete(f"/api/users/{made}").status_code == 204
    assert browser.get("/api/auth/me").status_code == 401
    assert [row.username for row in audit(app, "session.log_in")][-1] == "zoe"
