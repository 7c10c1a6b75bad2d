"""Pictures over HTTP: answered, or refused with a sentence; never kept."""

from __future__ import annotations

import base64
import io
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from werkzeug.exceptions import TooManyRequests
from werkzeug.test import TestResponse

from backend.api.detection import RATE
from backend.api.throttle import DETECTION, throttle
from backend.core.clock import SystemClock
from backend.core.errors import SourceLostError, UnavailableError
from backend.db.accounts import Role
from backend.db.base import Base
from backend.factory import create_app
from backend.services.passwords import PasswordHasher
from tests import builders
from tests.api.conftest import logged_in
from tests.pipeline.fakes import ScriptedSource
from tests.services.detection.detection_world import DetectionHouse
from tests.vision import still_pictures as given
from tests.web import Browser, add_user, make_app, services_of, settings

DETECT = "/api/detection/detect"
JPEG = given.jpeg((320, 240))
CAMERA = {"name": "Gate", "source_type": "rtsp", "source": "rtsp://admin:hunter2@127.0.0.1/live"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def parts() -> DetectionHouse:
    return DetectionHouse(SystemClock())


@pytest.fixture(scope="module")
def app(home: Path, parts: DetectionHouse) -> Iterator[Flask]:
    """An application whose detector finds two people; no request changes it."""
    made = create_app(settings(home), hasher=PasswordHasher(rounds=4), parts=parts.parts())
    made.testing = True
    Base.metadata.create_all(services_of(made).engine)
    for role in Role:
        add_user(made, role.value, role)
    yield made
    services_of(made).engine.dispose()


@pytest.fixture
def house(parts: DetectionHouse) -> Iterator[DetectionHouse]:
    """What the application's detector does; afterwards it does the usual again."""
    usual = parts.model
    parts.seen.clear()
    yield parts
    parts.failure, parts.model = None, usual


def text(content: bytes = JPEG) -> str:
    return base64.b64encode(content).decode()


def form(content: bytes = JPEG, name: str = "picture.jpg", **fields: str) -> dict[str, Any]:
    return {"image": (io.BytesIO(content), name), **fields}


def problem_of(answer: TestResponse, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    body: dict[str, Any] = answer.json
    assert body["detail"].endswith(".")
    return body


@pytest.fixture(scope="module")
def camera_id(app: Flask) -> int:
    answer = logged_in(app, "admin").post("/api/cameras/", json=CAMERA)
    assert answer.status_code == 201, answer.text
    return int(answer.json["id"])


# ── a picture that is sent in ──────────────────────────────────────────────────────────────


def test_json_and_form_say_the_same(operator: Browser) -> None:
    by_json = operator.post(DETECT, json={"image": text()})
    by_form = operator.post(DETECT, data=form())
    by_url = operator.post(DETECT, json={"image": f"data:image/png;base64,{text()}"})
    assert by_json.status_code == by_form.status_code == by_url.status_code == 200
    bodies = [answer.json for answer in (by_json, by_form, by_url)]
    for body in bodies:
        assert body.pop("timings_ms")["total"] >= 0
    assert bodies[0] == bodies[1] == bodies[2]
    found = bodies[0]
    assert found["count_low"] <= found["count"] <= found["count_high"]
    assert (found["trust"], found["trust_reason"]) == ("ok", "")
    assert found["detections"][0] == {"box": [10, 20, 30, 90], "confidence": 0.8, "number": 1}
    assert found["picture"] == {"width": 320, "height": 240}
    assert found["model"]["reduced_accuracy"] is False
    assert found["annotated"] is None


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (given.png(), "holiday.jpg"),
        (given.jpeg(), "archive.zip"),
        (given.encode(given.picture(), "WEBP"), "../../etc/passwd"),
        (given.turned(6), "x" * 3000 + ".png"),
    ],
)
def test_names_are_not_believed(operator: Browser, content: bytes, name: str) -> None:
    assert operator.post(DETECT, data=form(content, name)).status_code == 200


def test_a_turned_picture_is_counted_upright(operator: Browser) -> None:
    body = operator.post(DETECT, data=form(given.turned(6))).json
    assert body["picture"] == {"width": 64, "height": 96}


@pytest.mark.parametrize("name", given.HOSTILE)
def test_hostile_and_broken_files_are_refused(
    admin: Browser, house: DetectionHouse, name: str
) -> None:
    content, status, word = given.HOSTILE[name]
    for sent in ({"json": {"image": text(content)}}, {"data": form(content)}):
        body = problem_of(admin.post(DETECT, **sent), status)
        assert word in body["detail"]
        assert body["errors"] == [{"pointer": "/image", "detail": body["detail"]}]
    assert house.seen == []


def test_nothing_is_stored_and_nothing_is_logged(
    operator: Browser, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def files() -> set[tuple[Path, int]]:
        kept = (path for path in home.rglob("*") if path.is_file())
        return {(path, path.stat().st_size) for path in kept if "crowdsafe.db" not in path.name}

    before = files()
    with caplog.at_level(logging.DEBUG):
        for sent in ({"json": {"image": text()}}, {"data": form(name="secret-name.jpg")}):
            assert operator.post(DETECT, **sent).status_code == 200
        problem_of(operator.post(DETECT, json={"image": text(b"secret words")}), 415)
    assert files() == before
    assert "secret" not in caplog.text
    assert text()[:40] not in caplog.text


def test_the_annotated_picture_comes_inside_or_instead(operator: Browser) -> None:
    inside = operator.post(DETECT, data=form(annotate="true")).json["annotated"]
    head, _, encoded = inside.partition(",")
    assert head == "data:image/jpeg;base64"
    drawn = Image.open(io.BytesIO(base64.b64decode(encoded)))
    assert (drawn.format, drawn.size) == ("JPEG", (320, 240))
    answer = operator.post(DETECT, json={"image": text()}, headers={"Accept": "image/jpeg"})
    assert answer.content_type == "image/jpeg"
    assert Image.open(io.BytesIO(answer.data)).size == (320, 240)
    assert answer.headers["X-Trust"] == "ok"
    low, count, high = (
        float(answer.headers[name]) for name in ("X-Count-Low", "X-Count", "X-Count-High")
    )
    assert low <= count <= high
    assert answer.headers["Cache-Control"] == "no-store"
    both = {"Accept": "application/json, image/jpeg;q=0.5"}
    assert operator.post(DETECT, json={"image": text()}, headers=both).is_json


@pytest.mark.parametrize(
    ("sent", "status", "pointer"),
    [
        ({}, 415, "/image"),
        ({"data": JPEG, "content_type": "image/jpeg"}, 415, "/image"),
        ({"data": {"image": "x"}}, 415, "/image"),
        ({"data": b"{", "content_type": "application/json"}, 400, None),
        ({"data": b"[" * 9999, "content_type": "application/json"}, 400, None),
        ({"json": {}}, 422, "/image"),
        ({"json": []}, 422, ""),
        ({"json": {"image": None}}, 422, "/image"),
        ({"json": {"image": 7}}, 422, "/image"),
        ({"json": {"image": "not base64"}}, 422, "/image"),
        ({"json": {"image": "https://example.org/a.jpg"}}, 422, "/image"),
        ({"json": {"image": text(), "picture": 1}}, 422, "/picture"),
        ({"json": {"image": text(), "confidence": 0}}, 422, "/confidence"),
        ({"json": {"image": text(), "confidence": "NaN"}}, 422, "/confidence"),
        ({"json": {"image": text(), "annotate": "perhaps"}}, 422, "/annotate"),
        ({"json": {"image": text(), "model": "../yolo.pt"}}, 422, "/model"),
        ({"json": {"image": text(), "model": ""}}, 422, "/model"),
        ({"data": form(colour="red")}, 422, "/colour"),
        ({"data": form(confidence="2")}, 422, "/confidence"),
        ({"data": {"picture": (io.BytesIO(JPEG), "x.jpg")}}, 422, "/image"),
        ({"data": {**form(), "second": (io.BytesIO(JPEG), "y.jpg")}}, 422, "/image"),
        ({"data": b"--x\r\n", "content_type": "multipart/form-data; boundary=x"}, 422, "/image"),
        ({"data": b"", "content_type": "multipart/form-data"}, 422, "/image"),
        ({"data": b"x" * 26_000_000, "content_type": "application/json"}, 413, "/image"),
        (
            {"data": b"x" * 17_500_000, "content_type": "multipart/form-data; boundary=x"},
            413,
            "/image",
        ),
    ],
)
def test_requests_that_make_no_sense_are_refused(
    operator: Browser, sent: dict[str, Any], status: int, pointer: str | None
) -> None:
    body = problem_of(operator.post(DETECT, **sent), status)
    pointers = {item["pointer"] for item in body.get("errors", [])}
    assert pointers == (set() if pointer is None else {pointer})


def test_who_may_send_pictures(app: Flask, viewer: Browser, house: DetectionHouse) -> None:
    problem_of(Browser(app).post(DETECT, json={"image": text()}), 401)
    problem_of(viewer.post(DETECT, json={"image": text()}), 403)
    problem_of(viewer.post(f"{DETECT}/1"), 403)
    assert house.seen == []


def test_too_many_are_told_to_wait(app: Flask, operator: Browser) -> None:
    account = str(add_user(app, "eager", Role.OPERATOR))
    eager = logged_in(app, "eager")
    with app.app_context():
        for _ in range(int(RATE.split()[0])):
            throttle().use(account=account, purpose=DETECTION, rate=RATE)
        with pytest.raises(TooManyRequests):
            throttle().use(account=account, purpose=DETECTION, rate=RATE)
    answer = eager.post(DETECT, json={"image": text()})
    problem_of(answer, 429)
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert eager.get("/api/auth/me").status_code == 200, "nothing else is held up"
    assert operator.post(DETECT, json={"image": text()}).status_code == 200, "and nobody else"


def test_a_busy_desk_says_when_to_come_back(operator: Browser, house: DetectionHouse) -> None:
    house.failure = UnavailableError("Much to do.", retry_after_s=3)
    answer = operator.post(DETECT, json={"image": text()})
    assert problem_of(answer, 503)["detail"] == "Much to do."
    assert answer.headers["Retry-After"] == "3"


def test_without_any_detector_the_reason_is_given(tmp_path: Path) -> None:
    app = make_app(tmp_path, CROWDSAFE_OFFLINE=True, YOLO_MODEL="none.onnx")
    add_user(app, "operator", Role.OPERATOR)
    answer = logged_in(app, "operator").post(DETECT, json={"image": text()})
    assert answer.status_code == 503
    assert answer.json["type"] == "/problems/model-unavailable"
    assert "none.onnx" in answer.json["detail"]
    services_of(app).models.close()
    services_of(app).engine.dispose()


def test_the_fallback_is_named_with_its_remedy(operator: Browser, house: DetectionHouse) -> None:
    house.model = builders.model_info(name="ssdlite-pedestrian", reduced_accuracy=True)
    body = operator.post(DETECT, json={"image": text()}).json
    assert body["trust"] == "degraded"
    assert body["model"]["reduced_accuracy"] is True
    assert "remedy" in body["model"]


# ── a camera ───────────────────────────────────────────────────────────────────────────────


def test_a_camera_that_does_not_run_is_opened_for_a_moment(
    operator: Browser, house: DetectionHouse, camera_id: int
) -> None:
    source = ScriptedSource([builders.frame()])
    house.show(source)
    answer = operator.post(f"{DETECT}/{camera_id}")
    assert answer.status_code == 200, answer.text
    body = answer.json
    assert (body["camera_id"], body["is_running"], body["span"]) == (camera_id, False, None)
    assert len(body["detections"]) == 2
    assert body["captured_at"].startswith("2026-01-01T12:00:00")
    assert source.is_closed


def test_a_span_and_a_picture_of_a_camera(
    operator: Browser, house: DetectionHouse, camera_id: int
) -> None:
    for _ in range(2):
        house.show(ScriptedSource([builders.frame(index=n, stream_time_s=n) for n in range(3)]))
    body = operator.post(f"{DETECT}/{camera_id}", json={"duration_seconds": 60}).json
    assert body["span"]["pictures"] >= 1
    assert body["count"] == body["span"]["mean"]
    answer = operator.post(f"{DETECT}/{camera_id}", headers={"Accept": "image/jpeg"})
    assert answer.content_type == "image/jpeg"


def test_a_source_that_does_not_open_is_explained(
    operator: Browser, house: DetectionHouse, camera_id: int
) -> None:
    lost = SourceLostError("rtsp://admin:hunter2@127.0.0.1/live refused the connection.")
    house.show(ScriptedSource([], opening=lost))
    body = problem_of(operator.post(f"{DETECT}/{camera_id}"), 502)
    assert "hunter2" not in body["detail"]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"json": {"duration_seconds": 0.5}}, 422),
        ({"json": {"duration_seconds": 61}}, 422),
        ({"json": {"duration_seconds": "Infinity"}}, 422),
        ({"json": {"image": text()}}, 422),
        ({"json": {"model": "other.onnx"}}, 422),
        ({"data": b"{", "content_type": "application/json"}, 400),
        ({"data": b"x=1", "content_type": "text/plain"}, 415),
        ({"data": form()}, 415),
    ],
)
def test_options_of_a_look_are_checked(
    operator: Browser, camera_id: int, sent: dict[str, Any], status: int
) -> None:
    problem_of(operator.post(f"{DETECT}/{camera_id}", **sent), status)


def test_cameras_that_are_not_there(operator: Browser) -> None:
    problem_of(operator.post(f"{DETECT}/4711"), 404)
    problem_of(operator.post(f"{DETECT}/{10**30}"), 404)
    problem_of(operator.post(f"{DETECT}/x"), 404)


# ── the document ───────────────────────────────────────────────────────────────────────────


def test_the_document_tells_it_all(viewer: Browser) -> None:
    document = viewer.get("/api/openapi.json").json
    schemas = document["components"]["schemas"]
    for path, name, bodies in (
        (DETECT, "Detection", {"application/json", "multipart/form-data"}),
        (f"{DETECT}/{{camera_id}}", "CameraDetection", {"application/json"}),
    ):
        route = document["paths"][path]["post"]
        assert route["x-required-role"] == "operator"
        assert set(route["requestBody"]["content"]) == bodies
        assert {"400", "422", "429", "503"} < set(route["responses"])
        good = route["responses"]["200"]["content"]
        assert list(good) == ["application/json", "image/jpeg"]
        example = good["application/json"]["example"]
        assert set(example) == set(schemas[name]["properties"])
        assert set(example["detections"][0]) == set(schemas["Person"]["properties"])
        assert "application/problem+json" in route["responses"]["415"]["content"]
