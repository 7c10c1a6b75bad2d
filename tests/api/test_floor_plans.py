"""Floor plans over HTTP: sent, shown, named, scaled, deleted; who may, and what is refused."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from backend.db.accounts import AuditEntry
from backend.db.cameras import Camera
from backend.db.locations import LocationArea, LocationRow
from backend.services.floor_plans.service import MOST_PLANS
from tests.builders import EPOCH
from tests.vision import still_pictures as given
from tests.web import Browser, services_of

PATH = "/api/floor-plans/"
WH = (400, 300)
PLAN = given.png(WH)


def send(browser: Browser, content: bytes = PLAN, *, file: str = "plan", **form: str) -> Any:
    picture = FileStorage(io.BytesIO(content), "../../plan.svg", file)
    boundary, body = encode_multipart({file: picture, **form})  # as bytes: no file stays open
    return browser.post(PATH, data=body, content_type=f"multipart/form-data; boundary={boundary}")


def files_of(app: Flask) -> list[Path]:
    return sorted((services_of(app).settings.home / "uploads" / "floor_plans").glob("*"))


@pytest.fixture
def plan(admin: Browser) -> dict[str, Any]:
    """A stored plan, 80 m wide."""
    answer = send(admin, name="Main hall", width_m="80")
    assert answer.status_code == 201, answer.text
    stored: dict[str, Any] = answer.json
    return stored


def stand_on(app: Flask, plan_id: int, *names: str) -> None:
    """Put locations on a plan, each with an outline and an area that has one."""
    with services_of(app).session_factory() as session, session.begin():
        camera = Camera(
            name="Gate", source_type="rtsp", created_at=EPOCH, updated_at=EPOCH, source_display=""
        )
        session.add(camera)
        for name in names:
            row = LocationRow(
                name=name,
                entry_valid_s=900,
                floor_plan_id=plan_id,
                map_x=0.5,
                map_y=0.25,
                outline=[[0, 0], [1, 0], [1, 1]],
                created_at=EPOCH,
                updated_at=EPOCH,
            )
            session.add(row)
            session.flush()
            outline = [[0, 0], [1, 0], [1, 1]]
            session.add(
                LocationArea(
                    location_id=row.id, position=0, camera_id=camera.id, map_outline=outline
                )
            )


def test_a_plan_is_sent_listed_and_shown(app: Flask, viewer: Browser, plan: dict[str, Any]) -> None:
    shown = {name: plan[name] for name in ("id", "name", "width_px", "height_px", "created_by")}
    assert shown == {
        "id": 1,
        "name": "Main hall",
        "width_px": 400,
        "height_px": 300,
        "created_by": "admin",
    }
    assert (plan["width_m"], plan["height_m"]) == (80.0, 60.0)
    assert viewer.get(PATH).json == {"items": [plan], "total": 1, "page": 1, "pages": 1}
    assert viewer.get(f"{PATH}1").json == plan
    (file,) = files_of(app)
    assert file.suffix == ".png"
    assert file.stat().st_size == plan["size_bytes"]


def test_a_plan_without_a_scale_has_no_metres(admin: Browser) -> None:
    answer = send(admin, name="  Yard \n south ", width_m="")
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"{PATH}1"
    assert (answer.json["name"], answer.json["width_m"], answer.json["height_m"]) == (
        "Yard south",
        None,
        None,
    )


def test_its_picture_is_sent_once_to_those_who_are_logged_in(
    app: Flask, viewer: Browser, plan: dict[str, Any]
) -> None:
    path = f"{PATH}{plan['id']}/image"
    with viewer.get(path) as answer:
        assert (answer.status_code, answer.content_type) == (200, "image/png")
        assert Image.open(io.BytesIO(answer.data), formats=["PNG"]).size == WH
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    tag = answer.headers["ETag"]
    with viewer.get(path, headers={"If-None-Match": tag}) as again:
        assert (again.status_code, again.data) == (304, b"")
    assert Browser(app).get(path).status_code == 401
    (file,) = files_of(app)
    file.unlink()
    missing = viewer.get(path)
    assert missing.status_code == 404
    assert "upload it again" in missing.json["detail"]


@pytest.mark.parametrize(
    ("content", "form", "status", "pointer", "words"),
    [
        (PLAN, {}, 422, "/name", "Give the plan a name"),
        (PLAN, {"name": " \n"}, 422, "/name", "1 to 80"),
        (PLAN, {"name": "x" * 81}, 422, "/name", "1 to 80"),
        (PLAN, {"name": "Hall", "width_m": "wide"}, 422, "/width_m", "in metres"),
        (PLAN, {"name": "Hall", "width_m": "nan"}, 422, "/width_m", "1 to 100,000 m"),
        (PLAN, {"name": "Hall", "width_m": "0.5"}, 422, "/width_m", "1 to 100,000 m"),
        (PLAN, {"name": "Hall", "colour": "red"}, 422, "/colour", ""),
        (b"", {"name": "Hall"}, 422, "/plan", "empty"),
        (given.HOSTILE["svg"][0], {"name": "Hall"}, 415, "/plan", "Export a drawing"),
        (given.HOSTILE["pdf"][0], {"name": "Hall"}, 415, "/plan", "Export a drawing"),
        (given.HOSTILE["bomb"][0], {"name": "Hall"}, 413, "/plan", "50000 × 50000"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_kept(
    app: Flask,
    admin: Browser,
    content: bytes,
    form: dict[str, str],
    status: int,
    pointer: str,
    words: str,
) -> None:
    answer = send(admin, content, **form)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert answer.json["errors"][0]["pointer"] == pointer
    assert words in answer.json["errors"][0]["detail"] + answer.json["detail"]
    assert files_of(app) == []
    assert admin.get(PATH).json["total"] == 0


def test_too_many_bytes_are_refused_unread_and_read(admin: Browser) -> None:
    for megabytes in (10.2, 12):
        answer = send(admin, PLAN + bytes(int(megabytes * 2**20)), name="Hall")
        assert answer.status_code == 413
        assert "10 MB" in answer.json["detail"]


def test_only_one_file_of_the_right_name(admin: Browser) -> None:
    assert send(admin, file="image", name="Hall").json["errors"][0]["pointer"] == "/plan"
    two = {"plan": [(io.BytesIO(PLAN), "a"), (io.BytesIO(PLAN), "b")], "name": "Hall"}
    answer = admin.post(PATH, data=two, content_type="multipart/form-data")
    assert (answer.status_code, answer.json["errors"][0]["detail"]) == (
        422,
        "Send one plan at a time.",
    )
    assert admin.post(PATH, json={"name": "Hall"}).status_code == 422


def test_name_and_scale_change_and_names_stay_unique(
    app: Flask, admin: Browser, plan: dict[str, Any]
) -> None:
    assert send(admin, name="main HALL").status_code == 409
    assert len(files_of(app)) == 1
    assert send(admin, name="Yard").status_code == 201
    refused = admin.patch(f"{PATH}2", json={"name": "MAIN hall"})
    assert (refused.status_code, "Choose another name" in refused.json["detail"]) == (409, True)
    changed = admin.patch(f"{PATH}1", json={"name": "MAIN hall", "width_m": None})
    assert (changed.json["name"], changed.json["width_m"]) == ("MAIN hall", None)
    wrong = admin.patch(f"{PATH}1", json={"width_m": 0})
    assert wrong.json["errors"][0]["pointer"] == "/width_m"
    assert admin.patch(f"{PATH}1", json={"stored_name": "x"}).status_code == 422
    assert admin.patch(f"{PATH}9", json={"name": "x"}).status_code == 404
    with services_of(app).session_factory() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.object_type == "floor_plan"))
        told = [(entry.action, entry.before, entry.after) for entry in entries]
    assert told[-1] == (
        "floor_plan.update",
        {"name": "Main hall", "width_m": 80.0},
        {"name": "MAIN hall", "width_m": None},
    )


def test_a_plan_nothing_stands_on_is_deleted_with_its_file(
    app: Flask, admin: Browser, plan: dict[str, Any]
) -> None:
    assert admin.delete(f"{PATH}1").status_code == 204
    assert files_of(app) == []
    assert admin.get(f"{PATH}1").status_code == 404
    assert admin.delete(f"{PATH}1").status_code == 404
    assert send(admin, name="Main hall").json["id"] == 2


def test_a_plan_locations_stand_on_needs_to_be_meant(
    app: Flask, admin: Browser, plan: dict[str, Any]
) -> None:
    stand_on(app, 1, "Stage", "Square")
    refused = admin.delete(f"{PATH}1")
    assert refused.status_code == 409
    assert "'Square', 'Stage' stand on the plan 'Main hall'" in refused.json["detail"]
    assert admin.delete(f"{PATH}1?force=maybe").status_code == 422
    assert len(files_of(app)) == 1
    assert admin.delete(f"{PATH}1?force=true").status_code == 204
    with services_of(app).session_factory() as session:
        rows = session.scalars(select(LocationRow)).all()
        places = [(row.floor_plan_id, row.map_x, row.map_y, row.outline) for row in rows]
        assert places == [(None, None, None, [])] * 2
        assert [row.version for row in rows] == [2, 2]
        assert [area.map_outline for area in session.scalars(select(LocationArea))] == [[], []]


def test_there_is_an_end_to_plans(app: Flask, admin: Browser) -> None:
    small = given.png((100, 100))
    for number in range(MOST_PLANS):
        assert send(admin, small, name=f"Plan {number}").status_code == 201
    answer = send(admin, small, name="One more")
    assert (answer.status_code, "Delete one" in answer.json["detail"]) == (409, True)
    assert len(files_of(app)) == MOST_PLANS


def test_only_administrators_change_plans(
    operator: Browser, viewer: Browser, plan: dict[str, Any]
) -> None:
    for browser in (operator, viewer):
        assert send(browser, name="Mine").status_code == 403
        assert browser.patch(f"{PATH}1", json={"name": "Mine"}).status_code == 403
        assert browser.delete(f"{PATH}1").status_code == 403
        assert browser.get(PATH).json["total"] == 1


def test_pictures_without_a_row_are_gone_after_a_restart(
    app: Flask, admin: Browser, plan: dict[str, Any]
) -> None:
    (file,) = files_of(app)
    stray = file.with_name("stray.png")
    stray.write_bytes(PLAN)
    base = services_of(app)
    assert base.floor_plans.prune(older_than=base.clock.now().replace(year=2100)) == 1
    assert files_of(app) == [file]
