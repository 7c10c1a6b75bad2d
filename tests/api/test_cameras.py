"""Cameras over HTTP: roles, problems, pictures and streams."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from flask import Flask

from backend.db.accounts import Role
from tests import builders
from tests.api.conftest import logged_in
from tests.e2e.world import wait_until
from tests.web import Browser, add_user, make_app, services_of

GATE = {"name": "Gate", "source_type": "rtsp", "source": "rtsp://admin:hunter2@127.0.0.1:9/live"}


@pytest.fixture(autouse=True)
def _stop_what_frames_started(app: Flask) -> Iterator[None]:
    yield
    services_of(app).recorder.stop()
    services_of(app).frames.stop()


@pytest.fixture
def gate(admin: Browser) -> int:
    """A stored camera nobody has started."""
    answer = admin.post("/api/cameras/", json=GATE)
    assert answer.status_code == 201, answer.json
    assert answer.json is not None
    return int(answer.json["id"])


def show(app: Flask, camera_id: int, *, sequence: int = 1, value: int = 90) -> None:
    """Publish one analysed frame."""
    base = services_of(app)
    base.bus.publish(
        builders.snapshot(
            camera_id=camera_id, sequence=sequence, published_mono_s=base.clock.monotonic()
        ),
        builders.frame(picture=builders.image(value=value), captured_mono_s=base.clock.monotonic()),
    )


def pointers(answer: Any) -> list[str]:
    assert answer.headers["Content-Type"] == "application/problem+json"
    return [entry["pointer"] for entry in answer.json["errors"]]


def test_a_camera_is_added_changed_listed_and_deleted(admin: Browser, gate: int) -> None:
    listed = admin.get("/api/cameras/").json
    assert (listed["total"], listed["page"], listed["pages"]) == (1, 1, 1)
    shown = listed["items"][0]
    assert shown["source_display"] == "rtsp://***@127.0.0.1:9/live"
    assert shown["status"]["status"] == "offline"
    assert (shown["job"], shown["current"], shown["should_run"]) == (None, None, False)
    assert "hunter2" not in admin.get("/api/cameras/").text
    changed = admin.put(f"/api/cameras/{gate}", json={"area_m2": 25})
    assert (changed.json["area_m2"], changed.json["name"]) == (25.0, "Gate")
    assert admin.delete(f"/api/cameras/{gate}").status_code == 204
    assert admin.get(f"/api/cameras/{gate}").status_code == 404


def test_model_tiles_and_tracker_are_chosen_from_what_there_is(
    admin: Browser, operator: Browser, viewer: Browser, gate: int
) -> None:
    models = operator.get("/api/cameras/models").json
    assert models["items"][0]["is_default"] is True
    assert {"name", "precision", "problem", "input_hw"} <= set(models["items"][0])
    assert viewer.get("/api/cameras/models").status_code == 403
    changed = admin.put(
        f"/api/cameras/{gate}",
        json={"detection_tiles": "2x2", "tracker": "bytetrack", "is_moving": True},
    ).json
    assert (changed["detection_tiles"], changed["tracker"], changed["is_moving"]) == (
        "2x2",
        "bytetrack",
        True,
    )
    unknown = admin.put(f"/api/cameras/{gate}", json={"detection_model": "none-such.onnx"})
    assert (unknown.status_code, pointers(unknown)) == (422, ["/detection_model"])
    tiles = admin.put(f"/api/cameras/{gate}", json={"detection_tiles": "9x9"})
    assert (tiles.status_code, pointers(tiles)) == (422, ["/detection_tiles"])


def test_a_simulated_camera_says_so_and_needs_no_calibration(
    admin: Browser, operator: Browser, viewer: Browser
) -> None:
    scenarios = operator.get("/api/cameras/scenarios").json
    assert "crush" in [one["name"] for one in scenarios["items"]]
    assert scenarios["items"][0]["exits"][0]["kind"] == "level"
    wanted = {"name": "Drawn", "source_type": "simulated", "source": "peak:3"}
    assert operator.post("/api/cameras/", json=wanted).status_code == 403
    camera = admin.post("/api/cameras/", json=wanted).json
    assert camera["is_simulated"] is True
    assert camera["calibration"]["method"] == "simulation"
    path = f"/api/cameras/{camera['id']}/calibration"
    shown = viewer.get(path).json
    assert (shown["calibrated"], shown["method"], shown["rms_error_m"]) == (True, "simulation", 0)
    refused = admin.delete(path)
    assert refused.status_code == 409
    assert "known by construction" in refused.json["detail"]
    strange = admin.post("/api/cameras/", json={**wanted, "name": "x", "source": "riot"})
    assert (strange.status_code, pointers(strange)) == (422, ["/source"])


def test_unknown_fields_and_wrong_values_are_named(admin: Browser, gate: int) -> None:
    assert pointers(admin.post("/api/cameras/", json={**GATE, "colour": "red"})) == ["/colour"]
    assert pointers(admin.post("/api/cameras/", json={**GATE, "source_type": "ftp"})) == [
        "/source_type"
    ]
    missing = admin.post("/api/cameras/", json={"name": "x", "source_type": "rtsp"})
    assert (missing.status_code, pointers(missing)) == (422, ["/source"])
    inner = admin.post(
        "/api/cameras/", json={**GATE, "name": "M", "source": "http://169.254.169.254/latest"}
    )
    assert (inner.status_code, pointers(inner)) == (422, ["/source"])
    local = admin.post(
        "/api/cameras/", json={"name": "F", "source_type": "file", "source": "/etc/passwd"}
    )
    assert (local.status_code, pointers(local)) == (422, ["/source"])
    taken = admin.post("/api/cameras/", json={**GATE, "name": "GATE"})
    assert taken.status_code == 409
    assert pointers(admin.put(f"/api/cameras/{gate}", json={"area_m2": -1})) == ["/area_m2"]


@pytest.mark.parametrize(
    ("method", "path", "json"),
    [
        ("POST", "/api/cameras/", GATE),
        ("PUT", "/api/cameras/{id}", {"name": "Mine"}),
        ("DELETE", "/api/cameras/{id}", None),
        ("POST", "/api/cameras/{id}/start", None),
        ("POST", "/api/cameras/{id}/stop", None),
        ("POST", "/api/cameras/{id}/pause", None),
        ("POST", "/api/cameras/{id}/resume", None),
        ("POST", "/api/cameras/{id}/cancel", None),
        ("POST", "/api/cameras/{id}/test", None),
        ("POST", "/api/cameras/test", {"source_type": "usb", "source": "0"}),
        ("POST", "/api/cameras/{id}/upload", None),
    ],
)
def test_a_viewer_changes_nothing(
    app: Flask, anonymous: Browser, gate: int, method: str, path: str, json: Any
) -> None:
    address = path.format(id=gate)
    assert anonymous.client.open(address, method=method, json=json).status_code == 401
    viewer = logged_in(app, "viewer")
    rest = {} if json is None else {"json": json}
    refused = getattr(viewer, method.lower())(address, **rest)
    assert refused.status_code == 403, refused.text
    assert refused.json["type"] == "/problems/permission-denied"


def test_an_operator_adds_uploads_but_no_cameras(operator: Browser, viewer: Browser) -> None:
    assert operator.post("/api/cameras/", json=GATE).status_code == 403
    clip = operator.post("/api/cameras/", json={"name": "Clip", "source_type": "upload"})
    assert clip.status_code == 201
    assert clip.json["job"]["state"] == "empty"
    assert viewer.get(f"/api/cameras/{clip.json['id']}").status_code == 404
    assert viewer.get("/api/cameras/").json["total"] == 0
    assert operator.post(f"/api/cameras/{clip.json['id']}/start").status_code == 409


def test_no_picture_yet_is_a_problem_with_words(viewer: Browser, gate: int) -> None:
    answer = viewer.get(f"/api/cameras/{gate}/snapshot")
    assert (answer.status_code, answer.json["type"]) == (503, "/problems/unavailable")


def test_a_picture_has_an_age_and_a_tag(app: Flask, viewer: Browser, gate: int) -> None:
    show(app, gate)
    first = viewer.get(f"/api/cameras/{gate}/snapshot?overlays=&width=160")
    assert (first.status_code, first.mimetype) == (200, "image/jpeg")
    assert float(first.headers["X-Frame-Age-S"]) < 3
    picture = cv2.imdecode(np.frombuffer(first.data, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert picture.shape == (120, 160, 3)
    tag = first.headers["ETag"]
    again = viewer.get(
        f"/api/cameras/{gate}/snapshot?overlays=&width=160", headers={"If-None-Match": tag}
    )
    assert again.status_code == 304
    other = viewer.get(f"/api/cameras/{gate}/snapshot", headers={"If-None-Match": tag})
    assert other.status_code == 200, "another way of drawing is another picture"
    show(app, gate, sequence=2)

    def newer() -> bool:
        # Two askers within one picture of the stream's rate share an encoding.
        answer = viewer.get(
            f"/api/cameras/{gate}/snapshot?overlays=&width=160", headers={"If-None-Match": tag}
        )
        return bool(answer.status_code == 200)

    wait_until(newer, timeout_s=5, what="the newer picture")


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("width=10", "/width"),
        ("width=wide", "/width"),
        ("overlays=boxes,ghosts", "/overlays"),
        ("colour=1", "/colour"),
    ],
)
def test_an_impossible_picture_is_refused(
    viewer: Browser, gate: int, query: str, pointer: str
) -> None:
    for route in ("snapshot", "stream"):
        answer = viewer.get(f"/api/cameras/{gate}/{route}?{query}")
        assert (answer.status_code, pointers(answer)) == (422, [pointer])


def test_a_stream_delivers_pictures_and_ends_with_the_camera(
    app: Flask, admin: Browser, viewer: Browser, gate: int
) -> None:
    show(app, gate)
    answer = viewer.get(f"/api/cameras/{gate}/stream?overlays=boxes&width=160")
    assert answer.mimetype == "multipart/x-mixed-replace"
    parts = iter(answer.response)
    part = bytes(next(parts))  # type: ignore[arg-type]
    head, _, rest = part.partition(b"\r\n\r\n")
    assert b"Content-Type: image/jpeg" in head
    assert rest.startswith(b"\xff\xd8")
    assert services_of(app).frames.counters().viewers == 1
    admin.delete(f"/api/cameras/{gate}")
    assert not [p for p in parts if b"image/jpeg" in bytes(p)]  # type: ignore[arg-type]
    answer.close()


def test_a_stream_that_is_left_is_closed(app: Flask, viewer: Browser, gate: int) -> None:
    answer = viewer.get(f"/api/cameras/{gate}/stream")
    assert services_of(app).frames.counters().viewers == 1
    answer.close()
    assert services_of(app).frames.counters().viewers == 0


def test_a_stream_ends_when_the_server_stops(app: Flask, viewer: Browser, gate: int) -> None:
    show(app, gate)
    answer = viewer.get(f"/api/cameras/{gate}/stream")
    services_of(app).lifecycle.stop_wanted.set()
    assert b"".join(bytes(p) for p in answer.response).endswith(b"--\r\n")  # type: ignore[arg-type]
    answer.close()


@pytest.fixture
def impatient(tmp_path: Path, manual_clock: builders.ManualClock) -> Iterator[Flask]:
    app = make_app(tmp_path / "impatient", clock=manual_clock)
    add_user(app, "admin", Role.ADMIN)
    yield app
    services_of(app).recorder.stop()
    services_of(app).frames.stop()
    services_of(app).engine.dispose()


def test_a_stream_ends_with_the_log_in(
    impatient: Flask, manual_clock: builders.ManualClock
) -> None:
    admin = logged_in(impatient, "admin")
    answer = admin.post("/api/cameras/", json=GATE)
    assert answer.json is not None
    camera_id = answer.json["id"]
    show(impatient, camera_id)
    stream = admin.get(f"/api/cameras/{camera_id}/stream")
    parts = iter(stream.response)
    next(parts)
    admin.post("/api/auth/logout")
    manual_clock.advance(5)
    check_ends(impatient, stream, parts, camera_id)


def test_a_stream_ends_when_its_viewer_may_no_longer_see_the_camera(
    impatient: Flask, manual_clock: builders.ManualClock
) -> None:
    operator_id = add_user(impatient, "operator", Role.OPERATOR)
    admin, operator = logged_in(impatient, "admin"), logged_in(impatient, "operator")
    answer = admin.post("/api/cameras/", json={"name": "Mine", "source_type": "upload"})
    assert answer.json is not None
    camera_id = answer.json["id"]
    show(impatient, camera_id)
    stream = operator.get(f"/api/cameras/{camera_id}/stream")
    parts = iter(stream.response)
    next(parts)
    admin.put(f"/api/users/{operator_id}", json={"role": "viewer"})
    manual_clock.advance(5)
    check_ends(impatient, stream, parts, camera_id)


def check_ends(app: Flask, stream: Any, parts: Iterator[Any], camera_id: int) -> None:
    """Read on; a stream that does not end within ten seconds fails the test."""
    ended = threading.Event()

    def drain() -> None:
        for _part in parts:
            show(app, camera_id, sequence=2)
        ended.set()

    reader = threading.Thread(target=drain, name="reader")
    reader.start()
    has_ended = ended.wait(10)
    if not has_ended:
        services_of(app).lifecycle.stop_wanted.set()
    reader.join(5)
    stream.close()
    assert has_ended


def test_a_source_that_does_not_open_is_told_not_raised(admin: Browser, gate: int) -> None:
    answer = admin.post(f"/api/cameras/{gate}/test")
    assert answer.status_code == 200
    assert answer.json["ok"] is False
    assert answer.json["message"]
    assert "hunter2" not in answer.text
