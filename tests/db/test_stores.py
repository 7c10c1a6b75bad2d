"""Queries: pages, who may see what, and what is left out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from backend.core.camera import JobState
from backend.db import alert_store, camera_store, metric_store, outbox, recording_store
from backend.db.accounts import User
from backend.db.alert_store import AlertFilter
from backend.db.alerts import Alert, Delivery
from backend.db.base import SessionFactory, make_session_factory
from backend.db.camera_store import EVERYTHING, Viewpoint
from backend.db.cameras import AnalysisJob, Camera, Recording
from tests.builders import EPOCH
from tests.database import make_engine

OWNER, STRANGER = Viewpoint(1, sees_all=False), Viewpoint(2, sees_all=False)


@pytest.fixture
def database() -> Iterator[SessionFactory]:
    """A live camera 1 and an upload 2 of user 1, an incident of each and of deleted ones."""
    engine = make_engine()
    factory = make_session_factory(engine)
    with factory() as session, session.begin():
        for user_id in (1, 2):
            session.add(
                User(id=user_id, username=f"u{user_id}", password_hash="x", created_at=EPOCH)
            )
        session.flush()
        for camera_id, kind in ((1, "rtsp"), (2, "upload")):
            session.add(
                Camera(
                    id=camera_id,
                    name=f"Camera {camera_id}",
                    source_type=kind,
                    owner_id=1,
                    should_run=True,
                    created_at=EPOCH,
                    updated_at=EPOCH,
                )
            )
        session.flush()
        for number, (camera, origin) in enumerate(
            ((1, "LIVE"), (2, "RECORDED"), (None, "LIVE"), (None, "RECORDED"))
        ):
            session.add(_alert(camera, origin, number))
    yield factory
    engine.dispose()


def _alert(camera_id: int | None, origin: str, number: int) -> Alert:
    at = EPOCH + timedelta(minutes=number)
    return Alert(
        camera_id=camera_id,
        place_name="x",
        family="crowding",
        level=number,
        peak_level=number,
        origin=origin,
        cause="density",
        message="",
        causes=[],
        metrics={},
        trust="ok",
        opened_at=at,
        updated_at=at,
    )


def _metric(camera_id: int, second: int) -> dict[str, Any]:
    return {
        "camera_id": camera_id,
        "run_id": 1,
        "at": EPOCH + timedelta(seconds=second),
        "stream_time_s": float(second),
        "count": float(second),
        "count_low": 0.0,
        "risk_level": "SAFE",
        "causes": [],
        "trust": "ok",
    }


def test_uploads_are_hidden_from_strangers(database: SessionFactory) -> None:
    with database() as session:
        assert [c.id for c in camera_store.list_cameras(session, OWNER)] == [1, 2]
        assert [c.id for c in camera_store.list_cameras(session, STRANGER)] == [1]
        assert camera_store.find_camera(session, 2, STRANGER) is None
        assert [c.id for c in camera_store.cameras_to_start(session)] == [1], "uploads are jobs"


def test_incidents_of_hidden_and_deleted_uploads_are_hidden(database: SessionFactory) -> None:
    def seen(viewpoint: Viewpoint, wanted: AlertFilter | None = None) -> list[str]:
        with database() as session:
            page = alert_store.list_alerts(
                session, viewpoint, wanted or AlertFilter(), page=1, per_page=10
            )
            return [f"{row.camera_id} {row.origin}" for row in page.items]

    assert seen(EVERYTHING) == ["None RECORDED", "None LIVE", "2 RECORDED", "1 LIVE"]
    assert seen(OWNER) == ["None LIVE", "2 RECORDED", "1 LIVE"]
    assert seen(STRANGER) == ["None LIVE", "1 LIVE"]
    assert seen(EVERYTHING, AlertFilter(min_level=2)) == ["None RECORDED", "None LIVE"]
    assert seen(EVERYTHING, AlertFilter(level=1)) == ["2 RECORDED"]
    between = AlertFilter(start=EPOCH, end=EPOCH + timedelta(minutes=1))
    assert seen(EVERYTHING, between) == ["1 LIVE"]
    with database() as session:
        assert alert_store.count_unacknowledged(session, STRANGER) == 2
        assert [row.camera_id for row in alert_store.open_alerts(session)] == [1, 2]


def test_metrics_are_paged_and_deleted_cameras_left_out(database: SessionFactory) -> None:
    rows = [_metric(1, second) for second in range(25)] + [_metric(99, 0)]
    with database() as session, session.begin():
        assert metric_store.insert_metrics(session, rows) == 25
        assert metric_store.insert_metrics(session, []) == 0
    with database() as session:
        page = metric_store.list_metrics(session, 1, start=None, end=None, page=3, per_page=10)
        assert ([row.count for row in page.items], page.total, page.pages) == (
            [20, 21, 22, 23, 24],
            25,
            3,
        )
        empty = metric_store.list_metrics(session, 2, start=None, end=None, page=1, per_page=10)
        assert (empty.items, empty.pages) == ([], 0)
        newest = metric_store.latest_metric(session, 1)
        assert newest is not None
        assert newest.count == 24
        assert metric_store.last_run_id(session, 1) == 1
        assert metric_store.last_run_id(session, 2) == 0
    with database() as session, session.begin():
        metric_store.delete_runs_before(session, 1, 2)
    with database() as session:
        assert metric_store.latest_metric(session, 1) is None


def test_deleting_a_camera_takes_its_rows_but_not_its_incidents(database: SessionFactory) -> None:
    with database() as session, session.begin():
        metric_store.insert_metrics(session, [_metric(2, 0)])
        session.add(AnalysisJob(camera_id=2, state=JobState.QUEUED.value, stored_name="a.video"))
        session.add(Recording(camera_id=2, run_id=1, path="x", started_at=EPOCH, width=1, height=1))
    with database() as session:
        assert camera_store.stored_names(session) == {"a.video"}
        assert recording_store.all_paths(session) == {"x"}
        assert [job.camera_id for job in camera_store.unfinished_jobs(session)] == [2]
    with database() as session, session.begin():
        session.delete(session.get(Camera, 2))
    with database() as session:
        assert camera_store.find_job(session, 2) is None
        assert metric_store.latest_metric(session, 2) is None
        assert recording_store.recordings_of(session, 2) == []
        everything = AlertFilter()
        page = alert_store.list_alerts(session, EVERYTHING, everything, page=1, per_page=10)
        assert page.total == 4


def test_a_notification_is_queued_once(database: SessionFactory) -> None:
    def delivery() -> Delivery:
        return Delivery(
            channel="telegram",
            dedupe_key="same",
            payload={},
            created_at=EPOCH,
            next_attempt_at=EPOCH,
        )

    with database() as session, session.begin():
        assert outbox.add_delivery(session, delivery())
        session.flush()
        assert not outbox.add_delivery(session, delivery())
    with database() as session:
        assert outbox.count_by_state(session) == {"PENDING": 1, "SENT": 0, "FAILED": 0}
        assert outbox.oldest_pending_at(session) == EPOCH
