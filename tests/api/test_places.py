"""Zones and lines over HTTP: shapes, refusals, roles, hostile input, and what comes of them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from backend.db.accounts import AuditEntry
from backend.db.places import CountingLineRow, PlaceSet, ZoneRow
from tests.api.conftest import logged_in
from tests.web import Browser, services_of

SQUARE = [[0.1, 0.1], [0.5, 0.1], [0.5, 0.5], [0.1, 0.5]]
ZONE: dict[str, Any] = {"name": "Gate B", "corners": SQUARE}
LINE: dict[str, Any] = {"name": "Door", "start": [0.2, 0.2], "end": [0.8, 0.2]}
PLAIN_ZONE = {
    **ZONE,
    "profile": "standing",
    "colour": "#4ea1ff",
    "count_limit": None,
    "density_limit_per_m2": None,
}
PLAIN_LINE = {**LINE, "colour": "#ffb454", "width_m": None}
BOTH = {"zones": [ZONE], "lines": [LINE]}


@pytest.fixture
def camera(admin: Browser) -> str:
    """Address of a camera nobody has started."""
    answer = admin.post(
        "/api/cameras/",
        json={"name": "Gate", "source_type": "rtsp", "source": "rtsp://127.0.0.1:9/x"},
    )
    assert answer.json is not None
    return f"/api/cameras/{answer.json['id']}"


def pointers(answer: Any) -> list[str]:
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert all(entry["detail"] for entry in answer.json["errors"])
    return [entry["pointer"] for entry in answer.json["errors"]]


def test_places_are_saved_as_a_whole(admin: Browser, viewer: Browser, camera: str) -> None:
    path = f"{camera}/places"
    assert viewer.get(path).json == {
        "camera_id": 1,
        "version": 0,
        "fault": "",
        "zones": [],
        "lines": [],
    }
    whole = {
        "name": " Queue ",
        "corners": SQUARE,
        "profile": "queue",
        "colour": "#ABCDEF",
        "count_limit": 40,
        "density_limit_per_m2": 2,
    }
    body = {"version": 0, "zones": [ZONE, whole], "lines": [{**LINE, "width_m": 1.5}]}
    made = admin.put(path, json=body)
    assert made.status_code == 200, made.text
    assert made.json == {
        "camera_id": 1,
        "version": 1,
        "fault": "",
        "zones": [
            {"id": 1, **PLAIN_ZONE},
            {
                "id": 2,
                **whole,
                "name": "Queue",
                "colour": "#abcdef",
                "density_limit_per_m2": 2.0,
            },
        ],
        "lines": [{"id": 1, **PLAIN_LINE, "width_m": 1.5}],
    }
    assert viewer.get(path).json == made.json
    again = admin.put(path, json=made.json)
    assert (again.status_code, again.json) == (200, made.json), "an answer can be sent back"
    zones = made.json["zones"]
    turned = {"version": 1, "zones": [zones[1], {**ZONE, "name": "New"}], "lines": []}
    changed = admin.put(path, json=turned).json
    assert [zone["id"] for zone in changed["zones"]] == [2, 3]
    assert (changed["version"], changed["lines"]) == (2, [])
    late = admin.put(path, json=turned)
    assert (late.status_code, late.json["type"]) == (409, "/problems/conflict")
    assert "make your change again" in late.json["detail"]


def test_a_file_is_taken_over(admin: Browser, camera: str) -> None:
    path = f"{camera}/places"
    admin.put(path, json=BOTH)
    exported = admin.get(path).json
    del exported["version"]
    admin.put(path, json={"zones": [], "lines": []})
    back = admin.put(path, json=exported).json
    assert [zone["id"] for zone in back["zones"]] == [2], "what was deleted is new"
    assert [line["id"] for line in back["lines"]] == [2]
    other = admin.post("/api/cameras/", json={"name": "Hall", "source_type": "upload"}).json["id"]
    taken = admin.put(f"/api/cameras/{other}/places", json=back | {"version": None}).json
    assert (taken["camera_id"], taken["version"]) == (other, 1)
    assert [zone["id"] for zone in taken["zones"]] == [3]
    wrong = admin.put(f"/api/cameras/{other}/places", json=back)
    assert pointers(wrong) == ["/camera_id"]


def test_single_zones(admin: Browser, viewer: Browser, camera: str) -> None:
    path = f"{camera}/zones"
    made = admin.post(path, json=ZONE)
    assert made.status_code == 201, made.text
    assert made.headers["Location"] == f"{path}/1"
    assert made.json == {"id": 1, **PLAIN_ZONE}
    assert viewer.get(made.headers["Location"]).json == made.json
    second = admin.post(f"{path}?version=1", json={**ZONE, "name": "Stage"}).json
    listed = viewer.get(path).json
    assert listed == {
        "items": [made.json, second],
        "total": 2,
        "page": 1,
        "pages": 1,
        "version": 2,
    }
    changed = admin.put(f"{path}/1", json={"count_limit": 9, "profile": "seated"})
    assert changed.json == {**made.json, "count_limit": 9, "profile": "seated"}
    assert admin.put(f"{path}/1?version=2", json={"name": "x"}).status_code == 409
    assert pointers(admin.put(f"{path}/1", json={"name": "stage"})) == ["/name"]
    assert admin.delete(f"{path}/1?version=2").status_code == 409
    assert admin.delete(f"{path}/1").status_code == 204
    for answer in (
        admin.delete(f"{path}/1"),
        admin.get(f"{path}/1"),
        admin.put(f"{path}/1", json={}),
        admin.get(f"{path}/{2**63 - 1}"),
    ):
        assert answer.status_code == 404
    assert admin.post(path, json=ZONE).json["id"] == 3


def test_single_lines(admin: Browser, viewer: Browser, camera: str) -> None:
    path = f"{camera}/lines"
    made = admin.post(path, json=LINE)
    assert made.status_code == 201, made.text
    assert made.headers["Location"] == f"{path}/1"
    assert made.json == {"id": 1, **PLAIN_LINE}
    assert viewer.get(f"{path}/1").json == made.json
    assert viewer.get(path).json["items"] == [made.json]
    changed = admin.put(f"{path}/1", json={"width_m": 2.5, "colour": "#FFFFFF"})
    assert changed.json == {**made.json, "width_m": 2.5, "colour": "#ffffff"}
    assert pointers(admin.post(path, json={**LINE, "name": "DOOR"})) == ["/name"]
    assert pointers(admin.put(f"{path}/1", json={"end": LINE["start"]})) == ["/end"]
    assert viewer.get(f"{camera}/zones/1").status_code == 404
    assert admin.delete(f"{path}/1?version=1").status_code == 409
    assert admin.delete(f"{path}/1?version=2").status_code == 204
    assert viewer.get(path).json["items"] == []


def test_one_that_was_given_out_can_be_sent_back(app: Flask, admin: Browser, camera: str) -> None:
    whole = admin.put(f"{camera}/places", json=BOTH).json
    for kind in ("zones", "lines"):
        path = f"{camera}/{kind}/1"
        given = admin.get(path).json
        assert given["id"] == 1
        back = admin.put(f"{path}?version=1", json=given)
        assert (back.status_code, back.json) == (200, given), back.text
        for other in (2, 0, 2**62, "1", None, True):
            assert pointers(admin.put(path, json={**given, "id": other})) == ["/id"], other
        assert pointers(admin.post(f"{camera}/{kind}", json=given)) == ["/id"]
    assert admin.get(f"{camera}/places").json == whole
    with services_of(app).session_factory() as session:
        written = session.scalars(
            select(AuditEntry).where(AuditEntry.action == "camera.places")
        ).all()
    assert len(written) == 1, "what is unchanged is no change"
    document = admin.get("/api/openapi.json").json
    for name in ("ZoneChange", "LineChange"):
        assert document["components"]["schemas"][name]["properties"]["id"]["type"] == "integer"


def test_everything_wrong_is_told_at_once(admin: Browser, camera: str) -> None:
    bow_tie = [SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3]]
    body = {
        "zones": [
            ZONE,
            {"name": "gate b", "corners": bow_tie, "colour": "red", "profile": "lift"},
            {"name": "", "corners": SQUARE[:2], "count_limit": 0, "density_limit_per_m2": -1},
            {"name": "Out", "corners": [[0, 0], [2, 0], [1, 1]]},
        ],
        "lines": [{"name": "Gate B", "start": [0, 0], "end": [0, 0], "width_m": 0}],
    }
    answer = admin.put(f"{camera}/places", json=body)
    assert answer.status_code == 422
    assert pointers(answer) == [
        "/zones/1/name",
        "/zones/1/colour",
        "/zones/1/profile",
        "/zones/1/corners/2",
        "/zones/2/name",
        "/zones/2/count_limit",
        "/zones/2/density_limit_per_m2",
        "/zones/2/corners",
        "/zones/3/corners/1",
        "/lines/0/name",
        "/lines/0/width_m",
        "/lines/0/end",
    ]
    assert answer.json["detail"] == "12 values are missing or wrong; see errors."
    one = admin.post(f"{camera}/zones", json={**ZONE, "corners": bow_tie})
    assert pointers(one) == ["/corners/2"]
    assert one.json["detail"] == one.json["errors"][0]["detail"]
    assert admin.get(f"{camera}/places").json["version"] == 0


NAN, HUGE = float("nan"), 1e308 * 10
HOSTILE: list[tuple[Any, str]] = [
    ([], ""),
    ({}, "/zones"),
    ({"zones": [], "lines": [], "colour": 1}, "/colour"),
    ({"zones": {}, "lines": []}, "/zones"),
    ({"zones": "abc", "lines": []}, "/zones"),
    ({"zones": [], "lines": None}, "/lines"),
    ({"zones": [7], "lines": []}, "/zones/0"),
    ({"zones": [[]], "lines": []}, "/zones/0"),
    ({"zones": [ZONE] * 251, "lines": []}, "/zones"),
    ({"zones": [], "lines": [LINE] * 20_000}, "/lines"),
    ({"zones": [{**ZONE, "corners": [[0, 0]] * 100_000}], "lines": []}, "/zones/0/corners"),
    ({**BOTH, "version": -1}, "/version"),
    ({**BOTH, "version": 2**40}, "/version"),
    ({**BOTH, "version": "new"}, "/version"),
    ({**BOTH, "version": 0, "zones": [{**ZONE, "id": 5}]}, "/zones/0/id"),
    ({**BOTH, "version": 0, "zones": [{**ZONE, "id": 2**62}]}, "/zones/0/id"),
    ({**BOTH, "zones": [{**ZONE, "id": 0}]}, "/zones/0/id"),
    ({**BOTH, "zones": [{**ZONE, "id": "1"}]}, "/zones/0/id"),
    ({**BOTH, "zones": [{**ZONE, "id": True}]}, "/zones/0/id"),
]
WRONG_ZONES: list[tuple[dict[str, Any], str]] = [
    ({"name": None}, "/name"),
    ({"name": 7}, "/name"),
    ({"name": ["x"]}, "/name"),
    ({"name": "x" * 100_000}, "/name"),
    ({"name": "\u202egnp"}, "/name"),
    ({"corners": None}, "/corners"),
    ({"corners": "abc"}, "/corners"),
    ({"corners": {"0": [0, 0]}}, "/corners"),
    ({"corners": [[0, 0], [1, 0], [1]]}, "/corners/2"),
    ({"corners": [[0, 0], [1, 0], [1, 1, 1]]}, "/corners/2"),
    ({"corners": [[0, 0], [1, 0], {"x": 1, "y": 1}]}, "/corners/2"),
    ({"corners": [[0, 0], [1, 0], [True, True]]}, "/corners/2"),
    ({"corners": [[0, 0], [1, 0], ["1", "1"]]}, "/corners/2"),
    ({"corners": [[0, 0], [1, 0], [[1], [1]]]}, "/corners/2"),
    ({"corners": [[0, 0], [1, 0], [None, 1]]}, "/corners/2"),
    ({"corners": [[0, 0], [1, 0], [NAN, 1]]}, "/corners/2"),
    ({"corners": [[0, 0], [1, 0], [HUGE, 1]]}, "/corners/2"),
    ({"corners": [[0, 0], [1, 0], [1, -HUGE]]}, "/corners/2"),
    ({"corners": [[0, 0], [1, 0], [2**62, 1]]}, "/corners/2"),
    ({"corners": [[0, 0], [5e-324, 0], [0, 5e-324]]}, "/corners/1"),
    ({"profile": None}, "/profile"),
    ({"profile": {}}, "/profile"),
    ({"colour": "url(javascript:alert(1))"}, "/colour"),
    ({"colour": 0}, "/colour"),
    ({"count_limit": 2.5}, "/count_limit"),
    ({"count_limit": NAN}, "/count_limit"),
    ({"count_limit": True}, "/count_limit"),
    ({"count_limit": 2**62}, "/count_limit"),
    ({"density_limit_per_m2": NAN}, "/density_limit_per_m2"),
    ({"density_limit_per_m2": HUGE}, "/density_limit_per_m2"),
    ({"density_limit_per_m2": "dense"}, "/density_limit_per_m2"),
    ({"zone_id": 1}, "/zone_id"),
]
WRONG_LINES: list[tuple[dict[str, Any], str]] = [
    ({"start": [NAN, 0]}, "/start"),
    ({"end": [0, HUGE]}, "/end"),
    ({"end": []}, "/end"),
    ({"end": None}, "/end"),
    ({"end": "ab"}, "/end"),
    ({"width_m": HUGE}, "/width_m"),
    ({"width_m": 0}, "/width_m"),
    ({"width_m": []}, "/width_m"),
    ({"id": 1}, "/id"),
]


def test_hostile_places_are_refused_by_name(admin: Browser, camera: str) -> None:
    for body, pointer in HOSTILE:
        answer = admin.put(f"{camera}/places", json=body)
        assert answer.status_code == 422, answer.text
        assert pointer in {found[: len(pointer)] for found in pointers(answer)}
        assert len(answer.data) < 100_000
    assert admin.get(f"{camera}/places").json["version"] == 0


def test_hostile_zones_are_refused_by_name(admin: Browser, camera: str) -> None:
    admin.put(f"{camera}/places", json=BOTH)
    for changes, pointer in WRONG_ZONES:
        wrong = {**ZONE, "name": "B", **changes}
        whole = admin.put(f"{camera}/places", json={"zones": [ZONE, wrong], "lines": []})
        answers = {
            f"/zones/1{pointer}": whole,
            f"{pointer}": admin.post(f"{camera}/zones", json=wrong),
            f"{pointer} ": admin.put(f"{camera}/zones/1", json=changes),
        }
        for expected, answer in answers.items():
            assert answer.status_code == 422, answer.text
            assert expected.strip() in pointers(answer)
            assert len(answer.data) < 10_000, "what was sent is not sent back"
    assert admin.get(f"{camera}/places").json["version"] == 1


def test_hostile_lines_are_refused_by_name(admin: Browser, camera: str) -> None:
    for changes, pointer in WRONG_LINES:
        assert pointers(admin.post(f"{camera}/lines", json={**LINE, **changes})) == [pointer]


def test_a_body_full_of_mistakes_gets_a_short_answer(admin: Browser, camera: str) -> None:
    for corners in ([[]] * 250, [[7, 7]] * 100):
        zones = [{**ZONE, "corners": corners}] * 200
        answer = admin.put(f"{camera}/places", json={"zones": zones, "lines": []})
        assert answer.status_code == 422
        assert 0 < len(pointers(answer)) <= 400
    deep = "[" * 10_000 + "]" * 10_000
    answer = admin.put(
        f"{camera}/places",
        data=f'{{"zones": {deep}, "lines": []}}',
        content_type="application/json",
    )
    assert answer.status_code == 400
    for number in ("1e309", "-1e309", "NaN", "Infinity"):
        zone = json.dumps(ZONE).replace("[0.1, 0.1]", f"[{number}, 0.1]")
        answer = admin.post(f"{camera}/zones", data=zone, content_type="application/json")
        assert pointers(answer) == ["/corners/0"]


def test_two_hundred_zones_and_no_more(admin: Browser, camera: str) -> None:
    zones = [{**ZONE, "name": f"Z{number}"} for number in range(200)]
    assert admin.put(f"{camera}/places", json={"zones": zones, "lines": []}).status_code == 200
    full = admin.post(f"{camera}/lines", json=LINE)
    assert (full.status_code, full.json["type"]) == (409, "/problems/conflict")
    more = admin.put(f"{camera}/places", json={"zones": zones, "lines": [LINE]})
    assert pointers(more) == ["/lines"]


def test_roles(app: Flask, admin: Browser, camera: str) -> None:
    admin.put(f"{camera}/places", json=BOTH)
    operator, viewer = logged_in(app, "operator"), logged_in(app, "viewer")
    for browser in (operator, viewer):
        for kind, body in (("zones", ZONE), ("lines", LINE)):
            assert browser.get(f"{camera}/{kind}").status_code == 200
            assert browser.get(f"{camera}/{kind}/1").status_code == 200
            assert browser.post(f"{camera}/{kind}", json=body).status_code == 403
            assert browser.put(f"{camera}/{kind}/1", json=body).status_code == 403
            assert browser.delete(f"{camera}/{kind}/1").status_code == 403
        assert browser.put(f"{camera}/places", json=BOTH).status_code == 403
        assert browser.get(f"{camera}/places").status_code == 200
    clip = operator.post("/api/cameras/", json={"name": "Clip", "source_type": "upload"}).json
    own = f"/api/cameras/{clip['id']}"
    assert operator.put(f"{own}/places", json=BOTH).status_code == 200
    for kind in ("places", "zones", "lines", "zones/2", "lines/2"):
        assert operator.get(f"{own}/{kind}").status_code == 200
        assert viewer.get(f"{own}/{kind}").status_code == 404
        assert admin.get(f"/api/cameras/99/{kind}").status_code == 404
    assert admin.put("/api/cameras/99/places", json=BOTH).status_code == 404
    assert admin.post("/api/cameras/99/zones", json=ZONE).status_code == 404


def test_queries_know_only_the_version(admin: Browser, camera: str) -> None:
    for query, pointer in (("versoin=1", "/versoin"), ("version=x", "/version")):
        assert pointers(admin.post(f"{camera}/zones?{query}", json=ZONE)) == [pointer]
        assert pointers(admin.delete(f"{camera}/zones/1?{query}")) == [pointer]


def test_deleting_a_camera_deletes_its_places(app: Flask, admin: Browser, camera: str) -> None:
    admin.put(f"{camera}/places", json=BOTH)
    assert admin.delete(camera).status_code == 204
    with services_of(app).session_factory() as session:
        for table in (PlaceSet, ZoneRow, CountingLineRow):
            assert session.scalars(select(table)).all() == []
        trail = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert trail[-2:] == ["camera.places", "camera.delete"]
    assert admin.get(f"{camera}/places").status_code == 404
    admin.post(
        "/api/cameras/",
        json={"name": "Next", "source_type": "rtsp", "source": "rtsp://127.0.0.1:9/y"},
    )
    after = admin.get(f"{camera}/places").json
    assert (after["version"], after["zones"], after["lines"]) == (0, [], [])
    assert admin.post(f"{camera}/zones", json=ZONE).json["id"] == 2


def test_the_document_tells_limits_and_roles(viewer: Browser) -> None:
    document = viewer.get("/api/openapi.json").json
    schemas = document["components"]["schemas"]
    zone = schemas["Zone"]["properties"]
    assert zone["profile"]["enum"] == ["standing", "walkway", "seated", "queue"]
    assert (zone["corners"]["minItems"], zone["corners"]["maxItems"]) == (3, 100)
    assert zone["corners"]["items"]["items"]["type"] == "number"
    assert zone["colour"]["pattern"] == "^#[0-9a-fA-F]{6}$"
    assert zone["name"]["maxLength"] == 80
    assert set(schemas["Line"]["properties"]) == {"id", *PLAIN_LINE}
    whole = {"camera_id", "version", "fault", "zones", "lines"}
    assert set(schemas["Places"]["properties"]) == whole
    path = "/api/cameras/{camera_id}/zones"
    made = document["paths"][path]["post"]
    assert made["x-required-role"] == "operator"
    assert "Location" in made["responses"]["201"]["headers"]
    assert document["paths"][path]["get"]["x-required-role"] == "viewer"
    assert {"get", "put", "delete"} <= set(document["paths"][f"{path}/{{zone_id}}"])
    assert {"get", "put"} <= set(document["paths"]["/api/cameras/{camera_id}/places"])
    confirm = document["paths"]["/api/cameras/{camera_id}/places/confirm"]["post"]
    assert confirm["x-required-role"] == "operator"


def test_an_operator_confirms_places_that_another_source_put_in_doubt(
    admin: Browser, operator: Browser, viewer: Browser, camera: str
) -> None:
    path = f"{camera}/places"
    assert admin.put(path, json=BOTH).status_code == 200
    assert admin.put(camera, json={"source": "rtsp://127.0.0.1:9/y"}).status_code == 200
    doubted = viewer.get(path).json
    assert doubted is not None
    assert (doubted["version"], doubted["fault"]) == (
        2,
        "The camera's view has changed since the zones were drawn: check them.",
    )
    assert viewer.post(f"{path}/confirm").status_code == 403
    assert operator.post(f"{path}/confirm?version=1").status_code == 409
    confirmed = operator.post(f"{path}/confirm?version=2")
    assert confirmed.status_code == 200, confirmed.text
    assert confirmed.json == {**doubted, "version": 3, "fault": ""}
    assert viewer.get(path).json == confirmed.json
    again = admin.put(path, json=doubted | {"version": 3})
    assert (again.status_code, again.json) == (200, confirmed.json)
