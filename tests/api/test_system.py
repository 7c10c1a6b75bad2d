"""Health and statistics over HTTP."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from backend.core.errors import ModelError
from backend.db.accounts import Role
from tests.web import Browser, add_user, make_app, services_of


def checks(browser: Browser) -> dict[str, dict[str, str]]:
    return {item["name"]: item for item in browser.get("/api/system/health").json["checks"]}


def test_probes_learn_nothing(app: Flask) -> None:
    answer = Browser(app).get("/healthz")
    assert answer.json == {"status": "ok"}


def test_health_names_every_part(viewer: Browser) -> None:
    body = viewer.get("/api/system/health").json
    assert body["status"] in {"ok", "degraded", "failed"}
    found = {item["name"] for item in body["checks"]}
    expected = {"database", "disk", "settings", "model", "cameras", "metrics", "alerts"}
    assert expected | {"density_counter", "notifications", "recordings"} <= found


def test_a_density_counter_that_is_off_is_said_and_no_fault(tmp_path: Path) -> None:
    app = make_app(tmp_path, DENSITY_MODEL="off")
    add_user(app, "zoe", Role.VIEWER)
    browser = Browser(app)
    browser.log_in("zoe")
    found = checks(browser)["density_counter"]
    assert found["status"] == "ok"
    assert "DENSITY_MODEL=off" in found["reason"]


def test_a_density_counter_that_is_refused_is_said_and_the_probe_stays_well(tmp_path: Path) -> None:
    app = make_app(tmp_path, DENSITY_MODEL="square.onnx")
    add_user(app, "zoe", Role.VIEWER)
    with pytest.raises(ModelError, match=r"square\.json"):
        services_of(app).density.prepare()
    browser = Browser(app)
    browser.log_in("zoe")
    found = checks(browser)["density_counter"]
    assert found["status"] == "degraded"
    assert "square" in found["reason"]
    assert Browser(app).get("/healthz").json == {"status": "ok"}


def test_a_full_disk_is_said(tmp_path: Path) -> None:
    app = make_app(tmp_path, CROWDSAFE_MIN_FREE_MB=10**9)
    add_user(app, "zoe", Role.VIEWER)
    browser = Browser(app)
    browser.log_in("zoe")
    found = checks(browser)["disk"]
    assert found["status"] == "degraded"
    assert "free" in found["reason"]


def test_figures_are_for_operators(viewer: Browser, operator: Browser) -> None:
    assert viewer.get("/api/system/stats").status_code == 403
    body = operator.get("/api/system/stats").json
    assert body["versions"]["crowdsafe"]
    assert body["uptime_s"] >= 0
    assert body["memory_rss_bytes"] > 0
    assert body["threads"] >= 1
    assert body["cameras"] == {}


def test_the_summary_tells_ills_only(app: Flask) -> None:
    summary = services_of(app).system.summary()
    assert all(check["status"] != "ok" for check in summary["checks"])
