"""Sockets of a real application: who may connect, what they are told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import socketio
from flask import Flask
from flask_socketio import SocketIOTestClient
from werkzeug.serving import make_server

from backend.core.camera import SourceType
from backend.db.accounts import Role
from backend.db.locations import LocationRow
from backend.services.actor import Actor
from tests import builders
from tests.builders import EPOCH
from tests.web import PASSWORD, Browser, add_user, make_app, services_of


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """An application with one account per role, a live camera and an operator's upload."""
    made = make_app(tmp_path, CROWDSAFE_OFFLINE=True, YOLO_MODEL="none.onnx")
    for role in Role:
        add_user(made, role.value, role)
    add_user(made, "fresh", Role.ADMIN, must_change=True)
    base = services_of(made)
    base.cameras.create(
        Actor(1, "admin", Role.ADMIN),
        {"name": "Gate", "source_type": SourceType.RTSP, "source": "rtsp://127.0.0.1/x"},
    )
    base.cameras.create(
        Actor(2, "operator", Role.OPERATOR), {"name": "Clip", "source_type": SourceType.UPLOAD}
    )
    yield made
    base.engine.dispose()


def token(app: Flask, name: str) -> str:
    """Log in and return the access token."""
    answer = Browser(app).log_in(name)
    assert answer.json is not None
    return str(answer.json["access_token"])


def connect(app: Flask, auth: dict[str, Any] | None, **rest: Any) -> SocketIOTestClient:
    return app.extensions["crowdsafe_socketio"].test_client(app, auth=auth, **rest)


def received(client: SocketIOTestClient, name: str) -> list[Any]:
    return [event["args"][0] for event in client.get_received() if event["name"] == name]


def test_a_token_opens_a_socket_and_the_state_comes_at_once(app: Flask) -> None:
    client = connect(app, {"token": token(app, "viewer")})
    assert client.is_connected()
    (state,) = received(client, "initial_state")
    assert [camera["name"] for camera in state["cameras"]] == ["Gate"]
    assert state["alerts_unacknowledged"] == 0
    assert state["server_time"].endswith("+00:00")
    assert "source_encrypted" not in state["cameras"][0]
    assert state["system"]["model"] == {"reduced_accuracy": False, "remedy": "", "error": ""}
    assert state["system"]["alerts"]["unwritten"] == 0


def test_the_access_cookie_opens_a_socket(app: Flask) -> None:
    browser = Browser(app)
    browser.log_in("operator")
    client = connect(app, None, flask_test_client=browser.client)
    (state,) = received(client, "initial_state")
    assert [camera["name"] for camera in state["cameras"]] == ["Clip", "Gate"]


@pytest.mark.parametrize("auth", [None, {}, {"token": "nonsense"}, {"token": 7}, ["x"]])
def test_without_a_good_token_there_is_no_socket(app: Flask, auth: Any) -> None:
    assert not connect(app, auth).is_connected()


def test_a_refresh_token_opens_nothing(app: Flask) -> None:
    answer = Browser(app).log_in("viewer")
    assert answer.json is not None
    assert not connect(app, {"token": answer.json["refresh_token"]}).is_connected()


def test_who_must_change_the_password_gets_no_socket(app: Flask) -> None:
    assert not connect(app, {"token": token(app, "fresh")}).is_connected()


def test_a_logged_out_session_opens_nothing(app: Flask) -> None:
    browser = Browser(app)
    answer = browser.log_in("viewer")
    assert answer.json is not None
    browser.post("/api/auth/logout")
    assert not connect(app, {"token": answer.json["access_token"]}).is_connected()


@pytest.mark.parametrize(
    ("role", "asked", "granted"),
    [
        ("viewer", "all", [1]),
        ("viewer", [1, 2, 99], [1]),
        ("operator", "all", [1, 2]),
        ("operator", [2], [2]),
        ("operator", [], []),
    ],
)
def test_a_subscription_covers_what_one_may_see(
    app: Flask, role: str, asked: Any, granted: list[int]
) -> None:
    client = connect(app, {"token": token(app, role)})
    ack = client.emit("subscribe", {"cameras": asked}, callback=True)
    assert ack == {"ok": True, "cameras": granted}


@pytest.mark.parametrize(("asked", "is_told"), [([1], True), ("all", False), ([2], False)])
def test_only_who_asks_for_a_camera_by_its_id_hears_of_its_zones(
    app: Flask, asked: Any, is_told: bool
) -> None:
    client = connect(app, {"token": token(app, "operator")})
    client.emit("subscribe", {"cameras": [1, 2]}, callback=True)
    client.emit("subscribe", {"cameras": asked}, callback=True)
    app.extensions["crowdsafe_socketio"].emit("places", {"camera_id": 1}, to="places:1")
    assert bool(received(client, "places")) is is_told


@pytest.mark.parametrize(
    "wanted", [None, {}, {"cameras": "some"}, {"cameras": ["1"]}, {"cameras": [True]}, "all"]
)
def test_a_malformed_subscription_is_refused(app: Flask, wanted: Any) -> None:
    client = connect(app, {"token": token(app, "viewer")})
    assert client.emit("subscribe", wanted, callback=True)["ok"] is False


@pytest.mark.parametrize("asked", [{"locations": "some"}, {"cameras": [1], "locations": [None]}])
def test_a_malformed_subscription_to_locations_is_refused(app: Flask, asked: Any) -> None:
    client = connect(app, {"token": token(app, "viewer")})
    assert client.emit("subscribe", asked, callback=True)["ok"] is False


def test_cameras_and_locations_are_subscribed_to_apart(app: Flask) -> None:
    client = connect(app, {"token": token(app, "viewer")})
    assert client.emit("subscribe", {"locations": [4]}, callback=True) == {
        "ok": True,
        "locations": [4],
    }
    client.emit("subscribe", {"cameras": [1]}, callback=True)
    events = app.extensions["crowdsafe_socketio"]
    events.emit("crowd_update", {"location_id": 4}, to="location:4")
    events.emit("places", {"camera_id": 1}, to="places:1")
    assert {event["name"] for event in client.get_received()} >= {"crowd_update", "places"}
    client.emit("subscribe", {"locations": []}, callback=True)
    events.emit("crowd_update", {"location_id": 4}, to="location:4")
    events.emit("places", {"camera_id": 1}, to="places:1")
    assert [event["name"] for event in client.get_received()] == ["places"]


def test_the_first_state_names_what_is_known_of_locations(app: Flask) -> None:
    base = services_of(app)
    with base.session_factory() as session, session.begin():
        session.add(
            LocationRow(
                name="Hall", capacity=10, entry_valid_s=900, created_at=EPOCH, updated_at=EPOCH
            )
        )
    base.location_watch.step()
    client = connect(app, {"token": token(app, "viewer")})
    (state,) = received(client, "initial_state")
    (numbers,) = state["locations"]
    assert (numbers["location_name"], numbers["current_count"]) == ("Hall", None)
    assert (numbers["trust"], numbers["capacity_limit"]) == ("unknown", 10)
    ack = client.emit("subscribe", {"locations": "all"}, callback=True)
    assert ack == {"ok": True, "locations": [numbers["location_id"]]}


def test_events_arrive_over_a_real_connection(app: Flask) -> None:
    base = services_of(app)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    serving = threading.Thread(target=server.serve_forever, name="test-server")
    serving.start()
    base.lifecycle.start()
    arrived: dict[str, threading.Event] = {
        name: threading.Event() for name in ("metrics", "system_status", "disconnect")
    }
    payloads: dict[str, Any] = {}
    client = socketio.Client(reconnection=False)

    def listen(name: str) -> None:
        def take(*args: Any) -> None:
            payloads[name] = args
            arrived[name].set()

        client.on(name, take)

    for name in arrived:
        listen(name)
    browser = Browser(app)
    answer = browser.log_in("viewer", PASSWORD)
    assert answer.json is not None
    try:
        client.connect(
            f"http://127.0.0.1:{server.server_port}",
            auth={"token": answer.json["access_token"]},
            transports=["polling"],
            wait_timeout=5,
        )
        assert client.call("subscribe", {"cameras": "all"}, timeout=5)["cameras"] == [1]
        snapshot = builders.snapshot(
            crowd=builders.metrics(count=5.0), published_mono_s=base.clock.monotonic()
        )
        base.bus.publish(snapshot, builders.frame())
        assert arrived["metrics"].wait(5)
        (metrics,) = payloads["metrics"]
        assert (metrics["count"], metrics["seq"], metrics["camera_id"]) == (5.0, 1, 1)
        assert arrived["system_status"].wait(5)
        browser.post("/api/auth/logout")
        assert arrived["disconnect"].wait(5), "log-out closes the socket"
    finally:
        client.disconnect()
        base.lifecycle.stop()
        server.shutdown()
        server.server_close()
        serving.join(5)
