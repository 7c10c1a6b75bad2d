"""Locations over HTTP: shapes, refusals, roles, hostile input, and what comes of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from backend.db.locations import LocationMinute
from tests.api.conftest import logged_in
from tests.builders import EPOCH, ManualClock
from tests.web import Browser, services_of

PATH = "/api/locations/"
LEFT = [[0.0, 0.0], [0.5, 0.0], [0.5, 1.0], [0.0, 1.0]]
RIGHT = [[0.5, 0.0], [1.0, 0.0], [1.0, 1.0], [0.5, 1.0]]
STAND = [[11.55, 48.13], [11.5502, 48.13], [11.5502, 48.1301]]
NUMBERS = {
    "balance",
    "capacity_limit",
    "causes",
    "count_high",
    "count_low",
    "current_count",
    "density_from",
    "density_level",
    "last_measured_at",
    "last_updated",
    "location_id",
    "location_name",
    "occupancy_percentage",
    "parts",
    "peak_density_per_m2",
    "risk_level",
    "shares",
    "source",
    "time_to_limit",
    "trust",
    "trust_reason",
}


def add_camera(admin: Browser, name: str, source_type: str = "rtsp") -> int:
    source = {"rtsp": "rtsp://127.0.0.1:9/x", "simulated": "peak"}.get(source_type, "")
    fields = {"name": name, "source_type": source_type} | ({"source": source} if source else {})
    answer = admin.post("/api/cameras/", json=fields)
    assert answer.status_code == 201, answer.text
    assert answer.json is not None
    return int(answer.json["id"])


@pytest.fixture
def drawn(admin: Browser) -> None:
    """Camera 1 with two zones and a line, camera 2 with nothing."""
    for name in ("North", "South"):
        add_camera(admin, name)
    places = {
        "zones": [{"name": "Left", "corners": LEFT}, {"name": "Right", "corners": RIGHT}],
        "lines": [{"name": "Door", "start": [0.2, 0.2], "end": [0.8, 0.2]}],
    }
    assert admin.put("/api/cameras/1/places", json=places).status_code == 200


WHOLE: dict[str, Any] = {
    "name": " Hall ",
    "description": "Indoors",
    "capacity": 200,
    "cameras_see_all": False,
    "entry_valid_s": 300,
    "position": {"floor_plan_id": None, "x": 11.55, "y": 48.13},
    "outline": STAND,
    "areas": [{"camera_id": 1, "zone_id": 1, "map_outline": STAND}, {"camera_id": 2}],
    "lines": [{"camera_id": 1, "line_id": 1, "is_reversed": True}],
    "overlaps": [[{"camera_id": 1, "zone_id": 1}, {"camera_id": 2, "zone_id": None}]],
}


def pointers(answer: Any) -> list[str]:
    assert answer.status_code == 422, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert all(entry["detail"] for entry in answer.json["errors"])
    return [entry["pointer"] for entry in answer.json["errors"]]


def watch_once(app: Flask) -> None:
    """Let the watch of locations carry out one round, in this thread."""
    services_of(app).location_watch.step()


@pytest.mark.usefixtures("drawn")
def test_a_location_is_made_looked_at_and_sent_back(
    app: Flask, admin: Browser, viewer: Browser
) -> None:
    made = admin.post(PATH, json=WHOLE)
    assert made.status_code == 201, made.text
    assert made.headers["Location"] == "/api/locations/1"
    assert made.json == {
        "id": 1,
        "name": "Hall",
        "description": "Indoors",
        "capacity": 200,
        "cameras_see_all": False,
        "entry_valid_s": 300.0,
        "is_sample": False,
        "version": 1,
        "position": {"floor_plan_id": None, "x": 11.55, "y": 48.13},
        "outline": STAND,
        "areas": [
            {
                "camera_id": 1,
                "camera_name": "North",
                "zone_id": 1,
                "zone_name": "Left",
                "map_outline": STAND,
            },
            {
                "camera_id": 2,
                "camera_name": "South",
                "zone_id": None,
                "zone_name": None,
                "map_outline": [],
            },
        ],
        "lines": [
            {
                "camera_id": 1,
                "camera_name": "North",
                "line_id": 1,
                "line_name": "Door",
                "is_reversed": True,
            }
        ],
        "overlaps": WHOLE["overlaps"],
        "is_simulated": False,
        "problems": [],
        "numbers": None,
    }
    assert viewer.get("/api/locations/1").json == made.json
    assert viewer.get(PATH).json == {"items": [made.json], "total": 1, "page": 1, "pages": 1}
    back = admin.put("/api/locations/1", json=made.json)
    assert (back.status_code, back.json) == (200, made.json)
    watch_once(app)
    watched = viewer.get("/api/locations/1").json
    assert set(watched["numbers"]) == NUMBERS
    again = admin.put("/api/locations/1", json=watched)
    assert again.json["version"] == 1, "numbers are no change"
    fewer = {"areas": [{"camera_id": 1, "zone_id": 1}], "overlaps": [], "version": 1}
    changed = admin.put("/api/locations/1", json=fewer)
    assert (changed.status_code, changed.json["version"]) == (200, 2)
    assert changed.json["areas"] == [made.json["areas"][0]], "the outline stays"
    late = admin.put("/api/locations/1", json=fewer)
    assert (late.status_code, late.json["type"]) == (409, "/problems/conflict")
    assert admin.delete("/api/locations/1").status_code == 204
    for answer in (
        admin.get("/api/locations/1"),
        admin.delete("/api/locations/1"),
        admin.put("/api/locations/1", json={}),
        admin.get(f"/api/locations/{2**63 - 1}/stats"),
    ):
        assert answer.status_code == 404


def test_the_least_that_is_needed_is_a_name(admin: Browser) -> None:
    made = admin.post(PATH, json={"name": "Hall"}).json
    assert (made["capacity"], made["cameras_see_all"], made["entry_valid_s"]) == (None, True, 900)
    assert (made["areas"], made["lines"], made["overlaps"], made["position"]) == ([], [], [], None)


@pytest.mark.usefixtures("drawn")
def test_everything_wrong_is_told_at_once(admin: Browser) -> None:
    upload = add_camera(admin, "Film", "upload")
    admin.post(PATH, json={"name": "Hall"})
    body = {
        "name": "HALL",
        "capacity": 0,
        "entry_valid_s": 5,
        "position": {"floor_plan_id": 9, "x": 2, "y": 0.5},
        "outline": STAND[:2],
        "areas": [
            {"camera_id": 1},
            {"camera_id": 1, "zone_id": 2},
            {"camera_id": 77},
            {"camera_id": upload},
            {"camera_id": 2, "zone_id": 1},
        ],
        "lines": [{"camera_id": 2, "line_id": 1}],
        "overlaps": [[{"camera_id": 1}]],
    }
    assert pointers(admin.post(PATH, json=body)) == [
        "/name",
        "/capacity",
        "/entry_valid_s",
        "/position/floor_plan_id",
        "/position/x",
        "/outline",
        "/areas/1/zone_id",
        "/areas/2/camera_id",
        "/areas/3/camera_id",
        "/areas/4/zone_id",
        "/lines/0/line_id",
        "/overlaps/0",
    ]
    assert admin.get(PATH).json["total"] == 1


NAN, HUGE = float("nan"), 1e308 * 10
HOSTILE: list[tuple[Any, str]] = [
    ([], ""),
    ({}, "/name"),
    ({"name": None}, "/name"),
    ({"name": 7}, "/name"),
    ({"name": "x" * 100_000}, "/name"),
    ({"name": "\u202egnp"}, "/name"),
    ({"name": "x", "colour": "red"}, "/colour"),
    ({"name": "x", "description": None}, "/description"),
    ({"name": "x", "description": "y" * 2001}, "/description"),
    ({"name": "x", "capacity": 1.5}, "/capacity"),
    ({"name": "x", "capacity": "10"}, "/capacity"),
    ({"name": "x", "capacity": 2**62}, "/capacity"),
    ({"name": "x", "cameras_see_all": "perhaps"}, "/cameras_see_all"),
    ({"name": "x", "entry_valid_s": NAN}, "/entry_valid_s"),
    ({"name": "x", "entry_valid_s": HUGE}, "/entry_valid_s"),
    ({"name": "x", "position": []}, "/position"),
    ({"name": "x", "position": {"x": 1}}, "/position/y"),
    ({"name": "x", "position": {"x": NAN, "y": 1}}, "/position"),
    ({"name": "x", "position": {"x": 1, "y": 1, "z": 1}}, "/position/z"),
    ({"name": "x", "position": {"x": 1, "y": 1, "floor_plan_id": "1"}}, "/position/floor_plan_id"),
    ({"name": "x", "outline": "abc"}, "/outline"),
    ({"name": "x", "outline": [[0, 0]] * 100_000}, "/outline"),
    ({"name": "x", "outline": [[0, 0], [1, 0], [True, 1]]}, "/outline/2"),
    ({"name": "x", "areas": {}}, "/areas"),
    ({"name": "x", "areas": [7]}, "/areas/0"),
    ({"name": "x", "areas": [{}]}, "/areas/0/camera_id"),
    ({"name": "x", "areas": [{"camera_id": True}]}, "/areas/0/camera_id"),
    ({"name": "x", "areas": [{"camera_id": 0}]}, "/areas/0/camera_id"),
    ({"name": "x", "areas": [{"camera_id": 2**62}]}, "/areas/0/camera_id"),
    ({"name": "x", "areas": [{"camera_id": 1, "zone_id": 0}]}, "/areas/0/zone_id"),
    ({"name": "x", "areas": [{"camera_id": 1}] * 300}, "/areas"),
    ({"name": "x", "areas": [{"camera_id": 1}] * 201}, "/areas"),
    ({"name": "x", "lines": [{"camera_id": 1}]}, "/lines/0/line_id"),
    ({"name": "x", "lines": [{"camera_id": 1, "line_id": "1"}]}, "/lines/0/line_id"),
    ({"name": "x", "overlaps": [7]}, "/overlaps/0"),
    ({"name": "x", "overlaps": [[7]]}, "/overlaps/0/0"),
    (
        {"name": "x", "overlaps": [[{"camera_id": 1, "map_outline": []}]]},
        "/overlaps/0/0/map_outline",
    ),
]


@pytest.mark.parametrize(("body", "pointer"), HOSTILE)
def test_hostile_definitions_are_refused(admin: Browser, body: Any, pointer: str) -> None:
    answer = admin.post(PATH, json=body)
    assert answer.status_code == 422, answer.text
    assert pointer in pointers(answer) or not pointer
    assert admin.get(PATH).json["total"] == 0


def test_who_may_do_what(app: Flask, admin: Browser) -> None:
    admin.post(PATH, json={"name": "Hall"})
    attempts = [
        ("post", PATH, {"name": "x"}, {"admin": 201}),
        ("put", f"{PATH}1", {"capacity": 9}, {"admin": 200}),
        ("post", f"{PATH}samples", None, {"admin": 200}),
        ("delete", f"{PATH}samples", None, {"admin": 204}),
        ("post", f"{PATH}1/update-count", {"count": 3}, {"operator": 200, "admin": 200}),
        ("post", f"{PATH}1/correct-balance", {"count": 3}, {"operator": 409, "admin": 409}),
    ]
    for role in ("viewer", "operator", "admin"):
        browser = logged_in(app, role)
        for method, path, body, allowed in attempts:
            answer = getattr(browser, method)(path, **({} if body is None else {"json": body}))
            assert answer.status_code == allowed.get(role, 403), (role, path, answer.text)
        for path in ("", "1", "1/logs", "1/stats", "summary"):
            assert browser.get(PATH + path).status_code == 200, (role, path)
        assert browser.get("/api/metrics/locations/1").status_code == 200
    stranger = Browser(app)
    for path in ("", "1", "1/logs", "1/stats", "summary"):
        assert stranger.get(PATH + path).status_code == 401


def test_a_count_is_sent_in(timed_app: Flask, manual_clock: ManualClock) -> None:
    operator, admin = logged_in(timed_app, "operator"), logged_in(timed_app, "admin")
    admin.post(PATH, json={"name": "Hall", "capacity": 100, "entry_valid_s": 600})
    watch_once(timed_app)
    path = f"{PATH}1/update-count"
    first = operator.post(path, json={"count": 40, "note": " by hand "})
    assert first.status_code == 200, first.text
    assert first.json["entry"] == {
        "id": 1,
        "kind": "count",
        "source": "MANUAL",
        "count": 40.0,
        "was": None,
        "at": EPOCH.isoformat(),
        "by": "operator",
        "note": "by hand",
    }
    assert (first.json["note"], set(first.json["numbers"])) == ("", NUMBERS)
    manual_clock.advance(1)
    watch_once(timed_app)
    numbers = operator.get(f"{PATH}1").json["numbers"]
    assert (numbers["current_count"], numbers["source"]) == (40.0, "MANUAL")
    assert (numbers["occupancy_percentage"], numbers["trust"]) == (40.0, "estimated")
    at = (EPOCH - timedelta(seconds=60)).isoformat()
    less = operator.post(path, json={"count": 30, "source": "API", "at": at})
    assert "Another number that was sent in is 40" in less.json["note"]
    logged = operator.get(f"{PATH}1/logs?per_page=1").json
    assert (logged["total"], logged["pages"], logged["items"]) == (2, 2, [first.json["entry"]])
    old = operator.get(f"{PATH}1/logs?until={EPOCH.isoformat().replace('+', '%2B')}").json
    assert [entry["source"] for entry in old["items"]] == ["API"]
    assert operator.get(f"{PATH}1/logs?kind=correction").json["items"] == []


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/count"),
        ({"count": None}, "/count"),
        ({"count": "5"}, "/count"),
        ({"count": 5.5}, "/count"),
        ({"count": True}, "/count"),
        ({"count": -1}, "/count"),
        ({"count": 1_000_001}, "/count"),
        ({"count": 5, "source": "CAMERA"}, "/source"),
        ({"count": 5, "source": None}, "/source"),
        ({"count": 5, "at": "yesterday"}, "/at"),
        ({"count": 5, "at": "0001-01-01T00:00:00+14:00"}, "/at"),
        ({"count": 5, "at": "2999-01-01T00:00:00Z"}, "/at"),
        ({"count": 5, "at": "2001-01-01T00:00:00Z"}, "/at"),
        ({"count": 5, "note": 7}, "/note"),
        ({"count": 5, "note": "x" * 501}, "/note"),
        ({"count": 5, "by": "me"}, "/by"),
    ],
)
def test_a_wrong_count_is_refused(admin: Browser, body: Any, pointer: str) -> None:
    admin.post(PATH, json={"name": "Hall"})
    assert pointers(admin.post(f"{PATH}1/update-count", json=body)) == [pointer]
    assert admin.get(f"{PATH}1/logs").json["total"] == 0


@pytest.mark.usefixtures("drawn")
def test_a_balance_is_corrected(app: Flask, admin: Browser, operator: Browser) -> None:
    admin.post(PATH, json={"name": "Hall", "lines": [{"camera_id": 1, "line_id": 1}]})
    admin.post(PATH, json={"name": "Yard"})
    watch_once(app)
    done = operator.post(f"{PATH}1/correct-balance", json={"count": 17})
    assert done.status_code == 200, done.text
    assert (done.json["entry"]["kind"], done.json["entry"]["source"]) == ("correction", "LINE")
    watch_once(app)
    balance = operator.get(f"{PATH}1").json["numbers"]["balance"]
    assert (balance["base"], balance["count"]) == (17.0, 17.0)
    assert operator.get(f"{PATH}1/logs?kind=correction").json["total"] == 1
    refused = operator.post(f"{PATH}2/correct-balance", json={"count": 17})
    assert refused.status_code == 409
    assert "no counting lines" in refused.json["detail"]
    assert pointers(operator.post(f"{PATH}1/correct-balance", json={"count": -1})) == ["/count"]


def test_statistics_and_series(timed_app: Flask) -> None:
    admin = logged_in(timed_app, "admin")
    admin.post(PATH, json={"name": "Hall", "capacity": 100})
    with services_of(timed_app).session_factory() as session, session.begin():
        for ago, mean in ((90, 10.0), (30, 40.0)):
            session.add(
                LocationMinute(
                    location_id=1,
                    at=EPOCH - timedelta(minutes=ago),
                    count_min=mean - 1,
                    count_mean=mean,
                    count_max=mean + 1,
                    seconds=60,
                    source="CAMERA",
                    trust="ok",
                    capacity=100,
                )
            )
    stats = admin.get(f"{PATH}1/stats?hours=2").json
    assert (stats["known_seconds"], stats["count_mean"], stats["time_zone"]) == (120, 25.0, "UTC")
    assert stats["minutes"] == [
        [(EPOCH - timedelta(minutes=90)).isoformat(), 10.0, 9.0, 11.0],
        [(EPOCH - timedelta(minutes=30)).isoformat(), 40.0, 39.0, 41.0],
    ]
    assert [hour["count_mean"] for hour in stats["hours"]] == [10.0, 40.0]
    assert stats["peak_hour"] is None
    assert len(admin.get(f"{PATH}1/stats").json["hours"]) == 24
    for hours in ("0", "169", "x", "-1", str(10**30)):
        assert admin.get(f"{PATH}1/stats?hours={hours}").status_code == 422
    series = admin.get("/api/metrics/locations/1").json
    assert [minute["count_mean"] for minute in series["items"]] == [40.0]
    assert (series["location_id"], series["numbers"]) == (1, None)
    begin = (EPOCH - timedelta(hours=2)).isoformat().replace("+", "%2B")
    assert admin.get(f"/api/metrics/locations/1?from={begin}").json["total"] == 2
    assert admin.get("/api/metrics/locations/9").status_code == 404


def test_samples_and_summary(app: Flask, admin: Browser) -> None:
    add_camera(admin, "Drawn", "simulated")
    assert admin.get(f"{PATH}summary").json["location_count"] == 0
    made = admin.post(f"{PATH}samples").json
    assert made["total"] == 3
    assert all(sample["is_sample"] and sample["position"] for sample in made["items"])
    assert admin.post(f"{PATH}samples").json == made
    assert admin.post(f"{PATH}{made['items'][0]['id']}/update-count", json={"count": 5})
    watch_once(app)
    trial = admin.get(f"{PATH}summary").json
    assert (trial["is_trial"], trial["location_count"], trial["unknown_count"]) == (True, 3, 2)
    assert (trial["total_count"], trial["total_high"]) == (5.0, None)
    admin.post(PATH, json={"name": "Real"})
    real = admin.get(f"{PATH}summary").json
    assert (real["is_trial"], real["location_count"], real["total_count"]) == (False, 1, None)
    assert real["total_reason"] == "No location's number is known now."
    assert admin.delete(f"{PATH}samples").status_code == 204
    assert [one["name"] for one in admin.get(PATH).json["items"]] == ["Real"]


@pytest.mark.usefixtures("drawn")
def test_what_is_deleted_on_a_camera_is_told_of_the_location(app: Flask, admin: Browser) -> None:
    areas = [{"camera_id": 1, "zone_id": 1}, {"camera_id": 1, "zone_id": 2}]
    admin.post(PATH, json={"name": "Hall", "areas": areas})
    watch_once(app)
    assert admin.delete("/api/cameras/1/zones/2").status_code == 204
    watch_once(app)
    left = admin.get(f"{PATH}1").json
    assert [area["zone_id"] for area in left["areas"]] == [1]
    assert left["problems"][0].startswith("1 of its 2 areas are gone")
    assert [
        area.zone_id for one in services_of(app).location_watch.locations() for area in one.areas
    ] == [1]
    assert admin.delete("/api/cameras/1").status_code == 204
    watch_once(app)
    (watched,) = services_of(app).location_watch.locations()
    assert watched.areas == ()
    assert admin.get(f"{PATH}1").json["areas"] == []


def test_the_document_says_units_and_roles(admin: Browser) -> None:
    document = admin.get("/api/openapi.json").json
    paths = document["paths"]
    assert paths["/api/locations/"]["post"]["x-required-role"] == "admin"
    assert (
        paths["/api/locations/{location_id}/update-count"]["post"]["x-required-role"] == "operator"
    )
    numbers = document["components"]["schemas"]["LocationNumbers"]["properties"]
    assert set(numbers) == NUMBERS
    assert "[people]" in numbers["current_count"]["description"]
    assert "[%]" in numbers["occupancy_percentage"]["description"]
    assert "[1/m²]" in numbers["peak_density_per_m2"]["description"]


def test_a_look_through_a_camera_counts_for_its_location(
    app: Flask, admin: Browser, operator: Browser
) -> None:
    camera_id = add_camera(admin, "Drawn", "simulated")
    admin.post(PATH, json={"name": "Stage", "areas": [{"camera_id": camera_id}]})
    watch_once(app)
    looked = operator.post(f"/api/detection/detect/{camera_id}", json={})
    assert looked.status_code == 200, looked.text
    assert looked.json["locations"] == [
        {"location_id": 1, "location_name": "Stage", "is_updated": True, "reason": ""}
    ]
    (entry,) = operator.get(f"{PATH}1/logs").json["items"]
    assert (entry["source"], entry["count"]) == ("API", round(looked.json["count"]))
    assert entry["note"].startswith("Detection on demand")
    watch_once(app)
    numbers = operator.get(f"{PATH}1").json["numbers"]
    assert (numbers["current_count"], numbers["source"]) == (entry["count"], "API")
