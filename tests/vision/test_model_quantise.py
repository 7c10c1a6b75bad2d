"""Quantising: what is kept, what is refused, what stays behind."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from backend.core.clock import SystemClock
from backend.core.errors import ModelError
from backend.vision.detector import DetectorParams
from backend.vision.heads import ClassMap
from backend.vision.model_store.card import AccuracyLimits
from backend.vision.model_store.opening import ModelOpener
from backend.vision.model_store.programs import Programs
from backend.vision.model_store.quantise import Quantiser, QuantiseRequest
from backend.vision.network_detector import DetectorPlan
from tests.builders import image
from tests.vision.quantised_models import FixedFootage, reds, save_conv_detector, stand_in

PLAN = DetectorPlan(DetectorParams(), size=64)


def _quantiser(programs: Programs) -> Quantiser:
    return Quantiser(ModelOpener("f32", ClassMap()), programs, PLAN, SystemClock())


def _request(folder: Path, **changed: object) -> QuantiseRequest:
    source = save_conv_detector(folder / "crowd.onnx")
    wanted: dict[str, object] = {
        "source": source,
        "made_from": source.name,
        "target": folder / "crowd_int8_openvino_model",
        "footage": [FixedFootage(reds(8))],
        "pictures": 6,
        "size": 64,
        **changed,
    }
    return QuantiseRequest(**wanted)  # type: ignore[arg-type]


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_nncf_makes_a_model_that_agrees_and_keeps_its_free_size(tmp_path: Path) -> None:
    models = tmp_path / "models"
    models.mkdir()
    programs = Programs(tmp_path / "ultralytics", threading.Event())
    told: list[str] = []
    card = _quantiser(programs).run(_request(models), told.append)
    assert card.refusal == "" and card.agreement.f1 == 1.0
    assert (card.calibration_pictures, card.held_out_pictures) == (6, 2)
    assert set(card.versions) == {"nncf", "openvino"}
    assert any("test clip" in line for line in told)

    folder = models / "crowd_int8_openvino_model"
    assert _names(models) == ["crowd.onnx", folder.name], "no scratch folder stays behind"
    assert _names(folder) == ["crowd.bin", "crowd.xml", "metadata.yaml", "quantisation.json"]
    stored = json.loads((folder / "quantisation.json").read_text(encoding="utf-8"))
    assert stored["sources"] == ["test clip"] and stored["agreement"]["f1"] == 1.0
    opened = ModelOpener("f32", ClassMap()).open(folder)
    info = opened.network.info
    assert (info.precision, info.fixed_hw, info.labels, info.task) == (
        "int8", None, {0: "person"}, "detect",
    )  # fmt: skip
    opened.network.close()


def test_a_worse_model_is_refused_and_leaves_nothing_behind(tmp_path: Path) -> None:
    worse = save_conv_detector(tmp_path / "worse.onnx", boxes=6)
    models = tmp_path / "models"
    models.mkdir()
    card = _quantiser(stand_in(tmp_path, worse)).run(_request(models), lambda _: None)
    # 8 boxes, 6 of them found again: F1 = 12/14; a quarter of the people is missing.
    assert card.agreement.f1 == pytest.approx(12 / 14)
    assert card.refusal == (
        "1 − F1 of its boxes is 0.143, allowed is 0.05; it counts -2.00 people a picture "
        "(25.0% of the mean), allowed is 5.0%"
    )
    assert _names(models) == ["crowd.onnx"]


def test_force_keeps_a_worse_model_and_the_card_says_so(tmp_path: Path) -> None:
    worse = save_conv_detector(tmp_path / "worse.onnx", boxes=6)
    models = tmp_path / "models"
    models.mkdir()
    request = _request(models, force=True)
    card = _quantiser(stand_in(tmp_path, worse)).run(request, lambda _: None)
    assert card.remark.startswith("kept although 1 − F1")
    stored = json.loads((request.target / "quantisation.json").read_text(encoding="utf-8"))
    assert stored["remark"] == card.remark


def test_a_refused_model_does_not_touch_the_one_that_was_kept(tmp_path: Path) -> None:
    models = tmp_path / "models"
    models.mkdir()
    same = save_conv_detector(tmp_path / "same.onnx")
    worse = save_conv_detector(tmp_path / "worse.onnx", boxes=6)
    request = _request(models)
    _quantiser(stand_in(tmp_path, same)).run(request, lambda _: None)
    before = (request.target / "quantisation.json").read_bytes()
    assert _quantiser(stand_in(tmp_path, worse)).run(request, lambda _: None).refusal
    assert (request.target / "quantisation.json").read_bytes() == before


def test_without_people_accuracy_cannot_be_judged(tmp_path: Path) -> None:
    same = save_conv_detector(tmp_path / "same.onnx")
    models = tmp_path / "models"
    models.mkdir()
    nobody = FixedFootage([image(width=64, height=64, value=0)] * 8)
    card = _quantiser(stand_in(tmp_path, same)).run(
        _request(models, footage=[nobody]), lambda _: None
    )
    assert "nobody is seen in the 2 held-out pictures" in card.refusal
    assert _names(models) == ["crowd.onnx"]


def test_limits_can_be_widened(tmp_path: Path) -> None:
    worse = save_conv_detector(tmp_path / "worse.onnx", boxes=6)
    models = tmp_path / "models"
    models.mkdir()
    request = _request(models, limits=AccuracyLimits(max_loss=0.2, max_count_error=0.3))
    card = _quantiser(stand_in(tmp_path, worse)).run(request, lambda _: None)
    assert card.refusal == "" and request.target.is_dir()


def test_too_few_pictures_are_refused(tmp_path: Path) -> None:
    models = tmp_path / "models"
    models.mkdir()
    request = _request(models, footage=[FixedFootage(reds(2))])
    with pytest.raises(ModelError, match="only 2 pictures could be taken"):
        _quantiser(stand_in(tmp_path, request.source)).run(request, lambda _: None)
    assert _names(models) == ["crowd.onnx"]


def test_a_failing_program_is_named_and_leaves_nothing_behind(tmp_path: Path) -> None:
    models = tmp_path / "models"
    models.mkdir()
    stopped = Programs(tmp_path / "ultralytics", threading.Event())
    stopped.stop.set()
    with pytest.raises(ModelError, match=r"crowd\.onnx cannot be quantised: stopped"):
        _quantiser(stopped).run(_request(models), lambda _: None)
    assert _names(models) == ["crowd.onnx"]


@pytest.mark.assets
def test_a_quantised_model_is_not_quantised_again(tmp_path: Path, assets: Path) -> None:
    folder = assets / "models" / "yolo11n_int8_openvino_model"
    request = _request(tmp_path, source=folder, made_from=folder.name)
    with pytest.raises(ModelError, match="is quantised already"):
        _quantiser(stand_in(tmp_path, folder)).run(request, lambda _: None)
