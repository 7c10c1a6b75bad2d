"""Accounts, settings and measurements on the database servers CrowdSafe supports."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from backend.core.errors import ConflictError
from backend.db.accounts import Role
from backend.pipeline.metric_row import make_row
from backend.services.actor import SYSTEM_ACTOR
from tests import builders
from tests.api.test_calibration import POINTS, RECTANGLE, show
from tests.api.test_places import BOTH, LINE, ZONE
from tests.builders import ManualClock
from tests.databases import SERVERS, throw_away_database
from tests.services.test_metric_views import full
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


def test_calibrations_and_measurements(app: Flask) -> None:
    add_user(app, "admin", Role.ADMIN)
    browser = Browser(app)
    browser.log_in("admin")
    camera = {"name": "Gate", "source_type": "rtsp", "source": "rtsp://127.0.0.1:9/x"}
    made = browser.post("/api/cameras/", json=camera | {"exits": [{"width_m": 2}]}).json
    path = f"/api/cameras/{made['id']}/calibration"
    show(app)
    fifth = {"image": [320, 200], "world": [3, 5]}
    first = browser.put(path, json={**POINTS, "points": [*POINTS["points"], fifth]})
    assert first.status_code == 200, first.text
    assert first.json["has_background"] is True
    second = browser.put(path, json=RECTANGLE).json
    assert browser.get(path).json == second
    assert (second["version"], second["rms_error_m"], second["evidence"]) == (2, None, None)
    versions = browser.get(f"{path}/versions").json["items"]
    assert [item["created_by"] for item in versions] == ["admin", "admin"]
    row = make_row(builders.snapshot(crowd=full()), builders.assessment())
    plain = make_row(builders.snapshot(stream_time_s=1.0), builders.assessment())
    services_of(app).metrics.write_rows([row, plain])
    stored = browser.get(f"/api/metrics/{made['id']}").json["items"]
    assert (stored[0]["level_of_service"], stored[1]["level_of_service"]) == ("C", None)
    assert (stored[0]["stagnant"], stored[1]["stagnant"]) == (True, False)
    assert browser.delete(f"/api/cameras/{made['id']}").status_code == 204
    services_of(app).recorder.stop()
    services_of(app).frames.stop()


def test_places(app: Flask) -> None:
    add_user(app, "admin", Role.ADMIN)
    browser = Browser(app)
    browser.log_in("admin")
    camera = {"name": "Gate", "source_type": "rtsp", "source": "rtsp://127.0.0.1:9/x"}
    path = f"/api/cameras/{browser.post('/api/cameras/', json=camera).json['id']}"
    made = browser.put(f"{path}/places", json=BOTH)
    assert made.status_code == 200, made.text
    assert browser.get(f"{path}/places").json == made.json
    assert browser.put(f"{path}/places", json=made.json).json == made.json
    editors = []
    for _ in range(4):
        editors.append(Browser(app))
        editors[-1].log_in("admin")
    answers: list[int] = []

    def draw(number: int) -> None:
        zones = [*made.json["zones"], {**ZONE, "name": f"門 {number}"}]
        body = {"version": 1, "zones": zones, "lines": [LINE]}
        answers.append(editors[number].put(f"{path}/places", json=body).status_code)

    threads = [threading.Thread(target=draw, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(answers) == [200, 409, 409, 409]
    after = browser.get(f"{path}/places").json
    assert (after["version"], len(after["zones"]), len(after["lines"])) == (2, 2, 1)
    assert after["zones"][0] == made.json["zones"][0]
    assert browser.delete(path).status_code == 204
    assert browser.get(f"{path}/places").status_code == 404
