"""The ``models`` commands as a person types them."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from flask import Flask

from backend.cli.models_footage import camera_footage
from backend.cli.models_tables import list_table
from backend.core.camera import SourceType
from backend.core.errors import InvalidInputError, NotFoundError
from backend.db.accounts import Role
from backend.db.base import Base
from backend.services.actor import Actor
from backend.services.camera_rules import CameraFields
from backend.vision.model_store import ModelEntry
from tests.vision.quantised_models import save_conv_detector
from tests.web import add_user, make_app, services_of


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    app = make_app(
        tmp_path,
        CROWDSAFE_OFFLINE=True,
        YOLO_MODEL="crowd.onnx",
        YOLO_IMGSZ=320,
        CROWDSAFE_FILE_FOLDERS=str(tmp_path),
    )
    models = services_of(app).settings.home / "models"
    models.mkdir(exist_ok=True)
    save_conv_detector(models / "crowd.onnx", side=320.0)
    save_conv_detector(models / "half.onnx", boxes=6, gain=0.9, side=320.0)
    return app


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Twelve red pictures as a video file."""
    path = tmp_path / "clip.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=Fraction(10))
        stream.width, stream.height, stream.pix_fmt = 320, 320, "yuv420p"
        picture = np.zeros((320, 320, 3), np.uint8)
        picture[..., 2] = 230
        for _ in range(12):
            for packet in stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path


def run(app: Flask, *arguments: str) -> tuple[int, str]:
    done = app.test_cli_runner().invoke(args=["models", *arguments])
    return done.exit_code, done.output


def add_camera(app: Flask, **fields: object) -> int:
    admin = Actor(add_user(app, "admin", Role.ADMIN), "admin", Role.ADMIN)
    wanted: CameraFields = {"name": "Gate A", **fields}  # type: ignore[typeddict-item]
    return services_of(app).cameras.create(admin, wanted).id


def _line(output: str, name: str) -> str:
    return next(line for line in output.splitlines() if line.startswith(f"{name} "))


def test_list_shows_what_there_is_and_who_uses_it(app: Flask, clip: Path) -> None:
    camera = add_camera(app, source_type=SourceType.FILE, source=str(clip))
    assert run(app, "choose", "half", "--camera", str(camera)) == (
        0, "Gate A uses half.onnx from its next start on.\n",
    )  # fmt: skip
    code, output = run(app, "list")
    assert code == 0
    assert "every camera without a choice" in _line(output, "crowd.onnx")
    half = _line(output, "half.onnx")
    assert "f32" in half and "free" in half and "person" in half and half.endswith("Gate A")
    assert "models fetch fallback" in output
    code, output = run(app, "choose", "default", "--camera", str(camera))
    assert (code, "the default model" in output) == (0, True)
    assert "Gate A" not in run(app, "list")[1]


def test_list_works_without_a_database(app: Flask) -> None:
    Base.metadata.drop_all(services_of(app).engine)
    code, output = run(app, "list")
    assert (code, "crowd.onnx" in output) == (0, True)


def test_list_shows_problems_and_remarks() -> None:
    lines = list_table(
        [
            ModelEntry("a.pt", "openvino", "", None, (), problem="not exported"),
            ModelEntry("b", "openvino", "int8", (64, 96), ("a", "b", "c", "d"), remark="kept"),
        ],
        {},
    )
    assert lines[2] == "    cannot be used: not exported"
    assert "64×96" in lines[3] and "a, b, c … (4)" in lines[3]
    assert lines[4] == "    note: kept"


def test_choose_says_what_to_put_into_env(app: Flask) -> None:
    code, output = run(app, "choose", "half", "--default")
    assert (code, "YOLO_MODEL=half.onnx" in output) == (0, True)
    assert run(app, "choose", "half")[0] == 2
    assert run(app, "choose", "half", "--default", "--camera", "1")[0] == 2
    assert run(app, "choose", "default", "--default")[0] == 2


def test_choose_refuses_what_cannot_be_used(app: Flask) -> None:
    code, output = run(app, "choose", "gone", "--camera", "1")
    assert (code, "models/ holds crowd.onnx, half.onnx" in output) == (1, True)
    assert run(app, "choose", "half", "--camera", "99")[0] == 1


def test_compare_tells_what_is_lost(app: Flask, clip: Path) -> None:
    code, output = run(
        app, "compare", "crowd", "half", "--video", str(clip), "--frames", "6", "--json"
    )
    assert code == 0, output
    found = json.loads(output[output.index("{") :])
    agreement = found["agreement"]
    assert (found["reference"], found["candidate"]) == ("crowd.onnx", "half.onnx")
    assert (agreement["frames"], agreement["recall"], agreement["precision"]) == (6, 0.75, 1.0)
    assert (agreement["count_bias"], agreement["count_mae"]) == (-2.0, 2.0)
    assert agreement["confidence_shift"] == pytest.approx(-0.09, abs=0.02)
    assert all(speed["frames_per_s"] > 0 for speed in found["speed"])


def test_compare_prints_a_table(app: Flask, clip: Path) -> None:
    code, output = run(app, "compare", "crowd", "half", "--video", str(clip), "--frames", "3")
    assert code == 0, output
    assert "recall 0.750" in output and "B makes" in output


def test_a_refused_quantisation_says_why(app: Flask, clip: Path) -> None:
    code, output = run(app, "quantise", "crowd", "--camera", "99")
    assert (code, "There is no camera 99" in output) == (1, True)
    code, output = run(app, "quantise", "crowd")
    assert (code, "--video FILE or --camera NUMBER" in output) == (1, True)
    assert run(app, "quantise", "crowd", "--video", str(clip), "--size", "100")[0] == 2


def test_fetch_offline_and_of_strange_names(app: Flask) -> None:
    assert "work offline" in run(app, "fetch", "yolo11s.pt")[1]
    assert "work offline" in run(app, "fetch", "fallback")[1]
    code, output = run(app, "fetch")
    assert (code, "copy your own weights" in output) == (1, True)


def test_only_pickles_are_exported(app: Flask) -> None:
    code, output = run(app, "export", "crowd.onnx")
    assert (code, "runs as it is" in output) == (1, True)


def test_pictures_of_cameras(app: Flask, clip: Path) -> None:
    house = services_of(app)
    camera = add_camera(app, source_type=SourceType.FILE, source=str(clip), loop=True)
    footage = camera_footage(house, camera, every_s=0.0)
    assert footage.shown_as == f"camera {camera} (Gate A)"
    assert [sample.share for sample in footage.take(2)] == [0.0, 0.5]
    with pytest.raises(NotFoundError):
        camera_footage(house, 99, every_s=1.0)


def test_a_simulated_camera_gives_no_pictures(app: Flask) -> None:
    camera = add_camera(app, source_type=SourceType.SIMULATED, source="calm")
    with pytest.raises(InvalidInputError, match="simulated"):
        camera_footage(services_of(app), camera, every_s=1.0)
