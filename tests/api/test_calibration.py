"""Calibration over HTTP: shapes, refusals, roles, and the real thing behind it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from flask import Flask
from sqlalchemy import select

from backend.core.camera import CameraState, SourceInfo
from backend.core.measurements import CrowdPicture
from backend.core.snapshot import CameraStatus
from backend.db.calibrations import CalibrationVersion
from tests import builders
from tests.api.conftest import logged_in
from tests.web import Browser, services_of

CORNERS = [[100, 340], [540, 340], [420, 120], [220, 120]]
GROUND = [[0, 0], [6, 0], [6, 12], [0, 12]]
POINTS: dict[str, Any] = {
    "method": "points",
    "picture_wh": [640, 360],
    "points": [{"image": i, "world": w} for i, w in zip(CORNERS, GROUND, strict=True)],
    "monitored_area": CORNERS,
}
RECTANGLE: dict[str, Any] = {
    "method": "rectangle",
    "picture_wh": [640, 360],
    "rectangle": {"corners": CORNERS, "width_m": 6, "length_m": 12},
}
HEIGHTS: dict[str, Any] = {"method": "heights", "picture_wh": [1280, 720]}
FIELDS = {
    "calibrated",
    "camera_id",
    "version",
    "method",
    "picture_wh",
    "points",
    "rectangle",
    "field_of_view_deg",
    "monitored_area",
    "walkable_area",
    "homography",
    "area_m2",
    "rms_error_m",
    "length_spread",
    "area_spread",
    "trust",
    "notes",
    "evidence",
    "created_at",
    "created_by",
    "has_background",
    "fault",
}


@pytest.fixture(autouse=True)
def _stop_what_frames_started(app: Flask) -> Iterator[None]:
    yield
    services_of(app).recorder.stop()
    services_of(app).frames.stop()


@pytest.fixture
def path(admin: Browser) -> str:
    """Address of the calibration of a camera nobody has started."""
    answer = admin.post(
        "/api/cameras/",
        json={"name": "Gate", "source_type": "rtsp", "source": "rtsp://127.0.0.1:9/x"},
    )
    assert answer.json is not None
    return f"/api/cameras/{answer.json['id']}/calibration"


def show(app: Flask, *boxes: tuple[float, float, float, float]) -> None:
    """Publish one analysed frame full of landmarks."""
    base = services_of(app)
    now_s = base.clock.monotonic()
    snapshot = builders.snapshot(
        picture=CrowdPicture(builders.track_views(*boxes)),
        picture_wh=(640, 360),
        published_mono_s=now_s,
    )
    base.bus.publish(
        snapshot, builders.frame(picture=builders.scenery(640, 360), captured_mono_s=now_s)
    )


def walk_through(app: Flask, *, people: int) -> None:
    """Publish people of 1.70 m in the picture of a camera 5 m up that looks down by 25°."""
    bus, frame = services_of(app).bus, builders.frame()
    for number, away in enumerate(np.linspace(6.0, 25.0, people)):
        foot, head = (
            360 + 1108.5 * np.tan(np.arctan2(5.0 - z, away) - np.radians(25.0)) for z in (0.0, 1.7)
        )
        x = 100.0 + 5.0 * number
        box = (x - 10.0, float(head), x + 10.0, float(foot))
        tracks = builders.track_views(box, first_id=number)
        snapshot = builders.snapshot(
            stream_time_s=2.0 * number, picture=CrowdPicture(tracks), picture_wh=(1280, 720)
        )
        bus.publish(snapshot, frame)


def pointers(answer: Any) -> list[str]:
    assert answer.headers["Content-Type"] == "application/problem+json"
    return [entry["pointer"] for entry in answer.json["errors"]]


def test_a_camera_is_calibrated_looked_at_and_uncalibrated(
    admin: Browser, viewer: Browser, path: str
) -> None:
    nothing = viewer.get(path).json
    assert set(nothing) == FIELDS
    assert (nothing["calibrated"], nothing["camera_id"], nothing["fault"]) == (False, 1, "")
    assert (nothing["version"], nothing["area_m2"], nothing["notes"]) == (None, None, [])
    made = admin.put(path, json=POINTS)
    assert made.status_code == 200, made.text
    assert set(made.json) == FIELDS
    assert made.json["area_m2"] == pytest.approx(72.0)
    assert made.json["points"][2] == {"image": [420.0, 120.0], "world": [6.0, 12.0]}
    assert made.json["monitored_area"] == [[float(x), float(y)] for x, y in CORNERS]
    assert np.array(made.json["homography"]).shape == (3, 3)
    assert (made.json["trust"], made.json["created_by"], made.json["version"]) == ("ok", "admin", 1)
    assert viewer.get(path).json == made.json
    listed = viewer.get("/api/cameras/").json["items"][0]["calibration"]
    assert listed["area_m2"] == pytest.approx(72.0)
    assert set(listed) == {"version", "method", "area_m2", "trust", "created_at"}
    second = admin.put(path, json=RECTANGLE).json
    assert (second["version"], second["rectangle"]["width_m"], second["points"]) == (2, 6.0, None)
    assert admin.delete(path).status_code == 204
    assert viewer.get(path).json == nothing
    assert viewer.get("/api/cameras/1").json["calibration"] is None
    assert admin.delete(path).status_code == 404
    history = viewer.get(f"{path}/versions").json
    assert history["total"] == 2
    assert [item["version"] for item in history["items"]] == [2, 1]
    assert all(item["ended_at"] for item in history["items"])


def test_a_calibration_is_tried_without_storing_it(admin: Browser, path: str) -> None:
    tried = admin.put(f"{path}?dry_run=true", json=POINTS).json
    assert set(tried) == FIELDS
    assert tried["area_m2"] == pytest.approx(72.0)
    assert (tried["calibrated"], tried["version"], tried["created_at"]) == (True, None, None)
    assert admin.get(path).json["calibrated"] is False
    assert admin.put(f"{path}?dry_run=perhaps", json=POINTS).status_code == 422
    assert pointers(admin.put(f"{path}?dryrun=true", json=POINTS)) == ["/dryrun"]


def without(values: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key != name}


NAN_POINT = {"image": [float("nan"), 1], "world": [0, 0]}


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({}, "/method"),
    ({**POINTS, "method": "magic"}, "/method"),
    (without(POINTS, "picture_wh"), "/picture_wh"),
    ({**POINTS, "picture_wh": [640]}, "/picture_wh"),
    ({**POINTS, "picture_wh": [640.5, 360]}, "/picture_wh/0"),
    ({**POINTS, "picture_wh": [10, 10]}, "/picture_wh"),
    ({**POINTS, "colour": "red"}, "/colour"),
    (without(POINTS, "points"), "/points"),
    ({**POINTS, "points": POINTS["points"][:3]}, "/points"),
    ({**POINTS, "points": POINTS["points"] * 300}, "/points"),
    ({**POINTS, "points": [*POINTS["points"][:3], POINTS["points"][0]]}, "/points"),
    ({**POINTS, "points": [*POINTS["points"], {"image": [1, 2]}]}, "/points/4/world"),
    ({**POINTS, "points": [*POINTS["points"], NAN_POINT]}, "/points/4/image/0"),
    (
        {**POINTS, "points": [*POINTS["points"], {"image": [700, 1], "world": [0, 0]}]},
        "/points/4/image",
    ),
    (
        {**POINTS, "points": [*POINTS["points"], {"image": [7, 1], "world": [0, 99999]}]},
        "/points/4/world",
    ),
    ({**POINTS, "rectangle": RECTANGLE["rectangle"]}, "/rectangle"),
    ({**POINTS, "monitored_area": CORNERS[:2]}, "/monitored_area"),
    ({**POINTS, "monitored_area": [CORNERS[i] for i in (0, 2, 1, 3)]}, "/monitored_area"),
    ({**POINTS, "walkable_area": [[0, 0], [1, 0], [900, 5]]}, "/walkable_area/2"),
    ({**POINTS, "walkable_area": [[0, 0], [20, 0], [20, 10]]}, "/walkable_area"),
    (without(RECTANGLE, "rectangle"), "/rectangle"),
    ({**RECTANGLE, "rectangle": {"corners": CORNERS, "width_m": 6}}, "/rectangle/length_m"),
    (
        {**RECTANGLE, "rectangle": {"corners": CORNERS, "width_m": -6, "length_m": 1}},
        "/rectangle/width_m",
    ),
    (
        {**RECTANGLE, "rectangle": {"corners": CORNERS[:3], "width_m": 6, "length_m": 1}},
        "/rectangle/corners",
    ),
    ({**HEIGHTS, "field_of_view_deg": 2}, "/field_of_view_deg"),
]


def test_refusals_point_to_the_value_and_say_why(admin: Browser, path: str) -> None:
    for body, pointer in REFUSED:
        for address in (path, f"{path}?dry_run=true"):
            answer = admin.put(address, json=body)
            assert answer.status_code == 422, (body, answer.text)
            assert pointer in pointers(answer), body
            assert all(entry["detail"] for entry in answer.json["errors"])
    assert admin.get(path).json["calibrated"] is False


def test_nulls_are_as_good_as_nothing(admin: Browser, path: str) -> None:
    body = {**POINTS, "rectangle": None, "field_of_view_deg": None, "walkable_area": None}
    assert admin.put(path, json=body).status_code == 200


def test_roles(app: Flask, admin: Browser, path: str) -> None:
    operator, viewer = logged_in(app, "operator"), logged_in(app, "viewer")
    for browser in (operator, viewer):
        assert browser.put(path, json=POINTS).status_code == 403
        assert browser.put(f"{path}?dry_run=true", json=POINTS).status_code == 403
        assert browser.delete(path).status_code == 403
        assert browser.get(path).status_code == 200
    clip = operator.post("/api/cameras/", json={"name": "Clip", "source_type": "upload"}).json
    own = f"/api/cameras/{clip['id']}/calibration"
    assert operator.put(own, json=POINTS).status_code == 200
    for address in (own, f"{own}/automatic", f"{own}/versions"):
        assert viewer.get(address).status_code == 404
    for address in ("", "/automatic", "/versions"):
        assert admin.get(f"/api/cameras/99/calibration{address}").status_code == 404
    assert admin.put("/api/cameras/99/calibration", json=POINTS).status_code == 404


def test_people_seen_lately_calibrate_a_camera(app: Flask, admin: Browser, path: str) -> None:
    refused = admin.get(f"{path}/automatic")
    assert (refused.status_code, refused.json["type"]) == (409, "/problems/conflict")
    assert "walk through the picture" in refused.json["detail"]
    assert admin.put(path, json=HEIGHTS).status_code == 409
    walk_through(app, people=150)
    angle = admin.get(f"{path}/automatic?field_of_view_deg=300")
    assert (angle.status_code, pointers(angle)) == (422, ["/field_of_view_deg"])
    found = admin.get(f"{path}/automatic?field_of_view_deg=60").json
    assert found["camera_height_m"] == pytest.approx(5.0, rel=0.05)
    assert found["tilt_deg"] == pytest.approx(25.0, abs=1)
    assert (found["trust"], found["field_of_view_assumed"]) == ("estimated", False)
    assert found["people_given"] == 150
    assert found["people_used"] > 100
    assert found["residual_px"] < 2
    assert np.array(found["homography"]).shape == (3, 3)
    tried = admin.put(f"{path}?dry_run=true", json=HEIGHTS).json
    stored = admin.put(path, json=HEIGHTS).json
    assert stored["evidence"] == tried["evidence"]
    assert stored["evidence"]["field_of_view_assumed"] is True
    assert (stored["trust"], stored["field_of_view_deg"], stored["version"]) == (
        "estimated",
        None,
        1,
    )
    assert stored["area_spread"] > found["area_spread"]


def test_the_newest_picture_gives_the_landmarks(app: Flask, admin: Browser, path: str) -> None:
    assert admin.put(path, json=POINTS).json["has_background"] is False
    show(app, (200.0, 100.0, 300.0, 300.0))
    assert admin.put(path, json=POINTS).json["has_background"] is True
    with services_of(app).session_factory() as session:
        rows = session.scalars(select(CalibrationVersion).order_by(CalibrationVersion.id)).all()
        assert [row.background is None for row in rows] == [True, False]


def test_a_stream_of_another_shape_and_a_moved_camera_are_told(
    app: Flask, admin: Browser, path: str
) -> None:
    source = SourceInfo(640, 480, 25.0, None, None, "h264", "rtsp")
    bus = services_of(app).bus
    bus.publish_status(CameraStatus(1, CameraState.RUNNING, source=source))
    answer = admin.put(path, json=POINTS)
    assert (answer.status_code, pointers(answer)) == (422, ["/picture_wh"])
    bus.publish_status(CameraStatus(1, CameraState.STOPPED))
    admin.put(path, json=POINTS)
    bus.publish_status(CameraStatus(1, CameraState.RUNNING, calibration_fault="It was moved."))
    moved = admin.get(path).json
    assert (moved["fault"], moved["trust"], moved["calibrated"]) == (
        "It was moved.",
        "unknown",
        True,
    )
    camera = admin.get("/api/cameras/1").json
    assert camera["status"]["calibration_fault"] == "It was moved."
    assert camera["calibration"]["trust"] == "unknown"


def test_exits_are_given_kept_and_refused_by_name(admin: Browser, path: str) -> None:
    camera = path.removesuffix("/calibration")
    assert admin.get(camera).json["exits"] == []
    ways = [{"width_m": 2.5, "kind": "stairs"}, {"width_m": 4}]
    changed = admin.put(camera, json={"exits": ways}).json
    assert changed["exits"] == [
        {"width_m": 2.5, "kind": "stairs"},
        {"width_m": 4.0, "kind": "level"},
    ]
    assert admin.put(camera, json={"area_m2": 20}).json["exits"] == changed["exits"]
    for wrong, pointer in (
        ([{"width_m": 0.2}], "/exits/0/width_m"),
        ([{"width_m": 1}, {"width_m": 101}], "/exits/1/width_m"),
        ([{"width_m": float("nan")}], "/exits/0/width_m"),
        ([{"width_m": "wide"}], "/exits/0/width_m"),
        ([{"kind": "level"}], "/exits/0/width_m"),
        ([{"width_m": 1, "kind": "lift"}], "/exits/0/kind"),
        ([{"width_m": 1, "colour": "red"}], "/exits/0/colour"),
        ([{"width_m": 1}] * 51, "/exits"),
        (None, "/exits"),
    ):
        answer = admin.put(camera, json={"exits": wrong})
        assert answer.status_code == 422, wrong
        assert pointer in pointers(answer)
    assert admin.put(camera, json={"exits": []}).json["exits"] == []
    new = {"name": "Hall", "source_type": "rtsp", "source": "rtsp://127.0.0.1:9/y", "exits": ways}
    assert len(admin.post("/api/cameras/", json=new).json["exits"]) == 2


def test_deleting_a_camera_deletes_its_calibrations(app: Flask, admin: Browser, path: str) -> None:
    admin.put(path, json=POINTS)
    walk_through(app, people=30)
    assert admin.delete(path.removesuffix("/calibration")).status_code == 204
    with services_of(app).session_factory() as session:
        assert session.scalars(select(CalibrationVersion)).all() == []
    assert admin.get(path).status_code == 404
