"""The place graph over HTTP: shapes, refusals, roles, and the card with an incident."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from backend.db.alerts import Alert
from tests.builders import EPOCH
from tests.web import Browser, services_of

SQUARE = [[0.1, 0.1], [0.5, 0.1], [0.5, 0.5], [0.1, 0.5]]
GRAPH = "/api/place-graph/"
LINKS = "/api/place-graph/links"
CARD = {
    "hold_gate": "Hold Gate B.",
    "open_route": "",
    "pa_text": "Please wait.",
    "person_on_duty": "Ida, channel 4",
}


def made(answer: Any) -> Any:
    assert answer.status_code in {200, 201}, answer.text
    return answer.json


def pointers(answer: Any) -> list[str]:
    assert answer.status_code == 422, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert all(entry["detail"] for entry in answer.json["errors"])
    return [entry["pointer"] for entry in answer.json["errors"]]


@pytest.fixture
def link(admin: Browser) -> dict[str, Any]:
    """A link between two zones of one camera, counted by its line; not sent yet."""
    camera = made(
        admin.post(
            "/api/cameras/",
            json={"name": "North", "source_type": "rtsp", "source": "rtsp://127.0.0.1:9/x"},
        )
    )
    address = f"/api/cameras/{camera['id']}"
    plaza = made(admin.post(f"{address}/zones", json={"name": "Plaza", "corners": SQUARE}))
    stage = made(
        admin.post(
            f"{address}/zones", json={"name": "Stage", "corners": SQUARE, "count_limit": 130}
        )
    )
    line = made(
        admin.post(
            f"{address}/lines", json={"name": "Door", "start": [0.2, 0.2], "end": [0.8, 0.2]}
        )
    )
    return {
        "name": "Gate B",
        "source": {"kind": "zone", "place_id": plaza["id"]},
        "target": {"kind": "zone", "place_id": stage["id"]},
        "line": {"line_id": line["id"], "is_reversed": True},
        "is_gate": True,
        "walk_s": 40,
    }


def test_a_graph_is_made_read_and_taken_apart(
    admin: Browser, viewer: Browser, link: dict[str, Any]
) -> None:
    assert [node["name"] for node in made(viewer.get(GRAPH))["nodes"]] == ["Stage"], (
        "it has a limit"
    )
    stored = made(admin.post(LINKS, json=link))
    assert stored == {
        "id": stored["id"],
        "name": "Gate B",
        "source": {**link["source"], "name": "Plaza", "camera_name": "North"},
        "target": {**link["target"], "name": "Stage", "camera_name": "North"},
        "line": {
            "line_id": 1,
            "name": "Door",
            "camera_id": 1,
            "camera_name": "North",
            "is_reversed": True,
        },
        "is_gate": True,
        "walk_s": 40.0,
        "flow_per_s": None,
        "back_per_s": None,
        "trust": "unknown",
        "trust_reason": "The line that counts here is not seen now.",
    }
    graph = made(viewer.get(GRAPH))
    assert graph["links"] == [stored]
    assert graph["nodes"][1] == {
        "kind": "zone",
        "place_id": 2,
        "name": "Stage",
        "camera_id": 1,
        "camera_name": "North",
        "limit": 130,
        "count": None,
        "count_low": None,
        "count_high": None,
        "trust": "unknown",
        "trust_reason": "Nothing has been measured here since CrowdSafe was started.",
        "risk_level": None,
        "is_simulated": False,
        "has_card": False,
        "forecast": None,
    }
    address = f"{LINKS}/{stored['id']}"
    assert made(admin.put(address, json={"walk_s": None}))["walk_s"] is None
    assert admin.delete(address).status_code == 204
    assert admin.delete(address).status_code == 404
    assert made(viewer.get(GRAPH))["links"] == []


def test_a_place_nobody_has_linked_is_shown_where_it_is_asked_for(
    viewer: Browser, link: dict[str, Any]
) -> None:
    asked = made(viewer.get(f"{GRAPH}?also=zone-1"))
    assert [node["name"] for node in asked["nodes"]] == ["Plaza", "Stage"]
    assert len(made(viewer.get(f"{GRAPH}?also=location-99"))["nodes"]) == 1
    for wrong in ("also=gate-1", "also=zone-", "also=zone-1x", f"also=zone-{'9' * 19}", "x=1"):
        assert viewer.get(f"{GRAPH}?{wrong}").status_code == 422


def test_choices_name_places_and_lines(viewer: Browser, link: dict[str, Any]) -> None:
    found = made(viewer.get("/api/place-graph/choices"))
    assert [place["name"] for place in found["places"]] == ["Plaza", "Stage"]
    assert found["lines"] == [
        {"line_id": link["line"]["line_id"], "name": "Door", "camera_id": 1, "camera_name": "North"}
    ]


def test_everything_wrong_with_a_link_is_told(admin: Browser, link: dict[str, Any]) -> None:
    assert pointers(admin.post(LINKS, json={})) == ["/name", "/source", "/target"]
    shapes = {
        **link,
        "source": {"kind": "city", "place_id": 1},
        "target": {"kind": "zone", "place_id": "2"},
        "line": {"line_id": 0},
        "walk_s": "slowly",
        "colour": "red",
    }
    assert set(pointers(admin.post(LINKS, json=shapes))) == {
        "/source/kind",
        "/target/place_id",
        "/line/line_id",
        "/walk_s",
        "/colour",
    }
    rules = {
        **link,
        "name": "",
        "target": link["source"],
        "line": {"line_id": 99},
        "walk_s": 7201,
    }
    assert pointers(admin.post(LINKS, json=rules)) == [
        "/name",
        "/target",
        "/line/line_id",
        "/walk_s",
    ]
    made(admin.post(LINKS, json=link))
    assert pointers(admin.post(LINKS, json=link)) == ["/name"]
    assert len(made(admin.get(GRAPH))["links"]) == 1


@pytest.mark.parametrize("hostile", [1e308, 1.5, 0, -1, None, "1"])
def test_hostile_ids_are_refused(admin: Browser, link: dict[str, Any], hostile: object) -> None:
    source = {"kind": "zone", "place_id": hostile}
    assert pointers(admin.post(LINKS, json={**link, "source": source})) == ["/source/place_id"]


def test_cards_are_written_by_operators_and_read_by_all(
    operator: Browser, viewer: Browser, link: dict[str, Any]
) -> None:
    address = "/api/place-graph/cards/zone/2"
    empty = made(viewer.get(address))
    assert (empty["pa_text"], empty["updated_at"], empty["updated_by"]) == ("", None, "")
    written = made(operator.put(address, json=CARD))
    assert written | CARD == written
    assert written["updated_by"] == "operator"
    assert made(viewer.get(address)) == written
    assert viewer.put(address, json=CARD).status_code == 403
    assert pointers(operator.put(address, json={"pa_text": "x" * 501, "hold_gate": "a\u0007"})) == [
        "/hold_gate",
        "/pa_text",
    ]
    assert pointers(operator.put(address, json={"hold_gate": None})) == ["/hold_gate"]
    for nowhere in ("zone/99", "location/1", "city/1"):
        assert viewer.get(f"/api/place-graph/cards/{nowhere}").status_code == 404
        assert operator.put(f"/api/place-graph/cards/{nowhere}", json=CARD).status_code == 404


def test_links_are_changed_by_administrators_alone(
    admin: Browser, operator: Browser, viewer: Browser, anonymous: Browser, link: dict[str, Any]
) -> None:
    stored = made(admin.post(LINKS, json=link))
    address = f"{LINKS}/{stored['id']}"
    for browser, status in ((operator, 403), (viewer, 403), (anonymous, 401)):
        assert browser.post(LINKS, json=link).status_code == status
        assert browser.put(address, json={"name": "x"}).status_code == status
        assert browser.delete(address).status_code == status
    assert anonymous.get(GRAPH).status_code == 401
    assert anonymous.get("/api/place-graph/choices").status_code == 401


def test_an_incident_shows_the_card_of_its_place(
    app: Flask, operator: Browser, viewer: Browser, link: dict[str, Any]
) -> None:
    made(operator.put("/api/place-graph/cards/zone/2", json=CARD))
    with services_of(app).session_factory() as session, session.begin():
        session.add(
            Alert(
                camera_id=1,
                place_name="North",
                zone_id=2,
                zone_name="Stage",
                family="capacity",
                level=2,
                peak_level=2,
                status="ACTIVE",
                origin="LIVE",
                cause="people_limit",
                message="Too many.",
                causes=[],
                metrics={},
                trust="ok",
                opened_at=EPOCH,
                updated_at=EPOCH,
            )
        )
    found = made(viewer.get("/api/alerts/1"))
    assert found["action_card"] | CARD == found["action_card"]
    assert found["forecast"] is None
