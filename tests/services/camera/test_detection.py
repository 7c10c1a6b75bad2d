"""Model, tiles and tracker of a camera: what may be chosen, and what is run then."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from backend.core.camera import DetectionChoice, SourceType, TrackerKind
from backend.core.errors import InvalidInputError
from backend.db.cameras import Camera
from backend.services.camera.detection import tidy_tiles
from backend.services.camera_rules import CameraFields
from backend.services.camera_views import CameraView
from tests.services.camera_world import ADMIN, SECRET_SOURCE, CameraWorld


def gate(world: CameraWorld, **fields: object) -> CameraView:
    given = {"name": "Gate", "source_type": SourceType.RTSP, "source": SECRET_SOURCE}
    return world.cameras.create(ADMIN, CameraFields(**(given | fields)))  # type: ignore[typeddict-item]


def test_a_camera_without_a_choice_uses_the_installations(cameras: CameraWorld) -> None:
    view = gate(cameras)
    assert (view.detection_model, view.detection_tiles) == (None, "")
    assert (view.tracker, view.is_moving, view.is_simulated) == ("botsort", False, False)
    cameras.cameras.start(ADMIN, view.id)
    assert cameras.engine.running[view.id].detection == DetectionChoice()


def test_a_choice_is_stored_shown_and_run_at_once(cameras: CameraWorld) -> None:
    view = gate(cameras)
    cameras.cameras.start(ADMIN, view.id)
    changed = cameras.cameras.update(
        ADMIN,
        view.id,
        {
            "detection_model": " people-int8 ",
            "detection_tiles": "3×2",
            "tracker": "deepsort",
            "is_moving": True,
        },
    )
    assert (changed.detection_model, changed.detection_tiles) == ("people-int8", "3x2")
    assert cameras.engine.running[view.id].detection == DetectionChoice(
        "people-int8", (3, 2), TrackerKind.DEEPSORT, moves=True
    )
    assert cameras.engine.log == [f"start {view.id}", f"stop {view.id}", f"start {view.id}"]
    back = cameras.cameras.update(ADMIN, view.id, {"detection_model": None, "detection_tiles": ""})
    assert (back.detection_model, back.detection_tiles) == (None, "")
    assert cameras.engine.running[view.id].detection.tiles is None


def test_a_change_is_written_down(cameras: CameraWorld) -> None:
    view = gate(cameras)
    cameras.cameras.update(ADMIN, view.id, {"detection_tiles": "2x1", "tracker": "botsort"})
    entry = cameras.audit_entries()[-1]
    assert (entry.before, entry.after) == ({"detection_tiles": ""}, {"detection_tiles": "2x1"})


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"detection_model": "people-int9"}, "detection_model", "people-int8, people-f32.onnx"),
        ({"detection_model": "x" * 121}, "detection_model", "120"),
        ({"detection_tiles": "7x1"}, "detection_tiles", "such as 3x2"),
        ({"detection_tiles": "6x3"}, "detection_tiles", "at most 16"),
        ({"detection_tiles": "2*2"}, "detection_tiles", "columns x rows"),
        ({"tracker": "sort"}, "tracker", "botsort, bytetrack, deepsort"),
    ],
)
def test_refusals_name_field_and_what_there_is(
    cameras: CameraWorld, fields: dict[str, object], field: str, words: str
) -> None:
    with pytest.raises(InvalidInputError, match=words) as caught:
        gate(cameras, **fields)
    assert caught.value.field == field


def test_a_camera_whose_model_is_gone_can_still_be_changed(cameras: CameraWorld) -> None:
    view = gate(cameras)
    with cameras.database() as session, session.begin():
        session.execute(update(Camera).values(detection_model="deleted.onnx"))
    given: CameraFields = {"name": "Hall", "detection_model": "deleted.onnx"}
    assert cameras.cameras.update(ADMIN, view.id, given).name == "Hall"


def test_a_damaged_choice_never_keeps_a_camera_from_running(
    cameras: CameraWorld, caplog: pytest.LogCaptureFixture
) -> None:
    view = gate(cameras, is_moving=True)
    with cameras.database() as session, session.begin():
        session.execute(update(Camera).values(detection_tiles="9x9x9", tracker="?"))
    cameras.cameras.start(ADMIN, view.id)
    assert cameras.engine.running[view.id].detection == DetectionChoice(moves=True)
    assert "camera.detection_unreadable" in caplog.text


@pytest.mark.parametrize("text", ["1x1", "6x1", "4x4", "2x6"])
def test_grids_that_are_taken(text: str) -> None:
    assert tidy_tiles(f" {text.upper()} ") == text
