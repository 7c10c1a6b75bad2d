"""Metrics, incidents and recordings over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from backend.core.risk import RiskLevel
from backend.db.cameras import Recording
from backend.pipeline.metric_row import make_row
from tests import builders
from tests.builders import EPOCH
from tests.services.alert_world import crowding
from tests.web import Browser, services_of


@pytest.fixture(autouse=True)
def _stop_what_frames_started(app: Flask) -> Iterator[None]:
    yield
    services_of(app).recorder.stop()
    services_of(app).frames.stop()


def fetch(browser: Browser, path: str, **rest: Any) -> Any:
    """Get a file and close it, as a browser does."""
    answer = browser.get(path, **rest)
    assert isinstance(answer.data, bytes)
    answer.close()
    return answer


@pytest.fixture
def gate(admin: Browser) -> int:
    answer = admin.post(
        "/api/cameras/",
        json={"name": "Gate", "source_type": "rtsp", "source": "rtsp://127.0.0.1:9/x"},
    )
    assert answer.json is not None
    return int(answer.json["id"])


def store(app: Flask, camera_id: int, *, seconds: int) -> None:
    rows = [
        make_row(
            builders.snapshot(
                camera_id=camera_id,
                stream_time_s=float(second),
                crowd=builders.metrics(count=float(second)),
            ),
            builders.assessment(),
        )
        for second in range(seconds)
    ]
    services_of(app).metrics.write_rows(rows)


def raise_alert(app: Flask, camera_id: int, level: RiskLevel) -> None:
    base = services_of(app)
    snapshot = builders.snapshot(
        camera_id=camera_id,
        crowd=builders.metrics(count=100.0),
        risk=crowding(level),
        published_mono_s=base.clock.monotonic(),
    )
    base.bus.publish(snapshot, builders.frame(captured_mono_s=base.clock.monotonic()))
    base.alert_manager.step()


def test_stored_seconds_are_paged_and_filtered(app: Flask, viewer: Browser, gate: int) -> None:
    store(app, gate, seconds=25)
    page = viewer.get(f"/api/metrics/{gate}?per_page=10&page=3").json
    assert (page["total"], page["page"], page["pages"]) == (25, 3, 3)
    assert [item["count"] for item in page["items"]] == [20, 21, 22, 23, 24]
    item = page["items"][0]
    assert (item["age_s"], item["parts"], item["risk_level"]) == (None, None, "SAFE")
    assert item["density_per_m2"] is None
    start, end = (EPOCH + timedelta(seconds=s) for s in (5, 8))
    some = viewer.get(
        f"/api/metrics/{gate}",
        query_string={"from": start.isoformat(), "to": end.isoformat()},
    ).json
    assert [item["count"] for item in some["items"]] == [5, 6, 7]
    wrong = viewer.get(
        f"/api/metrics/{gate}", query_string={"from": end.isoformat(), "to": start.isoformat()}
    )
    assert (wrong.status_code, wrong.json["errors"][0]["pointer"]) == (422, "/to")
    assert viewer.get(f"/api/metrics/{gate}?per_page=5000").status_code == 422
    assert viewer.get("/api/metrics/999").status_code == 404


def test_current_numbers_or_the_last_stored_ones_marked_unknown(
    app: Flask, viewer: Browser, gate: int
) -> None:
    assert viewer.get(f"/api/metrics/{gate}/current").status_code == 404
    store(app, gate, seconds=3)
    old = viewer.get(f"/api/metrics/{gate}/current").json
    assert (old["count"], old["trust"]) == (2.0, "unknown")
    assert old["age_s"] > 3
    raise_alert(app, gate, RiskLevel.SAFE)
    live = viewer.get(f"/api/metrics/{gate}/current").json
    assert (live["count"], live["trust"]) == (100.0, "ok")
    assert set(live["parts"]) >= {"density", "weighted"}
    assert viewer.get(f"/api/cameras/{gate}").json["current"]["count"] == 100.0


def test_an_incident_is_seen_acknowledged_and_resolved(
    app: Flask, operator: Browser, viewer: Browser, gate: int
) -> None:
    raise_alert(app, gate, RiskLevel.WARNING)
    listed = viewer.get("/api/alerts/?status=ACTIVE&level=WARNING").json
    (alert,) = listed["items"]
    assert (alert["place_name"], alert["level"], alert["origin"]) == ("Gate", "WARNING", "LIVE")
    assert alert["causes"][0]["limit"] == 4.0
    assert alert["has_snapshot"] is True
    picture = fetch(viewer, f"/api/alerts/{alert['id']}/snapshot")
    assert picture.data.startswith(b"\xff\xd8")
    assert viewer.get("/api/alerts/unacknowledged/count").json == {"count": 1}
    path = f"/api/alerts/{alert['id']}"
    for verb in ("acknowledge", "resolve"):
        assert viewer.post(f"{path}/{verb}", json={}).status_code == 403
    seen = operator.post(f"{path}/acknowledge", json={"note": "on my way"}).json
    assert (seen["status"], seen["acknowledged_by"]) == ("ACKNOWLEDGED", "operator")
    assert operator.post(f"{path}/acknowledge", json={}).status_code == 409
    assert operator.post(f"{path}/resolve", json={"note": "x", "mood": 1}).status_code == 422
    assert operator.post(f"{path}/resolve", json={"note": "fine"}).json["status"] == "RESOLVED"
    detail = viewer.get(path).json
    assert [event["kind"] for event in detail["events"]] == ["opened", "acknowledged", "resolved"]
    assert detail["deliveries"] == []
    assert viewer.get("/api/alerts/unacknowledged/count").json == {"count": 0}


def test_a_critical_place_is_not_resolved_by_a_click(
    app: Flask, operator: Browser, gate: int
) -> None:
    raise_alert(app, gate, RiskLevel.CRITICAL)
    refused = operator.post("/api/alerts/1/resolve", json={})
    assert (refused.status_code, refused.json["type"]) == (409, "/problems/conflict")
    assert "CRITICAL" in refused.json["detail"]


@pytest.mark.parametrize(
    "query", ["status=OPEN", "level=HIGH", "camera_id=x", "from=yesterday", "colour=red", "page=0"]
)
def test_a_filter_that_means_nothing_is_refused(viewer: Browser, query: str) -> None:
    assert viewer.get(f"/api/alerts/?{query}").status_code == 422


@pytest.fixture
def segment(app: Flask, gate: int) -> int:
    base = services_of(app)
    file = base.settings.home / "recordings" / "camera-1" / "x.mp4"
    file.parent.mkdir(parents=True)
    file.write_bytes(bytes(range(256)) * 4)
    with base.session_factory() as session, session.begin():
        row = Recording(
            camera_id=gate,
            run_id=1,
            path="camera-1/x.mp4",
            started_at=EPOCH,
            ended_at=EPOCH,
            width=640,
            height=360,
            size_bytes=1024,
            is_open=False,
        )
        session.add(row)
        session.flush()
        return row.id


def test_a_recording_is_played_in_parts_and_downloaded(viewer: Browser, segment: int) -> None:
    listed = viewer.get("/api/recordings/?camera_id=1").json
    assert [item["id"] for item in listed["items"]] == [segment]
    path = f"/api/recordings/{segment}/video"
    whole = fetch(viewer, path)
    assert (whole.status_code, whole.mimetype, len(whole.data)) == (200, "video/mp4", 1024)
    assert "attachment" not in whole.headers.get("Content-Disposition", "")
    assert whole.headers["Accept-Ranges"] == "bytes"
    part = fetch(viewer, path, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.data) == (206, bytes(range(10, 20)))
    assert part.headers["Content-Range"] == "bytes 10-19/1024"
    assert fetch(viewer, path, headers={"Range": "bytes=5000-"}).status_code == 416
    saved = fetch(viewer, f"{path}?download=1")
    assert saved.headers["Content-Disposition"].startswith("attachment; filename=Gate-2026")


def test_deleting_a_recording_is_for_operators(
    app: Flask, viewer: Browser, operator: Browser, segment: int
) -> None:
    path = f"/api/recordings/{segment}"
    assert viewer.delete(path).status_code == 403
    assert operator.delete(path).status_code == 204
    assert viewer.get(path).status_code == 404
    assert viewer.get(f"{path}/video").status_code == 404
    assert not (services_of(app).settings.home / "recordings/camera-1/x.mp4").exists()


def test_every_route_is_documented_with_its_role(viewer: Browser) -> None:
    document: dict[str, Any] = viewer.get("/api/openapi.json").json
    for path, operations in document["paths"].items():
        if not path.startswith(("/api/cameras", "/api/metrics", "/api/alerts", "/api/recordings")):
            continue
        for method, operation in operations.items():
            if method not in {"get", "post", "put", "delete"}:
                continue
            assert operation.get("x-required-role"), f"{method} {path}"
            assert operation.get("summary"), f"{method} {path}"
