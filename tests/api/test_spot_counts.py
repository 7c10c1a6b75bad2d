"""Spot counts over HTTP: blind, shapes, refusals, roles, hostile input."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from backend.core.measurements import CrowdPicture
from tests import builders
from tests.api.conftest import logged_in
from tests.builders import ManualClock
from tests.web import Browser, services_of

ROLLING = {
    "n",
    "window",
    "is_few",
    "mean_error",
    "mean_absolute_error",
    "mean_absolute_percent",
    "interval_coverage",
    "since",
    "models",
}
COUNT = {
    "id",
    "camera_id",
    "zone_id",
    "zone_name",
    "at",
    "entered_at",
    "counted",
    "measured",
    "measured_low",
    "measured_high",
    "difference",
    "error_percent",
    "is_inside",
    "trust",
    "method",
    "model",
    "by",
    "note",
}


@pytest.fixture(autouse=True)
def _stop_what_frames_started(timed_app: Flask) -> Iterator[None]:
    yield
    services_of(timed_app).recorder.stop()
    services_of(timed_app).frames.stop()


@pytest.fixture
def people(timed_app: Flask) -> dict[str, Browser]:
    """A browser for each role."""
    return {name: logged_in(timed_app, name) for name in ("admin", "operator", "viewer")}


@pytest.fixture
def camera(people: dict[str, Browser]) -> str:
    """Address of a camera nobody has started."""
    answer = people["admin"].post(
        "/api/cameras/",
        json={"name": "Gate", "source_type": "rtsp", "source": "rtsp://127.0.0.1:9/x"},
    )
    assert answer.json is not None
    return f"/api/cameras/{answer.json['id']}"


def show(app: Flask, *, count: float = 38.4) -> None:
    """Publish a frame of now with so many people, through the real bus and hub."""
    base = services_of(app)
    now_s = base.clock.monotonic()
    snapshot = builders.snapshot(
        crowd=builders.metrics(count=count, count_low=33.2, count_high=43.9),
        picture=CrowdPicture(builders.track_views((100, 100, 140, 200))),
        published_mono_s=now_s,
    )
    base.bus.publish(snapshot, builders.frame(captured_mono_s=now_s))


def pointers(answer: Any) -> list[str]:
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert all(entry["detail"] for entry in answer.json["errors"])
    return [entry["pointer"] for entry in answer.json["errors"]]


def test_a_picture_is_counted(
    timed_app: Flask, people: dict[str, Browser], camera: str, manual_clock: ManualClock
) -> None:
    operator = people["operator"]
    show(timed_app)
    begun = operator.post(f"{camera}/spot-count/begin", json={})
    assert begun.status_code == 201, begun.text
    still = begun.json
    assert set(still) == {
        "token",
        "camera_id",
        "taken_at",
        "expires_in_s",
        "zone_id",
        "zone_name",
        "area",
        "picture_url",
    }
    assert (still["area"], still["expires_in_s"], still["zone_id"]) == ("picture", 600, None)
    assert "38" not in begun.text.replace(still["token"], "")
    picture = operator.get(still["picture_url"])
    assert (picture.status_code, picture.mimetype) == (200, "image/jpeg")
    assert picture.data.startswith(b"\xff\xd8")
    assert picture.headers["Cache-Control"] == "no-store"
    assert "X-Frame-Age-S" not in picture.headers
    manual_clock.advance(30)
    body = {"count": 41, "token": still["token"], "note": "One behind the tree"}
    entered = operator.post(f"{camera}/spot-count", json=body)
    assert entered.status_code == 201, entered.text
    answer = entered.json
    assert set(answer) == COUNT | {"rolling"}
    assert (answer["counted"], answer["measured"], answer["is_inside"]) == (41, 38.4, True)
    assert answer["difference"] == pytest.approx(-2.6)
    assert (answer["by"], answer["note"]) == ("operator", "One behind the tree")
    assert answer["at"] == still["taken_at"]
    assert set(answer["rolling"]) == ROLLING
    assert (answer["rolling"]["n"], answer["rolling"]["is_few"]) == (1, True)
    assert pointers(operator.post(f"{camera}/spot-count", json=body)) == ["/token"]
    assert operator.get(still["picture_url"]).status_code == 404

    listed = people["viewer"].get(f"{camera}/spot-counts")
    assert listed.status_code == 200
    assert set(listed.json) == {"items", "total", "page", "pages", "rolling", "places"}
    assert set(listed.json["items"][0]) == COUNT
    assert listed.json["rolling"] == answer["rolling"]
    assert listed.json["places"] == [
        {"zone_id": None, "zone_name": None, "rolling": answer["rolling"]}
    ]


def test_nothing_is_made_up_without_counts(people: dict[str, Browser], camera: str) -> None:
    listed = people["viewer"].get(f"{camera}/spot-counts").json
    assert (listed["items"], listed["total"], listed["places"]) == ([], 0, [])
    unknown = {key: listed["rolling"][key] for key in ROLLING - {"n", "window", "is_few", "models"}}
    assert set(unknown.values()) == {None}


def test_a_still_is_of_who_took_it(
    timed_app: Flask, people: dict[str, Browser], camera: str, manual_clock: ManualClock
) -> None:
    show(timed_app)
    still = people["operator"].post(f"{camera}/spot-count/begin", json={}).json
    assert people["admin"].get(still["picture_url"]).status_code == 404
    body = {"count": 1, "token": still["token"]}
    assert pointers(people["admin"].post(f"{camera}/spot-count", json=body)) == ["/token"]
    manual_clock.advance(600)
    assert people["operator"].get(still["picture_url"]).status_code == 404


def test_a_picture_of_the_past_is_refused(
    timed_app: Flask, people: dict[str, Browser], camera: str, manual_clock: ManualClock
) -> None:
    operator = people["operator"]
    for path, body in ((f"{camera}/spot-count/begin", {}), (f"{camera}/spot-count", {"count": 3})):
        none = operator.post(path, json=body)
        assert (none.status_code, none.json["type"]) == (503, "/problems/unavailable")
    show(timed_app)
    assert operator.post(f"{camera}/spot-count", json={"count": 3}).status_code == 201
    manual_clock.advance(4)
    late = operator.post(f"{camera}/spot-count", json={"count": 3})
    assert late.status_code == 503
    assert "No picture has been analysed for 4 s" in late.json["detail"]
    upload = operator.post("/api/cameras/", json={"name": "Clip", "source_type": "upload"}).json
    refused = operator.post(f"/api/cameras/{upload['id']}/spot-count/begin", json={})
    assert (refused.status_code, refused.json["type"]) == (409, "/problems/conflict")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/count"),
        ({"count": None}, "/count"),
        ({"count": "41"}, "/count"),
        ({"count": 41.5}, "/count"),
        ({"count": True}, "/count"),
        ({"count": -1}, "/count"),
        ({"count": 100_001}, "/count"),
        ({"count": 10**15}, "/count"),
        ({"count": 1, "token": 5}, "/token"),
        ({"count": 1, "token": "no such"}, "/token"),
        ({"count": 1, "zone_id": 0}, "/zone_id"),
        ({"count": 1, "zone_id": -1}, "/zone_id"),
        ({"count": 1, "zone_id": 8}, "/zone_id"),
        ({"count": 1, "note": "x" * 501}, "/note"),
        ({"count": 1, "note": 7}, "/note"),
        ({"count": 1, "measured": 2}, "/measured"),
    ],
)
def test_what_cannot_be_meant(
    timed_app: Flask, people: dict[str, Browser], camera: str, body: dict[str, Any], pointer: str
) -> None:
    show(timed_app)
    answer = people["operator"].post(f"{camera}/spot-count", json=body)
    assert answer.status_code in {400, 422}
    assert pointers(answer) == [pointer]


def test_roles_and_mistakes(timed_app: Flask, people: dict[str, Browser], camera: str) -> None:
    viewer, operator, admin = (people[name] for name in ("viewer", "operator", "admin"))
    show(timed_app)
    for path, body in ((f"{camera}/spot-count/begin", {}), (f"{camera}/spot-count", {"count": 3})):
        assert viewer.post(path, json=body).status_code == 403
    mine = operator.post(f"{camera}/spot-count", json={"count": 3}).json["id"]
    other = admin.post(f"{camera}/spot-count", json={"count": 4}).json["id"]
    assert viewer.delete(f"{camera}/spot-counts/{mine}").status_code == 403
    assert operator.delete(f"{camera}/spot-counts/{other}").status_code == 403
    assert operator.delete(f"{camera}/spot-counts/{mine}").status_code == 204
    assert operator.delete(f"{camera}/spot-counts/{mine}").status_code == 404
    assert admin.delete(f"{camera}/spot-counts/{other}").status_code == 204
    assert viewer.get(f"{camera}/spot-counts").json["total"] == 0


def test_lists_are_asked_for_by_place(
    timed_app: Flask, people: dict[str, Browser], camera: str
) -> None:
    show(timed_app)
    for count in (1, 2, 3):
        people["operator"].post(f"{camera}/spot-count", json={"count": count})
    viewer = people["viewer"]
    page = viewer.get(f"{camera}/spot-counts?zone_id=0&page=2&per_page=2").json
    assert ([one["counted"] for one in page["items"]], page["pages"]) == ([1], 2)
    assert viewer.get(f"{camera}/spot-counts?zone_id=5").json["rolling"]["n"] == 0
    for query in ("zone_id=-1", "zone_id=x", "page=0", "per_page=0", "nonsense=1"):
        assert viewer.get(f"{camera}/spot-counts?{query}").status_code == 422
    assert viewer.get("/api/cameras/99/spot-counts").status_code == 404


def test_a_camera_that_is_deleted_takes_its_counts_and_stills_along(
    timed_app: Flask, people: dict[str, Browser], camera: str
) -> None:
    show(timed_app)
    operator, admin = people["operator"], people["admin"]
    operator.post(f"{camera}/spot-count", json={"count": 3})
    still = operator.post(f"{camera}/spot-count/begin", json={}).json
    assert admin.delete(camera).status_code == 204
    assert operator.get(still["picture_url"]).status_code == 404
    again = admin.post(
        "/api/cameras/",
        json={"name": "Gate", "source_type": "rtsp", "source": "rtsp://127.0.0.1:9/x"},
    ).json
    assert operator.get(f"/api/cameras/{again['id']}/spot-counts").json["total"] == 0
