"""What lies in models/: names, facts, problems; which pickles may be read."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from backend.core.errors import ModelError
from backend.vision.heads import ClassMap
from backend.vision.model_store.entries import CARD_NAME, ModelFolder
from backend.vision.model_store.export import ExportParams, export_weights, exported_path
from backend.vision.model_store.opening import ModelOpener, plain_name
from backend.vision.model_store.pickles import check_pickle
from tests.vision.quantised_models import stand_in
from tests.vision.tiny_networks import save_classifier, save_detector, spread_boxes


@pytest.fixture
def models(tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    folder.mkdir()
    return folder


def _folder(models: Path, *classes: str, runtime: str = "auto") -> ModelFolder:
    opener = ModelOpener("auto", ClassMap.of_names(classes), runtime)
    return ModelFolder(models, size=320, opener=opener)


def _zip(models: Path, name: str) -> Path:
    (models / "empty").mkdir()
    made = Path(shutil.make_archive(str(models / "archive"), "zip", models / "empty"))
    (models / "empty").rmdir()
    return made.rename(models / name)


def test_a_missing_folder_is_empty(tmp_path: Path) -> None:
    assert _folder(tmp_path / "models").entries() == ()


def test_facts_of_an_onnx_file(models: Path) -> None:
    save_detector(models / "crowd.onnx", boxes_cxcywh=spread_boxes())
    save_detector(models / "free.onnx", boxes_cxcywh=spread_boxes(), side=None)
    crowd, free = _folder(models).entries()
    assert (crowd.name, crowd.runtime, crowd.precision) == ("crowd.onnx", "openvino", "f32")
    assert (crowd.input_hw, crowd.classes) == ((64, 64), ("person",))
    assert crowd.is_usable and crowd.size_bytes == (models / "crowd.onnx").stat().st_size
    assert free.input_hw is None
    assert _folder(models, runtime="onnxruntime").entries()[0].runtime == "onnxruntime"


@pytest.mark.assets
def test_facts_of_an_openvino_folder(models: Path, assets: Path) -> None:
    shutil.copytree(assets / "models" / "yolo11n_int8_openvino_model", models / "n_openvino_model")
    (entry,) = _folder(models).entries()
    assert (entry.precision, entry.input_hw, entry.classes) == ("int8", (640, 640), ("person",))
    assert not entry.reduced_accuracy and entry.is_usable


def test_own_class_names_count_as_the_settings_say(models: Path) -> None:
    names = {0: "head", 1: "helmet", 2: "bag"}
    save_detector(models / "site.onnx", boxes_cxcywh=spread_boxes(), names=names)
    assert _folder(models, "head", "HELMET").entries()[0].classes == ("head", "helmet")
    refused = _folder(models).entries()[0]
    assert "detects no persons" in refused.problem and "YOLO_CLASSES" in refused.problem
    assert refused.input_hw == (64, 64), "the facts are shown all the same"


def test_what_cannot_be_used_says_why(models: Path) -> None:
    (models / "broken.onnx").write_bytes(b"garbage")
    save_detector(models / "pose.onnx", boxes_cxcywh=spread_boxes(), task="pose")
    save_classifier(models / "what.onnx")
    (models / "half_openvino_model").mkdir()
    (models / "half_openvino_model" / "half.xml").write_text("<net/>", encoding="utf-8")
    (models / "cut.pt").write_bytes(b"garbage")
    _zip(models, "new.pt")
    problems = {entry.name: entry.problem for entry in _folder(models).entries()}
    assert "not an ONNX model" in problems["broken.onnx"]
    assert "task “pose”" in problems["pose.onnx"]
    assert problems["what.onnx"] == "", "its shape is known once it is loaded"
    assert "half.bin is missing" in problems["half_openvino_model"]
    assert "not a PyTorch weight file" in problems["cut.pt"]
    assert "models export new.pt" in problems["new.pt"]


def test_an_exported_pickle_is_one_entry_with_the_facts_of_its_export(models: Path) -> None:
    weights = _zip(models, "site.pt")
    target = exported_path(weights, models_dir=models, params=ExportParams(320, "onnx"))
    save_detector(target, boxes_cxcywh=spread_boxes())
    folder = _folder(models, runtime="onnxruntime")
    (entry,) = folder.entries()
    assert (entry.name, entry.is_usable, entry.input_hw) == ("site.pt", True, (64, 64))
    assert folder.openable(weights) == target
    weights.write_bytes(weights.read_bytes() + b"x")  # other weights under the same name
    names = [item.name for item in folder.entries()]
    assert names == [target.name, "site.pt"]
    with pytest.raises(ModelError, match="not exported yet"):
        folder.openable(weights)


def test_a_changed_file_is_read_again(models: Path) -> None:
    folder = _folder(models)
    save_detector(models / "crowd.onnx", boxes_cxcywh=spread_boxes())
    assert folder.entries()[0].input_hw == (64, 64)
    save_detector(models / "crowd.onnx", boxes_cxcywh=spread_boxes(), side=None)
    assert folder.entries()[0].input_hw is None


def test_scratch_and_foreign_files_are_no_models(models: Path) -> None:
    (models / ".export-abc").mkdir()
    (models / "notes.txt").write_text("hello", encoding="utf-8")
    (models / "faces_openvino_embedding").mkdir()
    (models / "faces_openvino_embedding" / "faces.xml").write_text("<net/>", encoding="utf-8")
    assert _folder(models).entries() == ()


@pytest.mark.parametrize("text", ['{"remark": "kept although"}', "{broken", "[]", '{"remark": 3}'])
@pytest.mark.assets
def test_the_remark_of_a_card_is_shown(models: Path, assets: Path, text: str) -> None:
    target = models / "n_openvino_model"
    shutil.copytree(assets / "models" / "yolo11n_int8_openvino_model", target)
    target.chmod(0o755)
    (target / CARD_NAME).write_text(text, encoding="utf-8")
    expected = json.loads(text)["remark"] if "kept" in text else ""
    assert _folder(models).entries()[0].remark == expected


def test_a_pickle_elsewhere_is_refused(models: Path, tmp_path: Path) -> None:
    outside = _zip(models, "evil.pt").rename(tmp_path / "evil.pt")
    with pytest.raises(ModelError, match="copied into models/"):
        check_pickle(outside, models_dir=models)
    with pytest.raises(ModelError, match="copied into models/"):
        check_pickle(models / ".." / "evil.pt", models_dir=models)
    check_pickle(_zip(models, "good.pt"), models_dir=models)


def test_a_link_out_of_models_is_refused_before_anything_is_run(
    models: Path, tmp_path: Path
) -> None:
    outside = _zip(models, "evil.pt").rename(tmp_path / "evil.pt")
    (models / "evil.pt").symlink_to(outside)
    (entry,) = _folder(models).entries()
    assert "a link that leads elsewhere" in entry.problem
    programs = stand_in(tmp_path, outside)
    programs.stop.set()  # a program that was started all the same would say “stopped”
    with pytest.raises(ModelError, match="a link that leads elsewhere"):
        export_weights(
            models / "evil.pt", models_dir=models, params=ExportParams(320), programs=programs
        )


def test_models_itself_may_be_a_link(models: Path, tmp_path: Path) -> None:
    _zip(models, "good.pt")
    (tmp_path / "linked").symlink_to(models)
    check_pickle(tmp_path / "linked" / "good.pt", models_dir=tmp_path / "linked")


@pytest.mark.parametrize("name", ["../evil.pt", "models/evil.pt", "/etc/passwd", "", "."])
def test_names_with_a_path_are_no_models(models: Path, name: str) -> None:
    with pytest.raises(ModelError, match="no model"):
        _folder(models).find(name)


@pytest.mark.parametrize(
    ("file", "name"),
    [("yolo11s.pt", "yolo11s"), ("yolo11n_int8_openvino_model", "yolo11n"), ("a.b.onnx", "a.b")],
)
def test_names_for_people(file: str, name: str) -> None:
    assert plain_name(file) == name
