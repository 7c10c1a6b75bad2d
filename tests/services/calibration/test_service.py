"""Calibrating cameras: versions, permissions, restarts, landmarks, damage."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sqlalchemy import update

from backend.core.calibration import CalibrationMethod
from backend.core.camera import CameraState, SourceInfo, SourceType
from backend.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
)
from backend.core.measurements import CrowdPicture
from backend.core.snapshot import CameraStatus
from backend.crowd.calibration import GroundPlane, MonitoredGround
from backend.crowd.reliability import MAX_AREA_SPREAD
from backend.db.accounts import AuditEntry
from backend.db.calibrations import CalibrationVersion
from backend.services.calibration.draft import CalibrationDraft, MarkedPoint
from backend.services.calibration.landmarks import unpack_landmarks
from backend.services.calibration.stored import SOURCE_CHANGED, UNREADABLE
from backend.services.camera_rules import CameraFields
from backend.services.camera_views import CameraView
from tests import builders
from tests.services.calibration.test_draft import CORNERS, HEIGHTS, MARKS, POINTS, RECTANGLE
from tests.services.camera_world import (
    ADMIN,
    OPERATOR,
    OTHER_OPERATOR,
    SECRET_SOURCE,
    VIEWER,
    CameraWorld,
)

AREA_M2 = 72.0
INSIDE = replace(POINTS, monitored_area=CORNERS)


@pytest.fixture
def gate(cameras: CameraWorld) -> CameraView:
    """A stored camera nobody has started."""
    return cameras.cameras.create(
        ADMIN, {"name": "Gate", "source_type": SourceType.RTSP, "source": SECRET_SOURCE}
    )


def running(world: CameraWorld, camera_id: int, width: int, height: int) -> None:
    """Publish the state of a running camera."""
    source = SourceInfo(width, height, 25.0, None, None, "h264", "rtsp")
    world.bus.publish_status(CameraStatus(camera_id, CameraState.RUNNING, source=source))


def walk_through(world: CameraWorld, camera_id: int, people: int = 200) -> None:
    """Let people of 1.70 m walk through a camera 6 m up that looks down by 20°."""
    wh, focal, tilt, up = (1280, 720), 1108.5, np.radians(20.0), 6.0
    away = np.linspace(8.0, 30.0, people)

    def row(z_m: float) -> Any:
        down = np.arctan2(up - z_m, away)
        return wh[1] / 2 + focal * np.tan(down - tilt)

    feet, heads = row(0.0), row(1.7)
    for number in range(people):
        x = 100.0 + 5.0 * number
        half = (feet[number] - heads[number]) / 6
        box = (x - half, float(heads[number]), x + half, float(feet[number]))
        snapshot = builders.snapshot(
            camera_id=camera_id,
            stream_time_s=2.0 * number,
            picture=CrowdPicture(builders.track_views(box, first_id=number)),
            picture_wh=wh,
        )
        world.people.take(snapshot)


def test_an_uncalibrated_camera_says_so(cameras: CameraWorld, gate: CameraView) -> None:
    view = cameras.calibrations.get(VIEWER, gate.id)
    assert (view.calibrated, view.version, view.area_m2, view.fault) == (False, None, None, "")
    assert cameras.calibrations.versions(VIEWER, gate.id) == []
    assert gate.calibration is None
    with pytest.raises(NotFoundError):
        cameras.calibrations.get(VIEWER, 99)


def test_points_put_metres_on_the_ground(cameras: CameraWorld, gate: CameraView) -> None:
    view = cameras.calibrations.put(ADMIN, gate.id, INSIDE)
    assert (view.calibrated, view.version, view.method) == (True, 1, "points")
    assert view.area_m2 == pytest.approx(AREA_M2)
    assert view.homography is not None
    plane = GroundPlane.from_matrix(np.array(view.homography))
    assert plane.to_world(np.array([CORNERS[2]])) == pytest.approx(np.array([[6.0, 12.0]]))
    assert view.rms_error_m is None, "four points leave nothing to compare"
    assert view.area_spread is not None
    assert 0.001 < view.area_spread < 0.2
    assert (view.points, view.monitored_area) == (MARKS, CORNERS)
    assert (view.trust, view.created_by, view.created_at) == ("ok", "ada", cameras.clock.now())
    assert cameras.calibrations.get(VIEWER, gate.id) == view
    summary = cameras.cameras.get(VIEWER, gate.id).calibration
    assert summary is not None
    assert (summary.version, summary.method, summary.trust) == (1, "points", "ok")


def test_a_rectangle_does_the_same(cameras: CameraWorld, gate: CameraView) -> None:
    draft = replace(RECTANGLE, monitored_area=CORNERS)
    view = cameras.calibrations.put(ADMIN, gate.id, draft)
    assert view.area_m2 == pytest.approx(AREA_M2)
    assert (view.rectangle, view.points) == (RECTANGLE.rectangle, None)


def test_more_points_show_their_error(cameras: CameraWorld, gate: CameraView) -> None:
    # the middle of the rectangle is not where its picture's corners would have it
    fifth = replace(MARKS[0], image=(321.0, 190.0), world=(3.0, 5.2))
    view = cameras.calibrations.put(ADMIN, gate.id, replace(INSIDE, points=(*MARKS, fifth)))
    assert view.rms_error_m is not None
    assert 0 < view.rms_error_m < 2


def test_the_stored_area_is_the_one_densities_rest_on(
    cameras: CameraWorld, gate: CameraView
) -> None:
    view = cameras.calibrations.put(ADMIN, gate.id, replace(POINTS, walkable_area=CORNERS))
    cameras.cameras.start(ADMIN, gate.id)
    calibration = cameras.engine.running[gate.id].calibration
    assert calibration is not None
    _, ground = MonitoredGround.from_calibration(calibration, (1280, 720))
    assert ground.area_m2 == pytest.approx(view.area_m2)


def test_every_change_is_a_version_and_none_is_lost(cameras: CameraWorld, gate: CameraView) -> None:
    service = cameras.calibrations
    service.put(ADMIN, gate.id, INSIDE)
    cameras.clock.advance(60)
    assert service.put(ADMIN, gate.id, RECTANGLE).version == 2
    cameras.clock.advance(60)
    service.remove(ADMIN, gate.id)
    assert service.get(VIEWER, gate.id).calibrated is False
    with pytest.raises(NotFoundError, match="not calibrated"):
        service.remove(ADMIN, gate.id)
    cameras.clock.advance(60)
    assert service.put(ADMIN, gate.id, INSIDE).version == 3
    newest, second, first = service.versions(VIEWER, gate.id)
    assert (newest.version, newest.ended_at) == (3, None)
    assert (second.method, second.created_by) == ("rectangle", "ada")
    assert first.ended_at == second.created_at
    assert second.ended_at is not None
    assert newest.created_at > second.ended_at


def test_a_change_is_audited_with_before_and_after(cameras: CameraWorld, gate: CameraView) -> None:
    cameras.calibrations.put(ADMIN, gate.id, INSIDE)
    cameras.calibrations.put(ADMIN, gate.id, RECTANGLE)
    cameras.calibrations.remove(ADMIN, gate.id)
    with cameras.database() as session:
        entries = session.query(AuditEntry).order_by(AuditEntry.id).all()[1:]
    assert [entry.action for entry in entries] == [
        "camera.calibrate",
        "camera.calibrate",
        "camera.uncalibrate",
    ]
    assert (entries[0].before, entries[2].after) == (None, None)
    assert entries[1].before is not None and entries[1].after is not None
    assert (entries[1].before["version"], entries[1].after["version"]) == (1, 2)
    assert entries[1].before["inputs"]["points"][0]["world"] == [0.0, 0.0]


def test_a_preview_stores_nothing(cameras: CameraWorld, gate: CameraView) -> None:
    cameras.cameras.start(ADMIN, gate.id)
    view = cameras.calibrations.preview(ADMIN, gate.id, INSIDE)
    assert view.area_m2 == pytest.approx(AREA_M2)
    assert (view.calibrated, view.version, view.created_at) == (True, None, None)
    assert cameras.calibration_rows(gate.id) == []
    assert cameras.engine.log == [f"start {gate.id}"]


def test_who_may_manage_a_camera_may_calibrate_it(cameras: CameraWorld, gate: CameraView) -> None:
    clip = cameras.cameras.create(OPERATOR, {"name": "Clip", "source_type": SourceType.UPLOAD})
    service = cameras.calibrations
    changes: tuple[Callable[..., object], ...] = (
        lambda actor, camera_id: service.put(actor, camera_id, INSIDE),
        lambda actor, camera_id: service.preview(actor, camera_id, INSIDE),
        service.remove,
    )
    for change in changes:
        for actor, camera_id in ((VIEWER, gate.id), (OPERATOR, gate.id), (OTHER_OPERATOR, clip.id)):
            with pytest.raises(PermissionDeniedError):
                change(actor, camera_id)
        with pytest.raises(NotFoundError):
            change(VIEWER, clip.id)
    assert service.put(OPERATOR, clip.id, INSIDE).created_by == "olga"
    for look in (service.get, service.versions):
        with pytest.raises(NotFoundError):
            look(VIEWER, clip.id)
    with pytest.raises(NotFoundError):
        service.automatic(VIEWER, clip.id, None)


def test_a_running_camera_restarts_with_the_new_version(
    cameras: CameraWorld, gate: CameraView
) -> None:
    cameras.calibrations.put(ADMIN, gate.id, INSIDE)
    assert cameras.engine.log == []
    cameras.cameras.start(ADMIN, gate.id)
    first = cameras.engine.running[gate.id].calibration
    assert first is not None
    assert (first.version, first.picture_wh, first.monitored_px) == (1, (640, 360), CORNERS)
    cameras.calibrations.put(ADMIN, gate.id, RECTANGLE)
    second = cameras.engine.running[gate.id].calibration
    assert second is not None
    assert (second.version, second.monitored_px) == (2, None)
    assert cameras.engine.log == [f"start {gate.id}", f"stop {gate.id}", f"start {gate.id}"]
    cameras.calibrations.remove(ADMIN, gate.id)
    assert cameras.engine.running[gate.id].calibration is None


def test_a_picture_of_another_shape_than_the_running_stream_is_refused(
    cameras: CameraWorld, gate: CameraView
) -> None:
    running(cameras, gate.id, 640, 480)
    with pytest.raises(InvalidInputError, match="640 × 480") as caught:
        cameras.calibrations.put(ADMIN, gate.id, INSIDE)
    assert caught.value.field == "/picture_wh"
    running(cameras, gate.id, 1920, 1080)
    cameras.calibrations.put(ADMIN, gate.id, INSIDE)
    cameras.bus.publish_status(CameraStatus(gate.id, CameraState.STOPPED))
    cameras.calibrations.put(ADMIN, gate.id, INSIDE)


@pytest.mark.parametrize(
    ("draft", "field", "words"),
    [
        (replace(POINTS, points=(*MARKS[:3], MARKS[0])), "/points", "same place"),
        (
            replace(
                POINTS,
                points=tuple(
                    replace(mark, image=(100.0 + 50 * n, 200.0)) for n, mark in enumerate(MARKS)
                ),
            ),
            "/points",
            "line",
        ),
        (
            replace(
                RECTANGLE,
                rectangle=replace(
                    RECTANGLE.rectangle,  # type: ignore[type-var]
                    corners=(CORNERS[0], CORNERS[2], CORNERS[1], CORNERS[3]),
                ),
            ),
            "/rectangle/corners",
            "crossed|order",
        ),
        (
            replace(INSIDE, walkable_area=((0.0, 0.0), (20.0, 0.0), (20.0, 10.0))),
            "walkable_area",
            "touch",
        ),
        (
            replace(POINTS, monitored_area=((0.0, 0.0), (20.0, 0.0), (20.0, 10.0))),
            "monitored_area",
            "area",
        ),
    ],
)
def test_what_solves_to_nonsense_is_refused_at_the_input_it_came_from(
    cameras: CameraWorld, gate: CameraView, draft: Any, field: str, words: str
) -> None:
    for act in (cameras.calibrations.put, cameras.calibrations.preview):
        with pytest.raises(InvalidInputError, match=words) as caught:
            act(ADMIN, gate.id, draft)
        assert caught.value.field == field
    assert cameras.calibration_rows(gate.id) == []


def test_heights_need_people(cameras: CameraWorld, gate: CameraView) -> None:
    with pytest.raises(ConflictError, match="Nobody has been seen"):
        cameras.calibrations.automatic(VIEWER, gate.id, None)
    with pytest.raises(ConflictError, match="Nobody has been seen"):
        cameras.calibrations.put(ADMIN, gate.id, HEIGHTS)
    walk_through(cameras, gate.id, people=5)
    with pytest.raises(ConflictError, match="5 whole people"):
        cameras.calibrations.automatic(VIEWER, gate.id, None)
    with pytest.raises(InvalidInputError, match="field of view") as caught:
        cameras.calibrations.automatic(VIEWER, gate.id, 300.0)
    assert caught.value.field == "field_of_view_deg"


def test_people_walking_through_calibrate_a_camera(cameras: CameraWorld, gate: CameraView) -> None:
    walk_through(cameras, gate.id)
    found = cameras.calibrations.automatic(VIEWER, gate.id, 60.0)
    assert found.picture_wh == (1280, 720)
    assert found.camera_height_m == pytest.approx(6.0, rel=0.05)
    assert found.tilt_deg == pytest.approx(20.0, abs=1.0)
    assert (found.people_given, found.field_of_view_assumed) == (200, False)
    assert found.trust == "estimated"
    assumed = cameras.calibrations.automatic(VIEWER, gate.id, None)
    assert assumed.field_of_view_assumed
    assert assumed.area_spread > found.area_spread
    assert cameras.calibration_rows(gate.id) == [], "an estimate is stored by nobody"


def test_an_estimate_is_stored_with_its_evidence(cameras: CameraWorld, gate: CameraView) -> None:
    walk_through(cameras, gate.id)
    # the editor may show a smaller picture of the same shape
    view = cameras.calibrations.put(ADMIN, gate.id, replace(HEIGHTS, field_of_view_deg=None))
    found = cameras.calibrations.automatic(VIEWER, gate.id, None)
    assert (view.trust, view.field_of_view_deg, view.picture_wh) == ("estimated", None, (640, 360))
    assert view.evidence is not None
    assert view.evidence.people_used == found.people_used
    assert view.evidence.field_of_view_assumed
    assert view.evidence.horizon_y_px == pytest.approx(found.horizon_y_px / 2, abs=2)
    assert view.notes == found.notes
    assert cameras.calibrations.get(VIEWER, gate.id) == view
    with cameras.database() as session, session.begin():
        session.execute(update(CalibrationVersion).values(evidence={"crowd": 7}))
    other = cameras.calibrations.get(VIEWER, gate.id)
    assert (other.calibrated, other.evidence, other.area_m2) == (True, None, view.area_m2)
    part = replace(HEIGHTS, monitored_area=((0.0, 200.0), (640.0, 200.0), (640.0, 360.0)))
    smaller = cameras.calibrations.put(ADMIN, gate.id, part)
    assert smaller.area_m2 is not None and view.area_m2 is not None
    assert smaller.area_m2 < view.area_m2


def test_people_seen_in_another_shape_of_picture_do_not_count(
    cameras: CameraWorld, gate: CameraView
) -> None:
    walk_through(cameras, gate.id)
    with pytest.raises(ConflictError, match="another shape"):
        cameras.calibrations.put(ADMIN, gate.id, replace(HEIGHTS, picture_wh=(640, 480)))


def test_another_source_shows_other_people(cameras: CameraWorld, gate: CameraView) -> None:
    walk_through(cameras, gate.id)
    cameras.cameras.update(ADMIN, gate.id, {"name": "North gate"})
    assert cameras.people.seen(gate.id) is not None
    cameras.cameras.update(ADMIN, gate.id, {"source": "rtsp://c/2"})
    assert cameras.people.seen(gate.id) is None


def test_the_picture_that_was_clicked_in_gives_the_landmarks(
    cameras: CameraWorld, gate: CameraView
) -> None:
    cameras.show(gate.id, (200.0, 100.0, 300.0, 300.0))
    view = cameras.calibrations.put(ADMIN, gate.id, INSIDE)
    assert view.has_background
    (row,) = cameras.calibration_rows(gate.id)
    assert row.background is not None
    x, y = unpack_landmarks(row.background).points_px.T
    assert len(x) >= 40
    assert not ((x > 200) & (x < 300) & (y > 100) & (y < 300)).any(), "people are no landmarks"
    cameras.cameras.start(ADMIN, gate.id)
    calibration = cameras.engine.running[gate.id].calibration
    assert calibration is not None
    assert calibration.background is not None
    assert len(calibration.background.points_px) == len(x)


def test_a_picture_of_another_shape_gives_none(cameras: CameraWorld, gate: CameraView) -> None:
    cameras.show(gate.id)
    square = replace(POINTS, picture_wh=(640, 480), monitored_area=CORNERS)
    assert cameras.calibrations.put(ADMIN, gate.id, square).has_background is False


def test_landmarks_that_are_missing_are_stored_once_a_clean_picture_comes(
    cameras: CameraWorld, gate: CameraView
) -> None:
    assert cameras.calibrations.put(ADMIN, gate.id, INSIDE).has_background is False
    cameras.scenery.step()
    cameras.cameras.start(ADMIN, gate.id)
    moved = CameraStatus(gate.id, CameraState.RUNNING, calibration_fault="It was moved.")
    cameras.bus.publish_status(moved)
    cameras.show(gate.id)
    cameras.scenery.step()
    assert cameras.calibrations.get(VIEWER, gate.id).has_background is False
    assert cameras.calibrations.get(VIEWER, gate.id).fault == "It was moved."
    running(cameras, gate.id, 640, 360)
    cameras.clock.advance(60)
    cameras.scenery.step()
    assert cameras.calibrations.get(VIEWER, gate.id).has_background is False, "an old picture"
    cameras.show(gate.id)
    cameras.scenery.step()
    assert cameras.calibrations.get(VIEWER, gate.id).has_background
    assert cameras.engine.log == [f"start {gate.id}"], "nothing restarts for it"
    (row,) = cameras.calibration_rows(gate.id)
    cameras.scenery.step()
    assert cameras.calibration_rows(gate.id)[0].background == row.background


def test_landmarks_of_an_earlier_version_are_not_taken_for_the_next(
    cameras: CameraWorld, gate: CameraView
) -> None:
    cameras.show(gate.id)
    cameras.calibrations.put(ADMIN, gate.id, INSIDE)
    cameras.frames.clear()
    assert cameras.calibrations.put(ADMIN, gate.id, INSIDE).has_background is False
    first, second = cameras.calibration_rows(gate.id)
    assert (first.background is None, second.background is None) == (False, True)


def test_the_fault_of_the_running_camera_is_shown(cameras: CameraWorld, gate: CameraView) -> None:
    cameras.calibrations.put(ADMIN, gate.id, INSIDE)
    fault = CameraStatus(
        gate.id, CameraState.RUNNING, "It was moved.", calibration_fault="It was moved."
    )
    cameras.bus.publish_status(fault)
    view = cameras.calibrations.get(VIEWER, gate.id)
    assert (view.fault, view.trust) == ("It was moved.", "unknown")
    summary = cameras.cameras.get(VIEWER, gate.id).calibration
    assert summary is not None
    assert summary.trust == "unknown"
    cameras.bus.publish_status(replace(fault, state=CameraState.STOPPED))
    assert cameras.calibrations.get(VIEWER, gate.id).fault == ""


def test_another_source_takes_the_calibration_out_of_belief_until_it_is_saved_again(
    cameras: CameraWorld, gate: CameraView
) -> None:
    cameras.show(gate.id)
    cameras.calibrations.put(ADMIN, gate.id, INSIDE)
    cameras.cameras.start(ADMIN, gate.id)
    cameras.cameras.update(ADMIN, gate.id, {"source": "rtsp://10.0.0.9/other"})
    started = cameras.engine.running[gate.id].calibration
    assert started is not None
    assert (started.version, started.fault) == (1, SOURCE_CHANGED)
    assert started.background is None, "another scene would only look like a moved camera"
    view = cameras.calibrations.get(VIEWER, gate.id)
    assert (view.calibrated, view.fault, view.trust) == (True, SOURCE_CHANGED, "unknown")
    status = cameras.cameras.get(VIEWER, gate.id).status
    assert status.calibration_fault == SOURCE_CHANGED

    learnt = cameras.calibration_rows(gate.id)[0].background
    cameras.show(gate.id)
    cameras.scenery.step()
    assert cameras.calibration_rows(gate.id)[0].background == learnt

    cameras.calibrations.put(ADMIN, gate.id, INSIDE)
    view = cameras.calibrations.get(VIEWER, gate.id)
    assert (view.version, view.fault, view.trust) == (2, "", "ok")
    started = cameras.engine.running[gate.id].calibration
    assert started is not None
    assert started.fault == ""


def test_another_scene_is_not_learnt(cameras: CameraWorld, gate: CameraView) -> None:
    cameras.calibrations.put(ADMIN, gate.id, INSIDE)
    cameras.cameras.start(ADMIN, gate.id)
    cameras.cameras.update(ADMIN, gate.id, {"source": "rtsp://10.0.0.9/other"})
    cameras.show(gate.id)
    cameras.scenery.step()
    assert cameras.calibration_rows(gate.id)[0].background is None


def test_a_doubt_outlives_the_process_and_the_former_source(
    cameras: CameraWorld, gate: CameraView
) -> None:
    cameras.calibrations.put(ADMIN, gate.id, INSIDE)
    cameras.cameras.update(ADMIN, gate.id, {"source": "rtsp://10.0.0.9/other"})
    after = cameras.restart()
    assert after.calibrations.get(VIEWER, gate.id).fault == SOURCE_CHANGED
    summary = after.cameras.get(VIEWER, gate.id).calibration
    assert summary is not None
    assert summary.trust == "unknown"
    after.cameras.update(ADMIN, gate.id, {"source": SECRET_SOURCE})
    assert after.calibrations.get(VIEWER, gate.id).fault == SOURCE_CHANGED, "nobody looked"


def test_new_credentials_are_no_new_source(cameras: CameraWorld, gate: CameraView) -> None:
    address = SECRET_SOURCE.rpartition("@")[2]
    cameras.calibrations.put(ADMIN, gate.id, INSIDE)
    walk_through(cameras, gate.id)
    changes: tuple[CameraFields, ...] = (
        {"source": f"rtsp://new:secret@{address}"},
        {"name": "North gate"},
    )
    for change in changes:
        cameras.cameras.update(ADMIN, gate.id, change)
        assert cameras.calibrations.get(VIEWER, gate.id).fault == ""
    assert cameras.people.seen(gate.id) is not None


def test_another_video_is_judged_by_landmarks_and_doubted_without(cameras: CameraWorld) -> None:
    clip = cameras.cameras.create(ADMIN, {"name": "Clip", "source_type": SourceType.UPLOAD})
    cameras.send(clip, b"video", actor=ADMIN)
    assert cameras.calibrations.put(ADMIN, clip.id, INSIDE).has_background is False
    cameras.send(clip, b"another video", actor=ADMIN)
    assert cameras.calibrations.get(ADMIN, clip.id).fault == SOURCE_CHANGED
    cameras.show(clip.id, run_id=cameras.camera_row(clip.id).run_count)
    assert cameras.calibrations.put(ADMIN, clip.id, INSIDE).has_background
    cameras.send(clip, b"a third video", actor=ADMIN)
    assert cameras.calibrations.get(ADMIN, clip.id).fault == ""


def test_a_picture_of_before_gives_no_landmarks(cameras: CameraWorld, gate: CameraView) -> None:
    cameras.show(gate.id)
    cameras.clock.advance(60)
    assert cameras.calibrations.put(ADMIN, gate.id, INSIDE).has_background is False, "an old one"
    cameras.show(gate.id, run_id=1)
    for _ in range(2):
        cameras.cameras.start(ADMIN, gate.id)
        cameras.cameras.stop(ADMIN, gate.id)
    assert cameras.calibrations.put(ADMIN, gate.id, INSIDE).has_background is False, "another run"


def test_the_trust_shown_is_the_trust_measured_with(cameras: CameraWorld, gate: CameraView) -> None:
    floor = {(100, 400): (-1.46, 3.43), (668, 400): (1.46, 3.43)}
    floor |= {(560, 320): (1.14, 4.32), (208, 320): (-1.14, 4.32)}
    marks = tuple(MarkedPoint(image, world) for image, world in floor.items())
    near = CalibrationDraft(
        method=CalibrationMethod.POINTS, picture_wh=(768, 432), points=marks
    )  # near points, but the whole picture is monitored
    tried = cameras.calibrations.preview(ADMIN, gate.id, near)
    assert tried.area_spread is not None
    assert tried.area_spread > MAX_AREA_SPREAD
    assert (tried.trust, tried.version, tried.created_at) == ("estimated", None, None)
    assert cameras.calibrations.put(ADMIN, gate.id, near).trust == "estimated"
    summary = cameras.cameras.get(VIEWER, gate.id).calibration
    assert summary is not None
    assert summary.trust == "estimated"


DAMAGES: dict[str, dict[str, Any]] = {
    "no numbers": {"homography": ["a"] * 9},
    "too few": {"homography": [1.0, 2.0]},
    "a line": {"homography": [1.0] * 9},
    "nothing": {"homography": None},
    "method": {"method": "guess"},
    "inputs": {"inputs": {"points": [{"image": [1]}]}},
    "no inputs": {"inputs": []},
    "outline": {"inputs": {"monitored_area": [[0, 0], [5, 5], [0, 5], [5, 0]]}},
    "picture": {"picture_width": 0},
    "spread": {"length_spread": -1.0},
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_calibration_never_keeps_its_camera_from_running(
    cameras: CameraWorld,
    gate: CameraView,
    caplog: pytest.LogCaptureFixture,
    damage: dict[str, Any],
) -> None:
    cameras.calibrations.put(ADMIN, gate.id, INSIDE)
    with cameras.database() as session, session.begin():
        session.execute(update(CalibrationVersion).values(**damage))
    with caplog.at_level(logging.ERROR):
        view = cameras.cameras.start(ADMIN, gate.id)
    assert cameras.engine.running[gate.id].calibration is None
    assert "calibration.unreadable camera=" in caplog.text
    assert view.status.calibration_fault == UNREADABLE
    running(cameras, gate.id, 640, 360)
    assert cameras.live.status(gate.id).message == UNREADABLE
    shown = cameras.calibrations.get(VIEWER, gate.id)
    assert shown.fault == UNREADABLE
    assert (shown.calibrated, shown.trust) in {(False, None), (True, "unknown")}
    summary = cameras.cameras.get(VIEWER, gate.id).calibration
    assert summary is not None
    assert summary.trust == "unknown"
    again = cameras.calibrations.put(ADMIN, gate.id, INSIDE)
    assert (again.version, again.fault) == (2, "")
    assert cameras.engine.running[gate.id].calibration is not None


def test_damaged_landmarks_are_learnt_again(cameras: CameraWorld, gate: CameraView) -> None:
    cameras.show(gate.id)
    cameras.calibrations.put(ADMIN, gate.id, INSIDE)
    with cameras.database() as session, session.begin():
        session.execute(update(CalibrationVersion).values(background=b"CSBG?"))
    cameras.cameras.start(ADMIN, gate.id)
    calibration = cameras.engine.running[gate.id].calibration
    assert calibration is not None
    assert calibration.background is None


def test_calibrations_go_with_their_camera_and_stay_without_their_author(
    cameras: CameraWorld, gate: CameraView
) -> None:
    other = cameras.cameras.create(OPERATOR, {"name": "Clip", "source_type": SourceType.UPLOAD})
    cameras.calibrations.put(ADMIN, gate.id, INSIDE)
    cameras.calibrations.put(OPERATOR, other.id, INSIDE)
    cameras.cameras.delete(ADMIN, gate.id)
    assert cameras.calibration_rows(gate.id) == []
    with cameras.database() as session, session.begin():
        session.execute(AuditEntry.__table__.delete())
        session.connection().exec_driver_sql("DELETE FROM users WHERE username = 'olga'")
    assert cameras.calibrations.get(ADMIN, other.id).created_by is None
