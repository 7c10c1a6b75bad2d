"""Pages as the server hands them out: who gets which, and what stands in them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from backend.db.accounts import Role
from tests.web import Browser, add_user, make_app, services_of

PAGES = (
    "/",
    "/map",
    "/locations",
    "/cameras",
    "/graph",
    "/alerts",
    "/recordings",
    "/settings",
    "/users",
    "/profile",
    "/system",
)
FOR_OPERATORS = {"/settings", "/system"}
FOR_ADMINS = {"/users"}


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    app = make_app(tmp_path)
    for role in Role:
        add_user(app, role.value, role)
    add_user(app, "fresh", Role.OPERATOR, must_change=True)
    yield app
    services_of(app).engine.dispose()


def browser(app: Flask, name: str) -> Browser:
    visitor = Browser(app)
    assert visitor.log_in(name).status_code == 200
    return visitor


def config_of(html: str) -> dict[str, object]:
    """Return the JSON the page's module starts from."""
    found = re.search(r'<script type="application/json" id="page-config">(.*?)</script>', html)
    assert found is not None
    config: dict[str, object] = json.loads(found[1])
    return config


@pytest.mark.parametrize(
    "path",
    [*PAGES, "/cameras/1", "/cameras/1/calibration", "/cameras/1/places", "/locations/1"],
)
def test_without_log_in_every_page_leads_to_the_log_in_and_back(app: Flask, path: str) -> None:
    answer = Browser(app).get(path)
    assert answer.status_code == 302
    assert answer.headers["Location"] == ("/login" if path == "/" else f"/login?next={path}")


def test_log_in_page_is_open_and_leads_on_when_logged_in(app: Flask) -> None:
    assert "Log in" in Browser(app).get("/login").text
    assert browser(app, "viewer").get("/login").headers["Location"] == "/"


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("path", PAGES)
def test_pages_by_role(app: Flask, role: Role, path: str) -> None:
    answer = browser(app, role.value).get(path)
    allowed = (path not in FOR_OPERATORS or role is not Role.VIEWER) and (
        path not in FOR_ADMINS or role is Role.ADMIN
    )
    assert answer.status_code == (200 if allowed else 403)
    assert answer.mimetype == "text/html"
    assert not allowed or 'type="module"' in answer.text


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        (Role.VIEWER, set()),
        (Role.OPERATOR, FOR_OPERATORS),
        (Role.ADMIN, {*FOR_OPERATORS, *FOR_ADMINS}),
    ],
)
def test_sidebar_offers_only_what_the_role_may_open(app: Flask, role: Role, seen: set[str]) -> None:
    html = browser(app, role.value).get("/").text
    offered = {path for path in FOR_OPERATORS | FOR_ADMINS if f'href="{path}"' in html}
    assert offered == seen


def test_page_says_who_is_looking_and_marks_itself(app: Flask) -> None:
    html = browser(app, "operator").get("/alerts").text
    config = config_of(html)
    assert config["page"] == "alerts"
    user = config["user"]
    assert isinstance(user, dict)
    assert (user["username"], user["role"], user["must_change_password"]) == (
        "operator",
        "operator",
        False,
    )
    assert re.search(r'href="/alerts" aria-current="page"', html)


def test_first_log_in_leaves_only_the_change_of_password(app: Flask) -> None:
    fresh = browser(app, "fresh")
    assert fresh.get("/").headers["Location"] == "/profile"
    html = fresh.get("/profile").text
    assert "Choose your own password" in html
    assert "sidebar" not in html


def test_calibration_page_is_for_those_who_may_manage(app: Flask) -> None:
    admin = browser(app, "admin")
    made = admin.post("/api/cameras/", json={"name": "Gate", "source_type": "usb", "source": "0"})
    assert made.status_code == 201, made.text
    path = f"/cameras/{made.get_json()['id']}/calibration"
    html = admin.get(path).text
    config = config_of(html)
    assert (config["page"], config["params"]) == (
        "calibration",
        {"camera_id": made.get_json()["id"]},
    )
    assert "Calibrate Gate" in html
    assert re.search(r'href="/cameras" aria-current="page"', html)
    assert browser(app, "viewer").get(path).status_code == 403


def test_zones_and_lines_are_seen_by_everybody(app: Flask) -> None:
    admin = browser(app, "admin")
    made = admin.post("/api/cameras/", json={"name": "Gate", "source_type": "usb", "source": "0"})
    path = f"/cameras/{made.get_json()['id']}/places"
    for role in Role:
        html = browser(app, role.value).get(path).text
        config = config_of(html)
        assert (config["page"], config["params"]) == (
            "places",
            {"camera_id": made.get_json()["id"]},
        )
        assert "Zones and lines of Gate" in html


def test_a_location_has_a_page_for_everybody(app: Flask) -> None:
    made = browser(app, "admin").post("/api/locations/", json={"name": "Main hall"})
    assert made.status_code == 201, made.text
    location_id = made.get_json()["id"]
    for role in Role:
        html = browser(app, role.value).get(f"/locations/{location_id}").text
        config = config_of(html)
        assert (config["page"], config["params"]) == ("location", {"location_id": location_id})
        assert "<title>Main hall" in html
        assert re.search(r'href="/locations" aria-current="page"', html)


def test_unknown_camera_and_unknown_page_say_so(app: Flask) -> None:
    visitor = browser(app, "admin")
    cameras = ("/cameras/4711", "/cameras/4711/calibration", "/cameras/4711/places")
    for path in (*cameras, "/locations/4711", "/nowhere"):
        answer = visitor.get(path)
        assert answer.status_code == 404
        assert "Go to the dashboard" in answer.text


def test_own_modules_are_asked_for_again_libraries_are_not(app: Flask) -> None:
    visitor = Browser(app)
    module = visitor.get("/static/js/lib/format.js")
    module.close()
    assert module.status_code == 200
    assert module.headers["Cache-Control"] == "no-cache"
    assert module.headers["ETag"]


def test_pages_name_no_other_host_and_only_existing_files(app: Flask) -> None:
    visitor = browser(app, "admin")
    root = Path(str(app.static_folder))
    for path in PAGES:
        html = visitor.get(path).text
        addresses = re.findall(r'(?:src|href)="([^"]+)"', html)
        assert all(address.startswith(("/", "#")) for address in addresses)
        own = [one for one in addresses if one.startswith("/static/") and "/vendor/" not in one]
        assert own
        assert all((root / one.removeprefix("/static/")).is_file() for one in own)


TILES = "https://tiles.example.org:8443/{z}/{x}/{y}.png"


def test_the_map_asks_no_other_host_unless_an_administrator_names_one(app: Flask) -> None:
    admin = browser(app, "admin")
    page = admin.get("/map")
    assert config_of(page.text)["params"] == {"tiles": None}
    assert (
        page.headers["Content-Security-Policy"] == admin.get("/").headers["Content-Security-Policy"]
    )
    settings = {"map_tiles_url": TILES, "map_tiles_attribution": "© <b>Somebody</b>"}
    assert admin.put("/api/settings/", json=settings).status_code == 200
    page = browser(app, "viewer").get("/map")
    shown = {"template": TILES, "attribution": "© <b>Somebody</b>"}
    assert config_of(page.text)["params"] == {"tiles": shown}
    assert "<b>Somebody" not in page.text
    policy = page.headers["Content-Security-Policy"].split("; ")
    assert "img-src 'self' data: blob: https://tiles.example.org:8443" in policy
    assert "connect-src 'self'" in policy
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert sum("tiles.example.org" in part for part in policy) == 1
    for path in (*PAGES, "/static/js/pages/map.js", "/api/floor-plans/"):
        if path != "/map":
            with admin.get(path) as other:
                assert "tiles" not in other.headers["Content-Security-Policy"]
    assert admin.put("/api/settings/", json={"map_tiles_url": None}).status_code == 200
    page = admin.get("/map")
    assert config_of(page.text)["params"] == {"tiles": None}
    assert "tiles" not in page.headers["Content-Security-Policy"]


def test_an_address_of_tiles_that_is_none_is_refused(app: Flask) -> None:
    admin = browser(app, "admin")
    for url in ("http://tiles.example.org/{z}/{x}/{y}", "https://a.example; script-src *"):
        answer = admin.put("/api/settings/", json={"map_tiles_url": url})
        assert answer.status_code == 422
        assert answer.get_json()["errors"][0]["pointer"] == "/map_tiles_url"
