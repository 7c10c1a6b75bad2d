"""The command as a person types it."""

from __future__ import annotations

import json
from pathlib import Path

import av
import numpy as np
import pytest
from flask import Flask

from tests.builders import write_video
from tests.web import make_app


def run(app: Flask, *arguments: str) -> tuple[int, str]:
    done = app.test_cli_runner().invoke(args=["analyze", *arguments])
    return done.exit_code, done.output


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    return make_app(tmp_path / "home", CROWDSAFE_OFFLINE=True)


def test_wrong_usage_is_exit_status_2(app: Flask, tmp_path: Path) -> None:
    assert run(app)[0] == 2
    assert run(app, "a.mp4")[0] == 2
    code, output = run(app, "a.mp4", "--out", str(tmp_path), "--area-m2", "-1")
    assert code == 2
    assert "--area-m2" in output


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("nowhere.mp4", "There is no file"),
        ("gopher://x/a", "cannot be opened"),
        ("http://169.254.169.254/latest/meta-data", "169.254.169.254"),
    ],
)
def test_what_cannot_be_opened_is_said_in_one_sentence(
    app: Flask, tmp_path: Path, source: str, says: str
) -> None:
    code, output = run(app, source, "--out", str(tmp_path / "out"))
    assert code == 1
    assert says in output
    assert "Traceback" not in output


def test_without_any_detector_it_says_what_to_do(app: Flask, tmp_path: Path) -> None:
    video = write_video(tmp_path / "a.mp4", frames=5)
    code, output = run(app, str(video), "--out", str(tmp_path / "out"))
    assert code == 1
    assert "No person detector can be loaded" in output


def test_a_density_counter_that_cannot_be_meant_is_refused(app: Flask, tmp_path: Path) -> None:
    video = write_video(tmp_path / "a.mp4", frames=5)
    code, output = run(app, str(video), "--out", str(tmp_path / "out"), "--density", "../a.onnx")
    assert code == 1
    assert "auto, off or the name of a file in models/" in output


def test_places_that_cannot_be_meant_are_refused(app: Flask, tmp_path: Path) -> None:
    video = write_video(tmp_path / "a.mp4", frames=5)
    file = tmp_path / "places.json"
    line = {"name": "Door", "start": [0.5, 0.5], "end": [0.5, 0.5]}
    file.write_text(json.dumps({"zones": [], "lines": [line]}), encoding="utf-8")
    out = str(tmp_path / "out")
    code, output = run(app, str(video), "--out", out, "--places", str(file))
    assert code == 1
    assert "places.json: /lines/0/end" in output
    assert run(app, str(video), "--out", out, "--places", "nowhere.json")[0] == 2


@pytest.mark.assets
@pytest.mark.weights
def test_a_density_counter_that_is_asked_for_must_be_there(tmp_path: Path, assets: Path) -> None:
    weights = assets / "models" / "yolo11n_int8_openvino_model"
    app = make_app(tmp_path / "home", CROWDSAFE_OFFLINE=True, YOLO_MODEL=str(weights))
    video = write_video(tmp_path / "a.mp4", frames=5)
    out = tmp_path / "out"
    code, output = run(app, str(video), "--out", str(out), "--density", "square.onnx")
    assert code == 1
    assert "square" in output
    assert list(out.iterdir()) == []


@pytest.mark.assets
@pytest.mark.weights
def test_without_the_density_counter_of_the_settings_boxes_count_alone_and_it_is_said(
    tmp_path: Path, assets: Path
) -> None:
    weights = assets / "models" / "yolo11n_int8_openvino_model"
    app = make_app(
        tmp_path / "home",
        CROWDSAFE_OFFLINE=True,
        YOLO_MODEL=str(weights),
        DENSITY_MODEL="square.onnx",
    )
    video = write_video(tmp_path / "a.mp4", frames=5)
    out = tmp_path / "out"
    code, output = run(app, str(video), "--out", str(out), "--no-video")
    assert code == 0, output
    assert "COUNTED BY BOXES ALONE" in output
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert summary["density_model"] is None


@pytest.mark.assets
@pytest.mark.weights
def test_a_real_video_with_real_weights(tmp_path: Path, assets: Path) -> None:
    weights = assets / "models" / "yolo11n_int8_openvino_model"
    app = make_app(tmp_path / "home", CROWDSAFE_OFFLINE=True, YOLO_MODEL=str(weights))
    out = tmp_path / "out"
    video = assets / "videos" / "concourse-high.mp4"
    code, output = run(
        app, str(video), "--out", str(out), "--seconds", "2", "--area-m2", "400", "--true-fps", "25"
    )
    assert code == 0, output
    assert "Count: mean" in output
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert summary["model"]["name"] == "yolo11n"
    assert not summary["model"]["reduced_accuracy"]
    assert summary["count"]["peak"] >= 5
    assert summary["people_tracked"] >= 5
    assert summary["peaks"]["density_per_m2"]["value"] == pytest.approx(
        summary["count"]["peak"] / 400, rel=0.01
    )
    with av.open(str(out / "annotated.mp4")) as container:
        assert container.streams.video[0].codec_context.name == "h264"
        decoded = sum(1 for _ in container.decode(video=0))
    assert decoded == summary["frames"] >= 50


@pytest.mark.assets
@pytest.mark.weights
def test_a_calibrated_street_is_measured_in_metres_per_second(tmp_path: Path, assets: Path) -> None:
    """The ground plane of the data set, given as four places of it."""
    weights = assets / "models" / "yolo11n_int8_openvino_model"
    app = make_app(tmp_path / "home", CROWDSAFE_OFFLINE=True, YOLO_MODEL=str(weights))
    told = json.loads(
        (assets / "data/mot/TownCentre/towncentre_homography.json").read_text(encoding="utf-8")
    )
    matrix = np.array(told["homography_image_px_to_ground_m"])
    points = []
    for x, y in ((400, 900), (1500, 900), (1300, 350), (600, 350)):
        ground = matrix @ [x, y, 1.0]
        points.append({"image": [x, y], "world": (ground[:2] / ground[2]).tolist()})
    file = tmp_path / "ground.json"
    document = {"method": "points", "picture_wh": told["image_size"], "points": points}
    file.write_text(json.dumps(document), encoding="utf-8")
    out = tmp_path / "out"
    video = assets / "videos" / "town-centre.mp4"
    places = tmp_path / "places.json"
    zone = {"name": "Street", "corners": [[0.2, 0.1], [0.8, 0.1], [0.8, 0.9], [0.2, 0.9]]}
    places.write_text(json.dumps({"zones": [zone]}), encoding="utf-8")
    code, output = run(
        app, str(video), "--out", str(out), "--seconds", "4", "--no-video",
        "--calibration", str(file), "--places", str(places),
    )  # fmt: skip
    assert code == 0, output
    assert 'Zone "Street": mean' in output
    (street,) = json.loads((out / "summary.json").read_text(encoding="utf-8"))["places"]["zones"]
    assert street["count"]["peak"] >= 3
    assert street["area_m2"] > 50
    assert "Walking speed: median" in output
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert 1.1 <= summary["walking_speed_mps"]["median"] <= 1.8
    assert summary["peaks"]["peak_density_per_m2"]["value"] > 0.3


@pytest.mark.assets
@pytest.mark.weights
def test_a_corrupt_file_is_refused_with_a_sentence(tmp_path: Path, assets: Path) -> None:
    weights = assets / "models" / "yolo11n_int8_openvino_model"
    app = make_app(tmp_path / "home", CROWDSAFE_OFFLINE=True, YOLO_MODEL=str(weights))
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"this is not a video" * 100)
    out = tmp_path / "out"
    code, output = run(app, str(broken), "--out", str(out))
    assert code == 1
    assert "Traceback" not in output
    assert list(out.iterdir()) == []
