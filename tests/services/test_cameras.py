"""Camera use cases: who may, what is refused, what survives a restart."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from backend.core.calibration import Exit, ExitKind
from backend.core.camera import JobState, SourceType
from backend.core.errors import (
    ConflictError,
    IllegalCommandError,
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
)
from backend.core.snapshot import JobProgress
from backend.db.cameras import Camera
from backend.services.camera_rules import CameraFields, ExitFields
from backend.services.camera_views import CameraView, ExitView
from tests.services.camera_world import (
    ADMIN,
    LOST,
    OPERATOR,
    OTHER_OPERATOR,
    SECRET_SOURCE,
    VIEWER,
    CameraWorld,
)


def rtsp(world: CameraWorld, name: str = "Gate", **fields: object) -> CameraView:
    given: dict[str, object] = {
        "name": name,
        "source_type": SourceType.RTSP,
        "source": SECRET_SOURCE,
    }
    return world.cameras.create(ADMIN, CameraFields(**(given | fields)))  # type: ignore[typeddict-item]


def upload(world: CameraWorld, name: str = "Clip") -> CameraView:
    return world.cameras.create(OPERATOR, {"name": name, "source_type": SourceType.UPLOAD})


def test_credentials_are_encrypted_and_never_come_back(cameras: CameraWorld) -> None:
    view = rtsp(cameras)
    assert view.source_display == "rtsp://***@10.0.0.7/live"
    row = cameras.camera_row(view.id)
    assert "hunter2" not in row.source_encrypted + row.source_display
    cameras.cameras.start(OPERATOR, view.id)
    assert cameras.engine.running[view.id].spec.source == SECRET_SOURCE


def test_a_change_without_a_source_keeps_it(cameras: CameraWorld) -> None:
    view = rtsp(cameras)
    changed = cameras.cameras.update(ADMIN, view.id, {"name": "  North   gate ", "area_m2": 40.0})
    assert (changed.name, changed.area_m2) == ("North gate", 40.0)
    cameras.cameras.start(ADMIN, view.id)
    assert cameras.engine.running[view.id].spec.source == SECRET_SOURCE
    assert cameras.engine.running[view.id].area_m2 == 40.0


def test_a_running_camera_restarts_with_a_change_and_only_then(cameras: CameraWorld) -> None:
    view = rtsp(cameras)
    cameras.cameras.start(ADMIN, view.id)
    cameras.cameras.update(ADMIN, view.id, {"name": view.name})
    assert cameras.engine.log == [f"start {view.id}"]
    cameras.cameras.update(ADMIN, view.id, {"record": False})
    assert cameras.engine.log == [f"start {view.id}", f"stop {view.id}", f"start {view.id}"]
    assert cameras.wanted == {view.id: False}
    assert [run for _, run, _ in cameras.engine.started] == [1, 2]


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"name": " "}, "name", "visible"),
        ({"name": "x" * 81}, "name", "80"),
        ({"area_m2": 0.0}, "area_m2", "between 0.5"),
        ({"area_m2": float("nan")}, "area_m2", "between"),
        ({"people_limit": 0}, "people_limit", "people"),
        ({"target_fps": 100.0}, "target_fps", "60"),
        ({"source": ""}, "source", "address"),
        ({"source": "rtsp://forbidden/x"}, "source", "may not be opened"),
        ({"source": "rtsp://a\n/x"}, "source", "visible"),
        ({"loop": True}, "loop", "file"),
    ],
)
def test_refusals_name_field_and_remedy(
    cameras: CameraWorld, fields: dict[str, object], field: str, words: str
) -> None:
    with pytest.raises(InvalidInputError, match=words) as caught:
        rtsp(cameras, **fields)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("exits", "field", "words"),
    [
        ([{"width_m": 1.0, "kind": "level"}, {"width_m": 0.29, "kind": "level"}], 1, "0.3 and 100"),
        ([{"width_m": float("nan"), "kind": "level"}], 0, "0.3 and 100"),
        ([{"width_m": 100.1, "kind": "stairs"}], 0, "0.3 and 100"),
    ],
)
def test_exits_of_impossible_width_are_named(
    cameras: CameraWorld, exits: list[ExitFields], field: int, words: str
) -> None:
    with pytest.raises(InvalidInputError, match=words) as caught:
        rtsp(cameras, exits=exits)
    assert caught.value.field == f"/exits/{field}/width_m"


def test_exits_of_an_impossible_kind_or_number_are_refused(cameras: CameraWorld) -> None:
    view = rtsp(cameras)
    with pytest.raises(InvalidInputError, match="level ground or stairs") as caught:
        cameras.cameras.update(ADMIN, view.id, {"exits": [{"width_m": 1.0, "kind": "lift"}]})
    assert caught.value.field == "/exits/0/kind"
    with pytest.raises(InvalidInputError, match="at most 50"):
        many: list[ExitFields] = [{"width_m": 1.0, "kind": "level"}] * 51
        cameras.cameras.update(ADMIN, view.id, {"exits": many})


def test_a_running_camera_restarts_with_its_exits(
    cameras: CameraWorld, caplog: pytest.LogCaptureFixture
) -> None:
    view = rtsp(cameras)
    assert view.exits == ()
    cameras.cameras.start(ADMIN, view.id)
    assert cameras.engine.running[view.id].exits == ()
    ways: list[ExitFields] = [
        {"width_m": 2.5, "kind": "stairs"},
        {"width_m": 4.0, "kind": "level"},
    ]
    changed = cameras.cameras.update(ADMIN, view.id, {"exits": ways})
    assert changed.exits == (ExitView(2.5, "stairs"), ExitView(4.0, "level"))
    known = (Exit(2.5, ExitKind.STAIRS), Exit(4.0, ExitKind.LEVEL))
    assert cameras.engine.running[view.id].exits == known
    assert len(cameras.engine.log) == 3
    with cameras.database() as session, session.begin():
        damaged = [{"width_m": "?", "kind": "level"}, {"width_m": 4.0}, 7, ways[1]]
        session.execute(update(Camera).values(exits=damaged))
    cameras.cameras.stop(ADMIN, view.id)
    cameras.cameras.start(ADMIN, view.id)
    assert cameras.engine.running[view.id].exits == known[1:]
    assert "camera.exit_unreadable" in caplog.text


def test_a_camera_needs_a_source_and_an_upload_must_not_have_one(cameras: CameraWorld) -> None:
    with pytest.raises(InvalidInputError, match="what to open"):
        cameras.cameras.create(ADMIN, {"name": "x", "source_type": SourceType.RTSP})
    with pytest.raises(InvalidInputError, match="upload route"):
        cameras.cameras.create(
            ADMIN, {"name": "x", "source_type": SourceType.UPLOAD, "source": "/etc/passwd"}
        )


def test_names_are_unique_whatever_their_case(cameras: CameraWorld) -> None:
    rtsp(cameras, "Gate")
    with pytest.raises(ConflictError, match="Choose another name"):
        rtsp(cameras, "GATE")
    second = rtsp(cameras, "Hall")
    with pytest.raises(ConflictError):
        cameras.cameras.update(ADMIN, second.id, {"name": "gate"})


def test_the_kind_of_a_camera_is_settled(cameras: CameraWorld) -> None:
    view = rtsp(cameras)
    with pytest.raises(InvalidInputError, match="cannot become an upload"):
        cameras.cameras.update(ADMIN, view.id, {"source_type": SourceType.UPLOAD})
    with pytest.raises(InvalidInputError, match="source of the new type"):
        cameras.cameras.update(ADMIN, view.id, {"source_type": SourceType.USB})
    usb = cameras.cameras.update(ADMIN, view.id, {"source_type": SourceType.USB, "source": "0"})
    assert (usb.source_type, usb.source_display) == ("usb", "0")


def test_roles(cameras: CameraWorld) -> None:
    view = rtsp(cameras)
    for actor in (OPERATOR, VIEWER):
        with pytest.raises(PermissionDeniedError):
            cameras.cameras.create(
                actor, {"name": "y", "source_type": SourceType.RTSP, "source": "rtsp://a/b"}
            )
        with pytest.raises(PermissionDeniedError):
            cameras.cameras.update(actor, view.id, {"name": "y"})
        with pytest.raises(PermissionDeniedError):
            cameras.cameras.delete(actor, view.id)
    with pytest.raises(PermissionDeniedError):
        cameras.cameras.start(VIEWER, view.id)
    with pytest.raises(PermissionDeniedError):
        cameras.tests.test_stored(VIEWER, view.id)
    with pytest.raises(PermissionDeniedError):
        cameras.tests.test_source(OPERATOR, SourceType.RTSP, SECRET_SOURCE)
    with pytest.raises(PermissionDeniedError):
        cameras.cameras.create(VIEWER, {"name": "y", "source_type": SourceType.UPLOAD})
    assert cameras.cameras.get(VIEWER, view.id).name == "Gate"


def test_uploads_are_their_owners(cameras: CameraWorld) -> None:
    clip = upload(cameras)
    with pytest.raises(NotFoundError):
        cameras.cameras.get(VIEWER, clip.id)
    assert cameras.cameras.visible(VIEWER) == []
    assert [c.id for c in cameras.cameras.visible(OTHER_OPERATOR)] == [clip.id]
    with pytest.raises(PermissionDeniedError, match="somebody else"):
        cameras.cameras.delete(OTHER_OPERATOR, clip.id)
    with pytest.raises(PermissionDeniedError, match="somebody else"):
        cameras.send(clip, b"video", actor=OTHER_OPERATOR)
    assert cameras.cameras.update(OPERATOR, clip.id, {"people_limit": 9}).people_limit == 9


def test_wishes_survive_a_restart(cameras: CameraWorld) -> None:
    first, second, third = rtsp(cameras, "a"), rtsp(cameras, "b"), rtsp(cameras, "c")
    for view in (first, second):
        cameras.cameras.start(OPERATOR, view.id)
    cameras.cameras.stop(OPERATOR, second.id)
    after = cameras.restart()
    assert set(after.engine.running) == {first.id}
    assert after.engine.started[0][1] == 2, "a new run"
    assert {facts.camera_id for facts in after.live.cameras()} == {first.id, second.id, third.id}


def test_a_start_that_was_quicker_than_the_restart_is_left_alone(
    cameras: CameraWorld, caplog: pytest.LogCaptureFixture
) -> None:
    view = rtsp(cameras)
    cameras.cameras.start(OPERATOR, view.id)
    cameras.launcher.resume_wishes()
    assert [entry[:2] for entry in cameras.engine.started] == [(view.id, 1)]
    assert "restart_failed" not in caplog.text


def test_one_camera_that_cannot_start_does_not_keep_the_others_from_it(
    cameras: CameraWorld,
) -> None:
    first, second = rtsp(cameras, "a"), rtsp(cameras, "b")
    for view in (first, second):
        cameras.cameras.start(OPERATOR, view.id)
    with cameras.database() as session, session.begin():
        row = cameras.camera_row(first.id)
        row.source_encrypted = "written with another key"
        session.merge(row)
    assert set(cameras.restart().engine.running) == {second.id}


def test_starting_twice_and_starting_nothing_are_refused(cameras: CameraWorld) -> None:
    view, clip = rtsp(cameras), upload(cameras)
    cameras.cameras.start(OPERATOR, view.id)
    with pytest.raises(IllegalCommandError):
        cameras.cameras.start(OPERATOR, view.id)
    with pytest.raises(ConflictError, match="Upload one first"):
        cameras.cameras.start(OPERATOR, clip.id)
    with pytest.raises(IllegalCommandError, match="live camera"):
        cameras.cameras.pause(OPERATOR, view.id)
    with pytest.raises(IllegalCommandError, match="paused"):
        cameras.cameras.resume(OPERATOR, clip.id)
    with pytest.raises(IllegalCommandError, match="no analysis"):
        cameras.cameras.cancel(OPERATOR, clip.id)


def test_deleting_leaves_nothing_behind(cameras: CameraWorld) -> None:
    clip = cameras.send(upload(cameras), b"a video")
    path = f"camera-{clip.id}/2026-01-01/120000-r1.mp4"
    cameras.add_recording(clip.id, path)
    cameras.cameras.delete(OPERATOR, clip.id)
    assert cameras.stored_files() == []
    assert not (cameras.home / "recordings" / path).exists()
    assert cameras.deleted == [clip.id]
    assert cameras.engine.running == {}
    with pytest.raises(NotFoundError):
        cameras.cameras.get(ADMIN, clip.id)
    assert cameras.live.facts(clip.id) is None


def test_everything_is_written_down_without_secrets(cameras: CameraWorld) -> None:
    view = rtsp(cameras)
    cameras.cameras.update(ADMIN, view.id, {"area_m2": 5.0})
    cameras.cameras.start(ADMIN, view.id)
    cameras.cameras.stop(ADMIN, view.id)
    cameras.cameras.delete(ADMIN, view.id)
    assert cameras.audit_actions() == [
        f"camera.{verb}" for verb in ("create", "update", "start", "stop", "delete")
    ]


def test_a_source_is_tried_and_the_reason_told(cameras: CameraWorld) -> None:
    found = cameras.tests.test_source(ADMIN, SourceType.RTSP, SECRET_SOURCE)
    assert (found.ok, found.width, found.fps) == (True, 640, 24.9)
    assert found.picture is not None
    assert found.picture.startswith("data:image/jpeg;base64,")
    cameras.probe_error = LOST
    lost = cameras.tests.test_stored(OPERATOR, rtsp(cameras).id)
    assert not lost.ok
    assert "No answer" in lost.message
    assert "hunter2" not in lost.message
    with pytest.raises(InvalidInputError, match="may not be opened"):
        cameras.tests.test_source(ADMIN, SourceType.RTSP, "rtsp://forbidden/x")
    with pytest.raises(InvalidInputError):
        cameras.tests.test_source(ADMIN, SourceType.UPLOAD, "/etc/passwd")


def test_a_usb_device_in_use_is_not_opened_twice(cameras: CameraWorld) -> None:
    view = cameras.cameras.create(
        ADMIN, {"name": "Desk", "source_type": SourceType.USB, "source": "0"}
    )
    cameras.cameras.start(ADMIN, view.id)
    assert "in use" in cameras.tests.test_stored(ADMIN, view.id).message


def test_the_newest_progress_shows_before_it_is_stored(cameras: CameraWorld) -> None:
    clip = cameras.send(upload(cameras), b"a video")
    cameras.jobs.report(clip.id, JobProgress(JobState.ANALYSING, frames_done=150))
    job = cameras.cameras.get(OPERATOR, clip.id).job
    assert job is not None
    assert (job.state, job.frames_done, job.fraction) == ("analysing", 150, 0.5)
