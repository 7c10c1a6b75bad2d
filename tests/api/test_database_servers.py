"""Accounts and settings on the database servers CrowdSafe supports."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from backend.core.errors import ConflictError
from backend.db.accounts import Role
from backend.services.actor import SYSTEM_ACTOR
from tests.builders import ManualClock
from tests.databases import SERVERS, throw_away_database
from tests.web import Browser, add_user, bearer, make_app, services_of

pytestmark = pytest.mark.service


@pytest.fixture(params=SERVERS)
def app(
    request: pytest.FixtureRequest, tmp_path: Path, manual_clock: ManualClock
) -> Iterator[Flask]:
    with throw_away_database(request.param) as url:
        app = make_app(tmp_path, clock=manual_clock, DATABASE_URL=url)
        yield app
        services_of(app).engine.dispose()


def test_sessions(app: Flask, manual_clock: ManualClock) -> None:
    add_user(app, "zoe", Role.VIEWER)
    first = Browser(app).log_in("zoe").json
    tabs: list[int] = []

    def refresh() -> None:
        answer = Browser(app).post("/api/auth/refresh", headers=bearer(first["refresh_token"]))
        tabs.append(answer.status_code)

    threads = [threading.Thread(target=refresh) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert tabs == [200] * 6
    manual_clock.advance(60)
    again = Browser(app).post("/api/auth/refresh", headers=bearer(first["refresh_token"]))
    assert again.status_code == 401
    me = Browser(app).get("/api/auth/me", headers=bearer(first["access_token"]))
    assert me.status_code == 401


def test_the_last_administrator_stays(app: Flask) -> None:
    admins = [add_user(app, name, Role.ADMIN) for name in ("first", "second")]
    users = services_of(app).users
    outcomes: list[str] = []

    def demote(user_id: int) -> None:
        try:
            users.update(SYSTEM_ACTOR, user_id, {"role": Role.VIEWER})
            outcomes.append("done")
        except ConflictError:
            outcomes.append("refused")

    threads = [threading.Thread(target=demote, args=(user_id,)) for user_id in admins]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["done", "refused"]


def test_users_and_settings(app: Flask) -> None:
    add_user(app, "admin", Role.ADMIN)
    browser = Browser(app)
    browser.log_in("admin")
    made = browser.post("/api/users/", json={"username": "Zoe", "password": "a long password"})
    assert made.status_code == 201
    taken = browser.post("/api/users/", json={"username": "zoe", "password": "a long password"})
    assert taken.status_code == 409
    token = "123456789:" + "A" * 35
    changes = {"cooldown_s": 5, "ema_alpha": 0.25, "telegram_bot_token": token}
    assert browser.put("/api/settings/", json=changes).status_code == 200
    live = services_of(app).live_settings.current()
    assert (live.alerts.cooldown_s, live.risk.ema_alpha) == (5.0, 0.25)
    items = {item["key"]: item for item in browser.get("/api/settings/").json["items"]}
    assert items["cooldown_s"]["changed_by"] == "admin"
    assert browser.delete(f"/api/users/{made.json['id']}").status_code == 204
    checks = {c["name"]: c for c in browser.get("/api/system/health").json["checks"]}
    assert checks["database"]["status"] == "ok"
