"""Live settings over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from flask import Flask

from backend.db.accounts import AuditEntry, Role, SettingRow
from backend.services.live_settings import REGISTRY, LiveSettings
from tests.web import Browser, add_user, make_app, services_of

TOKEN = "123456789:" + "Ab-" * 12


def items(browser: Browser) -> dict[str, dict[str, Any]]:
    return {item["key"]: item for item in browser.get("/api/settings/").json["items"]}


def test_who_may(viewer: Browser, operator: Browser, admin: Browser) -> None:
    assert viewer.get("/api/settings/").status_code == 403
    assert operator.get("/api/settings/").status_code == 200
    assert operator.put("/api/settings/", json={"cooldown_s": 5}).status_code == 403
    assert admin.put("/api/settings/", json={"cooldown_s": 5}).status_code == 200


def test_every_setting_says_what_it_is(admin: Browser) -> None:
    found = items(admin)
    assert set(found) == {setting.key for setting in REGISTRY}
    for item in found.values():
        assert item["title"]
        assert item["effect"]
        if item["kind"] in {"number", "integer"}:
            assert item["minimum"] <= item["default"] <= item["maximum"]
            assert item["value"] == item["default"]
        assert item["is_set"] is False


def test_a_change_is_stored_and_announced(app: Flask, admin: Browser) -> None:
    heard: list[LiveSettings] = []
    services_of(app).live_settings.on_change(heard.append)
    answer = admin.put("/api/settings/", json={"density_warning": 4.5, "cluster_min_samples": 3})
    assert answer.status_code == 200
    assert heard[-1].risk.density_warning == 4.5
    assert heard[-1].analysis.cluster_min_samples == 3
    assert services_of(app).live_settings.current() == heard[-1]
    item = items(admin)["density_warning"]
    assert (item["value"], item["is_set"], item["changed_by"]) == (4.5, True, "admin")


def test_one_weight_serves_both_trends(app: Flask, admin: Browser) -> None:
    admin.put("/api/settings/", json={"ema_alpha": 0.5})
    live = services_of(app).live_settings.current()
    assert (live.analysis.ema_alpha, live.risk.ema_alpha) == (0.5, 0.5)


def test_null_takes_a_setting_back(admin: Browser) -> None:
    admin.put("/api/settings/", json={"cooldown_s": 5})
    admin.put("/api/settings/", json={"cooldown_s": None})
    item = items(admin)["cooldown_s"]
    assert (item["value"], item["is_set"]) == (60.0, False)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"cooldown_s": "5"}, "/cooldown_s"),
        ({"cooldown_s": True}, "/cooldown_s"),
        ({"cooldown_s": -1}, "/cooldown_s"),
        ({"cooldown_s": 1e9}, "/cooldown_s"),
        ({"cluster_min_samples": 2.5}, "/cluster_min_samples"),
        ({"hold_fraction": 2}, "/hold_fraction"),
        ({"telegram_chat_id": "not a chat"}, "/telegram_chat_id"),
        ({"telegram_bot_token": "nonsense"}, "/telegram_bot_token"),
        ({"telegram_bot_token": "a\nb"}, "/telegram_bot_token"),
        ({"nonsense": 1}, "/nonsense"),
        ({"density_warning": 1.0}, "/density_warning"),
        ({"risk_caution": 60}, "/risk_caution"),
    ],
)
def test_bad_values_name_the_setting_and_change_nothing(
    admin: Browser, changes: dict[str, object], pointer: str
) -> None:
    answer = admin.put("/api/settings/", json={"clear_s": 99, **changes})
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == pointer
    assert TOKEN not in answer.text
    assert items(admin)["clear_s"]["is_set"] is False


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1e400"])
def test_numbers_must_be_finite(admin: Browser, text: str) -> None:
    answer = admin.put(
        "/api/settings/", data=f'{{"cooldown_s": {text}}}', content_type="application/json"
    )
    assert answer.status_code == 422


def test_bands_can_move_together(admin: Browser) -> None:
    bands = {"density_caution": 7, "density_warning": 8, "density_critical": 9}
    assert admin.put("/api/settings/", json={"density_caution": 7}).status_code == 422
    assert admin.put("/api/settings/", json=bands).status_code == 200


def test_secrets_go_in_and_never_come_out(app: Flask, admin: Browser) -> None:
    answer = admin.put("/api/settings/", json={"telegram_bot_token": TOKEN})
    assert TOKEN not in answer.text
    item = items(admin)["telegram_bot_token"]
    assert (item["value"], item["default"], item["is_set"]) == (None, None, True)
    assert services_of(app).live_settings.current().telegram_bot_token == TOKEN
    assert TOKEN not in repr(services_of(app).live_settings.current())
    with services_of(app).session_factory() as session:
        row = session.get(SettingRow, "telegram_bot_token")
        assert row is not None
        assert TOKEN not in str(row.secret) + str(row.value)
        entry = session.query(AuditEntry).filter_by(action="settings.update").one()
        assert TOKEN not in str(entry.before) + str(entry.after)
        assert entry.after == {"telegram_bot_token": "[redacted]"}


def test_the_environment_gives_defaults(tmp_path: Path) -> None:
    app = make_app(tmp_path, EMA_ALPHA=0.2, TELEGRAM_BOT_TOKEN=TOKEN, TELEGRAM_CHAT_ID="-100")
    add_user(app, "admin", Role.ADMIN)
    live = services_of(app).live_settings.current()
    assert (live.analysis.ema_alpha, live.telegram_chat_id) == (0.2, "-100")
    browser = Browser(app)
    browser.log_in("admin")
    found = items(browser)
    assert (found["ema_alpha"]["default"], found["ema_alpha"]["is_set"]) == (0.2, True)
    assert TOKEN not in browser.get("/api/settings/").text


def test_a_wrong_environment_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="Weight of the newest second"):
        make_app(tmp_path, EMA_ALPHA=5)


def test_stored_settings_survive_a_restart(tmp_path: Path) -> None:
    first = make_app(tmp_path)
    add_user(first, "admin", Role.ADMIN)
    browser = Browser(first)
    browser.log_in("admin")
    browser.put("/api/settings/", json={"cooldown_s": 5, "telegram_bot_token": TOKEN})
    live = services_of(make_app(tmp_path)).live_settings.current()
    assert (live.alerts.cooldown_s, live.telegram_bot_token) == (5.0, TOKEN)


def test_a_lost_key_is_said_and_stops_nothing(tmp_path: Path) -> None:
    first = make_app(tmp_path)
    add_user(first, "admin", Role.ADMIN)
    browser = Browser(first)
    browser.log_in("admin")
    browser.put("/api/settings/", json={"cooldown_s": 5, "telegram_bot_token": TOKEN})
    second = make_app(tmp_path, CROWDSAFE_ENCRYPTION_KEY=Fernet.generate_key().decode())
    service = services_of(second).live_settings
    assert (service.current().alerts.cooldown_s, service.current().telegram_bot_token) == (
        5.0,
        None,
    )
    assert "another key" in service.problems[0]
