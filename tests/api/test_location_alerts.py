"""A location of two cameras over HTTP: full, told of, acknowledged, clear again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from backend.core.snapshot import Snapshot
from tests import builders
from tests.api.conftest import logged_in
from tests.builders import ManualClock
from tests.web import Browser, services_of


class Site:
    """Two cameras before one hall for ten people."""

    def __init__(self, app: Flask, clock: ManualClock) -> None:
        self.base = services_of(app)
        self.clock = clock
        self.operator = logged_in(app, "operator")
        self.admin = logged_in(app, "admin")
        self.cameras = [self._camera(name) for name in ("North", "South")]
        answer = self.admin.post(
            "/api/locations/",
            json={
                "name": "Hall",
                "capacity": 10,
                "areas": [{"camera_id": camera_id} for camera_id in self.cameras],
            },
        )
        assert answer.json is not None
        assert answer.status_code == 201, answer.json
        self.hall = int(answer.json["id"])

    def _camera(self, name: str) -> int:
        body = {"name": name, "source_type": "rtsp", "source": "rtsp://127.0.0.1:9/x"}
        body |= {"record": False}
        answer = self.admin.post("/api/cameras/", json=body)
        assert answer.json is not None
        return int(answer.json["id"])

    def see(self, *counts: float, seconds: int) -> None:
        """Have the cameras see so many people; fewer counts than cameras: the others are silent."""
        for _ in range(seconds):
            self.clock.advance(1)
            for camera_id, count in zip(self.cameras, counts, strict=False):
                self.base.bus.publish(self._frame(camera_id, count), builders.frame())
            self.base.location_watch.step()
            self.base.alert_manager.step()

    def _frame(self, camera_id: int, count: float) -> Snapshot:
        return builders.snapshot(
            camera_id=camera_id,
            sequence=int(self.clock.monotonic()),
            crowd=builders.metrics(count=count),
            published_mono_s=self.clock.monotonic(),
        )

    def incidents(self, **query: object) -> list[dict[str, object]]:
        answer = self.operator.get("/api/alerts/", query_string={"location": self.hall} | query)
        assert answer.json is not None
        found: list[dict[str, object]] = answer.json["items"]
        return found


@pytest.fixture
def site(timed_app: Flask, manual_clock: ManualClock) -> Iterator[Site]:
    yield Site(timed_app, manual_clock)
    services_of(timed_app).recorder.stop()
    services_of(timed_app).frames.stop()


def test_a_full_location_is_told_of_acknowledged_and_cleared(site: Site) -> None:
    site.see(5, 3, seconds=15)
    (alert,) = site.incidents()
    assert (alert["level"], alert["place_name"], alert["family"]) == ("CAUTION", "Hall", "capacity")
    assert (alert["camera_id"], alert["location_id"]) == (None, site.hall)
    site.see(6, 5, seconds=15)
    (alert,) = site.incidents(level="WARNING")
    path = f"/api/alerts/{alert['id']}"
    assert site.operator.post(f"{path}/acknowledge", json={}).status_code == 200
    site.see(2, 1, seconds=70)
    (alert,) = site.incidents(status="RESOLVED")
    assert alert["resolved_by"] is None
    detail = site.operator.get(path).json
    assert detail is not None
    assert [event["kind"] for event in detail["events"]] == [
        "opened",
        "escalated",
        "acknowledged",
        "cleared",
    ]


def test_a_lost_camera_clears_nothing(site: Site) -> None:
    site.see(6, 5, seconds=15)
    site.see(seconds=120)
    assert {alert["status"] for alert in site.incidents()} == {"ACTIVE"}
    answer = site.operator.get(f"/api/locations/{site.hall}").json
    assert answer is not None
    numbers = answer["numbers"]
    assert (numbers["current_count"], numbers["trust"]) == (11, "unknown")
    assert numbers["risk_level"] == "WARNING"


def test_a_location_that_goes_takes_its_incidents_with_it(site: Site) -> None:
    site.see(6, 5, seconds=15)
    assert site.admin.delete(f"/api/locations/{site.hall}").status_code == 204
    site.see(6, 5, seconds=2)
    (alert,) = site.incidents()
    assert (alert["status"], alert["resolve_note"]) == ("RESOLVED", "The location was deleted.")


def test_a_camera_that_is_deleted_is_counted_no_longer(site: Site) -> None:
    site.see(6, 5, seconds=3)
    assert site.admin.delete(f"/api/cameras/{site.cameras[1]}").status_code == 204
    site.see(6, seconds=2)
    answer = site.operator.get(f"/api/locations/{site.hall}").json
    assert answer is not None
    assert answer["numbers"]["current_count"] == 6
    assert answer["numbers"]["count_high"] is None


def test_health_says_that_locations_are_watched(site: Site) -> None:
    site.see(1, 1, seconds=1)
    answer = site.admin.get("/api/system/health").json
    assert answer is not None
    (check,) = [check for check in answer["checks"] if check["name"] == "locations"]
    assert (check["status"], check["reason"]) == ("ok", "1 watched")


def test_a_filter_that_names_no_location_is_refused(operator: Browser) -> None:
    assert operator.get("/api/alerts/?location=hall").status_code == 422
