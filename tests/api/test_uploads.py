"""Uploads over HTTP: streamed to the disk, refused in plain words."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from backend.db.accounts import Role
from tests.api.conftest import logged_in
from tests.builders import write_video
from tests.web import Browser, add_user, make_app, services_of


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """An application without weights, whose uploads may have one megabyte."""
    made = make_app(
        tmp_path, CROWDSAFE_OFFLINE=True, YOLO_MODEL="none.onnx", CROWDSAFE_MAX_UPLOAD_MB=1
    )
    for role in Role:
        add_user(made, role.value, role)
    yield made
    base = services_of(made)
    base.manager.stop_all()
    base.recorder.stop()
    base.engine.dispose()


@pytest.fixture
def operator(app: Flask) -> Browser:
    return logged_in(app, "operator")


@pytest.fixture
def clip(operator: Browser) -> int:
    answer = operator.post("/api/cameras/", json={"name": "Clip", "source_type": "upload"})
    assert answer.json is not None
    return int(answer.json["id"])


def send(browser: Browser, camera_id: int, fields: dict[str, Any]) -> Any:
    parts = {
        name: FileStorage(io.BytesIO(value[0].getvalue()), value[1], name)
        if isinstance(value, tuple)
        else value
        for name, value in fields.items()
    }
    boundary, body = encode_multipart(parts)  # as bytes: the client's own file stays open
    return browser.post(
        f"/api/cameras/{camera_id}/upload",
        data=body,
        content_type=f"multipart/form-data; boundary={boundary}",
    )


def files_in(app: Flask) -> list[Path]:
    return sorted((services_of(app).settings.home / "uploads").glob("*"))


@pytest.fixture
def video(tmp_path: Path) -> bytes:
    return write_video(tmp_path / "small.mp4", frames=30).read_bytes()


def test_a_video_is_accepted_and_described(
    app: Flask, operator: Browser, clip: int, video: bytes
) -> None:
    answer = send(
        operator,
        clip,
        {
            "video": (io.BytesIO(video), "../my clip.mp4"),
            "recorded_at": "2024-05-01T12:00:00+02:00",
        },
    )
    assert answer.status_code == 202, answer.text
    job = answer.json["job"]
    assert job["original_name"] == "my clip.mp4"
    assert job["size_bytes"] == len(video)
    assert job["recorded_at"] == "2024-05-01T10:00:00+00:00"
    assert job["frames_total"] == 30
    (stored,) = files_in(app)
    assert stored.read_bytes() == video
    assert stored.parent == services_of(app).settings.home / "uploads"


@pytest.mark.parametrize(
    ("fields", "status", "pointer", "word"),
    [
        ({}, 422, "/video", "multipart"),
        ({"film": (io.BytesIO(b"x"), "x.mp4")}, 422, "/video", "multipart"),
        ({"video": (io.BytesIO(b""), "x.mp4")}, 422, "/video", "empty"),
        ({"video": (io.BytesIO(b"no film" * 99), "x.mp4")}, 422, "/video", "x.mp4"),
        ({"video": (io.BytesIO(b"x"), "x"), "colour": "red"}, 422, "/colour", "colour"),
        (
            {"video": (io.BytesIO(b"x"), "x.mp4"), "recorded_at": "yesterday"},
            422,
            "/recorded_at",
            "2026",
        ),
    ],
    ids=["nothing", "other-field", "empty", "no-video", "extra-field", "bad-time"],
)
def test_refusals_in_plain_words_leave_no_file(
    app: Flask,
    operator: Browser,
    clip: int,
    fields: dict[str, Any],
    status: int,
    pointer: str,
    word: str,
) -> None:
    answer = send(operator, clip, dict(fields))
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (status, pointer)
    assert word in answer.json["detail"]
    assert ".part" not in answer.text
    assert files_in(app) == []


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_start_beyond_the_calendar_is_refused(operator: Browser, clip: int, time: str) -> None:
    answer = send(operator, clip, {"video": (io.BytesIO(b"x"), "a.mp4"), "recorded_at": time})
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == "/recorded_at"


def test_two_videos_at_once_are_refused(app: Flask, operator: Browser, clip: int) -> None:
    answer = send(
        operator, clip, {"video": (io.BytesIO(b"x"), "a"), "more": (io.BytesIO(b"y"), "b")}
    )
    assert answer.status_code == 422
    assert files_in(app) == []


@pytest.mark.parametrize("megabytes", [1.5, 3])
def test_too_large_is_413_whether_announced_or_found_out(
    app: Flask, operator: Browser, clip: int, megabytes: float
) -> None:
    body = io.BytesIO(b"\x00" * int(megabytes * 2**20))
    answer = send(operator, clip, {"video": (body, "big.mp4")})
    assert answer.status_code == 413, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert files_in(app) == []


def test_a_body_that_is_no_form_is_refused(operator: Browser, clip: int) -> None:
    answer = operator.post(
        f"/api/cameras/{clip}/upload", data=b"raw video", content_type="video/mp4"
    )
    assert answer.status_code == 422
    broken = operator.post(
        f"/api/cameras/{clip}/upload",
        data=b"--x\r\nContent-Disposition: form-data; name=video; filename=a\r\n\r\nhalf",
        content_type="multipart/form-data; boundary=x",
    )
    assert broken.status_code in {400, 422}
