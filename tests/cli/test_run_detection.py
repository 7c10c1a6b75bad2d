"""The command as a person types it."""

from __future__ import annotations

from pathlib import Path

import cv2
import pytest
from flask import Flask
from sqlalchemy import select

from backend.core.camera import SourceType
from backend.core.locations import AreaRef
from backend.db.accounts import Role
from backend.db.base import Base
from backend.db.cameras import Camera, Metric
from backend.services.actor import SYSTEM_ACTOR, Actor
from backend.services.camera_rules import CameraFields
from backend.services.locations.draft import AreaDraft, LocationDraft
from tests.builders import write_video
from tests.web import add_user, make_app, services_of


def run(app: Flask, *arguments: str) -> tuple[int, str]:
    done = app.test_cli_runner().invoke(args=["run-detection", *arguments])
    return done.exit_code, done.output


def add_camera(app: Flask, **fields: object) -> int:
    admin = Actor(add_user(app, "admin", Role.ADMIN), "admin", Role.ADMIN)
    wanted: CameraFields = {"name": "Gate A", **fields}  # type: ignore[typeddict-item]
    return services_of(app).cameras.create(admin, wanted).id


def test_without_cameras_it_says_so(tmp_path: Path) -> None:
    code, output = run(make_app(tmp_path), "--once")
    assert code == 1
    assert "There is no camera to look at" in output


def test_without_a_database_it_says_what_to_do(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    Base.metadata.drop_all(services_of(app).engine)
    code, output = run(app, "--once")
    assert code == 1
    assert "python app.py setup" in output


def test_an_unknown_camera_and_an_upload_are_refused(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    upload = add_camera(app, source_type=SourceType.UPLOAD)
    code, output = run(app, "--once", "--camera", "99")
    assert (code, "There is no camera 99" in output) == (1, True)
    code, output = run(app, "--once", "--camera", str(upload))
    assert (code, "uploaded recording" in output) == (1, True)


def test_contradicting_options_are_wrong_usage(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    assert run(app, "--once", "--rounds", "3")[0] == 2
    assert run(app, "--interval", "0")[0] == 2
    assert run(app, "--mode", "guess")[0] == 2
    assert run(app, "--camera", "1", "--location", "1")[0] == 2


def test_the_number_of_a_location_is_told_after_each_round(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    code, output = run(app, "--once", "--location", "1")
    assert (code, "There is no location 1" in output) == (1, True)
    camera_id = add_camera(app, source_type=SourceType.SIMULATED, source="calm")
    services_of(app).locations.create(
        SYSTEM_ACTOR, LocationDraft(name="Hall", areas=(AreaDraft(AreaRef(camera_id)),))
    )
    code, output = run(app, "--location", "1", "--interval", "1", "--rounds", "2")
    assert code == 0, output
    told = [line.split("= Hall: ")[1] for line in output.splitlines() if "= Hall: " in line]
    seen = [line.split("Gate A: ")[1] for line in output.splitlines() if "Gate A: " in line]
    assert len(told) == len(seen) == 2
    for fused, single in zip(told, seen, strict=True):
        assert fused.split()[0] == single.split()[0], "its only camera counts for it"
        assert "1 of 1 cameras" in fused


def test_the_classic_detector_works_or_says_what_is_missing(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    (tmp_path / "videos").mkdir()
    video = write_video(tmp_path / "videos" / "empty.mp4", frames=50, moving=False)
    add_camera(app, source_type=SourceType.FILE, source=str(video), loop=True)
    code, output = run(app, "--mode", "hog", "--interval", "0.2", "--once")
    if hasattr(cv2, "HOGDescriptor"):
        assert code == 0, output
        assert "REDUCED ACCURACY" in output
        assert "Gate A: 0 (0–0)" in output
    else:
        assert code == 1
        assert "HOG" in output
        assert "pip install" in output


def test_without_any_network_the_fallback_says_what_is_missing(tmp_path: Path) -> None:
    app = make_app(tmp_path, CROWDSAFE_OFFLINE=True, YOLO_MODEL="none.onnx")
    add_camera(app, source_type=SourceType.RTSP, source="rtsp://127.0.0.1/live")
    for mode in ("yolo", "fallback"):
        code, output = run(app, "--mode", mode, "--once")
        assert code == 1
        assert "No person detector can be loaded" in output
        assert ("none.onnx: " in output) is (mode == "yolo")


@pytest.mark.assets
@pytest.mark.weights
def test_counts_of_a_real_camera_are_stored(tmp_path: Path, assets: Path) -> None:
    app = make_app(
        tmp_path,
        CROWDSAFE_OFFLINE=True,
        YOLO_MODEL=str(assets / "models" / "yolo11n_int8_openvino_model"),
        CROWDSAFE_FILE_FOLDERS=str(assets / "videos"),
    )
    video = str(assets / "videos" / "concourse-high.mp4")
    camera_id = add_camera(app, source_type=SourceType.FILE, source=video, loop=True, area_m2=400.0)
    code, output = run(app, "--interval", "2", "--rounds", "2")  # one row a second at most
    assert code == 0, output
    assert output.count("Gate A: ") == 2
    with services_of(app).session_factory() as session:
        stored = session.scalars(select(Metric).where(Metric.camera_id == camera_id)).all()
        camera = session.get(Camera, camera_id)
    assert len(stored) >= 2
    assert max(row.count for row in stored) >= 5
    assert all(row.density_per_m2 is not None for row in stored)
    assert camera is not None
    assert (camera.run_count, stored[0].run_id, camera.should_run) == (1, 1, False)
